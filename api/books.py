"""What people register in one cooperative: read in pages, changed in versions, every change written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from api.paging import Page
from core.accounts import Principal, Scope
from core.answers import AnswerStore, Ask, KeptAnswer
from core.errors import Forbidden, NotFound
from core.model.versions import Versioned, key_of
from core.ports import Clock
from core.registry import Registry

R = TypeVar("R", bound=Versioned)
Box = tuple[float, float, float, float]
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records of a list are wanted.

    Attributes:
        after: The key behind which it goes on; "": from the first.
        limit: How many at most.
        at_ms: Those that counted at this time, in ms since 1970 UTC; None: the newest.
        box: Only those whose box meets it, in degrees.
        retired: What is in use no more, too.
    """

    after: str = ""
    limit: int = 100
    at_ms: int | None = None
    box: Box | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Books:
    """The registry of one cooperative, for one principal. Only :mod:`api.tenancy` opens it.

    ``write_down`` adds to the audit log: what was done, and to which thing.
    """

    registry: Registry
    answers: AnswerStore
    cooperative: str
    principal: Principal
    clock: Clock
    write_down: Callable[[str, str], None]

    def require_write(self) -> None:
        """Raise ``Forbidden`` where the credential is not for changing, or somebody only looks from above."""
        if Scope.WRITE not in self.principal.scopes:
            raise Forbidden(f"this credential may not {Scope.WRITE}")

    def page(self, kind: type[R], wanted: Wanted, fits: Callable[[R], bool]) -> Page[R]:
        """A page of a list by key; few queries, since what does not fit is left out here."""
        found: list[R] = []
        after = wanted.after
        while len(found) <= wanted.limit:
            chunk = self.registry.records(
                kind,
                self.cooperative,
                at_ms=wanted.at_ms,
                box=wanted.box,
                retired=wanted.retired,
                after=after,
                limit=max(_CHUNK, wanted.limit + 1),
            )
            found += [it for it in chunk if fits(it)]
            if len(chunk) < max(_CHUNK, wanted.limit + 1):
                break
            after = key_of(chunk[-1])[0]
        some = found[: wanted.limit]
        return Page(some, key_of(some[-1]) if len(found) > wanted.limit else None)

    def record(self, kind: type[R], key: str, version: int | None = None, at_ms: int | None = None) -> R:
        """One record: the newest version, one that is named, or the one that counted at a time; raises ``NotFound``."""
        if at_ms is None:
            return self.registry.record(kind, self.cooperative, key, version=version)
        counted = [it for it in self.history(kind, key) if it.valid_from_ms <= at_ms]
        if not counted:
            raise NotFound(f"cooperative {self.cooperative!r} had no {kind.__name__.lower()} {key!r} at that time")
        return counted[-1]

    def history(self, kind: type[R], key: str) -> list[R]:
        """All versions, from the first; raises ``NotFound``."""
        return self.registry.history(kind, self.cooperative, key)

    def has(self, kind: type[Versioned], key: str) -> bool:
        """Whether there is a record that is in use."""
        try:
            return not self.registry.record(kind, self.cooperative, key).retired
        except NotFound:
            return False

    def versions(self, kind: type[Versioned]) -> int:
        """A number that grows with every change of a kind of records."""
        return self.registry.versions(kind, self.cooperative)

    def put(self, record: R, expected: int) -> R:
        """Add a record (``expected`` 0) or its next version.

        Raises:
            Conflict: Another version stands than the expected one.
            Forbidden: The credential may not.
        """
        self.require_write()
        stands = self.registry.put(record, expected)
        if stands.version != expected:
            self._tell("registered" if expected == 0 else "changed", stands)
        return stands

    def retire(self, kind: type[R], key: str, expected: int) -> R:
        """Take a record out of use. Raises ``NotFound``, ``Conflict``, ``Forbidden``."""
        self.require_write()
        stands = self.registry.retire(kind, self.cooperative, key, expected=expected)
        if stands.version != expected:
            self._tell("retired", stands)
        return stands

    def ask(self, key: str, digest: str) -> Ask:
        """A request with an idempotency key."""
        return Ask(self.cooperative, self.principal.account, key, digest)

    def begin(self, ask: Ask, stale_ms: int, kept_ms: int) -> KeptAnswer | None:
        """Take a key, or tell what stands under it; both times are ages in ms."""
        now_ms = self.clock.now_ms()
        return self.answers.begin(ask, now_ms, now_ms - stale_ms, now_ms - kept_ms)

    def _tell(self, action: str, record: Versioned) -> None:
        kind = type(record).__name__.lower()
        self.write_down(action, f"{kind} {'/'.join(key_of(record))!r} version {record.version}")
