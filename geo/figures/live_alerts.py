"""Alerts in the registry, and at once in the rows that dashboards read and Grafana's alert rules ask for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from core.alerts import AlertLog, AlertQuery, PastAlert
from core.errors import RetriableError, StoreRefused
from core.model.context import Alert
from core.rollup import RollupSink
from geo.figures.alert import alert_row

log = logging.getLogger("canhdong.geo.live")

_MOST_LATE: Final = 1_000


@dataclass(slots=True)
class ShownAlerts:
    """An :class:`core.alerts.AlertLog` that shows what it keeps.

    The registry comes first: while the store of rows is away, alerts are kept all the same, and shown with the next
    one; those that are still not shown when the flight closes are written then (:mod:`geo.figures.following`).
    """

    kept: AlertLog
    sink: RollupSink
    _late: dict[tuple[str, str, int], None] = field(default_factory=dict)
    """Cooperative, drone and time of what is not shown yet, the oldest first."""

    def note_alert(self, cooperative: str, device: str, flight: str, alert: Alert) -> None:
        """See the port; a store of rows that is away raises nothing."""
        self.kept.note_alert(cooperative, device, flight, alert)
        self._late[cooperative, device, alert.ts_ms] = None
        while len(self._late) > _MOST_LATE:
            self._late.pop(next(iter(self._late)))
        for late in list(self._late):
            try:
                self._show(*late)
            except StoreRefused as error:  # of one cooperative: the others are shown all the same
                log.warning("an alert of %s is kept, and not shown yet: %s", late[0], error)
            except RetriableError as error:
                log.warning("%d alerts are kept, and not shown yet: %s", len(self._late), error)
                return
            else:
                self._late.pop(late)

    def end_alerts(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> None:
        """See the port; what has followed the flight writes the rows."""
        self.kept.end_alerts(cooperative, device, start_ms, end_ms)

    def past_alerts(self, cooperative: str, query: AlertQuery) -> Sequence[PastAlert]:
        """See the port."""
        return self.kept.past_alerts(cooperative, query)

    def _show(self, cooperative: str, device: str, ts_ms: int) -> None:
        standing = self.kept.past_alerts(cooperative, AlertQuery(ts_ms, ts_ms, device=device))
        self.sink.put_figures(cooperative, [alert_row(it) for it in standing])
