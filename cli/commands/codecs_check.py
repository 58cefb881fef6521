"""``canhdong codecs check``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cli import output
from core.errors import ConfigError, PayloadError
from core.localtime import iso_utc

if TYPE_CHECKING:
    from ingest.codec import Decoded, Decoder

_NOT_TOLD: tuple[object, ...] = (None, "", -1, "unknown", [])


class Command:
    """Explain what a message becomes, or why it is refused. Needs neither a broker nor a registry.

    Whose the device is, and whether its times are possible, is checked at intake only. Exit code 1 where something of
    the message is refused.
    """

    name: ClassVar[str] = "codecs check"
    vietnamese: ClassVar[str] = "Giải thích một bản tin sẽ thành gì, hoặc vì sao bị từ chối."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("topic", metavar="TOPIC", help="the topic that it comes on")
        parser.add_argument("file", metavar="FILE", help="file that holds the payload; - for standard input")
        parser.add_argument("--codec", default="", help="read it with this codec (a name, or a dotted path)")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Decode and print."""
        payload = _payload(args.file)
        codec = args.codec
        try:
            codec, decoder = _found(args.topic, payload, args.codec)
            decoded = decoder.decode(args.topic, payload, _now_ms())
        except PayloadError as error:
            return _refused(args, codec, error)
        if args.json:
            output.print_json(_document(args.topic, codec, decoded))
        else:
            _print(codec, decoded)
        return 1 if decoded.faults else 0


def _payload(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise ConfigError(f"{name}: {error.strerror}") from None


def _found(topic: str, payload: bytes, codec: str) -> tuple[str, Decoder]:
    from ingest.codecs import codecs  # noqa: PLC0415
    from ingest.dispatch import Dispatch  # noqa: PLC0415

    return Dispatch([codec] if codec else list(codecs()), lambda _: {}).find(topic, payload)


def _now_ms() -> int:
    from ingest.clock import SystemClock  # noqa: PLC0415

    return SystemClock().now_ms()


def _refused(args: argparse.Namespace, codec: str, error: PayloadError) -> int:
    if args.json:
        refused = {"reason": error.reason, "message": str(error)}
        output.print_json({"codec": codec or None, "topic": args.topic, "refused": refused})
    else:
        by = f"read by {codec} / đọc bằng {codec}: " if codec else ""
        print(f"{by}refused / bị từ chối ({error.reason}): {error}")
    return 1


def _document(topic: str, codec: str, decoded: Decoded) -> dict[str, Any]:
    return {
        "codec": codec,
        "topic": topic,
        "samples": [{"is": type(s).__name__.lower(), **output.plain(s)} for s in decoded.samples],
        "faults": [{"row": f.index, "reason": f.reason, "message": f.message} for f in decoded.faults],
        "unknown": decoded.unknown,
        "replies": [{"topic": to, "payload_hex": payload.hex()} for to, payload in decoded.replies],
    }


def _print(codec: str, decoded: Decoded) -> None:
    rows = []
    for sample in decoded.samples:
        said = output.plain(sample)
        rest = {name: value for name, value in said.items() if name not in {"device", "ts_ms"}}
        told = ", ".join(f"{name}={value}" for name, value in rest.items() if value not in _NOT_TOLD)
        rows.append([type(sample).__name__.lower(), sample.device, iso_utc(sample.ts_ms), told])
    title = f"read by {codec} / đọc bằng {codec}: {len(rows)} samples, {len(decoded.faults)} faults"
    output.print_table(title, ["what", "device", "time (UTC)", "what it says"], rows, 4)
    for fault in decoded.faults:
        print(f"row {fault.index} refused / bị từ chối ({fault.reason}): {fault.message}")
    for to, _ in decoded.replies:
        print(f"an answer goes to {to}")
    if decoded.unknown:
        print(f"{decoded.unknown} with fields that nobody knows; they are left out")
    print("identity and times are checked at intake / danh tính và giờ được kiểm tra khi nhận")
