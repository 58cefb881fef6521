"""What the routes work with, put into the application's state once by :func:`api.app.create_app`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Query, Request

from api.results import Results
from core.localtime import day_window_ms, local_day
from core.model.land import Cooperative
from core.ports import Clock, TelemetryStore
from core.registry import Registry
from core.terms import Language


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside world as the routes see it."""

    store: TelemetryStore
    registry: Registry
    clock: Clock
    results: Results

    def cooperative(self, identifier: str) -> Cooperative:
        """One tenant; raises ``NotFound``."""
        return self.results.cooperative(identifier)


def _ports(request: Request) -> Ports:
    ports: Ports = request.app.state.ports
    return ports


PortsDep = Annotated[Ports, Depends(_ports)]


def _cooperative(ports: PortsDep, cooperative: Annotated[str, Path(description="identifier")]) -> Cooperative:
    return ports.cooperative(cooperative)


CooperativeDep = Annotated[Cooperative, Depends(_cooperative)]


@dataclass(frozen=True, slots=True)
class Day:
    """A local date and its first and last millisecond."""

    day: str
    start_ms: int
    end_ms: int


def _day(
    ports: PortsDep,
    day: Annotated[
        str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$", description="local date (Asia/Ho_Chi_Minh); default today")
    ] = None,
) -> Day:
    chosen = day or local_day(ports.clock.now_ms())
    try:
        return Day(chosen, *day_window_ms(chosen))
    except ValueError:
        raise HTTPException(422, f"day: {chosen} is no date") from None


DayDep = Annotated[Day, Depends(_day)]
LanguageQuery = Annotated[Language, Query(description="language of what people read")]
