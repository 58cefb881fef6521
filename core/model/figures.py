"""Figures that are kept as they come beside fixes and readings, for dashboards: rows of a measurement."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

Value = float | str


class Figures(msgspec.Struct, frozen=True, gc=False):
    """One row: what it is about (``tags``, bounded in number), when, and what it says. Every number is a float."""

    measurement: str
    ts_ms: int
    tags: Mapping[str, str]
    values: Mapping[str, Value]
