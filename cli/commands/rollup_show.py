"""``canhdong rollup show``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import arguments, output, wiring
from core.localtime import day_window_ms
from core.model.figures import Figures
from core.rollup import DATABASE, FIELDS, MEASUREMENT
from core.terms import both

_TAGS = ("commune", "operation", "product_group")
_DIGITS = {"net_ha": 2, "volume_l": 1, "mass_kg": 1, "hours": 1}


class Command:
    """Show the department's roll-up of a local day; cells of fewer than three farms are withheld."""

    name: ClassVar[str] = "rollup show"
    vietnamese: ClassVar[str] = "Xem bảng tổng hợp một ngày; ô có dưới ba hộ thì không nêu số."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--day", type=arguments.day, required=True, metavar="DAY", help="local day, YYYY-MM-DD")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read and print."""
        at_ms = day_window_ms(args.day)[0]
        with wiring.stores() as stores:
            kept = stores.telemetry.figures(DATABASE, MEASUREMENT, at_ms, at_ms)
        rows = [row for row in kept if row.values["withheld"] or row.values["flights"]]
        if args.json:
            output.print_json({"day": args.day, "cells": [_told(row) for row in rows]})
            return 0
        headings = [both(f"rollup_{name}") for name in (*_TAGS, *FIELDS)]
        output.print_table(f"{both('rollup')}, {args.day}", headings, [_cells(row) for row in rows], len(_TAGS))
        return 0


def _told(row: Figures) -> dict[str, object]:
    """A cell with its figures, null where they are withheld."""
    withheld = bool(row.values["withheld"])
    return dict(row.tags) | {"withheld": withheld} | {n: None if withheld else row.values[n] for n in FIELDS}


def _cells(row: Figures) -> list[str]:
    told = _told(row)
    figures = [_number(told[name], _DIGITS.get(name, 0)) for name in FIELDS]
    return [str(row.tags[tag]) for tag in _TAGS] + figures


def _number(value: object, digits: int) -> str:
    return output.number(value, digits) if isinstance(value, float) else both("rollup_withheld")
