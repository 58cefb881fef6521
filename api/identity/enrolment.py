"""New accounts and keys: their secrets are made here, shown once, and kept as hashes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from api.identity import passwords, second_factor
from api.identity.secret_tokens import key_text, new_secret
from api.identity.vault import Locked, Vault, is_sealed
from core.accounts import (
    EVERYWHERE,
    KEY_SCOPES,
    TWO_FACTORS,
    Account,
    AccountStore,
    AuditEntry,
    MachineKey,
    Role,
    Scope,
)
from core.errors import ConfigError

_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Handed:
    """What a person is handed once. ``second_factor`` is empty, or the address for an authenticator application."""

    account: str
    password: str
    second_factor: str


def account_name(text: str) -> str:
    """The name as it is kept: people do not mind its case."""
    return text.strip().casefold()


def check_place(role: Role, cooperative: str) -> None:
    """Pilots and managers belong to a cooperative, officers to none; an administrator may be of either kind.

    Raises:
        ConfigError: The role does not fit.
    """
    if role in {Role.PILOT, Role.MANAGER} and cooperative == EVERYWHERE:
        raise ConfigError(f"a {role} belongs to a cooperative: say which with --cooperative")
    if role is Role.OFFICER and cooperative != EVERYWHERE:
        raise ConfigError("an officer belongs to the department, not to a cooperative: leave out --cooperative")


def enrol(store: AccountStore, account: Account, entry: AuditEntry, vault: Vault, *, second: bool = False) -> Handed:
    """Add an account with a generated password, and a second factor where its role or ``second`` asks for it.

    The second factor is kept encrypted by ``vault``.

    Raises:
        Conflict: There is one of that name.
        NotFound: Nobody registered its cooperative.
        ConfigError: Its role does not fit its cooperative.
    """
    check_place(account.role, account.cooperative)
    handed, secret, hashed = _secrets(account, vault, second=second)
    store.add_account(replace(account, password_hash=hashed, totp_secret=secret), entry)
    return handed


def reset(store: AccountStore, name: str, entry: AuditEntry, vault: Vault, *, second: bool = False) -> Handed:
    """Give an account a new password and a new second factor; it is enabled again, and its sessions end.

    Raises:
        NotFound: There is no such account.
    """
    account = store.account(name)
    handed, secret, hashed = _secrets(account, vault, second=second or bool(account.totp_secret))
    store.set_password(name, hashed, secret, entry)
    return handed


def _secrets(account: Account, vault: Vault, *, second: bool) -> tuple[Handed, str, str]:
    password = passwords.generated()
    secret = second_factor.new_secret() if second or account.role in TWO_FACTORS else ""
    address = second_factor.address(secret, account.account) if secret else ""
    kept = vault.seal(secret, account.account) if secret else ""
    return Handed(account.account, password, address), kept, passwords.hashed(password)


def encrypt_factors(store: AccountStore, vault: Vault) -> list[str]:
    """Encrypt the second factors that stand in the store in clear, as they did before there was a vault.

    Returns:
        Accounts whose second factor was encrypted with another key: they cannot log in until they are reset.
    """
    having = [it for it in store.accounts() if it.totp_secret]
    clear = [it for it in having if not is_sealed(it.totp_secret)]
    if clear:
        store.reseal([(it.account, it.totp_secret, vault.seal(it.totp_secret, it.account)) for it in clear])
    return [it.account for it in having if it not in clear and not _opens(vault, it)]


def _opens(vault: Vault, account: Account) -> bool:
    try:
        vault.open(account.totp_secret, account.account)
    except Locked:
        return False
    return True


def hand_key(
    store: AccountStore, account: str, name: str, entry: AuditEntry, *, scopes: Collection[Scope], days: int
) -> str:
    """Make a key that acts for an account; its text, which is shown once.

    Args:
        store: Where it is kept.
        account: For whom it acts: never for more than the account itself may.
        name: What it is for.
        entry: For the audit log.
        scopes: What it may be used for.
        days: How long it counts; 0: for ever.

    Raises:
        NotFound: There is no such account.
        ConfigError: A key is never given such a scope.
    """
    wrong = set(scopes) - KEY_SCOPES
    if wrong:
        raise ConfigError(f"a key is never given {', '.join(sorted(wrong))}: it has no second factor")
    secret = new_secret()
    expires_ms = entry.at_ms + days * _DAY_MS if days else 0
    key = MachineKey(secret.name, account, name, frozenset(scopes), secret.hash, entry.at_ms, expires_ms)
    store.add_key(key, entry)
    return key_text(secret)
