"""The hash of inputs tells columns apart, also those that say the same in every row."""

from __future__ import annotations

import numpy as np
import pytest

from core.model.fixtable import FixTable
from geo.evidence import input_hash
from tests.geo.tracks import line, table

FIXES = table(line((1.0, 0.0), (11.0, 0.0), 10), swath_m=7.0, flow_lpm=3.0)


@pytest.mark.parametrize(
    "changed",
    [
        {"swath_m": 7.1},
        {"flow_lpm": np.nan},
        {"flow_lpm": np.array([3.0] * 10 + [4.0])},
        {"rate_kgpm": 7.0},
        {"swath_m": 3.0, "flow_lpm": 7.0},
        {"on": False},
        {"on": np.array([True] * 10 + [False])},
        {"quality": np.array([4] * 10 + [3])},
        {"seq": 4},
    ],
)
def test_every_change_of_a_column_changes_the_hash(changed: dict[str, object]) -> None:
    assert input_hash([FIXES.with_columns(**changed)]) != input_hash([FIXES])


def test_a_gap_in_counting_and_where_it_lies_changes_the_hash() -> None:
    """Times and numbers that grow by the same but for a gap are told by the gap."""
    long = table(line((1.0, 0.0), (101.0, 0.0), 100), swath_m=7.0)
    hashes = {input_hash([long])}
    for row in (30, 31):
        for gap_ms in (200, 400):
            ts_ms = long.ts_ms + np.where(np.arange(101) >= row, gap_ms, 0)
            hashes.add(input_hash([long.with_columns(ts_ms=ts_ms)]))
            mixed = long.with_columns(ts_ms=ts_ms).take(np.random.default_rng(2).permutation(101))
            assert input_hash([mixed]) in hashes
    assert len(hashes) == 5


def test_order_and_repeats_do_not_change_it_and_fewer_rows_do() -> None:
    mixed = FIXES.take(np.random.default_rng(1).permutation(11))
    assert input_hash([mixed]) == input_hash([FIXES])
    assert input_hash([FixTable.concat([mixed, FIXES])]) == input_hash([FIXES])
    assert input_hash([FIXES.take(slice(0, 10))]) != input_hash([FIXES])


def test_one_row_repeated_is_one_row() -> None:
    one = FIXES.take([3])
    assert input_hash([FixTable.concat([one, one])]) == input_hash([one])
