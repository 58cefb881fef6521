"""Logs become streams that look live: devices, boots, events and numbers of their own, their time steps untouched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from core.errors import ConfigError
from core.model.enums import EventKind
from core.model.fixtable import FixTable
from core.model.flightlog import FlightLog, LogFile
from core.model.land import DeviceKind
from core.model.samples import Event, Section
from ingest.codecs import native_json
from simulators.replaying.replay import PAUSE_MS, Replay, replay_streams
from simulators.sending.player import play
from tests.support import rectangle
from tests.support.fakes import FakeBus, FakeClock

MINUTE_MS = 60_000
TAKEOFF, LANDING = EventKind.TAKEOFF, EventKind.LANDING


def _log(
    name: str, times: Sequence[int], device: str = "t40", events: Sequence[Event] = (), **columns: Any
) -> FlightLog:
    n = len(times)
    fixes = FixTable.build(times, np.linspace(9.2, 9.3, n), np.full(n, 105.7), device=device, **columns)
    return FlightLog(name, device, fixes, tuple(events))


def _replay(*logs: FlightLog, **options: Any) -> Replay:
    return replay_streams(LogFile("gpx", logs), **options)


def _tables(replay: Replay) -> list[FixTable]:
    return [s.samples for s in replay.streams if isinstance(s.samples, FixTable)]


def _events(replay: Replay) -> list[list[Event]]:
    lists = [s.samples for s in replay.streams if isinstance(s.samples, list)]
    return [[e for e in samples if isinstance(e, Event)] for samples in lists]


def _spans(replay: Replay) -> list[tuple[int, int]]:
    return [(int(t.ts_ms.min()), int(t.ts_ms.max())) for t in _tables(replay)]


def test_every_log_gives_fixes_and_events_of_a_marked_device() -> None:
    replay = _replay(_log("a", [0, 1_000], "t40_north"), _log("b", [0], "replay-p30"), cooperative="htx-1")
    assert [s.device for s in replay.streams] == ["replay-t40_north"] * 2 + ["replay-p30"] * 2
    assert all(s.replay and s.kind is DeviceKind.DRONE for s in replay.streams)
    assert [t.device for t in _tables(replay)] == ["replay-t40_north", "replay-p30"]
    assert {e.device for e in _events(replay)[0]} == {"replay-t40_north"}
    first, second = replay.devices
    assert (first.device, first.name, first.model) == ("replay-t40_north", "Phát lại: t40 north", "gpx")
    assert (first.cooperative, first.kind, second.name) == ("htx-1", DeviceKind.DRONE, "Phát lại: p30")


def test_all_logs_as_one_drone() -> None:
    replay = _replay(_log("a", [0, 1_000], "t40"), _log("b", [0], "p30"), device="drone-07")
    assert {s.device for s in replay.streams} == {"drone-07"}
    assert [d.device for d in replay.devices] == ["drone-07"]
    assert {e.device for events in _events(replay) for e in events} == {"drone-07"}


def test_every_log_is_a_boot_of_its_own() -> None:
    names = ["a", "b", "a", "a-2", "a", "x" * 200, "x" * 200]
    replay = _replay(*(_log(name, [MINUTE_MS * i]) for i, name in enumerate(names)))
    boots = [t.boot[0] for t in _tables(replay)]
    assert boots[:5] == ["a", "b", "a-2", "a-2-2", "a-3"]
    assert len(set(boots)) == len(boots)
    assert all(len(boot) <= 128 for boot in boots)
    assert [{e.boot for e in events} for events in _events(replay)] == [{boot} for boot in boots]


def test_boots_that_a_log_tells_are_kept() -> None:
    (table,) = _tables(_replay(_log("a", [0, 1, 2, 3], boot=["", "b7", "b7", "b8"])))
    assert table.boot.values() == ["a", "b7", "b7", "b8"]


def test_take_off_and_landing_are_added_at_the_ends() -> None:
    on = Event("t40", 1_500, EventKind.ON)
    (events,) = _events(_replay(_log("a", [1_000, 2_000, 3_000], events=[on])))
    assert [(e.ts_ms, e.kind) for e in events] == [(1_000, TAKEOFF), (1_500, EventKind.ON), (3_000, LANDING)]


@pytest.mark.parametrize("boot", ["", "b1"])
def test_take_off_and_landing_that_a_log_tells_are_not_doubled(boot: str) -> None:
    told = [Event("t40", 1_000, TAKEOFF), Event("t40", 3_000, LANDING, boot)]
    (events,) = _events(_replay(_log("a", [1_000, 2_000, 3_000], events=told, boot=boot)))
    assert [(e.ts_ms, e.kind, e.boot) for e in events] == [(1_000, TAKEOFF, boot or "a"), (3_000, LANDING, boot or "a")]


def test_take_off_comes_first_and_landing_last_of_their_instants() -> None:
    kinds = [EventKind.OFF, EventKind.ON, EventKind.DISARM]
    told = [Event("t40", ts, kind) for ts in (1_000, 2_000) for kind in kinds]
    (events,) = _events(_replay(_log("a", [1_000, 2_000], events=told)))
    assert next(e.kind for e in events if e.ts_ms == 1_000) is TAKEOFF
    assert events[-1].kind is LANDING


def test_ends_of_a_log_that_runs_backwards_are_its_earliest_and_latest() -> None:
    (events,) = _events(_replay(_log("a", [2_000, 1_000, 5_000, 4_000])))
    assert [(e.ts_ms, e.kind) for e in events] == [(1_000, TAKEOFF), (5_000, LANDING)]


def test_sequence_is_numbered_where_missing() -> None:
    missing = _log("a", [0, 1, 2, 3, 4], seq=[5, -1, 7, 8, 9], boot=["b1", "b1", "b2", "b2", "b1"])
    kept = _log("b", [MINUTE_MS, MINUTE_MS + 1], seq=[41, 43])
    one, two = _tables(_replay(missing, kept))
    assert one.seq.tolist() == [0, 1, 0, 1, 2]
    assert two.seq.tolist() == [41, 43]


def test_long_pauses_are_shortened_and_short_ones_kept() -> None:
    day = 24 * 60 * MINUTE_MS
    logs = [
        _log("late", [3 * day, 3 * day + 5_000]),
        _log("a", [0, 4_000]),
        _log("b", [4_000 + 2 * MINUTE_MS, 4_000 + 3 * MINUTE_MS]),
        _log("other", [day, day + 7_000], "p30"),
    ]
    end_b = 4_000 + 3 * MINUTE_MS
    end_other = end_b + PAUSE_MS + 7_000
    expected = {
        "a": (0, 4_000),
        "b": (4_000 + 2 * MINUTE_MS, end_b),
        "other": (end_b + PAUSE_MS, end_other),
        "late": (end_other + PAUSE_MS, end_other + PAUSE_MS + 5_000),
    }
    replay = _replay(*logs)
    assert _spans(replay) == [expected[log.name] for log in logs]
    assert PAUSE_MS == 10 * MINUTE_MS
    assert [(e[0].ts_ms, e[-1].ts_ms) for e in _events(replay)] == _spans(replay)


def test_overlapping_logs_of_one_device_are_put_after_each_other() -> None:
    logs = [_log("a", [0, 10_000]), _log("b", [5_000, 9_000]), _log("c", [10_000, 11_000]), _log("d", [5_000], "p30")]
    assert _spans(_replay(*logs)) == [(0, 10_000), (11_000, 15_000), (16_000, 17_000), (5_000, 5_000)]


def test_without_compacting_times_stay() -> None:
    logs = [_log("a", [0, 10_000]), _log("b", [5_000, 9_000]), _log("c", [10**9])]
    assert _spans(_replay(*logs, compact=False)) == [(0, 10_000), (5_000, 9_000), (10**9, 10**9)]


def test_times_in_a_log_move_only_together() -> None:
    times = [7 * PAUSE_MS + t for t in (0, 200, 200, 100, 90_000_000, 250)]
    table = _tables(_replay(_log("a", [0, 1]), _log("b", times)))[1]
    np.testing.assert_array_equal(np.diff(table.ts_ms), np.diff(times))


def test_only_some_logs() -> None:
    logs = [_log("a", [0]), _log("b", [MINUTE_MS]), _log("c", [2 * MINUTE_MS])]
    replay = _replay(*logs, only=["c", "a"])
    assert [t.boot[0] for t in _tables(replay)] == ["a", "c"]
    with pytest.raises(ConfigError, match=r"no log is called x, y; there are a, b, c"):
        _replay(*logs, only=["y", "a", "x"])


def test_logs_without_fixes_are_left_out() -> None:
    empty = _log("none", [], "p30", [Event("p30", 5, EventKind.ON)])
    replay = _replay(empty, _log("a", [0]))
    assert {s.device for s in replay.streams} == {"replay-t40"} == {d.device for d in replay.devices}
    assert _replay(empty, only=["none"]) == Replay((), (), ())


def test_what_a_fix_tells_survives() -> None:
    sections = [(Section(-1.0, 2.0, on=True, flow_lpm=1.0), Section(1.0, 2.0, on=False, flow_lpm=0.0)), ()]
    log = _log("a", [0, 1_000], sections=sections, swath_m=[7.0, 6.5], on=[True, False], job="j", flight="f")
    (table,) = _tables(_replay(log))
    expected = log.fixes.with_columns(device="replay-t40", boot="a", seq=[0, 1])
    assert [repr(fix) for fix in table.rows()] == [repr(fix) for fix in expected.rows()]
    assert [table.sections.row(i) for i in range(2)] == sections


def test_plots_are_handed_on_with_the_cooperative() -> None:
    file = LogFile("isoxml", (_log("a", [0]),), (rectangle.plot(""), rectangle.plot("htx-2", "rect-2")))
    assert [p.cooperative for p in replay_streams(file, cooperative="htx-1").plots] == ["htx-1"] * 2
    plots = replay_streams(file).plots
    assert [p.cooperative for p in plots] == ["", "htx-2"]
    assert plots[0].boundary.equals(file.plots[0].boundary)


def test_swath_of_a_device_is_the_median_of_the_first_log_that_tells() -> None:
    logs = [
        _log("a", [0, 1]),
        _log("b", [MINUTE_MS + t for t in range(4)], swath_m=[6.0, np.nan, 7.0, 20.0]),
        _log("c", [2 * MINUTE_MS], swath_m=3.0),
        _log("d", [0], "p30"),
    ]
    swath_m = {d.device: d.swath_m for d in _replay(*logs).devices}
    assert swath_m["replay-t40"] == 7.0
    assert np.isnan(swath_m["replay-p30"])


def test_logs_are_published_one_flight_after_the_other() -> None:
    """Through the player: what is sent begins with a take-off and ends with a landing, per log, and reads back."""
    off = Event("t40", 0, EventKind.OFF)
    replay = _replay(_log("a", range(0, 3_000, 200), events=[off]), _log("b", range(1_000, 2_000, 200)))
    bus = FakeBus()
    published = play(replay.streams, bus, "htx-1", speed=0.0, clock=FakeClock())
    messages = [native_json.decode(t, p) for t, p in bus.published if not t.endswith("/status")]
    assert not any(m.faults or m.unknown for m in messages)
    boots: dict[str, list[str]] = {}
    for sample in (s for m in messages for s in m.samples):
        word = sample.kind.word if isinstance(sample, Event) else "fix"
        boots.setdefault(getattr(sample, "boot", ""), []).append(word)
    assert boots["b"] == ["takeoff", *["fix"] * 5, "landing"]
    assert (boots["a"][0], boots["a"][-1], boots["a"].count("fix")) == ("takeoff", "landing", 15)
    assert (published.fixes, published.events) == (20, 5)
