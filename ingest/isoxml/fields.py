"""Fields of the task data: part fields (``PFD``) as plots.

A part field has polygons (``PLN``, type 1 is its boundary), these have rings (``LSG``, 1 exterior, 2 interior) of
points (``PNT``, C north, D east, WGS 84 degrees). Terminals write a hole into the polygon that it belongs to, or into
one of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final
from xml.etree.ElementTree import Element as Node

import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from core.model.land import Plot
from core.model.samples import NAN

BOUNDARY: Final = "1"
EXTERIOR, INTERIOR = "1", "2"
LAT_MAX_DEG, LON_MAX_DEG = 90.0, 180.0
MIN_CORNERS: Final = 3

Ring = list[tuple[float, float]]


def plots_of(fields: Iterable[Node], problems: list[str]) -> tuple[Plot, ...]:
    """The fields that have a boundary; ``problems`` gets what was left out or repaired."""
    plots: list[Plot] = []
    for node in fields:
        plot, name = node.get("A", ""), node.get("C", "").strip()
        label = f"field {plot} ({name})" if name else f"field {plot}"
        if any(p.plot == plot for p in plots):
            problems.append(f"{label}: a second field with this identifier, left out")
            continue
        polygons = _polygons(node, label, problems)
        if not polygons:
            problems.append(f"{label}: has no boundary, left out")
            continue
        boundary = _valid(polygons, label, problems)
        if boundary is not None:
            plots.append(Plot(plot, boundary, name, declared_area_m2=_declared_m2(node)))
    return tuple(plots)


def _declared_m2(node: Node) -> float:
    """The area that the file states, NaN for none (terminals write 0)."""
    try:
        area = float(node.get("D", ""))
    except ValueError:
        return NAN
    return area if math.isfinite(area) and area > 0.0 else NAN


def _polygons(node: Node, label: str, problems: list[str]) -> list[Polygon]:
    """The boundary of a field; every hole, also one in a ``PLN`` of its own, goes to the exterior that it lies in."""
    boundaries = [pln for pln in node.iter("PLN") if pln.get("A", BOUNDARY) == BOUNDARY]
    rings = [(lsg.get("A", EXTERIOR), _ring(lsg, label, problems)) for pln in boundaries for lsg in pln.iter("LSG")]
    outer = [ring for kind, ring in rings if kind == EXTERIOR and ring]
    holes: list[list[Ring]] = [[] for _ in outer]
    for hole in (ring for kind, ring in rings if kind == INTERIOR and ring):
        inside = [i for i, ring in enumerate(outer) if len(outer) == 1 or _covers(ring, hole)]
        if inside:
            holes[inside[0]].append(hole)
        else:
            problems.append(f"{label}: a hole lies in no exterior ring, left out")
    return [Polygon(ring, inner) for ring, inner in zip(outer, holes, strict=True)]


def _covers(ring: Ring, hole: Ring) -> bool:
    return bool(shapely.make_valid(Polygon(ring)).covers(shapely.make_valid(Polygon(hole)).representative_point()))


def _ring(lsg: Node, label: str, problems: list[str]) -> Ring:
    """The corners of a ring as longitude and latitude; empty, with the reason told, if it is none."""
    if lsg.get("A", EXTERIOR) not in {EXTERIOR, INTERIOR}:
        return []
    points = list(lsg.iter("PNT"))
    ring = [corner for p in points if (corner := _corner(p)) is not None]
    if len(ring) < len(points):
        problems.append(f"{label}: {len(points) - len(ring)} of {len(points)} points have no usable coordinates")
    if len(set(ring)) < MIN_CORNERS:
        problems.append(f"{label}: a ring with {len(set(ring))} corners, left out")
        return []
    return ring


def _corner(point: Node) -> tuple[float, float] | None:
    try:
        lat, lon = float(point.get("C", "")), float(point.get("D", ""))
    except ValueError:
        return None
    return (lon, lat) if abs(lat) <= LAT_MAX_DEG and abs(lon) <= LON_MAX_DEG else None


def _valid(polygons: Sequence[Polygon], label: str, problems: list[str]) -> Polygon | MultiPolygon | None:
    """One valid geometry; None where nothing with an area is left.

    Where rings cross, each is repaired by itself, then the holes are taken off: repaired together, a part of a hole
    outside its exterior would count as ground.
    """
    whole: BaseGeometry = polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
    if not whole.is_valid:
        problems.append(f"{label}: {shapely.is_valid_reason(whole)}; repaired")
        grounds = [shapely.make_valid(Polygon(p.exterior)) for p in polygons]
        holes = [shapely.make_valid(Polygon(hole)) for p in polygons for hole in p.interiors]
        whole = shapely.difference(shapely.union_all(grounds), shapely.union_all(holes))
    parts = [p for p in shapely.get_parts(whole) if isinstance(p, Polygon) and p.area > 0.0]
    if not parts:
        problems.append(f"{label}: its boundary has no area, left out")
        return None
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)
