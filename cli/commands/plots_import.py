"""``canhdong plots import``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cli import arguments, output, owners, wiring
from core.errors import CanhdongError, ConfigError
from core.terms import both
from core.units import cong, ha

if TYPE_CHECKING:
    from cli.importing import Judged
    from land.crs import ToWgs84
    from land.report import Examined

_SHOWN = 40
_LINES = 200


class Command:
    """Take plots from a field file into the registry. A changed boundary makes the plot's next version.

    Every feature is repaired where that is safe, or refused with the reason; the good ones are taken although one is
    bad, and the exit code is then 1. A layer that looks shifted by a lost datum, by a wrong meridian or by exchanged
    axes, against the plots that are registered, the flights or the commune, is refused whole: nothing of it is taken.
    """

    name: ClassVar[str] = "plots import"
    vietnamese: ClassVar[str] = "Đưa các thửa ruộng từ tệp ranh giới vào sổ đăng ký."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, metavar="FILE", help="any field file, or a zip of them")
        owners.add_option(parser)
        parser.add_argument("--plot-id", metavar="COLUMN", help="column that names the plots")
        parser.add_argument("--crs", metavar="EPSG", help="CRS of the file, where it tells none (EPSG:5897)")
        parser.add_argument("--axes", choices=("xy", "yx"), help="yx: northing or latitude is the first coordinate")
        shifts, origins = ("as-stated", "once-more", "once-less"), ("as-stated", "swapped")
        parser.add_argument("--datum", choices=shifts, default=shifts[0], help="shifts beside those of --crs")
        parser.add_argument("--false-origin", choices=origins, default=origins[0], help="swapped: in the northings")
        parser.add_argument("--encoding", metavar="NAME", help="of texts: tcvn3, vni, cp1258, utf-8; else recognised")
        parser.add_argument(
            "--source-unit", default="", metavar="CODE", help="commune of the record, where none is told"
        )
        parser.add_argument("--source-date", type=arguments.day, metavar="DATE", help="day of the record, if untold")
        parser.add_argument(
            "--since", type=arguments.since_ms, default=0, metavar="DATE", help="since when the boundaries hold"
        )
        parser.add_argument("--commune", metavar="CODE", help="refuse a layer that lies outside this commune")
        parser.add_argument("--unchecked", action="store_true", help="take a layer that looks shifted all the same")
        parser.add_argument("--dry-run", action="store_true", help="show what would happen; needs no registry")
        parser.add_argument("--map", type=Path, metavar="FILE.svg", help="draw a map of it")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Examine, judge, show, and keep."""
        from cli.importing import judged  # noqa: PLC0415
        from land.fieldfile import examine  # noqa: PLC0415

        how = {"plot_id": args.plot_id, "axes": args.axes, "encoding": args.encoding}
        found = examine(args.file, crs=args.crs, reading=_reading(args), **how)
        if args.dry_run and args.cooperative is None:
            verdict = judged(found, args)
            kept = []
        else:
            with wiring.stores() as stores:
                cooperative = owners.owner(stores.registry, args.cooperative)
                verdict = judged(found, args, stores, cooperative)
                take = not args.dry_run and (verdict.lies_right or args.unchecked)
                known = {"cooperative": cooperative.cooperative, "valid_from_ms": args.since}
                plots = [replace(p, **known) for p in verdict.plots] if take else []
                kept = stores.registry.put_all(plots)
        self._show(args, found, verdict)
        if not args.json:
            _tell(found.problems if args.dry_run else found.said())
        if not verdict.lies_right:
            output.note(f"{'taken unchecked' if args.unchecked else 'refused'}: {verdict.words}")
        refused = sum(f.made is None for f in found.features)
        newer = sum(plot.version > 1 for plot in kept)
        done = f"{len(kept)} plots of {args.file} are registered ({newer} stand in a later version)"
        output.note(f"{done if not args.dry_run else 'nothing was kept'}; {refused} features are refused")
        return 1 if refused or not (verdict.lies_right or args.unchecked) else 0

    def _show(self, args: argparse.Namespace, found: Examined, verdict: Judged) -> None:
        if args.map:
            from land.import_map import svg  # noqa: PLC0415

            try:
                args.map.write_text(svg(found.features, args.file.name), encoding="utf-8")
            except OSError as error:
                raise CanhdongError(f"--map {args.map}: {error.strerror}") from None
        if args.json:
            output.print_json(_document(found, verdict))
        elif args.dry_run:
            from land.import_map import dots  # noqa: PLC0415

            _print_table(found, verdict)
            print(dots(found.features))


def _tell(lines: Sequence[str]) -> None:
    """What is to be known of the file and its features, a line each."""
    for text in lines[:_LINES]:
        output.note(f"note: {text}")
    if len(lines) > _LINES:
        output.note(f"… and {len(lines) - _LINES} more; --json shows all")


def _reading(args: argparse.Namespace) -> ToWgs84 | None:
    """The reading that options ask for beside the CRS: what an import that looks shifted was offered."""
    from land.readings import Datum, Origin, Reading  # noqa: PLC0415

    datum: Datum = args.datum
    origin: Origin = args.false_origin
    if datum == origin == "as-stated":
        return None
    if not args.crs:
        raise ConfigError("--datum and --false-origin say how a CRS is meant: name it with --crs")
    return Reading(args.crs, datum=datum, origin=origin).to_wgs84()


def _document(found: Examined, verdict: Judged) -> dict[str, Any]:
    """What was found, for programs; ``area_m2`` is geodesic, the centroid in WGS 84."""
    features = [
        {
            "feature": f.feature,
            "plot": f.plot,
            "status": f.status.value,
            "reason": f.reason,
            "lon": f.lon,
            "lat": f.lat,
            "area_m2": f.area_m2,
            "commune": placed.unit.code if (placed := verdict.communes.get(f.feature)) and placed.unit else None,
            "layer": f.layer,
        }
        for f in found.features
    ]
    where = {"status": verdict.status, "words": verdict.words, "offers": verdict.offers}
    return {"features": features, "crs": found.crs, "problems": found.problems, "placing": where}


def _print_table(found: Examined, verdict: Judged) -> None:
    columns = ("plot", "status", "area", "cong", "field_lon_deg", "field_lat_deg", "commune", "reason")
    headings = ["№", *(f"{both(c)}, ha" if c == "area" else both(c) for c in columns)]
    rows = []
    for f in found.features[:_SHOWN]:
        placed = verdict.communes.get(f.feature)
        unit = "–" if placed is None else both("uncertain")
        if placed is not None and placed.unit is not None:
            unit = f"{placed.unit.code} {placed.unit.name}"
        area = [output.number(ha(f.area_m2), 4), output.number(cong(f.area_m2, verdict.m2_per_cong), 2)]
        place = [output.number(f.lon, 6), output.number(f.lat, 6)]
        rows.append([str(f.feature), f.plot, both(f"status_{f.status.value}"), *area, *place, unit, f.reason])
    output.print_table(f"{both('plots')} (1 công = {verdict.m2_per_cong:,.0f} m²)", headings, rows, 3)
    if len(found.features) > _SHOWN:
        output.note(f"… and {len(found.features) - _SHOWN} more; --json shows all")
