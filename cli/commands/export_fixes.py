"""``canhdong export fixes``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import exporting


class Command:
    """Write the fixes of flights into a file: GeoJSON, CSV, KML, GeoPackage, shapefile, Parquet, ISOXML.

    The suffix of FILE says the format; .zip needs --format shapefile or isoxml. See docs/exports.md.
    """

    name: ClassVar[str] = "export fixes"
    vietnamese: ClassVar[str] = "Xuất các điểm của chuyến bay ra tệp."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        exporting.add_options(parser)

    def run(self, args: argparse.Namespace) -> int:
        """Read and write."""
        from core.exports import Subject  # noqa: PLC0415
        from geo.exporting import Wanted  # noqa: PLC0415

        form = exporting.form_of(args)
        return exporting.export(args, Wanted(Subject.FIXES, form, args.file.stem, args.crs, bom=args.bom))
