"""What happened in the province: the department's answer in ten seconds."""

from __future__ import annotations

from dashboards import words as w
from dashboards.building.boards import Board, Put, choice, cong
from dashboards.names import Name
from dashboards.panels import province as p
from dashboards.sources import PROVINCE, Audience


def board() -> Board:
    """The board."""
    return Board(
        name=Name.PROVINCE,
        audience=Audience.DEPARTMENT,
        title=w.BOARD_PROVINCE,
        about=w.BOARD_PROVINCE_ABOUT,
        since="now-30d",
        refresh="5m",
        variables=(
            choice("commune", w.COMMUNE, PROVINCE, "treated", condition="\"commune\" != 'all'"),
            choice("operation", w.OPERATION, PROVINCE, "treated", condition="\"operation\" != 'all'"),
            choice("product_group", w.PRODUCT_GROUP, PROVINCE, "treated", condition="\"product_group\" != 'all'"),
            cong(),
        ),
        puts=(
            Put(p.summary(), 24, 5),
            Put(p.rules(), 24, 5),
            Put(p.area_by_day(), 12, 9),
            Put(p.products(), 12, 9),
            Put(p.largest(), 10, 12),
            Put(p.communes(), 14, 12),
            Put(p.weather(), 12, 9),
            Put(p.buffers(), 12, 9),
            Put(p.papers(), 12, 8),
            Put(p.unknown(), 12, 8),
            Put(p.rules_by_commune(), 24, 10),
            Put(p.drones(), 8, 8),
            Put(p.hours(), 8, 8),
            Put(p.amounts(), 8, 8),
            Put(p.commune_by_day(), 12, 8),
            Put(p.withheld(), 12, 8),
            Put(p.cells(), 24, 10),
        ),
    )
