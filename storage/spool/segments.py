"""A spool of messages in segment files: appended and fsynced in groups, read in order, deleted when done.

A position is the number of bytes that were ever written before; a segment file is named by the position of its first
byte. A record is a group of messages: a header (magic, length of the body, CRC-32 of the body) and the body,
MessagePack of ``[topic, payload, received_ms, repeat]`` for each message. A record that was cut short by a crash stands
at the end of the last segment: it was never acknowledged, and is cut off when the spool is opened. Damage anywhere else
is named by file and byte, kept aside, and skipped to the next record that is whole.
"""

from __future__ import annotations

import errno
import logging
import os
import struct
import threading
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from core.errors import ConfigError, SpoolFull, StoreUnavailable
from core.intake import SpoolBatch
from core.ports import Message
from storage.hold import hold

log = logging.getLogger("canhdong.spool")

SEGMENT_BYTES: Final = 16 << 20
_SEGMENTS: Final = 8
"""A full spool has at least so many segments: one is deleted when all of it is done, and makes room again."""
_MAGIC: Final = b"CDSP"
_HEADER: Final = struct.Struct("<4sII")
_LARGEST: Final = 64 << 20
_encode: Final = msgspec.msgpack.Encoder().encode
_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
_decode: Final = msgspec.msgpack.Decoder(list[tuple[str, bytes, int, bool]]).decode


