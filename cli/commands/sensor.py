"""``canhdong sensor add | list | retire``."""

from __future__ import annotations

from cli import arguments
from cli.registering import Kind, Option, commands, topic_of
from core.model.land import Device, DeviceKind

COMMANDS = commands(
    Kind(
        "sensor",
        Device,
        "sensor",
        "cảm biến",
        (
            Option("name", "name that people read"),
            Option("model", "maker and model"),
            Option("lat_deg", "latitude, WGS 84", arguments.latitude, "DEG", flag="--lat"),
            Option("lon_deg", "longitude, WGS 84", arguments.longitude, "DEG", flag="--lon"),
            Option("serial", "serial number"),
        ),
        (("device", "identifier in topics: lower-case letters, digits, hyphens", arguments.identifier),),
        ("device", "name", "model", "lat_deg", "lon_deg", "serial"),
        fixed={"kind": DeviceKind.SENSOR},
        which=lambda device: device.kind is DeviceKind.SENSOR,
        told=topic_of,
    )
)
