"""Rows of results in stores that forget nothing: what to write so that they say what counts now, and no more.

InfluxDB keeps every point, and of a point that is written again every field that the new one leaves out. So a row that
is no more is written over with zeros, and so is a figure that was known and is not any more. Every row says whether it
stands. Nothing is ever deleted, which InfluxDB does slowly and not with all credentials.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from core.model.figures import Figures, Value

STANDS: Final = "stands"
"""1 where a row counts, 0 where its flight is no more."""
PLACE: Final = ("lat", "lon")
"""Kept where a row is written over: a zero would be a place off the coast of Africa."""


def standing_row(measurement: str, ts_ms: int, tags: Mapping[str, str], values: Mapping[str, Value]) -> Figures:
    """A row that stands, without tags that say nothing and figures that nobody knows (NaN)."""
    told = {name: value for name, value in values.items() if isinstance(value, str) or not math.isnan(value)}
    named = {name: value for name, value in tags.items() if value}
    return Figures(measurement, ts_ms, named, {STANDS: 1.0} | told)


def settled(kept: Iterable[Figures], fresh: Sequence[Figures]) -> list[Figures]:
    """The rows to write so that those that stand are the fresh ones.

    Args:
        kept: What is kept of what the fresh rows are about, and of nothing else, of one measurement.
        fresh: What counts now, of the same measurement.

    Returns:
        Rows that are new or say something else, whole, and zeros over those that are no more; none where all is well.
    """
    before = {row.key: row for row in kept}
    found: list[Figures] = []
    for row in fresh:
        old = before.pop(row.key, None)
        whole = row if old is None else _over(old, row)
        if old is None or dict(whole.values) != dict(old.values):
            found.append(whole)
    return found + [nothing for row in before.values() if dict((nothing := _withdrawn(row)).values) != dict(row.values)]


def _over(old: Figures, row: Figures) -> Figures:
    """A row with zeros in the fields that only the kept one has."""
    lost = {name: _nothing(value) for name, value in old.values.items() if name not in row.values}
    return Figures(row.measurement, row.ts_ms, row.tags, lost | dict(row.values)) if lost else row


def _withdrawn(row: Figures) -> Figures:
    """What a kept row says once it is no more: zeros; its texts and its place stay."""
    kept = {n: v if isinstance(v, str) or n in PLACE else 0.0 for n, v in row.values.items()}
    return Figures(row.measurement, row.ts_ms, row.tags, kept | {STANDS: 0.0})


def _nothing(value: Value) -> Value:
    return "" if isinstance(value, str) else 0.0
