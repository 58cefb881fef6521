"""How often the truth lies in the 95 % interval of the expected net area: the table of docs/tolerance.md.

Days of six simulated drones, by receiver, by who steers, with and without holes in the data. Nothing but the receiver
and the holes acts: valves act at once, no wind. Each combination goes on until it has as many plots as asked for, day
after day from fixed seeds; the days done are kept in a file, so that a run that was stopped goes on.

Run as ``python -m bench.tolerance``; ``--write`` puts the table into the page. The last line on stdout is one JSON
document.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.model.fixtable import FixTable, Labels
from core.model.land import DeviceKind, Plot
from core.model.samples import Event
from core.model.traffic import Run, Truth
from geo.cleaning import clean
from geo.engines.model import Fields
from geo.evidence import input_hash
from geo.flights import split_flights
from geo.parameters import Parameters
from geo.passes import treated_steps
from geo.projection import LocalPlane
from geo.trust.draws import seed_of
from geo.trust.expected import expected
from geo.trust.sections import Sections
from geo.trust.strips import sections_of
from geo.trust.tolerance import Tolerance
from simulators import specs
from simulators.scoring.comparison import WORKED_SHARE
from simulators.scoring.told import arrived
from simulators.scoring.true import true_figures

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "tolerance.md"
DRONES, PLOTS_A_DAY = 6, 100
TUNED_ON: Final = range(1001, 2000)
"""Seeds of the days that the choices of ``Tolerance`` were made on; the table is of later ones."""
RECEIVERS: Final = {
    "RTK": specs.Gnss(mode="rtk", slow_sd_m=0.017, white_sd_m=0.010),
    "single": specs.Gnss(mode="single", slow_sd_m=1.0, slow_tau_s=60.0, white_sd_m=0.04),
}
NETWORKS: Final = {
    "none": specs.Network(),
    "holes": specs.Network(lost_pct=2.0, holes_per_h=12.0, hole_s=8.0, buffer_messages=0),
}
STEERED: Final = ("auto", "manual")
BEGIN, END = "<!-- calibration: python -m bench.tolerance --write -->", "<!-- end of calibration -->"
_DEFAULTS = Tolerance()
CHOICES: Final = hashlib.sha256(repr(_DEFAULTS).encode()).hexdigest()[:8]
"""Days done with other choices do not count; a change of code is not seen: delete the file then."""


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the table."""

    receiver: str
    steered: str
    dropouts: str

    @property
    def name(self) -> str:
        """Its name in the file of days done."""
        return f"{self.receiver}-{self.steered}-{self.dropouts}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One plot: its area, the true net area, the one expected and its bounds, in m²."""

    area_m2: float
    true_m2: float
    expected_m2: float
    low_m2: float
    high_m2: float

    @property
    def inside(self) -> bool:
        """Whether the truth lies in the interval; a hundredth of a square metre is no error."""
        return self.low_m2 - 0.01 <= self.true_m2 <= self.high_m2 + 0.01


def cases() -> Iterator[Case]:
    """Every combination."""
    for parts in product(RECEIVERS, STEERED, NETWORKS):
        yield Case(*parts)


def scenario(case: Case, seed: int, plots: int = PLOTS_A_DAY) -> specs.Scenario:
    """A day of a case."""
    fleet: dict[str, Any] = {"mode": case.steered, "gnss": case.receiver, "network": case.dropouts}
    return specs.Scenario(
        name="tolerance",
        title_vi="Sai số",
        title_en="Tolerance",
        start=dt.datetime(2026, 1, 5, 7, 0, tzinfo=dt.timezone(dt.timedelta(hours=7))),
        seed=seed,
        weather=specs.Weather(wind_mps=0.0, showers_per_day=0.0),
        gnss=RECEIVERS,
        networks=NETWORKS,
        cooperatives=[
            specs.Cooperative(
                id="tolerance",
                name="HTX",
                land=specs.Land(count=plots, seed=seed),
                fleets=[specs.Fleet(count=DRONES, response_s=0.0, drift=False, meter_error_pct=0.0, **fleet)],
            ),
        ],
    )


def flights(run: Run) -> list[tuple[FixTable, list[Event]]]:
    """The flights of a run's drones, from what arrived, each with the events of its time."""
    tables: dict[str, list[FixTable]] = {}
    events: dict[str, list[Event]] = {}
    for stream in run.streams:
        if stream.kind is not DeviceKind.DRONE:
            continue
        rows = arrived(stream.sending, len(stream.samples))
        if isinstance(stream.samples, FixTable):
            tables.setdefault(stream.device, []).append(stream.samples.take(rows))
        else:
            taken = [stream.samples[k] for k in rows.tolist()]
            events.setdefault(stream.device, []).extend(e for e in taken if isinstance(e, Event))
    found = []
    for device, parts in tables.items():
        table = FixTable.concat(parts)
        mine = events.get(device, [])
        found += [
            (table.take(span.rows), [e for e in mine if span.start_ms <= e.ts_ms <= span.end_ms])
            for span in split_flights(table, mine)
        ]
    return [flight for flight in found if flight[0].on.any()]


