"""What JSON can say of the model's values."""

from __future__ import annotations

import json
import math

import pytest

from cli import output
from core.model.enums import EventKind, Operation
from core.model.samples import Event, Reading


def test_unknown_figures_become_null(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_json({"a": math.nan, "b": [math.inf, 1.5], "op": Operation.SPRAY})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [None, 1.5], "op": "spray"}


def test_dataclasses_become_objects() -> None:
    reading = output.plain(Reading("w1", 5, "water_level", math.nan, "m"))
    assert reading == {"device": "w1", "ts_ms": 5, "quantity": "water_level", "value": None, "unit": "m"}
    assert output.plain(Event("d1", 5, EventKind.LANDING))["kind"] == "landing"


def test_a_missing_figure_is_a_dash() -> None:
    assert output.number(math.nan) == "–"
    assert output.number(None) == "–"
    assert output.number(1234.5678, 1) == "1,234.6"


def test_what_looks_like_markup_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table("[/đậm]", ["a"], [["[/x] [bold]y[/bold]"]])
    printed = capsys.readouterr().out
    assert "[/x] [bold]y[/bold]" in printed
    assert "[/đậm]" in printed
