"""What a statement tells beside its figures, and no fix can prove: ledger, weather, order, the plots' papers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from core.archive import FlightRecord
from core.contexts import Contexts
from core.errors import NotFound
from core.model.context import Reason, Stamp, Stamps, Weather
from core.model.land import Device, Plot
from core.model.trust import NO_LEDGER, Completeness, Grade
from core.model.work import Job
from core.registry import Registry
from core.statement import Document, StatementKind, Subject
from geo.statements.computing import words
from geo.statements.rows import known
from geo.trust.grades import MISSING_SHARES, letter
from geo.trust.words import GRADES, complete

_WEATHER = ("temperature_c", "humidity_pct", "wind_mps", "wind_from_deg", "gust_mps", "rain_mmph", "delta_t_c")


def told(
    registry: Registry, contexts: Contexts, subject: Subject, inputs: Document, records: Mapping[str, FlightRecord]
) -> Document:
    """All of it.

    Args:
        registry: Where orders, plots, drones and results are looked up.
        contexts: Where the weather stands.
        subject: What the statement is about.
        inputs: What it is computed from.
        records: The flights that they name.
    """
    owner = subject.cooperative
    return {
        "treatments": [_treatment(registry, contexts, subject, it, records) for it in inputs["groups"]],
        "plots": [_plot(registry, owner, it) for it in inputs["plots"]],
        "drones": [_drone(registry, owner, name) for name in sorted({it["device"] for it in inputs["flights"]})],
    }


def _treatment(
    registry: Registry, contexts: Contexts, subject: Subject, group: Document, records: Mapping[str, FlightRecord]
) -> Document:
    mine = [records[name] for name in group["flights"]]
    complete_ = _completeness(registry, mine)
    return {
        "job": group["job"],
        "day": group["day"],
        "order": _order(registry, subject.cooperative, group["job"]),
        "completeness": {
            "grade": complete_.grade.value,
            "expected": complete_.expected,
            "missing": complete_.missing,
            "reason": complete_.reason,
            "why": words(complete(complete_)),
        },
        "weather": _weather(contexts, subject, group),
    }


def overall(trust: Sequence[Document], completeness: Document) -> Document:
    """The worst letter of all parts, in words."""
    grade = Grade.worst(*(Grade(it["grade"]) for it in (*trust, completeness)))
    return {"grade": grade.value, "words": words(GRADES[grade])}


def _completeness(registry: Registry, records: Sequence[FlightRecord]) -> Completeness:
    """What the ledger said when the flights were computed, from results of the very same fixes, added up."""
    parts: list[Completeness] = []
    for record in records:
        try:
            held = registry.coverage(record.flight.cooperative, record.flight.flight)
        except NotFound:
            held = None
        same = held is not None and held.input_hash == record.input_hash and held.trust is not None
        unknown = Completeness(Grade.D, 0, 0, math.nan, NO_LEDGER)
        parts.append(held.trust.completeness if same and held and held.trust else unknown)
    if len(parts) == 1 or any(it.reason for it in parts):
        return next((it for it in parts if it.reason), parts[0])
    expected, missing = sum(it.expected for it in parts), sum(it.missing for it in parts)
    share = missing / expected if expected else math.nan
    return Completeness(letter(share, MISSING_SHARES), expected, missing, 1.0 - share)


def _order(registry: Registry, cooperative: str, job: str) -> Document | None:
    """What was ordered; None where nobody registered the job."""
    try:
        it = registry.record(Job, cooperative, job)
    except NotFound:
        return None
    return {"product": it.product, "dose": known(it.dose, 3), "dose_unit": it.dose_unit}


def _plot(registry: Registry, cooperative: str, named: Document) -> Document:
    it = registry.record(Plot, cooperative, named["plot"], version=named["version"])
    texts = {f: getattr(it, f) for f in ("crop", "season", "kind", "growing_area", "cadastral", "source_unit")}
    return {"plot": it.plot, "version": it.version, "declared_area_m2": known(it.declared_area_m2, 2)} | texts


def _drone(registry: Registry, cooperative: str, device: str) -> Document:
    try:
        it = registry.record(Device, cooperative, device)  # also one that is retired by now
    except NotFound:
        return {"device": device, "name": "", "model": "", "registration": ""}
    return {"device": it.device, "name": it.name, "model": it.model, "registration": it.registration}


def _weather(contexts: Contexts, subject: Subject, group: Document) -> Document | None:
    """The stamps of a flight, or of a job on its day; None where nobody has looked for the weather."""
    stamps: Stamps | None
    if subject.kind is StatementKind.FLIGHT:
        try:
            stamps = contexts.flight_context(subject.cooperative, subject.name).stamps
        except NotFound:
            return None
    else:
        jobs = contexts.job_contexts(subject.cooperative, group["job"])
        stamps = next((it.stamps for it in jobs if it.day == group["day"]), None)
    if stamps is None:
        return None
    names = ("before", "worst", "mean", "after")
    return {name: _stamp(getattr(stamps, name)) for name in names} | {
        "minutes": stamps.minutes,
        "minutes_without": stamps.minutes_without,
    }


def _stamp(it: Stamp) -> Document:
    return {
        "window": it.verdict.window.value,
        "reasons": [_reason(r) for r in it.verdict.reasons],
        **{name: known(getattr(it.weather, name), 2) for name in _WEATHER},
        "stations": _stations(it.weather),
    }


def _reason(it: Reason) -> Document:
    return {"cause": it.cause.value, "value": known(it.value, 2), "limit": known(it.limit, 2), "unit": it.unit}


def _stations(weather: Weather) -> list[Document]:
    """The stations that were read, each with its distance and the age of its oldest value that counts."""
    found: dict[str, tuple[float, float]] = {}
    for it in (weather.sources or {}).values():
        distance_m, age_s = found.get(it.station, (it.distance_m, it.age_s))
        found[it.station] = distance_m, max(age_s, it.age_s)
    return [{"station": k, "distance_m": known(d, 0), "age_s": known(a, 0)} for k, (d, a) in sorted(found.items())]
