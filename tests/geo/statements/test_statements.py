"""Statements of a rectangle that is known exactly: per flight, job, plot and season; recomputed to the last digit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from shapely import affinity

from core.errors import NotFound
from core.model.enums import Operation
from core.model.fleet import Swath, SwathSource
from core.model.land import Plot
from core.model.trust import Completeness, Grade, Trust
from core.model.work import Job
from core.statement import Document, Subject
from geo.archivesource import Ports
from geo.statements.document import ISSUING, content_digest, made
from geo.statements.fixes import records_of
from geo.statements.picture import pictures
from geo.statements.schema import SCHEMA_FILE, schema
from geo.statements.subjects import flight_subject, job_subject, plot_subject
from geo.statements.verification import verify
from storage.registry.repository import SqlRegistry
from tests.support import rectangle
from tests.support.archived import HOUR_MS, HTX, START_MS, record, season
from tests.support.statements import cooperative, farm, flown

FLIGHT = season()[0].flight.flight


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Ports:
    return farm(tmp_path_factory.mktemp("farm"))


def statement(ports: Ports, subject: Subject) -> Document:
    """The statement as it comes back from its file."""
    assert isinstance(ports.registry, SqlRegistry)
    document = made(ports, ports.registry, cooperative(ports), subject)
    told: Document = json.loads(json.dumps(document, allow_nan=False))
    return told


def of_flight(ports: Ports, flight: str = FLIGHT) -> Document:
    return statement(ports, flight_subject(ports.registry, HTX, flight))


def of_job(ports: Ports, job: str = "J-1") -> Document:
    return statement(ports, job_subject(ports.registry, HTX, job))


def of_plot(ports: Ports, chosen: str = "") -> Document:
    return statement(ports, plot_subject(ports.registry, HTX, "rect-1", chosen, "2026-11-20"))


def test_a_flights_figures_are_the_registrys(ports: Ports) -> None:
    (it,) = of_flight(ports)["computed"]["treatments"]
    (row,) = it["plots"]
    held = ports.registry.coverage(HTX, FLIGHT)
    assert row["net_m2"] == round(held.plots[0].net_m2, 2) == pytest.approx(rectangle.AREA_M2, abs=0.5)
    assert row["net_expected_m2"] == round(held.plots[0].expected.net_expected_m2, 2)  # type: ignore[union-attr]
    assert row["net_low_m2"] < row["net_expected_m2"] < row["net_high_m2"]
    assert row["net_ha"] == pytest.approx(row["net_m2"] / 10_000.0, abs=1e-12)
    assert row["net_cong"] == pytest.approx(row["net_m2"] / 1_000.0, abs=1e-12)
    assert row["dose_lpha"] == pytest.approx(rectangle.DOSE_LPHA, rel=0.005)
    assert it["totals"]["off_target_m2"] == round(held.off_target_m2, 2)


def test_what_two_flights_of_a_job_treated_counts_once(ports: Ports) -> None:
    (it,) = of_job(ports)["computed"]["treatments"]
    (row,) = it["plots"]
    (held,) = [r.coverage for r in ports.registry.job_plots(HTX, "2026-11-20") if r.job == "J-1"]
    assert len(it["flights"]) == 2
    assert row["net_m2"] == round(held.net_m2, 2) < row["gross_m2"]
    assert row["overlap_m2"] == round(held.overlap_m2, 2) == pytest.approx(7_000.0, abs=0.5)
    assert row["net_expected_m2"] == round(held.expected.net_expected_m2, 2)  # type: ignore[union-attr]
    assert row["dose_cv_pct"] == round(100.0 * held.dose_cv, 2)


def test_a_season_adds_up_its_treatments(ports: Ports) -> None:
    document = of_plot(ports)
    treatments, (total,) = document["computed"]["treatments"], document["computed"]["season"]
    assert [it["job"] for it in treatments] == ["J-1", "2026-11-20-spray", "J-2"]
    rows = [it["plots"][0] for it in treatments]
    assert total["net_m2"] == pytest.approx(sum(r["net_m2"] for r in rows), abs=0.02)
    assert total["volume_l"] == pytest.approx(sum(r["volume_l"] for r in rows), abs=0.002)
    halves = [(r["net_high_m2"] - r["net_low_m2"]) / 2.0 for r in rows]
    whole = (total["net_high_m2"] - total["net_low_m2"]) / 2.0
    assert max(halves) < whole < sum(halves)
    assert treatments[0]["totals"]["off_target_m2"] is None


def test_a_season_ends_with_its_last_day(ports: Ports) -> None:
    assert of_plot(ports, "2026-11-20..2026-11-20")["computed"]["treatments"]
    assert of_plot(ports, "2026-11-21..2027-03-31")["computed"] == {"treatments": [], "season": []}
    with pytest.raises(ValueError, match="ends before it begins"):
        of_plot(ports, "2026-11-21..2026-11-20")
    with pytest.raises(NotFound, match="no season 'Hè Thu'"):
        of_plot(ports, "Hè Thu")


def test_a_named_season_lasts_until_the_plot_takes_the_next_name(tmp_path: Path) -> None:
    ports = farm(tmp_path, [])
    day_ms = 24 * HOUR_MS
    for name, days in (("Đông Xuân", 0), ("Hè Thu", 30)):
        known = ports.registry.plot(HTX, "rect-1")
        ports.registry.put_plot(replace(known, season=name, valid_from_ms=START_MS + days * day_ms))
    subject = plot_subject(ports.registry, HTX, "rect-1", "Đông Xuân", "2026-12-24")
    assert (subject.first_day, subject.last_day) == ("2026-11-20", "2026-12-19")
    assert plot_subject(ports.registry, HTX, "rect-1", "", "2026-12-24").first_day == "2026-12-20"


def test_statements_are_recomputed_to_the_last_digit(ports: Ports) -> None:
    for document in (of_flight(ports), of_job(ports), of_plot(ports)):
        report = verify(document, ports.archive)
        assert report.sound, report


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all numbers."""
    if isinstance(value, dict):
        return [p for k, v in value.items() for p in leaves(v, (*path, k))]
    if isinstance(value, list):
        return [p for k, v in enumerate(value) for p in leaves(v, (*path, k))]
    return [path] if isinstance(value, float) else []


