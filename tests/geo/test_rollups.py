"""Roll-ups for the department: right sums, and no figure of fewer than three farms, told or reckoned."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.localtime import day_window_ms
from core.model.coverage import JobPlot, PlotCoverage
from core.model.enums import Operation
from core.rollup import ALL, Rollup, Treated
from geo.rollups import rollups, treated

DAY = "2026-08-01"
NAN = math.nan


def work(commune: str, farm: str, net_m2: float = 10_000.0, **changes: Any) -> Treated:
    told: dict[str, Any] = {
        "op": Operation.SPRAY,
        "product_group": "fungicide",
        "day": DAY,
        "flights": frozenset({f"{farm}-f"}),
        "drones": frozenset({"d1"}),
        "volume_l": 20.0,
        "mass_kg": NAN,
    }
    return Treated(commune=commune, farm=farm, net_m2=net_m2, **(told | changes))


def by_cell(rows: tuple[Rollup, ...]) -> dict[tuple[str, str, str], Rollup]:
    return {(r.commune, r.op, r.product_group): r for r in rows}


def test_a_cell_adds_up_what_its_farms_had_done() -> None:
    rows = [work("31153", f"farm{i}", 5_000.0 * (i + 1)) for i in range(3)]
    rows.append(work("31153", "farm0", 1_000.0, flights=frozenset({"farm0-f", "x"}), drones=frozenset({"d2"})))
    cells = by_cell(rollups(rows))
    sums = cells["31153", "spray", "fungicide"].sums
    assert sums is not None
    assert sums.net_ha == pytest.approx(3.1)
    assert sums.volume_l == pytest.approx(80.0)
    assert math.isnan(sums.mass_kg)
    assert (sums.flights, sums.drones, sums.farms) == (4, 2, 3)
    assert cells[ALL, ALL, ALL].sums == sums
    assert set(cells) == {(c, *k) for c in ("31153", ALL) for k in (("spray", "fungicide"), (ALL, ALL))}


def test_days_operations_and_groups_are_apart() -> None:
    rows = [
        work("c", f"farm{i}", day=day, op=op, product_group=group)
        for i in range(3)
        for day, op, group in itertools.product((DAY, "2026-08-02"), (Operation.SPRAY, Operation.SOW), ("a", "b"))
    ]
    made = rollups(rows)
    assert [r.day for r in made] == sorted(r.day for r in made)
    assert len(made) == 2 * 2 * 5
    assert {r.sums.net_ha for r in made if r.sums and r.op != ALL} == {3.0}


def test_fewer_than_three_farms_are_withheld() -> None:
    two = by_cell(rollups([work("c", "a"), work("c", "b")]))
    assert all(row.sums is None for row in two.values())
    three = by_cell(rollups([work("c", "a"), work("c", "b"), work("c", "d")]))
    assert all(row.sums is not None for row in three.values())
    assert all(row.sums is not None for row in rollups([work("c", "a")], least_farms=1))


def test_a_withheld_cell_does_not_follow_from_the_sums() -> None:
    rows = [work("big", f"b{i}", 50_000.0) for i in range(9)]
    rows += [work("mid", f"m{i}", 20_000.0) for i in range(4)]
    rows += [work("small", "s0")]
    cells = by_cell(rollups(rows))
    assert cells["small", "spray", "fungicide"].sums is None
    assert cells["mid", "spray", "fungicide"].sums is None
    assert cells["big", "spray", "fungicide"].sums is not None
    assert cells[ALL, ALL, ALL].sums is not None


def test_two_withheld_cells_of_two_farms_do_not_hide_each_other() -> None:
    rows = [work("big", f"b{i}") for i in range(9)]
    rows += [work("one", "s0"), work("two", "s1")]
    cells = by_cell(rollups(rows))
    shown = cells[ALL, "spray", "fungicide"].sums is not None and cells["big", "spray", "fungicide"].sums is not None
    assert not shown


def test_points_carry_every_figure_so_that_none_stays_to_be_read() -> None:
    rows = rollups([work("c", f"f{i}") for i in range(3)])
    told = by_cell(rows)["c", "spray", "fungicide"].point()
    hidden = by_cell(rollups([work("d", "x")]))["d", "spray", "fungicide"].point()
    assert told.ts_ms == day_window_ms(DAY)[0]
    assert list(told.tags) == ["commune", "operation", "product_group"]
    assert told.values == {
        "withheld": 0.0,
        "net_ha": 3.0,
        "volume_l": 60.0,
        "mass_kg": 0.0,
        "flights": 3.0,
        "drones": 1.0,
        "farms": 3.0,
        "hours": 0.0,
    }
    assert hidden.values == dict.fromkeys(told.values, 0.0) | {"withheld": 1.0}


def test_results_of_jobs_are_read_with_their_farm_and_commune() -> None:
    def row(plot: str, job: str, flights: tuple[str, ...], net_m2: float = 500.0) -> JobPlot:
        return JobPlot(job, DAY, Operation.SPRAY, flights, PlotCoverage(plot, 900.0, net_m2, net_m2, 0, 0, 1.0, 3.0))

    rows = [row("p1", "j1", ("f1", "f2")), row("p2", "j1", ("f1",)), row("p3", "j2", ()), row("p3", "j3", ("f1",), 0.0)]
    one, other = treated(
        rows,
        cooperative="htx",
        commune_of={"p1": "31153"},
        member_of={"p1": "m7"},
        group_of={"j1": "fungicide"},
        drone_of={"f1": "d1", "f2": "d2"},
    )
    assert (one.commune, one.farm, one.product_group) == ("31153", "htx/m7", "fungicide")
    assert (other.commune, other.farm) == ("unknown", "htx")
    assert one.drones == {"htx/d1", "htx/d2"}
    assert one.flights == {"htx/f1", "htx/f2"}


def told_exactly(rows: list[Treated], made: tuple[Rollup, ...]) -> set[tuple[str, str, str]]:
    """The withheld cells that the sums tell all the same, by linear algebra."""
    cells = {(r.commune, r.op, r.product_group): r for r in made}
    hidden = [key for key, r in cells.items() if r.sums is None]
    place = {key: i for i, key in enumerate(hidden)}
    equations = []
    for line in {("row", k[0]) for k in cells} | {("column", *k[1:]) for k in cells}:
        row = np.zeros(len(hidden))
        for key in cells:
            on_line = key[0] == line[1] if line[0] == "row" else key[1:] == line[1:]
            if on_line and key in place:
                total = key[1] == ALL if line[0] == "row" else key[0] == ALL
                row[place[key]] = -1.0 if total else 1.0
        equations.append(row)
    matrix = np.array(equations).reshape(-1, len(hidden))
    rank = np.linalg.matrix_rank(matrix) if hidden else 0
    return {
        key for key, i in place.items() if np.linalg.matrix_rank(np.vstack([matrix, np.eye(len(hidden))[i]])) == rank
    }


facts = st.lists(
    st.tuples(st.sampled_from("ABCD"), st.sampled_from(["x", "y", "z"]), st.integers(0, 7), st.integers(1, 9)),
    min_size=1,
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(facts)
def test_no_withheld_cell_can_be_reckoned(given_: list[tuple[str, str, int, int]]) -> None:
    rows = [
        work(commune, f"{commune}{farm}", 1_000.0 * net, product_group=group) for commune, group, farm, net in given_
    ]
    made = rollups(rows)
    for row in made:
        assert row.sums is None or row.sums.farms >= 3
    assert told_exactly(rows, made) == set()
    farms = {
        key: {r.farm for r in rows if key[0] in (ALL, r.commune) and key[2] in (ALL, r.product_group)}
        for key in by_cell(made)
    }
    for key, row in by_cell(made).items():
        if row.sums is None or (key[0] == ALL and key[1] == ALL):
            continue
        if key[1] == ALL:
            parts = [k for k in farms if k[0] == key[0] and k[1] != ALL]
        elif key[0] == ALL:
            parts = [k for k in farms if k[1:] == key[1:] and k[0] != ALL]
        else:
            continue
        hidden = [farms[k] for k in parts if by_cell(made)[k].sums is None]
        assert not hidden or len(set().union(*hidden)) >= 3


def test_the_order_of_results_does_not_matter() -> None:
    rows = [work(c, f"{c}{i}", 1_000.0 * (i + 1)) for c in "ABC" for i in range({"A": 1, "B": 4, "C": 6}[c])]
    assert rollups(rows) == rollups(rows[::-1])


def test_what_can_be_told_is_told() -> None:
    rows = [work(f"c{c}", f"c{c}f{i}") for c in range(20) for i in range(5)] + [work("lone", "x")]
    made = rollups(rows)
    assert sum(r.sums is None for r in made) <= 4
