"""The port that keeps what a request with an idempotency key was answered: asking again changes nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that may come again: whose, by which account, its key, and the hash of what it asks for."""

    cooperative: str
    account: str
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a request was answered. ``digest`` is that of the request; ``status`` is 0 while it is under way."""

    digest: str
    status: int = 0
    headers: str = "{}"
    body: str = ""


class AnswerStore(Protocol):
    """Keeps answers by cooperative, account and key.

    Raises:
        StoreUnavailable: From every method, where the store does not answer.
    """

    def begin(self, ask: Ask, now_ms: int, stale_ms: int, forget_ms: int) -> KeptAnswer | None:
        """Take a key, or say what stands under it.

        Args:
            ask: The request.
            now_ms: The time, in ms since 1970 UTC.
            stale_ms: A request that has been under way since before this time has died: its key is taken over.
            forget_ms: Answers from before this time are forgotten.
        """
        ...

    def finish(self, ask: Ask, answer: KeptAnswer) -> None:
        """Keep the answer to a request that has begun."""
        ...

    def abandon(self, ask: Ask) -> None:
        """Let go of a key whose request came to nothing: it may be asked again."""
        ...
