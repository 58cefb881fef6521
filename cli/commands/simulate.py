"""``canhdong simulate``."""

from __future__ import annotations

import argparse
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cli import fieldfiles, lifecycle, output, publishing, simulating, wiring
from cli.identifiers import checked_cooperative
from core.errors import CanhdongError

if TYPE_CHECKING:
    from core.model.land import Plot
    from simulators.specs import Scenario
    from simulators.world import Made, World


class Command:
    """Run a scenario: fly drones, read sensors, send it all over their networks, and publish it.

    SCENARIO is one of the project's (`--list` tells them) or a TOML file. Cooperatives, devices and plots are
    registered first. What runs faster than real time is dated back so that it ends at the wall clock; several days,
    or those of `--backfill`, by whole days. With `--out` no broker is needed: everything goes to a file, from the
    scenario's own start on, and what was really treated goes beside it; `canhdong area`, `replay` and `score` read
    both. The same seed gives the same bytes.
    """

    name: ClassVar[str] = "simulate"
    vietnamese: ClassVar[str] = "Chạy kịch bản mô phỏng: máy bay bay, cảm biến đo, rồi gửi dữ liệu hoặc ghi ra tệp."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("scenario", nargs="?", default="demo", metavar="SCENARIO", help="(default: %(default)s)")
        parser.add_argument("--list", action="store_true", help="tell which scenarios there are")
        pace = parser.add_mutually_exclusive_group()
        pace.add_argument("--speed", type=float, default=1.0, metavar="N", help="times real time (%(default)s)")
        pace.add_argument("--max", action="store_true", help="as fast as it goes (the same as --speed 0)")
        parser.add_argument("--seed", type=int, metavar="S", help="seed of everything random (the scenario's)")
        parser.add_argument("--backfill", type=int, metavar="DAYS", help="so many days up to now, as fast as it goes")
        parser.add_argument("--out", type=Path, metavar="FILE", help="write .jsonl or .parquet, publish nothing")
        parser.add_argument("--force", action="store_true", help="replace the file of --out")
        parser.add_argument("--plots", type=Path, metavar="FILE", help="field file in place of the scenario's plots")
        fieldfiles.add_options(parser)
        parser.add_argument("--drones", type=int, metavar="N", help="how many drones the first cooperative has")
        parser.add_argument("--swath", type=float, metavar="M", help="swath width of all drones in m")
        parser.add_argument("--cooperative", metavar="ID", help="identifier of the first cooperative")
        parser.add_argument("--no-register", action="store_true", help="the registry knows devices and plots already")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Prepare, fly, and write or publish."""
        from simulators import scenario as scenarios  # noqa: PLC0415
        from simulators import variation, world  # noqa: PLC0415

        if args.list:
            return _list(as_json=args.json)
        speed = 0.0 if args.max or args.backfill is not None else publishing.checked_speed(args.speed)
        if args.out is not None:
            simulating.refuse_to_replace(args.out, force=args.force)
        scenario = _varied(scenarios.load(args.scenario), args)
        output.note(f"{scenario.title_vi} / {scenario.title_en}")
        seed, plots = variation.checked_seed(args.seed), _plots(args, scenario.cooperatives[0].id)
        ready = world.prepare(scenario, seed=seed, plots=plots)
        began = time.monotonic()
        parts = simulating.made(ready)
        told = _told(ready, parts, time.monotonic() - began)
        if args.out is not None:
            return _write(args, ready, parts, told)
        streams = [stream for part in parts for stream in part.streams]
        if not args.no_register:
            with closing(wiring.registry()) as registry:
                publishing.register_run(registry, ready.run(()), ready.mounts)
        stop = lifecycle.stop_on_signals()
        dated = scenario.days > 1 or args.backfill is not None
        shift_ms = simulating.whole_days_back(streams, speed) if dated else None
        owner = scenario.cooperatives[0].id
        return publishing.play_and_tell(
            streams, owner, speed, stop, self.name, as_json=args.json, shift_ms=shift_ms, more=told
        )


def _list(*, as_json: bool) -> int:
    from simulators import scenario as scenarios  # noqa: PLC0415

    found = [scenarios.load(name) for name in scenarios.names()]
    if as_json:
        output.print_json([{"name": s.name, "title_vi": s.title_vi, "title_en": s.title_en} for s in found])
    else:
        headings = ("tên / name", "kịch bản / scenario", "ngày / days", "máy bay / drones")
        rows = [(s.name, f"{s.title_vi}\n{s.title_en}", str(s.days), str(_drones(s))) for s in found]
        output.print_table("Kịch bản / Scenarios", headings, rows)
    return 0


def _drones(scenario: Scenario) -> int:
    return sum(fleet.count for c in scenario.cooperatives for fleet in c.fleets)


def _varied(scenario: Scenario, args: argparse.Namespace) -> Scenario:
    from simulators import variation  # noqa: PLC0415

    if args.cooperative is not None:
        scenario = variation.renamed(scenario, checked_cooperative(args.cooperative))
    if args.drones is not None:
        scenario = variation.with_drones(scenario, args.drones)
    if args.swath is not None:
        scenario = variation.with_swath(scenario, args.swath)
    if args.backfill is not None:
        scenario = variation.with_days(scenario, args.backfill)
    return scenario


def _plots(args: argparse.Namespace, cooperative: str) -> dict[str, list[Plot]]:
    path: Path | None = args.plots
    return {} if path is None else {cooperative: list(fieldfiles.read(path, args).plots)}


def _told(ready: World, parts: list[Made], took_s: float) -> dict[str, Any]:
    """What was simulated, in figures."""
    scenario = ready.scenario
    return {
        "scenario": scenario.name,
        "seed": ready.seed,
        "cooperatives": len(ready.sites),
        "devices": len(ready.devices),
        "plots": len(ready.plots),
        "flights": sum(part.flights for part in parts),
        "sprayed_m2": sum(part.sprayed_m2 for part in parts),
        "simulated_s": scenario.days * scenario.hours * 3600.0,
        "took_s": took_s,
    }


def _write(args: argparse.Namespace, ready: World, parts: list[Made], told: dict[str, Any]) -> int:
    """Write the run and its truth."""
    from simulators.flying.truth import truth_of  # noqa: PLC0415
    from simulators.replaying.recording import save_run  # noqa: PLC0415
    from storage.runs import truth_path  # noqa: PLC0415

    output.note(f"writing {args.out} ...")
    run = ready.run([stream for part in parts for stream in part.streams])
    try:
        save_run(args.out, run, truth_of([strips for part in parts for strips in part.strips]))
    except OSError as error:
        raise CanhdongError(f"{args.out}: {error.strerror or error}") from None
    samples = sum(len(stream.samples) for stream in run.streams)
    if args.json:
        paths = {"file": str(args.out), "truth": str(truth_path(args.out))}
        output.print_json(told | {"samples": samples} | paths)
    else:
        output.note(
            f"{told['flights']:,} flights, {samples:,} samples: {args.out}, the truth in {truth_path(args.out)}"
        )
    return 0
