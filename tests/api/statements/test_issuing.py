"""Issued statements: numbered, kept, signed; a flight that late data re-opened gets a new one, the old one verifies."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.statements.issuing import document_of
from api.statements.sealing import signer_of
from geo.archivesource import Ports
from geo.statements.subjects import flight_subject, job_subject
from geo.statements.verification import verify
from tests.support import rectangle
from tests.support.archived import HTX, START_MS, record, season
from tests.support.statements import cooperative, farm, flown, papers

FLIGHT = f"d1-{START_MS}"


@pytest.fixture
def ports(tmp_path: Path) -> Ports:
    return farm(tmp_path, season()[:2])


def test_the_same_is_issued_once(ports: Ports, tmp_path: Path) -> None:
    desk, owner = papers(ports, tmp_path), cooperative(ports)
    subject = flight_subject(ports.registry, HTX, FLIGHT)
    first = desk.issue(owner, subject)
    assert desk.issue(owner, subject) == desk.current(owner, subject) == first
    number = document_of(first)["statement"]
    assert (number["version"], number["replaces"], number["digest"]) == (1, None, first.digest)
    assert number["issued_local"].endswith("+07:00")
    assert signer_of(document_of(first), desk.sealer.public_keys())[1]


def test_a_reopened_flight_gets_a_new_statement_and_the_old_one_still_verifies(ports: Ports, tmp_path: Path) -> None:
    desk, owner = papers(ports, tmp_path), cooperative(ports)
    subjects = flight_subject(ports.registry, HTX, FLIGHT), job_subject(ports.registry, HTX, "J-1")
    before = [desk.current(owner, it) for it in subjects]
    table = rectangle.flight("d1", START_MS, lines=rectangle.LINES - 1)
    flown(ports, [record(table.with_columns(job=["J-1"] * len(table)), flight=FLIGHT, job="J-1")])
    after = [desk.current(owner, it) for it in subjects]
    for old, new in zip(before, after, strict=True):
        assert (old.version, new.version) == (1, 2)
        assert document_of(new)["statement"]["replaces"] == old.digest
        assert desk.kept.issued(old.subject, 1) == old
        for it in (old, new):
            assert verify(document_of(it), ports.archive).sound
        versions = [document_of(it)["inputs"]["flights"][0]["archive_version"] for it in (old, new)]
        assert versions == [1, 2]
    nets = [document_of(it)["computed"]["treatments"][0]["plots"][0]["net_m2"] for it in (before[0], after[0])]
    assert nets[1] < nets[0]


def test_what_is_told_later_makes_a_new_statement_when_it_is_issued(ports: Ports, tmp_path: Path) -> None:
    desk, owner = papers(ports, tmp_path), cooperative(ports)
    subject = flight_subject(ports.registry, HTX, FLIGHT)
    desk.issue(owner, subject)
    renamed = ports.registry.device(HTX, "d1")
    ports.registry.add_device(type(renamed)("d1", HTX, renamed.kind, "Máy bay mới", swath_m=7.0))
    assert desk.current(owner, subject).version == 1
    assert desk.issue(owner, subject).version == 2
