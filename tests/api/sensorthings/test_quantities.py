"""A wind's direction is where it comes from, wherever it is named, in both languages (WMO No. 8, CF conventions)."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.sensorthings.quantities import quantity_of
from api.words import Words
from core.terms import term
from tests.support.shared import ROOT


def test_the_observed_property_says_where_the_wind_comes_from() -> None:
    it = quantity_of("wind_direction")
    assert (it.vietnamese, it.english) == ("Hướng gió thổi từ", "Direction that the wind comes from")
    assert it.definition.endswith("/wind_from_direction/")


def test_pages_and_commands_say_so_too() -> None:
    assert (Words("vi")["wind_direction"], Words("en")["wind_direction"]) == ("Hướng gió thổi từ", "Wind from")
    assert (term("wind_from", "vi"), term("wind_from", "en")) == ("Gió thổi từ", "Wind from")


@pytest.mark.parametrize("folder", ["api", "cli", "core", "docs", "geo", "ingest", "land", "simulators"])
def test_nobody_says_where_it_blows_to(folder: str) -> None:
    texts = [it for it in (ROOT / folder).rglob("*") if it.suffix in {".py", ".md", ".html"}]
    assert [str(it) for it in texts if said_wrongly(it)] == []


def said_wrongly(path: Path) -> bool:
    return "gió thổi đến" in path.read_text(encoding="utf-8").casefold()
