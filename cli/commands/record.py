"""``canhdong record``."""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from cli import arguments, lifecycle, output, wiring
from core.errors import CanhdongError, ConfigError
from core.localtime import iso_utc
from core.model.traffic import Run
from core.settings import MqttSettings, load

if TYPE_CHECKING:
    from simulators.replaying.recording import Recorded

_KEPT_S: Final = 600
_TOLD_S: Final = 2.0


class Command:
    """Record MQTT traffic to a file that `canhdong replay` sends again exactly.

    Topic, payload, retain flag, QoS and time of each message are kept.

    Without --topic, every topic that `canhdong ingest` reads is recorded. Ctrl-C ends the recording. A message is
    acknowledged when the file has it; while the connection is lost, the broker keeps messages for ten minutes (MQTT 5).
    `canhdong log` and `canhdong area` read the file, too.
    """

    name: ClassVar[str] = "record"
    vietnamese: ClassVar[str] = "Ghi lại các bản tin MQTT vào tệp để phát lại nguyên vẹn."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("out", type=Path, metavar="OUT.jsonl", help="file to write")
        parser.add_argument(
            "--topic",
            action="append",
            default=[],
            metavar="FILTER",
            help="topics to record ('#': all); may be repeated",
        )
        parser.add_argument("--seconds", type=arguments.positive, default=0.0, metavar="N", help="end after N seconds")
        parser.add_argument(
            "--messages", type=arguments.count_of("message"), default=0, metavar="N", help="end after N messages"
        )
        parser.add_argument("--force", action="store_true", help="write over a file that is there")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Subscribe and write until told to stop."""
        from ingest.codecs import codecs  # noqa: PLC0415
        from ingest.dispatch import filters  # noqa: PLC0415
        from simulators.replaying.recording import record  # noqa: PLC0415

        out: Path = args.out
        if out.suffix.lower() != ".jsonl":
            raise ConfigError(f"{out}: a recording is JSON lines: give a name that ends in .jsonl")
        wanted = list(dict.fromkeys(args.topic)) or filters(list(codecs()))
        stop = lifecycle.stop_on_signals()
        with wiring.bus(f"canhdong-record-{threading.get_native_id()}", kept_s=_KEPT_S) as bus:
            try:
                file = out.open("wb" if args.force else "xb")
            except FileExistsError:
                raise ConfigError(f"{out}: there is such a file; --force writes over it") from None
            except OSError as error:
                raise CanhdongError(f"{out}: {error.strerror or error}") from None
            with file:
                told = record(
                    bus,
                    wanted,
                    file,
                    _header(out, wanted),
                    stop=stop,
                    ready=lambda: lifecycle.announce(self.name),
                    messages=args.messages,
                    seconds=args.seconds,
                    progress=_progress(),
                )
        if args.json:
            output.print_json(told)
        else:
            output.note(f"{out}: {_words(told)}")
        return 0


def _header(out: Path, wanted: list[str]) -> Run:
    now_ms = time.time_ns() // 1_000_000
    notes = {"recorded": iso_utc(now_ms), "broker": load(MqttSettings).mqtt_url, "topics": " ".join(wanted)}
    return Run(out.stem, -1, now_ms, (), notes=notes)


def _progress() -> Callable[[Recorded], None]:
    """Says every other second how far a recording is, where there is anything new."""
    last_s, last = 0.0, 0

    def show(told: Recorded) -> None:
        nonlocal last_s, last
        if told.wall_s - last_s >= _TOLD_S and told.messages > last:
            last_s, last = told.wall_s, told.messages
            output.note(_words(told))

    return show


def _words(told: Recorded) -> str:
    again = f"; {told.repeated:,} came twice and are kept once" if told.repeated else ""
    return f"{told.messages:,} messages, {told.payload_bytes:,} bytes in {told.wall_s:.0f} s{again}"
