"""What the part says of itself: landing page, conformance, and the descriptions of the collections."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from api.ogc.collections import Box, Collection, Extent
from api.ogc.reference_systems import CRS84, SUPPORTED
from core.localtime import iso_utc

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
SCHEMA: Final = "application/schema+json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
CONFORMS_TO: Final = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)
VIETNAM: Final[Box] = (102.1, 8.3, 109.5, 23.4)
"""What is told as the extent where nothing may be seen yet: the mainland."""
_STEP_DEG: Final = 0.01
_QUERYABLES: Final = "http://www.opengis.net/def/rel/ogc/1.0/queryables"


def link(href: str, rel: str, kind: str, title: str = "") -> dict[str, str]:
    """A link of RFC 8288 as OGC writes it."""
    return {"href": href, "rel": rel, "type": kind} | ({"title": title} if title else {})


def landing(root: str) -> dict[str, Any]:
    """The landing page; ``root`` is the address of this part, without a slash at its end."""
    return {
        "title": "Cánh Đồng: OGC API - Features",
        "description": "Ruộng, chuyến bay và diện tích đã phun. / Plots, flights and treated ground.",
        "links": [
            link(f"{root}/", "self", JSON, "This document"),
            link(f"{root}/api", "service-desc", OPENAPI, "Definition of this API, OpenAPI 3.0"),
            link(f"{root}/conformance", "conformance", JSON, "Conformance classes"),
            link(f"{root}/collections", "data", JSON, "Collections"),
        ],
    }


def conformance() -> dict[str, Any]:
    """The conformance classes, exactly as built."""
    return {"conformsTo": list(CONFORMS_TO)}


def collections(root: str, described: Sequence[tuple[Collection, Extent | None]]) -> dict[str, Any]:
    """All collections."""
    return {
        "links": [link(f"{root}/collections", "self", JSON, "This document")],
        "crs": list(SUPPORTED),
        "collections": [collection(root, it, extent) for it, extent in described],
    }


def collection(root: str, it: Collection, extent: Extent | None) -> dict[str, Any]:
    """One collection; its extent is rounded outwards to a hundredth of a degree."""
    here = f"{root}/collections/{it.identifier}"
    spans: dict[str, Any] = {"spatial": {"bbox": [rounded(extent.box if extent else VIETNAM)], "crs": CRS84}}
    if extent is not None and extent.window_ms is not None:
        spans["temporal"] = {"interval": [[iso_utc(ms) for ms in extent.window_ms]]}
    return {
        "id": it.identifier,
        "title": it.title,
        "description": it.about,
        "itemType": "feature",
        "extent": spans,
        "crs": list(SUPPORTED),
        "storageCrs": CRS84,
        "links": [
            link(here, "self", JSON, "This document"),
            link(f"{here}/items", "items", GEOJSON, it.title),
            link(f"{here}/queryables", _QUERYABLES, SCHEMA, "Properties that can be asked for by value"),
        ],
    }


def rounded(box: Box) -> list[float]:
    """A box rounded outwards, by at least half a step, so that what touches its edge lies well within."""
    west, south, east, north = box
    low = [max(math.floor(v / _STEP_DEG - 0.5) * _STEP_DEG, least) for v, least in ((west, -180.0), (south, -90.0))]
    high = [min(math.ceil(v / _STEP_DEG + 0.5) * _STEP_DEG, most) for v, most in ((east, 180.0), (north, 90.0))]
    return [round(v, 2) for v in (*low, *high)]


def queryables(root: str, it: Collection) -> dict[str, Any]:
    """The properties that can be asked for by value, as a JSON Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{root}/collections/{it.identifier}/queryables",
        "type": "object",
        "title": it.title,
        "properties": {name: schema(it, name) for name in it.queryables},
        "additionalProperties": False,
    }


def schema(it: Collection, name: str) -> dict[str, Any]:
    """The schema of one property, in both languages."""
    told = it.properties[name]
    found: dict[str, Any] = {"type": told.kind, "title": f"{told.vietnamese} / {told.english}"}
    return found | ({"enum": list(told.choices)} if told.choices else {})
