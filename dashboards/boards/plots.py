"""What was done to plots."""

from __future__ import annotations

from dashboards import words as w
from dashboards.boards.shared_parts import flight_marks
from dashboards.building.boards import Board, Put, choice, cong
from dashboards.names import Name
from dashboards.panels import plots as p
from dashboards.sources import TELEMETRY, Audience


def board() -> Board:
    """The board; the annotation of flights asks for drones, so that there is a variable of these."""
    return Board(
        name=Name.PLOTS,
        audience=Audience.COOPERATIVE,
        title=w.BOARD_PLOTS,
        about=w.BOARD_PLOTS_ABOUT,
        since="now-90d",
        refresh="5m",
        variables=(
            choice("plot", w.PLOT, TELEMETRY, "coverage"),
            choice("operation", w.OPERATION, TELEMETRY, "coverage"),
            choice("device", w.DRONE, TELEMETRY, "coverage"),
            cong(),
        ),
        annotations=(flight_marks(),),
        puts=(
            Put(p.summary(), 24, 5),
            Put(p.where(), 14, 16),
            Put(p.missed(), 10, 16),
            Put(p.last_visits(), 24, 11),
            Put(p.area_by_day(), 12, 9),
            Put(p.litres_by_day(), 12, 9),
            Put(p.dose(), 12, 9),
            Put(p.evenness(), 12, 9),
            Put(p.sums(), 14, 11),
            Put(p.overlap(), 10, 11),
        ),
    )
