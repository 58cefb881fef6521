"""The definition of this part in OpenAPI 3.0, which OGC's tools and GIS read; FastAPI itself writes 3.1."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final

from api.ogc.collections import COLLECTIONS, Collection
from api.ogc.documents import GEOJSON, JSON, OPENAPI, SCHEMA
from api.ogc.documents import schema as property_schema
from api.ogc.parameters import LIMIT_DEFAULT, LIMIT_MAX
from api.ogc.reference_systems import CRS84, SUPPORTED
from api.ogc.tiles import MATRIX_SET, MVT

_PROBLEM: Final = "application/problem+json"
_TILE: Final = [
    {"name": part, "in": "path", "required": True, "description": about, "schema": {"type": "integer", "minimum": 0}}
    for part, about in (("zoom", "Zoom"), ("row", "Row from the north"), ("column", "Column from the west"))
]
_FAULTS: Final = {"400": "BadRequest", "401": "Unauthorized", "404": "NotFound", "429": "TooMany"}


def definition(root: str) -> dict[str, Any]:
    """The whole document; ``root`` is the address of this part, without a slash at its end."""
    paths: dict[str, Any] = {
        "/": _get("landing", "Landing page", JSON, "#/components/schemas/landingPage"),
        "/api": _get("definition", "This definition", OPENAPI, ""),
        "/conformance": _get("conformance", "Conformance classes", JSON, "#/components/schemas/confClasses"),
        "/collections": _get("collections", "All collections", JSON, "#/components/schemas/collections"),
    }
    for it in COLLECTIONS:
        paths |= _paths(it)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Cánh Đồng: OGC API - Features",
            "version": version("canhdong"),
            "description": "Ruộng, chuyến bay và diện tích đã phun. / Plots, flights and treated ground.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{"url": root}],
        "tags": [{"name": it.identifier, "description": it.title} for it in COLLECTIONS],
        "paths": paths,
        "components": _components(),
        "security": [{"bearer": []}, {"basic": []}, {}],
    }


def _paths(it: Collection) -> dict[str, Any]:
    here, name = f"/collections/{it.identifier}", it.identifier
    items = [_ref(p) for p in ("bbox", "bbox-crs", "datetime", "limit", "crs", "after")]
    items += [_by_value(it, queryable) for queryable in it.queryables]
    identifier = {
        "name": "featureId",
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
        "description": "Identifier of a feature",
    }
    return {
        here: _get(f"{name}.describe", it.title, JSON, "#/components/schemas/collection", tag=name),
        f"{here}/queryables": _get(f"{name}.queryables", "Queryables", SCHEMA, "", tag=name),
        f"{here}/items": _get(
            f"{name}.items", it.title, GEOJSON, "#/components/schemas/featureCollectionGeoJSON", items, name
        ),
        f"{here}/tiles/{MATRIX_SET}/{{zoom}}/{{row}}/{{column}}": _get(
            f"{name}.tile", f"{it.english}: vector tile", MVT, "", [*_TILE, _ref("datetime")], name
        ),
        f"{here}/items/{{featureId}}": _get(
            f"{name}.item", it.english, GEOJSON, "#/components/schemas/featureGeoJSON", [identifier, _ref("crs")], name
        ),
    }


def _get(  # noqa: PLR0917 - the parts of an operation
    name: str, summary: str, kind: str, schema: str, parameters: Sequence[dict[str, Any]] = (), tag: str = ""
) -> dict[str, Any]:
    answer = {"schema": {"$ref": schema} if schema else {"type": "object"}}
    responses: dict[str, Any] = {"200": {"description": summary, "content": {kind: answer}}}
    responses |= {code: {"$ref": f"#/components/responses/{fault}"} for code, fault in _FAULTS.items()}
    operation: dict[str, Any] = {"operationId": name, "summary": summary, "responses": responses}
    if parameters:
        operation["parameters"] = list(parameters)
    return {"get": operation | ({"tags": [tag]} if tag else {})}


def _ref(parameter: str) -> dict[str, Any]:
    return {"$ref": f"#/components/parameters/{parameter}"}


def _by_value(it: Collection, name: str) -> dict[str, Any]:
    return _query(name, f"Features whose {name} is this", property_schema(it, name))


def _query(name: str, about: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": about,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


def _components() -> dict[str, Any]:
    numbers = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    system = {"type": "string", "format": "uri", "enum": list(SUPPORTED), "default": CRS84}
    limit = {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT}
    moment = "RFC 3339 instant, local day, or two of them as start/end; .. is open"
    return {
        "parameters": {
            "bbox": _query("bbox", "Features that meet this box: west,south,east,north", numbers),
            "bbox-crs": _query("bbox-crs", "System of the box", system),
            "datetime": _query("datetime", moment, {"type": "string"}),
            "limit": _query("limit", "How many features at most", limit),
            "crs": _query("crs", "System of the answer", system),
            "after": _query("after", "Identifier that the page before ended with", {"type": "string"}),
        },
        "responses": {
            fault: {
                "description": text,
                "content": {_PROBLEM: {"schema": {"$ref": "#/components/schemas/problem"}}},
            }
            for fault, text in (
                ("BadRequest", "A parameter is unknown or cannot be read"),
                ("Unauthorized", "Nobody said who asks"),
                ("NotFound", "There is no such thing that the asker may see"),
                ("TooMany", "Too many requests"),
            )
        },
        "schemas": _schemas(),
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "basic": {"type": "http", "scheme": "basic", "description": "A key of a machine as the password"},
        },
    }


def _schemas() -> dict[str, Any]:
    text, links = {"type": "string"}, {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
    geometry = {"type": "object", "nullable": True}
    feature = {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": text,
        "geometry": geometry,
        "properties": {"type": "object", "nullable": True},
        "links": links,
    }
    features = {"type": "array", "items": {"$ref": "#/components/schemas/featureGeoJSON"}}
    count = {"type": "integer", "minimum": 0}
    return {
        "link": _object({"href": text, "rel": text, "type": text, "title": text}, "href", "rel"),
        "landingPage": _object({"title": text, "description": text, "links": links}, "links"),
        "confClasses": _object({"conformsTo": {"type": "array", "items": text}}, "conformsTo"),
        "collections": _object(
            {
                "links": links,
                "crs": {"type": "array", "items": text},
                "collections": {"type": "array", "items": {"$ref": "#/components/schemas/collection"}},
            },
            "links",
            "collections",
        ),
        "collection": _object(
            {
                "id": text,
                "title": text,
                "description": text,
                "itemType": text,
                "extent": {"type": "object"},
                "crs": {"type": "array", "items": text},
                "storageCrs": text,
                "links": links,
            },
            "id",
            "links",
        ),
        "featureGeoJSON": _object(feature, "type", "geometry", "properties"),
        "featureCollectionGeoJSON": _object(
            {
                "type": {"type": "string", "enum": ["FeatureCollection"]},
                "features": features,
                "links": links,
                "timeStamp": {"type": "string", "format": "date-time"},
                "numberMatched": count,
                "numberReturned": count,
            },
            "type",
            "features",
        ),
        "problem": _object({"type": text, "title": text, "status": {"type": "integer"}, "detail": text}),
    }


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})
