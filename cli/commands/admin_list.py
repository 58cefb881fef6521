"""``canhdong admin list``."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from cli import adminunits, output
from core.model.admin import AdminLevel
from core.terms import both

if TYPE_CHECKING:
    from land.gazetteer import Gazetteer


class Command:
    """List the administrative units of Vietnam as they stand, or stood, on a day.

    Without --level: the provinces, or with --in the level below that unit. Until 2025-06-30 there were 63 provinces,
    with districts; since 2025-07-01 there are 34, without. The table begins on 2025-03-01.
    """

    name: ClassVar[str] = "admin list"
    vietnamese: ClassVar[str] = "Xem các tỉnh, huyện (đến 30/6/2025), xã của Việt Nam vào một ngày."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--level", choices=[it.value for it in AdminLevel], help="which units")
        parser.add_argument("--on", metavar="DATE", help="the day, YYYY-MM-DD (default: today in Vietnam)")
        parser.add_argument("--in", dest="parent", default="", metavar="CODE", help="code of a province or a district")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read and print."""
        from land.gazetteer import gazetteer  # noqa: PLC0415

        known = gazetteer()
        day = adminunits.day_of(args.on) if args.on else adminunits.today()
        level = AdminLevel(args.level) if args.level else _level_below(known, args.parent, day)
        units = known.units(level, day, args.parent)
        adminunits.note_gaps(day)
        if not units:
            output.note(f"no unit of level {level} stands there on {day}; districts stood until 2025-06-30")
        if args.json:
            rows = [adminunits.document(known, it) for it in units]
            told = {"day": day.isoformat(), "level": level, "source": known.table.source}
            output.print_json(told | {"units": rows})
            return 0
        title = f"{both('admin_units')}, {both(level.value)}, {day}: {len(units):,}"
        headings = adminunits.headings()
        output.print_table(title, headings, [adminunits.cells(known, it) for it in units], len(headings))
        return 0


def _level_below(known: Gazetteer, parent: str, day: date) -> AdminLevel:
    """The highest level below a unit that has units in it on a day; of the country, provinces."""
    if not parent:
        return AdminLevel.PROVINCE
    from land.gazetteer import level_of  # noqa: PLC0415

    if level_of(parent) is AdminLevel.PROVINCE and known.units(AdminLevel.DISTRICT, day, parent):
        return AdminLevel.DISTRICT
    return AdminLevel.COMMUNE
