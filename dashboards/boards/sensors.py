"""What the sensors in the fields say, and which of them say nothing."""

from __future__ import annotations

from dashboards import words as w
from dashboards.building.boards import Board, Put, choice
from dashboards.names import Name
from dashboards.panels import sensors as p
from dashboards.sources import TELEMETRY, Audience


def board() -> Board:
    """The board."""
    return Board(
        name=Name.SENSORS,
        audience=Audience.COOPERATIVE,
        title=w.BOARD_SENSORS,
        about=w.BOARD_SENSORS_ABOUT,
        since="now-48h",
        refresh="1m",
        variables=(choice("device", w.SENSOR, TELEMETRY, "reading"),),
        puts=(
            Put(p.summary(), 24, 5),
            Put(p.window(), 24, 8),
            Put(p.water(), 12, 9),
            Put(p.salinity(), 12, 9),
            Put(p.wind(), 8, 8),
            Put(p.delta_t(), 8, 8),
            Put(p.air(), 8, 8),
            Put(p.rain(), 8, 8),
            Put(p.soil(), 8, 8),
            Put(p.batteries(), 8, 8),
            Put(p.silence(), 10, 12),
            Put(p.newest(), 14, 12),
        ),
    )
