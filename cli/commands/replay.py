"""``canhdong replay``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import ClassVar

from cli import fieldfiles, lifecycle, publishing, wiring
from cli.identifiers import checked_cooperative, checked_identifier
from cli.logs import read_all
from core.errors import CanhdongError, ConfigError
from core.model.land import Cooperative, Plot


class Command:
    """Publish a flight or work log as live telemetry, keeping its time steps.

    The times are dated back so that the run ends at the wall clock; long pauses between the logs of a file are
    shortened. Each log is a flight of its own. The devices (marked as replayed), the cooperative and the plots that
    the log brings are registered first.
    """

    name: ClassVar[str] = "replay"
    vietnamese: ClassVar[str] = "Phát lại một tệp nhật ký như dữ liệu trực tiếp."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, metavar="FILE", help="any log that `canhdong log` reads")
        parser.add_argument("--speed", type=float, default=1.0, metavar="N", help="times real time; 0: no waiting")
        parser.add_argument("--device", default="", metavar="ID", help="publish everything as this drone")
        parser.add_argument("--cooperative", default="demo", metavar="ID", help="whose drone (default: %(default)s)")
        parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this log of the file only")
        parser.add_argument("--plots", type=Path, metavar="FILE", help="register the plots of this field file, too")
        fieldfiles.add_options(parser)
        parser.add_argument("--no-register", action="store_true", help="the registry knows device and plots already")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read, register, publish."""
        from simulators.replay import replay_streams  # noqa: PLC0415

        speed = publishing.checked_speed(args.speed)
        cooperative = checked_cooperative(args.cooperative)
        ((_, file),) = read_all([args.file], args.only)[0]
        unknown = set(args.only) - {log.name for log in file.logs}
        if unknown:
            there = ", ".join(log.name for log in file.logs)
            raise ConfigError(f"--only: no log is called {', '.join(sorted(unknown))}; there are {there}")
        replay = replay_streams(file, device=checked_identifier(args.device) if args.device else "", only=args.only)
        if not replay.streams:
            raise CanhdongError(f"{args.file}: no fixes to replay")
        if not args.no_register:
            with wiring.stores() as stores:
                plots = [*replay.plots, *_plots(args)]
                publishing.register(stores.registry, Cooperative(cooperative, cooperative), replay.devices, plots)
        stop = lifecycle.stop_on_signals()
        return publishing.play_and_tell(replay.streams, cooperative, speed, stop, self.name, as_json=args.json)


def _plots(args: argparse.Namespace) -> tuple[Plot, ...]:
    return () if args.plots is None else fieldfiles.read(args.plots, args).plots
