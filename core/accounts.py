"""Who may come in, and what was done: accounts, sessions, keys of machines, the audit log, and their port.

Secrets are kept as hashes only, but for the shared secret of a second factor, which both sides have to know: that one
is kept encrypted, with a key that is no part of the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from core.revisions import Revised


class Role(StrEnum):
    """What a person does. The order of rights is none: an administrator keeps accounts, an officer looks."""

    PILOT = "pilot"
    MANAGER = "manager"
    OFFICER = "officer"
    ADMINISTRATOR = "administrator"


class Scope(StrEnum):
    """What a credential may be used for. Who may write may upload, too."""

    READ = "read"
    UPLOAD = "upload"
    WRITE = "write"
    AUDIT = "audit"


SCOPES: Final[dict[Role, frozenset[Scope]]] = {
    Role.PILOT: frozenset((Scope.READ, Scope.UPLOAD)),
    Role.MANAGER: frozenset((Scope.READ, Scope.UPLOAD, Scope.WRITE)),
    Role.OFFICER: frozenset((Scope.READ,)),
    Role.ADMINISTRATOR: frozenset(Scope),
}
"""What each role may do."""

KEY_SCOPES: Final = frozenset((Scope.READ, Scope.UPLOAD, Scope.WRITE))
"""What the key of a machine may be used for: never for what a person with a second factor does."""

TWO_FACTORS: Final = frozenset((Role.OFFICER, Role.ADMINISTRATOR))
"""Roles that cannot do without a second factor."""

EVERYWHERE: Final = ""
"""The cooperative of an account that belongs to none: the department's officers, the platform's administrators."""


class Credential(StrEnum):
    """How a principal showed who it is."""

    TOKEN = "token"  # noqa: S105 - a word, not a secret
    COOKIE = "cookie"
    KEY = "key"
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, of which cooperative (``EVERYWHERE``: of all), and what for. ``session`` is empty for keys."""

    account: str
    cooperative: str
    role: Role
    scopes: frozenset[Scope]
    credential: Credential
    session: str = ""

    @property
    def everywhere(self) -> bool:
        """Whether it belongs to no one cooperative: what it looks at is written down."""
        return self.cooperative == EVERYWHERE

    def belongs_to(self, cooperative: str) -> bool:
        """Whether a cooperative's data are its own, or it looks from above."""
        return self.everywhere or self.cooperative == cooperative


@dataclass(frozen=True, slots=True)
class Account:
    """A person. ``account`` is the name to log in with.

    ``totp_secret`` is encrypted (:mod:`api.identity.vault`), and empty without a second factor.
    """

    account: str
    cooperative: str
    role: Role
    name: str
    password_hash: str
    totp_secret: str
    created_ms: int
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    """A session: by cookie or by tokens. It ends at ``expires_ms``, or when it was revoked (0: was not)."""

    session: str
    account: str
    credential: Credential
    secret_hash: str
    created_ms: int
    expires_ms: int
    revoked_ms: int = 0


