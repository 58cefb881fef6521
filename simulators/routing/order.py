"""The order of things that can each be flown in several ways: the least way between them, from a base on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.model.fixtable import Floats, Ints
from simulators.routing.line import Line, Point

_GAIN_M = 1e-6
_ROUNDS = 20
_AT_ONCE = 1_000

Choices = Sequence[Sequence[list[Line]]]
"""Per thing, the lists of lines in which it can be flown; every thing has as many, none is empty."""


def in_order(choices: Choices, base: Point, *, closed: bool) -> list[tuple[int, list[Line]]]:
    """Order things, and choose how each is flown.

    Nearest neighbour first. Then, in turn until nothing is gained: stretches of the tour are reversed (2-opt), single
    things are moved (or-opt), and the best way of flying each thing in this order is found (dynamic programming).
    Never longer than the nearest neighbour's tour; the same on every run. The work grows with the square of the number
    of things: 300 take half a second, 1,000 ten.

    Args:
        choices: The things.
        base: Where the tour begins.
        closed: Whether it ends there as well, or anywhere.

    Returns:
        (number of the thing, the lines as they are flown) in flying order.
    """
    if not choices:
        return []
    search = _Search(choices, base, closed=closed)
    order, option = search.nearest()
    length = search.length_m(order, option)
    for _ in range(_ROUNDS):
        order, option = search.moved(*search.two_opt(order, option))
        option = search.chosen(order, option)
        shorter = search.length_m(order, option)
        if shorter > length - _GAIN_M:
            break
        length = shorter
    return [(i, choices[i][o]) for i, o in zip(order.tolist(), option.tolist(), strict=True)]


class _Search:
    """Distances between the ends of things: ``into`` and ``out`` have shape (n, m, 2)."""

    def __init__(self, choices: Choices, base: Point, *, closed: bool) -> None:
        self._into = np.array([[lines[0].start for lines in options] for options in choices])
        self._out = np.array([[lines[-1].end for lines in options] for options in choices])
        self._base, self._closed = np.array(base), float(closed)
        there = _away(self._out[:, :, None], self._into[:, None]) + _away(self._into[:, :, None], self._out[:, None])
        self._backwards: Ints = np.argmin(np.round(there, 6), axis=2)

    def nearest(self) -> tuple[Ints, Ints]:
        """Always the nearest end that is left."""
        n, m, _ = self._into.shape
        order, option = np.zeros(n, np.int64), np.zeros(n, np.int64)
        left = np.ones(n, bool)
        for k in range(n):
            here = self._base if k == 0 else self._out[order[k - 1], option[k - 1]]
            away = np.where(left[:, None], np.round(_away(self._into, here), 6), np.inf)
            order[k], option[k] = divmod(int(np.argmin(away)), m)
            left[order[k]] = False
        return order, option

    def length_m(self, order: Ints, option: Ints) -> float:
        """Metres between the things, and from and to the base."""
        first, last = self._into[order, option], self._out[order, option]
        between = float(np.sum(_away(last[:-1], first[1:])))
        return between + float(_away(first[0], self._base)) + float(self._home(last[-1]))

    def two_opt(self, order: Ints, option: Ints) -> tuple[Ints, Ints]:
        """Reverse stretches, the best ones first, until none is worth it."""
        order, option = order.copy(), option.copy()
        for _ in range(_ROUNDS * _ROUNDS):
            stretches = _apart(np.round(self._gains(order, option), 6))
            for a, b in stretches:
                order[a : b + 1] = order[a : b + 1][::-1].copy()
                option[a : b + 1] = self._backwards[order[a : b + 1], option[a : b + 1][::-1]]
            if not stretches:
                break
        return order, option

    def _gains(self, order: Ints, option: Ints) -> Floats:
        """What reversing the stretch from place a to place b adds to the tour; shape (n, n), infinite for b < a."""
        back = self._backwards[order, option]
        into, out = self._into[order, option], self._out[order, option]
        into_back, out_back = self._into[order, back], self._out[order, back]
        ahead = np.concatenate([[0.0], np.cumsum(_away(out[:-1], into[1:]))])
        behind = np.concatenate([[0.0], np.cumsum(_away(out_back[1:], into_back[:-1]))])
        join = np.zeros((len(order) + 1, len(order)))
        join[1:] = _away(out[:, None], into_back[None])
        leave = np.zeros((len(order), len(order) + 1))
        leave[:, :-1] = _away(out_back[:, None], into[None])
        join[0], leave[:, -1] = _away(into_back, self._base), self._home(out_back)
        links = [_away(into[:1], self._base), _away(out[:-1], into[1:]), self._home(out[-1:])]
        was = np.concatenate(links)
        inner = behind - ahead
        gain = join[:-1] - was[:-1, None] + leave[:, 1:] - was[None, 1:] + inner[None] - inner[:, None]
        return np.where(np.tri(len(order), k=-1, dtype=bool), np.inf, gain)

    def moved(self, order: Ints, option: Ints) -> tuple[Ints, Ints]:
        """Put single things in other places (or-opt), the best ones first, until none is worth it."""
        for _ in range(_ROUNDS):
            gain = self._move_gains(order, option)
            way = np.argmin(gain, axis=2)
            moves = _free(np.take_along_axis(gain, way[:, :, None], axis=2)[:, :, 0])
            if not moves:
                break
            put = {place: (int(order[k]), int(way[k, place])) for k, place in moves}
            gone = {k for k, _ in moves}
            found: list[tuple[int, int]] = []
            for k in range(len(order) + 1):
                found += [put[k]] if k in put else []
                found += [(int(order[k]), int(option[k]))] if k < len(order) and k not in gone else []
            order, option = (np.array(column, np.int64) for column in zip(*found, strict=True))
        return order, option

    def _move_gains(self, order: Ints, option: Ints) -> Floats:
        """What putting the thing at place k before that at place t, in some way, adds to the tour; (n, n + 1, m)."""
        into, out, n = self._into[order, option], self._out[order, option], len(order)
        links = np.concatenate([_away(into[:1], self._base), _away(out[:-1], into[1:]), self._home(out[-1:])])
        before = np.vstack([self._base[None], out])
        joined = np.concatenate([_away(before[:-2], into[1:]), self._home(before[-2:-1])])
        come = _away(before[None, :, None], self._into[order][:, None])
        leave = np.zeros_like(come)
        leave[:, :-1] = _away(self._out[order][:, None], into[None, :, None])
        leave[:, -1] = self._home(self._out[order])
        gain = come + leave - links[None, :, None] + (joined - links[:-1] - links[1:])[:, None, None]
        gain[np.arange(n), np.arange(n)] = gain[np.arange(n), np.arange(n) + 1] = np.inf
        rounded: Floats = np.round(gain, 6)
        return rounded

    def chosen(self, order: Ints, option: Ints) -> Ints:
        """The best options for an order; those that are given where none are shorter."""
        into, out = self._into[order], self._out[order]
        cost = _away(into[0], self._base)
        came: list[Ints] = []
        for k in range(1, len(order)):
            steps = cost[:, None] + _away(out[k - 1][:, None], into[k][None])
            came.append(np.argmin(np.round(steps, 6), axis=0))
            cost = steps[came[-1], np.arange(steps.shape[1])]
        best = [int(np.argmin(np.round(cost + self._home(out[-1]), 6)))]
        for step in reversed(came):
            best.append(int(step[best[-1]]))
        found = np.array(best[::-1], np.int64)
        return found if self.length_m(order, found) < self.length_m(order, option) - _GAIN_M else option

    def _home(self, places: NDArray[np.float64]) -> Floats:
        return _away(places, self._base) * self._closed


def _apart(gain: Floats) -> list[tuple[int, int]]:
    """The stretches with the greatest gain that do not touch one another."""
    a, b = np.nonzero(gain < -_GAIN_M)
    best = np.argsort(gain[a, b], kind="stable")[:_AT_ONCE]
    taken = np.zeros(len(gain) + 2, bool)
    found: list[tuple[int, int]] = []
    for first, last in zip(a[best].tolist(), b[best].tolist(), strict=True):
        if not taken[first : last + 3].any():
            taken[first : last + 3] = True
            found.append((first, last))
    return found


def _free(gain: Floats) -> list[tuple[int, int]]:
    """The moves (from, to) with the greatest gain that change different links of the tour."""
    k, place = np.nonzero(gain < -_GAIN_M)
    best = np.argsort(gain[k, place], kind="stable")[:_AT_ONCE]
    taken = np.zeros(len(gain) + 1, bool)
    found: list[tuple[int, int]] = []
    for thing, there in zip(k[best].tolist(), place[best].tolist(), strict=True):
        if not taken[[thing, thing + 1, there]].any():
            taken[[thing, thing + 1, there]] = True
            found.append((thing, there))
    return found


def _away(a: NDArray[np.float64], b: NDArray[np.float64]) -> Floats:
    """Distances between places, last axis (x, y); a root of squares is the same on every CPU."""
    d = a - b
    away: Floats = np.sqrt(d[..., 0] * d[..., 0] + d[..., 1] * d[..., 1])
    return away
