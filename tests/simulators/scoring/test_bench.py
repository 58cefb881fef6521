"""The tables of docs/simulator-score.md: cases, figures, and where they go."""

from __future__ import annotations

import pytest

from bench.score import HEADINGS, PAGE, TABLES, causes, cells, measured, receivers, replaced, scenario, table
from core.model.traffic import Run, Truth
from simulators import specs
from simulators.scoring.score import score
from tests.simulators.scoring.ground import field, run, telemetry, truth, worked_lines


def small(_: specs.Scenario) -> tuple[Run, Truth]:
    shifted = run(*telemetry(6, 200.0, 7.0, shift_m=1.0), [field(6, 200.0, 7.0)])
    return shifted, truth(*worked_lines(6, 200.0, 7.0))


def test_every_receiver_rate_and_network_is_a_line_of_its_own() -> None:
    told = [case.told for case in receivers()]
    assert len(told) == len(set(told)) == 2 * 4 * 2 + 2
    assert {mode for *_, mode in told} == {"auto", "manual"}


def test_cases_differ_in_the_fleet_or_the_weather_only() -> None:
    scenarios = [scenario(case) for case in (*receivers(), *causes())]
    assert len({repr((s.seed, s.start, s.cooperatives[0].land)) for s in scenarios}) == 1
    assert len({(s.cooperatives[0].fleets[0].gnss, s.weather.wind_mps) for s in scenarios}) == 3


def test_a_line_holds_errors_with_their_signs() -> None:
    figures = dict(zip(HEADINGS, cells(score(*small(scenario(next(receivers()))))), strict=True))
    assert figures["plots"] == figures["flights"] == "1"
    assert figures["net per plot: median"] == figures["worst"] == figures["net in all"] == "-2.38"
    assert figures["median size"] == "2.38"
    assert figures["missed"] == figures["beside the plots"] == "+2.38"


def test_a_table_is_written_between_its_marks() -> None:
    lines: list[str] = []
    rows = measured(list(receivers())[:2], small, lines.append)
    made = table(["a", "b", "c", "d", *HEADINGS], rows, 4)
    assert made.splitlines()[1].startswith("| --- | --- | --- | --- | ---: |")
    assert len(made.splitlines()) == 4
    assert len(lines) == 2
    page = "x\n<!-- t: python -m bench.score --write -->\nold\n<!-- end of t -->\ny\n"
    assert replaced(page, "t", made) == page.replace("old", made)
    with pytest.raises(ValueError, match="other"):
        replaced(page, "other", made)


def test_the_page_has_a_place_for_each_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, cases, _ in TABLES:
        assert replaced(page, name, "new") != page
        assert page.count(f"| {next(cases()).told[0]} ") >= 1
