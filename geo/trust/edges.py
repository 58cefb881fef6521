"""How far an end that was lost in a gap is from the edge of its plot: that is where most passes begin and end."""

from __future__ import annotations

import numpy as np

from core.model.fixtable import Bools, Floats
from geo.engines.model import Fields
from geo.trust.sections import Sections

_LOST_M = 1.0


def edge_distances(sections: Sections, fields: Fields) -> Floats:
    """For each end, how far out along the flight its plot ends, in metres, shape (m,).

    NaN where the end is known to a metre, shares its chance with another one (there was a turn in the gap), or lies
    in no plot.
    """
    slack = sections.slack
    found = np.full(len(slack), np.nan)
    outward = np.maximum(slack.sign * slack.low_m, slack.sign * slack.high_m)
    lost = (outward > _LOST_M) & (slack.high_m > slack.low_m) & ~_shared(sections)
    owner = np.repeat(np.arange(len(fields)), np.diff(fields.start))
    middle = (sections.left[slack.section] + sections.right[slack.section]) / 2.0
    for k in np.flatnonzero(lost).tolist():
        found[k] = _leaves(middle[k], slack.sign[k] * slack.along[k], fields.ring, owner)
    return found


def _shared(sections: Sections) -> Bools:
    """Ends whose chance an end of the other sign shares."""
    slack = sections.slack
    most = int(slack.chance.max(initial=-1)) + 1
    starts, ends = (np.bincount(slack.chance[slack.sign == sign], minlength=most) > 0 for sign in (-1.0, 1.0))
    shared: Bools = (starts & ends)[slack.chance]
    return shared


def _leaves(point: Floats, toward: Floats, ring: Floats, owner: np.ndarray) -> float:
    """Distance along a direction at which the plot around a point ends; NaN where no plot is around it."""
    one, other = ring[:, :2] - point, ring[:, 2:] - point
    side0, side1 = (toward[0] * p[:, 1] - toward[1] * p[:, 0] for p in (one, other))
    crossing = np.flatnonzero((side0 > 0.0) != (side1 > 0.0))
    share = side0[crossing] / (side0[crossing] - side1[crossing])
    ahead = (one[crossing] + share[:, None] * (other[crossing] - one[crossing])) @ toward
    crossing, ahead = crossing[ahead > 0.0], ahead[ahead > 0.0]
    inside = np.bincount(owner[crossing], minlength=1) % 2 == 1
    own = inside[owner[crossing]]
    return float(ahead[own].min()) if own.any() else float("nan")
