"""``canhdong job plan``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import arguments, output, wiring
from cli.planning import checked_job
from core.errors import ConfigError
from core.model.samples import NAN
from core.model.work import Job
from core.units import dose_per_ha


class Command:
    """Order work: plots, an operation, a product at a dose, on a day. The same job again makes its next version.

    Warns where a licence, a registration or the product's list does not cover the day, or where there is no record of
    one; refuses a product that the list bans, or bans on such plots.
    """

    name: ClassVar[str] = "job plan"
    vietnamese: ClassVar[str] = "Lập một việc: thửa ruộng, công việc, sản phẩm, liều lượng, ngày."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("cooperative", help="whose job", type=arguments.identifier)
        parser.add_argument("job", help="what telemetry calls it", type=arguments.name)
        parser.add_argument("--op", type=arguments.operation, required=True, help="spray, spread or sow")
        parser.add_argument("--day", type=arguments.day, required=True, help="on which day, YYYY-MM-DD")
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--plots", type=arguments.listed, metavar="IDS", help="plots, with commas between them")
        where.add_argument("--all-plots", action="store_true", help="every plot of the cooperative")
        parser.add_argument("--product", default="", help="the product")
        parser.add_argument("--dose", type=arguments.positive, help="how much of it")
        parser.add_argument("--unit", default="L/ha", help="of the dose: L/ha, kg/ha, L/cong, ml/m2 ... (%(default)s)")
        parser.add_argument("--drone", default="", help="who is to fly it")
        parser.add_argument("--pilot", default="", help="who is to steer")
        parser.add_argument("--note", default="", help="a remark")
        parser.add_argument("--expect", type=int, metavar="VERSION", help="stop where another version stands than this")

    def run(self, args: argparse.Namespace) -> int:
        """Check and keep."""
        with wiring.stores() as stores:
            registry = stores.registry
            size = {c.cooperative: c.m2_per_cong for c in registry.cooperatives()}.get(args.cooperative, 1_000.0)
            try:
                dose, unit = dose_per_ha(args.dose, args.unit, size) if args.dose else (NAN, "")
            except ValueError as error:
                raise ConfigError(f"--dose: {error}") from None
            plots = tuple(p.plot for p in registry.plots(args.cooperative)) if args.all_plots else args.plots
            who = {"device": args.drone, "pilot": args.pilot, "note": args.note}
            job = Job(args.job, args.cooperative, args.op, args.day, plots, args.product, dose, unit, **who)
            for warning in checked_job(job, registry):
                output.note(f"warning: {warning}")
            kept = registry.put(job, args.expect)
        told = f", {kept.product} {kept.dose:g} {kept.dose_unit}" if kept.product and args.dose else ""
        output.note(f"job {kept.job}, version {kept.version}: {len(kept.plots)} plots on {kept.day}{told}")
        return 0
