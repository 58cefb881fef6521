"""The addresses of the part: strict about parameters, and about who may see what."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from api.errors import problem
from api.ogc import documents, encoding, tiles
from api.ogc.collections import BY_NAME, COLLECTIONS, Collection, Extent, Page, Source
from api.ogc.definition import definition
from api.ogc.documents import GEOJSON, JSON, OPENAPI, SCHEMA
from api.ogc.parameters import BadParameter, checked, read, reference, window
from api.ogc.reference_systems import CRS84
from core.localtime import iso_utc
from core.ports import Clock

PREFIX = "/ogc"
router = APIRouter(prefix=PREFIX, include_in_schema=False)
one = APIRouter(prefix="/collections/{collection}")


class Access(Protocol):
    """Who may see which cooperatives' features."""

    def cooperatives(self, request: Request, collection: str) -> Sequence[str] | None:
        """Identifiers in order; None where the request names nobody and the collection is not open."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """What the routes work with, put into the application's state as ``ogc``."""

    sources: dict[str, Source]
    access: Access
    clock: Clock


def _part(request: Request) -> Part:
    part: Part = request.app.state.ogc
    return part


PartDep = Annotated[Part, Depends(_part)]


def _root(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}{PREFIX}"


RootDep = Annotated[str, Depends(_root)]


def _collection(collection: str) -> Collection:
    if collection not in BY_NAME:
        raise HTTPException(404, f"no collection {collection[:60]!r}; there are: {', '.join(BY_NAME)}")
    return BY_NAME[collection]


CollectionDep = Annotated[Collection, Depends(_collection)]


def _seen(request: Request, part: PartDep, it: CollectionDep) -> tuple[str, ...]:
    """Whose features may be seen; 401 where nobody said who asks."""
    seen = part.access.cooperatives(request, it.identifier)
    if seen is None:
        raise HTTPException(401, "say who asks", {"WWW-Authenticate": 'Basic realm="canhdong", charset="UTF-8"'})
    return tuple(sorted(seen))


SeenDep = Annotated[tuple[str, ...], Depends(_seen)]


async def refused(request: Request, error: Exception) -> Response:
    """The answer to a parameter that cannot be read."""
    return problem(400, str(error), request)


def _plain(request: Request) -> None:
    """No parameter at all is known here."""
    checked(request.query_params.multi_items(), ())


PlainDep = Depends(_plain)


@router.get("", dependencies=[PlainDep])
@router.get("/", dependencies=[PlainDep])
def landing(root: RootDep) -> Response:
    """The landing page."""
    return _document(documents.landing(root))


@router.get("/api", dependencies=[PlainDep])
def api(root: RootDep) -> Response:
    """The definition of this part."""
    return _document(definition(root), OPENAPI)


@router.get("/conformance", dependencies=[PlainDep])
def conformance() -> Response:
    """The conformance classes."""
    return _document(documents.conformance())


@router.get("/collections", dependencies=[PlainDep])
def collections(request: Request, part: PartDep, root: RootDep) -> Response:
    """All collections, with the extents of what may be seen."""
    return _document(documents.collections(root, [(it, _extent(request, part, it)) for it in COLLECTIONS]))


@one.get("", dependencies=[PlainDep])
def collection(request: Request, part: PartDep, root: RootDep, it: CollectionDep) -> Response:
    """One collection."""
    return _document(documents.collection(root, it, _extent(request, part, it)))


@one.get("/queryables", dependencies=[PlainDep])
def queryables(root: RootDep, it: CollectionDep) -> Response:
    """The properties that can be asked for by value."""
    return _document(documents.queryables(root, it), SCHEMA)


@one.get("/items")
def items(request: Request, part: PartDep, root: RootDep, it: CollectionDep, seen: SeenDep) -> Response:
    """Features of a collection, page by page."""
    given = request.query_params.multi_items()
    query = read(given, it.queryables)
    page = part.sources[it.identifier].page(seen, query)
    here = f"{root}/collections/{it.identifier}/items"
    text = encoding.feature_collection(
        it, page, query.crs, _links(root, it, here, given, page), iso_utc(part.clock.now_ms())
    )
    return _features(text, query.crs)


@one.get("/items/{feature:path}")
def item(  # noqa: PLR0917 - what FastAPI fills
    request: Request, part: PartDep, root: RootDep, it: CollectionDep, seen: SeenDep, feature: str
) -> Response:
    """One feature."""
    told = checked(request.query_params.multi_items(), ("crs",))
    crs = reference("crs", told.get("crs", CRS84))
    found = part.sources[it.identifier].feature(seen, feature)
    if found is None:
        raise HTTPException(404, f"no feature {feature[:120]!r} in {it.identifier}")
    here = encoding.address(root, it, feature) + (f"?{urlencode(told)}" if told else "")
    return _features(encoding.one_feature(root, it, found, crs, here), crs)


@one.get(f"/tiles/{tiles.MATRIX_SET}/{{zoom}}/{{row}}/{{column}}")
def tile(  # noqa: PLR0917 - what FastAPI fills
    request: Request, part: PartDep, it: CollectionDep, seen: SeenDep, zoom: int, row: int, column: int
) -> Response:
    """A vector tile: 204 where nothing lies in it, 304 where the asker has it already."""
    told = checked(request.query_params.multi_items(), ("datetime",))
    times = window(told["datetime"]) if "datetime" in told else None
    found = tiles.drawn(it, part.sources[it.identifier], seen, tiles.Tile(zoom, row, column), times)
    tag = f'"{hashlib.sha256(found).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=60", "Vary": "Authorization, Cookie"}
    if tag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    return Response(found, 200 if found else 204, media_type=tiles.MVT, headers=headers)


router.include_router(one)


def _extent(request: Request, part: Part, it: Collection) -> Extent | None:
    seen = part.access.cooperatives(request, it.identifier)
    return part.sources[it.identifier].extent(sorted(seen)) if seen else None


def _links(root: str, it: Collection, here: str, given: Sequence[tuple[str, str]], page: Page) -> list[dict[str, str]]:
    links = [
        documents.link(f"{here}?{urlencode(given)}" if given else here, "self", GEOJSON),
        documents.link(f"{root}/collections/{it.identifier}", "collection", JSON, it.title),
    ]
    if page.more:
        further = [(name, value) for name, value in given if name != "after"]
        further.append(("after", page.features[-1].identifier))
        links.append(documents.link(f"{here}?{urlencode(further)}", "next", GEOJSON))
    return links


def _document(content: dict[str, Any], kind: str = JSON) -> Response:
    return Response(encoding.text_of(content), media_type=kind)


def _features(text: str, crs: str) -> Response:
    return Response(text, media_type=GEOJSON, headers={"Content-Crs": f"<{crs}>"})


def add_refusal(app: Any) -> None:
    """Let an application answer what this part refuses."""
    app.add_exception_handler(BadParameter, refused)
