"""Net area as it is expected to be in truth, with its 95 % interval: docs/tolerance.md.

An autopilot keeps the position that it measures on the line, so the true track is the log plus the receiver's error:
the area is computed again with drawn errors. A person keeps the drone on the line by eye, and the log is the true track
plus the error: what drawn errors take from the area is given back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.model.fixtable import Bools, Floats
from core.model.trust import NetRange
from geo.engines import engine
from geo.engines.model import NET, Engine, Fields, Quads
from geo.trust.draws import Paths, drawn
from geo.trust.edges import edge_distances
from geo.trust.sections import Sections
from geo.trust.tolerance import Tolerance

PREDICTION_95 = 2.05
"""Half of the 95 % interval of one more draw in standard deviations of forty: Student, 39 degrees, 2.02·√(1 + 1/40)."""
_DEFAULTS = Tolerance()


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Net areas of p plots in m²: expected, and the bounds of the 95 % interval, shape (p,); and of their union."""

    net_m2: Floats
    low_m2: Floats
    high_m2: Floats
    union: NetRange

    def plot(self, number: int) -> NetRange:
        """One plot's."""
        return NetRange(float(self.net_m2[number]), float(self.low_m2[number]), float(self.high_m2[number]))


def expected(
    sections: Sections,
    fields: Fields,
    seed: int,
    tolerance: Tolerance = _DEFAULTS,
    measuring: Engine | None = None,
) -> Expected:
    """The net areas of all flights together over each plot, and over the plots' union.

    Args:
        sections: What was treated, flight by flight (``Sections.concat``).
        fields: The plots, in the plane of the sections.
        seed: Of all draws: the same seed, the same figures (``seed_of`` the input hash).
        tolerance: What the errors are taken to be.
        measuring: The engine; None takes the default one.
    """
    ensemble = _Ensemble(sections, fields, tolerance, seed, measuring or engine())
    mean, half, reach = ensemble.moments()
    area = _areas(fields)
    area = np.append(area, area.sum())
    mean = np.clip(mean, 0.0, area)
    low = np.clip(mean + np.minimum(reach, 0.0) - half, 0.0, area)
    high = np.clip(mean + np.maximum(reach, 0.0) + half, 0.0, area)
    last = NetRange(float(mean[-1]), float(low[-1]), float(high[-1]))
    return Expected(mean[:-1], low[:-1], high[:-1], last)


class _Ensemble:
    """Draws over the same sections and plots, every time from the same seeds."""

    def __init__(self, sections: Sections, fields: Fields, tolerance: Tolerance, seed: int, measuring: Engine) -> None:
        self.sections = sections
        self.fields = fields
        self.tolerance = tolerance
        self.seed = seed
        self.measuring = measuring
        self.paths = Paths.over(sections.knots, tolerance.slow_tau_s)
        self.edges_m = edge_distances(sections, fields)

    def moments(self) -> tuple[Floats, Floats, Floats]:
        """Expectation, half width, and how far the interval reaches besides; each of shape (p + 1,), the union's last.

        Where nothing tells who steers, it is as if an autopilot did, and the interval reaches over what would hold if a
        person did.
        """
        knots = self.sections.knots
        nets = self.nets(np.ones(len(knots), np.bool_))
        mean, reach = nets.mean(axis=0), np.zeros(nets.shape[1])
        half = PREDICTION_95 * nets.std(axis=0, ddof=1)
        if knots.unsure.any():
            reach = self.given_back(nets, knots.unsure)
            reach += np.copysign(half * (_wider(knots.sd_m[knots.unsure], self.tolerance) - 1.0), reach)
        if knots.manual.any():
            mean = mean + self.given_back(nets, knots.manual)
            half = half * _wider(knots.sd_m[knots.manual], self.tolerance)
        return mean, half, reach

    def given_back(self, nets: Floats, steered: Bools) -> Floats:
        """What the expectation grows by where the log of the chosen knots holds the receiver's error already."""
        taken = self.nets(~steered).mean(axis=0) - nets.mean(axis=0)
        given: Floats = (1.0 + _back(self.sections.knots.sd_m[steered], self.tolerance)) * taken
        return given

    def nets(self, moves: Bools) -> Floats:
        """Net areas of every draw, shape (draws, p + 1), where the slow error moves some knots only."""
        found = []
        for number in range(self.tolerance.draws):
            rng = np.random.default_rng([self.seed, number])
            quads = drawn(self.sections, self.edges_m, self.paths, self.tolerance, rng, moves)
            found.append(_net(self.measuring, quads, self.fields))
        return np.array(found)


def _back(sd_m: Floats, tolerance: Tolerance) -> float:
    """How many times the effect of drawn errors is to be taken off a log that holds one such error already.

    Simulation-extrapolation (Cook and Stefanski 1994): ground is lost in proportion to the standard deviation of the
    distance between neighbouring passes, so the loss grows with the root of wander² + n·sd² for n errors. It is known
    at n = 1 (the log) and n = 2 (the draws), and wanted at n = 0.
    """
    sd2 = float(np.mean(sd_m**2))
    none, one, two = (np.sqrt(tolerance.manual_wander_m**2 + n * sd2) for n in range(3))
    return float((one - none) / (two - one)) if two > one else 0.0


def _wider(sd_m: Floats, tolerance: Tolerance) -> float:
    """By what the interval grows for the noise that the log of a person's flight holds besides the slow error."""
    sd2 = float(np.mean(sd_m**2))
    return float(np.sqrt(1.0 + tolerance.manual_left_m**2 / sd2)) if sd2 > 0.0 else 1.0


def _net(measuring: Engine, quads: Quads, fields: Fields) -> Floats:
    measures = measuring.measure(quads, fields)
    return np.append(measures.figures[:, NET], measures.union[NET])


def _areas(fields: Fields) -> Floats:
    """Area of each plot in m²."""
    ring = fields.ring
    twice = np.append(0.0, np.cumsum(ring[:, 0] * ring[:, 3] - ring[:, 2] * ring[:, 1]))
    area: Floats = (twice[fields.start[1:]] - twice[fields.start[:-1]]) / 2.0
    return area
