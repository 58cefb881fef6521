"""``canhdong admin show``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from cli import adminunits, output
from core.model.admin import AdminLevel, AdminUnit, Extent, Succession
from core.terms import both

if TYPE_CHECKING:
    from land.gazetteer import Gazetteer

_Other: TypeAlias = tuple[Succession, AdminUnit]
"""A succession, and the unit at its other end."""


class Command:
    """Show an administrative unit: what it lies in, what it was made of, and what became of it on 1 July 2025.

    The code's length tells the level: 2 digits a province, 3 a district, 5 a commune. A code that stood for a unit of
    another name before 1 July 2025 needs --on: 52 was Bình Định and is Gia Lai. Where a unit was split, its code does
    not tell which of its successors a plot lies in: that is marked as uncertain.
    """

    name: ClassVar[str] = "admin show"
    vietnamese: ClassVar[str] = "Xem một đơn vị hành chính, đơn vị trước đó và đơn vị kế tiếp của nó từ 1/7/2025."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("code", metavar="CODE", help="official code with its leading zeros")
        parser.add_argument("--level", choices=[it.value for it in AdminLevel], help="refuse a code of another level")
        parser.add_argument("--on", metavar="DATE", help="a day on which the unit stands, YYYY-MM-DD")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read and print."""
        from land.gazetteer import gazetteer, level_of  # noqa: PLC0415

        known = gazetteer()
        day = adminunits.day_of(args.on) if args.on else None
        level = AdminLevel(args.level) if args.level else level_of(args.code)
        unit = known.resolve(args.code, level, day)
        if unit.valid_to is None:
            adminunits.note_gaps(day or adminunits.today())
        after, before = _successors(known, unit), _predecessors(known, unit)
        if args.json:
            output.print_json(
                adminunits.document(known, unit)
                | {"successors": _documents(known, after), "successors_certain": _certain(after)}
                | {"predecessors": _documents(known, before), "predecessors_certain": _certain(before)}
                | {"source": known.table.source}
            )
            return 0
        headings = adminunits.headings()
        rows = [adminunits.cells(known, it) for it in (unit, *known.parents(unit))]
        output.print_table(f"{unit.name} ({unit.code})", headings, rows, len(headings))
        _print_others(known, "successors", after, mark=_certain(after) is False)
        _print_others(known, "predecessors", before, mark=any(it.extent is Extent.PART for it, _ in before))
        return 0


def _successors(known: Gazetteer, unit: AdminUnit) -> list[_Other]:
    from land.gazetteer import level_of  # noqa: PLC0415

    if unit.valid_to is None:
        return []
    return [(it, known.unit(it.new, level_of(it.new), it.on)) for it in known.successors(unit.code, unit.level)]


def _predecessors(known: Gazetteer, unit: AdminUnit) -> list[_Other]:
    if unit.valid_to is not None:
        return []
    found = known.predecessors(unit.code, unit.level)
    return [(it, known.unit(it.old, it.level, it.on - timedelta(days=1))) for it in found]


def _certain(others: Sequence[_Other]) -> bool | None:
    """Whether one unit has all of it; None where there is no other."""
    return len(others) == 1 if others else None


def _documents(known: Gazetteer, others: Sequence[_Other]) -> list[dict[str, Any]]:
    return [
        adminunits.document(known, unit) | {"extent": it.extent.value, "on": it.on.isoformat(), "share": it.share}
        for it, unit in others
    ]


def _print_others(known: Gazetteer, key: str, others: Sequence[_Other], *, mark: bool) -> None:
    if not others:
        return
    title = f"{both(key)}: {both('uncertain')}" if mark else both(key)
    headings = [both(it) for it in ("code", "name", "within", "extent")]
    rows = [
        [unit.code, unit.name, ", ".join(it.name for it in known.parents(unit)), both(it.extent.value)]
        for it, unit in others
    ]
    output.print_table(title, headings, rows, len(headings))
