"""``canhdong drone add | list | retire``."""

from __future__ import annotations

from cli import arguments
from cli.registering import Kind, Option, commands, topic_of
from core.model.land import Device, DeviceKind

COMMANDS = commands(
    Kind(
        "drone",
        Device,
        "drone",
        "máy bay",
        (
            Option("name", "name that people read"),
            Option("model", "maker and model"),
            Option(
                "swath_m",
                "swath width in m where no task and no calibration tells it",
                arguments.positive,
                "M",
                flag="--swath",
            ),
            Option("serial", "serial number"),
            Option("registration", "number that the aircraft is registered under"),
            Option("registration_until", "last day of the registration", arguments.day, "DATE"),
            Option("mtow_kg", "greatest take-off weight in kg", arguments.positive, "KG", flag="--mtow"),
        ),
        (("device", "identifier in topics: lower-case letters, digits, hyphens", arguments.identifier),),
        ("device", "name", "model", "swath_m", "serial", "registration", "registration_until"),
        fixed={"kind": DeviceKind.DRONE},
        which=lambda device: device.kind is DeviceKind.DRONE,
        told=topic_of,
    )
)
