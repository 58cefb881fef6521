"""Which coordinate reference system an export may have: a code of VN-2000 or WGS 84, in reach of the plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from pyproj import CRS

from core.errors import ConfigError
from core.model.land import Plot
from land.crs import VN2000_GEOGRAPHIC, FromWgs84, from_wgs84
from land.meridians import ZONES, Projection, Zone, sexagesimal, zone

WGS84_CODE: Final = 4326
_REACH_DEG: Final = 3.0
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Target:
    """The CRS of an export: its EPSG code, and the way there from WGS 84."""

    epsg: int
    way: FromWgs84

    @property
    def crs(self) -> str:
        """The CRS as an option takes it, such as ``EPSG:5897``."""
        return f"EPSG:{self.epsg}"

    @property
    def metric(self) -> bool:
        """Whether coordinates are metres, not degrees."""
        return self.epsg not in {WGS84_CODE, VN2000_GEOGRAPHIC}

    @property
    def prj(self) -> str:
        """What stands in a .prj: WKT 1 as ESRI writes it, with the datum."""
        return str(CRS.from_epsg(self.epsg).to_wkt("WKT1_ESRI"))


def target(crs: str, plots: Sequence[Plot]) -> Target:
    """The CRS to write plots in.

    Args:
        crs: An EPSG code, as ``EPSG:5897`` or ``5897``.
        plots: The plots, at least one.

    Raises:
        ConfigError: It is no code of VN-2000 or WGS 84, a deprecated one, a PROJ.4 string, or the wrong zone for
            these plots; the message says what to write instead.
    """
    return target_at(crs, _centre_deg(plots))


def target_at(crs: str, centre_deg: float) -> Target:
    """The CRS to write in what lies around a longitude; raises as :func:`target` does."""
    way = from_wgs84(crs)
    code = crs.strip().upper().removeprefix("EPSG:")
    epsg = int(code) if code.isdecimal() else 0
    found = zone(epsg)
    if found is None and epsg not in {WGS84_CODE, VN2000_GEOGRAPHIC}:
        raise ConfigError(
            f"CRS {crs} ({way.name}) is none that exports are made in; give the EPSG code of WGS 84 (EPSG:4326) or "
            f"of VN-2000: {_listed(_in_reach(centre_deg))}, EPSG:{VN2000_GEOGRAPHIC} (degrees)"
        )
    if found is not None:
        _refuse_far_zone(found, centre_deg)
    return Target(epsg, way)


def _centre_deg(plots: Sequence[Plot]) -> float:
    """The longitude in the middle of the box of all plots."""
    boxes = np.array([plot.boundary.bounds for plot in plots])
    return float(boxes[:, 0].min() + boxes[:, 2].max()) / 2.0


def _refuse_far_zone(chosen: Zone, centre: float) -> None:
    """Refuse a zone whose meridian is far: its numbers would look plausible to who takes them for another's."""
    if abs(chosen.meridian_deg - centre) <= _REACH_DEG:
        return
    fits = _in_reach(centre)
    instead = f"these fit: {_listed(fits)}" if fits else "no zone of VN-2000 fits; use EPSG:4326"
    raise ConfigError(
        f"CRS {chosen.crs} is the wrong zone: its meridian is {chosen.meridian}, the data lie around "
        f"{sexagesimal(centre)}, more than {_REACH_DEG:g}° away; {instead}"
    )


def _in_reach(centre_deg: float) -> list[Zone]:
    """The zones that reach a longitude: TM-3 by its own half-width, UTM by its own, the nearest first."""
    half_width = {Projection.TM3: 1.5, Projection.UTM: _REACH_DEG}
    fits = [one for one in ZONES if abs(one.meridian_deg - centre_deg) <= half_width[one.projection]]
    return sorted(fits, key=lambda one: (one.projection is Projection.UTM, abs(one.meridian_deg - centre_deg)))


def _listed(zones: Sequence[Zone]) -> str:
    """Codes with their meridians: the nearest of TM-3, and those of UTM."""
    tm3 = [one for one in zones if one.projection is Projection.TM3][:_SHOWN]
    utm = [one for one in zones if one.projection is Projection.UTM]
    return ", ".join(f"{one.crs} ({one.projection}, {one.meridian})" for one in [*tm3, *utm]) or "none in reach"
