"""Whether a layer lies where its plots are, or shows one of the mistakes that Vietnamese field files are known for.

The datum's shift left out or made twice (225 m), the wrong central meridian (27 km per 15'), northing and easting
exchanged, UTM taken for TM-3, false easting and northing exchanged, and any two of these at once. A layer is only
refused where some reference contradicts it **and** one of these mistakes explains the contradiction; it is never moved.

What cannot be told from fields, and raises no alarm: the shift by EPSG:5194 instead of EPSG:6960, or with rotations of
the wrong sign (0.5–0.8 m). A boundary walked with a phone is less certain than that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from core.model.land import Boundary
from land.crs import ToWgs84
from land.meridians import Projection, sexagesimal
from land.readings import Mistake, Reading, Traits, mistakes
from land.references import Finding, Kind, Reference, by_area, by_flights
from land.registered_plots import by_plots
from land.trials import Layer, Trial, apart_m, layer_under_trial

__all__ = ["Kind", "Mistake", "Reading", "Reference", "Status", "Verdict", "judge"]

_DATUM_SHIFT_M: Final = 225.0
_COMPASS: Final = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
_KM: Final = 1_000.0
_EARTH_DEG: Final = (180.0, 90.0)
_MOST_OFFERS: Final = 4


class Status(StrEnum):
    """What to do with a layer."""

    OK = "ok"
    REFUSED = "refused"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of a layer, in words that can be shown.

    ``mistakes`` names the likely causes, ``offers`` the readings that put the plots where the references say, the
    likeliest first, and ``options`` how a command asks for each; all are empty unless the layer is refused.
    ``fine_m`` is the size of mistake that the finest reference which has spoken can just tell (infinite: none has).
    """

    status: Status
    words: str
    mistakes: tuple[Mistake, ...] = ()
    offers: tuple[Reading, ...] = ()
    options: tuple[str, ...] = ()
    fine_m: float = float("inf")

    @property
    def offer(self) -> Reading | None:
        """The one right reading; None where there is none or several would do."""
        return self.offers[0] if len(self.offers) == 1 else None


def judge(
    layer_lonlat: Sequence[Boundary],
    source: ToWgs84,
    raw: Sequence[Boundary],
    references: Sequence[Reference],
    *,
    ids: Sequence[str] = (),
) -> Verdict:
    """Judge where a layer lies.

    Args:
        layer_lonlat: The plots in WGS 84 as the stated CRS reads them, shape (n,).
        source: The CRS as read.
        raw: The same plots in the coordinates of the file, first number as x, whatever it stands for.
        references: What says where plots should lie; the more, the better.
        ids: The names of the plots, where they have some.

    Raises:
        ValueError: ``layer_lonlat``, ``raw`` and ``ids`` do not go together, or there are no plots.
    """
    layer = layer_under_trial(layer_lonlat, source, raw, ids)
    findings = sorted((_JUDGES[one.kind](layer, one) for one in references if one.shapes), key=lambda f: f.fine_m)
    fits = [one for one in findings if layer.trial in one.fitting]
    against = [one for one in findings if one.fitting and layer.trial not in one.fitting]
    if against:
        contrary = next((f for f in fits if f.fine_m < _displacement_m(layer, against[0].fitting[0])), None)
        if contrary is not None:
            return _contradiction(against[0], contrary)
        return _refusal(layer, source, against[0])
    if fits:
        return _approval(fits)
    words = "; ".join(one.words for one in findings) or "there is nothing to compare it with"
    return Verdict(Status.UNSURE, f"whether the layer lies where its plots are is not known: {words}")


_JUDGES: Final[dict[Kind, Callable[[Layer, Reference], Finding]]] = {
    "plots": by_plots,
    "flights": by_flights,
    "commune": by_area,
    "province": by_area,
    "vietnam": by_area,
}


def _displacement_m(layer: Layer, trial: Trial) -> float:
    """How far a trial moves the layer; infinite where one of the two readings does not reach."""
    away = float(np.hypot(*apart_m(layer.middle(layer.trial), layer.middle(trial))))
    return away if np.isfinite(away) else float("inf")


