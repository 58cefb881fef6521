"""Areas of real machines against their own counters: logs that nobody here made, read in place."""

from __future__ import annotations

import numpy as np
import pytest

from core.model.flightlog import FlightLog
from geo.coverage import Parameters, compute
from ingest.flightlogs import isoxml
from tests.support.shared import shared

SPRAYER = "isoxml/isoxml-dotnet_Another-single-ACP.zip"
FORAGER = "isoxml/agrirouter_big_taskdata_forage_harvester.zip"
SHIFT_DEG = (7.81738, 5.0344)
"""Latitude and longitude by which the forager's tracks were made anonymous."""


def gross_m2(log: FlightLog, shift_deg: tuple[float, float] = (0.0, 0.0)) -> float:
    moved = log.fixes.with_columns(lat_deg=log.fixes.lat_deg - shift_deg[0], lon_deg=log.fixes.lon_deg - shift_deg[1])
    return compute(log.name, [moved], [], Parameters()).coverage.gross_m2


def test_the_sprayers_gross_area_is_that_of_its_counter() -> None:
    (log,) = [log for log in isoxml.read(shared(SPRAYER)).logs if log.name == "TLG00011"]
    assert gross_m2(log) == pytest.approx(log.machine["area_m2"], rel=0.02)


def test_the_foragers_logs_agree_with_its_counter() -> None:
    counted = [log for log in isoxml.read(shared(FORAGER)).logs if log.machine.get("area_m2", 0.0) > 0.0]
    ratios = [gross_m2(log, SHIFT_DEG) / log.machine["area_m2"] for log in counted]
    assert len(ratios) >= 20
    assert 0.96 <= float(np.median(ratios)) <= 1.05
    assert 0.96 <= min(ratios) <= max(ratios) <= 1.12
