"""What is to change on a server: found first, then done or only told of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Action(StrEnum):
    """What happens to a thing. ``stale`` ones are ours and wanted no more: they go with ``--prune`` only."""

    ADD = "add"
    CHANGE = "change"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it should be.

    Attributes:
        organisation: In which organisation, by name.
        kind: What kind of thing: ``board``, ``data source`` ...
        name: Which, by uid or name.
        action: What is to happen.
        why: Where it differs; "" where it is missing.
        do: Does it.
    """

    organisation: str
    kind: str
    name: str
    action: Action
    why: str = ""
    do: Callable[[], object] = field(default=lambda: None, repr=False, compare=False)

    def as_stale(self) -> Change:
        """The same, done only where stale things are removed."""
        return replace(self, action=Action.STALE)
