"""``canhdong replay``."""

from __future__ import annotations

import argparse
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cli import fieldfiles, lifecycle, output, publishing, shifts, wiring
from cli.identifiers import checked_cooperative, checked_identifier
from cli.logs import is_run, read_all
from cli.rounds import Rounds, Span, words
from core.errors import CanhdongError, ConfigError
from core.model.flightlog import LogFile
from core.model.land import Cooperative, Plot
from core.model.traffic import RawMessage, Run

if TYPE_CHECKING:
    from simulators.replaying.shifting import Place
    from simulators.sending.player import Published


class Command:
    """Publish a flight or work log as live telemetry, keeping its time steps, or a recording message by message.

    The times of a log are dated back so that the replay ends at the wall clock; long pauses between the logs of a file
    are shortened. Each log is a flight of its own. The devices (marked as replayed), the cooperative and the plots that
    the log brings are registered first.

    A recording (`canhdong record`, or a scenario in JSON lines) is sent byte for byte, on the same topics, with the
    same time steps; with --shift-time or --shift-place, messages of our own JSON are dated and placed anew. With
    --device, --cooperative or --only, what its drones sent is replayed like any other log.
    """

    name: ClassVar[str] = "replay"
    vietnamese: ClassVar[str] = "Phát lại một tệp nhật ký hoặc bản ghi như dữ liệu trực tiếp."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, metavar="FILE", help="any log that `canhdong log` reads, or a recording")
        parser.add_argument("--speed", type=float, default=1.0, metavar="N", help="times real time; 0: no waiting")
        parser.add_argument("--device", default="", metavar="ID", help="publish everything as this drone")
        parser.add_argument("--cooperative", metavar="ID", help="whose drone (default: demo)")
        parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this log of the file only")
        shifts.add_options(parser)
        parser.add_argument("--plots", type=Path, metavar="FILE", help="register the plots of this field file, too")
        fieldfiles.add_options(parser)
        parser.add_argument("--no-register", action="store_true", help="the registry knows device and plots already")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read, register, publish."""
        publishing.checked_speed(args.speed)
        if not (args.device or args.cooperative or args.only) and is_run(args.file):
            from simulators.replaying.resending import recorded  # noqa: PLC0415
            from storage.runs import read_run  # noqa: PLC0415

            run = read_run(args.file, lambda problem: output.note(f"warning: {problem}"))
            if messages := recorded(run):
                return _resend(args, run, messages)
        return _replay(args)


def _replay(args: argparse.Namespace) -> int:
    """Publish the logs of a file."""
    from simulators.replaying.replay import replay_streams  # noqa: PLC0415
    from simulators.replaying.shifting import nth_round  # noqa: PLC0415
    from simulators.sending.outgoing import span_ms  # noqa: PLC0415

    cooperative = checked_cooperative(args.cooperative or "demo")
    ((_, file),) = read_all([args.file], args.only)[0]
    unknown = set(args.only) - {log.name for log in file.logs}
    if unknown:
        there = ", ".join(log.name for log in file.logs)
        raise ConfigError(f"--only: no log is called {', '.join(sorted(unknown))}; there are {there}")
    file = _moved(args, file)
    replay = replay_streams(file, device=checked_identifier(args.device) if args.device else "", only=args.only)
    if not replay.streams:
        raise CanhdongError(f"{args.file}: no fixes to replay")
    if not args.no_register:
        with closing(wiring.registry()) as registry:
            plots = [*replay.plots, *_plots(args)]
            publishing.register(registry, Cooperative(cooperative, cooperative), replay.devices, plots)
    first_ms, last_ms = span_ms(replay.streams)
    rounds = _rounds(args, shifts.ShiftTime("now"))
    with wiring.bus(_client_id()) as bus:

        def play(number: int, shift_ms: int) -> Published:
            streams = nth_round(replay.streams, number)
            return publishing.publish(
                streams, bus, cooperative, speed=args.speed, stop=rounds.stop, label="replay", shift_ms=shift_ms
            )

        published = rounds.run(Span(first_ms, last_ms, first_ms), play)
    return _tell(args, published, rounds.stop)


def _resend(args: argparse.Namespace, run: Run, messages: Sequence[RawMessage]) -> int:
    """Publish the messages of a recording."""
    from simulators.replaying.resending import Change, first_fix, resend  # noqa: PLC0415

    fix = first_fix(messages)
    if fix is None and (
        args.shift_place or args.shift_place_by or (args.shift_time and args.shift_time.kind == "first")
    ):
        raise ConfigError(f"{args.file}: no message of our own JSON has a fix that could be moved")
    place = _place(args, (fix[1], fix[2])) if fix is not None else None
    redated = args.shift_time is not None
    untouched: Counter[str] = Counter()
    if not args.no_register:
        _register_all(args, run, messages, place)
    rounds = _rounds(args, shifts.ShiftTime("by", 0))
    times = [message.ts_ms for message in messages]
    with wiring.bus(_client_id()) as bus, publishing.progress_bar("replay") as show:

        def play(number: int, shift_ms: int) -> Published:
            changed = messages
            if redated or place is not None:
                change = Change(shift_ms if redated else 0, place, number if redated else 0)
                changed = change.apply(messages)
                untouched.update(change.untouched)
            return resend(changed, bus, speed=args.speed, stop=rounds.stop, progress=show)

        published = rounds.run(Span(min(times), max(times), fix[0] if fix else min(times)), play)
    if untouched:
        output.note(
            f"warning: {untouched.total():,} messages on {len(untouched)} topics are not of our own JSON: their times "
            f"and places are as recorded ({', '.join(sorted(untouched)[:3])} ...)"
        )
    return _tell(args, published, rounds.stop)


def _register_all(args: argparse.Namespace, run: Run, messages: Sequence[RawMessage], place: Place | None) -> None:
    """Make the registry know who the recording's header tells of; where it tells of none, who is heard in it."""
    from simulators.replaying.resending import senders  # noqa: PLC0415

    devices = run.devices or tuple(senders(messages))
    plots = tuple(place.plot(plot) for plot in run.plots) if place is not None else run.plots
    with closing(wiring.registry()) as registry:
        publishing.register_run(registry, replace(run, devices=devices, plots=plots))
        if more := _plots(args):
            cooperative = checked_cooperative("demo")
            publishing.register(registry, Cooperative(cooperative, cooperative), [], more)


