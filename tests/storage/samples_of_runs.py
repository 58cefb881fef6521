"""Runs and truths for tests of their files, and whether two runs are the same."""

from __future__ import annotations

import numpy as np

from core.model.enums import EventKind, Mode, Operation
from core.model.fixtable import FixTable, Labels
from core.model.land import Cooperative, Device, DeviceKind, ForeignDevice
from core.model.samples import Event, Reading, Section
from core.model.traffic import RawMessage, Run, Sending, Stream, Truth
from tests.support.plots import plots_at

T0_MS = 1_764_020_000_000
NUMBERS = ("height_m", "speed_mps", "heading_deg", "hdop", "flow_lpm", "rate_kgpm", "swath_m", "tank_l", "tank_kg")
CODES = ("quality", "op", "mode", "height_ref", "on", "seq", "ts_ms")


def fixes(n: int = 40, device: str = "t40", *, boots: int = 2) -> FixTable:
    """Fixes that tell everything in some rows and nothing in others, rounded as a run's are."""
    row = np.arange(n)
    return FixTable.build(
        T0_MS + 200 * row,
        np.round(9.285 + row * 1.23e-6, 7),
        np.round(105.725 + row * 3.21e-6, 7),
        device=device,
        seq=np.where(row % 7 == 6, -1, row),
        height_m=np.where(row % 5 == 4, np.nan, np.round(2.8 + row * 0.001, 3)),
        speed_mps=np.round(5.0 + row * 0.007, 3),
        battery_pct=np.round(99.0 - row * 0.1, 3),
        quality=np.where(row % 3 == 2, -1, 4),
        op=Operation.SPRAY,
        mode=np.where(row % 2 == 1, Mode.AUTO, Mode.MANUAL),
        on=row % 4 < 3,
        boot=[f"{device}-b{i * boots // n}" for i in range(n)],
        job=["" if i % 2 else "phun đợt 1" for i in range(n)],
        sections=[
            (Section(-1.5, 3.0, on=True, flow_lpm=1.25), Section(1.5, 3.0, on=False)) if i == 3 else ()
            for i in range(n)
        ],
    )


def sending(n: int = 40, *, twice: bool = False, lost: bool = False) -> Sending:
    """Messages of five fixes; the third comes twice, the second never, the fourth after the fifth."""
    first = list(range(0, n, 5))
    if lost:
        del first[1]
    if twice:
        first.insert(4, first[2])
    first[-1], first[-2] = first[-2], first[-1]
    due = T0_MS + 1_080 + 1_000 * np.arange(len(first))
    begin = np.array(first, np.int64)
    return Sending(due, begin, begin + 5)


def run(*, lost: bool = False) -> Run:
    """A run with everything in it: a drone with a schedule, one without, a sensor, a maker's sensor, raw messages."""
    events = [
        Event("t40", T0_MS, EventKind.TAKEOFF, "t40-b0"),
        Event("t40", T0_MS + 7_800, EventKind.LANDING, "t40-b1"),
    ]
    at = np.array([T0_MS + 90, T0_MS + 7_900], np.int64)
    readings = [Reading("w1", T0_MS + 600 * i, q, 0.1 + i, "mm") for i in range(3) for q in ("rain", "rain_sum")]
    raw = [
        RawMessage(T0_MS + 5, "canhdong/v1/htx/drones/x/telemetry", b'{"d\xc3\xba":1}'),
        RawMessage(T0_MS + 6, "a/b", b"\xff\x00\xfe", retain=True, qos=0),
        RawMessage(T0_MS + 6, "a/b", b"", qos=2),
    ]
    both = sending(twice=True, lost=lost)
    streams = (
        Stream("t40", DeviceKind.DRONE, fixes(), cooperative="htx", sending=both),
        Stream("t40", DeviceKind.DRONE, events, cooperative="htx", sending=Sending(at, np.arange(2), np.arange(1, 3))),
        Stream("p30", DeviceKind.DRONE, fixes(7, "p30", boots=1), replay=True, cooperative="htx-2"),
        Stream("w1", DeviceKind.SENSOR, readings, cooperative="htx", wire="senml", external="w1"),
        Stream("hostile", DeviceKind.DRONE, raw, cooperative="htx"),
        Stream("idle", DeviceKind.DRONE, []),
    )
    return Run(
        "thử",
        7,
        T0_MS,
        streams,
        (Cooperative("htx", "Hợp tác xã", 1_296.0), Cooperative("htx-2", "HTX 2", organisation="VN.1")),
        (Device("t40", "htx", DeviceKind.DRONE, "T40 số 1", swath_m=7.0), Device("w1", "htx", DeviceKind.SENSOR)),
        tuple(plots_at(105.725, 9.285)),
        (ForeignDevice("senml", "w1", "htx", "w1", 5),),
        {"made by": "tests"},
    )


def truth() -> Truth:
    """Two strips: one straight, one that turns back over itself; ends of the boom to 1e-9 degrees."""
    lon = np.round(105.7 + np.array([0.0, 1e-5, 2e-5, 0.0, 1e-5, 0.5e-5]), 9)
    lat = np.round(9.2 + np.array([0.0, 0.0, 0.0, 1e-3, 1e-3, 1.00001e-3]), 9)
    return Truth(
        Labels.of(["htx", "htx"]),
        Labels.of(["t40", "p30"]),
        Labels.of(["b0", ""]),
        Labels.of(["job", "job"]),
        np.array([1, -1], np.int64),
        np.array([7.0, 6.5]),
        np.array([0, 3, 6], np.int64),
        T0_MS + np.array([0.0, 200.25, 400.5, 0.0, 1.0 / 3.0, 2.0]),
        lon,
        np.round(lat + 3e-5, 9),
        lon,
        np.round(lat - 3e-5, 9),
        np.array([0.1, 0.2, 0.0, 1.0 / 3.0, 0.4, 0.0]),
    )


def assert_tables(one: FixTable, other: FixTable) -> None:
    """Two tables hold the same, whatever stands for their texts."""
    for name in (*NUMBERS, *CODES, "lat_deg", "lon_deg", "battery_pct"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)
    for name in ("boot", "flight", "job"):
        assert getattr(one, name).values() == getattr(other, name).values(), name
    assert one.device == other.device
    assert [repr(one.sections.row(i)) for i in range(len(one))] == [
        repr(other.sections.row(i)) for i in range(len(other))
    ]


def assert_runs(one: Run, other: Run) -> None:
    """Two runs are the same, samples and schedules included."""
    for name in ("name", "seed", "start_ms", "cooperatives", "aliases", "notes"):
        assert getattr(one, name) == getattr(other, name), name
    assert repr(one.devices) == repr(other.devices)
    assert [repr(p) for p in one.plots] == [repr(p) for p in other.plots]
    assert len(one.streams) == len(other.streams)
    for a, b in zip(one.streams, other.streams, strict=True):
        told = [(s.device, s.kind, s.replay, s.cooperative, s.wire, s.external) for s in (a, b)]
        assert told[0] == told[1]
        if isinstance(a.samples, FixTable):
            assert isinstance(b.samples, FixTable)
            assert_tables(a.samples, b.samples)
        else:
            assert a.samples == b.samples
        assert (a.sending is None) == (b.sending is None)
        if a.sending is not None and b.sending is not None:
            for name in ("due_ms", "first", "end"):
                np.testing.assert_array_equal(getattr(a.sending, name), getattr(b.sending, name), name)
