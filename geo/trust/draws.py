"""Draws of what may have been: slow errors along the track, ends, gaps, widths, all from one seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.model.fixtable import Bools, Floats, Ints
from geo.engines.model import WORK, Quads
from geo.trust.sections import Knots, Sections
from geo.trust.tolerance import Tolerance

_BLOCK = 20.0
"""Correlation times that a path is summed up over at once: e to the 20 times the rounding stays far below a micron."""
_LEAST_M = 0.01
_FLAT_M2 = 1e-6
_BENT_M2 = -1e-9


def seed_of(input_hash: str) -> int:
    """The seed that belongs to a hash of inputs (hex)."""
    return int(input_hash[:16], 16)


def quads_of(left: Floats, right: Floats, quad: Ints) -> Quads:
    """The quadrilaterals between cross-sections ``quad`` and those after them, anticlockwise."""
    corners = np.hstack([left[quad], right[quad], right[quad + 1], left[quad + 1]])
    return Quads(corners, np.zeros(len(quad)), np.full(len(quad), WORK, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Unit Gauss-Markov paths over the knots, prepared: the same knots for every draw."""

    order: Ints
    keep: Floats
    block: tuple[tuple[int, int], ...]
    grown: Floats

    @classmethod
    def over(cls, knots: Knots, tau_s: float) -> Paths:
        """Paths with the correlation time ``tau_s``; every flight has its own."""
        order = np.lexsort((knots.ts_s, knots.flight))
        ts, flight = knots.ts_s[order], knots.flight[order]
        gap = np.diff(ts, prepend=ts[:1]) / max(tau_s, 1e-6)
        fresh = np.diff(flight, prepend=-1) != 0
        age = np.cumsum(np.where(fresh, 0.0, gap))
        first = np.maximum.accumulate(np.where(fresh, np.arange(len(ts)), 0))
        part = np.floor((age - age[first]) / _BLOCK).astype(np.int64) if len(ts) else np.empty(0, np.int64)
        starts = np.flatnonzero(fresh | (np.diff(part, prepend=-1) != 0))
        ends = np.append(starts[1:], len(ts))
        keep = np.where(fresh, 0.0, np.exp(-gap))
        size = ends - starts
        grown = np.exp(age - np.repeat(age[starts], size)) if len(ts) else age
        return cls(order, keep, tuple(zip(starts.tolist(), ends.tolist(), strict=True)), grown)

    def drawn(self, rng: np.random.Generator) -> Floats:
        """One path per axis, shape (v, 2)."""
        n = len(self.keep)
        noise = rng.standard_normal((n, 2)) * np.sqrt(1.0 - self.keep**2)[:, None]
        path = np.empty((n, 2))
        before = np.zeros(2)
        for start, end in self.block:
            grown = self.grown[start:end, None]
            path[start:end] = (self.keep[start] * before + np.cumsum(noise[start:end] * grown, axis=0)) / grown
            before = path[end - 1]
        found = np.empty((n, 2))
        found[self.order] = path
        return found


def drawn(  # noqa: PLR0917 - what a draw takes
    sections: Sections, edges_m: Floats, paths: Paths, tolerance: Tolerance, rng: np.random.Generator, moves: Bools
) -> Quads:
    """The ground of one draw.

    ``edges_m`` (m,) says how far out the plot of each end reaches (``edge_distances``), ``moves`` (v,) which knots the
    slow error moves; all else moves everywhere.
    """
    knots, slack = sections.knots, sections.slack
    flights = int(knots.flight.max(initial=-1)) + 1
    shift = paths.drawn(rng) * (knots.sd_m * moves)[:, None]
    u = tolerance.slow_sd_unsure
    shift *= np.exp(u * rng.standard_normal(flights) - u * u / 2.0)[knots.flight][:, None]
    chance, straight = rng.random((2, int(slack.chance.max(initial=-1)) + 1))[:, slack.chance]
    lag_s = tolerance.latency_s + tolerance.latency_sd_s * rng.standard_normal(flights)
    wide = 1.0 + tolerance.swath_sd * rng.standard_normal(flights)
    treated = rng.random(int(sections.bridge.max(initial=-1)) + 1) >= tolerance.bridge_off
    move = shift[sections.knot]
    here = sections.knot[slack.section]
    share = np.where(slack.flip, 1.0 - chance, chance)
    far = slack.low_m + share * (slack.high_m - slack.low_m)
    reach = slack.sign * np.minimum(edges_m, np.maximum(slack.sign * slack.low_m, slack.sign * slack.high_m))
    far = (
        np.where(np.isfinite(edges_m) & (straight < tolerance.edge_chance), reach, far)
        + lag_s[knots.flight[here]] * slack.speed_mps
    )
    inward = _LEAST_M - slack.inward_m
    move[slack.section] += (slack.sign * np.maximum(slack.sign * far, inward))[:, None] * slack.along
    middle = (sections.left + sections.right) / 2.0
    half = (sections.right - sections.left) / 2.0 * wide[knots.flight[sections.knot]][:, None]
    quad = sections.quad[(sections.bridge < 0) | treated[sections.bridge]] if len(treated) else sections.quad
    return _convex(middle - half, middle + half, move, quad)


def _convex(left: Floats, right: Floats, move: Floats, quad: Ints) -> Quads:
    """Quadrilaterals whose cross-sections moved; one that this would fold is moved as a whole instead."""
    moved = quads_of(left + move, right + move, quad)
    folded = _folded(moved.corners)
    if folded.any():
        rigid = quads_of(left, right, quad[folded]).corners
        rigid += np.tile((move[quad[folded]] + move[quad[folded] + 1]) / 2.0, 4)
        moved.corners[folded] = rigid
    flat = moved.area_m2 <= _FLAT_M2
    rows = np.flatnonzero(np.logical_not(flat))
    return moved if len(rows) == len(moved) else Quads(moved.corners[rows], moved.amount[rows], moved.kind[rows])


def _folded(corners: Floats) -> Bools:
    """Which quadrilaterals are not convex and anticlockwise."""
    points = corners.reshape(-1, 4, 2)
    side = np.roll(points, -1, axis=1) - points
    after = np.roll(side, -1, axis=1)
    cross = side[:, :, 0] * after[:, :, 1] - side[:, :, 1] * after[:, :, 0]
    return np.asarray((cross < _BENT_M2).any(axis=1), np.bool_)