def _rounds(args: argparse.Namespace, default: shifts.ShiftTime) -> Rounds:
    from ingest.clock import SystemClock  # noqa: PLC0415

    stop = lifecycle.stop_on_signals()
    return Rounds(args.loop, args.speed, args.shift_time or default, SystemClock(), stop)


def _moved(args: argparse.Namespace, file: LogFile) -> LogFile:
    """The file where the options want it."""
    if not (args.shift_place or args.shift_place_by):
        return file
    from simulators.replaying.shifting import first_of, moved_file  # noqa: PLC0415

    place = _place(args, first_of(file))
    return file if place is None else moved_file(file, place)


def _place(args: argparse.Namespace, first_deg: tuple[float, float]) -> Place | None:
    """The move that the options ask for, seen from the first fix (longitude, latitude)."""
    from simulators.replaying.shifting import Place  # noqa: PLC0415

    if args.shift_place:
        return Place.to(first_deg, args.shift_place)
    return Place.by(first_deg, *args.shift_place_by) if args.shift_place_by else None


def _plots(args: argparse.Namespace) -> tuple[Plot, ...]:
    return () if args.plots is None else fieldfiles.read(args.plots, args).plots


def _client_id() -> str:
    return f"canhdong-replay-{threading.get_native_id()}"


def _tell(args: argparse.Namespace, published: Published, stop: threading.Event) -> int:
    """Say what was published; 1 where it was stopped before the end, unless it had none."""
    if args.json:
        output.print_json(published)
    else:
        output.note(words(published))
    return 1 if stop.is_set() and args.loop else 0
