"""What the commands that export flights and coverage share."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from cli import arguments, output, owners, wiring
from core.errors import ConfigError, Conflict

if TYPE_CHECKING:
    from core.exports import Exporters
    from geo.exporting import Wanted

_SUFFIXES = {
    ".geojson": "geojson",
    ".json": "geojson",
    ".csv": "csv",
    ".kml": "kml",
    ".gpkg": "gpkg",
    ".parquet": "parquet",
    ".zip": "",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what both have."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the file to write; its suffix says the format")
    parser.add_argument("--format", metavar="NAME", help="for .zip: shapefile or isoxml")
    parser.add_argument("--crs", default="EPSG:4326", metavar="EPSG", help="CRS of .gpkg, shapefile and .parquet")
    parser.add_argument("--from", dest="start_ms", type=arguments.since_ms, metavar="DAY", help="first local date")
    parser.add_argument("--to", dest="end_ms", type=arguments.until_ms, metavar="DAY", help="last local date")
    parser.add_argument("--flight", metavar="ID", help="only this flight")
    parser.add_argument("--drone", metavar="ID", help="only flights of this drone")
    parser.add_argument("--job", metavar="ID", help="only flights of this job")
    parser.add_argument("--bom", action="store_true", help="csv: begin with a byte order mark, for spreadsheets")
    parser.add_argument("--force", action="store_true", help="replace the file where it is there already")
    owners.add_option(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")


def form_of(args: argparse.Namespace) -> str:
    """The format that the options name.

    Raises:
        ConfigError: The suffix says none.
    """
    if args.format:
        return str(args.format)
    suffix = args.file.suffix.lower()
    found = _SUFFIXES.get(suffix)
    if found is None:
        raise ConfigError(f"{args.file}: no format has the suffix {suffix!r}; there are {', '.join(_SUFFIXES)}")
    if not found:
        raise ConfigError(f"{args.file}: a .zip is a shapefile or isoxml; say which with --format")
    return found


def export(args: argparse.Namespace, wanted: Wanted) -> int:
    """Write the file, whole or not at all.

    Raises:
        ConfigError: It cannot be written so.
        Conflict: The file is there already.
        NotFound: There is no such flight.
    """
    from api.filedesk import Choice, chosen  # noqa: PLC0415
    from geo.exporting import exported  # noqa: PLC0415

    if args.file.exists() and not args.force:
        raise Conflict(f"{args.file} is there already; replace it with --force")
    formats: Exporters = wiring.exporters()
    with wiring.stores() as stores, closing(wiring.archive()) as kept:
        cooperative = owners.owner(stores.registry, args.cooperative).cooperative
        window = (args.start_ms or 0, args.end_ms or 2**62)
        choice = Choice(*window, args.flight or "", args.drone or "", args.job or "")
        flights = chosen(stores.registry, cooperative, choice)
        _, content = exported(wiring.flight_files(stores, kept), formats, flights, wanted)
        size_bytes = _written(args.file, content)
    if args.json:
        told = {"file": str(args.file), "format": wanted.form, "flights": len(flights), "size_bytes": size_bytes}
        output.print_json({"cooperative": cooperative, **told})
    else:
        output.note(f"{len(flights)} flights of {cooperative} are in {args.file} ({size_bytes:,} bytes)")
    return 0


def _written(path: Path, content: Iterator[bytes]) -> int:
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            for piece in content:
                file.write(piece)
            size_bytes = file.tell()
        part.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return size_bytes
