"""Many drones as MQTT packets that are written once: only numbers in them are patched, for hundreds of drones at once.

Each drone flies lines of 250 m, seven metres apart, at 5 m/s, with the spray on, and turns with the spray off. All
packets of a fleet are equally long: numbers that grow stand right-aligned behind spaces, which JSON allows.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import ConfigError
from core.model.fixtable import Ints
from core.model.land import Cooperative, Device, DeviceKind
from ingest.topics import device_topic

SPEED_MPS: Final = 5.0
SWATH_M: Final = 7.0
MOST_BATCH: Final = 1_000
_LINE_M, _TURN_S, _LINES = 250.0, 3.0, 40
_LAT_PER_M, _LON_PER_M = 90, 91
"""1e-7 degrees a metre, near 9.3 degrees north."""
_LAT0, _LON0 = 500_000, 1_000_000
_GRID, _APART = 100, 80_000
_PUBLISH_QOS1: Final = 0x32
_TS, _LAT, _LON, _SEQ, _ON = "#" * 13, "9.%%%%%%%%", "105.&&&&&&&&", "@@@@@@@@", "!!!!!"
_BLANK: Final = 20_000

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a load is.

    ``drones`` drones of ``cooperatives`` cooperatives send ``rate_hz`` fixes a second each, ``batch`` in a message, for
    ``seconds``, from ``processes`` processes. ``boot`` is the label of all their boots.
    """

    drones: int
    rate_hz: float
    seconds: float
    batch: int
    cooperatives: int
    processes: int
    boot: str

    def __post_init__(self) -> None:
        """Refuse what cannot be done.

        Raises:
            ConfigError: A number is out of its range.
        """
        for name, value, most in (
            ("drones", self.drones, 1_000_000),
            ("cooperatives", self.cooperatives, self.drones),
            ("processes", self.processes, self.drones),
            ("batch", self.batch, MOST_BATCH),
            ("rate", self.rate_hz, 1_000),
            ("seconds", self.seconds, 1_000_000),
        ):
            if not 0 < value <= most:
                raise ConfigError(f"--{name} {value:g}: give a number above 0, and {most:,} at most")

    @property
    def per_s(self) -> float:
        """Fixes a second that are asked for."""
        return self.drones * self.rate_hz

    def share(self, process: int) -> range:
        """Numbers of the drones of a process, both counted from 0."""
        first, end = (self.drones * at // self.processes for at in (process, process + 1))
        return range(first, end)

    def cooperative(self, drone: int) -> str:
        """Whose a drone is."""
        width = max(2, len(str(self.cooperatives)))
        return f"load-{drone % self.cooperatives + 1:0{width}d}"

    def device(self, drone: int) -> str:
        """What a drone is called."""
        return f"load-{drone + 1:0{max(5, len(str(self.drones)))}d}"

    def owners(self) -> list[Cooperative]:
        """The cooperatives."""
        return [Cooperative(self.cooperative(n), f"Tải thử {n + 1}") for n in range(self.cooperatives)]

    def devices(self) -> list[Device]:
        """The drones, by number."""
        drone = DeviceKind.DRONE
        return [Device(self.device(n), self.cooperative(n), drone, swath_m=SWATH_M) for n in range(self.drones)]


class LoadFleet:
    """The packets of some drones of a plan, one a row.

    Args:
        plan: The load.
        drones: Which drones.
        start_ms: The time of the first drone's first message, ms since 1970.
        groups: Drones send in so many groups one after the other, spread over the time between two messages.
    """

    def __init__(self, plan: Plan, drones: range, start_ms: int, groups: int) -> None:
        self._plan = plan
        self._numbers: Ints = np.arange(drones.start, drones.stop, dtype=np.int64)
        self._start_ms = start_ms
        self._edges = [len(drones) * at // groups for at in range(groups + 1)]
        packets = [_packet(plan, drone) for drone in drones]
        self._packets: Bytes = np.frombuffer(b"".join(packets), np.uint8).reshape(len(packets), -1).copy()
        self._id_at = 1 + _length_bytes(packets[0]) + 2 + len(_topic(plan, drones.start))
        fix = _fix(plan, drones.start)
        width = self._packets.shape[1]
        offset = self._id_at + 2 + (plan.batch > 1)
        shape, strides = (len(packets), plan.batch, len(fix) + 1), (width, len(fix) + 1, 1)
        if plan.batch == 1:
            shape = (len(packets), 1, len(fix))
        # a fix and the comma behind it repeat: the same bytes as drones by fixes by columns
        self._fixes: Bytes = np.ndarray(shape, np.uint8, self._packets.data, offset, strides)
        self._at = {name: fix.index(mark.encode()) for name, mark in _MARKS.items()}
        self._line = max(round(_LINE_M / SPEED_MPS * plan.rate_hz), 1)
        self._turn = max(round(_TURN_S * plan.rate_hz), 1)

    @property
    def period_s(self) -> float:
        """Between two messages of a drone."""
        return self._plan.batch / self._plan.rate_hz

    def size(self, group: int) -> int:
        """How many drones a group has."""
        return self._edges[group + 1] - self._edges[group]

    def packets(self, group: int, turn: int, first_id: int) -> bytes:
        """The ``turn``-th messages (from 0) of a group's drones; packet identifiers count on from ``first_id``."""
        rows = slice(self._edges[group], self._edges[group + 1])
        batch = self._plan.batch
        seq = turn * batch + np.arange(batch, dtype=np.int64)
        phase_s = (group / (len(self._edges) - 1) - 1.0) * self.period_s
        since_ms = np.floor((seq + 1) * (1000.0 / self._plan.rate_hz) + phase_s * 1000.0).astype(np.int64)
        fixes = self._fixes[rows]
        _write(fixes, self._at["ts"] + 1, self._start_ms + since_ms, 3)
        lat, lon, on = self._places(self._numbers[rows], seq)
        _write(fixes, self._at["lat"] + 2, lat * 10, 2)
        _write(fixes, self._at["lon"] + 4, lon * 10, 2)
        _write_padded(fixes, self._at["seq"], seq)
        fixes[:, :, self._at["on"] : self._at["on"] + 5] = _ON_OFF[on.astype(np.int64)]
        ids = (first_id - 1 + np.arange(rows.stop - rows.start)) % 65_535 + 1
        self._packets[rows, self._id_at] = ids >> 8
        self._packets[rows, self._id_at + 1] = ids & 0xFF
        return self._packets[rows].tobytes()

    def _places(self, drones: Ints, seq: Ints) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """Latitude and longitude behind the point, in 1e-7 degrees, and whether it sprays: drones by fixes."""
        flown = seq[None, :] + drones[:, None] * 37
        line, at = flown // (self._line + self._turn), flown % (self._line + self._turn)
        along = np.minimum(at, self._line)
        along = np.where(line % 2 == 1, self._line - along, along)
        beside, turned = _beside(line), np.maximum(at - self._line, 0)
        across = beside * self._turn + (_beside(line + 1) - beside) * turned
        metres = SPEED_MPS / self._plan.rate_hz
        lat = _LAT0 + drones % _GRID * _APART
        lon = _LON0 + drones // _GRID % _GRID * _APART
        return (
            lat[:, None] + np.floor(along * (metres * _LAT_PER_M)).astype(np.int64),
            lon[:, None] + across * round(SWATH_M * _LON_PER_M) // self._turn,
            at < self._line,
        )


def _beside(line: Ints) -> Ints:
    """How many swaths a line lies beside the first: forty lines there, and the same back."""
    there = line % (2 * _LINES)
    return np.minimum(there, 2 * _LINES - 1 - there)


# --- templates


_MARKS: Final = {"ts": _TS, "lat": _LAT, "lon": _LON, "seq": _SEQ, "on": _ON}


def _fix(plan: Plan, drone: int) -> bytes:
    """A fix with marks for what changes."""
    told: dict[str, Any] = {
        "device": plan.device(drone),
        "ts": _TS,
        "lat": _LAT,
        "lon": _LON,
        "seq": _SEQ,
        "boot": plan.boot,
        "height_m": 3.0,
        "height_ref": "crop",
        "speed_mps": SPEED_MPS,
        "fix": "rtk",
        "hdop": 0.7,
        "op": "spray",
        "on": _ON,
        "mode": "auto",
        "flow_lpm": 4.2,
        "swath_m": SWATH_M,
        "tank_l": 20.0,
        "battery_pct": 80.0,
        "job": "load",
    }
    text = json.dumps(told, separators=(",", ":"))
    for mark in _MARKS.values():
        text = text.replace(f'"{mark}"', mark)
    return text.encode()


def _topic(plan: Plan, drone: int) -> bytes:
    return device_topic(plan.cooperative(drone), DeviceKind.DRONE, plan.device(drone), "telemetry").encode()


def _packet(plan: Plan, drone: int) -> bytes:
    """A PUBLISH of MQTT 3.1.1 with QoS 1; the times begin with the 1 that they have until 2033."""
    fix = _fix(plan, drone).replace(b"#", b"1")
    payload = fix if plan.batch == 1 else b"[" + b",".join([fix] * plan.batch) + b"]"
    topic = _topic(plan, drone)
    body = struct.pack("!H", len(topic)) + topic + b"\0\0" + payload
    return bytes([_PUBLISH_QOS1]) + remaining_length(len(body)) + body


def remaining_length(number: int) -> bytes:
    """A length as MQTT writes it: seven bits a byte, the lowest first."""
    out = bytearray()
    while True:
        number, low = divmod(number, 128)
        out.append(low | (128 if number else 0))
        if not number:
            return bytes(out)


def _length_bytes(packet: bytes) -> int:
    return next(i for i in range(1, 5) if packet[i] < 128)  # noqa: PLR2004 - the last has no bit for "more"


# --- digits


def _tables() -> tuple[Bytes, Bytes]:
    """Four digits of 0 to 9999 with zeros in front, the same with spaces, and four spaces; true and false."""
    texts = [*(f"{n:04d}" for n in range(10_000)), *(f"{n:4d}" for n in range(10_000)), "    "]
    digits = np.frombuffer("".join(texts).encode(), np.uint8).reshape(-1, 4)
    return digits, np.frombuffer(b"false true", np.uint8).reshape(2, 5)


_DIGITS, _ON_OFF = _tables()


def _write(fixes: Bytes, at: int, values: Ints, quads: int) -> None:
    """Write the lowest four times ``quads`` digits of values, which are (fixes,) or (drones, fixes)."""
    for quad in range(quads - 1, -1, -1):
        fixes[:, :, at + 4 * quad : at + 4 * quad + 4] = _DIGITS[values % 10_000]
        values = values // 10_000


def _write_padded(fixes: Bytes, at: int, values: Ints) -> None:
    """Write values below 1e8 in eight columns, right-aligned."""
    high, low = values // 10_000, values % 10_000
    fixes[:, :, at : at + 4] = _DIGITS[np.where(high > 0, high + 10_000, _BLANK)]
    fixes[:, :, at + 4 : at + 8] = _DIGITS[np.where(high > 0, low, low + 10_000)]
