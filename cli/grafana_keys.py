"""The keys with which Grafana reads our API: one for each cooperative, of an account that nobody can log in with.

A key reads, and nothing else, and only its cooperative. It stands as a hash in the registry and once in a file that
only this user can read; where the two do not go together any more, the old one is revoked and another one made.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli import enrolling
from core.accounts import Account, AccountStore, MachineKey, Role, Scope
from core.errors import ConfigError, NotFound

if TYPE_CHECKING:
    from api.identity.vault import Vault

PREFIX: Final = "grafana-"
"""What the names of these accounts begin with; the cooperative follows."""
DAYS: Final = 365
RENEWED_DAYS: Final = 90
"""A key that counts for less is replaced."""
_DAY_MS: Final = 86_400_000
_NAME: Final = "grafana"


@dataclass(frozen=True, slots=True)
class GrafanaKeys:
    """Looks for keys and makes them.

    Attributes:
        people: Where accounts and keys are.
        vault: For what new accounts keep sealed.
        folder: Where the keys' files are.
        now_ms: The time.
    """

    people: AccountStore
    vault: Vault
    folder: Path
    now_ms: int

    def look(self, cooperative: str) -> str:
        """The key that counts for a cooperative; "" where there is none, or not for long."""
        from api.identity.secret_tokens import read_key  # noqa: PLC0415

        try:
            text = self._file(cooperative).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise ConfigError(f"{self._file(cooperative)}: {error.strerror}") from None
        shown = read_key(text)
        try:
            key, account = self.people.key(shown.name)
        except NotFound:
            return ""
        self._check(account, cooperative)
        return text if self._counts(key) and key.secret_hash == shown.hash else ""

    def make(self, cooperative: str) -> str:
        """A new key for a cooperative; those that there were are revoked."""
        from api.identity.enrolment import hand_key  # noqa: PLC0415

        name = PREFIX + cooperative
        self._account(name, cooperative)
        self._file(cooperative).unlink(missing_ok=True)
        for old in self.people.keys(name):
            if not old.revoked_ms:
                self.people.revoke_key(old.key, enrolling.entry("key revoked", f"{name}: {old.name}", cooperative))
        entry = enrolling.entry("key added", f"{name}: {_NAME}", cooperative)
        text = hand_key(self.people, name, _NAME, entry, scopes=[Scope.READ], days=DAYS)
        _keep(self._file(cooperative), text)
        return text

    def forsake(self, wanted: Collection[str]) -> list[str]:
        """Disable the accounts of cooperatives that are not wanted any more; their names."""
        gone = [it for it in self.gone(wanted) if not it.disabled]
        for it in gone:
            self.people.disable(it.account, enrolling.entry("account disabled", it.account, it.cooperative))
            self._file(it.cooperative).unlink(missing_ok=True)
        return [it.account for it in gone]

    def gone(self, wanted: Collection[str]) -> list[Account]:
        """Accounts of Grafana whose cooperative is not wanted any more."""
        ours = [it for it in self.people.accounts() if it.account == PREFIX + it.cooperative]
        return [it for it in ours if it.role is Role.PILOT and it.cooperative and it.cooperative not in wanted]

    def _account(self, name: str, cooperative: str) -> None:
        """The account that a key acts for, made where there is none: its password is told to nobody."""
        from api.identity.enrolment import enrol  # noqa: PLC0415

        try:
            self._check(self.people.account(name), cooperative)
        except NotFound:
            account = Account(name, cooperative, Role.PILOT, "Grafana", "", "", self.now_ms)
            enrol(self.people, account, enrolling.entry("account added", name, cooperative), self.vault)

    def _check(self, account: Account, cooperative: str) -> None:
        """Raise ``ConfigError`` where an account is not what its name says: somebody else made it."""
        if account.cooperative != cooperative or account.role is not Role.PILOT:
            raise ConfigError(
                f"account {account.account!r} is a {account.role} of {account.cooperative or 'no cooperative'!r}, not "
                "what Grafana reads with: somebody else made it; disable it, and rename the cooperative"
            )
        if account.disabled:
            raise ConfigError(f"account {account.account!r} is disabled: canhdong account reset {account.account}")

    def _counts(self, key: MachineKey) -> bool:
        left_ms = key.expires_ms - self.now_ms if key.expires_ms else RENEWED_DAYS * _DAY_MS
        return not key.revoked_ms and left_ms >= RENEWED_DAYS * _DAY_MS and key.scopes == {Scope.READ}

    def _file(self, cooperative: str) -> Path:
        return self.folder / f"canhdong_grafana_{cooperative}"


def _keep(file: Path, text: str) -> None:
    """Write a secret where only this user can read it, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text + "\n")
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
