"""Flights to export, and where they are read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.wiring import exporters
from core.model.coverage import Flight
from core.model.fixtable import FixTable
from core.model.land import Cooperative, Device, DeviceKind
from geo.exporting import FlightFiles, Wanted, exported
from geo.parameters import Parameters
from geo.service import recompute
from geo.shape_following import ShapeFollower
from storage.registry.repository import SqlRegistry
from storage.telemetry.overlay import WithUploads
from storage.urls import open_registry, open_telemetry
from tests.support import rectangle

HTX = "htx-a"


@dataclass(frozen=True)
class Farm:
    """A cooperative with one plot and one drone, its stores, and what is exported of it."""

    store: WithUploads
    registry: SqlRegistry

    def fly(self, table: FixTable) -> Sequence[Flight]:
        """Keep fixes and compute their flights."""
        self.store.write(HTX, list(table.rows()), int(table.ts_ms[-1]))
        return self.compute(table.device, int(table.ts_ms[0]), int(table.ts_ms[-1]))

    def compute(self, device: str, start_ms: int, end_ms: int) -> Sequence[Flight]:
        """What the geo service does with a window."""
        done = recompute(self.store, self.registry, HTX, device, start_ms, end_ms)
        ShapeFollower(self.store, self.registry, self.registry, Parameters()).follow(done)
        return [flight for flight, _ in done.results]

    def net_m2(self, flight: str) -> float:
        return self.registry.coverage(HTX, flight).net_m2

    def files(self) -> FlightFiles:
        return FlightFiles(self.store, self.registry, self.registry)

    def export(self, path: Path, flights: Sequence[Flight], wanted: Wanted) -> Path:
        """Write an export to a path."""
        _, content = exported(self.files(), exporters(), flights, wanted)
        path.write_bytes(b"".join(content))
        return path

    def close(self) -> None:
        self.store.close()
        self.registry.close()


def farm(folder: Path, *drones: str, registry: SqlRegistry | None = None) -> Farm:
    """A farm in a folder, on an empty registry, which is in the folder too unless one is given."""
    registry = registry or open_registry(f"sqlite:///{folder / 'registry.sqlite'}")
    store = WithUploads(open_telemetry(f"sqlite:///{folder / 'telemetry.sqlite'}"), registry)
    registry.add_cooperative(Cooperative(HTX, "Hợp tác xã"))
    registry.put_plot(rectangle.plot(HTX))
    for drone in drones or ("d1",):
        registry.add_device(Device(drone, HTX, DeviceKind.DRONE, "Máy bay", "T40"))
    return Farm(store, registry)
