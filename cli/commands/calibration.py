"""``canhdong calibration add | list | retire``."""

from __future__ import annotations

from cli import arguments
from cli.registering import Kind, Option, commands, of_known_device
from core.model.fleet import Calibration

COMMANDS = commands(
    Kind(
        "calibration",
        Calibration,
        "swath calibration",
        "lần đo bề rộng vệt phun",
        (
            Option("device", "the drone", arguments.identifier, "DRONE", required=True, flag="--drone"),
            Option("op", "spray, spread or sow", arguments.operation, "OPERATION", required=True),
            Option("day", "day of the measurement", arguments.day, "DATE", required=True),
            Option("swath_m", "effective swath width in m", arguments.positive, "M", required=True, flag="--swath"),
            Option("cv_pct", "coefficient of variation in %%", arguments.positive, "PCT", flag="--cv"),
            Option("height_m", "height above crop in m", arguments.positive, "M", flag="--height"),
            Option("speed_mps", "speed in m/s", arguments.positive, "MPS", flag="--speed"),
            Option("implement", "the implement"),
            Option("nozzle", "nozzle"),
            Option("product", "product"),
        ),
        (("calibration", "number or code of the measurement", arguments.name),),
        ("calibration", "device", "op", "day", "swath_m", "cv_pct", "height_m", "speed_mps"),
        complete=of_known_device,
    )
)
