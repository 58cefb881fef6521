"""FixTable: columns in, the same rows out."""

from __future__ import annotations

import numpy as np
import pytest

from core.model.enums import FixQuality, Mode, Operation
from core.model.fixtable import FixTable, SectionColumns
from core.model.samples import Fix, Section


def a_fix(ts_ms: int, **known: object) -> Fix:
    return Fix(device="d1", ts_ms=ts_ms, lat_deg=9.285, lon_deg=105.725, **known)  # type: ignore[arg-type]


def told(fix: Fix) -> dict[str, object]:
    """The fields of a fix that compare equal to themselves (NaN does not)."""
    values = {name: getattr(fix, name) for name in fix.__struct_fields__}
    return {name: value for name, value in values.items() if value == value}  # noqa: PLR0124


def test_rows_come_back_as_they_went_in() -> None:
    fixes = [
        a_fix(1_000, seq=1, boot="b1", speed_mps=6.5, quality=FixQuality.RTK, op=Operation.SPRAY, on=True, job="j1"),
        a_fix(
            2_000,
            seq=2,
            boot="b2",
            mode=Mode.AUTO,
            sections=(Section(-1.5, 3.0, True, 2.0), Section(1.5, 3.0, False, 0.0)),
        ),
    ]
    assert [told(f) for f in FixTable.of(fixes).rows()] == [told(f) for f in fixes]


def test_sorted_orders_by_time_then_sequence_and_keeps_sections_with_their_fix() -> None:
    table = FixTable.of([a_fix(5, seq=2), a_fix(5, seq=1, sections=(Section(0.0, 7.0, True),)), a_fix(1, seq=9)])
    ordered = table.sorted()
    assert ordered.seq.tolist() == [9, 1, 2]
    assert [len(ordered.sections.row(i)) for i in range(3)] == [0, 1, 0]


def test_concat_keeps_every_column() -> None:
    strip = Section(0.0, 7.0, True, 5.0)
    first = FixTable.of([a_fix(1, boot="a", sections=(strip,))])
    second = FixTable.of([a_fix(2, boot="b")])
    both = FixTable.concat([first, second])
    assert both.boot.values() == ["a", "b"]
    assert both.sections.row(0) == (strip,)
    assert both.sections.row(1) == ()


def test_section_grid_has_one_strip_per_section_and_fix() -> None:
    grid = SectionColumns.grid(np.array([[True, False], [True, True]]), np.array([-1.0, 1.0]), np.array([2.0, 2.0]))
    assert [s.on for s in grid.row(0)] == [True, False]
    assert grid.take(np.array([1])).on.tolist() == [True, True]


def test_build_fills_what_is_not_told_and_refuses_what_it_does_not_know() -> None:
    table = FixTable.build([1, 2], [9.0, 9.1], [105.0, 105.1], swath_m=7.0)
    assert table.swath_m.tolist() == [7.0, 7.0]
    assert np.isnan(table.speed_mps).all()
    with pytest.raises(TypeError, match="no such column: width"):
        FixTable.build([1], [9.0], [105.0], width=7.0)
    with pytest.raises(ValueError, match="speed_mps"):
        FixTable.build([1], [9.0], [105.0], speed_mps=np.array([1.0, 2.0]))
