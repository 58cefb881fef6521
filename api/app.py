"""The HTTP application: plain pages for people at ``/``, JSON for programs under ``/v1``.

A request passes, from the outside: :mod:`api.envelope` (id, log, headers), :mod:`api.limits`, CORS where it is open,
:mod:`api.gate` (who asks), :mod:`api.response_cache` (what was asked before), the router, :mod:`api.tenancy` (whose
data).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Final

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from api import errors
from api.complaints import Complaints
from api.conditional import Kept
from api.envelope import REQUEST_ID, Envelope
from api.exports.routes import router as exports
from api.filedesk import FileParts
from api.gate import Gate
from api.identity.cookies import Cookies
from api.identity.doorkeeper import Doorkeeper
from api.identity.provider import Provider
from api.identity.sign_on import SignOn
from api.identity.signing import Signer
from api.jobnames import JobNames
from api.limits import Buckets, Limits
from api.live.desk import LiveDesk
from api.metrics import Metrics
from api.ogc import routes as ogc
from api.ogc.access import DoorAccess
from api.ogc.sources import sources
from api.openness import Openness
from api.packing import UNPACKED, Packing
from api.response_cache import ResponseCache
from api.routes import accounts as staff
from api.routes import (
    audit,
    auth,
    cooperatives,
    coverage,
    fleet,
    flights,
    health,
    land,
    live,
    pages,
    readings,
    reference,
    sign_on,
    statements,
    surroundings,
)
from api.routes import complaints as desk_of_complaints
from api.routes import map as maps
from api.sensorthings import routes as sensorthings
from api.statements.issuing import Papers
from api.surroundings import Sides
from api.tenancy import House
from api.uploads.routes import router as uploads
from core.accounts import SCOPES, AccountStore, Credential, Principal, Role, Scope
from core.answers import AnswerStore
from core.ports import Clock, TelemetryStore
from core.registry import Registry
from core.revisions import Revised
from core.shapes import ShapeStore

_BURST_S: Final = 2.0
"""How many seconds' worth of requests may come at once."""


@dataclass(frozen=True, slots=True)
class Locks:
    """How the application is locked. ``demo`` names the cooperative that is shown without a password: on loopback."""

    secure: bool = False
    rate_per_s: float = 400.0
    body_bytes: int = 1 << 20
    upload_bytes: int = 256 << 20
    cors_origins: tuple[str, ...] = ()
    ogc_public: frozenset[str] = field(default_factory=frozenset)
    demo: str = ""


def demo_principal(cooperative: str) -> Principal:
    """Whoever looks at the demo: reads one cooperative, and does nothing else."""
    scopes = SCOPES[Role.PILOT] & {Scope.READ}
    return Principal("demo", cooperative, Role.PILOT, scopes, Credential.DEMO)


def create_app(
    store: TelemetryStore,
    registry: Registry,
    accounts: AccountStore,
    *,
    shapes: ShapeStore,
    answers: AnswerStore,
    sides: Sides,
    signer: Signer,
    clock: Clock,
    locks: Locks = Locks(),
    desk: LiveDesk | None = None,
    papers: Papers | None = None,
    files: FileParts | None = None,
    provider: Provider | None = None,
) -> FastAPI:
    """Build the application over ports; it opens and closes nothing itself.

    Args:
        store: Telemetry.
        registry: What people registered, and what was computed.
        accounts: Who may come in.
        shapes: Drawn shapes of flights.
        answers: Keeps answers to requests with an idempotency key.
        sides: What surrounds the work: contexts, the ledger.
        signer: What signs access tokens.
        clock: The wall clock.
        locks: How it is locked.
        desk: The live stream, which somebody feeds; None: streams tell where drones are, and end.
        papers: What statements are issued with; None: there are none.
        files: What exports are made of and uploads go into; None: there are no such addresses.
        provider: Who vouches for people by OpenID Connect; None: nobody.
    """
    app = _described()
    complaints = Complaints(store, registry, shapes, papers.ports.archive if papers else None)
    app.state.house = House(
        store,
        registry,
        accounts,
        clock,
        desk,
        papers=papers,
        answers=answers,
        sides=sides,
        complaints=complaints,
        vault=signer.second_factors,
        shapes=shapes,
        files=files,
    )
    _equip(app, Doorkeeper(accounts, signer, clock), clock, locks, desk)
    if provider is not None:
        app.state.sign_on = SignOn(provider, accounts, app.state.doorkeeper, clock)
        app.include_router(sign_on.router)
    access = DoorAccess(app.state.house, app.state.openness)
    app.state.ogc = ogc.Part(sources(registry, shapes), access, clock)
    _route(app, files)
    _lock(app, locks, registry)
    return app


def _described() -> FastAPI:
    """The application without any address; its own pages of documents are left out."""
    return FastAPI(
        title="Cánh Đồng",
        summary="Sprayed area of every plot, from the telemetry of spraying drones and field sensors.",
        version=version("canhdong"),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        responses=errors.RESPONSES,
    )


def _equip(app: FastAPI, doorkeeper: Doorkeeper, clock: Clock, locks: Locks, desk: LiveDesk | None) -> None:
    """Put into the application's state what layers and routes work with."""
    app.state.kept = Kept()
    app.state.clock = clock
    app.state.doorkeeper = doorkeeper
    app.state.cookies = Cookies(locks.secure)
    app.state.metrics = Metrics()
    if desk is not None:
        app.state.metrics.watch_streams(desk.hub)
    app.state.openness = Openness(locks.ogc_public)


def _route(app: FastAPI, files: FileParts | None) -> None:
    """Add the addresses; those of files only where there is something to make them of."""
    errors.install(app)
    ogc.add_refusal(app)
    for part in (health, auth, audit, cooperatives, flights, coverage, live, desk_of_complaints, pages, staff):
        app.include_router(part.router)
    for part in (surroundings, readings, land, fleet, maps):
        app.include_router(part.router)
    app.include_router(surroundings.rollups)
    app.include_router(maps.source)
    app.include_router(reference.router)
    sensorthings.add_to(app)
    for router in (statements.router, statements.pages, ogc.router):
        app.include_router(router)
    for router in (exports, uploads) if files is not None else ():
        app.include_router(router)


def _lock(app: FastAPI, locks: Locks, registry: Revised) -> None:
    """Put the layers around the router; the last one is the outermost."""
    state = app.state
    app.add_middleware(Packing, minimum_size=1_000, compresslevel=5, exclude_content_types=UNPACKED)
    app.add_middleware(ResponseCache, source=registry)
    demo = demo_principal(locks.demo) if locks.demo else None
    app.add_middleware(Gate, doorkeeper=state.doorkeeper, openness=state.openness, cookies=state.cookies, demo=demo)
    if locks.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=locks.cors_origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"],
            expose_headers=[REQUEST_ID, "ETag", "Link", "Location"],
        )
    app.add_middleware(
        Limits,
        buckets=Buckets(locks.rate_per_s, locks.rate_per_s * _BURST_S),
        body_bytes=locks.body_bytes,
        upload_bytes=locks.upload_bytes,
    )
    app.add_middleware(Envelope, metrics=state.metrics, secure=locks.secure)
    app.add_middleware(JobNames)
