"""Work state, width, rates and operation."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.model.enums import Operation
from tests.ingest.isoxml.builder import (
    ALL_FOUR,
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

RATE_DVP = '<DPD A="50" B="0002" C="1" D="1" E="rate" F="60"/><DVP A="60" B="0" C="0.0099999998" D="0" E="L/ha"/>'


def test_the_working_width_without_sections(tmp_path: Path) -> None:
    channels: list[Channel] = [(141, "DET-1"), (67, "DET-1")]
    log = only(tmp_path, simple([{0: 0, 1: 9_000}, {0: 1}, {1: 4_500}, {0: 2}], channels))
    assert log.fixes.on.tolist() == [False, True, True, False]
    assert log.fixes.swath_m.tolist() == [9.0, 9.0, 4.5, 4.5]


def test_bins_speak_where_nothing_above_does(tmp_path: Path) -> None:
    text = device('<DET A="DET-1" B="1" C="1" F="0"/><DET A="DET-3" B="3" C="3" F="1"/>')
    assert only(tmp_path, simple([{0: 1}], [(141, "DET-3")], text, task())).fixes.on.tolist() == [True]


def test_no_work_state_at_all(tmp_path: Path) -> None:
    log = only(tmp_path, simple([{0: 9_000}] * 2, [(67, "DET-1")]))
    assert not log.fixes.on.any()
    assert log.problems == ("no work state is logged: nothing counts as treated",)


def test_a_device_that_is_not_described(tmp_path: Path) -> None:
    log = only(tmp_path, simple([{0: 1}] * 2, [(141, "DET-1")], task()))
    assert (log.device, len(log.fixes)) == ("isoxml", 2)
    assert log.problems == ("it is not told which device logged: nothing counts as treated",)


def test_a_log_without_values_is_of_the_device_that_the_task_names(tmp_path: Path) -> None:
    named_in_task = task().replace("<TLG", '<DAN A="A0" C="DVC-9"/><TLG', 1)
    assert only(tmp_path, simple([{}], [], sprayer(), TRACTOR, named_in_task)).device == "tractor"


@pytest.mark.parametrize(
    ("raw", "dvp", "dose_lpha"), [(34_400, RATE_DVP, 344.0), (3_440_000, "", 344.0), (34_400, "", 3.44)]
)
def test_the_dose_in_the_devices_own_unit(tmp_path: Path, raw: int, dvp: str, dose_lpha: float) -> None:
    content = (sprayer(more=dvp, refs='<DOR A="50"/>' if dvp else ""), task())
    rows: list[Values] = [{0: ALL_FOUR, 1: raw}, {0: TWO_LEFT}, {0: NONE_ON}]
    log = only(tmp_path, simple(rows, [STATES, (2, "DET-2")], *content))
    step_m = 1.10597  # 1e-5 degrees of latitude at 9.285 N
    expected = [dose_lpha * step_m * width_m * 0.006 for width_m in (8.0, 4.0, 0.0)]
    assert log.fixes.flow_lpm.tolist() == pytest.approx(expected, rel=1e-4)
    assert any("device's own unit" in p for p in log.problems) == bool(dvp)
    assert set(log.fixes.op.tolist()) == {Operation.SPRAY}


def test_flow_per_time_goes_before_dose(tmp_path: Path) -> None:
    channels: list[Channel] = [STATES, (2, "DET-2"), (37, "DET-2")]
    log = only(tmp_path, simple([{0: ALL_FOUR, 1: 1, 2: 50_000}, {0: NONE_ON}], channels))
    assert log.fixes.flow_lpm.tolist() == pytest.approx([3.0, 0.0])


def test_a_set_point_dose_stands_in_and_is_told(tmp_path: Path) -> None:
    content = (sprayer(more=RATE_DVP.replace('"0002"', '"0001"'), refs='<DOR A="50"/>'), task())
    log = only(tmp_path, simple([{0: ALL_FOUR, 1: 3_000_000}] * 2, [STATES, (1, "DET-2")], *content))
    assert log.fixes.flow_lpm[0] == pytest.approx(300.0 * 1.10597 * 8.0 * 0.006, rel=1e-4), "in the standard's unit"
    assert log.problems == ("no actual rate is logged: the set-point (DDI 1) is taken",)


def test_sections_share_one_dose_and_bins_add_up(tmp_path: Path) -> None:
    shared_dose = only(
        tmp_path, simple([{0: ALL_FOUR, 1: 10_000, 2: 20_000}] * 2, [STATES, (7, "DET-11"), (7, "DET-12")])
    )
    assert shared_dose.fixes.rate_kgpm[0] == pytest.approx(150.0 * 1.10597 * 8.0 * 0.006, rel=1e-4)
    bins = '<DET A="DET-31" B="31" C="3" F="2"/><DET A="DET-32" B="32" C="3" F="2"/>'
    added = only(
        tmp_path,
        simple([{0: ALL_FOUR, 1: 10_000, 2: 20_000}] * 2, [STATES, (7, "DET-31"), (7, "DET-32")],
               sprayer(more=bins), task()),
    )  # fmt: skip
    assert added.fixes.rate_kgpm[0] == pytest.approx(2 * shared_dose.fixes.rate_kgpm[0])


@pytest.mark.parametrize(
    ("client_name", "ddi", "op"),
    [
        ("A00C830085600000", 141, Operation.SPRAY),
        ("A00A800825600000", 7, Operation.SPREAD),
        ("A00A800825600000", 2, Operation.SPRAY),
        ("A00A800825600000", 141, Operation.SPREAD),
        ("A008800012E3001C", 7, Operation.SOW),
        ("A000000000000000", 12, Operation.SOW),
        ("A000000000000000", 2, Operation.SPRAY),
        ("A000000000000000", 81, Operation.SPREAD),
        ("A00E84000DE03CE9", 141, Operation.UNKNOWN),
    ],
)
def test_operations(tmp_path: Path, client_name: str, ddi: int, op: Operation) -> None:
    text = device('<DET A="DET-1" B="1" C="1" F="0"/>', client_name=client_name)
    assert only(tmp_path, simple([{0: 1}], [(ddi, "DET-1")], text, task())).fixes.op.tolist() == [op]