def test_no_figure_can_be_changed_unseen(ports: Ports) -> None:
    document = of_job(ports)
    paths = leaves(document["computed"])
    for path in paths:
        place = document["computed"]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] += 0.01
    report = verify(document, ports.archive)
    assert len(paths) > 50
    assert {it.path for it in report.mismatches} == {"/".join(map(str, ("computed", *path))) for path in paths}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["inputs"]["parameters"].update(bridge_s=20.0), "they have the hash"),
        (lambda d: d["inputs"]["flights"][0].update(input_hash="0" * 64), "has no version 1 with the hash"),
        (lambda d: d["inputs"]["flights"][0].update(archive_version=2), "has no version 2"),
        (lambda d: d["inputs"]["flights"][0].update(swath_m=7.5), "another job, operation or swath"),
        (lambda d: d["inputs"]["flights"][0].update(fixes=5), "fixes is stated as 5"),
        (lambda d: d["inputs"]["flights"][0].update(tank_hash="0"), "tank_hash is stated as 0"),
        (lambda d: d["inputs"].update(algorithm="canhdong-sweep 1.0"), "the figures are of canhdong-sweep 1.0"),
        (lambda d: d["inputs"].pop("groups"), "a member is missing"),
        (lambda d: d.update(schema="canhdong-statement/9"), "its form is 'canhdong-statement/9'"),
        (lambda d: d["grades"][0].update(grade="A"), "1 are not what the fixes give"),
    ],
)
def test_what_is_wrong_with_a_statement_is_told(ports: Ports, change: Callable[[Document], object], said: str) -> None:
    document = of_flight(ports)
    change(document)
    report = verify(document, ports.archive)
    assert not report.sound
    assert said in " ".join(it.message for it in report.checks if not it.sound)


