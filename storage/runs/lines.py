"""Runs as JSON lines: a header, then a message a line in the order of arrival, payloads byte for byte.

``{"canhdong": "run", "version": 1, ...}`` describes the run; then ``{"at": ms, "topic": "...", "payload": "text"}``,
with ``payload_b64`` where the payload is no UTF-8, and ``retain`` and ``qos`` where they are not false and 1.
"""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from core.errors import FlightLogError
from core.model.land import DeviceKind
from core.model.traffic import RawMessage, Run, Stream
from storage.runs.arrivals import Encode, arrivals
from storage.runs.described import described, run_of

_START: Final = re.compile(rb'\s*\{\s*"canhdong"\s*:\s*"run"')
_HEAD_BYTES: Final = 256
_SHOWN: Final = 10


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    at: int
    topic: str
    payload: str | None = None
    payload_b64: str | None = None
    retain: bool = False
    qos: int = 1


class MessageWriter:
    """Writes messages to a file that is open for bytes, after the header of a run without samples."""

    def __init__(self, file: BinaryIO, run: Run) -> None:
        self._file = file
        self._encode = msgspec.json.Encoder().encode
        file.write(self._encode(described(run)) + b"\n")

    def write(self, message: RawMessage) -> None:
        """Add a line."""
        try:
            line = _Line(message.ts_ms, message.topic, message.payload.decode(), None, message.retain, message.qos)
        except UnicodeDecodeError:
            coded = b64encode(message.payload).decode("ascii")
            line = _Line(message.ts_ms, message.topic, None, coded, message.retain, message.qos)
        self._file.write(self._encode(line) + b"\n")


def write(path: Path, run: Run, encode: Encode) -> None:
    """Write all messages of a run in order of arrival."""
    with path.open("wb") as file:
        writer = MessageWriter(file, run)
        for message in arrivals(run, encode):
            writer.write(message)


def is_lines(path: Path) -> bool:
    """Whether a file begins like a run in JSON lines."""
    with path.open("rb") as file:
        return _START.match(file.read(_HEAD_BYTES)) is not None


def read(path: Path, tell: Callable[[str], None]) -> Run:
    """The run of a file: one stream of raw messages. ``tell`` is told of each line that is damaged (ten at most).

    Raises:
        FlightLogError: The first line describes no run.
        OSError: The file cannot be read.
    """
    decode = msgspec.json.Decoder(_Line).decode
    messages: list[RawMessage] = []
    bad = 0
    with path.open("rb") as file:
        header = _header(file.readline(), path)
        for number, line in enumerate(file, 2):
            if not line.strip():
                continue
            try:
                messages.append(_message(decode(line)))
            except (msgspec.DecodeError, UnicodeDecodeError, Base64Error, ValueError) as error:
                bad += 1
                if bad <= _SHOWN:
                    cut = ": the file ends in the middle of it" if not line.endswith(b"\n") else ""
                    tell(f"line {number}: no message ({error}){cut}")
    if bad > _SHOWN:
        tell(f"... and {bad - _SHOWN} more lines that hold no message")
    streams = (Stream("", DeviceKind.DRONE, messages),) if messages else ()
    try:
        return run_of(header, streams)
    except FlightLogError as error:
        raise FlightLogError(f"{path}: line 1: {error}") from error


def _header(line: bytes, path: Path) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FlightLogError(f"{path}: line 1: {error}") from error


def _message(line: _Line) -> RawMessage:
    if (line.payload is None) == (line.payload_b64 is None):
        raise ValueError("one of payload and payload_b64 is needed")
    if not 0 <= line.qos <= 2:  # noqa: PLR2004 - what MQTT has
        raise ValueError(f"qos {line.qos}")
    payload = a2b_base64(line.payload_b64 or "", strict_mode=True) if line.payload is None else line.payload.encode()
    return RawMessage(line.at, line.topic, payload, line.retain, line.qos)
