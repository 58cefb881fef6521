"""``canhdong product add | list | retire``: of the national list, or of a cooperative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cli import arguments
from cli.registering import Kind, Option, commands
from core.model.work import Product
from core.registry import Registry


def _complete(record: Product, _given: Mapping[str, Any], _registry: Registry) -> Product:
    return replace(record, name=record.name or record.product)


COMMANDS = commands(
    Kind(
        "product",
        Product,
        "product",
        "sản phẩm",
        (
            Option("name", "trade name"),
            Option("listed_from", "first day of the list", arguments.day, "DATE", flag="--from"),
            Option("listed_until", "last day of the list", arguments.day, "DATE", flag="--until"),
            Option("actives", "active substances, with commas between them", arguments.listed, "NAMES"),
            Option("formulation", "formulation"),
            Option("toxicity", "toxicity group"),
            Option("drones", "whether it is registered for drones: yes or no", arguments.yes_or_no, "YES|NO"),
            Option("banned", "whether the list bans it: yes or no", arguments.yes_or_no, "YES|NO"),
            Option("banned_kinds", "kinds of plots that it may not be used on", arguments.listed, "KINDS"),
        ),
        (
            ("product", "what jobs call it", arguments.name),
            ("list_version", "the list that names it, such as TT75-2025", arguments.name),
        ),
        ("product", "list_version", "name", "listed_from", "listed_until", "actives", "drones", "banned"),
        complete=_complete,
        whose=False,
    )
)
