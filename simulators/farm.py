"""A demonstration cooperative with all that a registry holds. Every person, number and product in it is made up."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from shapely import LineString

from core.localtime import local_day
from core.model.enums import Operation
from core.model.fleet import Calibration, Implement, Member, Mount, Pilot
from core.model.land import SUGGESTED_BUFFERS_M, DeviceKind, Plot, Site, SiteKind
from core.model.versions import Versioned
from core.model.work import Job, Product, ProductUse
from simulators.demo_cooperative import COOPERATIVE
from simulators.fleet import fly
from simulators.flying.aircraft import model
from simulators.plots import rice_plots

_C: Final = COOPERATIVE.cooperative
_LIST: Final = "DEMO-2026"
_SOURCE: Final = "dữ liệu mẫu / demonstration"
_NAMES: Final = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Cường", "Phạm Thị Dung", "Huỳnh Văn Em", "Võ Thị Giàu")
_SINCE: Final = "2026-01-01"
_UNTIL: Final = "2027-12-31"
_PROBE_M: Final = 0.0
"""The tubes tell the level above the soil already."""


def demo_farm(plots: int = 40, day: str = "") -> list[Sequence[Versioned]]:
    """Records of a cooperative, a list for each kind, in an order in which they can be put.

    Args:
        plots: How many plots.
        day: Day of the one job (ISO 8601), "" for today.
    """
    land = _land(plots)
    devices = fly(land, drones=2).devices
    drones = [
        replace(d, cooperative=_C, serial=f"DEMO{n:04d}", registration=f"VN-DEMO-{n:02d}", registration_until=_UNTIL)
        for n, d in enumerate((d for d in devices if d.kind is DeviceKind.DRONE), 1)
    ]
    sensors = [replace(d, cooperative=_C) for d in devices if d.kind is DeviceKind.SENSOR]
    return [
        [Member(_member(number), _C, name) for number, name in enumerate(_NAMES)],
        land,
        [*drones, *sensors],
        [
            Pilot("phi-cong-1", _C, "Đặng Văn Hòa", "DEMO-01", "quan sát bằng thiết bị", _UNTIL),
            Pilot("phi-cong-2", _C, "Ngô Thị Hạnh"),
        ],
        [
            Implement(f"phun-{d.device}", _C, Operation.SPRAY, d.model, d.device, "XR11002", model(d.model).tank_l)
            for d in drones
        ],
        [Calibration(f"do-{d.device}", _C, d.device, Operation.SPRAY, _SINCE, 7.0, 22.0, 3.0, 6.0) for d in drones],
        [Mount(d.device, _C, "water_level", _SINCE, _PROBE_M, "m") for d in sensors if "water" in d.device],
        _sites(land),
        _products(),
        [_job(land, day or local_day(time.time_ns() // 1_000_000))],
    ]


def _land(plots: int) -> list[Plot]:
    return [
        replace(plot, member=_member(number % len(_NAMES)), season="đông xuân 2025-2026", growing_area="DEMO-VT-01")
        for number, plot in enumerate(rice_plots(_C, plots))
    ]


def _member(number: int) -> str:
    return f"tv-{number + 1:02d}"


def _products() -> list[Product]:
    return [
        Product(
            "thuoc-mau-a",
            _LIST,
            "Thuốc mẫu A 50EC",
            _C,
            _SINCE,
            actives=("hoạt chất mẫu",),
            formulation="EC",
            toxicity="III",
            uses=(ProductUse("lúa", "rầy nâu", 0.5, "L/ha", 14),),
            drones=True,
            banned_kinds=("rice-shrimp",),
        ),
        Product("phan-mau", _LIST, "Phân mẫu NPK", _C, _SINCE),
    ]


def _job(land: Sequence[Plot], day: str) -> Job:
    names = tuple(plot.plot for plot in land)
    return Job("phun-dot-1", _C, Operation.SPRAY, day, names, "thuoc-mau-a", 20.0, "L/ha", pilot="phi-cong-1")


def _sites(land: Sequence[Plot]) -> list[Site]:
    """A pond beside the first plot, a hive beside the last, a canal along the southern edge of all."""
    bounds = [plot.boundary.bounds for plot in land]
    west, south, east = min(b[0] for b in bounds), min(b[1] for b in bounds), max(b[2] for b in bounds)

    def site(name: str, kind: SiteKind, boundary: Any, words: str) -> Site:
        around, downwind = SUGGESTED_BUFFERS_M[kind]
        return Site(name, _C, kind, boundary, words, around, downwind, _SOURCE)

    corner = land[0].boundary.centroid.buffer(0.0002, quad_segs=4)
    return [
        site("ao-1", SiteKind.POND, corner, "Ao tôm"),
        site("ong-1", SiteKind.HIVE, land[-1].boundary.centroid, "Tổ ong"),
        site("kenh-1", SiteKind.CANAL, LineString([(west, south - 0.0002), (east, south - 0.0002)]), "Kênh"),
    ]
