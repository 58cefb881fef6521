"""What a hostile device sends: one function per kind of act, with what ingest has to make of it.

A time stands as ``@ts@`` (see :func:`simulators.sending.outgoing.dated`): it becomes the instant at which the
message is sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from core.model.land import DeviceKind
from ingest.topics import device_topic

STORED, FLAGGED, DUPLICATE, CONFLICT, UNHEARD = "stored", "flagged", "duplicate", "conflict", "unheard"
"""What becomes of what is no dead letter: taken as it is; taken and marked as odd; known already; kept beside what is
there; sent where ingest does not listen."""

NASTY: Final = (
    "'; DROP TABLE fix; --",
    '" OR ""="',
    "a,b=c d",
    "tag\\",
    "fix,device=x lat=1,lon=2 3\nfix,device=y lat=4",
    '") |> drop() from(bucket: "canhdong',
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}}${7*7}#{7*7}",
    "../../etc/passwd",
    "=HYPERLINK(0)",
    "\u202etxt.exe",
    "a\r\nb\tc",
    "Phun\u0301 lu\u0301a \U0001f33e",
)
"""Names that databases, pages and spreadsheets have stumbled over."""

Sent = tuple[str, bytes, bool]
"""Topic, payload, whether to retain it."""


@dataclass
class Scene:
    """Who acts, against whom. ``number`` counts the acts, so that each has sequence numbers of its own."""

    device: str
    cooperative: str
    other: str
    rng: np.random.Generator
    number: int = 0
    acted: dict[str, int] = field(default_factory=dict)

    def topic(self, leaf: str = "telemetry", *, device: str = "", cooperative: str = "") -> str:
        """A topic of the device's own, or of somebody else."""
        return device_topic(cooperative or self.cooperative, DeviceKind.DRONE, device or self.device, leaf)

    def fix(self, **changes: Any) -> dict[str, Any]:
        """A fix as good as any, but for the changes; no other act has one of its number."""
        lat, lon = 9.28 + 0.01 * float(self.rng.random()), 105.72 + 0.01 * float(self.rng.random())
        told = {"device": self.device, "ts": "@ts@", "lat": round(lat, 7), "lon": round(lon, 7)}
        return {**told, "seq": self.number * 10_000, "boot": "hostile", "op": "spray", "on": True, **changes}

    def own(self, *rows: dict[str, Any], retain: bool = False) -> list[Sent]:
        """One message of rows on the device's own topic."""
        return [(self.topic(), body(*rows), retain)]

    def payload(self, payload: bytes, *, retain: bool = False) -> list[Sent]:
        """A payload on the device's own topic."""
        return [(self.topic(), payload, retain)]

    def noise(self, least: int = 16, most: int = 400) -> bytes:
        """Random bytes."""
        return self.rng.integers(0, 256, int(self.rng.integers(least, most)), np.uint8).tobytes()

    def nasty(self) -> str:
        """One of the nasty names."""
        return NASTY[int(self.rng.integers(len(NASTY)))]

    def size(self, kind: str, first: int, then: int) -> int:
        """A size that is huge only when an act of this kind comes for the first time: a run has to stay handy."""
        return first if self.acted.get(kind, 0) == 0 else then


def body(*rows: dict[str, Any]) -> bytes:
    """Rows as JSON, a time ``@ts@`` without its quotes."""
    text = json.dumps(rows[0] if len(rows) == 1 else rows)
    return text.replace('"@ts', "@ts").replace('@"', "@").encode()


Act = Callable[[Scene], list[Sent]]
ACTS: Final[dict[str, Act]] = {}
EXPECTED: Final[dict[str, str]] = {}
"""By kind: the reason of the dead letter, or what becomes of what is taken."""


def act(kind: str, expected: str) -> Callable[[Act], Act]:
    """Enter an act under its kind."""

    def entered(function: Act) -> Act:
        ACTS[kind], EXPECTED[kind] = function, expected
        return function

    return entered


# --- who it is


@act("wrong-device", "identity")
def _(it: Scene) -> list[Sent]:
    return it.own(it.fix(device="drone-01"))


@act("other-cooperative", "identity")
def _(it: Scene) -> list[Sent]:
    return [(it.topic(cooperative=it.other), body(it.fix()), False)]


