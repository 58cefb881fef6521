"""Samples as lines of InfluxDB's line protocol, and the schema that they follow.

Measurements, with their tags and fields (every field has one type, whatever a sample says):

=========  ===============================  ==========================================================
``fix``    cooperative, device, operation   lat, lon ... as in the native payload; seq, boot, received_ms
``event``  cooperative, device              kind, boot, received_ms
``reading``  cooperative, device, quantity  value, unit, received_ms
=========  ===============================  ==========================================================

What a sample does not tell (NaN, −1, "", unknown) is left out. A point's time is the device's, in ns; below the
millisecond stand, for a fix, ``(seq mod 1000) × 1000 + hash(boot) mod 1000`` and, for an event, ``kind × 1000 +
hash(boot) mod 1000``: two fixes of one millisecond are two points, and a repeated fix lands on itself. The hash is
CRC-32, which every program knows. Syntax: https://docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference/
"""

from __future__ import annotations

import json
import math
import zlib
from functools import lru_cache
from typing import Final

import msgspec

from core import fixcolumns
from core.model.figures import Figures
from core.model.samples import Event, Fix, Reading
from core.ports import Sample
from storage.telemetry.rows import pack_sections

FIX, EVENT, READING = "fix", "event", "reading"
CONFLICT: Final = "_conflict"
"""Samples that contradict a stored one stand in the measurement of this name: ``fix_conflict``."""

FIX_NUMBERS: Final = fixcolumns.NUMBERS
"""Fields of fixes that are floats, by their names in the model."""
FIX_WORDS: Final = {"height_ref": "height_ref", "fix": "quality", "mode": "mode"}
"""Fields of fixes that are words of an enumeration; the operation is a tag."""
FIX_TEXTS: Final = ("boot", "flight", "job", "sections")

NS_PER_MS: Final = 1_000_000

