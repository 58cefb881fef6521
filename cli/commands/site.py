"""``canhdong site add | list | retire``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shapely import GEOSException, Point, from_wkt
from shapely.geometry.base import BaseGeometry

from cli import arguments
from cli.registering import Kind, Option, commands
from core.errors import ConfigError
from core.model.land import SUGGESTED_BUFFERS_M, Site
from core.model.samples import NAN
from core.registry import Registry

_SUGGESTED = "gợi ý của Cánh Đồng, chưa có quy định / suggested by Cánh Đồng, no rule is known"


def _shape(text: str) -> BaseGeometry:
    """A point, a line or an area in WGS 84, longitude before latitude."""
    try:
        shape: BaseGeometry = from_wkt(text)
    except GEOSException as error:
        raise argparse.ArgumentTypeError(f"not well-known text: {error}") from None
    west, south, east, north = shape.bounds if not shape.is_empty else (NAN,) * 4
    if not (shape.is_valid and -180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004 - degrees
        raise argparse.ArgumentTypeError("give a valid shape in WGS 84, longitude first, such as POINT (105.7 9.28)")
    return shape


def _complete(record: Site, given: Mapping[str, Any], _registry: Registry) -> Site:
    """Its place, and distances to start from where nobody names others."""
    if "lon" in given or "lat" in given:
        if "lon" not in given or "lat" not in given:
            raise ConfigError("a place needs both --lon and --lat")
        record = replace(record, boundary=Point(given["lon"], given["lat"]))
    if not record.boundary:
        raise ConfigError("a new site needs a place: --lon and --lat, or --shape")
    around, downwind = SUGGESTED_BUFFERS_M[record.kind]
    named = "buffer_m" in given or "downwind_m" in given
    if named and not record.source:
        raise ConfigError("say with --source who set these distances")
    return replace(
        record,
        buffer_m=record.buffer_m if record.buffer_m >= 0.0 else around,
        downwind_m=record.downwind_m if record.downwind_m >= 0.0 else downwind,
        source=record.source or _SUGGESTED,
    )


COMMANDS = commands(
    Kind(
        "site",
        Site,
        "sensitive site",
        "điểm nhạy cảm",
        (
            Option(
                "kind",
                "what it is",
                arguments.site_kind,
                "KIND",
                required=True,
            ),
            Option("name", "name that people read"),
            Option("lon", "longitude, WGS 84", arguments.longitude, "DEG"),
            Option("lat", "latitude, WGS 84", arguments.latitude, "DEG"),
            Option("boundary", "shape as well-known text in WGS 84", _shape, "WKT", flag="--shape"),
            Option("buffer_m", "distance to keep on every side, in m", arguments.positive, "M", flag="--buffer"),
            Option("downwind_m", "distance to keep downwind, in m", arguments.positive, "M", flag="--downwind"),
            Option("source", "who set these distances"),
        ),
        (("site", "number or code of the site", arguments.name),),
        ("site", "kind", "name", "boundary", "buffer_m", "downwind_m", "source"),
        complete=_complete,
    )
)
