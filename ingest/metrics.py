"""Ingest's state for Prometheus, on ``/metrics``: counters since the start, and what waits now."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ingest.counters import Counters

log = logging.getLogger("canhdong.ingest")

_PREFIX: Final = "canhdong_ingest_"


class State(Collector):
    """Hands the counters over when they are asked for; ``gauges`` tells what is so now, by name and label."""

    def __init__(self, counters: Callable[[], Counters], gauges: Callable[[], dict[tuple[str, str], float]]) -> None:
        self._counters = counters
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        """See prometheus_client."""
        it = self._counters()
        samples = CounterMetricFamily(
            f"{_PREFIX}samples", "samples that came, by what became of them", labels=["outcome"]
        )
        rejected = it.rejected.total()
        for outcome, value in (
            ("stored", it.stored), ("duplicate", it.duplicates), ("conflict", it.conflicts), ("rejected", rejected)
        ):  # fmt: skip
            samples.add_metric([outcome], value)
        yield samples
        for name, words, label, values in (
            ("rejected", "samples that were not taken in, by reason", "reason", it.rejected),
            ("flagged", "stored samples that are odd, by kind", "kind", it.flagged),
        ):
            family = CounterMetricFamily(_PREFIX + name, words, labels=[label])
            for which, value in sorted(values.items()):
                family.add_metric([which], value)
            yield family
        for name, words, value in (
            ("messages", "messages that came", it.messages),
            ("late", "samples that came more than a minute after their device time", it.late),
            ("flights_closed", "closed flights told to geo", it.closed),
            ("retries", "how often a store or the broker was away", it.retries),
        ):
            yield CounterMetricFamily(_PREFIX + name, words, value=value)
        yield from self._now()

    def _now(self) -> Iterator[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for (name, label), value in sorted(self._gauges().items()):
            family = families.get(name)
            if family is None:
                family = families[name] = GaugeMetricFamily(_PREFIX + name, name.replace("_", " "), labels=["of"])
            family.add_metric([label], value)
        yield from families.values()


def serve(port: int, host: str, state: State) -> Callable[[], None]:
    """Answer Prometheus on a port; gives what ends it. A port that is taken is named, and ingest goes on without."""
    registry = CollectorRegistry()
    registry.register(state)
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        log.warning(
            "no metrics: port %d on %s cannot be taken (%s); set CANHDONG_METRICS_PORT", port, host, error.strerror
        )
        return lambda: None

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end
