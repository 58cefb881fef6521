"""Whether results of the registry are what the archive's fixes give: computed again, and compared figure by figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any, Final

from shapely.errors import ShapelyError

from core.archive import DIGITS, Entry, FlightRecord
from core.errors import ArchiveError, CanhdongError, NotFound, RetriableError
from core.localtime import day_window_ms
from core.model.coverage import Coverage, Flight
from geo.archivesource import ArchivedFlights, Ports
from geo.batch import result_of
from geo.coverage import ALGORITHM, Parameters
from geo.evidence import input_hash
from geo.jobs import Job, Jobs, job_of
from geo.registered_swath import registered_swath

TOLERANCE: Final = 1e-6
"""By how much a figure of the same algorithm may differ: m², m, litres, kilograms."""
_NOT_COMPARED: Final = frozenset(("algorithm", "input_hash"))


class Finding(StrEnum):
    """What became of the comparison."""

    AGREES = "agrees"
    OTHER_VERSION = "other-version"
    DIFFERS = "differs"
    OTHER_INPUT = "other-input"
    TAMPERED = "tampered"
    NO_RESULT = "no-result"
    NOT_ARCHIVED = "not-archived"
    NOT_COMPUTED = "not-computed"

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong: the figures agree, or another version of the algorithm made them."""
        return self in {Finding.AGREES, Finding.OTHER_VERSION}


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is not the same: its path in the result, what the registry holds, what the archive gives."""

    figure: str
    held: object
    found: object

    @property
    def by(self) -> float:
        """Found minus held; NaN where they are no numbers."""
        numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (self.held, self.found))
        return float(self.found) - float(self.held) if numbers else math.nan  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one flight or job."""

    cooperative: str
    name: str
    finding: Finding
    message: str = ""
    differences: tuple[Difference, ...] = ()


def verify_flight(ports: Ports, cooperative: str, flight: str, parameters: Parameters | None = None) -> Verdict:
    """Compute a flight from the archive again and hold it against the registry's result.

    Raises:
        RetriableError: A store does not answer.
    """
    versions = ports.archive.versions(cooperative, flight)
    if not versions or versions[-1].withdrawn:
        return Verdict(cooperative, flight, Finding.NOT_ARCHIVED, "the archive does not have it")
    try:
        held = ports.registry.flight(cooperative, flight), ports.registry.coverage(cooperative, flight)
    except NotFound:
        held = None
    try:
        record = ports.archive.read(versions[-1], checked=True)
        wrong = _wrong_hash(record, versions, held[1] if held else None)
        if wrong is not None:
            return Verdict(cooperative, flight, *wrong)
        if held is None:
            return Verdict(cooperative, flight, Finding.NO_RESULT, "the registry has no result of it")
        found = result_of(ports.registry, record, Parameters() if parameters is None else parameters, held[1])
    except ArchiveError as error:
        return Verdict(cooperative, flight, Finding.TAMPERED, str(error))
    except RetriableError:
        raise
    except (CanhdongError, ShapelyError, ValueError, ArithmeticError) as error:
        return Verdict(cooperative, flight, Finding.NOT_COMPUTED, str(error))
    return _compared(ports, record, held, found)


def _wrong_hash(record: FlightRecord, versions: Sequence[Entry], held: Coverage | None) -> tuple[Finding, str] | None:
    """What is wrong with the hashes of a file and of the result."""
    path = versions[-1].path
    found = input_hash([record.fixes], record.events)
    if found != record.input_hash:
        return Finding.TAMPERED, f"{path}: its fixes have the hash {found}, the file tells {record.input_hash}"
    if held is None or held.input_hash == found:
        return None
    for entry in versions[:-1]:
        if held.input_hash[:DIGITS] == entry.digits:
            said = f"the result is of version {entry.version}, the archive has version {versions[-1].version}"
            return Finding.OTHER_INPUT, f"{said}; run `canhdong coverage recompute`"
    said = f"the result names the input hash {held.input_hash}, the archive has {found}"
    return Finding.OTHER_INPUT, f"{path}: {said}: not of the same fixes"


def _compared(
    ports: Ports, record: FlightRecord, held: tuple[Flight, Coverage], found: tuple[Flight, Coverage]
) -> Verdict:
    cooperative, flight = found[0].cooperative, found[0].flight
    differences = tuple(differing(held, found))
    if held[1].algorithm != ALGORITHM:
        said = f"the result is of {held[1].algorithm}, this is {ALGORITHM}"
        return Verdict(cooperative, flight, Finding.OTHER_VERSION, said, differences)
    if not differences:
        return Verdict(cooperative, flight, Finding.AGREES)
    return Verdict(cooperative, flight, Finding.DIFFERS, _hint(ports, record), differences)


