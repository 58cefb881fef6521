"""``canhdong dashboards backfill``."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import ClassVar

from cli import arguments, following, output, wiring
from cli.backfilled import DoneParts
from core.errors import ConfigError, NotFound


class Command:
    """Write what dashboards read anew, for all local days from one to another.

    From the registry, the archive of closed flights and the alerts that were kept: flights, their plots, minutes and
    alerts of every cooperative, and the department's figures of compliance. For flights from before there were
    dashboards, after `coverage recompute`, `context refresh` or a change of products, pilots or communes, and for a new
    InfluxDB. Doing it again changes nothing; one that was interrupted goes on where it was.
    """

    name: ClassVar[str] = "dashboards backfill"
    vietnamese: ClassVar[str] = "Ghi lại số liệu cho bảng theo dõi từ sổ đăng ký và kho lưu trữ, theo ngày."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--from", dest="first", type=arguments.day, required=True, metavar="DAY", help="first day")
        parser.add_argument("--to", dest="last", type=arguments.day, required=True, metavar="DAY", help="last day")
        parser.add_argument("--cooperative", metavar="ID", help="of this cooperative only, and of the department")
        parser.add_argument("--again", action="store_true", help="also what an interrupted run has done")

    def run(self, args: argparse.Namespace) -> int:
        """Write, and tell of each part."""
        from geo.figures.backfill import Part, parts_of, written  # noqa: PLC0415
        from geo.rollup_following import days_between  # noqa: PLC0415

        if args.last < args.first:
            raise ConfigError(f"--to {args.last} is before --from {args.first}")
        with wiring.stores() as stores, closing(wiring.archive()) as archive:
            known = [it.cooperative for it in stores.registry.cooperatives()]
            if args.cooperative and args.cooperative not in known:
                raise NotFound(f"there is no cooperative {args.cooperative!r}")
            owners = [args.cooperative] if args.cooperative else known
            parts = parts_of(days_between(args.first, args.last), owners)
            asked = {"from": args.first, "to": args.last, "cooperatives": owners}
            progress = DoneParts.opened(wiring.data_dir() / "dashboards-backfill.jsonl", asked, again=args.again)
            done = {Part(day, owner) for day, owner in progress.done()}
            if done:
                output.note(f"{len(done)} of {len(parts)} parts were done by a run that was interrupted")
            figures = following.figures_follower(stores, archive)
            flights = 0
            for number, (part, count) in enumerate(
                written(parts, done, figures, following.compliance_follower(stores)), start=len(done) + 1
            ):
                progress.add((part.day, part.cooperative))
                flights += count if part.cooperative else 0
                told = f"{count} flights" if part.cooperative else f"{count} communes"
                output.note(f"{number}/{len(parts)} {part.day} {part.cooperative or 'province'}: {told}")
        progress.finish()
        output.note(f"{flights} flights from {args.first} to {args.last}")
        return 0
