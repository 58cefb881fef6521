"""The binary of a time log: layout, values that hold, and damage that must be named by its byte."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import FlightLogError
from ingest.isoxml.timelog import TimeLog, read_header, read_log
from tests.ingest.isoxml.builder import DAY, LAT, LON, NOON_MS, T0_MS, Channel, Values, header, record, track

CHANNELS: list[Channel] = [(141, "DET-1"), (67, "DET-1"), (80, "DET-1", 7)]
ALL = 'A="" B="" C="" D="" E="" F="" G="" H="" I=""'


def log_of(data: bytes, ptn: str = 'A="" B="" D="1"', days: tuple[int, ...] = (DAY,)) -> TimeLog:
    return read_log(read_header(header(CHANNELS, ptn).encode(), "TLG00001.XML"), data, days)


def begins(log: TimeLog) -> list[tuple[int, int]]:
    return [(g.begin, g.end) for g in log.gaps]


def test_every_position_attribute_in_its_place() -> None:
    data = record(NOON_MS, {0: 1}, A=92_850_000, B=1_057_250_000, C=-1_500, D=4, E=21, F=12, G=17, H=18_000_000, I=DAY)
    log = log_of(data, ALL)
    told = {a: float(log.attribute(a)[0]) for a in "ABCDEFGHI"}
    assert told == {"A": 92_850_000, "B": 1_057_250_000, "C": -1_500, "D": 4, "E": 21, "F": 12, "G": 17,
                    "H": 18_000_000, "I": DAY}  # fmt: skip
    assert log.clock_ms.tolist() == [T0_MS + NOON_MS]


def test_only_empty_attributes_are_in_the_binary() -> None:
    log = log_of(record(NOON_MS, {}, A=1, B=2), 'A="" B="" D="2" F="1.3"')
    assert (log.attribute("D")[0], log.attribute("F")[0]) == (2, 13)
    assert np.isnan(log.attribute("C")[0])


def test_values_hold_until_they_are_sent_again() -> None:
    log = log_of(track([{}, {0: 1, 1: 8000}, {}, {0: 0}, {1: -5}]))
    assert np.array_equal(log.held(0), [np.nan, 1, 1, 0, 0], equal_nan=True)
    assert np.array_equal(log.held(1), [np.nan, 8000, 8000, 8000, -5], equal_nan=True)
    assert log.held(2).tolist() == [7] * 5, "the header fixes it"


def test_records_of_one_instant_and_place_are_one_row() -> None:
    place = {"A": round(LAT * 1e7), "B": round(LON * 1e7)}
    data = b"".join(record(NOON_MS, v, **place) for v in ({0: 0}, {1: 9}, {0: 1})) + record(
        NOON_MS, {}, A=place["A"] + 1, B=place["B"]
    )
    log = log_of(data)
    assert len(log) == 2
    assert log.held(0).tolist() == [1, 1]
    assert log.byte.tolist() == [0, 15 * 3 + 15]


def test_an_empty_log() -> None:
    log = log_of(b"")
    assert len(log) == 0
    assert log.gaps == ()
    assert len(log.held(0)) == 0


def test_a_header_that_is_no_xml() -> None:
    with pytest.raises(FlightLogError, match=r"TLG1\.XML: line 1, column 1: no well-formed XML: unclosed token"):
        read_header(b"<TIM", "TLG1.XML")


@pytest.mark.parametrize("cut", [1, 4, 6, 14, 17])
def test_a_truncated_record_is_named_by_its_byte(cut: int) -> None:
    whole = track([{0: 1}] * 5)
    data = whole[: -cut if cut else None]
    log = log_of(data)
    assert len(log) == 4
    (gap,) = log.gaps
    assert (gap.begin, gap.end) == (80, len(data))
    assert gap.fault == f"the file ends within a record, at byte {len(data)}"


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (record(90_000_000, {}, A=1, B=1), "its time of day would be 90,000,000 ms"),
        (record(NOON_MS, {}, day=100, A=1, B=1), "its date would be 1980-04-10"),
        (record(NOON_MS, {}, day=60_000, A=1, B=1), "its date would be 2144-04-10"),
        (record(NOON_MS, {9: 1}, A=1, B=1), "it would hold channel 9 of 3"),
        (record(NOON_MS, {}, day=DAY - 4_000, A=1, B=1), "its date 2015-08-19 does not fit after 2026-08-01"),
        (b"\x7f" * 37, "its time of day would be 2,139,062,143 ms"),
    ],
)
def test_reading_goes_on_behind_damage(bad: bytes, fault: str) -> None:
    before, after = track([{0: 1}] * 4), track([{0: 0}] * 4, start_ms=NOON_MS + 60_000)
    log = log_of(before + bad + after)
    assert len(log) == 8
    assert begins(log) == [(len(before), len(before) + len(bad))]
    assert log.gaps[0].fault == fault
    assert log.held(0).tolist() == [1] * 4 + [0] * 4


@pytest.mark.parametrize("days", [(), (DAY,)])
def test_damage_at_the_start(days: tuple[int, ...]) -> None:
    junk = b"\xff" * 33
    log = log_of(junk + track([{0: 1}] * 4), days=days)
    assert len(log) == 4
    assert begins(log) == [(0, 33)]


def test_a_log_of_junk_only() -> None:
    log = log_of(bytes(200), days=())
    assert len(log) == 0
    assert begins(log) == [(0, 200)]


def test_a_night_between_two_records() -> None:
    data = track([{0: 1}] * 3) + track([{0: 0}] * 3, start_ms=0, day=DAY + 3)
    log = log_of(data, days=())
    assert len(log) == 6
    assert log.gaps == ()


def test_a_lone_record_of_another_day_is_not_believed() -> None:
    stray: Values = {0: 1}
    before, after = track([{}] * 3), track([{}] * 3, start_ms=NOON_MS + 9_000)
    log = log_of(before + record(5, stray, day=DAY + 300, A=1, B=1) + after, days=())
    assert len(log) == 6
    assert begins(log) == [(len(before), len(before) + 20)]
