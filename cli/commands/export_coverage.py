"""``canhdong export coverage``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import exporting

_KINDS = ("covered", "missed", "overlap", "off-target")


class Command:
    """Write what flights treated into a file: a row for each flight, plot and kind, with its area.

    GeoJSON, CSV (without areas), KML, GeoPackage, shapefile, Parquet; see docs/exports.md.
    """

    name: ClassVar[str] = "export coverage"
    vietnamese: ClassVar[str] = "Xuất diện tích đã phun ra tệp."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        exporting.add_options(parser)
        parser.add_argument("--kind", action="append", choices=_KINDS, help="may be repeated; default: covered")

    def run(self, args: argparse.Namespace) -> int:
        """Read and write."""
        from core.exports import Subject  # noqa: PLC0415
        from core.shapes import ShapeKind  # noqa: PLC0415
        from geo.exporting import Wanted  # noqa: PLC0415

        kinds = tuple(ShapeKind(it) for it in dict.fromkeys(args.kind or ["covered"]))
        form = exporting.form_of(args)
        return exporting.export(args, Wanted(Subject.COVERAGE, form, args.file.stem, args.crs, kinds, args.bom))
