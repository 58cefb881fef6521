"""``canhdong admin import``."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cli import output, wiring
from cli.adminunits import day_of
from core.errors import CanhdongError, ConfigError
from core.model.admin import AdminLevel, AdminUnit

if TYPE_CHECKING:
    from land.gazetteer import Gazetteer


class Command:
    """Take the boundaries of administrative units from a file: then a place tells its commune on any date.

    Every feature is told by its official code (--code-column), by its name within a province (--name-column and --in),
    or, where the file holds one unit, by --code. A feature that cannot be told is named and does not hide the others;
    then the exit code is 1.
    """

    name: ClassVar[str] = "admin import"
    vietnamese: ClassVar[str] = "Đưa ranh giới đơn vị hành chính từ tệp vào sổ đăng ký."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, metavar="FILE", help="any field file")
        parser.add_argument("--on", required=True, metavar="DATE", help="a day on which these units stood")
        parser.add_argument("--level", choices=list(AdminLevel), default=AdminLevel.COMMUNE, help="(%(default)s)")
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--code", help="the one unit's code")
        how.add_argument("--code-column", metavar="COLUMN", help="column of the codes")
        how.add_argument("--name-column", metavar="COLUMN", help="column of the names, with --in")
        parser.add_argument("--in", dest="parent", default="", metavar="CODE", help="the unit that all lie in")
        parser.add_argument("--crs", metavar="EPSG", help="CRS of the file, where it tells none")
        parser.add_argument("--source", default="", help="where the boundaries come from (the file's name)")

    def run(self, args: argparse.Namespace) -> int:
        """Read, tell and keep."""
        from land.fieldfile import read_plots  # noqa: PLC0415
        from land.gazetteer import gazetteer  # noqa: PLC0415

        day, level = day_of(args.on), AdminLevel(args.level)
        if args.name_column and not args.parent:
            raise ConfigError("a name tells a unit only within another one: give --in, such as --in 96 (Cà Mau)")
        file = read_plots(args.file, plot_id=args.code_column or args.name_column, crs=args.crs)
        if args.code and len(file.plots) != 1:
            raise ConfigError(f"--code names one unit, and {args.file} holds {len(file.plots)}: give --code-column")
        known = gazetteer()
        found: list[AdminUnit] = []
        faults = 0
        for name, boundary in ((args.code or plot.plot, plot.boundary) for plot in file.plots):
            try:
                found.append(replace(_unit(known, name, day, level, args), boundary=boundary))
            except CanhdongError as error:
                faults += 1
                output.note(f"refused: {name!r}: {error}")
        _refuse_parts(found)
        with wiring.stores() as stores:
            stores.registry.put_admin(found, [], args.source or args.file.name)
        output.note(f"the boundaries of {len(found)} units of level {level} are held; {faults} features are refused")
        return 1 if faults else 0


def _unit(known: Gazetteer, name: str, day: date, level: AdminLevel, args: argparse.Namespace) -> AdminUnit:
    """The unit that a feature is.

    Raises:
        ConfigError: A name tells none, or several.
        NotFound: No unit of the level has the code on that day.
    """
    if not args.name_column:
        unit = known.unit(name, level, day)
        if args.parent and args.parent not in {it.code for it in known.parents(unit)}:
            raise ConfigError(f"{unit.name} does not lie in {args.parent}")
        return unit
    within = {it.code for it in known.units(level, day, args.parent)}
    units = [it for it in known.find(name, day, level) if it.code in within]
    if len(units) != 1:
        raise ConfigError(f"{len(units)} units of level {level} in {args.parent} are called so on {day}")
    return units[0]


def _refuse_parts(found: list[AdminUnit]) -> None:
    """A unit whose parts stand in several features would be held by its last part only.

    Raises:
        ConfigError: Two features are the same unit.
    """
    counts = Counter((unit.code, unit.name) for unit in found)
    for (code, name), count in counts.items():
        if count > 1:
            raise ConfigError(f"{count} features are {code} {name}: join them into one multipolygon")
