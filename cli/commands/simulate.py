"""``canhdong simulate``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import ClassVar

from cli import fieldfiles, lifecycle, output, publishing, wiring
from cli.identifiers import checked_cooperative
from core.errors import ConfigError
from core.model.land import Cooperative, Plot


class Command:
    """Fly a small simulated fleet over rice plots and publish what it would send, with weather and water sensors.

    Lines to and fro over each plot, pump off in the turns, refills, receiver noise: the same seed gives the same
    flights. The cooperative, its devices and plots are registered first.
    """

    name: ClassVar[str] = "simulate"
    vietnamese: ClassVar[str] = "Cho một đội máy bay mô phỏng bay và gửi dữ liệu."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--plots", type=Path, metavar="FILE", help="field file (default: forty plots of our own)")
        fieldfiles.add_options(parser)
        parser.add_argument("--drones", type=int, default=6, metavar="N", help="how many drones (%(default)s)")
        parser.add_argument("--swath", type=float, default=7.0, metavar="M", help="swath width in m (%(default)s)")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="seed of everything random (%(default)s)")
        parser.add_argument("--speed", type=float, default=1.0, metavar="N", help="times real time; 0: no waiting")
        parser.add_argument("--cooperative", default="demo", metavar="ID", help="whose fleet (default: %(default)s)")
        parser.add_argument("--no-register", action="store_true", help="the registry knows devices and plots already")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Fly, register, publish."""
        from simulators.fleet import fly  # noqa: PLC0415

        speed = publishing.checked_speed(args.speed)
        cooperative = checked_cooperative(args.cooperative)
        if args.drones < 1:
            raise ConfigError(f"--drones {args.drones}: at least one")
        plots = _plots_to_fly(args, cooperative)
        output.note(f"planning flights of {args.drones} drones over {len(plots)} plots ...")
        fleet = fly(plots, drones=args.drones, seed=args.seed, swath_m=args.swath)
        if not args.no_register:
            with wiring.stores() as stores:
                publishing.register(stores.registry, Cooperative(cooperative, cooperative), fleet.devices, plots)
        stop = lifecycle.stop_on_signals()
        return publishing.play_and_tell(fleet.streams, cooperative, speed, stop, self.name, as_json=args.json)


def _plots_to_fly(args: argparse.Namespace, cooperative: str) -> list[Plot]:
    """The plots of a field file, else those that the project makes itself."""
    path: Path | None = args.plots
    if path is None:
        from simulators.plots import rice_plots  # noqa: PLC0415

        return rice_plots(cooperative)
    return list(fieldfiles.read(path, args).plots)
