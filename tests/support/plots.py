"""Plots with holes and parts at places in Vietnam, and how far two boundaries are apart."""

from __future__ import annotations

import math

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from core.model.land import Boundary, Plot

PLACES = {
    5897: (105.725, 9.285),
    9207: (105.15, 9.177),
    9209: (105.97, 10.25),  # where PROJ by itself would take another shift
    9214: (106.194, 21.273),
    9217: (109.2197, 13.776),
    3405: (105.725, 9.285),
}
"""EPSG code of a zone of VN-2000: longitude and latitude of a place in it."""


def four(lon: float, lat: float, size: float) -> list[tuple[float, float]]:
    return [(lon, lat), (lon + size, lat), (lon + size * 1.1, lat + size), (lon, lat + size * 0.9)]


def plots_at(lon: float, lat: float) -> list[Plot]:
    """A plot with two holes, and one of two parts of which the first has a hole."""
    lon, lat = lon + 1.234567e-6, lat + 7.654321e-6
    holes = [four(lon + 3e-4, lat + 3e-4, 4e-4), four(lon + 1.2e-3, lat + 3e-4, 3e-4)]
    apart = MultiPolygon(
        [
            Polygon(four(lon + 5e-3, lat, 1e-3), [four(lon + 5.3e-3, lat + 3e-4, 3e-4)]),
            Polygon(four(lon + 7e-3, lat + 1e-3, 5e-4)),
        ]
    )
    return [
        Plot(
            "t-1",
            Polygon(four(lon, lat, 2e-3), holes),
            name="Ruộng ông Đặng Văn Tư",
            crop="lúa",
            season="đông xuân",
            kind="rice-shrimp",
            growing_area="VN-BLOR-0001",
            member="HTX Ba Đình",
            cadastral="thửa 12, tờ 3",
            source_unit="xã Hồng Dân",
            source_date="2024-05-01",
            source_crs="EPSG:5897",
            declared_area_m2=12_345.5,
            version=3,
            valid_from_ms=1_764_020_000_000,
        ),
        Plot("t-2", apart, name="Vườn"),
    ]


def _metres(boundary: Boundary, lat: float) -> Boundary:
    """Degrees as metres on the sphere around a latitude: right to a part in a hundred, enough for differences."""
    scale = np.array([math.cos(math.radians(lat)), 1.0]) * 111_320.0
    return shapely.transform(boundary, lambda points: points * scale)


def apart_m(one: Boundary, other: Boundary) -> float:
    """How far apart two boundaries are, holes and parts included; infinite where their rings are not as many."""
    if _rings(one) != _rings(other):
        return math.inf
    lat = one.centroid.y
    return float(_metres(one, lat).boundary.hausdorff_distance(_metres(other, lat).boundary))


def _rings(boundary: Boundary) -> list[int]:
    return sorted(len(part.interiors) for part in shapely.get_parts(boundary))