def test_a_corrected_boundary_does_not_change_what_was_stated(tmp_path: Path) -> None:
    ports = farm(tmp_path)
    before = of_flight(ports)
    known = ports.registry.plot(HTX, "rect-1")
    smaller = affinity.scale(known.boundary, 0.5, 1.0)
    ports.registry.put_plot(replace(known, boundary=smaller, valid_from_ms=START_MS - 1))
    assert verify(before, ports.archive).sound
    after = of_flight(ports)
    assert after["inputs"]["plots"][0]["version"] == 2
    assert (
        after["computed"]["treatments"][0]["plots"][0]["area_m2"]
        < before["computed"]["treatments"][0]["plots"][0]["area_m2"]
    )


def test_the_tank_is_a_total_of_its_own(tmp_path: Path) -> None:
    table = rectangle.flight("d1", START_MS)
    level = 20.0 - np.cumsum(np.r_[0.0, np.where(table.on[:-1], table.flow_lpm[:-1] / 60.0, 0.0)]) * 1.1
    level[120:] += 10.0  # refilled on the way
    ports = farm(tmp_path, [record(table.with_columns(tank_l=level))])
    document = of_flight(ports, f"d1-{START_MS}")
    amounts = document["computed"]["treatments"][0]["amounts"]
    assert amounts["meter_l"] == pytest.approx(rectangle.VOLUME_L, rel=0.005)
    assert amounts["tank_l"] == pytest.approx(1.1 * rectangle.VOLUME_L, rel=0.02)
    assert amounts["difference_l_pct"] == pytest.approx(-9.1, abs=1.5)
    assert document["inputs"]["flights"][0]["tank_hash"]
    assert verify(document, ports.archive).sound


def test_ledger_order_and_papers_are_told_beside(tmp_path: Path) -> None:
    ports = farm(tmp_path)
    flight, coverage = ports.registry.flight(HTX, FLIGHT), ports.registry.coverage(HTX, FLIGHT)
    assert coverage.trust is not None
    it = coverage.trust
    told = replace(coverage, trust=Trust.of(it.gnss, it.sampling, it.bridges, Completeness(Grade.B, 250, 2, 0.992)))
    ports.registry.save_flights(HTX, flight.device, flight.start_ms, flight.end_ms, [(flight, told)])
    ports.registry.put(Job("J-1", HTX, Operation.SPRAY, "2026-11-20", ("rect-1",), "Amistar", 20.0, "L/ha"))
    document = of_flight(ports)
    (beside,) = document["told"]["treatments"]
    assert (beside["completeness"]["expected"], beside["completeness"]["missing"]) == (250, 2)
    assert beside["order"] == {"product": "Amistar", "dose": 20.0, "dose_unit": "L/ha"}
    assert beside["weather"] is None
    assert document["grades"][0]["grade"] == "B"
    assert verify(document, ports.archive).sound


def test_a_flight_that_the_archive_lacks_has_no_statement(tmp_path: Path) -> None:
    ports = farm(tmp_path, [])
    lost = record(rectangle.flight("d1", START_MS))
    other = farm(tmp_path / "other", [lost])
    flight = other.registry.flight(HTX, lost.flight.flight)
    result = flight, other.registry.coverage(HTX, flight.flight)
    ports.registry.save_flights(HTX, "d1", flight.start_ms, flight.end_ms, [result])
    with pytest.raises(NotFound, match="archive does not have"):
        of_flight(ports, flight.flight)