_encode: Final = msgspec.json.Encoder().encode
_DIGITS: Final = b"0123456789.-+eE"
_TAG: Final = str.maketrans({",": "\\,", " ": "\\ ", "=": "\\=", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def tag(value: str) -> str:
    """A tag's value as it stands in a line."""
    return value.translate(_TAG).rstrip("\\") or "_"


def text(value: str) -> str:
    """A text field's value as it stands in a line."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@lru_cache(maxsize=10_000)
def boot_hash(boot: str) -> int:
    """What of a boot stands in the time of its points: 0 to 999, 0 for none."""
    return zlib.crc32(boot.encode()) % 1_000 if boot else 0


def point_ns(sample: Sample) -> int:
    """The time of a sample's point in ns."""
    ns = sample.ts_ms * NS_PER_MS
    if isinstance(sample, Fix):
        return ns + (sample.seq % 1_000 if sample.seq > 0 else 0) * 1_000 + boot_hash(sample.boot)
    if isinstance(sample, Event):
        return ns + int(sample.kind) * 1_000 + boot_hash(sample.boot)
    return ns


def figures_line(row: Figures) -> bytes:
    """A row of figures; numbers are floats, and what is not known (NaN) is left out."""
    tags = "".join(f",{name}={tag(value)}" for name, value in sorted(row.tags.items()) if value)
    fields = [
        f"{name}={text(value) if isinstance(value, str) else repr(float(value))}"
        for name, value in row.values.items()
        if isinstance(value, str) or not math.isnan(value)
    ]
    return f"{row.measurement}{tags} {','.join(fields) or 'nothing=0.0'} {row.ts_ms * NS_PER_MS}".encode()


class Lines:
    """Encodes samples of one cooperative that were received at one time.

    Most of a fix's line is the same as the line before, so the parts that seldom change are made once; the numbers are
    written by one call, whose pattern of nulls says which fields there are.
    """

    def __init__(self, cooperative: str) -> None:
        self._cooperative = tag(cooperative)
        self._around: dict[tuple[object, ...], tuple[bytes, bytes]] = {}
        self._numbers: dict[bytes, bytes] = {}

    def line(self, sample: Sample, received_ms: int, ns: int | None = None, suffix: str = "") -> bytes:
        """One sample's line, without a line end.

        Args:
            sample: What to encode.
            received_ms: When it was received.
            ns: The time of the point, where it is another than :func:`point_ns`.
            suffix: Added to the measurement's name.
        """
        at = point_ns(sample) if ns is None else ns
        if type(sample) is Fix:
            return self._fix(sample, received_ms, at, suffix)
        if isinstance(sample, Event):
            fields = f'kind="{sample.kind.word}"' + (f",boot={text(sample.boot)}" if sample.boot else "")
            return self._other(EVENT + suffix, tag(sample.device), fields, received_ms, at)
        assert isinstance(sample, Reading)  # noqa: S101 - there is no fourth kind
        fields = ",".join(
            part
            for part, told in (
                (f"value={float(sample.value)!r}", not math.isnan(sample.value)),
                (f"unit={text(sample.unit)}", bool(sample.unit)),
            )
            if told
        )
        device = f"{tag(sample.device)},quantity={tag(sample.quantity)}"
        return self._other(READING + suffix, device, fields, received_ms, at)

    def _other(self, measurement: str, device: str, fields: str, received_ms: int, ns: int) -> bytes:
        told = f"{fields}," if fields else ""
        line = f"{measurement},cooperative={self._cooperative},device={device} {told}"
        return f"{line}received_ms={received_ms}i {ns}".encode()

    def _fix(self, fix: Fix, received_ms: int, ns: int, suffix: str) -> bytes:
        key = (
            fix.device, fix.op, fix.on, fix.quality, fix.mode, fix.height_ref, fix.boot, fix.flight, fix.job, suffix
        )  # fmt: skip
        around = self._around.get(key)
        if around is None:
            around = self._remember(key, fix, suffix)
        numbers = _encode((
            fix.lat_deg, fix.lon_deg, fix.height_m, fix.speed_mps, fix.heading_deg, fix.hdop,
            fix.flow_lpm, fix.rate_kgpm, fix.swath_m, fix.tank_l, fix.tank_kg, fix.battery_pct,
        ))  # fmt: skip
        shape = numbers.translate(None, _DIGITS)
        template = self._numbers.get(shape)
        if template is None:
            template = self._numbers[shape] = _template(numbers)
        told = (b"," + numbers[1:-1]).replace(b",null", b"").split(b",")
        line = around[0] + template % tuple(told[1:]) + around[1]
        if fix.sections:
            line += b",sections=" + text(pack_sections(fix.sections)).encode()
        if fix.seq >= 0:
            return b"%b,seq=%di,received_ms=%di %d" % (line, fix.seq, received_ms, ns)
        return b"%b,received_ms=%di %d" % (line, received_ms, ns)

    def _remember(self, key: tuple[object, ...], fix: Fix, suffix: str) -> tuple[bytes, bytes]:
        """What stands before and behind the numbers of a fix; before them a field that there always is."""
        operation = f",operation={fix.op.word}" if fix.op >= 0 else ""
        head = f"{FIX}{suffix},cooperative={self._cooperative},device={tag(fix.device)}{operation} "
        head += f"on={'true' if fix.on else 'false'}"
        tail = ""
        for field, name in FIX_WORDS.items():
            code = getattr(fix, name)
            if code >= 0:
                tail += f',{field}="{code.word}"'
        for name in ("boot", "flight", "job"):
            value = getattr(fix, name)
            if value:
                tail += f",{name}={text(value)}"
        if len(self._around) > 10_000:  # noqa: PLR2004 - a bound, so that strange devices do not fill the memory
            self._around.clear()
        made = self._around[key] = (head.encode(), tail.encode())
        return made


def _template(numbers: bytes) -> bytes:
    """Names for the numbers that are told, with a place for each."""
    values = json.loads(numbers)
    return b"".join(
        b"," + name.encode() + b"=%b" for name, value in zip(FIX_NUMBERS, values, strict=True) if value is not None
    )
