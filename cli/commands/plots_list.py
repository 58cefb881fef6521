"""``canhdong plots list``."""

from __future__ import annotations

import argparse
import time
from datetime import date
from typing import Any, ClassVar

from cli import arguments, output, owners, wiring
from cli.registering import told
from core.localtime import day_window_ms, local_day
from core.model.admin import AdminLevel
from core.terms import both
from core.units import cong, ha


class Command:
    """Show the plots of a cooperative as of a date: their boundaries, and the communes that they lie in on that day.

    A plot whose commune was split is uncertain, unless the polygon of a commune decides (canhdong admin import).
    """

    name: ClassVar[str] = "plots list"
    vietnamese: ClassVar[str] = "Xem các thửa ruộng và xã, phường của chúng tại một ngày."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        owners.add_option(parser)
        parser.add_argument("--on", type=arguments.day, metavar="DATE", help="as of that day (today)")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read, place and print."""
        from geo.projection import geodesic_area_m2  # noqa: PLC0415
        from land.gazetteer import gazetteer  # noqa: PLC0415
        from land.plot_units import Communes, unit_of  # noqa: PLC0415

        day = args.on or local_day(time.time_ns() // 1_000_000)
        with wiring.stores() as stores:
            cooperative = owners.owner(stores.registry, args.cooperative)
            at_ms = day_window_ms(day)[1] if args.on else None
            plots = stores.registry.plots(cooperative.cooperative, at_ms=at_ms)
            communes = Communes(stores.registry.admin_units(AdminLevel.COMMUNE, date.fromisoformat(day)))
        units = [unit_of(plot, date.fromisoformat(day), communes, gazetteer()) for plot in plots]
        areas = [geodesic_area_m2(plot.boundary) for plot in plots]
        if args.json:
            rows: list[dict[str, Any]] = [
                told(plot)
                | {
                    "area_m2": area,
                    "commune": unit.unit.code if unit.unit else None,
                    "commune_name": unit.unit.name if unit.unit else None,
                    "commune_by": unit.by.value,
                    "commune_candidates": [it.code for it in unit.units],
                    "commune_words": unit.words,
                }
                for plot, area, unit in zip(plots, areas, units, strict=True)
            ]
            output.print_json({"on": day, "plots": rows})
            return 0
        columns = ("plot", "name", "area", "cong", "field_crop", "commune", "field_version")
        cells = [
            [
                plot.plot,
                plot.name,
                output.number(ha(area), 4),
                output.number(cong(area, cooperative.m2_per_cong), 2),
                plot.crop,
                f"{unit.unit.code} {unit.unit.name}" if unit.unit else f"{both('uncertain')}: {unit.words}",
                str(plot.version),
            ]
            for plot, area, unit in zip(plots, areas, units, strict=True)
        ]
        title = f"{both('plots')}, {cooperative.name}, {day} (1 công = {cooperative.m2_per_cong:,.0f} m²)"
        output.print_table(title, [f"{both(c)}, ha" if c == "area" else both(c) for c in columns], cells, 2)
        return 0
