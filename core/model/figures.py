"""Figures that are kept as they come beside fixes and readings, for dashboards: rows of a measurement."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

Value = float | str
Key = tuple[int, tuple[tuple[str, str], ...]]


class Figures(msgspec.Struct, frozen=True, gc=False):
    """One row: what it is about (``tags``, bounded in number), when, and what it says. Every number is a float."""

    measurement: str
    ts_ms: int
    tags: Mapping[str, str]
    values: Mapping[str, Value]

    @property
    def key(self) -> Key:
        """What tells rows of a measurement apart: their time and tags."""
        return self.ts_ms, tuple(sorted(self.tags.items()))
