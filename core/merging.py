"""Uploaded logs laid over telemetry: a log fills what is missing, and never contradicts what is there.

A fix of a log counts where the fixes before and after it are further apart than a gap, and none is nearer than half the
log's own interval. What is told twice is taken once, from whoever told it first: the telemetry, then the uploads by
number. The rule looks no further than a gap to both sides, so that any window of time can be laid over by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from core.model.fixtable import Bools, FixTable, Ints, Labels
from core.uploads import Outcome, UploadedFixes

GAP_MS: Final = 3_000
"""Telemetry at least every so often has no gap, however much more often the log tells."""
_INTERVALS: Final = 3.0
LABELS_MS: Final = 600_000
"""How far away a fix of the telemetry may be to say which flight and boot a filled one belongs to."""


def interval_ms(ts_ms: Ints) -> float:
    """The usual time between fixes that are in order, in ms; 0 where there are not two."""
    steps = np.diff(ts_ms)
    steps = steps[steps > 0]
    return float(np.median(steps)) if len(steps) else 0.0


def gap_ms(ts_ms: Ints) -> int:
    """How far apart fixes have to be for a log with these times to fill what is between them."""
    return max(GAP_MS, round(_INTERVALS * interval_ms(ts_ms)))


def fills(there_ms: Ints, log_ms: Ints, gap: int, near_ms: float = 0.0) -> Bools:
    """Which times of a log are new.

    Args:
        there_ms: Times that are there, in order, shape (n,).
        log_ms: Times of the log, shape (m,).
        gap: See :func:`gap_ms`.
        near_ms: What is nearer than this is the same instant.

    Returns:
        Shape (m,).
    """
    if not len(there_ms):
        return np.ones(len(log_ms), np.bool_)
    far = np.int64(2**61)
    right = np.searchsorted(there_ms, log_ms, side="left")
    before = np.where(right > 0, there_ms[np.maximum(right - 1, 0)], -far)
    after = np.where(right < len(there_ms), there_ms[np.minimum(right, len(there_ms) - 1)], far)
    nearest = np.minimum(log_ms - before, after - log_ms)
    return np.asarray((after - before > gap) & (nearest > near_ms), np.bool_)


def composed(there: FixTable, uploads: Sequence[UploadedFixes]) -> tuple[FixTable, Ints]:
    """Telemetry and uploads as one table by time, and the number of the upload that each row comes from (0: none).

    Args:
        there: The telemetry, by time.
        uploads: What may fill it, in the order of their numbers; each by time.
    """
    table, origin = there, np.zeros(len(there), np.int64)
    for it in uploads:
        new = fills(table.ts_ms, it.fixes.ts_ms, gap_ms(it.fixes.ts_ms), interval_ms(it.fixes.ts_ms) / 2.0)
        if not new.any():
            continue
        chosen = _labelled(it.fixes.take(new).with_columns(device=there.device or it.fixes.device), there, it.outcome)
        table = FixTable.concat([table, chosen])
        origin = np.concatenate([origin, np.full(len(chosen), it.upload, np.int64)])
        order = np.lexsort((table.seq, table.ts_ms))
        table, origin = table.take(order), origin[order]
    return table, origin


def margin_ms(uploads: Sequence[UploadedFixes]) -> int:
    """How far to both sides of a window telemetry has to be read, to lay these over it."""
    return max(LABELS_MS, sum(gap_ms(it.fixes.ts_ms) for it in uploads)) if uploads else 0


def _labelled(fixes: FixTable, there: FixTable, outcome: Outcome) -> FixTable:
    """Filled fixes belong to the flight, boot and job of the nearest fix of the telemetry.

    Far from any, a log that was merged says nothing about them, and one that stands alone keeps what it says itself.
    """
    if len(there):
        right = np.clip(np.searchsorted(there.ts_ms, fixes.ts_ms), 1, max(len(there) - 1, 1))
        left = right - 1
        right = np.minimum(right, len(there) - 1)
        nearer = np.abs(there.ts_ms[left] - fixes.ts_ms) <= np.abs(there.ts_ms[right] - fixes.ts_ms)
        nearest = np.where(nearer, left, right)
        close = np.abs(there.ts_ms[nearest] - fixes.ts_ms) <= LABELS_MS
    else:
        nearest, close = np.zeros(len(fixes), np.int64), np.zeros(len(fixes), np.bool_)
    keeps = outcome is Outcome.ADDED
    changed: dict[str, Any] = {}
    for name in ("flight", "boot", "job"):
        own: Labels = getattr(fixes, name) if keeps or name == "job" else Labels.constant("", len(fixes))
        theirs: Labels = getattr(there, name)
        texts = [theirs[row] if by else mine for row, by, mine in zip(nearest, close, own.values(), strict=True)]
        changed[name] = Labels.of(texts)
    return fixes.with_columns(**changed)
