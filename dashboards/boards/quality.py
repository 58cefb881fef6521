"""How good the data is: đúng, đủ, sạch, sống, and the ledger behind them."""

from __future__ import annotations

from dashboards import words as w
from dashboards.building.boards import Board, Put, choice
from dashboards.names import Name
from dashboards.panels import quality as p
from dashboards.sources import TELEMETRY, Audience


def board() -> Board:
    """The board."""
    return Board(
        name=Name.QUALITY,
        audience=Audience.COOPERATIVE,
        title=w.BOARD_QUALITY,
        about=w.BOARD_QUALITY_ABOUT,
        since="now-14d",
        refresh="1m",
        variables=(choice("device", w.DEVICE, TELEMETRY, "ingest_stats"),),
        puts=(
            Put(p.scores(), 24, 6),
            Put(p.scores_by_day(), 12, 9),
            Put(p.worst(), 12, 9),
            Put(p.devices(), 24, 10),
            Put(p.complete(), 12, 8),
            Put(p.live(), 12, 8),
            Put(p.correct(), 12, 8),
            Put(p.clean(), 12, 8),
            Put(p.ledger(), 24, 10),
            Put(p.missing(), 12, 8),
            Put(p.rejected(), 12, 8),
            Put(p.clocks(), 12, 8),
            Put(p.clock_changes(), 12, 8),
        ),
    )
