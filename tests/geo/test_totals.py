"""Sums of a log, as a machine's counter has them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.model.fixtable import FixTable
from geo.coverage import Parameters, compute
from geo.totals import treated
from tests.support import rectangle


def test_a_rectangle() -> None:
    sums = treated(rectangle.flight("d1", 0))
    assert sums.area_m2 == pytest.approx(rectangle.AREA_M2, rel=1e-5)
    assert sums.volume_l == pytest.approx(rectangle.VOLUME_L, rel=1e-3)
    assert sums.distance_m == pytest.approx(rectangle.LINES * rectangle.LENGTH_M, rel=1e-5)
    assert math.isnan(sums.mass_kg)


def test_the_sum_is_the_gross_area_of_the_sprayed_area() -> None:
    table = rectangle.flight("d1", 0)
    gross_m2 = compute("x", [table], [], Parameters()).coverage.gross_m2
    assert treated(table).area_m2 == pytest.approx(gross_m2, rel=1e-9)


def test_the_width_given_counts_only_where_the_log_tells_none() -> None:
    table = rectangle.flight("d1", 0)
    silent = table.with_columns(swath_m=np.nan)
    assert treated(table, swath_m=3.5).area_m2 == pytest.approx(rectangle.AREA_M2, rel=1e-5)
    assert treated(silent, swath_m=3.5).area_m2 == pytest.approx(rectangle.AREA_M2 / 2, rel=1e-5)


def test_without_any_width_the_area_is_not_known_but_the_volume_is() -> None:
    sums = treated(rectangle.flight("d1", 0).with_columns(swath_m=np.nan))
    assert math.isnan(sums.area_m2)
    assert sums.volume_l == pytest.approx(rectangle.VOLUME_L, rel=1e-3)


def test_nothing_was_on() -> None:
    sums = treated(rectangle.flight("d1", 0).with_columns(on=False))
    assert (sums.area_m2, sums.volume_l, sums.distance_m) == (0.0, 0.0, 0.0)


def test_no_fixes() -> None:
    assert treated(FixTable.empty("d1")).area_m2 == 0.0
