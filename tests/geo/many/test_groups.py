"""Groups that are measured in one go have, to the last bit, the figures that each has by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shapely import Polygon, box

from geo.engines import engine
from geo.engines.groups import chosen, measure_groups
from geo.engines.model import Fields, Quads
from geo.engines.overlays import OverlayEngine

GROUPS = 7


def quads(rng: np.random.Generator, n: int) -> Quads:
    """Strips in any direction, a few hundred metres around the centre."""
    x, y = rng.uniform(-300.0, 300.0, (2, n))
    turn = rng.uniform(0.0, 2.0 * np.pi, n)
    length, width = rng.uniform(5.0, 80.0, n), rng.uniform(2.0, 9.0, n)
    along = np.column_stack([np.cos(turn), np.sin(turn)])
    across = np.column_stack([-along[:, 1], along[:, 0]])
    corners = [
        np.column_stack([x, y]) + a * length[:, None] * along + b * width[:, None] * across
        for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]
    kind = rng.integers(0, 3, n)
    return Quads(np.concatenate(corners, axis=1), rng.uniform(0.0, 5.0, n), kind, rng.uniform(0.0, 0.2, n))


def drawn(seed: int) -> tuple[Quads, np.ndarray, Fields, np.ndarray]:
    """Groups of any size over the same ground; one has no strips, one no plots."""
    rng = np.random.default_rng(seed)
    counts, plots = rng.integers(1, 60, GROUPS), rng.integers(1, 5, GROUPS)
    counts[2] = plots[4] = 0
    outlines = [
        box(x, y, x + w, y + h)
        for x, y, w, h in zip(
            *rng.uniform(-250.0, 250.0, (2, plots.sum())), *rng.uniform(20.0, 200.0, (2, plots.sum())), strict=True
        )
    ]
    starts = (np.concatenate([[0], np.cumsum(c)]) for c in (counts, plots))
    quad_start, field_start = starts
    return quads(rng, int(counts.sum())), quad_start, Fields.of(outlines), field_start


def alone(every: Quads, start: np.ndarray, group: int) -> Quads:
    rows = slice(int(start[group]), int(start[group + 1]))
    assert every.variance is not None
    return Quads(every.corners[rows], every.amount[rows], every.kind[rows], every.variance[rows])


@pytest.mark.parametrize("seed", range(5))
def test_a_group_is_measured_as_if_it_were_alone(seed: int) -> None:
    every, quad_start, fields, field_start = drawn(seed)
    found = measure_groups(every, quad_start, fields, field_start)
    assert found.union[:, 0].max() > 1_000.0
    for g in range(GROUPS):
        rows = slice(int(field_start[g]), int(field_start[g + 1]))
        one = engine().measure(alone(every, quad_start, g), chosen(fields, np.arange(rows.start, rows.stop)))
        assert np.array_equal(found.figures[rows], one.figures)
        assert np.array_equal(found.union[g], one.union)
        assert np.array_equal(found.off_m2[g], one.off_m2)


def test_without_the_compiled_engine_the_figures_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    every, quad_start, fields, field_start = drawn(11)
    drawing = replace(every, variance=None), quad_start, fields, field_start
    swept = measure_groups(*drawing)
    monkeypatch.setattr("geo.engines.groups.engine", OverlayEngine)
    overlaid = measure_groups(*drawing)
    assert np.allclose(overlaid.figures, swept.figures, rtol=1e-6, atol=1e-4)
    assert np.allclose(overlaid.union, swept.union, rtol=1e-6, atol=1e-4)
    assert np.allclose(overlaid.off_m2, swept.off_m2, rtol=1e-6, atol=1e-4)


def test_plots_may_be_chosen_in_any_order_and_twice() -> None:
    outlines = [box(0, 0, 10, 10), Polygon([(0, 0), (5, 0), (0, 5)]), box(20, 0, 30, 5)]
    fields = chosen(Fields.of(outlines), np.array([2, 0, 2]))
    expected = Fields.of([outlines[2], outlines[0], outlines[2]])
    assert np.array_equal(fields.ring, expected.ring)
    assert np.array_equal(fields.start, expected.start)
