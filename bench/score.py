"""How far the computed areas are from the truth, by receiver, rate and network: the tables of docs/simulator-score.md.

Forty plots are sprayed by six simulated drones, again for every line of the tables, and scored as ``canhdong score``
does.

Run as ``python -m bench.score``; ``--write`` puts the tables into the page. The last line on stdout is one JSON
document.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.model.traffic import Run, Truth
from simulators import specs
from simulators.scoring.comparison import relative_pct
from simulators.scoring.score import Score, score

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "simulator-score.md"
PLOTS, DRONES = 40, 6
RATES_HZ: Final = (1.0, 2.0, 5.0, 10.0)
RECEIVERS: Final = {
    "RTK": specs.Gnss(mode="rtk", slow_sd_m=0.017, white_sd_m=0.010),
    "single": specs.Gnss(mode="single", slow_sd_m=1.0, slow_tau_s=60.0, white_sd_m=0.04),
}
NETWORKS: Final = {
    "clean": specs.Network(),
    "faults": specs.Network(
        latency_ms=300.0,
        jitter_ms=200.0,
        holes_per_h=12.0,
        hole_s=30.0,
        duplicate_pct=1.0,
        reorder_pct=2.0,
        lost_pct=1.0,
        outage_flights=0.1,
        clock_offset_s=2.0,
        clock_drift_ppm=20.0,
        reboots_per_h=2.0,
    ),
}
CALM: Final = specs.Weather(wind_mps=0.0, showers_per_day=0.0)
BREEZE: Final = specs.Weather(showers_per_day=0.0)

Build = Callable[[specs.Scenario], tuple[Run, Truth]]


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a table: a fleet that differs from the others, and its weather; ``told`` are its first cells."""

    told: tuple[str, ...]
    fleet: specs.Fleet
    weather: specs.Weather = CALM


def receivers() -> Iterator[Case]:
    """Every receiver at every rate over every network; at 5 Hz also with pilots who steer by eye."""
    for receiver in RECEIVERS:
        for rate_hz in RATES_HZ:
            for network in NETWORKS:
                told = (receiver, f"{rate_hz:g}", network, "auto")
                yield Case(told, _fleet(gnss=receiver, rate_hz=rate_hz, network=network))
    for receiver in RECEIVERS:
        yield Case((receiver, "5", "clean", "manual"), _fleet(gnss=receiver, mode="manual"))


def causes() -> Iterator[Case]:
    """The receiver alone (RTK, 5 Hz), then with one more cause of errors at a time.

    The calmest air moves at 0.1 m/s: without wind, drops fall from a centimetre, so that they do not drift.
    """
    ideal = {"response_s": 0.0, "meter_error_pct": 0.0, "restless": 0.0, "height_m": 0.01}
    yield Case(("nothing but the receiver",), _fleet(**ideal))
    yield Case(("valve that needs 0.3 s",), _fleet(**ideal | {"response_s": 0.3}))
    yield Case(("no on and off events",), _fleet(**ideal, events=False))
    yield Case(("no on and off events, 1 Hz",), _fleet(**ideal, events=False, rate_hz=1.0))
    yield Case(("antenna 0.3 m to the right",), _fleet(**ideal, antenna_right_m=0.3))
    yield Case(("wind of 2.2 m/s",), _fleet(**ideal | {"height_m": None}), BREEZE)
    yield Case(("flow meters within 5 %",), _fleet(**ideal | {"meter_error_pct": 5.0}))


def _fleet(**fields: Any) -> specs.Fleet:
    return specs.Fleet(**{"count": DRONES, "gnss": "RTK", "network": "clean", **fields})


def scenario(case: Case) -> specs.Scenario:
    """The scenario of a case: the same land, the same seed."""
    return specs.Scenario(
        name="score",
        title_vi="So với thực tế",
        title_en="Against the truth",
        start=dt.datetime(2026, 1, 5, 7, 0, tzinfo=dt.timezone(dt.timedelta(hours=7))),
        seed=1,
        weather=case.weather,
        gnss=RECEIVERS,
        networks=NETWORKS,
        cooperatives=[
            specs.Cooperative(id="score", name="HTX", land=specs.Land(count=PLOTS), fleets=[case.fleet]),
        ],
    )


HEADINGS: Final = (
    "plots",
    "flights",
    "net per plot: median",
    "median size",
    "worst",
    "net in all",
    "overlap",
    "missed",
    "beside the plots",
    "dose",
)


def cells(result: Score) -> list[str]:
    """The figures of a line: errors in % of the plot, of the true net area, of the plots' area, of the true dose."""
    true, told = result.true, result.told
    spread = result.spread(lambda plot: plot.of_plot_pct(plot.net_error_m2))
    beside = told.off_target_m2 + told.grazed_m2 - true.off_target_m2 - true.grazed_m2
    shares = [told.overlap_m2 - true.overlap_m2, told.missed_m2 - true.missed_m2, beside]
    figures = [
        spread.median,
        spread.median_abs,
        spread.worst,
        relative_pct(told.net_m2, true.net_m2),
        *(100.0 * share / true.plots_m2 for share in shares),
        relative_pct(told.dose_lpha, true.dose_lpha),
    ]
    texts = [f"{figure:+.2f}" for figure in figures]
    texts[1] = f"{figures[1]:.2f}"
    return [f"{len(result.plots)}", f"{result.flights}", *texts]


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], texts: int) -> str:
    """A table in Markdown; the first ``texts`` columns are words, the others figures."""
    rule = ["---"] * texts + ["---:"] * (len(headings) - texts)
    return "\n".join(f"| {' | '.join(row)} |" for row in (headings, rule, *rows))


def replaced(page: str, name: str, text: str) -> str:
    """A page with what stands between the marks of a name replaced.

    Raises:
        ValueError: The page has no such marks.
    """
    begin, end = f"<!-- {name}: python -m bench.score --write -->", f"<!-- end of {name} -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"no {begin} ... {end}")
    return pattern.sub(lambda _: f"{begin}\n{text}\n{end}", page)


def measured(cases: Sequence[Case], build: Build, tell: Callable[[str], None]) -> list[list[str]]:
    """The lines of a table, one case after the other."""
    rows: list[list[str]] = []
    for number, case in enumerate(cases, 1):
        start = time.perf_counter()
        row = [*case.told, *cells(score(*build(scenario(case))))]
        rows.append(row)
        tell(f"[{number}/{len(cases)}] {', '.join(row)} ({time.perf_counter() - start:.1f} s)")
    return rows


TABLES: Final = (
    ("receivers", receivers, ("receiver", "Hz", "network", "steered by")),
    ("causes", causes, ("cause",)),
)


def main() -> None:
    """Run, print, and write where it was asked for."""
    from simulators.world import build  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"put the tables into docs/{PAGE.name}")
    chosen = parser.parse_args()
    page = PAGE.read_text(encoding="utf-8")
    answer: dict[str, Any] = {"bench": "score", "plots": PLOTS, "drones": DRONES}
    for name, cases, first in TABLES:
        headings = [*first, *HEADINGS]
        rows = measured(list(cases()), build, lambda line: print(line, file=sys.stderr, flush=True))
        text = table(headings, rows, len(first))
        page = replaced(page, name, text)
        answer[name] = [dict(zip(headings, row, strict=True)) for row in rows]
        print(text, end="\n\n")
    if chosen.write:
        PAGE.write_text(page, encoding="utf-8")
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
