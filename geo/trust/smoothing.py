"""Positions without the receiver's white noise: over a straight stretch by a long fit, where it turns by a short one.

No airframe follows the white noise. What is left of it in the track would be taken for real gaps between passes, and
hides part of what the slow error does to them; what is smoothed too far cuts corners. So every place takes the longest
fit that agrees, within the noise, with all shorter ones (Lepski's rule, 1991).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.model.fixtable import Bools, Floats, Ints

AGREES_SD = 1.5
"""Fits agree within so many standard deviations of the white noise, across the track."""
_LEAST_SPREAD = 1e-9
_TO_SD = 1.4826


def smoothed(ts_s: Floats, places: Floats, chain: Ints, spans_s: Sequence[float]) -> Floats:
    """Places by straight lines fitted over the longest span of time that the track is straight for.

    Only what lies across the track is smoothed: along it, speeds change.

    Args:
        ts_s: Times, rising within each chain, shape (v,).
        places: Plane metres, shape (v, 2).
        chain: Which places belong together, rising, shape (v,).
        spans_s: Lengths of the fits, rising; none leaves everything as it is.
    """
    if not len(ts_s) or not len(spans_s):
        return places
    across = _across(places, chain)
    limit_m = AGREES_SD * noise_sd_m(ts_s, places, chain, across)
    found = [np.zeros(len(ts_s))]
    agreed = np.ones(len(ts_s), np.bool_)
    chosen = found[0].copy()
    for span_s in spans_s:
        aside = np.einsum("ij,ij->i", fitted(ts_s, places, chain, span_s) - places, across)
        agreed &= np.all([np.abs(aside - one) <= limit_m for one in found[1:]], axis=0)
        agreed &= np.abs(aside) <= 2.0 * limit_m
        chosen = np.where(agreed, aside, chosen)
        found.append(aside)
    return places + chosen[:, None] * across


def noise_sd_m(ts_s: Floats, places: Floats, chain: Ints, across: Floats) -> float:
    """Standard deviation of the white noise across the track: of each place from the line between its neighbours.

    Half of the places lie nearer than 0.67 standard deviations, whatever the few do that lie at a turn.
    """
    inner = np.flatnonzero((chain[2:] == chain[:-2]) & (ts_s[2:] > ts_s[:-2])) + 1
    if not len(inner):
        return 0.0
    share = (ts_s[inner] - ts_s[inner - 1]) / (ts_s[inner + 1] - ts_s[inner - 1])
    between = places[inner - 1] + share[:, None] * (places[inner + 1] - places[inner - 1])
    off = np.einsum("ij,ij->i", places[inner] - between, across[inner])
    return float(_TO_SD * np.median(np.abs(off) / np.sqrt(1.0 + share**2 + (1.0 - share) ** 2)))


def fitted(ts_s: Floats, places: Floats, chain: Ints, span_s: float) -> Floats:
    """Each place replaced by the straight line fitted to those around it, over ``span_s`` of time; shape (v, 2).

    At the ends of a chain the window lies on one side, with as many places.
    """
    starts = np.flatnonzero(np.diff(chain, prepend=chain[0] - 1))
    size = np.diff(np.append(starts, len(ts_s)))
    t = ts_s - np.repeat(ts_s[starts], size)
    last = np.repeat(t[starts + size - 1], size)
    low = np.maximum(np.minimum(t - span_s / 2.0, last - span_s), 0.0) - 1e-6
    high = np.minimum(np.maximum(t + span_s / 2.0, span_s), last) + 1e-6
    apart = np.repeat(np.arange(len(starts)) * (float(t.max()) + 1.0), size)
    first, after = np.searchsorted(apart + t, apart + low), np.searchsorted(apart + t, apart + high, side="right")
    values = places - np.repeat(places[starts], size, axis=0)
    s0, s1, s2 = (_sums(column, first, after) for column in (np.ones(len(t)), t, t * t))
    s2 += t * (t * s0 - 2.0 * s1)
    s1 -= t * s0
    spread = s0 * s2 - s1 * s1
    fits = spread > _LEAST_SPREAD
    found = places.copy()
    for axis in range(2):
        v0, v1 = _sums(values[:, axis], first, after), _sums(values[:, axis] * t, first, after)
        line = (s2 * v0 - s1 * (v1 - t * v0))[fits] / spread[fits]
        found[fits, axis] += line - values[fits, axis]
    return found


def _sums(column: Floats, first: Ints, after: Ints) -> Floats:
    total = np.append(0.0, np.cumsum(column))
    found: Floats = total[after] - total[first]
    return found


def _across(places: Floats, chain: Ints) -> Floats:
    """Unit vectors to the right of the way from the place before to the place after."""
    here = np.arange(len(places))
    before, after = _within(here - 1, here, chain), _within(here + 1, here, chain)
    way = places[after] - places[before]
    length = np.hypot(way[:, 0], way[:, 1])
    unit = np.divide(way, length[:, None], out=np.zeros_like(way), where=length[:, None] > 0.0)
    return np.column_stack([unit[:, 1], -unit[:, 0]])


def _within(wanted: Ints, here: Ints, chain: Ints) -> Ints:
    """Rows that are wanted, where they are of the same chain."""
    row = np.clip(wanted, 0, max(len(chain) - 1, 0))
    same: Bools = chain[row] == chain[here]
    return np.where(same, row, here)