def test_a_flight_of_unknown_width_has_no_statement(tmp_path: Path) -> None:
    fixes = rectangle.flight("d1", START_MS).with_columns(swath_m=np.full(rectangle.LINES * 41, np.nan))
    unknown = replace(record(fixes), swath=Swath(float("nan"), SwathSource.UNKNOWN))
    ports = farm(tmp_path, [])
    flown(ports, [unknown])
    with pytest.raises(NotFound, match="nobody told the swath width"):
        of_flight(ports, unknown.flight.flight)


def test_the_digest_is_of_what_is_said(ports: Ports) -> None:
    document = of_flight(ports)
    signed = document | {"statement": {"version": 7}, "issuer": {"platform": "x"}, "signature": "a..b"}
    assert content_digest(signed) == content_digest(document)
    assert content_digest(document | {"zone": "UTC"}) != content_digest(document)


def test_neighbours_are_not_in_it(tmp_path: Path) -> None:
    ports = farm(tmp_path)
    known = ports.registry.plot(HTX, "rect-1")
    aside = affinity.translate(known.boundary, 0.0, 0.0006)
    ports.registry.put_plot(Plot("neighbour", aside, "Thửa bên cạnh", HTX))
    assert "neighbour" not in json.dumps(of_flight(ports))


def test_the_published_schema_is_this_one_and_fits(ports: Ports) -> None:
    assert json.loads(SCHEMA_FILE.read_text(encoding="utf-8")) == schema(), "run: python -m geo.statements.schema"
    validator = jsonschema.Draft202012Validator(schema())
    jsonschema.Draft202012Validator.check_schema(schema())
    for document in (of_flight(ports), of_job(ports), of_plot(ports), of_plot(ports, "2020-01-01..2020-02-01")):
        wrong = {it.message for it in validator.iter_errors(document)}
        assert wrong == {f"'{name}' is a required property" for name in ISSUING}


def test_what_has_to_be_noted_is_noted(tmp_path: Path) -> None:
    fixes = rectangle.flight("d1", START_MS, lines=rectangle.LINES)
    far = fixes.lat_deg.copy()
    far[100] += 0.01  # a jump
    awkward = fixes.with_columns(lat_deg=far, flow_lpm=np.full(len(fixes), np.nan), swath_m=np.full(len(fixes), np.nan))
    beyond = affinity.scale(rectangle.plot(HTX).boundary, 0.5, 1.0, origin=(105.725, 9.285))
    ports = farm(tmp_path, [])
    ports.registry.put_plot(replace(ports.registry.plot(HTX, "rect-1"), boundary=beyond, valid_from_ms=START_MS - 1))
    flown(ports, [record(awkward)])
    (it,) = of_flight(ports, f"d1-{START_MS}")["computed"]["treatments"]
    said = " ".join(text["en"] for text in it["warnings"])
    assert "registered width of 7 m" in said
    assert "1 fixes were rejected" in said
    assert "of the treated ground lies outside the plots" in said
    assert "told no flow" in said
    assert it["fixes"] == {"archived": 246, "used": 245, "rejected": {"jump": 1}, "used_pct": 99.59}
    assert it["plots"][0]["volume_l"] is None
    assert it["amounts"]["meter_l"] is None
    assert {text["vi"] for text in it["warnings"]}.isdisjoint(text["en"] for text in it["warnings"])


def test_beside_a_plot_nothing_is_painted_as_off_target(tmp_path: Path) -> None:
    ports = farm(tmp_path, [])
    known = ports.registry.plot(HTX, "rect-1")
    half = affinity.scale(known.boundary, 0.5, 1.0)
    ports.registry.put_plot(replace(known, boundary=half, valid_from_ms=START_MS - 1))
    flown(ports, season()[:1])
    painted = {}
    for document in (of_flight(ports), of_plot(ports)):
        (svg,) = pictures(document, records_of(document, ports.archive), "en")
        painted[document["subject"]["kind"]] = '<path fill="#8e5bb5"' in svg
    assert painted == {"flight": True, "plot": False}
