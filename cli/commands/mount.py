"""``canhdong mount add | list | retire``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli import arguments
from cli.registering import Kind, Option, commands
from core.model.fleet import Mount
from core.registry import Registry


def _complete(record: Mount, _given: Mapping[str, Any], registry: Registry) -> Mount:
    registry.device(record.cooperative, record.device)
    return record


COMMANDS = commands(
    Kind(
        "mount",
        Mount,
        "mount offset",
        "độ lệch lắp đặt của cảm biến",
        (
            Option("offset", "what is added to the sensor's values", float, "VALUE", required=True),
            Option("unit", "the quantity's unit, such as m", required=True),
        ),
        (
            ("device", "the sensor", arguments.identifier),
            ("quantity", "such as water_level", arguments.name),
            ("since", "from which day on, YYYY-MM-DD", arguments.day),
        ),
        ("device", "quantity", "since", "offset", "unit"),
        complete=_complete,
    )
)
