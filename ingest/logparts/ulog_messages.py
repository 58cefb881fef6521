"""Damaged parts of a ULog, by their byte, made harmless: pyulog does not say where they are, and loops on some.

A header of 16 bytes, then messages of length (u16), type (one letter) and that many bytes. A flag message (B) may tell
where data were appended to the file: what stands before such a place may break off. Sync messages (S) of fixed bytes
mark places to go on from. Source: docs.px4.io, "ULog File Format".
"""

from __future__ import annotations

import struct
from typing import Final

MAGIC: Final = b"ULog\x01\x12\x35"
SYNC: Final = b"\x08\x00S\x2f\x73\x13\x20\x25\x0c\xbb\x12"
_HEADER_LENGTH: Final = 16
_MESSAGE: Final = struct.Struct("<HB")
_KNOWN: Final = frozenset(b"BFIMPQADRLCSO")
_SHORT: Final = frozenset(b"DROS")
_LONGEST: Final = 10_000
"""What pyulog takes for damage in messages of the short kinds."""
_FLAGS: Final = ord("B")
_OFFSETS: Final = struct.Struct("<16x3Q")


def mended(data: bytes) -> tuple[bytes, list[str]]:
    """The file with damaged parts overwritten by messages without content, or cut off at the end; and the damage."""
    whole = bytearray(data)
    problems: list[str] = []
    position = _HEADER_LENGTH
    for end in (*_appended(data), len(data)):
        while position < end:
            place, reason = _first_damage(whole, position, end)
            if not reason:
                break
            following = data.find(SYNC, place + 1, end)
            position = following if following >= 0 else end
            problems.append(f"byte {place}: {reason}; {position - place} bytes skipped")
            if position == len(data) or position - place < _MESSAGE.size:
                return bytes(whole[:place]), problems
            _blank(whole, place, position)
        position = end
    return bytes(whole), problems


def _appended(data: bytes) -> list[int]:
    """Places at which data were appended, rising."""
    if len(data) < _HEADER_LENGTH + _MESSAGE.size:
        return []
    length, kind = _MESSAGE.unpack_from(data, _HEADER_LENGTH)
    body = _HEADER_LENGTH + _MESSAGE.size
    if kind != _FLAGS or length < _OFFSETS.size or len(data) < body + length:
        return []
    return sorted({o for o in _OFFSETS.unpack_from(data, body) if _HEADER_LENGTH < o < len(data)})


def _first_damage(data: bytearray, start: int, end: int) -> tuple[int, str]:
    """Byte and reason of the first message that is none; no reason where all are whole.

    A message that reaches beyond a place of appended data is whole: nothing of it was written.
    """
    position = start
    while position + _MESSAGE.size <= end:
        length, kind = _MESSAGE.unpack_from(data, position)
        if kind not in _KNOWN or not length or (length > _LONGEST and kind in _SHORT):
            return position, f"no ULog message (type {kind}, {length} bytes)"
        following = position + _MESSAGE.size + length
        if following > len(data):
            return position, f"the file ends within a message ({end - position} of {length} bytes)"
        position = following
    if position < end == len(data):
        return position, f"the file ends within a message ({end - position} bytes)"
    return position, ""


def _blank(data: bytearray, start: int, end: int) -> None:
    """Overwrite a span of at least three bytes by sync messages without content, which readers skip."""
    position = start
    while position < end:
        size = min(end - position, _LONGEST)
        if 0 < end - position - size < _MESSAGE.size + 1:
            size -= _MESSAGE.size + 1
        _MESSAGE.pack_into(data, position, size - _MESSAGE.size, ord("S"))
        position += size
