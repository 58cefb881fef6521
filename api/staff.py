"""The accounts of a cooperative, as its administrator keeps them; those of the platform see all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from api.identity.enrolment import Handed, account_name, enrol, reset
from api.identity.vault import Vault
from core.accounts import Account, AccountStore, AuditEntry, Principal, Role
from core.errors import Conflict, Forbidden, NotFound


@dataclass(frozen=True, slots=True)
class Staff:
    """Accounts, for one administrator. Only :mod:`api.tenancy` opens it.

    ``entry`` makes an entry of the audit log: the cooperative, what is done, and to whom. ``vault`` encrypts second
    factors.
    """

    accounts: AccountStore
    principal: Principal
    entry: Callable[[str, str, str], AuditEntry]
    vault: Vault

    def require(self) -> None:
        """Raise ``Forbidden`` where somebody is no administrator, or comes by the key of a machine."""
        if self.principal.role is not Role.ADMINISTRATOR:
            raise Forbidden("accounts are kept by administrators")
        if not self.principal.session:
            raise Forbidden("a key cannot keep accounts: log in with the second factor")

    def everyone(self) -> list[Account]:
        """Accounts of one's own cooperative; all of them for the platform's administrators."""
        self.require()
        return [it for it in self.accounts.accounts() if self.principal.belongs_to(it.cooperative)]

    def add(self, account: Account) -> Handed:
        """Add an account; its one-time password and second factor, which nobody can read again.

        Raises:
            Conflict: There is one of that name (also of another cooperative: names are the platform's).
            Forbidden: It is of another cooperative, or an officer.
            NotFound: Nobody registered its cooperative.
            ConfigError: Its role does not fit its cooperative.
        """
        self.require()
        if not self.principal.everywhere and (
            account.cooperative != self.principal.cooperative or account.role is Role.OFFICER
        ):
            raise Forbidden("administrators of a cooperative make accounts of their own cooperative only")
        entry = self.entry(account.cooperative, "account added", account.account)
        return enrol(self.accounts, account, entry, self.vault)

    def reset(self, name: str) -> Handed:
        """Give an account new secrets, and end its sessions; raises ``NotFound``."""
        it = self._mine(name)
        return reset(self.accounts, it.account, self.entry(it.cooperative, "account reset", it.account), self.vault)

    def disable(self, name: str) -> None:
        """Let nobody in by an account any more; raises ``NotFound``, and ``Conflict`` for one's own."""
        it = self._mine(name)
        if it.account == self.principal.account:
            raise Conflict("nobody disables the account that he or she has come in by")
        self.accounts.disable(it.account, self.entry(it.cooperative, "account disabled", it.account))

    def _mine(self, name: str) -> Account:
        self.require()
        unknown = NotFound(f"there is no account {name!r}")
        try:
            it = self.accounts.account(account_name(name))
        except NotFound:
            raise unknown from None
        if not self.principal.belongs_to(it.cooperative):
            raise unknown
        return it
