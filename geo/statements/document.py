"""A whole statement as a JSON document, but for its number, its issuer and its signature."""

from __future__ import annotations

from collections.abc import Mapping

from core.archive import FlightRecord
from core.canonical import digest
from core.contexts import Contexts
from core.localtime import ZONE
from core.model.coverage import job_of
from core.model.land import Cooperative
from core.registry import Registry
from core.statement import SCHEMA, Document, StatementKind, Subject
from geo.archivesource import Ports
from geo.parameters import Parameters
from geo.statements.computing import computed, words
from geo.statements.inputs import gathered
from geo.statements.texts import DEFINITIONS
from geo.statements.told import overall, told

ISSUING = ("statement", "issuer", "signature")
"""Members that say who gave it out and when: they are no content."""


def made(
    ports: Ports, contexts: Contexts, cooperative: Cooperative, subject: Subject, parameters: Parameters | None = None
) -> Document:
    """The statement of a subject, as of now.

    Raises:
        NotFound: There is no such flight, job or plot; a flight is not in the archive, or has no area.
        ArchiveError: A file of the archive is damaged or was changed.
        RetriableError: A store does not answer.
    """
    evidence = gathered(ports, subject, parameters)
    about = _about(ports.registry, subject, evidence.records)
    figures = computed(about, evidence.inputs, evidence.records, cooperative.m2_per_cong)
    beside = told(ports.registry, contexts, subject, evidence.inputs, evidence.records)
    grades = [
        overall(it["trust"], said["completeness"])
        for it, said in zip(figures["treatments"], beside["treatments"], strict=True)
    ]
    return {
        "schema": SCHEMA,
        "zone": ZONE.key,
        "cooperative": {
            "cooperative": cooperative.cooperative,
            "name": cooperative.name or cooperative.cooperative,
            "organisation": cooperative.organisation,
            "m2_per_cong": cooperative.m2_per_cong,
        },
        "subject": about,
        "inputs": evidence.inputs,
        "computed": figures,
        "told": beside,
        "grades": grades,
        "definitions": {key: words(texts) for key, texts in DEFINITIONS.items()},
    }


def content_digest(document: Document) -> str:
    """SHA-256 of what a statement says: two that say the same have the same, whoever issued them and when."""
    return digest({key: value for key, value in document.items() if key not in ISSUING})


def _about(registry: Registry, subject: Subject, records: Mapping[str, FlightRecord]) -> Document:
    about: Document = {
        "kind": subject.kind.value,
        "name": subject.name,
        "label": subject.name,
        "first_day": subject.first_day,
        "last_day": subject.last_day,
    }
    if subject.kind is StatementKind.FLIGHT:
        day = job_of(records[subject.name].flight)[1]
        about |= {"first_day": day, "last_day": day}
    if subject.kind is StatementKind.PLOT:
        about["label"] = registry.plot(subject.cooperative, subject.name).name or subject.name
    return about
