"""Two cooperatives behind OGC API - Features: one with land, a site and a flown rectangle, one with land of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from shapely import Point, Polygon, box

from api import errors
from api.ogc import routes
from api.ogc.sources import sources
from core.localtime import day_window_ms
from core.model.land import Cooperative, Device, DeviceKind, Plot, Site, SiteKind
from geo.coverage import Parameters
from geo.recompute import recompute
from geo.shape_following import ShapeFollower
from storage.registry.repository import SqlRegistry
from tests.support import rectangle
from tests.support.fakes import FakeTelemetryStore

DAY = "2026-11-20"
START_MS = day_window_ms(DAY)[0] + 6 * 3_600_000
MINE, OTHER = "htx-a", "htx-b"
STRANGE = "thửa/7 ~&?#"
NOW_MS = START_MS + 3_600_000


class FixedClock:
    def now_ms(self) -> int:
        return NOW_MS


@dataclass
class Named:
    """Sees what the header ``X-Cooperatives`` names; open collections are open to all."""

    open: Sequence[str] = ()
    every: Sequence[str] = field(default=(MINE, OTHER))

    def cooperatives(self, request: Request, collection: str) -> Sequence[str] | None:
        if collection in self.open:
            return self.every
        told = request.headers.get("X-Cooperatives")
        return None if told is None else [c for c in told.split(",") if c]


def ground(west_deg: float, south_deg: float) -> Polygon:
    """A crooked parcel with a hole."""
    hole = box(west_deg + 0.0004, south_deg + 0.0003, west_deg + 0.0005, south_deg + 0.0004)
    outer = [(0.0, 0.0), (0.0013, 0.0001), (0.0011, 0.0009), (0.0002, 0.0008)]
    return Polygon([(west_deg + x, south_deg + y) for x, y in outer], [hole.exterior.coords])


def registered(registry: SqlRegistry) -> None:
    for tenant in (MINE, OTHER):
        registry.add_cooperative(Cooperative(tenant, tenant))
    registry.add_device(Device("d1", MINE, DeviceKind.DRONE, swath_m=rectangle.SWATH_M))
    registry.put_plot(rectangle.plot(MINE))
    registry.put_plot(Plot(STRANGE, ground(105.70, 9.28), "Ruộng <Bảy>", MINE, crop="rice"))
    registry.put_all([Plot(f"p{k:02}", ground(105.60 + 0.002 * k, 9.20), "", MINE) for k in range(25)])
    registry.put_plot(Plot("secret", ground(105.725, 9.285), "", OTHER))
    registry.put(Site("pond-1", MINE, SiteKind.POND, Point(105.73, 9.29), "Ao", 10.0, 50.0, "hợp tác xã"))
    store = FakeTelemetryStore()
    table = rectangle.flight("d1", START_MS, lines=4)
    store.write(MINE, list(table.rows()), START_MS)
    done = recompute(store, registry, MINE, "d1", START_MS, int(table.ts_ms[-1]))
    ShapeFollower(store, registry, registry, Parameters()).follow(done)


def app_of(registry: SqlRegistry, access: Named) -> FastAPI:
    app = FastAPI()
    app.state.ogc = routes.Part(sources(registry, registry), access, FixedClock())
    app.include_router(routes.router)
    errors.install(app)
    routes.add_refusal(app)
    return app


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlRegistry]:
    with closing(SqlRegistry(tmp_path_factory.mktemp("ogc") / "registry.sqlite")) as it:
        registered(it)
        yield it


@pytest.fixture(scope="module")
def client(registry: SqlRegistry) -> Iterator[TestClient]:
    with TestClient(app_of(registry, Named()), headers={"X-Cooperatives": MINE}) as it:
        yield it
