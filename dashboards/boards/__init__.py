"""Boards: which panels, in which order, for whom."""

from __future__ import annotations

from dashboards.boards import fleet, flight, platform_health, plots, province, quality, sensors
from dashboards.building.boards import Board


def all_boards() -> tuple[Board, ...]:
    """Every board."""
    modules = (fleet, flight, plots, province, sensors, quality, platform_health)
    return tuple(module.board() for module in modules)
