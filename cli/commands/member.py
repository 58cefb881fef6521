"""``canhdong member add | list | retire``."""

from __future__ import annotations

from cli import arguments
from cli.registering import Kind, Option, commands
from core.model.fleet import Member

COMMANDS = commands(
    Kind(
        "member",
        Member,
        "member",
        "thành viên",
        (Option("name", "name", required=True), Option("phone", "telephone")),
        (("member", "number or code of the member", arguments.name),),
        ("member", "name", "phone"),
    )
)
