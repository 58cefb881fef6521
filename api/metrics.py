"""What the API tells Prometheus: answers by route and status, how long they took, how many are under way."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from api.live.hub import Hub

_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """Counters of one application; nothing in it is global, so that several may live in one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._answers = Counter(
            "canhdong_api_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._took = Histogram(
            "canhdong_api_request_seconds",
            "Time until a request was answered.",
            ("route",),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._open = Gauge("canhdong_api_requests_under_way", "Requests under way.", registry=self._registry)

    def under_way(self) -> AbstractContextManager[object]:
        """Counts a request as long as the block runs."""
        return self._open.track_inprogress()

    def answered(self, method: str, route: str, status: int, took_s: float) -> None:
        """Count an answer; a method that nobody knows is "other"."""
        self._answers.labels(method if method in _METHODS else "other", route, str(int(status))).inc()
        self._took.labels(route).observe(took_s)

    def watch_streams(self, hub: Hub) -> None:
        """Tell how many live streams are open, and why others ended."""
        streams = Gauge("canhdong_api_live_streams", "Live streams open.", registry=self._registry)
        streams.set_function(lambda: float(len(hub)))
        self._registry.register(_Ends(hub))

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)


class _Ends(Collector):
    """Live streams that ended, by reason."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def collect(self) -> Iterable[Metric]:
        found = CounterMetricFamily("canhdong_api_live_ends", "Live streams that ended.", labels=("reason",))
        for reason, number in sorted(self._hub.ends.items()):
            found.add_metric((reason,), number)
        yield found
