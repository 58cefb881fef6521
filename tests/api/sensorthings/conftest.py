"""Two cooperatives with field sensors behind the whole application, and what asks it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.accounts import Role
from core.model.land import Cooperative, Device, DeviceKind
from core.model.samples import Reading
from tests.support.fakes import FakeClock
from tests.support.people import Api, running_api

MINE, OTHER = "htx-a", "htx-b"
STRANGE = "máy o'neil/2~x"
T0 = 1_795_132_800_000
"""2026-11-20T00:00:00Z."""
HOUR_MS = 3_600_000
MOVED_MS = T0 + 30 * HOUR_MS
ROOT = "http://localhost/sta/v1.1"
TEMPERATURES = 250


@dataclass(frozen=True)
class Field:
    """A client of one cooperative."""

    api: Api
    client: TestClient

    def get(self, path: str, **options: Any) -> Any:
        """A document; ``_filter`` stands for ``$filter`` and so on."""
        answer = self.ask(path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ask(self, path: str, **options: Any) -> Any:
        given = {name.replace("_", "$", 1) if name.startswith("_") else name: v for name, v in options.items()}
        return self.client.get(f"{ROOT}/{path}", params=given or None)

    def ids(self, path: str, **options: Any) -> list[str]:
        return [it["@iot.id"] for it in self.get(path, **options)["value"]]

    def results(self, path: str = "Observations", **options: Any) -> list[Any]:
        return [it["result"] for it in self.get(path, **options)["value"]]


def sensor(device: str, cooperative: str = MINE, **known: Any) -> Device:
    return Device(device, cooperative, DeviceKind.SENSOR, **known)


def readings() -> list[Reading]:
    """A weather post of many readings, a level probe of few, a probe with a strange name, and no number among them."""
    air = [Reading("w1", T0 + k * HOUR_MS, "air_temperature", 20.0 + k % 24, "Cel") for k in range(TEMPERATURES)]
    wind = [Reading("w1", T0 + k * HOUR_MS, "wind_speed", k / 4.0, "m/s") for k in range(8)]
    level = [Reading("lv", T0 + k * HOUR_MS + 500, "water_level", 0.1 * k - 0.2, "m") for k in range(5)]
    odd = [Reading(STRANGE, T0, "độ lạ", math.nan, "xyz"), Reading(STRANGE, T0 + 1, "độ lạ", -2.5, "abc")]
    return [*air, *wind, *level, *odd]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with running_api(tmp_path_factory.mktemp("sta"), FakeClock(T0 + 400 * HOUR_MS)) as it:
        for tenant in (MINE, OTHER):
            it.registry.add_cooperative(Cooperative(tenant, tenant))
            it.enrol(f"pilot-{tenant}", Role.PILOT, tenant)
        it.enrol("officer", Role.OFFICER)
        it.registry.add_device(
            sensor("w1", name="Trạm thời tiết", model="S2120", serial="A1", lat_deg=9.0, lon_deg=105.0)
        )
        it.registry.put(
            sensor(
                "w1",
                name="Trạm thời tiết",
                model="S2120",
                serial="A1",
                lat_deg=9.5,
                lon_deg=105.5,
                valid_from_ms=MOVED_MS,
            )
        )
        it.registry.add_device(sensor("lv", name="Đo mực nước", lat_deg=9.2, lon_deg=105.2))
        it.registry.add_device(sensor(STRANGE))
        it.registry.add_device(Device("d1", MINE, DeviceKind.DRONE))
        it.registry.add_device(sensor("w1", OTHER, name="Trạm khác", lat_deg=10.0, lon_deg=106.0))
        it.store.write(MINE, [*readings(), Reading("stranger", T0, "salinity", 1.0, "g/L")], T0)
        it.store.write(OTHER, [Reading("w1", T0, "salinity", 3.5, "g/L")], T0)
        yield it


@pytest.fixture(scope="module")
def field(api: Api) -> Field:
    return Field(api, api.client(api.key(f"pilot-{MINE}")))
