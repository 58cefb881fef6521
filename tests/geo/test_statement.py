from __future__ import annotations

import json
import math

import pytest
from shapely import box

from core.model.coverage import Flight
from core.model.enums import Operation
from core.model.land import Cooperative, Device, DeviceKind
from geo.coverage import Parameters, compute
from geo.statement import Statement, statement, to_dict
from tests.geo.tracks import boustrophedon, plot, table

COOPERATIVE = Cooperative("htx-a", "Hợp tác xã A", m2_per_cong=1_296.0)


def made(swath_m: float = math.nan, flow_lpm: float = 3.0) -> Statement:
    points, on = boustrophedon(10, 100.0, 7.0)
    points[100] = (50.0, 900.0)
    fixes = table(points, on=on, flow_lpm=flow_lpm)
    parameters = Parameters(default_swath_m=swath_m if math.isfinite(swath_m) else 7.0)
    coverage = compute("d1-20261124T080000Z", [fixes], [plot(box(1, 0, 101, 60))], parameters).coverage
    flight = Flight(coverage.flight, "htx-a", "d1", 1_795_507_200_000, 1_795_507_380_000, 810, Operation.SPRAY, "job-7")
    return statement(flight, coverage, Device("d1", "htx-a", DeviceKind.DRONE, swath_m=swath_m), COOPERATIVE)


def test_figures_in_three_units_agree() -> None:
    document = json.loads(json.dumps(to_dict(made()), allow_nan=False))
    (row,) = document["plots"]
    assert row["area_m2"] == pytest.approx(6_000.0, abs=0.05)
    assert row["net_ha"] == pytest.approx(row["net_m2"] / 10_000.0, abs=1e-5)
    assert row["net_cong"] == pytest.approx(row["net_m2"] / 1_296.0, abs=1e-4)
    assert document["totals"]["off_target_m2"] == pytest.approx(1_000.0, abs=0.05)


def test_local_times_and_operation() -> None:
    document = to_dict(made())
    assert document["start"] == "2026-11-24T08:00:00.000Z"
    assert document["start_local"] == "2026-11-24T15:00:00+07:00"
    assert document["operation"] == {"code": "spray", "vi": "Phun thuốc", "en": "Spraying"}
    assert (document["flight"], document["job"]) == ("d1-20261124T080000Z", "job-7")


def test_completeness_counts_rejected_fixes() -> None:
    document = to_dict(made())
    assert document["completeness"]["fixes_received"] == 810
    assert document["completeness"]["fixes_used"] == 809
    assert document["completeness"]["rejected"] == {"jump": 1}
    assert document["completeness"]["used_pct"] == pytest.approx(99.88)


def test_definitions_stand_in_both_languages() -> None:
    it = made()
    assert {"gross", "net", "overlap", "missed", "off_target", "dose"} <= set(it.definitions)
    assert all(text.vi and text.en and text.vi != text.en for text in it.definitions.values())


def test_warnings() -> None:
    said = " ".join(text.en for text in made(swath_m=7.0, flow_lpm=math.nan).warnings)
    assert "registered width of 7 m" in said
    assert "1 fixes were rejected" in said
    assert "14.3 % of the treated ground" in said
    assert "told no flow" in said
    assert "registered width" not in " ".join(text.en for text in made().warnings)
    assert to_dict(made(flow_lpm=math.nan))["plots"][0]["volume_l"] is None
