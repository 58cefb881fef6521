"""What a run is beside its samples, as JSON: scenario, seed, start, cooperatives, devices, aliases, plots, notes."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any, Final, TypeVar, cast

import msgspec
from shapely.geometry import mapping, shape

from core.errors import FlightLogError
from core.model.land import Boundary, Cooperative, Device, ForeignDevice, Plot
from core.model.traffic import Run, Stream

VERSION: Final = 1
"""Of the format; a file of a later one is refused."""
_T = TypeVar("_T")


def described(run: Run) -> dict[str, Any]:
    """A run without its samples, as what JSON can say; what is not told (NaN) is left out."""
    return {
        "canhdong": "run",
        "version": VERSION,
        "name": run.name,
        "seed": run.seed,
        "start_ms": run.start_ms,
        "cooperatives": [_told(it) for it in run.cooperatives],
        "devices": [_told(it) for it in run.devices],
        "aliases": [_told(it) for it in run.aliases],
        "notes": run.notes,
        "plots": {"type": "FeatureCollection", "features": [_feature(plot) for plot in run.plots]},
    }


def run_of(header: Any, streams: tuple[Stream, ...]) -> Run:
    """The run of a description and its streams.

    Raises:
        FlightLogError: The description is none, or of a later version.
    """
    version = header.get("version") if isinstance(header, dict) else None
    if not isinstance(version, int) or header.get("canhdong") != "run":
        raise FlightLogError("no description of a run")
    if version > VERSION:
        raise FlightLogError(f"a run of version {version}; this program reads up to {VERSION}: update it")
    try:
        return Run(
            str(header.get("name", "")),
            int(header.get("seed", -1)),
            int(header.get("start_ms", 0)),
            streams,
            _all(header.get("cooperatives"), Cooperative),
            _all(header.get("devices"), Device),
            tuple(_plot(feature) for feature in header.get("plots", {}).get("features", [])),
            _all(header.get("aliases"), ForeignDevice),
            dict(header.get("notes", {})),
        )
    except (msgspec.ValidationError, TypeError, ValueError, KeyError, AttributeError) as error:
        raise FlightLogError(f"the description of the run: {error}") from error


def _told(record: Any) -> dict[str, Any]:
    values = {f.name: getattr(record, f.name) for f in fields(record)}
    return {name: value for name, value in values.items() if not (isinstance(value, float) and math.isnan(value))}


def _all(rows: Any, kind: type[_T]) -> tuple[_T, ...]:
    return tuple(msgspec.convert(row, kind) for row in rows or ())


def _feature(plot: Plot) -> dict[str, Any]:
    told = _told(plot)
    return {"type": "Feature", "geometry": mapping(told.pop("boundary")), "properties": told}


def _plot(feature: dict[str, Any]) -> Plot:
    return Plot(boundary=cast("Boundary", shape(feature["geometry"])), **feature["properties"])
