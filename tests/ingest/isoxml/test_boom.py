"""Sections: states and layout of booms of every kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.ingest.isoxml.builder import (
    ALL_FOUR,
    CONNECTOR,
    NONE_ON,
    STATES,
    TRACTOR,
    TWO_LEFT,
    Channel,
    Values,
    device,
    only,
    simple,
    sprayer,
    task,
)

SET_STATES: Channel = (290, "DET-2")


def test_sections_tell_their_state_each(tmp_path: Path) -> None:
    log = only(tmp_path, simple([{}, {0: NONE_ON}, {0: TWO_LEFT}, {0: ALL_FOUR}], [STATES]))
    assert log.fixes.on.tolist() == [False, False, True, True]
    assert log.fixes.swath_m.tolist() == [8.0] * 4
    assert [(s.offset_m, s.width_m, s.on) for s in log.fixes.sections.row(2)] == [
        (-3.0, 2.0, True), (-1.0, 2.0, True), (1.0, 2.0, False), (3.0, 2.0, False)
    ]  # fmt: skip
    assert log.problems == ()


def test_more_than_sixteen_sections(tmp_path: Path) -> None:
    channels: list[Channel] = [STATES, (162, "DET-2")]
    log = only(tmp_path, simple([{0: 0x5555_5555, 1: 0b0100 - (1 << 4)}] * 2, channels, sprayer(18, 500), task()))
    assert [s.on for s in log.fixes.sections.row(0)] == [True] * 16 + [False, True]
    assert log.fixes.sections.row(0)[17].offset_m == pytest.approx(4.25)


def test_error_states_and_a_main_switch_that_is_off(tmp_path: Path) -> None:
    rows: list[Values] = [{0: 0b10010101 - (1 << 8), 1: 1}, {1: 0}, {1: 1}]
    log = only(tmp_path, simple(rows, [STATES, (141, "DET-1")]))
    assert [[s.on for s in log.fixes.sections.row(i)] for i in range(3)] == [
        [True, True, True, False], [False] * 4, [True, True, True, False]
    ]  # fmt: skip


def test_set_points_stand_in_where_no_actual_state_is_logged(tmp_path: Path) -> None:
    log = only(tmp_path, simple([{0: TWO_LEFT}] * 2, [SET_STATES]))
    assert [s.on for s in log.fixes.sections.row(0)] == [True, True, False, False]
    assert log.problems == ("section states are set-points: no actual states are logged",)
    both = only(tmp_path, simple([{0: TWO_LEFT, 1: NONE_ON}] * 2, [SET_STATES, STATES]))
    assert not both.fixes.on.any()


def test_sections_with_a_work_state_each(tmp_path: Path) -> None:
    channels: list[Channel] = [(141, "DET-12"), (141, "DET-11"), (141, "DET-1")]
    log = only(tmp_path, simple([{0: 1, 1: 0, 2: 1}] * 2, channels, sprayer(2), task()))
    assert [(s.offset_m, s.on) for s in log.fixes.sections.row(0)] == [(-1.0, False), (1.0, True)]


def test_the_leftmost_section_has_the_lowest_bits_wherever_it_is_described(tmp_path: Path) -> None:
    right, left = (
        f'<DET A="DET-{n}" B="{n}" C="4" F="2"><DOR A="{n}0"/><DOR A="{n}1"/></DET>'
        f'<DPT A="{n}0" B="0043" C="{w}"/><DPT A="{n}1" B="0087" C="{y}"/>'
        for n, w, y in ((21, 1000, 1500), (22, 3000, -500))
    )
    text = device(f'<DET A="DET-2" B="2" C="2" F="1"/>{right}{left}')
    log = only(tmp_path, simple([{0: 0b0001 - (1 << 4)}] * 2, [STATES], text, task()))
    assert [(s.offset_m, s.width_m, s.on) for s in log.fixes.sections.row(0)] == [(-0.5, 3.0, True), (1.5, 1.0, False)]


def test_widths_and_offsets_may_be_logged(tmp_path: Path) -> None:
    text = device('<DET A="DET-2" B="2" C="2" F="1"/>' + '<DET A="DET-3" B="3" C="4" F="2"/>')
    channels: list[Channel] = [STATES, (67, "DET-3"), (135, "DET-3")]
    rows: list[Values] = [{0: 1 - (1 << 2)}, {1: 6_000, 2: -250}, {1: 3_000}]
    log = only(tmp_path, simple(rows, channels, text, task()))
    assert [(s.offset_m, s.width_m) for i in range(3) for s in log.fixes.sections.row(i)] == [
        (-0.25, 6.0), (-0.25, 6.0), (-0.25, 3.0)
    ]  # fmt: skip


def test_sections_that_are_not_described_share_the_width(tmp_path: Path) -> None:
    boom = '<DET A="DET-2" B="2" C="2" F="1"><DOR A="9"/></DET><DPT A="9" B="0046" C="8000"/>'
    log = only(tmp_path, simple([{0: TWO_LEFT}] * 2, [STATES], device(boom), task()))
    assert [(s.offset_m, s.width_m) for s in log.fixes.sections.row(0)] == [(-3, 2), (-1, 2), (1, 2), (3, 2)]
    assert log.problems == ("widths of 0 of 4 sections are described: the width is shared equally",)


def test_states_of_sections_that_a_device_does_not_have(tmp_path: Path) -> None:
    log = only(tmp_path, simple([{0: 0b0101}] * 2, [STATES], sprayer(3), task()))
    assert [s.on for s in log.fixes.sections.row(0)] == [True, True, False]


def test_sections_without_any_width_leave_the_work_state(tmp_path: Path) -> None:
    text = device('<DET A="DET-1" B="1" C="1" F="0"/><DET A="DET-2" B="2" C="2" F="1"/>')
    channels: list[Channel] = [STATES, (141, "DET-1")]
    log = only(tmp_path, simple([{0: ALL_FOUR, 1: 1}] * 2, channels, text, task()))
    assert log.fixes.on.all()
    assert len(log.fixes.sections.offset_m) == 0
    assert np.isnan(log.fixes.swath_m).all()


@pytest.mark.parametrize(
    ("content", "shift_m"),
    [
        ((sprayer(more=CONNECTOR), task()), -0.3),
        ((sprayer(more=CONNECTOR), TRACTOR, task()), -0.3),
        (
            (
                sprayer(more=CONNECTOR),
                TRACTOR,
                task().replace("<TLG", '<CNN A="DVC-9" B="DET-92" C="DVC-1" D="DET-5"/><TLG', 1),
            ),
            -0.2 - 0.3 - 0.05,
        ),
        (
            (sprayer(more=CONNECTOR), task().replace("<TLG", '<CNN A="DVC-7" B="X" C="DVC-1" D="DET-5"/><TLG', 1)),
            -0.3,
        ),
    ],
)
def test_connectors_and_antenna_move_the_boom_sideways(
    tmp_path: Path, content: tuple[str, ...], shift_m: float
) -> None:
    log = only(tmp_path, simple([{0: ALL_FOUR}] * 2, [STATES], *content))
    assert log.device == "may-phun-16-m"
    assert log.fixes.sections.row(0)[0].offset_m == pytest.approx(-3.0 + shift_m)
