"""``canhdong area``."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from cli import areafiles, fieldfiles, output
from cli.logs import merged, read_all
from cli.tables import plot_figures, print_coverage
from cli.trust_tables import expected_figures, print_expected, print_trust, trust_figures
from core.errors import ConfigError
from core.model.coverage import Coverage
from core.model.flightlog import FlightLog
from core.model.land import Plot
from core.units import ha


class Command:
    """Compute the sprayed area of each plot from flight or work logs, without any server.

    LOG is any format that `canhdong log` reads, also a table of fixes (CSV or Parquet with the columns device, ts, lat,
    lon, on, speed_mps, flow_lpm, swath_m ...); FILE any field file that GDAL reads (GeoJSON, GeoPackage, Shapefile,
    KML ...). An ISOXML log brings its own fields. The plots are named by their column `plot`, else `id`, `name`, else
    by the feature's number. Several logs count as one job: what two of them treat is overlap.
    """

    name: ClassVar[str] = "area"
    vietnamese: ClassVar[str] = "Tính diện tích phun của từng thửa từ tệp nhật ký, không cần máy chủ."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("logs", nargs="+", type=Path, metavar="LOG", help="log file")
        parser.add_argument("--plots", type=Path, metavar="FILE", help="field file")
        fieldfiles.add_options(parser)
        parser.add_argument("--swath", type=float, metavar="M", help="swath width in m; goes before what the log says")
        parser.add_argument(
            "--assume-on", action="store_true", help="take every fix as treating, where the log is silent"
        )
        parser.add_argument("--only", action="append", default=[], metavar="NAME", help="use this log of a file only")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
        parser.add_argument(
            "--tolerance",
            action="store_true",
            help="add the net area expected in truth, its 95 %% interval, and grades",
        )
        areafiles.add_options(parser)

    def run(self, args: argparse.Namespace) -> int:
        """Read, compute, print, write."""
        from geo.coverage import Parameters, compute  # noqa: PLC0415

        if args.swath is not None and not 0.0 < args.swath <= 100.0:  # noqa: PLR2004
            raise ConfigError(f"--swath {args.swath:g}: give a width in m, above 0 and at most 100")
        areafiles.check(args)
        files, problems = read_all(args.logs, args.only)
        logs = _chosen([log for _, file in files for log in file.logs], args.only)
        if args.swath is None:
            logs = _with_swath(logs, problems)
        plots, more = _plots(args, [plot for _, file in files for plot in file.plots])
        if not plots:
            output.note("no plots: give --plots FILE; everything counts as off target")
        output.note(f"{sum(len(log.fixes) for log in logs):,} fixes of {len(logs)} logs over {len(plots)} plots ...")
        parameters = Parameters(swath_m=args.swath or math.nan, assume_on=args.assume_on, keep_untouched=True)
        tables, events = [log.fixes for log in logs], [event for log in logs for event in log.events]
        result = compute(args.logs[0].stem, tables, plots, parameters, events)
        if args.tolerance:
            from geo.trust.judging import with_trust  # noqa: PLC0415

            result.coverage = with_trust(result, tables, plots, parameters, events, ())
        if not args.assume_on and not any(log.fixes.on.any() for log in logs):
            output.note("no fix says that the implement was on; --assume-on takes every fix as treating")
        rejected = merged([*(dict(log.rejected) for log in logs), dict(result.coverage.rejected)])
        areafiles.write(args, result, plots)
        if args.csv is not None:
            areafiles.write_csv(args.csv, rows(result.coverage, plots))
        if args.json:
            output.print_json(document(result.coverage, plots, rejected, [*problems, *more]))
        else:
            _print(result.coverage, rejected)
        return 0 if len(files) == len(args.logs) else 1


def _chosen(logs: Sequence[FlightLog], names: Sequence[str]) -> list[FlightLog]:
    if not names:
        return list(logs)
    unknown = set(names) - {log.name for log in logs}
    if unknown:
        there = ", ".join(log.name for log in logs)
        raise ConfigError(f"--only: no log is called {', '.join(sorted(unknown))}; there are {there}")
    return [log for log in logs if log.name in names]


def _with_swath(logs: list[FlightLog], problems: list[str]) -> list[FlightLog]:
    """The logs without those that treated nobody knows what width; all of them where no log at all tells one."""
    from geo.layouts import told_widths  # noqa: PLC0415

    on = [log for log in logs if log.fixes.on.any()]
    without = [log for log in on if not told_widths(log.fixes).any() and not len(log.fixes.sections.width_m)]
    if len(without) == len(on):
        return logs
    for log in without:
        words = f"{log.name}: no swath width is known; the log is left out (--swath METRES takes it in)"
        output.note(f"warning: {words}")
        problems.append(words)
    return [log for log in logs if not any(log is it for it in without)]


def _plots(args: argparse.Namespace, own: list[Plot]) -> tuple[list[Plot], list[str]]:
    """The plots of the field file, else those that the logs brought."""
    if args.plots is None:
        return own, []
    file = fieldfiles.read(args.plots, args)
    return list(file.plots), list(file.problems)


def rows(coverage: Coverage, plots: Sequence[Plot]) -> list[dict[str, Any]]:
    """The figures of each plot, with the expected net area and its bounds where the tolerance was asked for."""
    declared = {plot.plot: plot.declared_area_m2 for plot in plots}
    return [
        plot_figures(plot)
        | {"declared_area_m2": declared.get(plot.plot, math.nan)}
        | ({} if coverage.trust is None else expected_figures(plot.expected))
        for plot in coverage.plots
    ]


def document(
    coverage: Coverage, plots: Sequence[Plot], rejected: dict[str, int], problems: Sequence[str]
) -> dict[str, Any]:
    """The whole answer: every plot, the totals (of the plots' union, since field files overlap), what was left out."""
    return {
        "plots": rows(coverage, plots),
        "total": {
            "area_m2": coverage.plots_area_m2,
            "gross_m2": coverage.plots_gross_m2,
            "net_m2": coverage.plots_net_m2,
            "overlap_m2": coverage.plots_overlap_m2,
            "missed_m2": coverage.plots_missed_m2,
            **({} if coverage.trust is None else expected_figures(coverage.plots_expected)),
        },
        **({} if coverage.trust is None else {"trust": trust_figures(coverage.trust)}),
        "gross_m2": coverage.gross_m2,
        "net_m2": coverage.net_m2,
        "off_target_m2": coverage.off_target_m2,
        "volume_l": coverage.volume_l,
        "mass_kg": coverage.mass_kg,
        "off_target_volume_l": coverage.off_target_volume_l,
        "off_target_mass_kg": coverage.off_target_mass_kg,
        "distance_m": coverage.distance_m,
        "treated_distance_m": coverage.treated_distance_m,
        "bridged_m": coverage.bridged_m,
        "fixes": coverage.fixes,
        "rejected": rejected,
        "algorithm": coverage.algorithm,
        "input_hash": coverage.input_hash,
        "problems": list(problems),
    }


def _print(coverage: Coverage, rejected: dict[str, int]) -> None:
    print_coverage("Diện tích phun / Sprayed area", coverage)
    print_expected(coverage)
    print_trust(coverage)
    output.note(f"swath strips added up, wherever they lie (as a machine counts): {ha(coverage.gross_m2):.4f} ha")
    if rejected:
        output.note("fixes left out: " + ", ".join(f"{n} {reason}" for reason, n in rejected.items()))
