"""The computed part of a statement, from the inputs that it names: the same values from the same inputs, every time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from core.archive import FlightRecord
from core.localtime import iso_utc, local
from core.model.coverage import PlotCoverage
from core.model.enums import Operation
from core.model.fleet import SwathSource
from core.statement import Document, StatementKind
from core.terms import LANGUAGES, term
from geo.history import Season, Treatment, seasons
from geo.parameters import Parameters
from geo.statements import tank
from geo.statements.figures import Treated, treated
from geo.statements.inputs import parameters_of, plots_of
from geo.statements.rows import interval, known, plot_row, together, total_row, units
from geo.statements.texts import WARNINGS
from geo.trust.words import lines

_OFF_TARGET_WARN_PCT = 2.0


def computed(subject: Document, inputs: Document, records: Mapping[str, FlightRecord], m2_per_cong: float) -> Document:
    """The treatments, one per job and day, and for a plot the sums of its season.

    Args:
        subject: As the statement has it.
        inputs: As the statement has them.
        records: The flights that they name.
        m2_per_cong: The size of a công.

    Raises:
        ConfigError: A swath width is not known.
        KeyError: A record is missing, or the inputs lack something.
        ValueError: They hold what this version cannot compute.
    """
    parameters, of_plot = parameters_of(inputs), subject["kind"] == StatementKind.PLOT
    found, done = [], []
    for group in inputs["groups"]:
        mine = [records[name] for name in group["flights"]]
        figures = _treated(group, mine, inputs, parameters)
        found.append(_treatment(group, mine, figures, m2_per_cong, of_plot=of_plot))
        done += [Treatment(group["job"], group["day"], mine[0].flight.op, p) for p in figures.plots]
    season = _season(done, subject, m2_per_cong) if of_plot else None
    return {"treatments": found, "season": season}


def _treated(group: Document, records: Sequence[FlightRecord], inputs: Document, parameters: Parameters) -> Treated:
    return treated(f"{group['job']} {group['day']}", records, plots_of(inputs, group), parameters)


def _treatment(
    group: Document, records: Sequence[FlightRecord], it: Treated, m2_per_cong: float, *, of_plot: bool
) -> Document:
    start_ms, end_ms = min(r.flight.start_ms for r in records), max(r.flight.end_ms for r in records)
    op = records[0].flight.op
    return {
        "job": group["job"],
        "day": group["day"],
        "flights": list(group["flights"]),
        "operation": operation(op),
        "start": iso_utc(start_ms),
        "end": iso_utc(end_ms),
        "start_local": local(start_ms).isoformat(timespec="seconds"),
        "end_local": local(end_ms).isoformat(timespec="seconds"),
        "plots": [plot_row(p, m2_per_cong) for p in it.plots],
        "totals": total_row(it.whole, m2_per_cong, of_flights=not of_plot),
        "amounts": _amounts(records, it),
        "fixes": _fixes(records, it),
        "trust": _trust(it),
        "warnings": _warnings(records, it, of_plot=of_plot),
    }


def operation(op: Operation) -> dict[str, str]:
    """What was done, as a code and in words."""
    return {"code": op.word} | {language: term(op.word, language) for language in LANGUAGES}


def _amounts(records: Sequence[FlightRecord], it: Treated) -> Document:
    """All that the flights released, by the flow meter and by the tank's level."""
    row: Document = {}
    for unit, meter, levels in (
        ("l", it.whole.volume_l, [tank.used(r.fixes, r.fixes.tank_l) for r in records]),
        ("kg", it.whole.mass_kg, [tank.used(r.fixes, r.fixes.tank_kg) for r in records]),
    ):
        drop = math.fsum(levels)  # NaN where one flight does not tell: a part of the total is none
        row |= {f"meter_{unit}": known(meter, 3), f"tank_{unit}": known(drop, 3)}
        apart = 100.0 * (meter - drop) / drop if drop > 0.0 else math.nan
        row[f"difference_{unit}_pct"] = known(apart, 2)
    return row


