"""Lets people and machines in: by password and second factor, by token, by cookie, by the key of a machine."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from api.identity import passwords, second_factor
from api.identity.enrolment import account_name
from api.identity.secret_tokens import Secret, new_secret, read_key, read_session, session_text
from api.identity.signing import Claims, Signer
from api.identity.vault import Locked
from api.remembered import Remembered
from core.accounts import (
    SCOPES,
    TWO_FACTORS,
    Account,
    AccountStore,
    AuditEntry,
    Credential,
    Limit,
    Login,
    MachineKey,
    Principal,
)
from core.errors import NotFound, TooManyAttempts, Unauthenticated
from core.ports import Clock

_WINDOW_MS: Final = 15 * 60_000
_PER_ACCOUNT: Final = 10
_PER_ADDRESS: Final = 100
"""Attempts within a window: an office behind one address logs in more often than one account."""
_HOUR_MS: Final = 3_600_000
_COOKIE_MS: Final = 12 * _HOUR_MS
_TOKEN_MS: Final = 14 * 24 * _HOUR_MS
_LOG: Final = logging.getLogger("api")
_WRONG: Final = "the account, the password or the code of the second factor is wrong, or the account is disabled"


@dataclass(frozen=True, slots=True)
class Trace:
    """Which request, from which address: for the audit log."""

    request: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair of tokens."""

    access: str
    refresh: str


