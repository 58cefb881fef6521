"""Lets people in whom a provider of OpenID Connect vouches for, where an administrator has linked their account.

Nobody is made by a claim, and roles are ours: the provider says who somebody is, and nothing else.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final

from api.identity.doorkeeper import Doorkeeper, Trace
from api.identity.journeys import AWAY_MS, CODE_MS, Away, Back, Stale, departure, packed, unpacked
from api.identity.provider import Provider, SignedOn
from core.accounts import TWO_FACTORS, Account, AccountStore, AuditEntry, Credential, Limit
from core.errors import NotFound, Unauthenticated
from core.ports import Clock
from core.terms import Language

_REFUSED: Final = "login refused"
_UNKNOWN: Final = "sign-on: no account is linked to that subject, or it is disabled"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider sends somebody back with."""

    state: str
    code: str = ""
    error: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who came back: with a session, or (``waiting``) for the code of the second factor."""

    onward: str
    language: Language
    session: str = ""
    waiting: str = ""


class SignOn:
    """The way to a provider and back. Safe to use from several threads."""

    def __init__(self, provider: Provider, store: AccountStore, doorkeeper: Doorkeeper, clock: Clock) -> None:
        self.name = provider.registration.name
        """What people read on the button."""
        self._provider = provider
        self._store = store
        self._doorkeeper = doorkeeper
        self._vault = doorkeeper.signer.journeys
        self._clock = clock

    def depart(self, onward: str, language: Language) -> tuple[str, str]:
        """Where somebody signs on, and what the browser keeps meanwhile; raises ``ProviderUnavailable``."""
        away = departure(onward, language, self._clock.now_ms())
        return self._provider.address(away.ask), packed(away, self._vault)

    def arrive(self, cookie: str, answer: Answer, trace: Trace) -> Arrived:
        """Let somebody in who comes back.

        Raises:
            Stale: The way was not begun in this browser, took too long, or was gone before.
            Unauthenticated: The provider vouches for nobody, or for nobody whom we know.
            TooManyAttempts: Too many attempts from this address.
            ProviderUnavailable: The provider does not answer.
        """
        away = unpacked(Away, cookie, self._vault, self._clock.now_ms())
        self._doorkeeper.count("", trace)
        self._take(away, answer)
        signed_on = self._vouched(away, answer, trace)
        account = self._account(signed_on.subject, trace)
        if self._needs_code(account, signed_on):
            ends_ms = self._clock.now_ms() + CODE_MS
            back = Back(
                ends_ms=ends_ms,
                onward=away.onward,
                language=away.language,
                account=account.account,
                subject=signed_on.subject,
            )
            return Arrived(away.onward, away.language, waiting=packed(back, self._vault))
        return self._let_in(account, away, signed_on, trace)

    def language(self, cookie: str) -> Language:
        """In which language somebody set out; Vietnamese where nobody knows."""
        for kind in (Away, Back):
            try:
                return unpacked(kind, cookie, self._vault, 0).language
            except Stale:
                continue
        return "vi"

    def finish(self, cookie: str, code: str, trace: Trace) -> Arrived:
        """Let somebody in by the code of the second factor, after the provider has vouched for them.

        Raises:
            Stale: The provider has not, in this browser and lately.
            Unauthenticated: The code is wrong, or the account does not count any more.
            TooManyAttempts: Too many attempts on this account, or from this address.
        """
        back = unpacked(Back, cookie, self._vault, self._clock.now_ms())
        self._doorkeeper.count(f"code:{back.account}", trace)
        account = self._account(back.subject, trace)
        if account.account != back.account or not self._doorkeeper.second(account, code):
            self._refuse(account, f"{self._named(back.subject)}: code of the second factor", trace)
            raise Unauthenticated("sign-on: the code of the second factor is wrong")
        self._store.forget_attempts(f"code:{account.account}")
        return self._let_in(account, back, SignedOn(back.subject, frozenset()), trace)

    def _take(self, away: Away, answer: Answer) -> None:
        """Take the state of a way, which counts once, for all processes."""
        if not hmac.compare_digest(away.state.encode(), answer.state.encode()):
            raise Stale("this sign-on was not begun in this browser; begin again")
        if self._store.attempt([Limit(f"journey:{away.state}", 1, AWAY_MS)], self._clock.now_ms()):
            raise Stale("this sign-on was gone before; begin again")

    def _vouched(self, away: Away, answer: Answer, trace: Trace) -> SignedOn:
        try:
            _check(answer, self._provider.registration.issuer)
            return self._provider.signed_on(answer.code, away.ask)
        except Unauthenticated as error:
            self._refuse(None, str(error), trace)
            raise

    def _account(self, subject: str, trace: Trace) -> Account:
        """The account that is linked to a subject, and counts."""
        try:
            account = self._store.linked(self._provider.registration.issuer, subject)
        except NotFound:
            self._refuse(None, f"{self._named(subject)}: no account is linked to it", trace)
            raise Unauthenticated(_UNKNOWN) from None
        if account.disabled:
            self._refuse(account, f"{self._named(subject)}: the account is disabled", trace)
            raise Unauthenticated(_UNKNOWN)
        return account

    def _needs_code(self, account: Account, signed_on: SignedOn) -> bool:
        has_one = bool(account.totp_secret) or account.role in TWO_FACTORS
        return has_one and not signed_on.means & self._provider.registration.second_factors

    def _let_in(self, account: Account, stage: Away | Back, signed_on: SignedOn, trace: Trace) -> Arrived:
        session = self._doorkeeper.let_in(account, Credential.COOKIE, self._named(signed_on.subject), trace)
        return Arrived(stage.onward, stage.language, session)

    def _named(self, subject: str) -> str:
        return f"sign-on as {subject} at {self._provider.registration.issuer}"

    def _refuse(self, account: Account | None, what: str, trace: Trace) -> None:
        actor, cooperative = (account.account, account.cooperative) if account else ("", "")
        entry = AuditEntry(self._clock.now_ms(), actor, cooperative, _REFUSED, what, trace.request, trace.address)
        self._store.write_down(entry)


def _check(answer: Answer, issuer: str) -> None:
    """Raise ``Unauthenticated`` where the provider brings nothing, or it is another one that answers."""
    if answer.issuer and answer.issuer != issuer:
        raise Unauthenticated("sign-on: another provider has answered")
    if answer.error or not answer.code:
        why = answer.error if answer.error.isprintable() else ""
        raise Unauthenticated(f"sign-on: the provider refuses ({why[:60] or 'without a code'})")
