"""What boards read, on a real InfluxDB, made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dashboards.publishing import publish
from tests.dashboards.seeding import Seeded, seed
from tests.support.grafana.server import FakeGrafana, running_grafana
from tests.support.influx import running_influxd


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """The server with a run of the simulator in it."""
    folder = tmp_path_factory.mktemp("boards")
    with running_influxd(folder / "influxd") as server:
        yield seed(server, folder)


@pytest.fixture
def grafana() -> Iterator[FakeGrafana]:
    with running_grafana() as it:
        yield it


@pytest.fixture
def published(grafana: FakeGrafana) -> FakeGrafana:
    """Everything stands; nothing has been written since."""
    assert all(step.done for step in publish(grafana))
    grafana.writes.clear()
    return grafana