@act("unknown-device", "identity")
def _(it: Scene) -> list[Sent]:
    name = f"ghost-{int(it.rng.integers(1_000)):03d}"
    return [(it.topic(device=name), body(it.fix(device=name)), False)]


@act("wrong-kind", "identity")
def _(it: Scene) -> list[Sent]:
    topic = device_topic(it.cooperative, DeviceKind.SENSOR, it.device, "telemetry")
    reading = {"device": it.device, "ts": "@ts@", "quantity": "rain", "value": 1.0, "unit": "mm"}
    return [(topic, body(reading), False)]


@act("injected-device", "identity")
def _(it: Scene) -> list[Sent]:
    return it.own(it.fix(device=it.nasty()[:64]))


@act("injected-topic", "topic")
def _(it: Scene) -> list[Sent]:
    # wildcards and control characters would end the connection: a broker takes no topic with them
    name = "".join("_" if c in "/#+" or not c.isprintable() else c for c in it.nasty())
    return [(f"canhdong/v1/{it.cooperative}/drones/{name}/telemetry", body(it.fix(device=name[:64])), False)]


@act("unknown-leaf", UNHEARD)
def _(it: Scene) -> list[Sent]:
    return [(f"canhdong/v1/{it.cooperative}/drones/{it.device}/rubbish", body(it.fix()), False)]


@act("command-of-its-own", UNHEARD)
def _(it: Scene) -> list[Sent]:
    return [(it.topic("commands"), b'{"return_to_home":true}', False)]


# --- no payload of ours


@act("not-json", "schema")
def _(it: Scene) -> list[Sent]:
    return it.payload(b"lat=9.285&lon=105.725&on=yes")


@act("truncated", "schema")
def _(it: Scene) -> list[Sent]:
    whole = body(it.fix(), it.fix(seq=it.number * 10_000 + 1))
    return it.payload(whole[: int(it.rng.integers(2, len(whole) - 1))])


@act("nested", "schema")
def _(it: Scene) -> list[Sent]:
    deep = it.size("nested", 90_000, 2_000)
    return it.payload(b'[{"device":' * deep if it.rng.random() < 0.5 else b"[" * deep + b"]" * deep)  # noqa: PLR2004


@act("megabyte", "schema")
def _(it: Scene) -> list[Sent]:
    size = it.size("megabyte", 1_000_000, 20_000)
    return it.payload(body(it.fix(boot="A" * size)))


@act("repeated-names", "schema")
def _(it: Scene) -> list[Sent]:
    return it.payload(body(it.fix()).replace(b'"lat":', b'"lat": 0.0, "lat":', 1))


@act("not-a-number", "schema")
def _(it: Scene) -> list[Sent]:
    return it.own(it.fix(lat=float("nan")))


@act("infinity", "schema")
def _(it: Scene) -> list[Sent]:
    return it.payload(body(it.fix(lat=0)).replace(b'"lat": 0', b'"lat": 1e999'))


@act("numbers-as-text", "schema")
def _(it: Scene) -> list[Sent]:
    return it.own(it.fix(lat="9.285", lon="105.725"))


@act("wrong-types", "schema")
def _(it: Scene) -> list[Sent]:
    wrong: list[dict[str, Any]] = [
        {"on": 1},
        {"seq": 1.5},
        {"boot": {}},
        {"op": "burn"},
        {"lat": [9.2]},
        {"seq": 2**60},
    ]
    return it.own(it.fix(**wrong[int(it.rng.integers(len(wrong)))]))


@act("binary", "schema")
def _(it: Scene) -> list[Sent]:
    return it.payload(b"\x00\xff" + it.noise())


@act("msgpack-bomb", "schema")
def _(it: Scene) -> list[Sent]:
    return it.payload(b"\xdd\xff\xff\xff\xff" + it.noise() if it.rng.random() < 0.5 else b"\x91" * 5_000)  # noqa: PLR2004


@act("broken-text", "schema")
def _(it: Scene) -> list[Sent]:
    return it.payload(body(it.fix(boot="BOOT")).replace(b"BOOT", b"\xc3\x28\xed\xa0\x80"))


