"""Features as GeoJSON in any supported reference system."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import shapely

from api.ogc.collections import Collection, Feature, Page
from api.ogc.documents import GEOJSON, JSON, link
from api.ogc.reference_systems import written


def feature_collection(
    it: Collection, page: Page, crs: str, links: Sequence[Mapping[str, str]], time_stamp: str
) -> str:
    """The text of a page of features."""
    head: dict[str, Any] = {
        "type": "FeatureCollection",
        "timeStamp": time_stamp,
        "numberReturned": len(page.features),
        "links": list(links),
    }
    if page.matched is not None:
        head["numberMatched"] = page.matched
    features = ",".join(_texts(it, page.features, crs))
    return f'{text_of(head)[:-1]},"features":[{features}]}}'


def one_feature(root: str, it: Collection, feature: Feature, crs: str, here: str) -> str:
    """The text of one feature, with its links."""
    links = [
        link(here, "self", GEOJSON),
        link(f"{root}/collections/{it.identifier}", "collection", JSON, it.title),
    ]
    return f'{_texts(it, [feature], crs)[0][:-1]},"links":{text_of(links)}}}'


def address(root: str, it: Collection, identifier: str) -> str:
    """Where a feature is found."""
    return f"{root}/collections/{it.identifier}/items/{quote(identifier, safe='')}"


def _texts(it: Collection, features: Sequence[Feature], crs: str) -> list[str]:
    shapes = ["null" if f.geometry is None else shapely.to_geojson(written(f.geometry, crs)) for f in features]
    found: list[str] = []
    for feature, shape in zip(features, shapes, strict=True):
        told = {name: feature.properties.get(name) for name in it.properties}
        found.append(
            f'{{"type":"Feature","id":{text_of(feature.identifier)},"geometry":{shape},"properties":{text_of(told)}}}'
        )
    return found


def text_of(value: Any) -> str:
    """A value as JSON without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