def _hint(ports: Ports, record: FlightRecord) -> str:
    """What has changed since the flight was archived and may explain a difference."""
    swath = registered_swath(ports.registry, record.flight)
    if swath == record.swath or (math.isnan(swath.swath_m) and math.isnan(record.swath.swath_m)):
        return ""
    was, now = record.swath, swath
    return f"the swath was {was.swath_m:g} m ({was.source}) when it was archived, {now.swath_m:g} m ({now.source}) now"


def verify_job(ports: Ports, cooperative: str, job: Job, parameters: Parameters | None = None) -> Verdict:
    """Compute the plots of a job from the archive again and hold them against the registry's rows.

    The rows name no algorithm: where a flight of the job has a result of another version, so have they.

    Raises:
        RetriableError: A store does not answer.
    """
    name, day = job
    held = {r.coverage.plot: r for r in ports.registry.job_plots(cooperative, day) if r.job == name}
    flights = [f for f in ports.registry.flights(cooperative, *day_window_ms(day)) if job_of(f) == job]
    if not flights and not held:
        return Verdict(cooperative, name, Finding.NO_RESULT, "the registry has no result of it")
    algorithms = {ports.registry.coverage(cooperative, f.flight).algorithm for f in flights}
    chosen = Parameters() if parameters is None else parameters
    try:
        known = [result_of(ports.registry, _newest(ports, f), chosen) for f in flights]
        rows = Jobs(ArchivedFlights(ports.archive), ports.registry, cooperative, chosen).rows([], known)
    except (ArchiveError, NotFound) as error:
        missing = isinstance(error, NotFound)
        return Verdict(cooperative, name, Finding.NOT_ARCHIVED if missing else Finding.TAMPERED, str(error))
    except RetriableError:
        raise
    except (CanhdongError, ShapelyError, ValueError, ArithmeticError) as error:
        return Verdict(cooperative, name, Finding.NOT_COMPUTED, str(error))
    differences = tuple(differing(held, {r.coverage.plot: r for r in rows if r.flights}))
    others = sorted(algorithms - {ALGORITHM})
    if others:
        said = f"flights of it have results of {', '.join(others)}, this is {ALGORITHM}"
        return Verdict(cooperative, name, Finding.OTHER_VERSION, said, differences)
    return Verdict(cooperative, name, Finding.DIFFERS if differences else Finding.AGREES, "", differences)


def _newest(ports: Ports, flight: Flight) -> FlightRecord:
    """A flight's newest version in the archive; raises ``NotFound``, ``ArchiveError``."""
    versions = ports.archive.versions(flight.cooperative, flight.flight)
    if not versions or versions[-1].withdrawn:
        raise NotFound(f"the archive does not have its flight {flight.flight}")
    return ports.archive.read(versions[-1], checked=True)


def differing(held: object, found: object) -> Iterator[Difference]:
    """Where two results differ, figure by figure; unknown (NaN) equals unknown."""
    one, other = dict(_flat(held, "")), dict(_flat(found, ""))
    for path in dict.fromkeys([*one, *other]):
        a, b = one.get(path), other.get(path)
        if not _same(a, b):
            yield Difference(path, a, b)


def _same(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return (math.isnan(a) and math.isnan(b)) or a == b or abs(a - b) <= TOLERANCE
    return a == b


def _flat(value: Any, path: str) -> Iterator[tuple[str, object]]:
    """A result's figures by path, such as ``plots/rect-1/net_m2``; what is listed by plot is told by plot."""
    match value:
        case Mapping():
            items = list(value.items())
        case tuple() | list():
            items = [(getattr(it, "plot", None) or _place(it, n), it) for n, it in enumerate(value)]
        case _ if is_dataclass(value):
            items = [(f.name, getattr(value, f.name)) for f in fields(value) if f.name not in _NOT_COMPARED]
        case _:
            yield path, value
            return
    for name, it in items:
        yield from _flat(it, f"{path}/{name}" if path and name else f"{path}{name}")


def _place(value: object, number: int) -> str:
    """Of a pair of a flight and its area, neither needs a name; anything else is told by its number."""
    if isinstance(value, Flight):
        return "flight"
    return "" if isinstance(value, Coverage) else str(number)
