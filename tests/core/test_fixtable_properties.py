"""FixTable: whatever is done to the table is done to the list of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.enums import Mode
from core.model.fixtable import FixTable, Labels, SectionColumns
from core.model.samples import Fix, Section
from tests.contracts.samples import DRONE, any_fix, any_sections, reprs

_fixes = st.lists(any_fix, max_size=4)
_texts = st.lists(st.text(max_size=4), max_size=12)
_some = settings(max_examples=40, deadline=None)


def rows(table: FixTable) -> list[str]:
    return reprs(table.rows())


def positions(n: int) -> st.SearchStrategy[list[int]]:
    """Rows of n, some of them repeated, in any order."""
    return st.lists(st.integers(0, n - 1), max_size=8) if n else st.just([])


def masks(n: int) -> st.SearchStrategy[list[bool]]:
    return st.lists(st.booleans(), min_size=n, max_size=n)


_cuts = st.builds(slice, st.integers(-9, 9), st.integers(-9, 9), st.sampled_from([1, 2, -1]))


@_some
@given(_fixes)
def test_rows_of_a_table_of_rows(fixes: list[Fix]) -> None:
    table = FixTable.of(fixes)
    assert len(table) == len(fixes)
    assert rows(table) == reprs(fixes)
    assert rows(FixTable.of(list(table.rows()))) == reprs(fixes)


@_some
@given(_fixes, st.data())
def test_take_picks_repeats_and_turns_rows(fixes: list[Fix], data: st.DataObject) -> None:
    table = FixTable.of(fixes)
    chosen = data.draw(positions(len(fixes)))
    assert rows(table.take(np.array(chosen, np.int64))) == reprs(fixes[i] for i in chosen)
    mask = data.draw(masks(len(fixes)))
    assert rows(table.take(np.array(mask, np.bool_))) == reprs(f for f, m in zip(fixes, mask, strict=True) if m)
    cut = data.draw(_cuts)
    assert rows(table.take(cut)) == reprs(fixes[cut])


@_some
@given(_fixes)
def test_sorted_is_a_stable_order_by_time_and_sequence(fixes: list[Fix]) -> None:
    table = FixTable.of(fixes)
    expected: list[Fix] = sorted(fixes, key=_order)
    assert rows(table.sorted()) == reprs(expected)
    assert rows(table.sorted().sorted()) == rows(table.sorted())


def _order(fix: Fix) -> tuple[int, int]:
    return fix.ts_ms, fix.seq


@_some
@given(st.lists(st.lists(any_fix, max_size=2), max_size=3))
def test_concat_joins_the_rows(parts: list[list[Fix]]) -> None:
    joined = FixTable.concat([FixTable.of(part).with_columns(device=DRONE) for part in parts])
    assert rows(joined) == reprs(fix for part in parts for fix in part)


@_some
@given(_fixes, st.integers(0, 8))
def test_what_is_cut_apart_and_joined_is_whole(fixes: list[Fix], at: int) -> None:
    table = FixTable.of(fixes)
    assert rows(FixTable.concat([table.take(slice(None, at)), table.take(slice(at, None))])) == reprs(fixes)


def test_a_table_of_nothing_has_no_rows_and_may_be_asked_everything() -> None:
    empty = FixTable.empty("d1")
    for table in (empty, empty.sorted(), empty.take([]), FixTable.concat([]), FixTable.concat([empty, empty])):
        assert len(table) == 0
        assert list(table.rows()) == []
        assert len(table.sections) == 0
    assert (empty.device, FixTable.of([]).device) == ("d1", "")


def test_the_device_of_a_joined_table_is_the_firsts() -> None:
    tables = [FixTable.empty("d1"), FixTable.empty("d2")]
    assert FixTable.concat(tables).device == "d1"


@_some
@given(st.lists(any_sections, max_size=6), st.data())
def test_sections_are_flattened_by_fix(some: Sequence[tuple[Section, ...]], data: st.DataObject) -> None:
    columns = SectionColumns.of(some)
    assert columns.start.tolist() == [0, *accumulate(map(len, some))]
    assert [repr(columns.row(i)) for i in range(len(columns))] == [repr(r) for r in some]
    chosen = data.draw(positions(len(some)))
    taken = columns.take(np.array(chosen, np.int64))
    assert [repr(taken.row(i)) for i in range(len(taken))] == [repr(some[i]) for i in chosen]
    twice = SectionColumns.concat([columns, columns])
    assert [repr(twice.row(i)) for i in range(len(twice))] == [repr(r) for r in (*some, *some)]


@given(_texts, st.data())
def test_labels_are_the_texts(texts: list[str], data: st.DataObject) -> None:
    labels = Labels.of(texts)
    assert labels.values() == [labels[i] for i in range(len(labels))] == texts
    assert len(labels.labels) == len(set(texts))
    mask = data.draw(masks(len(texts)))
    assert labels.take(np.array(mask, np.bool_)).values() == [t for t, m in zip(texts, mask, strict=True) if m]


def test_columns_are_replaced_in_a_copy() -> None:
    table = FixTable.build([1, 2], [9.0, 9.1], [105.0, 105.1], device="d1", job="j1")
    changed = table.with_columns(swath_m=7.0, mode=Mode.AB, job=["a", "b"], on=np.array([True, False]), device="d2")
    assert changed.swath_m.tolist() == [7.0, 7.0]
    assert changed.mode.tolist() == [Mode.AB, Mode.AB]
    assert changed.job.values() == ["a", "b"]
    assert changed.on.tolist() == [True, False]
    assert changed.device == "d2"
    assert (table.job.values(), table.device) == (["j1", "j1"], "d1")
    assert np.isnan(table.swath_m).all()
    with pytest.raises(ValueError, match="speed_mps"):
        table.with_columns(speed_mps=[1.0])


def test_every_column_keeps_its_type() -> None:
    """What a computation gets does not hang on how the table was made."""
    made = [
        FixTable.build([1], [9], [105], tank_l=[5], quality=[4], on=[1], seq=[2.0]),
        FixTable.of([Fix("d1", 1, 9.0, 105.0)]),
        FixTable.empty(),
        FixTable.concat([FixTable.empty(), FixTable.of([Fix("d1", 1, 9.0, 105.0)])]),
    ]
    names = [n for n in FixTable.__slots__ if isinstance(getattr(made[0], n), np.ndarray)]
    assert len(names) == 19
    assert len({tuple(getattr(table, n).dtype for n in names) for table in made}) == 1
