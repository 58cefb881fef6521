"""Whether the platform takes data in and stores it: the operator's board."""

from __future__ import annotations

from dashboards import words as w
from dashboards.building.boards import Board, Put, choice
from dashboards.names import Name
from dashboards.panels import platform_health as p
from dashboards.sources import PLATFORM, Audience


def board() -> Board:
    """The board."""
    return Board(
        name=Name.PLATFORM,
        audience=Audience.OPERATOR,
        title=w.BOARD_PLATFORM,
        about=w.BOARD_PLATFORM_ABOUT,
        since="now-3h",
        refresh="10s",
        variables=(choice("slot", w.SLOT, PLATFORM, "ingest_stats"),),
        puts=(
            Put(p.summary(), 24, 5),
            Put(p.messages(), 12, 8),
            Put(p.fixes(), 12, 8),
            Put(p.spool(), 12, 8),
            Put(p.waiting(), 12, 8),
            Put(p.dead_letters(), 12, 8),
            Put(p.dead_letters_by_reason(), 12, 8),
            Put(p.store(), 12, 8),
            Put(p.faults(), 12, 8),
            Put(p.ledger(), 12, 8),
            Put(p.devices(), 12, 8),
            Put(p.slots(), 14, 9),
            Put(p.alive(), 10, 9),
        ),
    )
