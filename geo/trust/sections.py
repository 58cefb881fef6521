"""Passes as cross-sections that errors can move: what was treated, told by few knots, and how sure its ends are.

A knot is a place on the track at a time. A strip is a row of cross-sections at knots; two neighbours bound a
quadrilateral. All cross-sections of a knot move together, so that strips stay connected whatever moves them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from core.model.fixtable import Bools, Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Knots:
    """Places on tracks that move as one, by flight and time, as columns of shape (v,).

    ``sd_m`` is the standard deviation per axis of the receiver's slow error there, ``manual`` whether a person steers
    by eye, ``unsure`` whether nothing tells who steers.
    """

    ts_s: Floats
    flight: Ints
    sd_m: Floats
    manual: Bools
    unsure: Bools

    def __len__(self) -> int:
        return len(self.ts_s)


@dataclass(frozen=True, slots=True, eq=False)
class Slack:
    """Ends of passes that may lie elsewhere, as columns of shape (m,).

    The cross-section ``section`` moves along ``along`` (the unit vector of the flight, shape (m, 2)) by a distance from
    ``low_m`` to ``high_m``, all alike; ends with the same ``chance`` draw one number u in [0, 1), of which those that
    ``flip`` take 1 - u: what is treated before a gap's turn is not treated after it. ``sign`` is -1 for a pass's start
    and 1 for its end, ``speed_mps`` the speed there, ``inward_m`` how far the end can move into its pass.
    """

    section: Ints
    along: Floats
    low_m: Floats
    high_m: Floats
    chance: Ints
    flip: Bools
    sign: Floats
    speed_mps: Floats
    inward_m: Floats

    def __len__(self) -> int:
        return len(self.section)


@dataclass(frozen=True, slots=True, eq=False)
class Sections:
    """Cross-sections of strips in plane metres.

    ``left`` and ``right`` are of shape (k, 2), looking along the flight; ``knot`` (k,) says which knot moves each.
    ``quad`` (q,) are the cross-sections that the next one of the same strip follows; ``bridge`` (q,) numbers the
    bridged gap that such a quadrilateral lies in, −1 where it lies in none.
    """

    knots: Knots
    left: Floats
    right: Floats
    knot: Ints
    quad: Ints
    bridge: Ints
    slack: Slack

    @classmethod
    def concat(cls, parts: Sequence[Sections]) -> Sections:
        """The cross-sections of several tables together, each of which is a flight of its own."""
        if not parts:
            return cls.empty()
        knots = _joined([p.knots for p in parts], Knots)
        counts = [np.cumsum([0, *sizes]) for sizes in zip(*(_sizes(p) for p in parts), strict=True)]
        flights, rows, places, bridges, chances = (c.tolist() for c in counts)
        flight = np.concatenate([p.knots.flight + f for p, f in zip(parts, flights, strict=False)])
        slack = _joined([p.slack for p in parts], Slack)
        section = np.concatenate([p.slack.section + r for p, r in zip(parts, rows, strict=False)])
        chance = np.concatenate([p.slack.chance + c for p, c in zip(parts, chances, strict=False)])
        return cls(
            replace(knots, flight=flight),
            np.concatenate([p.left for p in parts]),
            np.concatenate([p.right for p in parts]),
            np.concatenate([p.knot + v for p, v in zip(parts, places, strict=False)]),
            np.concatenate([p.quad + r for p, r in zip(parts, rows, strict=False)]),
            np.concatenate([_shifted(p.bridge, b) for p, b in zip(parts, bridges, strict=False)]),
            replace(slack, section=section, chance=chance),
        )

    @classmethod
    def empty(cls) -> Sections:
        """Nothing treated."""
        no, none, pairs = np.empty(0), np.empty(0, np.int64), np.empty((0, 2))
        never = np.empty(0, np.bool_)
        slack = Slack(none, pairs, no, no, none, never, no, no, no)
        return cls(Knots(no, none, no, never, never), pairs, pairs, none, none, none, slack)


_Columns = TypeVar("_Columns", Knots, Slack)


def _sizes(part: Sections) -> tuple[int, int, int, int, int]:
    """How many flights, cross-sections, knots, bridges and chances there are."""
    most = [int(column.max(initial=-1)) + 1 for column in (part.knots.flight, part.bridge, part.slack.chance)]
    return most[0], len(part.left), len(part.knots), most[1], most[2]


def _shifted(numbers: Ints, by: int) -> Ints:
    return np.where(numbers >= 0, numbers + by, numbers)


def _joined(parts: Sequence[_Columns], kind: type[_Columns]) -> _Columns:
    names = [f.name for f in fields(kind)]
    return kind(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))
