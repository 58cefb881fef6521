"""Plots from field files: GeoJSON, GeoPackage, shapefile, KML, DXF, MapInfo, tables, ISOXML, and zips of them.

``examine`` looks through a file and says of every feature what became of it; ``read_plots`` hands on the good ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from core.errors import FieldFileError
from core.model.fixtable import Floats
from land.attributes import Attributes, attributes
from land.boundaries import Boundaries, areas_m2, boundaries, centres
from land.crs import ToWgs84, transformer
from land.datasets import layers, sources
from land.layers import Axes, Geometries, Layer
from land.neighbours import duplicates, overlaps, slivers
from land.placing import placed
from land.recoding import chosen_encoding
from land.report import Examined, Feature, FieldFile, Status

__all__ = ["Examined", "Feature", "FieldFile", "Status", "examine", "read_plots"]

_SHOWN: Final = 5


@dataclass(slots=True)
class _Taken:
    """One layer, worked through: ``start`` is the number of features before it."""

    layer: Layer
    start: int
    texts: Attributes
    rows: Boundaries
    way: ToWgs84 | None


@dataclass(frozen=True, slots=True)
class _Whole:
    """All features of the file: boundaries and areas (shape (n,)), and by position why refused and what is odd."""

    made: Geometries
    areas_m2: Floats
    refused: dict[int, str]
    odd: dict[int, list[str]]


@dataclass(slots=True)
class _Reading:
    """What has been gathered so far."""

    given: ToWgs84 | None
    plot_id: str | None
    axes: Axes | None
    problems: list[str]
    taken: list[_Taken] = field(default_factory=list)
    count: int = 0


def read_plots(
    path: Path,
    *,
    plot_id: str | None = None,
    crs: str | None = None,
    axes: Axes | None = None,
    encoding: str | None = None,
) -> FieldFile:
    """Read the plots of a field file; what is wrong with some of them keeps the others not back.

    Args:
        path: The file, or a zip.
        plot_id: Column that names the plots. Without it ``plot``, ``id`` or ``name`` (any case), else the
            feature's number.
        crs: CRS to read the file in, against what it says itself: needed where it says none.
        axes: "xy": easting or longitude is the first coordinate; "yx": northing or latitude is.
        encoding: Of attribute texts (``tcvn3``, ``vni``, ``cp1258`` ...), where it is not recognised.

    Raises:
        FieldFileError: The file cannot be read, states no CRS, lacks the column, or holds no plot.
        ConfigError: ``crs`` or ``encoding`` is not usable.
    """
    found = examine(path, plot_id=plot_id, crs=crs, axes=axes, encoding=encoding)
    if not found.plots:
        raise FieldFileError(f"{path}: holds no polygons: {'; '.join(found.said()[:_SHOWN])}")
    return FieldFile(found.plots, found.said(), found.crs)


def examine(
    path: Path,
    *,
    plot_id: str | None = None,
    crs: str | None = None,
    axes: Axes | None = None,
    encoding: str | None = None,
    reading: ToWgs84 | None = None,
) -> Examined:
    """Look through a field file, feature by feature. Arguments and errors are those of ``read_plots``.

    A file in which every feature is refused is no error here. ``reading`` is a way to WGS 84 that no CRS states, taken
    in place of ``crs``: what :func:`land.datum_mistakes.judge` offers.
    """
    encoding = chosen_encoding(encoding)
    given = reading or (transformer(crs) if crs else None)
    with sources(path) as (found, notes):
        gathered = _Reading(given, plot_id, axes, notes)
        for source in found:
            for layer in layers(source, encoding):
                _take(gathered, layer)
    if not gathered.count:
        raise FieldFileError(f"{path}: holds no features")
    return _report(path, gathered)


def _take(reading: _Reading, layer: Layer) -> None:
    """Work through one layer."""
    count = len(layer.geometries)
    reading.problems += layer.notes
    if not count:
        return
    texts = attributes(layer, reading.plot_id)
    reading.problems += texts.notes
    if shapely.is_missing(layer.geometries).all():
        rows, way = Boundaries(np.array(layer.geometries, object)), None
    else:
        placing = placed(layer, reading.given, reading.axes)
        reading.problems += placing.notes
        way = placing.to_wgs84
        rows = boundaries(layer.geometries, way, swap=placing.swap)
    rows.refused |= layer.refusals
    for row in np.flatnonzero(shapely.is_missing(rows.made)).tolist():
        rows.refused.setdefault(row, "has no geometry")
    for row, what in layer.remarks.items():
        rows.mended.setdefault(row, []).insert(0, what)
    reading.taken.append(_Taken(layer, reading.count, texts, rows, way))
    reading.count += count


def _report(path: Path, reading: _Reading) -> Examined:
    """What the layers hold, seen together: no plot twice, no name twice, overlaps told."""
    made = np.concatenate([taken.rows.made for taken in reading.taken])
    areas = areas_m2(made)
    refused = {taken.start + row: why for taken in reading.taken for row, why in taken.rows.refused.items()}
    odd = {taken.start + row: list(what) for taken in reading.taken for row, what in taken.rows.odd.items()}
    for row in np.flatnonzero(areas <= 0.0).tolist():
        refused[row], made[row] = "holds no polygon with an area", None
    for row, earlier in duplicates(made).items():
        refused[row], made[row] = f"is a duplicate of feature {earlier + 1} (the same boundary)", None
    for row, what in slivers(made, areas).items():
        odd.setdefault(row, []).append(what)
    pairs, complete = overlaps(made)
    for row, earlier, share in pairs:
        odd.setdefault(row, []).append(f"overlaps feature {earlier + 1} by {share:.0%} of the smaller one")
    if not complete:
        reading.problems.append(f"{path.name}: so many features overlap that not all overlaps were looked at")
    names = _Names()
    whole = _Whole(made, areas, refused, odd)
    features = [feature for taken in reading.taken for feature in _features(taken, whole, names)]
    if names.renamed:
        shown = "; ".join(names.renamed[:_SHOWN])
        reading.problems.append(f"{path.name}: {len(names.renamed)} plots have a name that was there already: {shown}")
    ways = {taken.way.source: taken.way for taken in reading.taken if taken.way is not None}
    return Examined(tuple(features), tuple(reading.problems), tuple(ways.values()))


def _features(taken: _Taken, whole: _Whole, names: _Names) -> Iterator[Feature]:
    """The features of one layer."""
    here = slice(taken.start, taken.start + len(taken.layer.geometries))
    made, texts, label = whole.made[here], taken.texts, taken.layer.label
    crs = taken.way.source if taken.way else ""
    lon, lat = (part.tolist() for part in centres(made))
    sizes = whole.areas_m2[here].tolist()
    for row, boundary in enumerate(made):
        at = taken.start + row
        wanted = texts.ids[row] or str(at + 1)
        if boundary is None:
            why = _with_line(whole.refused[at], taken.layer.lines.get(row))
            yield Feature(at + 1, label, wanted, Status.REFUSED, why)
            continue
        plot = texts.plot(row, names.unique(wanted, at + 1), boundary, crs)
        mended = taken.rows.mended.get(row, [])
        said = "; ".join([*mended, *whole.odd.get(at, [])])
        status = Status.REPAIRED if mended else Status.OK
        raw = taken.layer.geometries[row]
        yield Feature(at + 1, label, plot.plot, status, said, lon[row], lat[row], sizes[row], plot, raw)


def _with_line(why: str, line: int | None) -> str:
    """A reason with the line of the file, where it has lines and the reason names none."""
    return why if line is None or "line " in why else f"{why} (line {line})"


class _Names:
    """Hands out every name once."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}
        self.renamed: list[str] = []

    def unique(self, wanted: str, feature: int) -> str:
        """The wanted name, or with a suffix where the file has used it already."""
        plot, suffix = wanted, self._taken.get(wanted, 0) + 1
        if suffix > 1:
            while (plot := f"{wanted}-{suffix}") in self._taken:
                suffix += 1
            self.renamed.append(f"feature {feature} is now {plot!r}")
        self._taken[wanted] = suffix
        self._taken.setdefault(plot, 1)
        return plot