class Spool:
    """A :class:`core.intake.Spool` in a folder of its own; one process at a time, one appending and one reading thread.

    Args:
        folder: Where the segments lie; made where it does not exist.
        limit_bytes: Appending past it raises ``SpoolFull``.
        segment_bytes: A segment that is longer than this is ended.

    Raises:
        ConfigError: Another process holds the folder.
        StoreUnavailable: The folder cannot be made or read.
    """

    def __init__(self, folder: Path, limit_bytes: int, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._segment_bytes = min(segment_bytes, max(1, limit_bytes // _SEGMENTS))
        self._lock = threading.Lock()
        self._file = -1
        self._reading: tuple[int, int] | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            held = hold(folder / "lock")
            if held is None:
                raise ConfigError(f"{folder}: another ingest holds this spool; give each its own slot")
            self._held = held
            self._starts = sorted(int(path.stem) for path in folder.glob("*.spool"))
            self._end = self._recover()
        except OSError as error:
            raise StoreUnavailable(f"{folder}: {error.strerror or error}") from error

    # --- writing

    def append(self, messages: Sequence[Message]) -> int:
        """See the port."""
        body = _encode([(m.topic, m.payload, m.received_ms, m.repeat) for m in messages])
        record = _HEADER.pack(_MAGIC, len(body), zlib.crc32(body)) + body
        if self.depth_bytes + len(record) > self._limit:
            raise SpoolFull(f"{self._folder}: the spool holds {self.depth_bytes:,} bytes, its limit is {self._limit:,}")
        try:
            self._write(record)
        except OSError as error:
            self._abandon()
            kind = SpoolFull if error.errno in _FULL else StoreUnavailable
            raise kind(f"{self._folder}: {error.strerror or error}") from error
        with self._lock:
            self._end += len(record)
            return self._end

    def _write(self, record: bytes) -> None:
        """Write one record behind the last and wait for the disk."""
        if self._file < 0 or self._end - self._starts[-1] >= self._segment_bytes:
            self._begin_segment()
        done = 0
        while done < len(record):
            done += os.write(self._file, record[done:] if done else record)
        os.fdatasync(self._file)

    def _begin_segment(self) -> None:
        self._close_file()
        start = self._end
        path = self._path(start)
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.ftruncate(self._file, 0)
        _sync_folder(self._folder)
        with self._lock:
            if not self._starts or self._starts[-1] != start:
                self._starts.append(start)

    def _abandon(self) -> None:
        """After a failed write, nobody knows what the disk holds: cut it back, and go on in a segment of its own."""
        self._close_file()
        if self._starts:
            length = self._end - self._starts[-1]
            try:
                os.truncate(self._path(self._starts[-1]), length)
            except OSError as error:
                log.warning("%s: cannot be cut back (%s); done when the spool is opened", self._folder, error)

    # --- reading

    def read(self, position: int, limit: int, *, until: int = -1, span_ms: int = 1_000) -> SpoolBatch:
        """See the port."""
        messages: list[Message] = []
        groups: list[tuple[int, int]] = []
        end = self.end if until < 0 else min(until, self.end)
        while position < end and len(messages) < limit:
            start = self._segment_of(position)
            body, behind = self._record(start, max(position, start), end)
            group = _decode(body) if body is not None else []
            if messages and group and group[0][2] - messages[0].received_ms > span_ms:
                break
            if group:
                groups.append((position, len(messages)))
                messages += [Message(t, p, at, None, again) for t, p, at, again in group]
            position = behind
        return SpoolBatch(messages, position, groups)

    def _segment_of(self, position: int) -> int:
        with self._lock:
            return self._starts[max(0, bisect_right(self._starts, position) - 1)]

    def _record(self, start: int, position: int, end: int) -> tuple[bytes | None, int]:
        """The body of the record at a position and the position behind it; no body where the disk has damaged it."""
        file = self._open_for_reading(start)
        head = os.pread(file, _HEADER.size, position - start)
        if len(head) == _HEADER.size:
            magic, length, checksum = _HEADER.unpack(head)
            if magic == _MAGIC and length <= _LARGEST:
                body = os.pread(file, length, position - start + _HEADER.size)
                if len(body) == length and zlib.crc32(body) == checksum:
                    return body, position + _HEADER.size + length
        return None, self._after_damage(start, position, end)

    def _after_damage(self, start: int, position: int, end: int) -> int:
        """Where the next whole record begins; the damaged segment is kept beside, for whoever can read it."""
        path = self._path(start)
        with self._lock:
            at = self._starts.index(start)
            stop = self._starts[at + 1] if at + 1 < len(self._starts) else end
        data = path.read_bytes()
        found = _next_record(data, position - start + 1)
        going_on = stop if found is None else start + found
        kept = path.with_suffix(".damaged")
        if not kept.exists():
            kept.write_bytes(data)
        log.error(
            "%s: damaged from byte %d to %d; what stood there is lost to us, the file is kept as %s",
            path,
            position - start,
            going_on - start,
            kept.name,
        )
        return max(going_on, position + 1)

    def _open_for_reading(self, start: int) -> int:
        if self._reading is None or self._reading[0] != start:
            if self._reading is not None:
                os.close(self._reading[1])
            self._reading = (start, os.open(self._path(start), os.O_RDONLY))
        return self._reading[1]

    # --- bookkeeping

    def advance(self, position: int) -> None:
        """See the port."""
        with self._lock:
            if position > self._end:
                log.error(
                    "%s: ends at %d, but was processed to %d; files are missing", self._folder, self._end, position
                )
                self._end = position
                self._close_file()

    def release(self, position: int) -> None:
        """See the port."""
        with self._lock:
            done = [s for s, following in zip(self._starts, self._starts[1:], strict=False) if following <= position]
            self._starts = self._starts[len(done) :]
        for start in done:
            if self._reading is not None and self._reading[0] == start:
                os.close(self._reading[1])
                self._reading = None
            self._path(start).unlink(missing_ok=True)

    @property
    def first(self) -> int:
        """See the port."""
        with self._lock:
            return self._starts[0] if self._starts else self._end

    @property
    def end(self) -> int:
        """See the port."""
        with self._lock:
            return self._end

    @property
    def depth_bytes(self) -> int:
        """See the port."""
        return self.end - self.first

    def close(self) -> None:
        """See the port."""
        self._close_file()
        if self._reading is not None:
            os.close(self._reading[1])
            self._reading = None
        os.close(self._held)

    def _close_file(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _path(self, start: int) -> Path:
        return self._folder / f"{start:020d}.spool"

    def _recover(self) -> int:
        """The position behind the last whole record; what a crash left behind it is cut off."""
        if not self._starts:
            return 0
        last = self._starts[-1]
        path = self._path(last)
        data = path.read_bytes()
        whole = _whole(data)
        if whole < len(data):
            log.warning("%s: %d bytes of a record that was never acknowledged are cut off", path, len(data) - whole)
            os.truncate(path, whole)
        return last + whole


def _whole(data: bytes) -> int:
    """The length of the whole records at the beginning of a segment, damage between them included."""
    at = end = 0
    while at < len(data):
        length = _record_at(data, at)
        if length:
            at += length
            end = at
            continue
        found = _next_record(data, at + 1)
        if found is None:
            break
        at = found
    return end


def _record_at(data: bytes, at: int) -> int:
    """The length of the whole record at a place; 0 where there is none."""
    if len(data) - at < _HEADER.size:
        return 0
    magic, length, checksum = _HEADER.unpack_from(data, at)
    body = data[at + _HEADER.size : at + _HEADER.size + length]
    if magic != _MAGIC or len(body) != length or zlib.crc32(body) != checksum:
        return 0
    return int(_HEADER.size + length)


def _next_record(data: bytes, at: int) -> int | None:
    """Where the next whole record begins, from a place on."""
    while (at := data.find(_MAGIC, at)) >= 0:
        if _record_at(data, at):
            return at
        at += 1
    return None


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
