"""Last readings of many sensors are asked for at once, of a real server."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest

from core.errors import StoreUnavailable
from core.model.samples import Reading
from storage.telemetry.influx import InfluxTelemetry
from storage.telemetry.influx_http import InfluxHttp
from tests.support.influx import Influxd, running_influxd

C = "htx"
DAY_MS = 86_400_000


class Counting(InfluxHttp):
    """Counts questions; ``old`` is one that knows no SHOW SERIES, as 3.x."""

    asked = 0
    old = False

    def statement(
        self, query: str, database: str = "", parameters: Mapping[str, object] | None = None, *, method: str = "GET"
    ) -> dict[str, Any]:
        """See there."""
        self.asked += 1
        if self.old and query.startswith("SHOW SERIES"):
            raise StoreUnavailable("SHOW SERIES is not supported")
        return super().statement(query, database, parameters, method=method)

    def csv(self, database: str, query: str, parameters: Mapping[str, object] | None = None) -> bytes:
        """See there."""
        self.asked += 1
        return super().csv(database, query, parameters)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    with running_influxd(tmp_path_factory.mktemp("influxd")) as it:
        it.make_database(f"canhdong_{C}")
        yield it


def test_one_question_for_many_sensors(server: Influxd) -> None:
    now_ms = int(time.time() * 1_000)
    with closing(Counting(server.server())) as http:
        store = InfluxTelemetry(http)
        recent = [Reading(f"s{n:03d}", now_ms - n, "rain", float(n), "mm") for n in range(300)]
        silent = [Reading(f"t{n:03d}", now_ms - 400 * DAY_MS, "rain", float(n), "mm") for n in range(300)]
        store.write(C, recent, now_ms)
        http.asked = 0
        assert store.latest_readings(C) == recent
        assert http.asked == 2
        store.write(C, silent, now_ms)
        http.asked = 0
        assert store.latest_readings(C) == [*recent, *silent]
        assert http.asked == 4
        http.asked, http.old = 0, True
        assert store.latest_readings(C) == [*recent, *silent]
        assert http.asked == 3
