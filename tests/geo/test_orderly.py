"""The quick look at tables without anything to clean gives what the whole cleaning gives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.enums import FixQuality
from core.model.fixtable import FixTable
from geo.cleaning import clean, clean_thoroughly, distance_m
from geo.compiled import COMPILES
from tests.geo.tracks import table

_TROUBLES = ("none", "order", "repeat", "jump", "nan", "null", "no-fix", "stand", "speeds", "far", "range")


def _troubled(seed: int, trouble: str, share: float) -> FixTable:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 60))
    points = np.cumsum(rng.normal(0.5, 1.0, (n, 2)), axis=0)
    ts_ms = np.cumsum(rng.integers(100, 1_500, n))
    speed = np.where(rng.random(n) < share, rng.uniform(0.0, 8.0, n), np.nan)
    fixes = table(points.tolist(), ts_ms=ts_ms, speed_mps=speed, seq=np.arange(n))
    k = int(rng.integers(0, n))
    lat, lon, quality = fixes.lat_deg.copy(), fixes.lon_deg.copy(), fixes.quality.copy()
    if trouble == "order":
        return fixes.take(rng.permutation(n))
    if trouble == "repeat":
        return FixTable.concat([fixes, fixes.take([k])]).sorted()
    if trouble in ("jump", "far"):
        lat[k:] += 0.0008 if trouble == "jump" else 0.4
    elif trouble in ("nan", "null", "range"):
        lat[k] = {"nan": np.nan, "null": 0.0, "range": 95.0}[trouble]
        lon[k] = 0.0 if trouble == "null" else lon[k]
    elif trouble == "no-fix":
        quality[k] = FixQuality.NONE
    elif trouble == "stand":
        lat[k:], lon[k:] = lat[k], lon[k]
    elif trouble == "speeds":
        return fixes.with_columns(speed_mps=0.0)
    return fixes.with_columns(lat_deg=lat, lon_deg=lon, quality=quality)


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 100_000), trouble=st.sampled_from(_TROUBLES), share=st.sampled_from([0.0, 0.5, 1.0]))
def test_the_quick_look_answers_as_the_whole_cleaning(seed: int, trouble: str, share: float) -> None:
    fixes = _troubled(seed, trouble, share)
    quick, whole = clean(fixes), clean_thoroughly(fixes)
    assert quick.rejected == whole.rejected
    np.testing.assert_array_equal(quick.breaks, whole.breaks)
    np.testing.assert_array_equal(quick.fixes.ts_ms, whole.fixes.ts_ms)
    np.testing.assert_array_equal(quick.fixes.lat_deg, whole.fixes.lat_deg)
    assert quick.distance_m == pytest.approx(distance_m(whole.fixes, whole.breaks), rel=1e-10, abs=1e-9)


@pytest.mark.skipif(not COMPILES, reason="without numba there is no quick look")
def test_an_orderly_table_is_handed_on_as_it_is() -> None:
    fixes = table([(float(k), 0.0) for k in range(1, 50)], speed_mps=5.0)
    found = clean(fixes)
    assert found.fixes is fixes
    assert not math.isnan(found.length_m)
    assert found.distance_m == pytest.approx(48.0, rel=1e-6)
