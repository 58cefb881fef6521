"""Plots into files that GDAL writes: GeoPackage, FlatGeobuf, Shapefile, GeoJSON, KML, MapInfo."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio.raw
import shapely
from pyproj import CRS
from shapely import MultiPolygon

from land.column_names import SHORT_NAMES
from land.crs import TOWGS84
from land.export_columns import Sheet, columns, cut

_LAYER: Final = "plots"
_TEXT_B: Final = 254
_DEGREE_DECIMALS: Final = "9"


def geopackage(path: Path, sheet: Sheet) -> list[str]:
    """A GeoPackage with the layer ``plots``."""
    _write(path, sheet, columns(sheet.plots), driver="GPKG", layer=_LAYER)
    return []


def flatgeobuf(path: Path, sheet: Sheet) -> list[str]:
    """A FlatGeobuf file; its features stand in the order of its spatial index."""
    _write(path, sheet, columns(sheet.plots), driver="FlatGeobuf", layer=_LAYER)
    return []


def geojson(path: Path, sheet: Sheet) -> list[str]:
    """GeoJSON as RFC 7946 has it; 9 decimals of a degree are 0.1 mm."""
    options = {"RFC7946": "YES", "COORDINATE_PRECISION": _DEGREE_DECIMALS}
    _write(path, sheet, columns(sheet.plots), driver="GeoJSON", layer=_LAYER, options=options)
    return []


def kml(path: Path, sheet: Sheet) -> list[str]:
    """KML whose placemarks are called by the plots' names; all attributes stand in its extended data."""
    _write(path, sheet, columns(sheet.plots), driver="KML", layer=_LAYER)
    return []


def shapefile(path: Path, sheet: Sheet) -> list[str]:
    """A shapefile with .cpg (UTF-8) and .prj; long column names are those of :data:`land.column_names.SHORT_NAMES`."""
    named, notes = cut(columns(sheet.plots), _TEXT_B)
    short = {SHORT_NAMES.get(name, name): values for name, values in named.items()}
    _write(path, sheet, short, driver="ESRI Shapefile", options={"ENCODING": "UTF-8"})
    return notes


def zipped_shapefile(path: Path, sheet: Sheet) -> list[str]:
    """A zip with the files of a shapefile of the same name."""
    inside = path.with_name(f"{path.name}.parts")
    inside.mkdir()
    stem = path.name[: -len(".zip")].removesuffix(".shp") or _LAYER
    notes = shapefile(inside / f"{stem}.shp", sheet)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(inside.iterdir()):
            archive.write(part, part.name)
            part.unlink()
    inside.rmdir()
    return notes


def mapinfo(path: Path, sheet: Sheet) -> list[str]:
    """A MapInfo table (.tab) or interchange file (.mif).

    MapInfo has no datum VN-2000. Its own way out is a datum by its numbers, ``9999, 28`` and the seven parameters with
    the signs of the Decision, which GDAL writes where the CRS has TOWGS84. A .tab keeps whole numbers of the box of the
    layer divided by 2³², so the box is the plots' own. Its numbers cannot be empty, so ``declared_area_m2`` is a text.
    """
    named, notes = cut(columns(sheet.plots), _TEXT_B)
    stated = named["declared_area_m2"]
    named["declared_area_m2"] = np.array([None if np.isnan(m2) else f"{m2:.15g}" for m2 in stated], dtype=object)
    options = {"ENCODING": "UTF-8", "BOUNDS": _bounds(sheet)}
    _write(path, sheet, named, driver="MapInfo File", options=options, crs=_with_shift(sheet))
    return notes


def _bounds(sheet: Sheet) -> str:
    """West, south, east, north of all boundaries with a tenth around, as MapInfo's layer option wants them."""
    west, south, east, north = map(float, shapely.total_bounds(np.array(sheet.boundaries, dtype=object)))
    margin = max(east - west, north - south, 1e-6) / 10.0
    return f"{west - margin!r},{south - margin!r},{east + margin!r},{north + margin!r}"


def _with_shift(sheet: Sheet) -> str:
    """The CRS in WKT 1 with TOWGS84 where the datum is VN-2000."""
    wkt = str(CRS.from_epsg(sheet.target.epsg).to_wkt("WKT1_GDAL"))
    if not sheet.target.way.vn2000:
        return wkt
    numbers = ",".join(repr(number) for number in TOWGS84)
    datum = 'AUTHORITY["EPSG","6756"]'
    return wkt.replace(datum, f"TOWGS84[{numbers}],{datum}")


def _write(
    path: Path,
    sheet: Sheet,
    named: Mapping[str, Any],
    *,
    driver: str,
    layer: str | None = None,
    options: Mapping[str, str] | None = None,
    crs: str | None = None,
) -> None:
    """Write one layer; NaN becomes null."""
    multi = any(isinstance(boundary, MultiPolygon) for boundary in sheet.boundaries)
    pyogrio.raw.write(
        path,
        geometry=np.array([shapely.to_wkb(boundary) for boundary in sheet.boundaries], dtype=object),
        field_data=list(named.values()),
        fields=list(named),
        geometry_type="MultiPolygon" if multi else "Polygon",
        promote_to_multi=multi,
        crs=crs or sheet.target.crs,
        driver=driver,
        layer=layer,
        layer_options=dict(options or {}),
    )
