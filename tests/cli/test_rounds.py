"""When the rounds of a replay are dated: one after the other, and never into the future."""

from __future__ import annotations

import threading

import pytest

from cli.rounds import PAUSE_MS, Rounds, Span
from cli.shifts import ShiftTime, metres, place_deg, shift_time
from simulators.sending.player import Published
from tests.support.fakes import FakeClock

NOW_MS = 1_764_000_000_000
HOUR_MS = 3_600_000
SPAN = Span(1_000, 1_000 + HOUR_MS, 1_500)
PERIOD_MS = HOUR_MS + PAUSE_MS


class Passing(threading.Event):
    """Waiting moves the clock, and ends everything at the ``last``-th time."""

    def __init__(self, clock: FakeClock, last: int = 0) -> None:
        super().__init__()
        self.clock, self.last, self.waited = clock, last, list[float]()

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        self.clock.advance(timeout or 0.0)
        if len(self.waited) == self.last:
            self.set()
        return self.is_set()


def _play(rounds: int, speed: float, shift: ShiftTime, last: int = 0) -> tuple[list[tuple[int, int, int]], Passing]:
    """Number and shift of each round, and the wall clock at its end."""
    clock = FakeClock(NOW_MS)
    stop = Passing(clock, last)
    played: list[tuple[int, int, int]] = []

    def play(number: int, shift_ms: int) -> Published:
        clock.advance(HOUR_MS / 1000.0 / speed if speed else 0.0)
        played.append((number, shift_ms, clock.now_ms()))
        return Published(1, 2, 3, 4, 0.5)

    told = Rounds(rounds, speed, shift, clock, stop).run(SPAN, play)
    n = len(played)
    assert (told.messages, told.fixes, told.events, told.readings) == (n, 2 * n, 3 * n, 4 * n)
    return played, stop


@pytest.mark.parametrize("speed", [0.0, 1.0, 7.0])
@pytest.mark.parametrize("rounds", [1, 3])
def test_the_last_of_all_rounds_carries_the_wall_clock(rounds: int, speed: float) -> None:
    played, _ = _play(rounds, speed, ShiftTime("now"))
    assert [number for number, *_ in played] == list(range(rounds))
    shifts = [shift for _, shift, _ in played]
    assert [b - a for a, b in zip(shifts, shifts[1:], strict=False)] == [PERIOD_MS] * (rounds - 1)  # noqa: RUF007
    assert SPAN.last_ms + shifts[-1] == pytest.approx(played[-1][2], abs=20)


@pytest.mark.parametrize("speed", [0.0, 1.0, 60.0])
def test_an_endless_loop_never_reaches_into_the_future(speed: float) -> None:
    played, stop = _play(0, speed, ShiftTime("now"), last=5)
    assert len(played) == 5
    for _, shift, end_ms in played:
        assert SPAN.last_ms + shift <= end_ms + 20
    shifts = [shift for _, shift, _ in played]
    assert [b - a for a, b in zip(shifts, shifts[1:], strict=False)] == [PERIOD_MS] * 4  # noqa: RUF007
    assert sum(stop.waited) + 5 * (HOUR_MS / 1000.0 / speed if speed else 0.0) >= 4 * PERIOD_MS / 1000.0


def test_a_shift_by_a_duration_and_to_an_instant() -> None:
    assert [s for _, s, _ in _play(2, 0.0, ShiftTime("by", -5))[0]] == [-5, PERIOD_MS - 5]
    ((_, shift, _),) = _play(1, 0.0, ShiftTime("first", NOW_MS))[0]
    assert SPAN.first_fix_ms + shift == NOW_MS


def test_a_stop_in_the_pause_ends_it() -> None:
    played, stop = _play(9, 1.0, ShiftTime("by"), last=2)
    assert len(played) == 2
    assert stop.waited == [PAUSE_MS / 1000.0] * 2


@pytest.mark.parametrize(
    ("text", "kind", "ms"),
    [
        ("now", "now", 0),
        ("+3d", "by", 3 * 86_400_000),
        ("-2h", "by", -2 * HOUR_MS),
        ("90m", "by", 90 * 60_000),
        ("-1d12h", "by", -36 * HOUR_MS),
        ("1.5s", "by", 1_500),
        ("250ms", "by", 250),
        ("2026-11-26T07:00:00+07:00", "first", 1_795_651_200_000),
        ("2026-11-26T00:00:00Z", "first", 1_795_651_200_000),
        ("2026-11-26T07:00", "first", 1_795_651_200_000),
    ],
)
def test_what_shift_time_says(text: str, kind: str, ms: int) -> None:
    assert shift_time(text) == ShiftTime(kind, ms)  # type: ignore[arg-type]


def test_places_are_longitude_and_latitude() -> None:
    assert place_deg("105.725,9.285") == (105.725, 9.285)
    assert metres("-1000,2.5") == (-1_000.0, 2.5)
