"""``canhdong pilot add | list | retire``."""

from __future__ import annotations

from cli import arguments
from cli.registering import Kind, Option, commands
from core.model.fleet import Pilot

COMMANDS = commands(
    Kind(
        "pilot",
        Pilot,
        "pilot",
        "người lái",
        (
            Option("name", "name", required=True),
            Option("licence", "number of the licence"),
            Option("licence_class", "class of the licence"),
            Option("licence_until", "last day of the licence", arguments.day, "DATE"),
            Option("phone", "telephone"),
        ),
        (("pilot", "number or code of the pilot", arguments.name),),
        ("pilot", "name", "licence", "licence_class", "licence_until", "phone"),
    )
)