def _fixes(records: Sequence[FlightRecord], it: Treated) -> Document:
    """Fixes of the archive, those that the figures rest on, and the others by reason (repeats are no loss)."""
    lost = {reason: n for reason, n in sorted(it.whole.rejected.items()) if reason != "repeat"}
    archived = sum(len(r.fixes) for r in records)
    received = it.whole.fixes + sum(lost.values())
    used = known(100.0 * it.whole.fixes / received if received else math.nan, 2)
    return {"archived": archived, "used": it.whole.fixes, "rejected": lost, "used_pct": used}


def _trust(it: Treated) -> list[Document]:
    """Letters of positioning, sampling and bridges; the ledger's is told beside, since no fix can tell it."""
    if it.whole.trust is None:
        return []
    names = ("whole", "gnss", "sampling", "bridges", "completeness")
    rows = [
        {"part": name, "name": words(part), "grade": grade.value, "why": words(why)}
        for name, (part, grade, why) in zip(names, lines(it.whole.trust), strict=True)
    ]
    return [row for row in rows if row["part"] not in {"whole", "completeness"}]


def words(both: tuple[str, str]) -> dict[str, str]:
    """A text in both languages."""
    return dict(zip(LANGUAGES, both, strict=True))


def _warnings(records: Sequence[FlightRecord], it: Treated, *, of_plot: bool) -> list[dict[str, str]]:
    whole = it.whole
    lost = sum(n for reason, n in whole.rejected.items() if reason != "repeat")
    net_m2 = whole.plots_net_m2 if of_plot else whole.net_m2
    off_pct = 100.0 * whole.off_target_m2 / whole.net_m2 if whole.net_m2 > 0.0 and not of_plot else 0.0
    widths = sorted({(r.swath.source is SwathSource.CALIBRATION, r.swath.swath_m) for r in records if _default(r)})
    values = {
        "rejected": lost,
        "share": 100.0 * lost / max(whole.fixes + lost, 1),
        "bridged_m": whole.bridged_m,
        "off_pct": off_pct,
    }
    applies = {
        "nothing": net_m2 <= 0.0,
        "rejected": lost > 0,
        "bridged": whole.bridged_m > 0.0,
        "off_target": off_pct > _OFF_TARGET_WARN_PCT,
        "volume": net_m2 > 0.0 and math.isnan(total_told(whole.volume_l, whole.mass_kg)),
    }
    said = [("swath_measured" if measured else "swath", {"swath_m": width}) for measured, width in widths]
    said += [(key, values) for key, yes in applies.items() if yes]
    return [words((WARNINGS[key][0].format(**told), WARNINGS[key][1].format(**told))) for key, told in said]


def total_told(*amounts: float) -> float:
    """The sum of the amounts that are told; NaN where none is."""
    told = [it for it in amounts if math.isfinite(it)]
    return math.fsum(told) if told else math.nan


def _default(record: FlightRecord) -> bool:
    """Whether some fix with the implement on names no swath width."""
    fixes = record.fixes
    untold = ~(fixes.swath_m > 0.0)
    return bool((untold & fixes.on).any()) and len(fixes.sections.on) == 0 and math.isfinite(record.swath.swath_m)


def _season(done: Sequence[Treatment], subject: Document, m2_per_cong: float) -> list[Document]:
    """What a season's treatments add up to, by operation."""
    first, last = subject["first_day"], subject["last_day"]
    return [_sum(it, m2_per_cong) for it in seasons(done, first, last, last)]


def _sum(it: Season, m2_per_cong: float) -> Document:
    plots: list[PlotCoverage] = [t.coverage for t in it.treatments]
    row: Document = {"operation": operation(it.op), "treatments": len(plots)}
    for key, areas in (
        ("gross", [p.gross_m2 for p in plots]),
        ("net", [p.net_m2 for p in plots]),
        ("overlap", [p.overlap_m2 for p in plots]),
        ("missed", [p.missed_m2 for p in plots]),
    ):
        row |= units(key, math.fsum(areas), m2_per_cong)
    row |= interval("net", together([p.expected for p in plots]), m2_per_cong)
    return row | {
        "turns": known(it.turns, 3),
        "worst_pct": known(it.worst_pct, 2),
        "volume_l": known(it.volume_l, 3),
        "mass_kg": known(it.mass_kg, 3),
        "first_day": it.treatments[0].day,
        "last_day": it.last_day,
    }