@dataclass(frozen=True, slots=True)
class MachineKey:
    """A key of a machine: it acts for an account, for less than the account may. ``expires_ms`` 0: never."""

    key: str
    account: str
    name: str
    scopes: frozenset[Scope]
    secret_hash: str
    created_ms: int
    expires_ms: int = 0
    revoked_ms: int = 0


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What was done: when, by whom, to whose which thing, by which request from where; ``number`` is the store's."""

    at_ms: int
    actor: str
    cooperative: str
    action: str
    subject: str
    request: str = ""
    address: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries of the audit log are asked for.

    Attributes:
        actor: Only what somebody did; "": whoever.
        action: Only that; "": whatever.
        start_ms: Not before, in ms since 1970 UTC; None: from the first.
        end_ms: Not after; None: to the last.
    """

    actor: str = ""
    action: str = ""
    start_ms: int | None = None
    end_ms: int | None = None


EVERY_ENTRY: Final = AuditFilter()


@dataclass(frozen=True, slots=True)
class Limit:
    """Attempts that are allowed within a window, counted by a name such as ``account:lan`` or ``address:10.0.0.9``."""

    name: str
    attempts: int
    window_ms: int


class AccountStore(Revised, Protocol):
    """Keeps all that. A change and its entry in the audit log are one transaction; entries are never changed.

    Raises:
        StoreUnavailable: From every method, where the store does not answer.
    """

    def add_account(self, account: Account, entry: AuditEntry) -> None:
        """Add one.

        Raises:
            Conflict: There is one of that name.
            NotFound: Nobody registered its cooperative.
        """
        ...

    def account(self, name: str) -> Account:
        """One account; raises ``NotFound``."""
        ...

    def accounts(self) -> list[Account]:
        """All, by cooperative and name."""
        ...

    def set_password(self, name: str, password_hash: str, totp_secret: str, entry: AuditEntry) -> None:
        """Give an account other secrets; it is enabled, and all its sessions end. Raises ``NotFound``."""
        ...

    def reseal(self, secrets: Sequence[tuple[str, str, str]]) -> None:
        """Replace second factors' secrets as they are kept, where the old one still stands: account, old, new.

        Nothing of the old ones is left behind in the store's files, as far as the store can see to that.
        """
        ...

    def link(self, name: str, issuer: str, subject: str, entry: AuditEntry) -> None:
        """Let whom a provider of sign-on calls by a subject be an account; one that it had counts no more.

        Raises:
            NotFound: There is no such account.
            Conflict: The subject is another account.
        """
        ...

    def unlink(self, name: str, issuer: str, entry: AuditEntry) -> None:
        """Undo that, and end the account's sessions; raises ``NotFound`` where there is nothing to undo."""
        ...

    def linked(self, issuer: str, subject: str) -> Account:
        """The account that a provider's subject is; raises ``NotFound``."""
        ...

    def subjects(self) -> dict[str, list[tuple[str, str]]]:
        """Issuers and subjects of every account that has any, by account."""
        ...

    def refresh_hash(self, name: str, old: str, new: str) -> None:
        """Replace the hash of the same password by one of today's cost, where it still stands."""
        ...

    def disable(self, name: str, entry: AuditEntry) -> None:
        """Let nobody in by it any more, its keys included; its sessions end. Raises ``NotFound``."""
        ...

    def spend_code(self, name: str, step: int) -> bool:
        """Whether a code of the second factor, by the number of its time step, is newer than any that was used."""
        ...

    def open_session(self, login: Login, entry: AuditEntry) -> None:
        """Keep a session."""
        ...

    def session(self, session: str) -> tuple[Login, Account]:
        """A session and whose it is, ended or not; raises ``NotFound``."""
        ...

    def rotate(self, session: str, old_hash: str, new_hash: str) -> bool:
        """Replace the secret of a session that was not revoked, where it still is the old one."""
        ...

    def end_session(self, session: str, entry: AuditEntry) -> None:
        """Revoke a session; one that ended stays as it is, and writes nothing down."""
        ...

    def add_key(self, key: MachineKey, entry: AuditEntry) -> None:
        """Keep a key; raises ``NotFound`` for an unknown account."""
        ...

    def key(self, key: str) -> tuple[MachineKey, Account]:
        """A key and whose it is, revoked or not; raises ``NotFound``."""
        ...

    def keys(self, account: str) -> list[MachineKey]:
        """An account's keys, by the time that they were made."""
        ...

    def revoke_key(self, key: str, entry: AuditEntry) -> None:
        """Take a key out of use; raises ``NotFound``."""
        ...

    def attempt(self, limits: Sequence[Limit], now_ms: int) -> int:
        """Count an attempt against every limit, unless one is used up.

        Returns:
            Milliseconds until it may be tried again; 0: go on.
        """
        ...

    def forget_attempts(self, name: str) -> None:
        """Start to count anew."""
        ...

    def write_down(self, entry: AuditEntry) -> None:
        """Add an entry to the audit log."""
        ...

    def audit(
        self, cooperative: str | None, before: int = 0, limit: int = 100, only: AuditFilter = EVERY_ENTRY
    ) -> list[AuditEntry]:
        """Entries about a cooperative (None: about all), the newest first; only those before a number, unless 0."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...
