"""Notices when flights end, and says which stretch of a device's time is worth computing.

A window ends with a landing, disarm or refill event, a new boot, ``gap_s`` of silence by device time (a later fix
tells), or the same silence on the wall clock (nothing came at all). Data from a time that is closed already, or from
long before the open window, makes a closed window of its own. What a flight exactly is, geo decides from the store: a
window only has to touch it, after its last data; telling it twice computes the same again. State per device is one
open and one closed window, so it does not grow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from core.model.enums import EventKind
from core.model.ledger import Activity
from core.model.samples import Fix

ENDINGS: Final = frozenset({EventKind.LANDING, EventKind.DISARM, EventKind.REFILL})


class Mark(NamedTuple):
    """A fix (``kind`` −1), or an event of a kind, at a device time."""

    ts_ms: int
    boot: str
    kind: int

    @property
    def is_event(self) -> bool:
        """Whether it is an event."""
        return self.kind >= 0


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one device's time, in ms by the device's clock, ends included."""

    cooperative: str
    device: str
    start_ms: int
    end_ms: int
    reason: str = ""


@dataclass(slots=True)
class _State:
    """What is known of one device. ``heard_ms`` is the wall clock of its last message."""

    heard_ms: int
    open: Window | None = None
    boot: str = ""
    closed: Window | None = None


class FlightWatch:
    """The open and the last closed window of every device."""

    def __init__(self, gap_s: float) -> None:
        self._gap_ms = int(gap_s * 1_000)
        self._states: dict[tuple[str, str], _State] = {}

    def recover(self, cooperative: str, latest: Iterable[Fix], now_ms: int) -> None:
        """Take the newest fix of each device as an open window, after a start.

        Whether it was closed before is not known; closing it once more only computes the same again.
        """
        for fix in latest:
            window = Window(cooperative, fix.device, fix.ts_ms, fix.ts_ms)
            self._states[cooperative, fix.device] = _State(now_ms, window, fix.boot)

    def observe(self, activity: Activity, now_ms: int) -> list[Window]:
        """Note what is stored by now of a drone, in any order; returns the windows that it closes."""
        state = self._states.setdefault((activity.cooperative, activity.device), _State(now_ms))
        state.heard_ms = now_ms
        marks = sorted((Mark(*mark) for mark in activity.marks), key=lambda mark: (mark.ts_ms, mark.is_event))
        return self._device(state, activity, marks)

    def silent(self, now_ms: int) -> list[Window]:
        """The windows of devices from which nothing has come for the gap on the wall clock."""
        return [
            _close(state, state.open.end_ms, "silence")
            for state in self._states.values()
            if state.open is not None and now_ms - state.heard_ms >= self._gap_ms
        ]

    @property
    def open(self) -> int:
        """How many devices have an open window."""
        return sum(state.open is not None for state in self._states.values())

    def _device(self, state: _State, of: Activity, marks: Sequence[Mark]) -> list[Window]:
        made: list[Window] = []
        late: list[Window] = []
        for mark in marks:
            if self._is_late(state, mark):
                if not late or mark.ts_ms > late[-1].end_ms + self._gap_ms:
                    late.append(Window(of.cooperative, of.device, mark.ts_ms, mark.ts_ms, "late"))
                late[-1] = replace(late[-1], end_ms=mark.ts_ms)
            elif not mark.is_event:
                made += self._fix(state, of, mark)
            elif state.open is not None:
                made += _event(state, state.open, mark)
        return late + made

    def _is_late(self, state: _State, mark: Mark) -> bool:
        """Whether it belongs to a time that is closed already, or to a flight long before the open one."""
        if state.closed is not None and mark.ts_ms <= state.closed.end_ms:
            return True
        return state.open is not None and mark.ts_ms < state.open.start_ms - self._gap_ms

    def _fix(self, state: _State, of: Activity, fix: Mark) -> list[Window]:
        window = state.open
        made: list[Window] = []
        if window is not None and fix.ts_ms > window.end_ms + self._gap_ms:
            made.append(_close(state, window.end_ms, "silence"))
        elif window is not None and fix.ts_ms >= window.end_ms and fix.boot and state.boot not in {"", fix.boot}:
            made.append(_close(state, window.end_ms, "boot"))
        if state.open is None:
            state.open = Window(of.cooperative, of.device, fix.ts_ms, fix.ts_ms)
            state.boot = fix.boot
            return made
        window = state.open
        state.open = replace(window, start_ms=min(window.start_ms, fix.ts_ms), end_ms=max(window.end_ms, fix.ts_ms))
        state.boot = state.boot or fix.boot
        return made


def _event(state: _State, window: Window, event: Mark) -> list[Window]:
    if event.kind in ENDINGS and event.ts_ms >= window.start_ms:
        return [_close(state, max(window.end_ms, event.ts_ms), EventKind(event.kind).word)]
    return []


def _close(state: _State, end_ms: int, reason: str) -> Window:
    if state.open is None:
        raise ValueError("there is no open window")
    closed = replace(state.open, end_ms=end_ms, reason=reason)
    state.open, state.boot, state.closed = None, "", closed
    return closed