class Doorkeeper:
    """Everything that decides who somebody is. Safe to use from several threads."""

    def __init__(self, store: AccountStore, signer: Signer, clock: Clock) -> None:
        self.signer = signer
        self._store = store
        self._clock = clock
        self._keys, self._sessions = Remembered(store, store.key), Remembered(store, store.session)
        self._key: Callable[[str], tuple[MachineKey, Account]] = self._keys.get
        self._session: Callable[[str], tuple[Login, Account]] = self._sessions.get

    def at_hand(self) -> Doorkeeper:
        """The same one, for an event loop: whoever it has to ask the store about raises ``NotAtHand``."""
        quick = copy.copy(self)
        quick._key, quick._session = self._keys.at_hand, self._sessions.at_hand  # noqa: SLF001 - its own copy
        return quick

    def log_in(self, name: str, password: str, code: str, credential: Credential, trace: Trace) -> str:
        """Open a session; what its cookie or its refresh token carries.

        Raises:
            Unauthenticated: Something is wrong; the message is the same whatever it is.
            TooManyAttempts: Too many attempts on this account, or from this address.
        """
        account = self._checked(account_name(name)[:64], password, code, trace)
        return self.let_in(account, credential, str(credential), trace)

    def let_in(self, account: Account, credential: Credential, how: str, trace: Trace) -> str:
        """Open a session of an account that has shown who it is; what its cookie or its refresh token carries."""
        now_ms, secret = self._clock.now_ms(), new_secret()
        long = credential is Credential.TOKEN and account.role not in TWO_FACTORS
        expires_ms = now_ms + (_TOKEN_MS if long else _COOKIE_MS)
        login = Login(secret.name, account.account, credential, secret.hash, now_ms, expires_ms)
        self._store.open_session(login, self._entry(account, "login", how, trace))
        return session_text(secret)

    def tokens(self, refresh: str) -> Tokens:
        """The pair of a session that was just opened."""
        login, account = self._store.session(read_session(refresh).name)
        claims = Claims(account.account, login.session)
        return Tokens(self.signer.access_token(claims, self._clock.now_ms()), refresh)

    def refresh(self, text: str, trace: Trace) -> Tokens:
        """A new pair for a refresh token, which counts once: shown again, it was stolen, and the session ends.

        Raises:
            Unauthenticated: It does not count, or does not count any more.
        """
        given = read_session(text)
        login, account = self._standing(given.name, Credential.TOKEN)
        fresh = Secret(given.name, new_secret().proof)
        if not given.proves(login.secret_hash) or not self._store.rotate(given.name, given.hash, fresh.hash):
            self._store.end_session(given.name, self._entry(account, "refresh token used twice", given.name, trace))
            raise Unauthenticated("the refresh token was used before: its session has ended; log in again")
        return self.tokens(session_text(fresh))

    def log_out(self, text: str, trace: Trace) -> None:
        """End the session of a cookie or of a refresh token; nothing happens where it is none."""
        given = read_session(text)
        try:
            login, account = self._store.session(given.name)
        except NotFound:
            return
        if given.proves(login.secret_hash):
            self._store.end_session(given.name, self._entry(account, "logout", given.name, trace))

    def change_password(self, who: Principal, old: str, new: str, trace: Trace) -> None:
        """Change one's own password; all sessions end.

        Raises:
            Unauthenticated: The old one is wrong.
            TooManyAttempts: It was tried too often.
        """
        self.count(f"account:{who.account}", trace)
        account = self._store.account(who.account)
        if not passwords.matches(account.password_hash, old):
            raise Unauthenticated("the old password is wrong")
        entry = self._entry(account, "password changed", account.account, trace)
        self._store.set_password(account.account, passwords.hashed(new), account.totp_secret, entry)

    def by_bearer(self, token: str) -> Principal:
        """Who shows an access token; raises ``Unauthenticated``."""
        claims = self.signer.read(token, self._clock.now_ms())
        login, account = self._standing(claims.session, Credential.TOKEN)
        return _principal(account, Credential.TOKEN, login.session)

    def by_cookie(self, text: str) -> Principal:
        """Who shows a session's cookie; raises ``Unauthenticated``."""
        given = read_session(text)
        login, account = self._standing(given.name, Credential.COOKIE)
        if not given.proves(login.secret_hash):
            raise Unauthenticated("the session has ended; log in again")
        return _principal(account, Credential.COOKIE, login.session)

    def by_key(self, text: str) -> Principal:
        """For whom a machine's key acts; raises ``Unauthenticated``."""
        given = read_key(text)
        try:
            key, account = self._key(given.name)
        except NotFound:
            raise Unauthenticated("the key does not count") from None
        over = key.expires_ms and key.expires_ms <= self._clock.now_ms()
        if not given.proves(key.secret_hash) or key.revoked_ms or over or account.disabled:
            raise Unauthenticated("the key does not count")
        scopes = key.scopes & SCOPES[account.role]
        return Principal(account.account, account.cooperative, account.role, scopes, Credential.KEY)

    def _standing(self, session: str, credential: Credential) -> tuple[Login, Account]:
        try:
            login, account = self._session(session)
        except NotFound:
            raise Unauthenticated("the session has ended; log in again") from None
        over = login.revoked_ms or login.expires_ms <= self._clock.now_ms()
        if over or account.disabled or login.credential is not credential:
            raise Unauthenticated("the session has ended; log in again")
        return login, account

    def count(self, name: str, trace: Trace) -> None:
        """Count an attempt at something, by its name, before it is looked at: many at once count, too.

        Raises:
            TooManyAttempts: Too many at that, or from this address.
        """
        limits = [Limit(name, _PER_ACCOUNT, _WINDOW_MS)] if name else []
        if trace.address:
            limits.append(Limit(f"address:{trace.address}", _PER_ADDRESS, _WINDOW_MS))
        wait_ms = self._store.attempt(limits, self._clock.now_ms())
        if wait_ms:
            raise TooManyAttempts(-(-wait_ms // 1_000))

    def _checked(self, name: str, password: str, code: str, trace: Trace) -> Account:
        self.count(f"account:{name}", trace)
        try:
            account: Account | None = self._store.account(name)
        except NotFound:
            account = None
        right = passwords.matches(account.password_hash if account else None, password)
        if account is None or not right or account.disabled or not self.second(account, code):
            self._store.write_down(self._entry(account, "login refused", name, trace))
            raise Unauthenticated(_WRONG)
        self._store.forget_attempts(f"account:{name}")
        if passwords.outdated(account.password_hash):
            self._store.refresh_hash(name, account.password_hash, passwords.hashed(password))
        return account

    def second(self, account: Account, code: str) -> bool:
        """Whether the second factor is right, where there is one; each code counts once."""
        if not account.totp_secret:
            return account.role not in TWO_FACTORS
        try:
            secret = self.signer.second_factors.open(account.totp_secret, account.account)
        except Locked:
            _LOG.error("account %s: its second factor was encrypted with another key; reset it", account.account)
            return False
        step = second_factor.step_of(secret, code, self._clock.now_ms())
        return step is not None and self._store.spend_code(account.account, step)

    def _entry(self, account: Account | None, action: str, subject: str, trace: Trace) -> AuditEntry:
        actor, cooperative = (account.account, account.cooperative) if account else ("", "")
        return AuditEntry(self._clock.now_ms(), actor, cooperative, action, subject, trace.request, trace.address)


def _principal(account: Account, credential: Credential, session: str) -> Principal:
    scopes = SCOPES[account.role]
    return Principal(account.account, account.cooperative, account.role, scopes, credential, session)
