"""Ways in which the numbers of a field file can be read: which CRS, which axis first, which datum, which false origin.

A reading becomes a ``ToWgs84`` like any other, so that whoever takes an offer reads the file anew with it and needs
nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from pyproj import Transformer

from land.crs import VN2000_GEOGRAPHIC, WGS84, ToWgs84, transformer, vn2000_shift
from land.meridians import TM3_ZONES, UTM_ZONES, Projection, Zone

Axes: TypeAlias = Literal["xy", "yx"]
Datum: TypeAlias = Literal["as-stated", "once-more", "once-less"]
Origin: TypeAlias = Literal["as-stated", "swapped"]

_FALSE_EASTING_M: Final = 500_000
_UTM_WGS84: Final = {105.0: "EPSG:32648", 111.0: "EPSG:32649"}
_GEOGRAPHIC: Final = f"EPSG:{VN2000_GEOGRAPHIC}"
_AXES: Final[tuple[Axes, ...]] = ("xy", "yx")
_SHIFTS: Final[dict[Datum, int]] = {"as-stated": 0, "once-more": 1, "once-less": -1}
_USUAL_SHIFTS: Final = {
    Projection.TM3: (1,),
    Projection.UTM: (0, 1),
    Projection.DEGREES: (0, 1),
    Projection.OTHER: (0,),
}


class Mistake(StrEnum):
    """What was taken for something else."""

    AXES = "axes"
    MERIDIAN = "meridian"
    PROJECTION = "projection"
    DATUM = "datum"
    FALSE_ORIGIN = "false origin"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the numbers of a file.

    ``crs`` is the CRS as an option takes it. ``axes`` is "xy" where easting (longitude) comes first, "yx" where
    northing (latitude) does. ``datum`` "once-more" shifts from VN-2000 to WGS 84 once more than the CRS says (the
    shift was undone that was never made), "once-less" once less (the numbers are on WGS 84 already). ``origin``
    "swapped": the false easting stands in the northings, as in the withdrawn codes EPSG:6956–6959.
    """

    crs: str
    axes: Axes = "xy"
    datum: Datum = "as-stated"
    origin: Origin = "as-stated"

    def to_wgs84(self) -> ToWgs84:
        """The way to WGS 84.

        Raises:
            ConfigError: The CRS is not usable.
        """
        return _to_wgs84(self)

    def options(self, stated: Reading | None = None) -> str:
        """The options that ask for this reading, in place of the stated one."""
        usual = Reading(self.crs)
        before = stated or usual
        pairs = (
            ("--axes", self.axes, before.axes, usual.axes),
            ("--datum", self.datum, before.datum, usual.datum),
            ("--false-origin", self.origin, before.origin, usual.origin),
        )
        return " ".join(
            [f"--crs {self.crs}", *(f"{flag} {to}" for flag, to, was, plain in pairs if {was, plain} != {to})]
        )


@dataclass(frozen=True, slots=True)
class Traits:
    """What a reading takes the numbers for. ``shifts`` counts the shifts from VN-2000 to WGS 84 that it makes."""

    projection: Projection
    meridian_deg: float
    shifts: int
    axes: Axes
    origin: Origin


_COST: Final = {
    Mistake.AXES: 1.0,
    Mistake.MERIDIAN: 1.0,
    Mistake.PROJECTION: 1.5,
    Mistake.DATUM: 1.0,
    Mistake.FALSE_ORIGIN: 1.5,
}
"""How far-fetched a mistake is; where a reference cannot tell two readings apart, the cheaper one is offered."""


def readings(*, degrees: bool) -> dict[Reading, Traits]:
    """All readings that are tried, for numbers that are degrees or metres, with what each takes them for.

    Each stands for another place: a UTM zone on VN-2000 "once less" is the UTM zone on WGS 84, and only that is here.
    """
    return _of_degrees() if degrees else _of_metres()


