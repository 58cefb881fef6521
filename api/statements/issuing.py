"""Gives statements out: computed where the flights have changed, numbered, signed, kept; else the one that stands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from core.contexts import Contexts
from core.errors import Conflict, NotFound, RetriableError
from core.localtime import iso_utc, local
from core.model.land import Cooperative
from core.ports import Clock
from core.statement import Document, Issued, Sealer, StatementStore, Subject
from geo.archivesource import Ports
from geo.statements.document import content_digest, made
from geo.statements.inputs import named, standing

_ATTEMPTS: Final = 3
"""How often a number is looked for where others issue statements of the same subject at the same time."""


@dataclass(frozen=True, slots=True)
class Papers:
    """What statements are made from, kept in and signed by."""

    ports: Ports
    contexts: Contexts
    kept: StatementStore
    sealer: Sealer
    clock: Clock

    def standing(self, subject: Subject) -> Issued | None:
        """The newest statement, if its flights have the results that stand now: this hangs on the registry alone."""
        newest = self._newest(subject)
        if newest is None or named(document_of(newest)["inputs"]) != standing(self.ports.registry, subject):
            return None
        return newest

    def current(self, cooperative: Cooperative, subject: Subject) -> Issued:
        """The one that stands, else a new one. See :meth:`issue`."""
        return self.standing(subject) or self.issue(cooperative, subject)

    def issue(self, cooperative: Cooperative, subject: Subject) -> Issued:
        """Compute a statement, and give it out where it says anything new; the ones before stay.

        Raises:
            NotFound: There is no such flight, job or plot; a flight is not in the archive, or has no area.
            ArchiveError: A file of the archive is damaged or was changed.
            RetriableError: A store does not answer, or others issue statements of the same subject all the time.
        """
        document = made(self.ports, self.contexts, cooperative, subject)
        digest = content_digest(document)
        for _ in range(_ATTEMPTS):
            newest = self._newest(subject)
            if newest is not None and newest.digest == digest:
                return newest
            it = self._numbered(document, digest, subject, newest)
            try:
                self.kept.issue(it)
            except Conflict:
                continue
            return it
        raise RetriableError(f"{subject.words}: others issue statements of it all the time; try again")

    def _newest(self, subject: Subject) -> Issued | None:
        try:
            return self.kept.issued(subject)
        except NotFound:
            return None

    def _numbered(self, document: Document, digest: str, subject: Subject, newest: Issued | None) -> Issued:
        now_ms = self.clock.now_ms()
        version = newest.version + 1 if newest else 1
        number: Document = {
            "version": version,
            "issued": iso_utc(now_ms),
            "issued_local": local(now_ms).isoformat(timespec="seconds"),
            "digest": digest,
            "replaces": newest.digest if newest else None,
        }
        sealed = self.sealer.seal(document | {"statement": number})
        return Issued(subject, version, digest, now_ms, json.dumps(sealed, ensure_ascii=False, indent=1) + "\n")


def document_of(issued: Issued) -> Document:
    """The document of an issued statement."""
    document: Document = json.loads(issued.document)
    return document
