"""What the API answers of a sprayed area: the figures of the model, null where they are not known."""

from __future__ import annotations

import json
import math
from dataclasses import replace

from api.schemas.coverage import CoverageOut, JobPlotOut
from core.model.coverage import NO_SWATH
from core.model.trust import BridgeTrust, Completeness, GnssTrust, Grade, NetRange, SamplingTrust, Trust
from tests.contracts.samples import a_coverage, a_job_plot, plot_coverage

TRUST = Trust.of(
    GnssTrust(Grade.A, 0.9, 0.0, 0.0, 0.1, 0.0, 0.0, math.nan),
    SamplingTrust(Grade.B, 0.2, 0.01, events=True),
    BridgeTrust(Grade.A, 1.5, 0.001),
    Completeness(Grade.C, 100, 4, 0.96),
)


def test_a_coverage_tells_trust_expected_areas_and_what_was_beside() -> None:
    plot = replace(plot_coverage("p1"), dose_cv=0.25, expected=NetRange(5.0, 4.0, 6.0))
    it = replace(a_coverage("f1", plot), off_transit_m2=2.5, plots_expected=NetRange(7.0, math.nan, 8.0), trust=TRUST)
    told = CoverageOut.of(it, 1_000.0).model_dump()
    assert (told["off_transit_m2"], told["off_failsafe_m2"], told["no_area"]) == (2.5, 0.0, None)
    assert told["plots_expected"] == {"net_expected_m2": 7.0, "net_low_m2": None, "net_high_m2": 8.0}
    assert told["plots"][0]["dose_cv"] == 0.25
    assert told["plots"][0]["expected"] == {"net_expected_m2": 5.0, "net_low_m2": 4.0, "net_high_m2": 6.0}
    trust = told["trust"]
    assert [trust[k] for k in ("grade", "gnss_grade", "sampling_grade", "completeness_grade")] == ["C", "A", "B", "C"]
    assert (trust["manual_share"], trust["missing_samples"], trust["missing_share"]) == (None, 4, 1.0 - 0.96)


def test_what_nobody_asked_for_is_null() -> None:
    told = CoverageOut.of(a_coverage("f1", plot_coverage("p1")), 1_000.0).model_dump()
    assert (told["trust"], told["plots_expected"], told["plots"][0]["expected"]) == (None, None, None)
    assert told["plots"][0]["dose_cv"] is None


def test_a_flight_without_an_area_says_why_in_valid_json() -> None:
    nothing = dict.fromkeys(("gross_m2", "net_m2", "plots_area_m2", "plots_net_m2", "bridged_m"), math.nan)
    it = replace(a_coverage("f1"), no_area=NO_SWATH, **nothing)  # type: ignore[arg-type]
    told = json.loads(CoverageOut.of(it, 1_000.0).model_dump_json())
    assert (told["no_area"], told["net_m2"], told["plots"]) == (NO_SWATH, None, [])


def test_a_jobs_row_tells_its_flights_and_their_figures() -> None:
    row = a_job_plot("job-1", "p1", "f1", "f2")
    row = replace(row, coverage=replace(row.coverage, dose_cv=0.5, expected=NetRange(3.0, 2.0, 4.0)))
    told = JobPlotOut.of_row(row, 1_000.0).model_dump()
    assert (told["flights"], told["dose_cv"], told["expected"]["net_low_m2"]) == (["f1", "f2"], 0.5, 2.0)