def variants(source: ToWgs84) -> dict[Reading, Traits]:
    """The readings of a CRS that is none of Vietnam's; the first is the stated one."""
    made: dict[Reading, Traits] = {}
    for axes in _AXES:
        for datum, shifts in _SHIFTS.items():
            reading = Reading(source.source, axes, datum)
            made[reading] = Traits(Projection.OTHER, 0.0, shifts, axes, "as-stated")
    return made


def mistakes(stated: Traits, right: Traits) -> tuple[Mistake, ...]:
    """What was mistaken, if this reading is right instead of the stated one."""
    found: list[Mistake] = []
    if stated.projection is not right.projection:
        found.append(Mistake.PROJECTION)
    elif stated.meridian_deg != right.meridian_deg:
        found.append(Mistake.MERIDIAN)
    if stated.axes != right.axes:
        found.append(Mistake.AXES)
    if stated.origin != right.origin:
        found.append(Mistake.FALSE_ORIGIN)
    foreign = stated.projection is Projection.OTHER and right.projection is not Projection.OTHER
    if right.shifts not in _USUAL_SHIFTS[right.projection] if foreign else stated.shifts != right.shifts:
        found.append(Mistake.DATUM)
    return tuple(found)


def cost(stated: Traits, right: Traits) -> float:
    """How far-fetched it is that this reading is right instead of the stated one."""
    uncommon = 0.5 * (right.projection is Projection.UTM) + 0.25 * (right.shifts != 1)
    return sum(_COST[mistake] for mistake in mistakes(stated, right)) + uncommon


@lru_cache(maxsize=2)
def _of_metres() -> dict[Reading, Traits]:
    """Every TM-3 and UTM zone, each with its axes either way."""
    made: dict[Reading, Traits] = {}
    for axes in _AXES:
        for zone in TM3_ZONES:
            _add(made, zone, Reading(zone.crs, axes), 1)
            _add(made, zone, Reading(zone.crs, axes, "once-less"), 0)
            _add(made, zone, Reading(zone.crs, axes, "once-more"), 2)
            if zone.twin_epsg:
                _add(made, zone, Reading(zone.crs, axes, origin="swapped"), 1)
        for zone in UTM_ZONES:
            wgs84 = _UTM_WGS84[zone.meridian_deg]
            _add(made, zone, Reading(zone.crs, axes), 1)
            _add(made, zone, Reading(wgs84, axes), 0)
            _add(made, zone, Reading(zone.crs, axes, "once-more"), 2)
            _add(made, zone, Reading(wgs84, axes, "once-less"), -1)
    return made


def _add(made: dict[Reading, Traits], zone: Zone, reading: Reading, shifts: int) -> None:
    """Note a reading in a zone."""
    made[reading] = Traits(zone.projection, zone.meridian_deg, shifts, reading.axes, reading.origin)


@lru_cache(maxsize=1)
def _of_degrees() -> dict[Reading, Traits]:
    """Longitude and latitude on either datum, either way round."""
    made: dict[Reading, Traits] = {}
    for axes in _AXES:
        for reading, shifts in (
            (Reading(WGS84, axes), 0),
            (Reading(_GEOGRAPHIC, axes), 1),
            (Reading(_GEOGRAPHIC, axes, "once-more"), 2),
            (Reading(WGS84, axes, "once-less"), -1),
        ):
            made[reading] = Traits(Projection.DEGREES, 0.0, shifts, axes, "as-stated")
    return made


@lru_cache(maxsize=256)
def _to_wgs84(reading: Reading) -> ToWgs84:
    """The steps of the CRS with those before and after it that the reading adds."""
    base = transformer(reading.crs)
    steps = list(base.steps)
    if reading.origin == "swapped":
        steps.insert(0, Transformer.from_pipeline(f"+proj=affine +xoff={_FALSE_EASTING_M} +yoff={-_FALSE_EASTING_M}"))
    if reading.axes == "yx":
        steps.insert(0, Transformer.from_pipeline("+proj=axisswap +order=2,1"))
    if reading.datum == "once-more":
        steps.append(vn2000_shift())
    elif reading.datum == "once-less":
        steps.append(vn2000_shift(inverse=True))
    return ToWgs84(base.source, base.name, base.vn2000, tuple(steps))
