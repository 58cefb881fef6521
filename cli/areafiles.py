"""The files that ``canhdong area`` writes: shapes, a picture, missed parts, the dose as map or contours."""

from __future__ import annotations

import argparse
import csv
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli import output
from cli.arguments import positive
from core.errors import ConfigError
from core.model.land import Plot

if TYPE_CHECKING:
    from geo.coverage import Result

_GEOJSON = (".geojson", ".json")
_DOSE = (".tif", ".tiff", ".png", *_GEOJSON)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare ``--csv``, ``--geojson``, ``--svg``, ``--missed``, ``--dose``, ``--planned`` and ``--lang``."""
    parser.add_argument("--csv", type=Path, metavar="OUT", help="write the figures, a line per plot")
    parser.add_argument("--geojson", type=Path, metavar="OUT", help="write the shapes (WGS 84)")
    parser.add_argument("--svg", type=Path, metavar="OUT", help="write a picture")
    parser.add_argument("--lang", choices=("vi", "en"), default="vi", help="language of the picture")
    parser.add_argument("--missed", type=Path, metavar="OUT", help="write the missed parts (.geojson)")
    parser.add_argument(
        "--dose", type=Path, metavar="OUT", help="write the dose: .tif (GeoTIFF), .png, or .geojson (contours)"
    )
    parser.add_argument(
        "--planned", type=positive, metavar="DOSE", help="planned dose in L/ha or kg/ha for --dose; else the mean"
    )


def check(args: argparse.Namespace) -> None:
    """Refuse names that say no format, before any work is done.

    Raises:
        ConfigError: The message names the option.
    """
    for name, endings in (("missed", _GEOJSON), ("dose", _DOSE)):
        path: Path | None = getattr(args, name)
        if path is not None and path.suffix.lower() not in endings:
            raise ConfigError(f"--{name} {path}: the name must end in {', '.join(endings)}")
    if args.planned is not None and args.dose is None:
        raise ConfigError("--planned: say where the dose goes with --dose OUT")


def write(args: argparse.Namespace, result: Result, plots: Sequence[Plot]) -> None:
    """Write what was asked for.

    Raises:
        ConfigError: There is no dose to draw, or a file cannot be written.
    """
    try:
        if args.geojson is not None:
            _json(args.geojson, result.shapes.feature_collection())
        if args.svg is not None:
            from geo.drawing import plot_svg  # noqa: PLC0415

            _text(args.svg, plot_svg(result.shapes, result.coverage, language=args.lang))
        if args.missed is not None:
            _json(args.missed, result.shapes.missed_parts())
        if args.dose is not None:
            _dose(args, result, plots)
    except OSError as error:
        raise ConfigError(f"{error.filename}: {error.strerror or error}") from error


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the figures of the plots, under the names that they have in JSON; what is not known is left empty.

    Raises:
        ConfigError: The file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]) if rows else ["plot"])
            writer.writeheader()
            for row in rows:
                writer.writerow({k: "" if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()})
    except OSError as error:
        raise ConfigError(f"{error.filename}: {error.strerror or error}") from error
    output.note(f"wrote {path}")


def _dose(args: argparse.Namespace, result: Result, plots: Sequence[Plot]) -> None:
    from geo.dosemap import amounts_of, dose_grid  # noqa: PLC0415

    quads, unit = amounts_of(result.pieces)
    try:
        grid = dose_grid(quads, result.plane, unit)
    except ValueError as error:
        raise ConfigError(f"--dose: {error}") from None
    planned = args.planned or _mean(result, unit)
    suffix = args.dose.suffix.lower()
    if suffix in _GEOJSON:
        from geo.dosecontours import contours, outlines  # noqa: PLC0415

        touched = {figures.plot for figures in result.coverage.plots if figures.net_m2 > 0.0}
        _json(args.dose, contours(grid, planned, outlines([p for p in plots if p.plot in touched], result.plane)))
        return
    from geo.rasterfiles import legend, write_geotiff, write_png  # noqa: PLC0415

    rows, columns = grid.dose.shape
    if suffix == ".png":
        write_png(args.dose, grid, planned)
        output.note("colours: " + ", ".join(f"{colour} {label}" for colour, label in legend()))
        output.note(f"shares are of {planned:.2f} {unit}")
    else:
        write_geotiff(args.dose, grid)
    output.note(f"wrote {args.dose}: {columns} x {rows} cells of {grid.cell_m:.2f} m")


def _mean(result: Result, unit: str) -> float:
    """The mean dose over the plots' net area, else over all treated ground."""
    it = result.coverage
    amount, beside = (it.volume_l, it.off_target_volume_l) if unit == "L/ha" else (it.mass_kg, it.off_target_mass_kg)
    inside = amount - beside
    whole, net_m2 = (inside, it.plots_net_m2) if it.plots_net_m2 > 0.0 and inside > 0.0 else (amount, it.net_m2)
    mean = whole / net_m2 * 10_000.0 if net_m2 > 0.0 else math.nan
    if not mean > 0.0:
        raise ConfigError("--dose: nothing was treated that a mean dose could be told of: give --planned DOSE")
    return mean


def _json(path: Path, document: dict[str, Any]) -> None:
    _text(path, json.dumps(document, ensure_ascii=False, separators=(",", ":")))


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    output.note(f"wrote {path}")
