"""``canhdong plots import``."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from cli import output, wiring


class Command:
    """Take plots from a field file into the registry. A changed boundary makes the plot's next version."""

    name: ClassVar[str] = "plots import"
    vietnamese: ClassVar[str] = "Đưa các thửa ruộng từ tệp ranh giới vào sổ đăng ký."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("cooperative", help="whose plots")
        parser.add_argument("file", type=Path, metavar="FILE", help="any field file that GDAL reads")
        parser.add_argument("--plot-id", metavar="COLUMN", help="column that names the plots")
        parser.add_argument("--crs", metavar="EPSG", help="CRS of the file, where it tells none (EPSG:5897)")

    def run(self, args: argparse.Namespace) -> int:
        """Read and keep."""
        from land.fieldfile import read_plots  # noqa: PLC0415

        file = read_plots(args.file, plot_id=args.plot_id, crs=args.crs)
        for problem in file.problems:
            output.note(f"warning: {problem}")
        with wiring.stores() as stores:
            kept = [stores.registry.put_plot(replace(p, cooperative=args.cooperative)) for p in file.plots]
        newer = sum(plot.version > 1 for plot in kept)
        output.note(f"{len(kept)} plots of {args.file} are registered ({newer} stand in a later version)")
        return 0
