"""What a layer's columns say of its plots: identifier, name, crop, declared area, cadastral reference, and so on.

What ``canhdong plots export`` writes comes back as it went. An area column counts as the declared area only where its
name carries the unit (``area_m2``, ``dientich_ha``, "Diện tích (m²)"); texts may write decimals after a comma.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from core.errors import ConfigError, FieldFileError
from core.model.fixtable import Floats
from core.model.land import Boundary, Plot
from core.units import M2_PER_HA
from land import column_names, numbers
from land.crs import transformer
from land.days import iso_day
from land.layers import Layer, plain_name

_TOO_MANY_ALIKE: Final = 10
"""A column that calls so many features, and all of them, the same is not meant to name them."""
_KML_MARKS: Final = frozenset({"altitudeMode", "tessellate", "drawOrder"})
"""GDAL gives every KML these columns."""
_AREA: Final = re.compile(r"(?:area|flaeche|dien_?tich|dt)_(m2|ha)")
_DECLARED_AREA: Final = re.compile(r"(?:declared_area|decl)_(m2|ha)")
_DECLARED_AREA_CUT: Final = "declared_a"
_OUR_MARKS: Final = frozenset({"version", "valid_from"})
_OUR_AREAS: Final = frozenset({"area_m2", "geod_m2"})


@dataclass(frozen=True, slots=True)
class Attributes:
    """What the columns say, by row.

    ``ids`` are the identifiers ("" for none), ``texts`` the values by attribute of a plot ("" for none),
    ``declared_m2`` the declared areas (NaN for none; shape (n,)), ``notes`` in words what could not be used.
    """

    ids: list[str]
    texts: dict[str, list[str]]
    declared_m2: Floats
    notes: tuple[str, ...] = ()

    def plot(self, row: int, plot: str, boundary: Boundary, crs: str) -> Plot:
        """The plot of a row.

        Args:
            row: The row.
            plot: Its identifier.
            boundary: In WGS 84.
            crs: The CRS that the file was read in; what the row says of an earlier source wins.
        """
        said = {name: values[row] for name, values in self.texts.items()}
        return Plot(
            plot,
            boundary,
            name=said["name"],
            crop=said["crop"],
            declared_area_m2=float(self.declared_m2[row]),
            source_crs=said["source_crs"] or crs,
            season=said["season"],
            kind=said["kind"],
            growing_area=said["growing_area"],
            member=said["member"],
            cadastral=said["cadastral"],
            source_unit=said["source_unit"],
            source_date=said["source_date"],
        )


def attributes(layer: Layer, plot_id: str | None) -> Attributes:
    """Read the columns of a layer.

    Args:
        layer: The layer.
        plot_id: Column that names the plots; without it the usual ones, in any case.

    Raises:
        FieldFileError: The column is not there.
    """
    texts = {name: _texts(layer, _with_short(name)) for name in column_names.TEXTS}
    texts["cadastral"] = [said or made for said, made in zip(texts["cadastral"], _cadastral(layer), strict=True)]
    notes: list[str] = []
    for name, understood in (("source_date", iso_day), ("source_crs", _usable_crs)):
        texts[name], bad = _understood(texts[name], understood)
        if bad:
            notes.append(f"{layer.label}: {name} cannot be used in {len(bad)} rows and is left out, as {bad[0]!r}")
    return Attributes(_ids(layer, plot_id), texts, _declared_m2(layer), tuple(notes))


def _with_short(name: str) -> tuple[str, ...]:
    """The columns of an attribute, with what our export calls it in a shapefile."""
    first, *others = column_names.TEXTS[name]
    return (first, column_names.SHORT_NAMES.get(first, first), *others)


def _ids(layer: Layer, plot_id: str | None) -> list[str]:
    """A name per feature, "" where the column names none."""
    if plot_id is not None:
        column = _column(layer, plot_id)
        if column is None:
            raise FieldFileError(f"{layer.label}: no column {plot_id!r}; columns: {', '.join(layer.columns) or 'none'}")
        return _cells(layer.columns[column])
    is_kml = layer.columns.keys() >= _KML_MARKS
    return _texts(layer, column_names.KML_PLOT_ID if is_kml else column_names.PLOT_ID, telling=True)


def _texts(layer: Layer, wanted: Sequence[str], *, telling: bool = False) -> list[str]:
    """The texts of the first wanted column that is there and not empty throughout; ``telling`` features apart, too."""
    for name in wanted:
        column = _column(layer, name)
        if column is not None:
            texts = _cells(layer.columns[column])
            if any(texts) and not (telling and len(texts) >= _TOO_MANY_ALIKE and len(set(texts)) == 1):
                return texts
    return [""] * len(layer.geometries)


def _column(layer: Layer, name: str) -> str | None:
    """The layer's spelling of a column name: the exact one, then in another case, without accents, cut short."""
    if name in layer.columns:
        return name
    cut = plain_name(name[: column_names.SHAPEFILE_NAME_B])
    same: tuple[Callable[[str], bool], ...] = (
        lambda column: column.casefold() == name.casefold(),
        lambda column: plain_name(column) == name,
        lambda column: len(name) > column_names.SHAPEFILE_NAME_B and plain_name(column) == cut,
    )
    return next((column for is_it in same for column in layer.columns if is_it(column)), None)