def outcomes(run: Run, truth: Truth, plots: Sequence[Plot], tolerance: Tolerance = _DEFAULTS) -> list[Outcome]:
    """What is expected of every plot that was worked, and what is true."""
    flown = flights(run)
    lon, lat = (np.concatenate([getattr(t, name) for t, _ in flown]) for name in ("lon_deg", "lat_deg"))
    plane = LocalPlane.around(float(np.median(lon)), float(np.median(lat)))
    parts = []
    for table, events in flown:
        cleaned = clean(table)
        x, y = plane.xy(cleaned.fixes.lon_deg, cleaned.fixes.lat_deg)
        steps = treated_steps(cleaned, x, y, Parameters(), events)
        parts.append(sections_of(cleaned, steps, Parameters(), events, tolerance))
    fields = Fields.of(plane.outlines([p.boundary for p in plots]).tolist())
    seed = seed_of(input_hash([t for t, _ in flown], [e for _, some in flown for e in some]))
    told = expected(Sections.concat(parts), fields, seed, tolerance)
    together = replace(truth, job=Labels.constant("all", len(truth)))
    true = {p.plot: p for job in true_figures(together, plots).values() for p in job.plots}
    found = []
    for number, plot in enumerate(plots):
        mine = true.get(plot.plot)
        if mine is not None and mine.net_m2 >= WORKED_SHARE * mine.area_m2:
            reach = told.plot(number)
            bounds = (reach.net_expected_m2, reach.net_low_m2, reach.net_high_m2)
            found.append(Outcome(mine.area_m2, mine.net_m2, *bounds))
    return found


def summary(found: Sequence[Outcome]) -> dict[str, float]:
    """Share of plots whose truth is inside, mean and standard deviation of the error, and half-widths, in percent."""
    area = np.array([o.area_m2 for o in found])
    error = 100.0 * np.array([o.expected_m2 - o.true_m2 for o in found]) / area
    half = 50.0 * np.array([o.high_m2 - o.low_m2 for o in found]) / area
    return {
        "plots": len(found),
        "inside_pct": 100.0 * float(np.mean([o.inside for o in found])),
        "bias_pct": float(error.mean()),
        "sd_pct": float(error.std()),
        "worst_pct": float(error[np.argmax(np.abs(error))]),
        "half_width_pct": float(np.median(half)),
        "widest_pct": float(half.max()),
    }


def day(case: Case, seed: int, plots: int = PLOTS_A_DAY) -> tuple[int, list[Outcome]]:
    """The flights and the outcomes of one day."""
    from simulators.world import build  # noqa: PLC0415

    run, truth = build(scenario(case, seed, plots))
    return len(flights(run)), outcomes(run, truth, run.plots)


def measured(case: Case, plots: int, kept: Path, *, only_done: bool = False) -> tuple[int, list[Outcome]]:
    """Days of a case until there are enough plots; each is kept as a line as soon as it is done.

    With ``only_done``, until the first day that is not kept yet. Several processes may share the file.
    """
    done = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    days = {line["seed"]: line for line in done if line["case"] == case.name and line["choices"] == CHOICES}
    found: list[Outcome] = []
    count, seed = 0, TUNED_ON.stop
    while len(found) < plots:
        seed += 1
        if seed not in days and only_done:
            break
        if seed not in days:
            begun = time.perf_counter()
            flown, some = day(case, seed)
            figures = [asdict(o) for o in some]
            days[seed] = {
                "case": case.name,
                "choices": CHOICES,
                "seed": seed,
                "flights": flown,
                "outcomes": figures,
            }
            with kept.open("ab", buffering=0) as out:
                out.write(json.dumps(days[seed]).encode() + b"\n")
            line = {**summary(some), "s": round(time.perf_counter() - begun, 1)}
            print(f"{case.name} {seed}: {json.dumps(line)}", file=sys.stderr, flush=True)
        count += days[seed]["flights"]
        found += [Outcome(**o) for o in days[seed]["outcomes"]]
    return count, found


HEADINGS: Final = (
    "receiver",
    "steered by",
    "dropouts",
    "plots",
    "flights",
    "truth inside, %",
    "mean error",
    "sd",
    "worst",
    "half-width: median",
    "widest",
)


def cells(case: Case, count: int, result: dict[str, float]) -> list[str]:
    """The cells of a line."""
    figures = [f"{result[name]:+.3f}" for name in ("bias_pct", "sd_pct", "worst_pct", "half_width_pct", "widest_pct")]
    figures = [f if k in {0, 2} else f[1:] for k, f in enumerate(figures)]
    told = [case.receiver, case.steered, case.dropouts, f"{result['plots']:.0f}", f"{count}"]
    return [*told, f"{result['inside_pct']:.1f}", *figures]


def table(rows: Sequence[Sequence[str]]) -> str:
    """The table in Markdown."""
    rule = ["---"] * 3 + ["---:"] * (len(HEADINGS) - 3)
    return "\n".join(f"| {' | '.join(row)} |" for row in (HEADINGS, rule, *rows))


def main() -> None:
    """Run, print, and write where it was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"put the table into docs/{PAGE.name}")
    parser.add_argument("--plots", type=int, default=2000, help="of each combination, at least")
    parser.add_argument("--kept", type=Path, default=Path("build/tolerance.jsonl"), help="file of the days done")
    parser.add_argument("--only", default="", help="combinations whose names start so")
    parser.add_argument("--done", action="store_true", help="compute nothing: tell of the days that are kept")
    chosen = parser.parse_args()
    chosen.kept.parent.mkdir(parents=True, exist_ok=True)
    rows, answer = [], {}
    for case in cases():
        if case.name.startswith(chosen.only):
            count, found = measured(case, chosen.plots, chosen.kept, only_done=chosen.done)
            if not found:
                continue
            answer[case.name] = {"flights": count, **summary(found)}
            rows.append(cells(case, count, summary(found)))
    print(table(rows), end="\n\n")
    if chosen.write:
        page = PAGE.read_text(encoding="utf-8")
        before, after = page.partition(BEGIN)[0], page.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{table(rows)}\n{END}{after}", encoding="utf-8")
    print(json.dumps({"bench": "tolerance", "plots": chosen.plots, "combinations": answer}))


if __name__ == "__main__":
    main()
