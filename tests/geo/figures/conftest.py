"""A farm whose rows are kept in each kind of store: flown, computed and followed as the geo service does it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely import Point

from core.localtime import day_window_ms
from core.model.enums import Operation
from core.model.figures import Figures
from core.model.fixtable import FixTable
from core.model.fleet import Pilot
from core.model.land import Cooperative, Device, DeviceKind, Plot, Site, SiteKind
from core.model.samples import Reading
from core.model.work import Job, Product
from core.ports import TelemetryStore
from geo.context.alert_following import AlertFollower
from geo.context.following import ContextFollower
from geo.figures.compliance_following import ComplianceFollower
from geo.figures.following import FiguresFollower, from_store
from geo.parameters import Parameters
from geo.projection import LocalPlane
from geo.recompute import Recomputed, recompute
from storage.registry.repository import SqlRegistry
from storage.telemetry.influx import InfluxTelemetry
from storage.telemetry.sqlite import SqliteTelemetry
from tests.support import rectangle
from tests.support.fakes import FakeTelemetryStore
from tests.support.influx import Influxd, running_influxd

HTX, DRONE, JOB, DAY = "htx-a", "d1", "j1", "2026-11-20"
START_MS = day_window_ms(DAY)[0] + 10 * 3_600_000
MINUTE_MS = 60_000
ALWAYS = (0, 2**42)
COMMUNE = "31840"
FAIR = {
    "wind_speed": (2.0, "m/s"),
    "wind_gust": (3.0, "m/s"),
    "wind_direction": (270.0, "deg"),
    "air_temperature": (30.0, "Cel"),
    "air_humidity": (60.0, "%RH"),
    "rain_rate": (0.0, "mm/h"),
}
_PLANE = LocalPlane.centred(105.725, 9.285)


class OneCommune:
    """Every plot in one commune."""

    def codes(self, plots: Sequence[Plot], day: str) -> dict[str, str]:
        return {plot.plot: COMMUNE for plot in plots}


@dataclass
class Farm:
    """The rectangle, a drone, a station beside it, a pond 5 m east of it, and one job with a product and a pilot."""

    registry: SqlRegistry
    store: TelemetryStore
    name: str = HTX

    def __post_init__(self) -> None:
        name, registry = self.name, self.registry
        registry.add_cooperative(Cooperative(name, name))
        registry.put(rectangle.plot(name))
        registry.add_device(Device(DRONE, name, DeviceKind.DRONE, registration_until="2027-01-01"))
        (lon, lat), (east, north) = place(-300.0, 0.0), place(rectangle.LENGTH_M + 5.0, 21.0)
        registry.add_device(Device("tram", name, DeviceKind.SENSOR, lon_deg=lon, lat_deg=lat))
        registry.put(Site("ao", name, SiteKind.POND, Point(east, north), buffer_m=15.0, downwind_m=30.0))
        registry.put(Pilot("p1", name, "Nguyễn Văn A", "GP-1", licence_until="2026-12-31"))
        registry.put(Product("thuoc", "75", "Thuốc", name))
        registry.put(Job(JOB, name, Operation.SPRAY, DAY, ("rect-1",), "thuoc", pilot="p1"))

    def measure(self, **changed: float) -> None:
        told = [
            Reading("tram", START_MS + k * MINUTE_MS, name, changed.get(name, value), unit)
            for k in range(-20, 60)
            for name, (value, unit) in FAIR.items()
        ]
        self.store.write(self.name, told, START_MS)

    def fly(self, start_ms: int = START_MS, rows: Any = None, **columns: Any) -> FixTable:
        """Fixes in the store; nothing is computed yet."""
        table = rectangle.flight(DRONE, start_ms).with_columns(job=JOB, battery_pct=80.0, tank_l=10.0)
        table = table.with_columns(**columns) if columns else table
        table = table if rows is None else table.take(rows)
        self.store.write(self.name, list(table.rows()), start_ms)
        return table

    def computed(self, start_ms: int = START_MS, lasting_ms: int = 10 * MINUTE_MS) -> Recomputed:
        """Computed and saved, and all that comes before the rows is done."""
        done = recompute(self.store, self.registry, self.name, DRONE, start_ms, start_ms + lasting_ms)
        ContextFollower(self.store, self.registry, self.registry, Parameters()).follow(done)
        AlertFollower(self.registry).follow(done)
        return done

    def follow(self, start_ms: int = START_MS, lasting_ms: int = 10 * MINUTE_MS) -> Recomputed:
        done = self.computed(start_ms, lasting_ms)
        self.figures().follow(done)
        return done

    def figures(self, sink: Any = None) -> FiguresFollower:
        known = self.registry
        return FiguresFollower(sink or self.store, known, known, known, from_store(self.store), Parameters())

    def compliance(self, sink: Any = None) -> ComplianceFollower:
        return ComplianceFollower(sink or self.store, self.registry, self.registry, OneCommune())

    def rows(self, measurement: str, *, standing: bool = True) -> list[Figures]:
        kept = self.store.figures(self.name, measurement, *ALWAYS)
        return [row for row in kept if row.values["stands"] == 1.0 or not standing]


def place(x: float, y: float) -> tuple[float, float]:
    """Degrees of metres from the rectangle's corner."""
    lon, lat = _PLANE.lonlat(np.array([x]), np.array([y]))
    return float(lon[0]), float(lat[0])


@pytest.fixture(scope="session")
def influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    with running_influxd(tmp_path_factory.mktemp("influxd")) as server:
        yield server


@pytest.fixture(params=["sqlite", "influxdb", "fake"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TelemetryStore]:
    """An empty store of each kind, with the databases that are written to."""
    if request.param == "sqlite":
        with closing(SqliteTelemetry(tmp_path / "telemetry.sqlite")) as it:
            yield it
    elif request.param == "influxdb":
        server: Influxd = request.getfixturevalue("influxd")
        prefix = f"t{zlib.crc32(bytes(tmp_path)):08x}_"
        for name in (HTX, "htx-b", "htx-c", "province"):
            server.make_database(prefix + name)
        with closing(InfluxTelemetry(server.http(), prefix)) as influx:
            yield influx
    else:
        yield FakeTelemetryStore()


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[SqlRegistry]:
    with closing(SqlRegistry(tmp_path / "registry.sqlite")) as it:
        yield it


@pytest.fixture
def farm(registry: SqlRegistry, store: TelemetryStore) -> Farm:
    return Farm(registry, store)


@pytest.fixture
def quick(registry: SqlRegistry) -> Farm:
    """The same on a store that is a dictionary."""
    return Farm(registry, FakeTelemetryStore())
