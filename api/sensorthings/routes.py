"""The addresses: the root document, and everything below it by one route, for paths have a grammar of their own."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request, Response

from api.deps import AskedDep, ClockDep, HouseDep
from api.errors import problem
from api.sensorthings.addresses import Many, One, Property, Resource, resource_of
from api.sensorthings.documents import Writer, root_document
from api.sensorthings.errors import BadQuery, NotThere
from api.sensorthings.inventory import Inventory
from api.sensorthings.jsonvalues import json_value
from api.sensorthings.options import options_of
from api.tenancy import require
from core.accounts import Scope

PREFIX: Final = "/sta/v1.1"
router = APIRouter(prefix=PREFIX, tags=["SensorThings"])
_JSON: Final = "application/json"
_PLAIN: Final = "/~'():,$@"


def _address(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}{PREFIX}"


AddressDep = Annotated[str, Depends(_address)]


def _example(document: Any) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {_JSON: {"example": document}}}}


_ROOT_EXAMPLE: Final = _example(root_document("https://dong.example" + PREFIX))
_THINGS_EXAMPLE: Final = _example(
    {
        "@iot.count": 1,
        "value": [
            {
                "@iot.id": "htx-1~tram-1",
                "name": "Trạm thời tiết",
                "Datastreams": [{"name": "Trạm thời tiết: air_temperature"}],
            }
        ],
    }
)

_WITH_TEXT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {**_THINGS_EXAMPLE[200]["content"], "text/plain": {"example": "Trạm thời tiết"}}}
}
"""``$value`` answers plain text."""


@router.get("", response_class=Response, responses=_ROOT_EXAMPLE)
@router.get("/", response_class=Response, include_in_schema=False)
def root(request: Request, asked: AskedDep, address: AddressDep) -> Response:
    """The entity sets of the OGC SensorThings API, and the requirements that are built."""
    require(asked.principal, Scope.READ)
    if request.query_params:
        raise BadQuery("the root document takes no options")
    return _document(root_document(address))


@router.get(
    "/{resource:path}",
    response_class=Response,
    responses=_WITH_TEXT | {204: {"description": "The property is null"}},
)
def entities(  # noqa: PLR0917 - what FastAPI fills; the options are read whole, for their names begin with a dollar
    request: Request,
    house: HouseDep,
    asked: AskedDep,
    clock: ClockDep,
    address: AddressDep,
    resource: Annotated[
        str, Path(description="entity set, or a path into it", examples=["Things", "Things('htx-1~tram-1')/Locations"])
    ],
    _filter: Annotated[
        str | None,
        Query(
            alias="$filter",
            description="which entities, in OData's words",
            examples=["phenomenonTime ge 2026-11-20T00:00:00Z"],
        ),
    ] = None,
    _expand: Annotated[
        str | None,
        Query(alias="$expand", description="entities that are told with them", examples=["Datastreams($select=name)"]),
    ] = None,
    _select: Annotated[
        str | None, Query(alias="$select", description="only these properties", examples=["id,name"])
    ] = None,
    _orderby: Annotated[
        str | None, Query(alias="$orderby", description="in which order", examples=["phenomenonTime desc"])
    ] = None,
    _top: Annotated[str | None, Query(alias="$top", description="entities on a page at most", examples=["10"])] = None,
    _skip: Annotated[str | None, Query(alias="$skip", description="entities before the page", examples=["0"])] = None,
    _count: Annotated[
        str | None, Query(alias="$count", description="whether to tell how many there are", examples=["true"])
    ] = None,
    _format: Annotated[
        str | None, Query(alias="resultFormat", description="dataArray: observations as rows", examples=["dataArray"])
    ] = None,
) -> Response:
    """Field sensors and what they measured: OGC SensorThings API 1.1, to read. docs/sensorthings.md tells more."""
    inventory = Inventory(house.tenants(asked), address)
    found = resource_of(inventory, resource)
    here = f"{address}/{quote(resource.rstrip('/'), safe=_PLAIN)}"
    return _answer(Writer(inventory), found, request, here, clock.now_ms())


def _answer(writer: Writer, found: Resource, request: Request, here: str, now_ms: int) -> Response:
    given = request.query_params.multi_items()
    match found:
        case Many():
            options = options_of(found.kind, given, now_ms)
            return _document(writer.collection(found, options, here))
        case One(reference=False):
            options = options_of(found.entity.kind, given, now_ms, one=True)
            return _document(writer.entity(found.entity, options))
    if given:
        raise BadQuery("an address and a property take no options")
    if isinstance(found, One):
        return _document(writer.reference(found.entity))
    return _property(found)


def _property(found: Property) -> Response:
    value = json_value(found.name, found.value)
    if value is None:
        return Response(status_code=204)
    if not found.raw:
        return _document({found.name: value})
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Response(text, media_type="text/plain; charset=utf-8")


def _document(content: dict[str, Any]) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Response(text, media_type=_JSON)


async def _refused(request: Request, error: Exception) -> Response:
    return problem(404 if isinstance(error, NotThere) else 400, str(error), request)


def add_to(app: FastAPI) -> None:
    """Put this part into an application, with the answers to what it refuses."""
    app.include_router(router)
    app.add_exception_handler(BadQuery, _refused)
    app.add_exception_handler(NotThere, _refused)
