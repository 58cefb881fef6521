"""What the fleet is doing: the cooperative's answer in ten seconds."""

from __future__ import annotations

from dashboards import words as w
from dashboards.boards.shared_parts import alert_marks, drones, flight_marks
from dashboards.building.boards import Board, Put, cong
from dashboards.names import Name
from dashboards.panels import fleet as p
from dashboards.sources import Audience


def board() -> Board:
    """The board."""
    return Board(
        name=Name.FLEET,
        audience=Audience.COOPERATIVE,
        title=w.BOARD_FLEET,
        about=w.BOARD_FLEET_ABOUT,
        since="now-6h",
        refresh="10s",
        variables=(drones(), cong()),
        annotations=(flight_marks(), alert_marks()),
        puts=(
            Put(p.now(), 10, 5),
            Put(p.today(), 14, 5),
            Put(p.where(), 14, 14),
            Put(p.drones(), 10, 14),
            Put(p.alerts_now(), 24, 8),
            Put(p.spraying(), 12, 8),
            Put(p.link(), 12, 8),
            Put(p.area_by_day(), 12, 9),
            Put(p.alerts_by_day(), 12, 9),
            Put(p.flights_of_today(), 24, 9),
            Put(p.battery(), 8, 8),
            Put(p.tank(), 8, 8),
            Put(p.minutes_on(), 8, 8),
        ),
    )
