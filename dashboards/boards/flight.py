"""One flight, or one drone over a span of time."""

from __future__ import annotations

from dashboards import words as w
from dashboards.boards.shared_parts import alert_marks, flight_marks, one_drone
from dashboards.building.boards import Board, Put, cong, number
from dashboards.names import Name
from dashboards.panels import flight
from dashboards.queries.parts import of_one
from dashboards.sources import Audience


def board() -> Board:
    """The board."""
    return Board(
        name=Name.FLIGHT,
        audience=Audience.COOPERATIVE,
        title=w.BOARD_FLIGHT,
        about=w.BOARD_FLIGHT_ABOUT,
        since="now-6h",
        refresh="30s",
        variables=(one_drone(), number("plan_lpha", w.VAR_PLAN, "15"), cong()),
        annotations=(flight_marks(of_one), alert_marks(of_one)),
        puts=(
            Put(flight.summary(), 24, 5),
            Put(flight.track(), 14, 14),
            Put(flight.plots(), 10, 14),
            Put(flight.spraying(), 24, 5),
            Put(flight.flow(), 12, 8),
            Put(flight.dose(), 12, 8),
            Put(flight.speed(), 12, 8),
            Put(flight.height(), 12, 8),
            Put(flight.tank(), 12, 8),
            Put(flight.gaps(), 12, 8),
            Put(flight.mode(), 12, 5),
            Put(flight.receiver(), 12, 5),
            Put(flight.alerts_in_range(), 24, 7),
            Put(flight.all_flights(), 24, 9),
            Put(flight.expected(), 24, 8),
        ),
    )