def _approval(fits: list[Finding]) -> Verdict:
    """Words for a layer that fits, with what could still be wrong."""
    fine_m = fits[0].fine_m
    limit = f"mistakes under {_distance(fine_m)} would not show"
    if fine_m > _DATUM_SHIFT_M:
        limit += ", such as the 225 m of a lost datum; registered plots or flights would tell"
    return Verdict(Status.OK, f"{'; '.join(one.words for one in fits)}; {limit}", fine_m=fine_m)


def _contradiction(against: Finding, contrary: Finding) -> Verdict:
    """Two references that cannot both be right."""
    words = (
        f"the {against.kind} contradict the {contrary.kind}: read another way, {against.words}, but as it is, "
        f"{contrary.words}. What is registered may be what lies wrong: compare both on a map"
    )
    return Verdict(Status.UNSURE, words)


def _refusal(layer: Layer, source: ToWgs84, against: Finding) -> Verdict:
    """Say what is wrong, why probably, and what to write instead."""
    stated, right = layer.trial, against.fitting[0]
    causes = mistakes(stated.traits, right.traits)
    because = " or ".join(_causes(stated.traits, trial.traits) for trial in against.fitting[:_MOST_OFFERS])
    options = tuple(trial.reading.options(stated.reading) for trial in against.fitting)
    shown = " or ".join(options[:_MOST_OFFERS])
    more = len(against.fitting) - _MOST_OFFERS
    shown += f" or {more} others" if more > 0 else ""
    ask = "Read it with" if len(against.fitting) == 1 else "Ask whoever made the file which it is, and read it with"
    words = (
        f"read in {source.name} the plots lie {_where(layer, right)}; read another way, {against.words}. "
        f"Probable cause: {because}. {ask} {shown}"
    )
    if against.fine_m > _DATUM_SHIFT_M:
        words += f" (told to about {_distance(against.fine_m)}; registered plots or flights would tell finer)"
    offers = tuple(trial.reading for trial in against.fitting)
    return Verdict(Status.REFUSED, words, causes, offers, options, against.fine_m)


def _where(layer: Layer, right: Trial) -> str:
    """How far and which way the layer lies off, if a trial is right."""
    here = layer.middle(layer.trial)
    if not (np.abs(here) <= _EARTH_DEG).all():
        return "nowhere on Earth"
    moved = apart_m(here, layer.middle(right))
    bearing = np.degrees(np.arctan2(moved[0], moved[1])) % 360.0
    way = _COMPASS[round(bearing / 45.0) % len(_COMPASS)]
    return f"{_distance(float(np.hypot(*moved)))} too far {way}"


def _distance(metres: float) -> str:
    """A distance as people say it."""
    if metres < _KM:
        return f"{metres:,.0f} m"
    return f"{metres / _KM:,.1f} km" if metres < _KM**2 else f"{metres / _KM:,.0f} km"


def _causes(stated: Traits, right: Traits) -> str:
    """All that was mistaken, in words."""
    return ", and ".join(_cause(cause, stated, right) for cause in mistakes(stated, right))


def _cause(cause: Mistake, stated: Traits, right: Traits) -> str:
    """A mistake in words."""
    match cause:
        case Mistake.MERIDIAN:
            return f"the central meridian is {sexagesimal(right.meridian_deg)}, not {sexagesimal(stated.meridian_deg)}"
        case Mistake.PROJECTION:
            other = stated.projection is Projection.OTHER
            return f"the numbers are in {_projection(right)}, not in {'that CRS' if other else _projection(stated)}"
        case Mistake.AXES:
            degrees = right.projection is Projection.DEGREES
            return f"{'latitude and longitude' if degrees else 'northing (X) and easting (Y)'} are exchanged"
        case Mistake.FALSE_ORIGIN:
            return "false easting and false northing are exchanged, as in the withdrawn EPSG:6956–6959"
        case Mistake.DATUM if right.shifts > stated.shifts:
            return "the numbers are in VN-2000, and the shift to WGS 84 was left out (about 225 m)"
        case Mistake.DATUM:
            return "the numbers are in WGS 84 already, and the shift from VN-2000 was made once too often (about 225 m)"


def _projection(traits: Traits) -> str:
    """A projection in words."""
    if traits.projection in {Projection.TM3, Projection.UTM}:
        return f"{traits.projection} {sexagesimal(traits.meridian_deg)}"
    return str(traits.projection)