@act("empty", "schema")
def _(it: Scene) -> list[Sent]:
    return it.payload(b"")


@act("retained", "schema")
def _(it: Scene) -> list[Sent]:
    return it.payload(b'{"retained":"rubbish, told to everybody who comes"}', retain=True)


@act("many-sections", "schema")
def _(it: Scene) -> list[Sent]:
    return it.own(it.fix(sections=[{"offset_m": 0.0, "width_m": 0.1, "on": True}] * 600))


@act("sparkplug-rubbish", "schema")
def _(it: Scene) -> list[Sent]:
    return [(f"spBv1.0/{it.cooperative}/DDATA/gateway/{it.device}", b"\xff\xff" + it.noise(), False)]


@act("chirpstack-rubbish", "schema")
def _(it: Scene) -> list[Sent]:
    rubbish = (b'{"deviceInfo":"' + b"x" * 50, b'{"deviceInfo":[[]],"object":"\\u0000"}', b'{"deviceInfo":null}')
    return [("application/7/device/0011223344556677/event/up", rubbish[int(it.rng.integers(len(rubbish)))], False)]


@act("stranger-uplink", "identity")
def _(it: Scene) -> list[Sent]:
    eui = f"{int(it.rng.integers(2**40)):016x}"
    uplink = {
        "deviceInfo": {"devEui": eui, "deviceProfileName": "EM500-SWL"},
        "object": {"water_level": 10, "battery": 9},
    }
    return [(f"application/7/device/{eui}/event/up", json.dumps(uplink).encode(), False)]


# --- values


@act("no-place-on-earth", "range")
def _(it: Scene) -> list[Sent]:
    places = ((95.0, 105.7), (-1e300, 0.0), (9.2, 181.0), (9.2, -720.5))
    lat, lon = places[int(it.rng.integers(len(places)))]
    return it.own(it.fix(lat=lat, lon=lon))


@act("far-ahead", "clock")
def _(it: Scene) -> list[Sent]:
    return it.own(it.fix(ts="@ts+63072000000@"))


@act("before-2005", "clock")
def _(it: Scene) -> list[Sent]:
    return it.own(it.fix(ts=(432_000_000, 0, -(2**53), 946_684_800_000)[int(it.rng.integers(4))]))


@act("null-island", FLAGGED)
def _(it: Scene) -> list[Sent]:
    return it.own(it.fix(lat=0.0, lon=0.0))


@act("absurd-values", FLAGGED)
def _(it: Scene) -> list[Sent]:
    return it.own(it.fix(speed_mps=1e9, flow_lpm=-5e7, swath_m=1e12, height_m=1e30, height_ref="crop", tank_l=-1e308))


# --- taken, for it is what a device may say


@act("injected-names", STORED)
def _(it: Scene) -> list[Sent]:
    return it.own(it.fix(boot=it.nasty(), job=it.nasty(), flight=it.nasty()))


@act("unknown-fields", STORED)
def _(it: Scene) -> list[Sent]:
    return it.own(it.fix(**{it.nasty(): it.nasty(), "__proto__": {"admin": True}}))


@act("huge-batch", STORED)
def _(it: Scene) -> list[Sent]:
    count = it.size("huge-batch", 4_000, 200)
    return it.own(*(it.fix(seq=it.number * 10_000 + i, ts=f"@ts-{count - i}@") for i in range(count)))


@act("same-again-and-again", DUPLICATE)
def _(it: Scene) -> list[Sent]:
    return it.own(*[it.fix()] * it.size("same-again-and-again", 2_000, 50))


@act("other-content-of-a-number", CONFLICT)
def _(it: Scene) -> list[Sent]:
    return it.own(*(it.fix(tank_l=float(litres)) for litres in range(5)))


@act("numbers-backwards", STORED)
def _(it: Scene) -> list[Sent]:
    return it.own(*(it.fix(seq=it.number * 10_000 + 1_000 - 7 * i, ts=f"@ts-{20 - i}@") for i in range(20)))


@act("flood", STORED)
def _(it: Scene) -> list[Sent]:
    seq = it.number * 10_000
    return [(it.topic(), body(it.fix(seq=seq + i, ts=f"@ts-{300 - i}@")), False) for i in range(300)]
