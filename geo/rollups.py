"""Roll-ups for the department: sums by commune, operation, product group and local day, and none that betrays a farm.

Each day is a table: communes down, operations with product groups across, with the sums of both and of all. A cell with
farms, but fewer than ``least_farms``, is withheld. What is withheld must not follow from what is shown, so that more is
withheld (*complementary suppression*) until two things hold:

- no withheld cell is the only one that its sums do not tell: in the graph that joins the row and the column of every
  withheld cell, none of them is a bridge (Gusfield 1988, *A graph theoretic approach to statistical data security*);
- in no row or column with a shown sum do the withheld cells belong to fewer than ``least_farms`` farms together.

Cells in which nobody worked are known to be empty, so they hide nothing and are not listed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from core.model.coverage import JobPlot
from core.rollup import ALL, Rollup, Sums, Treated
from core.units import ha

LEAST_FARMS: Final = 3
_Column: TypeAlias = tuple[str, str]
_Cell: TypeAlias = tuple[str, _Column]
_Table: TypeAlias = dict[_Cell, list[Treated]]
_TOTAL: Final[_Column] = (ALL, ALL)


def rollups(
    treated: Iterable[Treated], least_farms: int = LEAST_FARMS, hours_of: Mapping[str, float] | None = None
) -> tuple[Rollup, ...]:
    """The cells of every day with their sums, by day, commune, operation and product group.

    Args:
        treated: What was done to plots, one of a job and plot once.
        least_farms: Farms below which a cell's figures are withheld.
        hours_of: Hours by flight, named as in ``Treated.flights``; None: hours are not told.
    """
    days: dict[str, list[Treated]] = defaultdict(list)
    for row in treated:
        days[row.day].append(row)
    found: list[Rollup] = []
    for day in sorted(days):
        table = _table(days[day])
        hidden = _withheld(table, least_farms)
        for cell in sorted(table):
            commune, (op, group) = cell
            found.append(Rollup(commune, op, group, day, None if cell in hidden else _sums(table[cell], hours_of)))
    return tuple(found)


def by_commune(treated: Iterable[Treated], least_farms: int = LEAST_FARMS) -> dict[str, tuple[list[Treated], bool]]:
    """One day's rows of each commune, and of :data:`ALL`, and whether figures of them are withheld in its roll-up.

    Other figures of the same communes are withheld with those: then they tell no more of a farm than the roll-up does.
    The sums of a roll-up's communes hold by themselves, too: its last column has no withheld cell that its sum tells.
    """
    table = _table(list(treated))
    hidden = _withheld(table, least_farms)
    return {cell[0]: (rows, cell in hidden) for cell, rows in sorted(table.items()) if cell[1] == _TOTAL}


def treated(
    rows: Sequence[JobPlot],
    *,
    cooperative: str,
    commune_of: Mapping[str, str],
    member_of: Mapping[str, str],
    group_of: Mapping[str, str],
    drone_of: Mapping[str, str],
) -> list[Treated]:
    """The results of one cooperative, as roll-ups count them.

    Args:
        rows: Its jobs' results per plot; those in which nothing was treated are left out.
        cooperative: Its identifier, the farm of plots without a member.
        commune_of: Code of the commune by plot; a plot without one is in the commune "unknown".
        member_of: Member by plot.
        group_of: Product group by job; "unknown" without one.
        drone_of: Drone by flight.
    """
    return [
        Treated(
            commune=commune_of.get(row.coverage.plot) or "unknown",
            op=row.op,
            product_group=group_of.get(row.job) or "unknown",
            day=row.day,
            farm="/".join(filter(None, (cooperative, member_of.get(row.coverage.plot, "")))),
            flights=frozenset(f"{cooperative}/{flight}" for flight in row.flights),
            drones=frozenset(f"{cooperative}/{drone_of[flight]}" for flight in row.flights if flight in drone_of),
            net_m2=row.coverage.net_m2,
            volume_l=row.coverage.volume_l,
            mass_kg=row.coverage.mass_kg,
        )
        for row in rows
        if row.flights and row.coverage.net_m2 > 0.0
    ]


def _table(rows: Sequence[Treated]) -> _Table:
    """The rows of each cell and of each sum."""
    table: _Table = defaultdict(list)
    for row in rows:
        for commune in (row.commune, ALL):
            for column in ((row.op.word, row.product_group), _TOTAL):
                table[commune, column].append(row)
    return dict(table)


def _sums(rows: Sequence[Treated], hours_of: Mapping[str, float] | None) -> Sums:
    flights = frozenset[str]().union(*(r.flights for r in rows))
    return Sums(
        net_ha=ha(math.fsum(r.net_m2 for r in rows)),
        volume_l=_told([r.volume_l for r in rows]),
        mass_kg=_told([r.mass_kg for r in rows]),
        flights=len(flights),
        drones=len(frozenset[str]().union(*(r.drones for r in rows))),
        farms=len(_farms(rows)),
        hours=math.nan if hours_of is None else math.fsum(hours_of.get(flight, 0.0) for flight in sorted(flights)),
    )


def _told(values: Sequence[float]) -> float:
    told = [v for v in values if not math.isnan(v)]
    return math.fsum(told) if told else math.nan


def _farms(rows: Sequence[Treated]) -> set[str]:
    return {row.farm for row in rows}


def _withheld(table: _Table, least_farms: int) -> set[_Cell]:
    """The cells whose figures may not be told."""
    hidden = {cell for cell, rows in table.items() if len(_farms(rows)) < least_farms}
    while True:
        more = _crowd_out(table, hidden, least_farms) or _close_circle(table, hidden)
        if not more:
            return hidden
        hidden |= more


def _crowd_out(table: _Table, hidden: set[_Cell], least_farms: int) -> set[_Cell]:
    """A cell to withhold where a shown sum would tell of too few farms together; none where all is well."""
    for line, total in _lines(table):
        inside = [cell for cell in line if cell in hidden]
        farms = {farm for cell in inside for farm in _farms(table[cell])}
        if not inside or total in hidden or len(farms) >= least_farms:
            continue
        shown = [cell for cell in line if cell not in hidden]
        return {min(shown, key=lambda cell: _weight(table, cell), default=total)}
    return set()


def _lines(table: _Table) -> list[tuple[list[_Cell], _Cell]]:
    """Every row and column without its sum, and the cell of its sum (sums make a row and a column themselves)."""
    lines: dict[tuple[int, object], list[_Cell]] = defaultdict(list)
    for cell in sorted(table):
        commune, column = cell
        if column != _TOTAL:
            lines[0, commune].append(cell)
        if commune != ALL:
            lines[1, column].append(cell)
    ends = [(cells, (cells[0][0], _TOTAL) if key[0] == 0 else (ALL, cells[0][1])) for key, cells in lines.items()]
    return [(cells, total) for cells, total in ends if cells]


def _close_circle(table: _Table, hidden: set[_Cell]) -> set[_Cell]:
    """Cells to withhold so that a cell that its sums tell is one of a rectangle; none where all is well."""
    told = next((cell for cell in sorted(hidden) if _told_by_sums(cell, hidden)), None)
    if told is None:
        return set()
    commune, column = told
    best: tuple[float, set[_Cell]] | None = None
    for other, its in table:
        corners = {(commune, its), (other, column), (other, its)}
        if other == commune or its == column or not corners <= table.keys():
            continue
        fresh = corners - hidden
        weight = math.fsum(_weight(table, cell) for cell in sorted(fresh))
        if best is None or weight < best[0]:
            best = weight, fresh
    # The sums are cells like others: with them there is always a rectangle, unless the cell is a sum itself.
    return best[1] if best is not None else set()


def _told_by_sums(cell: _Cell, hidden: set[_Cell]) -> bool:
    """Whether the cell is a bridge: without it, its row and its column hang together through no withheld cell."""
    start, goal = ("row", cell[0]), ("column", cell[1])
    beside: dict[tuple[str, object], list[tuple[str, object]]] = defaultdict(list)
    for commune, column in hidden - {cell}:
        beside["row", commune].append(("column", column))
        beside["column", column].append(("row", commune))
    seen: set[tuple[str, object]] = {start}
    waiting: list[tuple[str, object]] = [start]
    while waiting:
        for node in beside[waiting.pop()]:
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return goal not in seen


def _weight(table: _Table, cell: _Cell) -> float:
    """What is lost when a cell is withheld: its hectares; sums are given up last."""
    sums = (cell[0] == ALL) + (cell[1] == _TOTAL)
    return math.fsum(row.net_m2 for row in table[cell]) * 1000.0**sums
