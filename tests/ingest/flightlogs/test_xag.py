"""Records of XAG: no unit is taken for granted, and only files that name XAG are taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.model.enums import Operation
from ingest.flightlogs import agras, xag

T0_S = 1_785_542_400


def _sniff(path: Path) -> tuple[bool, bool]:
    head = path.read_bytes()[:4096]
    return agras.sniff(head, path), xag.sniff(head, path)


@pytest.mark.parametrize(
    "text",
    [
        "极飞 作业记录\n架次,开始时间(秒),作业面积(亩),用药量(毫升),飞机名称\n7,1785542400,15,15000,P100\n",
        (
            "XAG work records\nFlight ID,Start time (UTC),Sprayed area (m2),Spray volume (L),Drone name\n"
            "7,2026-08-01 00:00:00,10000,15,P100\n"
        ),
        (
            "XAG\nChuyến bay;Bắt đầu;Diện tích phun (công);Lượng thuốc (lít);Tên máy bay\n"
            "7;2026-08-01 07:00:00;10,0;15,0;P100\n"
        ),
    ],
)
def test_the_same_flight_in_other_units(tmp_path: Path, text: str) -> None:
    path = tmp_path / "records.csv"
    path.write_text(text, encoding="utf-8")
    assert _sniff(path) == (False, True)
    (log,) = xag.read(path).logs
    assert log.name == "7"
    assert log.device == "p100"
    assert log.machine == pytest.approx({"area_m2": 10_000.0, "volume_l": 15.0, "start_ms": T0_S * 1000})


def test_a_track_whose_width_names_no_unit_keeps_its_fixes(tmp_path: Path) -> None:
    path = tmp_path / "xag-track.csv"
    path.write_text(
        f"timestamp,lng,lat,spray_width,flow(ml/min),work_type\n"
        f"{T0_S},105.7,9.3,650,1800,播种\n{T0_S + 1},105.7,9.3,650,0,播种\n",
        encoding="utf-8",
    )
    assert _sniff(path) == (False, True)
    (log,) = xag.read(path).logs
    assert np.isnan(log.fixes.swath_m).all()
    assert log.fixes.flow_lpm.tolist() == pytest.approx([1.8, 0.0])
    assert log.fixes.on.tolist() == [True, False]
    assert set(log.fixes.op.tolist()) == {Operation.SOW}
    assert any("2 × bad-width" in p for p in log.problems)
    assert log.device == "xag"


def test_a_long_name_still_fits_into_a_topic(tmp_path: Path) -> None:
    path = tmp_path / "xag.csv"
    header = "XAG\nFlight ID,Start time (UTC),Sprayed area (m2),Drone name\n"
    path.write_text(f"{header}7,2026-08-01 00:00:00,10000,{'Máy bay ' * 20}\n", encoding="utf-8")
    (log,) = xag.read(path).logs
    assert log.device.startswith("may-bay-may-bay")
    assert len(f"replay-{log.device}") <= 64
