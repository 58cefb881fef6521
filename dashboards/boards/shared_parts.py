"""Variables and annotations that several boards have."""

from __future__ import annotations

from collections.abc import Callable

from dashboards import words as w
from dashboards.building.boards import ALERT_COLOR, FLIGHT_COLOR, choice, marks, only_one
from dashboards.model.boards import Annotation, Variable
from dashboards.queries import alerts, flights
from dashboards.sources import TELEMETRY


def drones() -> Variable:
    """Which drones."""
    return choice("device", w.DRONE, TELEMETRY, "fix")


def one_drone() -> Variable:
    """Which drone."""
    return only_one("drone", w.DRONE, TELEMETRY, "fix", "device")


def flight_marks(narrowed: Callable[[str], str] = str) -> Annotation:
    """Flights, from take-off to landing."""
    return marks(
        w.FLIGHTS,
        TELEMETRY,
        narrowed(flights.annotation()),
        text="flight",
        tags="device",
        end="end_ms",
        color=FLIGHT_COLOR,
    )


def alert_marks(narrowed: Callable[[str], str] = str) -> Annotation:
    """Alerts, from when they were raised to when they were over."""
    return marks(
        w.ALERTS,
        TELEMETRY,
        narrowed(alerts.annotation()),
        text="kind",
        tags="device",
        end="ended_ms",
        color=ALERT_COLOR,
    )
