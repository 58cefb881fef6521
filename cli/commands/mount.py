"""``canhdong mount add | list | retire``."""

from __future__ import annotations

from cli import arguments
from cli.registering import Kind, Option, commands, of_known_device
from core.model.fleet import Mount

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
        complete=of_known_device,
    )
)
