"""An export's memory does not grow with its size; measured in processes of their own."""

from __future__ import annotations

import pytest

from bench.export import apart

SMALL, LARGE = 40_000, 160_000
GROWTH_KB = 16 * 1024
"""120,000 fixes held at once would take 22 MB as columns alone, and several times that as rows."""


@pytest.mark.parametrize("form", ["parquet", "geojson", "gpkg", "isoxml"])
def test_memory_stays(form: str) -> None:
    small, large = apart(form, SMALL), apart(form, LARGE)
    assert large.size_bytes > 3 * small.size_bytes
    assert large.peak_kb - small.peak_kb < GROWTH_KB
