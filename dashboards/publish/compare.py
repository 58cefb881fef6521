"""Whether what stands on a server is what is wanted, and where it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

HIDDEN: Final = "[REDACTED]"
"""What the server tells instead of a secret."""
_PART: Final = re.compile(r"(\d+)(ms|[smhdwy])")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0, "y": 31_536_000.0}
MOST_TOLD: Final = 4


def differences(wanted: Any, there: Any, *, more: bool = False, path: str = "") -> Iterator[str]:
    """Paths at which two JSON values differ, such as ``panels[3].title``.

    Args:
        wanted: What is to stand.
        there: What the server tells.
        more: Whether objects there may hold what is not wanted: servers add to some kinds of things.
        path: Where the values are.
    """
    if isinstance(wanted, Mapping) and isinstance(there, Mapping):
        for key in sorted(set(wanted) | (set() if more else set(there))):
            where = f"{path}.{key}" if path else str(key)
            if key not in wanted or key not in there:
                yield where
            else:
                yield from differences(wanted[key], there[key], more=more, path=where)
    elif isinstance(wanted, list) and isinstance(there, list):
        if len(wanted) != len(there):
            yield f"{path} ({len(there)} instead of {len(wanted)})"
        else:
            for i, (one, other) in enumerate(zip(wanted, there, strict=True)):
                yield from differences(one, other, more=more, path=f"{path}[{i}]")
    elif there != HIDDEN and not _equal(wanted, there):
        yield path


def _equal(one: Any, other: Any) -> bool:
    """JSON knows one kind of number, and true is none."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def in_words(found: Iterator[str]) -> str:
    """The first few differences; "" where there is none."""
    listed = list(found)
    rest = len(listed) - MOST_TOLD
    return ", ".join(listed[:MOST_TOLD]) + (f" and {rest} more" if rest > 0 else "")


def seconds(duration: str) -> float | str:
    """A duration such as ``1m30s`` in seconds; the text itself where it is none."""
    parts = _PART.findall(duration)
    if not parts or "".join(a + b for a, b in parts) != duration:
        return duration
    return sum(int(number) * _SECONDS[unit] for number, unit in parts)
