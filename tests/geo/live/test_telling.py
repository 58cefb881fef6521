from __future__ import annotations

import json
from typing import Any

import pytest

from core.model.context import Alert, AlertKind, Cause
from core.terms import LANGUAGES
from geo.context.surroundings import ALL_ROUND, DOWNWIND
from geo.live.telling import alert_message, text_of


def _alert(kind: AlertKind = AlertKind.OUTSIDE_PLOT, **changed: Any) -> Alert:
    told: dict[str, Any] = {
        "subject": "",
        "cause": "",
        "value": 3.25,
        "limit": 2.0,
        "unit": "m",
        "raised": True,
    } | changed
    return Alert(kind, ts_ms=5, lon_deg=105.7, lat_deg=9.28, **told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alert_and_every_cause_has_words(language: Any) -> None:
    causes = [*(cause.value for cause in Cause), ALL_ROUND, DOWNWIND]
    texts = {text_of(_alert(kind, cause=cause), language) for kind in AlertKind for cause in causes}
    assert len(texts) == len(AlertKind) * len(causes)


def test_a_text_says_what_how_much_and_the_limit_in_both_languages() -> None:
    alert = _alert(AlertKind.IN_BUFFER, subject="ao-1", cause=DOWNWIND)
    assert text_of(alert, "en") == "Spraying too near to a sensitive site (ao-1), downwind side: 3.2 m (limit 2.0 m)"
    assert text_of(alert, "vi") == "Phun quá gần nơi cần tránh (ao-1), phía cuối gió: 3.2 m (giới hạn 2.0 m)"
    assert text_of(_alert(raised=False), "en") == "Over: Spraying outside all plots"


def test_a_message_is_json_and_says_null_where_nothing_is_known() -> None:
    body = json.loads(alert_message("htx", "d1", "d1-x", _alert(value=float("nan"))))
    assert body["value"] is None
    assert body["limit"] == 2.0
    assert (body["kind"], body["raised"], body["device"], body["flight"]) == ("outside-plot", True, "d1", "d1-x")
    assert (body["ts"], body["lon"], body["lat"], body["unit"]) == (5, 105.7, 9.28, "m")
    assert body["vi"] != body["en"]
