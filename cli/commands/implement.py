"""``canhdong implement add | list | retire``."""

from __future__ import annotations

from cli import arguments
from cli.registering import Kind, Option, commands, of_known_device
from core.model.fleet import Implement

COMMANDS = commands(
    Kind(
        "implement",
        Implement,
        "implement",
        "thiết bị phun rải",
        (
            Option("op", "spray, spread or sow", arguments.operation, "OPERATION", required=True),
            Option("name", "name that people read"),
            Option("device", "the drone that it is mounted on", arguments.identifier, "DRONE", flag="--drone"),
            Option("nozzle", "nozzle"),
            Option("tank_l", "tank in L", arguments.positive, "L", flag="--tank"),
            Option("max_flow_lpm", "greatest flow in L/min", arguments.positive, "LPM", flag="--max-flow"),
        ),
        (("implement", "number or code of the implement", arguments.name),),
        ("implement", "op", "name", "device", "nozzle", "tank_l", "max_flow_lpm"),
        complete=of_known_device,
    )
)
