"""Plots into files that other programs read, in VN-2000 or WGS 84, with nothing of the datum lost on the way.

An export is written whole into a folder beside its place and then moved there, so that a broken one leaves nothing.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyogrio.errors

from core.errors import ConfigError, Conflict, FieldFileError
from core.model.land import Plot
from land import export_csv, export_dxf, export_gdal, export_isoxml
from land.export_columns import Sheet, sheet
from land.export_target import WGS84_CODE, Target, target
from land.isoxml_fields import TASKDATA

_FOLDER: Final = "TASKDATA"
_EPSG_IN_NAME: Final = re.compile(r"_EPSG(\d+)$", re.IGNORECASE)
_FAILURES: Final = (
    OSError,
    UnicodeError,
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.FieldError,
)


@dataclass(frozen=True, slots=True)
class Form:
    """A format: its name, what writes it, and which CRS it takes.

    ``companions`` are the suffixes of files that belong to the main one. ``wgs84_only`` formats define their CRS
    themselves; ``unmarked`` ones have no place for it, so that it stands in the file's name and in a .prj.
    """

    name: str
    write: Callable[[Path, Sheet], list[str]]
    companions: tuple[str, ...] = ()
    wgs84_only: bool = False
    unmarked: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the main file, all files, the format's name, the CRS, and what people should know."""

    path: Path
    files: tuple[Path, ...]
    form: str
    crs: str
    crs_name: str
    plots: int
    notes: tuple[str, ...]


_SHAPEFILE_PARTS: Final = (".dbf", ".shx", ".prj", ".cpg", ".qpj", ".sbn", ".sbx", ".qix", ".shp.xml")
_ZIPPED_ISOXML: Final = Form("ISOXML", export_isoxml.zipped_task_data, wgs84_only=True)
FORMS: Final = {
    ".gpkg": Form("GeoPackage", export_gdal.geopackage),
    ".shp": Form("Shapefile", export_gdal.shapefile, _SHAPEFILE_PARTS),
    ".zip": Form("Shapefile", export_gdal.zipped_shapefile),
    ".fgb": Form("FlatGeobuf", export_gdal.flatgeobuf),
    ".tab": Form("MapInfo", export_gdal.mapinfo, (".dat", ".map", ".id", ".ind")),
    ".mif": Form("MapInfo", export_gdal.mapinfo, (".mid",)),
    ".csv": Form("CSV", export_csv.vertex_table, (".prj",), unmarked=True),
    ".dxf": Form("DXF", export_dxf.drawing, (".prj",), unmarked=True),
    ".kml": Form("KML", export_gdal.kml, wgs84_only=True),
    ".geojson": Form("GeoJSON", export_gdal.geojson, wgs84_only=True),
    ".json": Form("GeoJSON", export_gdal.geojson, wgs84_only=True),
    ".xml": Form("ISOXML", export_isoxml.task_data, wgs84_only=True),
}
"""Formats by suffix, in lower case. A .zip is a shapefile, or ISOXML where it is TASKDATA.zip or ….isoxml.zip."""


def export_plots(plots: Sequence[Plot], path: Path, crs: str, *, force: bool = False) -> Exported:
    """Write plots into a file whose suffix says the format.

    Args:
        plots: What to write, at least one.
        path: The file; a folder called TASKDATA stands for the TASKDATA.XML in it. Where the format has no place for
            the CRS, the file's name gets its code: ``thua.dxf`` becomes ``thua_EPSG5897.dxf``.
        crs: The EPSG code to write them in.
        force: Whether a file that is there may be replaced.

    Raises:
        ConfigError: No plots, an unknown suffix, or a CRS that is not fit for these plots or this format.
        Conflict: The file is there, and ``force`` is not given.
        FieldFileError: The file cannot be written.
    """
    if not plots:
        raise ConfigError(f"{path}: there are no plots to export")
    place, form = _form(path)
    chosen = target(crs, plots)
    _refuse_unfit(form, chosen)
    place, notes = _marked(place, chosen) if form.unmarked else (place, [])
    if not place.parent.is_dir() and place.parent.name.upper() != _FOLDER:
        raise ConfigError(f"{place}: there is no folder {place.parent}; make it first")
    if not force:
        _refuse_taken(place, form, chosen)
    try:
        files, said = _written(place, form, sheet(plots, chosen))
    except _FAILURES as error:
        raise FieldFileError(f"{place}: cannot be written: {error}") from error
    return Exported(place, files, form.name, chosen.crs, chosen.way.name, len(plots), (*notes, *said))


