"""What a statement of sprayed area is about, how issued ones are kept, and who signs them.

A statement is a JSON document (docs/statement.md, docs/schema/statement.schema.json): what it was computed from, what
came of it, what was told beside it, and a signature. Pages and papers only lay it out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

SCHEMA: Final = "canhdong-statement/1"
"""Name and version of the document's form."""

Document = dict[str, Any]
"""A JSON object."""


class StatementKind(StrEnum):
    """What a statement is about."""

    FLIGHT = "flight"
    JOB = "job"
    PLOT = "plot"


@dataclass(frozen=True, slots=True)
class Subject:
    """A flight, a job on a local day, or a plot from one local day to another (ISO 8601); days are "" for a flight."""

    kind: StatementKind
    cooperative: str
    name: str
    first_day: str = ""
    last_day: str = ""

    @property
    def words(self) -> str:
        """The subject as messages name it."""
        if self.kind is StatementKind.FLIGHT:
            return f"flight {self.name!r} of {self.cooperative!r}"
        days = self.first_day if self.first_day == self.last_day else f"{self.first_day} to {self.last_day}"
        return f"{self.kind} {self.name!r} of {self.cooperative!r}, {days}"


@dataclass(frozen=True, slots=True)
class Issued:
    """A statement that was given out. ``version`` counts those of its subject from 1, each for other content.

    ``digest`` is the SHA-256 of what it says (number, time and signature left out), ``document`` the signed text.
    """

    subject: Subject
    version: int
    digest: str
    issued_ms: int
    document: str


class StatementStore(Protocol):
    """Keeps what was issued. Nothing is ever changed or removed.

    Raises:
        StoreUnavailable: From every method, where the store does not answer.
    """

    def issue(self, statement: Issued) -> None:
        """Keep the next version.

        Raises:
            Conflict: There is one of that number already; read again, and number anew.
            NotFound: Nobody registered the cooperative.
        """
        ...

    def issued(self, subject: Subject, version: int | None = None) -> Issued:
        """The newest version, or the one named; raises ``NotFound``."""
        ...

    def all_issued(self, cooperative: str, after: int = 0, limit: int = 100) -> list[tuple[int, Issued]]:
        """A cooperative's statements in the order of issue, from the one after a number on, each with its number."""
        ...


class Sealer(Protocol):
    """Signs documents, and says which key did."""

    def seal(self, document: Document) -> Document:
        """The document with ``issuer`` and ``signature``."""
        ...

    def public_keys(self) -> Sequence[Mapping[str, str]]:
        """The public keys, today's first, as JSON Web Keys (RFC 8037)."""
        ...
