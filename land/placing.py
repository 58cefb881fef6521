"""In which CRS and axis order a layer is read: what is given wins over what the file states; doubts refuse the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from core.errors import ConfigError, FieldFileError
from core.model.fixtable import Floats
from land.boundaries import VIETNAM_BOX_DEG
from land.crs import ToWgs84, parsed, transformer
from land.layers import Axes, Layer

_WORLD_DEG: Final = (-180.0, -90.0, 180.0, 90.0)
_MARGIN_DEG: Final = 1.5
_MOST: Final = 0.5
_SAME_M: Final = 0.01
_DEGREES_MAX: Final = 180.0
_GEOD: Final = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True)
class Placing:
    """The way to WGS 84, whether the first coordinate is the northing, and what is to be said about it."""

    to_wgs84: ToWgs84
    swap: bool
    notes: tuple[str, ...] = ()


def placed(layer: Layer, given: ToWgs84 | None, axes: Axes | None) -> Placing:
    """Decide how a layer is read.

    Args:
        layer: The layer.
        given: The CRS asked for; it wins over what the file states.
        axes: The order asked for: "xy" easting (longitude) first, "yx" northing (latitude) first.

    Raises:
        FieldFileError: The layer states no CRS and none is given, or its coordinates contradict CRS or axis order.
    """
    to_wgs84 = given or _stated(layer)
    centres = _centres(layer)
    notes = _contradiction(layer, given, centres) if given is not None else []
    usual: Axes = "yx" if layer.northing_first and to_wgs84.vn2000 else "xy"
    swap = (axes or usual) == "yx"
    if len(centres):
        _refuse_other_unit(layer, to_wgs84, centres)
        if axes is None:
            _refuse_swapped(layer, to_wgs84, centres, swap=swap)
    return Placing(to_wgs84, swap, tuple(notes))


def _stated(layer: Layer) -> ToWgs84:
    """The way to WGS 84 from the CRS that the layer states itself."""
    if not layer.crs:
        shapefile = " (no .prj beside it)" if layer.label.lower().endswith(".shp") else ""
        raise FieldFileError(
            f"{layer.label}: states no CRS{shapefile}; give it with --crs, for example "
            "--crs EPSG:5897 (VN-2000, 105°) or --crs EPSG:4326 (GPS degrees)"
        )
    try:
        return transformer(layer.crs)
    except ConfigError as error:
        raise FieldFileError(f"{layer.label}: {error} (with --crs)") from error


def _centres(layer: Layer) -> Floats:
    """The middle of the box of each geometry that has finite coordinates, shape (n, 2)."""
    box: Floats = shapely.bounds(layer.geometries)
    middle = np.column_stack([(box[:, 0] + box[:, 2]) / 2.0, (box[:, 1] + box[:, 3]) / 2.0])
    kept: Floats = middle[np.isfinite(middle).all(axis=1)]
    return kept


def _contradiction(layer: Layer, given: ToWgs84, centres: Floats) -> list[str]:
    """What to say where the file states another CRS than the given one."""
    if not layer.crs or not len(centres):
        return []
    try:
        stated = transformer(layer.crs)
    except ConfigError as error:
        return [f"{layer.label}: its own CRS is not usable ({error}); read in {given.name} as given"]
    middle = np.median(centres, axis=0)[None, :]
    here, there = (way.lonlat(middle[:, 0], middle[:, 1]) for way in (given, stated))
    usable = all(np.isfinite(part).all() and np.abs(part).max() <= _DEGREES_MAX for part in (*here, *there))
    apart_m = float(_GEOD.inv(*here, *there)[2][0]) if usable else np.inf
    if apart_m < _SAME_M:
        return []
    far = f"{apart_m:,.1f} m apart" if np.isfinite(apart_m) else "far apart"
    return [f"{layer.label}: states {stated.name} itself, but is read in {given.name} as given ({far})"]


def _refuse_other_unit(layer: Layer, to_wgs84: ToWgs84, centres: Floats) -> None:
    """Refuse metres in a CRS of degrees, and degrees in a CRS of metres."""
    x, y = np.median(centres, axis=0)
    if parsed(to_wgs84.source).is_geographic:
        if min(abs(x), abs(y)) > _DEGREES_MAX:
            raise FieldFileError(
                f"{layer.label}: coordinates such as {x:.3f}, {y:.3f} are metres, but {to_wgs84.name} has degrees; "
                "say in which CRS they are with --crs, for example --crs EPSG:5897"
            )
    elif np.abs(centres).max() <= _DEGREES_MAX:
        raise FieldFileError(
            f"{layer.label}: coordinates such as {x:.6f}, {y:.6f} are degrees, but {to_wgs84.name} has metres; "
            "say in which CRS they are with --crs, for example --crs EPSG:4326"
        )


def _refuse_swapped(layer: Layer, to_wgs84: ToWgs84, centres: Floats, *, swap: bool) -> None:
    """Refuse a layer that makes sense only with its coordinates exchanged."""
    first, second = centres[:, 0], centres[:, 1]
    as_read = (second, first) if swap else (first, second)
    if _inside(to_wgs84, *as_read, margin_deg=_MARGIN_DEG).mean() >= _MOST:
        return
    if _inside(to_wgs84, as_read[1], as_read[0], margin_deg=0.0).mean() <= _MOST:
        return
    other: Axes = "xy" if swap else "yx"
    names = "latitude and longitude" if parsed(to_wgs84.source).is_geographic else "X (northing) and Y (easting)"
    cause = "the columns are named the other way round" if layer.northing_first else "the file has them swapped"
    raise FieldFileError(
        f"{layer.label}: coordinates such as {np.median(first):.10g}, {np.median(second):.10g} fall outside "
        f"{_region(to_wgs84)}, but inside with {names} exchanged: {cause}; read it with "
        f"--axes {other}"
    )


def _inside(to_wgs84: ToWgs84, x: Floats, y: Floats, *, margin_deg: float) -> NDArray[np.bool_]:
    """Whether points lie where the CRS is used."""
    lon, lat = to_wgs84.lonlat(x, y)
    west, south, east, north = _box_deg(to_wgs84)
    if (west, south, east, north) == _WORLD_DEG:
        margin_deg = 0.0
    with np.errstate(invalid="ignore"):
        return np.asarray(
            (lon >= west - margin_deg)
            & (lon <= east + margin_deg)
            & (lat >= south - margin_deg)
            & (lat <= north + margin_deg)
        )


def _box_deg(to_wgs84: ToWgs84) -> tuple[float, float, float, float]:
    """West, south, east, north of where a CRS is used."""
    if to_wgs84.vn2000:
        return VIETNAM_BOX_DEG
    area = parsed(to_wgs84.source).area_of_use
    if area is None or area.west > area.east:
        return _WORLD_DEG
    return (area.west, area.south, area.east, area.north)


def _region(to_wgs84: ToWgs84) -> str:
    if to_wgs84.vn2000:
        return "Vietnam"
    return "the globe" if _box_deg(to_wgs84) == _WORLD_DEG else f"the area of {to_wgs84.name}"
