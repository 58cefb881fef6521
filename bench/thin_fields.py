"""Thin plots side by side, as in the Mekong delta, flown line by line: what sprayed area is timed on.

Every plot is sprayed by one drone at 5 Hz, to and fro along its longer side. The lines lie exactly a swath apart; the
implement is on where the boom's middle is in the plot. A few lines are left out, a few flown twice; the drone comes
down to refill, and now and then nothing of it arrives for some seconds.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from core.model.enums import FixQuality, Mode, Operation
from core.model.fixtable import Bools, FixTable, Floats, Ints
from core.model.land import Plot
from geo.projection import LocalPlane
from simulators.flying.noise import Seconds, between, gauss_markov
from simulators.plots import rice_plots

Leg = tuple[Floats, Bools]
SWATH_M: Final = 7.0
STEP_MS: Final = 200
SPEED_MPS: Final = 6.0
FLOW_LPM: Final = 7.56
"""30 L/ha at this speed and width."""
_BEYOND_M: Final = 6.0
_TURN_S: Final = 4.0
_REFILL_EVERY_M: Final = 2_400.0
_REFILL_S: Final = 40.0
_SKIPPED, _REPEATED = 0.03, 0.03
_DROPOUT_EVERY_S, _DROPOUT_S = 400.0, (2.0, 20.0)
_START_MS: Final = 1_772_406_000_000
"""2026-03-02T06:00 in Vietnam."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Standard deviations per axis in m: a slow error with a correlation time, and white noise."""

    quality: FixQuality
    slow_sd_m: float
    slow_tau_s: float
    white_sd_m: float


RECEIVERS: Final = {
    "rtk": Receiver(FixQuality.RTK, 0.017, 60.0, 0.01),
    "single": Receiver(FixQuality.SINGLE, 1.0, 60.0, 0.04),
}


def day(receiver: str, plots: int = 300, drones: int = 30, seed: int = 1) -> tuple[list[FixTable], list[Plot]]:
    """The fixes of a day, a table per drone, and the plots that were sprayed."""
    fields = rice_plots("bench", plots, seed)
    plane = LocalPlane.centred(*fields[len(fields) // 2].boundary.centroid.coords[0])
    shares = np.array_split(np.arange(len(fields)), drones)
    tables = [
        _drone(
            f"d{k:02d}",
            [fields[i] for i in mine.tolist()],
            plane,
            RECEIVERS[receiver],
            np.random.default_rng([seed, k]),
        )
        for k, mine in enumerate(shares)
    ]
    return tables, fields


def _drone(name: str, fields: list[Plot], plane: LocalPlane, receiver: Receiver, rng: np.random.Generator) -> FixTable:
    """One drone's day over some plots."""
    legs = list(_flown(itertools.chain.from_iterable(_lines(plane.to_plane(plot.boundary), rng) for plot in fields)))
    xy, on = np.concatenate([leg[0] for leg in legs]), np.concatenate([leg[1] for leg in legs])
    speed_mps = np.hypot(*np.diff(xy, axis=0, append=xy[-1:]).T) * 1000.0 / STEP_MS
    ts_ms = _START_MS + STEP_MS * np.arange(len(xy))
    xy = xy + _noise(ts_ms, receiver, rng)
    lon, lat = plane.lonlat(xy[:, 0], xy[:, 1])
    told = FixTable.build(
        ts_ms,
        lat,
        lon,
        device=name,
        seq=np.arange(len(xy)),
        speed_mps=speed_mps,
        flow_lpm=np.where(on, FLOW_LPM * (1.0 + 0.02 * rng.standard_normal(len(xy))), 0.0),
        swath_m=SWATH_M,
        quality=receiver.quality,
        op=Operation.SPRAY,
        mode=Mode.AUTO,
        on=on,
    )
    return told.take(_arrived(len(xy), rng))


def _flown(lines: Iterable[Leg]) -> Iterator[Leg]:
    """The lines, with the ways between them and the times on the ground, the implement off."""
    sprayed_m, at = 0.0, None
    for points, on in lines:
        if at is not None:
            apart_m = math.hypot(*(points[0] - at))
            yield _way(at, points[0], max(_TURN_S, apart_m / SPEED_MPS))
        yield points, on
        at = points[-1]
        sprayed_m += float(on.sum()) * SPEED_MPS * STEP_MS / 1000.0
        if sprayed_m > _REFILL_EVERY_M:
            sprayed_m = 0.0
            yield _way(at, at, _REFILL_S)


def _lines(outline: Any, rng: np.random.Generator) -> Iterator[Leg]:
    """Lines over a plot as points, and where the implement is on."""
    ahead, aside, middle, half_m, half_wide_m = _axes(outline)
    across = np.arange(-half_wide_m + SWATH_M / 2.0, half_wide_m, SWATH_M)
    chance = rng.random(len(across))
    turns = np.where(chance < _SKIPPED, 0, np.where(chance > 1.0 - _REPEATED, 2, 1))
    along = np.arange(-half_m - _BEYOND_M, half_m + _BEYOND_M, SPEED_MPS * STEP_MS / 1000.0)
    shapely.prepare(outline)
    for number, at in enumerate(np.repeat(across, turns).tolist()):
        points = middle + at * aside + (along[::-1] if number % 2 else along)[:, None] * ahead
        yield points, shapely.contains_xy(outline, points[:, 0], points[:, 1])


def _axes(outline: Any) -> tuple[Floats, Floats, Floats, float, float]:
    """Unit vectors along and across a plot, its middle, and half its length and width in m."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(outline))[:4]
    one, other = corners[1] - corners[0], corners[2] - corners[1]
    longer, shorter = (one, other) if math.hypot(*one) > math.hypot(*other) else (other, one)
    length, width = math.hypot(*longer), math.hypot(*shorter)
    return longer / length, shorter / width, corners.mean(axis=0), length / 2.0, width / 2.0


def _way(start: Floats, end: Floats, seconds: float) -> Leg:
    """A way with the implement off."""
    share = np.arange(1, int(seconds * 1000.0 / STEP_MS))[:, None] * STEP_MS / 1000.0 / seconds
    return start + share * (end - start), np.zeros(len(share), np.bool_)


def _noise(ts_ms: Ints, receiver: Receiver, rng: np.random.Generator) -> Floats:
    """Errors of the positions in m, shape (n, 2): a Gauss–Markov process over the seconds, and white noise."""
    seconds = Seconds.over(int(ts_ms[0]), int(ts_ms[-1]))
    slow = [
        between(gauss_markov(seconds.count, receiver.slow_sd_m, receiver.slow_tau_s, rng), *seconds.weights(ts_ms))
        for _ in range(2)
    ]
    return np.column_stack(slow) + receiver.white_sd_m * rng.standard_normal((len(ts_ms), 2))


def _arrived(n: int, rng: np.random.Generator) -> Bools:
    """Which fixes arrived, shape (n,)."""
    kept = np.ones(n, np.bool_)
    seconds = n * STEP_MS / 1000.0
    holes = rng.poisson(seconds / _DROPOUT_EVERY_S)
    for at_s, lasts_s in zip(rng.uniform(0.0, seconds, holes), rng.uniform(*_DROPOUT_S, holes), strict=True):
        kept[int(at_s * 1000.0 / STEP_MS) : int((at_s + lasts_s) * 1000.0 / STEP_MS)] = False
    return kept
