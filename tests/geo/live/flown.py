"""Flights to feed second by second: lines with round turns, noise, gaps, jumps, hovering and switches."""

from __future__ import annotations

from typing import Any

import numpy as np
from shapely import Point, box

from core.model.enums import EventKind, FixQuality, Mode
from core.model.fixtable import FixTable
from core.model.land import Plot
from core.model.samples import Event, Section
from tests.geo.tracks import PLANE, plot, table

PLOTS: tuple[Plot, ...] = (
    plot(box(0.0, 0.0, 60.0, 40.0), "west"),
    plot(box(60.0, 0.0, 130.0, 40.0), "east"),
    plot(Point(65.0, 20.0).buffer(15.0), "pond"),
    plot(box(-400.0, -400.0, -300.0, -300.0), "far"),
)


def flight(
    lines: int = 5, length_m: float = 120.0, speed_mps: float = 6.0, hz: int = 5, seed: int = 1, **columns: Any
) -> FixTable:
    """A flight over :data:`PLOTS` at 7 m swath; the implement is off in the turns."""
    noise = np.random.default_rng(seed)
    swath, step = 7.0, speed_mps / hz
    points: list[tuple[float, float]] = []
    on: list[bool] = []
    for k in range(lines):
        y, forth = (k + 0.5) * swath, k % 2 == 0
        along = np.arange(0.0, length_m, step)
        points += [(x if forth else length_m - x, y) for x in along.tolist()]
        turn = np.linspace(-np.pi / 2, np.pi / 2, int(np.pi * swath / 2 / step) + 2)[1:-1].tolist()
        end, side = (length_m, 1.0) if forth else (0.0, -1.0)
        points += [(end + side * swath / 2 * np.cos(a), y + swath / 2 * (1.0 + np.sin(a))) for a in turn]
        on += [True] * len(along) + [False] * len(turn)
    xy = np.array(points) + noise.normal(0.0, 0.01, (len(points), 2))
    given = {"on": on, "speed_mps": speed_mps, "swath_m": swath, "flow_lpm": 3.0} | columns
    return table(xy.tolist(), step_ms=1000 // hz, seq=np.arange(len(xy)), **given)


def troubled(seed: int) -> tuple[FixTable, list[Event]]:
    """A flight in which much goes wrong, by a seed: what exactly differs from one to the next."""
    draw = np.random.default_rng(seed)
    fixes = flight(hz=int(draw.choice([1, 2, 5, 10])), lines=4, length_m=100.0, seed=seed)
    n = len(fixes)
    on, lat, swath = fixes.on.copy(), fixes.lat_deg.copy(), fixes.swath_m.copy()
    quality = np.full(n, FixQuality.RTK)
    quality[draw.random(n) < draw.choice([0.0, 0.4, 0.6])] = FixQuality.SINGLE
    quality[draw.random(n) < 0.01] = FixQuality.NONE
    quality[0] = FixQuality.RTK
    lat[1:][draw.random(n - 1) < draw.choice([0.0, 0.02])] += 0.001
    if draw.random() < 0.3:
        lat[n // 2 :] += 0.0004
    if draw.random() < 0.4:
        on[:] = True
    if draw.random() < 0.4:
        swath[draw.random(n) < 0.5] = np.nan
        swath[0] = 7.0
    changed = fixes.with_columns(on=on, lat_deg=lat, swath_m=swath, quality=quality)
    changed = changed.with_columns(mode=np.where(draw.random(n) < 0.1, Mode.RTL, Mode.AUTO))
    if draw.random() < 0.3:
        changed = changed.with_columns(speed_mps=np.where(draw.random(n) < 0.3, 0.1, 6.0))
    if draw.random() < 0.3:
        changed = changed.with_columns(sections=_sections(draw, n))
    if draw.random() < 0.3:
        still = slice(n // 3, n // 3 + 8)
        changed.lat_deg[still], changed.lon_deg[still] = changed.lat_deg[n // 3], changed.lon_deg[n // 3]
    kept = draw.random(n) >= draw.choice([0.0, 0.05])
    start = int(draw.integers(0, n))
    kept[start : start + int(draw.integers(0, 40))] = False
    kept[:2] = True
    return changed.take(kept), _events(draw, changed)


def _sections(draw: np.random.Generator, n: int) -> list[tuple[Section, ...]]:
    flows = draw.choice([0.5, np.nan])
    return [
        tuple(Section(offset, 2.0, bool(draw.random() < 0.9), flows) for offset in (-2.0, 0.0, 2.0)) for _ in range(n)
    ]


def _events(draw: np.random.Generator, fixes: FixTable) -> list[Event]:
    if draw.random() < 0.5:
        return []
    span = int(fixes.ts_ms[-1])
    times = sorted(draw.integers(0, span, 6).tolist())
    return [Event("d1", t, EventKind.ON if draw.random() < 0.5 else EventKind.OFF) for t in times]


__all__ = ["PLANE", "PLOTS", "flight", "troubled"]
