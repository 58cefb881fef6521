"""The HTTP application: plain pages for people at ``/``, JSON for programs under ``/v1``."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI

from api import errors
from api.deps import Ports
from api.results import Results
from api.routes import cooperatives, devices, flights, health, pages, plots
from core.ports import Clock, TelemetryStore
from core.registry import Registry


def create_app(store: TelemetryStore, registry: Registry, clock: Clock) -> FastAPI:
    """Build the application over ports; it opens and closes nothing itself."""
    app = FastAPI(
        title="Cánh Đồng",
        summary="Sprayed area of every plot, from the telemetry of spraying drones and field sensors.",
        version=version("canhdong"),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.ports = Ports(store, registry, clock, Results(store, registry))
    errors.install(app)
    for part in (health, cooperatives, plots, devices, flights, pages):
        app.include_router(part.router)
    return app
