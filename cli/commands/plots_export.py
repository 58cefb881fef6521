"""``canhdong plots export``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import ClassVar

from cli import output, owners, wiring
from core.errors import ConfigError


class Command:
    """Write the plots of a cooperative into a file, in VN-2000 or WGS 84.

    The suffix of FILE says the format: .gpkg, .shp or .zip (shapefile), .fgb, .tab and .mif in any zone of VN-2000 or
    in WGS 84; .csv (corner points, X is the northing) and .dxf in a zone of VN-2000, whose code the file's name gets;
    .kml, .geojson, and .xml or TASKDATA (ISOXML) in WGS 84. See docs/plots-export.md.
    """

    name: ClassVar[str] = "plots export"
    vietnamese: ClassVar[str] = "Xuất các thửa ruộng ra tệp, theo hệ tọa độ VN-2000 hoặc WGS 84."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, metavar="FILE", help="the file to write; its suffix says the format")
        parser.add_argument("--crs", required=True, metavar="EPSG", help="CRS to write in (EPSG:5897, EPSG:4326)")
        owners.add_option(parser)
        parser.add_argument("--force", action="store_true", help="replace the file where it is there already")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read from the registry and write."""
        from land.export import export_plots  # noqa: PLC0415

        with wiring.stores() as stores:
            cooperative = owners.owner(stores.registry, args.cooperative).cooperative
            plots = stores.registry.plots(cooperative)
        if not plots:
            raise ConfigError(f"cooperative {cooperative} has no plots; take some in with: canhdong plots import")
        made = export_plots(plots, args.file, args.crs, force=args.force)
        for text in made.notes:
            output.note(f"note: {text}")
        if args.json:
            output.print_json(
                {
                    "cooperative": cooperative,
                    "plots": made.plots,
                    "format": made.form,
                    "crs": made.crs,
                    "crs_name": made.crs_name,
                    "file": str(made.path),
                    "files": [str(path) for path in made.files],
                    "notes": made.notes,
                }
            )
        else:
            output.note(f"{made.plots} plots of {cooperative} are in {made.path} ({made.crs}, {made.crs_name})")
        return 0
