"""Which codec reads a message: by its topic, and by its payload where several codecs read the same topic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, cast

from core.errors import PayloadError
from ingest import codecs
from ingest.codec import Decoder, Memory

_TOPICS: Final = 20_000


class _Reader:
    """A codec at work."""

    __slots__ = ("decoder", "name", "recognises", "topics")

    def __init__(self, name: str, memory_of: Callable[[str], Memory]) -> None:
        module = codecs.codec(name)
        self.name = module.FORMAT
        self.topics: tuple[str, ...] = tuple(module.TOPICS)
        self.recognises: Callable[[bytes], bool] | None = getattr(module, "recognises", None)
        session = getattr(module, "session", None)
        self.decoder = cast(Decoder, module if session is None else session(memory_of(self.name)))


def filters(names: Sequence[str]) -> list[str]:
    """All topics that some codecs read, each once.

    Raises:
        ConfigError: There is no such codec.
    """
    return list(dict.fromkeys(topic for name in names for topic in codecs.codec(name).TOPICS))


class Dispatch:
    """The codecs that are in use.

    Args:
        names: Names of codecs (see :func:`ingest.codecs.codec`).
        memory_of: What a session of a codec must not forget, by the codec's name; asked once, for codecs with sessions.

    Raises:
        ConfigError: There is no such codec.
    """

    def __init__(self, names: Sequence[str], memory_of: Callable[[str], Memory]) -> None:
        self._readers = [_Reader(name, memory_of) for name in names]
        self._candidates: dict[str, tuple[_Reader, ...]] = {}

    def find(self, topic: str, payload: bytes) -> tuple[str, Decoder]:
        """The codec of a message: its name, and what decodes.

        Raises:
            PayloadError: (``topic``) No codec reads such a message.
        """
        candidates = self._candidates.get(topic)
        if candidates is None:
            candidates = self._remember(topic)
        if len(candidates) == 1:
            return candidates[0].name, candidates[0].decoder
        fallback: _Reader | None = None
        for reader in candidates:
            if reader.recognises is None:
                fallback = fallback or reader
            elif reader.recognises(payload):
                return reader.name, reader.decoder
        if fallback is None:
            raise PayloadError("topic", f"no codec reads what came on {topic[:200]!r}")
        return fallback.name, fallback.decoder

    def _remember(self, topic: str) -> tuple[_Reader, ...]:
        found = tuple(r for r in self._readers if any(matches(wanted, topic) for wanted in r.topics))
        if len(self._candidates) >= _TOPICS:
            self._candidates.clear()
        self._candidates[topic] = found
        return found


def matches(wanted: str, topic: str) -> bool:
    """Whether a topic falls under an MQTT filter (3.1.1, 4.7): ``+`` is one level, ``#`` at the end all that follow."""
    levels, parts = wanted.split("/"), topic.split("/")
    for at, level in enumerate(levels):
        if level == "#":
            return True
        if at >= len(parts) or level not in {"+", parts[at]}:
            return False
    return len(levels) == len(parts)