def _cells(values: Any) -> list[str]:
    if values.dtype.kind in "iu":
        return [str(value) for value in values.tolist()]
    return [_text(value) for value in values.tolist()]


def _text(value: Any) -> str:
    """A cell as text: whole numbers without a decimal point, "" for nothing."""
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _cadastral(layer: Layer) -> list[str]:
    """Parcel and map sheet as the file writes them; a parcel number alone says nothing."""
    parcels, sheets = _texts(layer, column_names.PARCEL), _texts(layer, column_names.SHEET)
    return [f"thửa {p}, tờ {s}" if p and s else "" for p, s in zip(parcels, sheets, strict=True)]


def _understood(texts: Sequence[str], meaning: Callable[[str], str]) -> tuple[list[str], list[str]]:
    """What texts mean ("" for nothing), and those that mean nothing."""
    known = {text: meaning(text) for text in set(texts) if text}
    return [known.get(text, "") for text in texts], [text for text in texts if text and not known[text]]


def _usable_crs(text: str) -> str:
    """A CRS that can be used, "" for anything else, such as WKT that a shapefile has cut."""
    try:
        return transformer(text).source
    except ConfigError:
        return ""


def _declared_m2(layer: Layer) -> Floats:
    """The area that the file states for each feature, m², NaN where it states none with a unit."""
    for column, unit in _area_columns(layer):
        values = layer.columns[column]
        numeric = np.issubdtype(values.dtype, np.number)
        made = values.astype(np.float64) if numeric else numbers.column(_cells(values))
        if np.isfinite(made).any():
            return np.asarray(made * (M2_PER_HA if unit == "ha" else 1.0))
    return np.full(len(layer.geometries), np.nan)


def _area_columns(layer: Layer) -> Iterator[tuple[str, str]]:
    """Columns of the declared area, with their unit.

    A column that is called so decides, though it be empty: an area beside it is computed. So is ours, wherever it is.
    """
    plain = {plain_name(column): column for column in layer.columns}
    ours = plain.keys() >= _OUR_MARKS and not _OUR_AREAS.isdisjoint(plain)
    declared = [(column, match[1]) for name, column in plain.items() if (match := _DECLARED_AREA.fullmatch(name))]
    if ours and _DECLARED_AREA_CUT in plain:
        declared.append((plain[_DECLARED_AREA_CUT], "m2"))
    if declared or ours or "geod_m2" in plain:
        yield from declared
        return
    yield from ((column, match[1]) for name, column in plain.items() if (match := _AREA.fullmatch(name)))
