"""What a statement is computed from, gathered from the registry and the archive, and named so that anybody finds it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from shapely import MultiPolygon, Polygon
from shapely.geometry import mapping, shape

from core.archive import Entry, FlightArchive, FlightRecord
from core.canonical import digest
from core.errors import ArchiveError, ConfigError, NotFound
from core.localtime import iso_utc
from core.model.coverage import Flight
from core.model.land import Boundary, Plot
from core.registry import Registry
from core.statement import Document, StatementKind, Subject
from geo.archivesource import Ports
from geo.coverage import ALGORITHM, Parameters
from geo.evidence import input_hash
from geo.flightarea import plot_at, plots_near
from geo.statements.figures import result_over
from geo.statements.subjects import work_of
from geo.statements.tank import tank_hash

_LOOKING: Final = Parameters(expected=False)
"""Enough to see which plots were touched."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The ``inputs`` that a statement names, and the records of its flights by name."""

    inputs: Document
    records: Mapping[str, FlightRecord]


def gathered(ports: Ports, subject: Subject, parameters: Parameters | None = None) -> Evidence:
    """What a statement of a subject is computed from today.

    Flights are read in the newest version of the archive, whole and checked. Plots are those that the flights touched,
    with the boundary that was valid when the last of the flights over them began.

    Raises:
        NotFound: There is no such flight, job or plot; a flight is not in the archive, or has no area.
        ArchiveError: A file of the archive is damaged or was changed.
        RetriableError: A store does not answer.
    """
    work = work_of(ports.registry, subject)
    read = {f.flight: _read(ports.archive, f) for it in work for f in it.flights}
    records = {name: record for name, (_, record) in read.items()}
    plots: dict[tuple[str, int], Plot] = {}
    groups: list[Document] = []
    for it in work:
        mine = _plots(ports.registry, subject, [records[f.flight] for f in it.flights])
        plots |= {(p.plot, p.version): p for p in mine}
        names = [{"plot": p.plot, "version": p.version} for p in mine]
        groups.append({"job": it.job, "day": it.day, "flights": [f.flight for f in it.flights], "plots": names})
    inputs: Document = {
        "algorithm": ALGORITHM,
        "parameters": _told(Parameters() if parameters is None else parameters),
        "flights": [_flight(*found) for found in read.values()],
        "plots": [_plot(plots[key]) for key in sorted(plots)],
        "groups": groups,
    }
    return Evidence(inputs | {"hash": digest(inputs)}, records)


def standing(registry: Registry, subject: Subject) -> list[tuple[str, str]]:
    """Flights of a subject and the input hashes of their results, as they stand now; raises ``NotFound``."""
    flights = [f for it in work_of(registry, subject) for f in it.flights]
    return [(f.flight, registry.coverage(f.cooperative, f.flight).input_hash) for f in flights]


def named(inputs: Document) -> list[tuple[str, str]]:
    """Flights that a statement names, and their input hashes."""
    known = {it["flight"]: it["input_hash"] for it in inputs["flights"]}
    return [(name, known[name]) for group in inputs["groups"] for name in group["flights"]]


def parameters_of(inputs: Document) -> Parameters:
    """The parameters that a statement names; raises ``ValueError`` for one that nobody knows."""
    told: Mapping[str, Any] = inputs["parameters"]
    unknown = sorted(set(told) - {f.name for f in fields(Parameters)})
    if unknown:
        raise ValueError(f"this version has no parameter {', '.join(unknown)}")
    return Parameters(**told)


def plots_of(inputs: Document, group: Document) -> list[Plot]:
    """The plots of a group as a statement names them, with their boundaries."""
    known = {(it["plot"], it["version"]): it for it in inputs["plots"]}
    chosen = [known[it["plot"], it["version"]] for it in group["plots"]]
    return [Plot(it["plot"], _boundary(it), it["name"], version=it["version"]) for it in chosen]


def _boundary(plot: Document) -> Boundary:
    found = shape(plot["boundary"])
    if not isinstance(found, Polygon | MultiPolygon):
        raise ValueError(f"plot {plot['plot']!r}: its boundary is a {found.geom_type}, no area")  # noqa: TRY004
    return found


def checked_hash(record: FlightRecord, where: str) -> None:
    """Raise ``ArchiveError`` where a record's fixes do not have the hash that it tells."""
    found = input_hash([record.fixes], record.events)
    if found != record.input_hash:
        raise ArchiveError(f"{where}: its fixes have the hash {found}, the file tells {record.input_hash}")


def _read(archive: FlightArchive, flight: Flight) -> tuple[Entry, FlightRecord]:
    versions = archive.versions(flight.cooperative, flight.flight)
    if not versions or versions[-1].withdrawn:
        raise NotFound(f"the archive does not have flight {flight.flight!r}; `canhdong coverage recompute` fills it")
    record = archive.read(versions[-1], checked=True)
    checked_hash(record, versions[-1].path)
    return versions[-1], record


def _plots(registry: Registry, subject: Subject, records: Sequence[FlightRecord]) -> list[Plot]:
    """The plots of a job, by name."""
    if subject.kind is StatementKind.PLOT:
        touched = {subject.name: max(it.flight.start_ms for it in records)}
    else:
        touched = {}
        for record in sorted(records, key=lambda it: it.flight.start_ms):
            touched |= dict.fromkeys(_touched(registry, record), record.flight.start_ms)
    return [plot_at(registry, subject.cooperative, name, at_ms) for name, at_ms in sorted(touched.items())]


def _touched(registry: Registry, record: FlightRecord) -> list[str]:
    flight = record.flight
    near = plots_near(registry, flight.cooperative, record.fixes, flight.start_ms)
    try:
        found = result_over(flight.flight, [record], near, _LOOKING)
    except ConfigError:
        raise NotFound(
            f"no area is known of flight {flight.flight!r}: nobody told the swath width of {flight.device!r}; "
            "register it, or a calibration, and run `canhdong coverage recompute`"
        ) from None
    return [p.plot for p in found.coverage.plots]


def _flight(entry: Entry, record: FlightRecord) -> Document:
    flight, swath = record.flight, record.swath
    return {
        "flight": flight.flight,
        "device": flight.device,
        "job": flight.job,
        "operation": flight.op.word,
        "start": iso_utc(flight.start_ms),
        "end": iso_utc(flight.end_ms),
        "fixes": len(record.fixes),
        "archive_version": entry.version,
        "input_hash": record.input_hash,
        "tank_hash": tank_hash(record.fixes) or None,
        "swath_m": swath.swath_m if math.isfinite(swath.swath_m) else None,
        "swath_source": swath.source.value,
    }


def _plot(plot: Plot) -> Document:
    boundary = mapping(plot.boundary)
    outline = {"type": boundary["type"], "coordinates": _lists(boundary["coordinates"])}
    return {"plot": plot.plot, "version": plot.version, "name": plot.name, "boundary": outline}


def _lists(coordinates: Any) -> Any:
    """Tuples of tuples as lists, which is what JSON gives back."""
    return [_lists(it) for it in coordinates] if isinstance(coordinates, tuple | list) else float(coordinates)


def _told(parameters: Parameters) -> dict[str, Any]:
    """Every choice that was made."""
    chosen = {f.name: getattr(parameters, f.name) for f in fields(Parameters)}
    return {name: value for name, value in chosen.items() if not (isinstance(value, float) and math.isnan(value))}