def _form(path: Path) -> tuple[Path, Form]:
    """Where the main file goes, and its format."""
    if path.name.upper() == _FOLDER:
        path /= TASKDATA
    suffix = path.suffix.lower()
    if suffix == ".zip" and path.name.lower().endswith(("taskdata.zip", ".isoxml.zip")):
        return path, _ZIPPED_ISOXML
    if suffix not in FORMS:
        known = ", ".join(f"{end} ({form.name})" for end, form in FORMS.items())
        raise ConfigError(f"{path}: no format has the suffix {suffix or 'none'!r}; known are {known}")
    # GDAL looks for the parts of a file by lower-case suffixes
    return path if suffix == ".xml" else path.with_suffix(suffix), FORMS[suffix]


def _refuse_unfit(form: Form, chosen: Target) -> None:
    """Refuse a CRS that a format cannot say or does not take."""
    if form.wgs84_only and chosen.epsg != WGS84_CODE:
        raise ConfigError(
            f"{form.name} is in WGS 84 by definition, and programs read it so whatever it says: {chosen.crs} would "
            "land about 225 m away or nowhere; use --crs EPSG:4326, or a GeoPackage or shapefile"
        )
    if form.unmarked and not (chosen.way.vn2000 and chosen.metric):
        raise ConfigError(
            f"{form.name} is written with northing and easting in metres for land offices: {chosen.crs} has none of "
            "VN-2000; use the code of a zone, for example EPSG:5897, or another format"
        )


def _marked(path: Path, chosen: Target) -> tuple[Path, list[str]]:
    """The path with the EPSG code in its name, and what to tell people where it was not there."""
    there = _EPSG_IN_NAME.search(path.stem)
    if there and int(there[1]) == chosen.epsg:
        return path, []
    if there:
        raise ConfigError(f"{path}: its name says EPSG:{there[1]}, the CRS asked for is {chosen.crs}; make them agree")
    marked = path.with_name(f"{path.stem}_EPSG{chosen.epsg}{path.suffix}")
    return marked, [f"the file is {marked.name}: this format cannot say its CRS, so its name and its .prj do"]


def _companions(path: Path, form: Form) -> list[Path]:
    return [path.with_suffix(suffix) for suffix in form.companions]


def _refuse_taken(place: Path, form: Form, chosen: Target) -> None:
    """Refuse to replace what is there; a .prj that says the same already may be another export's."""
    there = [path for path in (place, *_companions(place, form)) if path.exists()]
    if form.unmarked:
        there = [path for path in there if path.suffix != ".prj" or path.read_text("utf-8", "replace") != chosen.prj]
    if there:
        raise Conflict(f"{', '.join(map(str, there))}: already there; use --force to replace it, or another name")


def _written(place: Path, form: Form, content: Sheet) -> tuple[tuple[Path, ...], list[str]]:
    """Write beside the place, then move everything there, the main file last; stale companions go."""
    if place.parent.name.upper() == _FOLDER:
        place.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".canhdong-export-", dir=place.parent) as folder:
        notes = form.write(Path(folder) / place.name, content)
        made = sorted(Path(folder).iterdir(), key=lambda path: path.name == place.name)
        files = [place.with_name(path.name) for path in made]
        for stale in _companions(place, form):
            if stale not in files:
                stale.unlink(missing_ok=True)
        for path, goal in zip(made, files, strict=True):
            path.replace(goal)
    return tuple(files[::-1]), notes
