"""A telemetry store with the uploads that count laid over it when fixes and events are read (:mod:`core.merging`).

Nothing of an upload is written into the store below: what is taken back is gone at once, on every kind of store.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.merging import composed, fills, gap_ms, margin_ms
from core.model.figures import Figures
from core.model.fixtable import FixTable
from core.model.samples import Event, Fix, Reading
from core.ports import Sample, TelemetryStore, WriteResult
from core.uploads import Source, UploadStore


class WithUploads:
    """A :class:`core.ports.TelemetryStore`; writes, readings and last positions are those of the store below."""

    def __init__(self, store: TelemetryStore, uploads: UploadStore) -> None:
        self._store = store
        self._uploads = uploads

    def write(self, cooperative: str, samples: Sequence[Sample], received_ms: int) -> WriteResult:
        """See the port."""
        return self._store.write(cooperative, samples, received_ms)

    def fixes(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> FixTable:
        """See the port."""
        uploads = self._uploads.uploaded(cooperative, device, start_ms, end_ms)
        if not uploads:
            return self._store.fixes(cooperative, device, start_ms, end_ms)
        margin = margin_ms(uploads)
        there = self._store.fixes(cooperative, device, start_ms - margin, end_ms + margin)
        table, _ = composed(there.with_columns(device=device), uploads)
        return table.take((table.ts_ms >= start_ms) & (table.ts_ms <= end_ms))

    def sources(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Source]:
        """How many fixes of a window come from where, the telemetry first."""
        uploads = self._uploads.uploaded(cooperative, device, start_ms, end_ms)
        margin = margin_ms(uploads)
        table, origin = composed(self._store.fixes(cooperative, device, start_ms - margin, end_ms + margin), uploads)
        within = origin[(table.ts_ms >= start_ms) & (table.ts_ms <= end_ms)]
        numbers, counts = np.unique(within, return_counts=True)
        return [Source(number, n) for number, n in zip(numbers.tolist(), counts.tolist(), strict=True)]

    def events(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Event]:
        """See the port. An event of a log counts where a fix of it would."""
        found = self._store.events(cooperative, device, start_ms, end_ms)
        uploads = [it for it in self._uploads.uploaded(cooperative, device, start_ms, end_ms) if it.events]
        if not uploads:
            return found
        margin = margin_ms(uploads)
        there_ms = self._store.fixes(cooperative, device, start_ms - margin, end_ms + margin).ts_ms
        for it in uploads:
            within = [e for e in it.events if start_ms <= e.ts_ms <= end_ms]
            new = fills(there_ms, np.array([e.ts_ms for e in within], np.int64), gap_ms(it.fixes.ts_ms))
            found += [Event(device, e.ts_ms, e.kind) for e, chosen in zip(within, new.tolist(), strict=True) if chosen]
        return sorted(found, key=lambda e: (e.ts_ms, e.kind, e.boot))

    def readings(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Reading]:
        """See the port."""
        return self._store.readings(cooperative, device, start_ms, end_ms)

    def readings_page(  # noqa: PLR0917 - see the port
        self,
        cooperative: str,
        device: str,
        quantity: str,
        start_ms: int,
        end_ms: int,
        limit: int,
        *,
        newest_first: bool = False,
    ) -> list[Reading]:
        """See the port."""
        asked = (cooperative, device, quantity, start_ms, end_ms, limit)
        return self._store.readings_page(*asked, newest_first=newest_first)

    def count_readings(self, cooperative: str, device: str, quantity: str, start_ms: int, end_ms: int) -> int:
        """See the port."""
        return self._store.count_readings(cooperative, device, quantity, start_ms, end_ms)

    def latest_fixes(self, cooperative: str) -> list[Fix]:
        """See the port."""
        return self._store.latest_fixes(cooperative)

    def latest_readings(self, cooperative: str) -> list[Reading]:
        """See the port."""
        return self._store.latest_readings(cooperative)

    def put_figures(self, name: str, rows: Sequence[Figures]) -> None:
        """See the port."""
        self._store.put_figures(name, rows)

    def figures(self, name: str, measurement: str, start_ms: int, end_ms: int) -> list[Figures]:
        """See the port."""
        return self._store.figures(name, measurement, start_ms, end_ms)

    def close(self) -> None:
        """Close the store below; the uploads are somebody else's."""
        self._store.close()
