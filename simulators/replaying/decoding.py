"""What drones of ours sent, read out of recorded messages: runs with samples in place of payloads, and their logs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from core.errors import PayloadError
from core.model.fixtable import FixTable
from core.model.flightlog import FlightLog, LogFile
from core.model.samples import Event, Fix, Reading
from core.model.traffic import RawMessage, Run, Stream
from core.ports import Sample
from ingest import topics
from ingest.dispatch import Dispatch
from ingest.logparts.sifting import time_faults
from storage.runs import log_file

NATIVE: Final = ("native_json", "native_msgpack")
_SHOWN: Final = 10


def logs_of(run: Run, tell: Callable[[str], None]) -> LogFile:
    """The logs of a run, of raw messages of our own formats, too; times that no clock can tell are counted.

    ``tell`` is told of messages that are not in them.
    """
    file = log_file(decoded(run, tell))
    return replace(file, logs=tuple(map(_dated, file.logs)))


def _dated(log: FlightLog) -> FlightLog:
    """The log without samples of before 2005 and after 2100, as ingest refuses them."""
    wrong = time_faults(log.fixes.ts_ms)["bad-time"]
    times = np.array([event.ts_ms for event in log.events], np.int64)
    kept = ~time_faults(times)["bad-time"]
    bad = int(wrong.sum()) + int((~kept).sum())
    if not bad:
        return log
    events = tuple(event for event, good in zip(log.events, kept.tolist(), strict=True) if good)
    rejected = dict(log.rejected) | {"bad-time": bad}
    return replace(log, fixes=log.fixes.take(~wrong), events=events, rejected=rejected)


def decoded(run: Run, tell: Callable[[str], None]) -> Run:
    """A run with the raw messages of our own formats turned into samples, in order of arrival.

    Messages of other formats stay raw. Those of a device that the run does not know, where it names any, are left out,
    as ingest does. ``tell`` is told of both, and of what could not be read.
    """
    if not any(_is_raw(stream) for stream in run.streams):
        return run
    dispatch = Dispatch(NATIVE, lambda _: {})
    known = {(device.cooperative, device.device) for device in run.devices}
    strange = 0
    samples: dict[topics.Address, list[Sample]] = defaultdict(list)
    kept: list[Stream] = []
    faults: list[str] = []
    for stream in run.streams:
        if isinstance(stream.samples, FixTable) or not _is_raw(stream):
            kept.append(stream)
            continue
        raw = [m for m in stream.samples if isinstance(m, RawMessage)]
        own = [m for m in raw if not _is_strange(m, known)]
        strange += len(raw) - len(own)
        left = [m for m in own if not _read(m, dispatch, samples, faults)]
        if left:
            kept.append(replace(stream, samples=left))
    for fault in faults[:_SHOWN]:
        tell(fault)
    if len(faults) > _SHOWN:
        tell(f"... and {len(faults) - _SHOWN} more messages that could not be read")
    if strange:
        tell(f"{strange:,} messages of devices that the run does not know are left out")
    made = [_stream(address, found) for address, found in samples.items()]
    return replace(run, streams=(*kept, *made))


def _is_raw(stream: Stream) -> bool:
    return isinstance(stream.samples, list) and any(isinstance(s, RawMessage) for s in stream.samples[:1])


def _is_strange(message: RawMessage, known: set[tuple[str, str]]) -> bool:
    """Whether a message comes on a topic of ours from a device that is none of those that are known."""
    if not known:
        return False
    try:
        address = topics.parse(message.topic)
    except PayloadError:
        return False
    return (address.cooperative, address.device) not in known


def _read(
    message: RawMessage, dispatch: Dispatch, samples: dict[topics.Address, list[Sample]], faults: list[str]
) -> bool:
    """Whether a message is of our own formats; what it holds goes to ``samples``, what is wrong to ``faults``."""
    try:
        address = topics.parse(message.topic)
        name, codec = dispatch.find(message.topic, message.payload)
    except PayloadError:
        return False
    try:
        found = codec.decode(message.topic, message.payload, message.ts_ms)
    except PayloadError as error:
        faults.append(f"{message.topic} at {message.ts_ms}: {name}: {error}")
        return True
    samples[address] += found.samples
    faults += [f"{message.topic} at {message.ts_ms}: {name}: row {f.index}: {f.message}" for f in found.faults]
    return True


def _stream(address: topics.Address, samples: list[Sample]) -> Stream:
    fixes = [s for s in samples if isinstance(s, Fix)]
    if fixes:
        return Stream(address.device, address.kind, FixTable.of(fixes), cooperative=address.cooperative)
    events = [s for s in samples if isinstance(s, Event)]
    readings = [s for s in samples if isinstance(s, Reading)]
    return Stream(address.device, address.kind, events or readings, cooperative=address.cooperative)
