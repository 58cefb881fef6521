"""A run as a log file: a log per drone and boot, its samples as they arrived."""

from __future__ import annotations

import numpy as np

from core.model.enums import EventKind
from core.model.fixtable import FixTable
from core.model.land import DeviceKind
from core.model.samples import Event
from core.model.traffic import Run, Stream
from storage.runs import log_file
from tests.storage.samples_of_runs import T0_MS, fixes, run, sending


def test_a_log_per_boot_with_its_events_and_the_plots_of_the_run() -> None:
    file = log_file(run())
    assert [(log.name, log.device, len(log.fixes)) for log in file.logs] == [
        ("t40-b0", "t40", 25), ("t40-b1", "t40", 20), ("p30-b0", "p30", 7)
    ]  # fmt: skip
    assert [[e.kind for e in log.events] for log in file.logs] == [[EventKind.TAKEOFF], [EventKind.LANDING], []]
    assert [p.plot for p in file.plots] == ["t-1", "t-2"]
    assert {log.fixes.device for log in file.logs} == {"t40", "p30"}


def test_samples_stand_as_they_arrived() -> None:
    stream = run().streams[0]
    told = sending(twice=True)
    rows = np.concatenate([np.arange(f, e) for f, e in zip(told.first, told.end, strict=True)])
    (one, other) = log_file(Run("x", 1, 0, (stream,))).logs
    assert isinstance(stream.samples, FixTable)
    arrived = stream.samples.ts_ms[rows]
    border = T0_MS + 20 * 200
    assert one.fixes.ts_ms.tolist() == arrived[arrived < border].tolist()
    assert other.fixes.ts_ms.tolist() == arrived[arrived >= border].tolist()


def test_what_is_no_part_of_a_log_is_counted() -> None:
    assert log_file(run()).problems == (
        "6 readings of sensors are no part of a log",
        "3 messages of other formats or kinds are not read",
    )


def test_drones_of_two_cooperatives_with_one_name_are_two_logs() -> None:
    streams = tuple(Stream("d", DeviceKind.DRONE, fixes(4, "d", boots=1), cooperative=c) for c in ("a", "b"))
    file = log_file(Run("x", 1, 0, streams))
    assert [(log.name, len(log.fixes)) for log in file.logs] == [("d-b0", 4), ("d d-b0", 4)]


def test_an_event_that_arrived_twice_stands_once() -> None:
    event = Event("d", T0_MS, EventKind.TAKEOFF, "b")
    (log,) = log_file(Run("x", 1, 0, (Stream("d", DeviceKind.DRONE, [event, event]),))).logs
    assert (log.events, len(log.fixes)) == ((event,), 0)
