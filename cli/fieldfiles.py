"""Plots of a field file for commands that compute or fly over them: the options that say how it is read."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from cli import output

if TYPE_CHECKING:
    from land.report import FieldFile


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare ``--plot-id``, ``--crs``, ``--axes`` and ``--encoding``."""
    parser.add_argument("--plot-id", metavar="COLUMN", help="column of the field file that names the plots")
    parser.add_argument("--crs", metavar="EPSG", help="CRS of the field file, where it tells none (EPSG:5897)")
    parser.add_argument("--axes", choices=("xy", "yx"), help="yx: northing or latitude is its first coordinate")
    parser.add_argument("--encoding", metavar="NAME", help="of its texts: tcvn3, vni, cp1258, utf-8; else recognised")


def read(path: Path, args: argparse.Namespace) -> FieldFile:
    """The plots of a file as the options say; what was wrong with some of them is told to the person.

    Raises:
        FieldFileError: The file cannot be read.
        ConfigError: An option is not usable.
    """
    from land.fieldfile import read_plots  # noqa: PLC0415

    file = read_plots(path, plot_id=args.plot_id, crs=args.crs, axes=args.axes, encoding=args.encoding)
    for problem in file.problems:
        output.note(f"warning: {problem}")
    return file
