"""What becomes an event of the live stream, and whose it is."""

from __future__ import annotations

import json
import math

import pytest

from api.live.drafting import draft_of, positions
from core.live import LiveKind
from core.model.context import Alert, AlertKind
from core.model.enums import FixQuality
from core.model.samples import Fix
from core.ports import Message
from geo.live.telling import alert_message

COVERAGE = {"flight": "f1", "ts": 5_000, "net_m2": 12.5, "live": True, "plots": []}


def message(topic: str, body: object) -> Message:
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Message(topic, payload, 0)


def test_coverage_is_told_with_its_drone() -> None:
    draft = draft_of(message("canhdong/v1/htx-a/drones/d1/coverage", COVERAGE))
    assert draft is not None
    assert (draft.cooperative, draft.kind, draft.slot, draft.ts_ms) == ("htx-a", LiveKind.COVERAGE, "d1/f1", 5_000)
    assert json.loads(draft.body) == {"device": "d1", **COVERAGE}
    assert "\n" not in draft.body


@pytest.mark.parametrize("raised", [True, False])
def test_an_alert_of_geo_is_told_and_over_when_it_is(*, raised: bool) -> None:
    alert = Alert(AlertKind.IN_BUFFER, raised, 7_000, 105.7, 9.2, "pond", value=3.0, limit=10.0, unit="m")
    draft = draft_of(message("canhdong/v1/htx-a/alerts", alert_message("htx-a", "d1", "f1", alert)))
    assert draft is not None
    assert (draft.kind, draft.slot, draft.over) == (LiveKind.ALERT, "d1/in-buffer/pond", not raised)
    assert "pond" in json.loads(draft.body)["vi"]


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("canhdong/v1/htx-a/drones/d1/telemetry", COVERAGE),
        ("canhdong/v1/htx-a/drones/d1/coverage/more", COVERAGE),
        ("canhdong/v1/htx-a/drones/d1/coverage", COVERAGE | {"cooperative": "htx-b"}),
        ("canhdong/v1/htx-a/drones/d1/coverage", COVERAGE | {"device": "d2"}),
        ("canhdong/v1/htx-a/drones/d1/coverage", COVERAGE | {"ts": "now"}),
        ("canhdong/v1/htx-a/drones/d1/coverage", COVERAGE | {"flight": None}),
        ("canhdong/v1/htx-a/drones/d1/coverage", [COVERAGE]),
        ("canhdong/v1/htx-a/drones/d1/coverage", b"{"),
        ("canhdong/v1/htx-a/drones/d1/coverage", COVERAGE | {"long": "x" * 70_000}),
        ("canhdong/v1/htx-a/alerts", COVERAGE | {"cooperative": "htx-b", "device": "d1", "kind": "k", "subject": ""}),
        ("canhdong/v1/htx-a/alerts", COVERAGE | {"device": "d1", "kind": "k", "subject": ""}),
    ],
)
def test_what_geo_does_not_publish_is_told_to_nobody(topic: str, body: object) -> None:
    assert draft_of(message(topic, body)) is None


def test_a_number_that_json_does_not_know_is_null() -> None:
    draft = draft_of(message("canhdong/v1/htx-a/drones/d1/coverage", COVERAGE | {"net_m2": math.nan}))
    assert draft is not None
    assert json.loads(draft.body)["net_m2"] is None


def test_the_newest_place_of_each_drone_is_told() -> None:
    fixes = [
        Fix("d1", 2_000, 9.2, 105.7, seq=2, speed_mps=4.567),
        Fix("d1", 1_000, 9.1, 105.6, seq=1),
        Fix("d2", 1_000, math.nan, 105.6),
        Fix("d3", 1_000, 9.1, 105.6, quality=FixQuality.NONE),
    ]
    (draft,) = positions("htx-a", fixes)
    told = json.loads(draft.body)
    assert (draft.slot, draft.ts_ms) == ("d1", 2_000)
    assert told == {
        "device": "d1",
        "ts": 2_000,
        "lat": 9.2,
        "lon": 105.7,
        "on": False,
        "op": "unknown",
        "speed_mps": 4.57,
    }
