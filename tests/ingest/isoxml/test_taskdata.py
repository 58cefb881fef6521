"""TASKDATA.XML with its linked files, and the devices in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import FlightLogError
from ingest.isoxml.container import Bundle
from ingest.isoxml.device import Kind, read_device
from ingest.isoxml.markup import parse_xml
from ingest.isoxml.taskdata import TaskData, read_taskdata
from tests.ingest.isoxml.builder import T0_MS, device, field, polygon, ring, sprayer, square, task, taskdata


def read(**files: str) -> TaskData:
    named = {name.replace("_", "."): content.encode() for name, content in files.items()}
    return read_taskdata(Bundle(Path("set"), named))


@pytest.mark.parametrize("version", [3, 4])
def test_linked_files_are_merged(version: int) -> None:
    plot = field("PFD1", polygon(ring(square(0.001))))
    data = read(
        TASKDATA_XML=taskdata('<XFR A="PFD00000" B="1"/><XFR A="dvc00000" B="1"/>', task(), version=version),
        PFD00000_XML=f"<XFC>{plot}</XFC>",
        DVC00000_XML=f"<XFC>{sprayer()}</XFC>",
    )
    assert [f.get("A") for f in data.fields] == ["PFD1"]
    assert [d.label for d in data.devices] == ["may-phun-16-m"]
    assert data.problems == []


def test_a_missing_and_a_broken_link_are_problems() -> None:
    data = read(
        TASKDATA_XML=taskdata('<XFR A="PFD00000" B="1"/><XFR A="PFD00001" B="1"/>', task()),
        PFD00001_XML="<XFC>\n<PFD>",
    )
    assert data.problems[0] == "PFD00000.XML: linked from TASKDATA.XML, but not there"
    assert data.problems[1].startswith("PFD00001.XML: line 2, column 6: no well-formed XML")
    assert [t.task for t in data.tasks] == ["TSK-1"]


def test_broken_xml_is_refused_by_line_and_column() -> None:
    with pytest.raises(FlightLogError, match=r"set: TASKDATA\.XML: line 2, column 9: no well-formed XML"):
        read(TASKDATA_XML="<ISO11783_TaskData>\n <TSK A=>")


def test_entities_are_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><ISO11783_TaskData>&b;</ISO11783_TaskData>'
    with pytest.raises(FlightLogError, match="refused XML"):
        read(TASKDATA_XML=bomb)


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(FlightLogError, match="refused XML: unknown encoding"):
        read(TASKDATA_XML='<?xml version="1.0" encoding="UTF38"?><ISO11783_TaskData/>')


def test_another_root_is_refused() -> None:
    with pytest.raises(FlightLogError, match="the root is kml"):
        read(TASKDATA_XML='<kml xmlns="http://www.opengis.net/kml/2.2"/>')


@pytest.mark.parametrize(
    ("text", "zone_ms"),
    [
        ("2026-08-01T12:00:00", None),
        ("2026-08-01T12:00:00.250", None),
        ("2026-08-01T12:00:00Z", 0),
        ("2026-08-01T12:00:00+07:00", 25_200_000),
        ("2026-08-01T12:00:00.123456-03:30", -12_600_000),
    ],
)
def test_times_are_wall_clocks_with_or_without_a_zone(text: str, zone_ms: int | None) -> None:
    (time,) = read(TASKDATA_XML=taskdata(task(start=text))).tasks[0].times
    assert time.start_ms == T0_MS + 43_200_000
    assert time.zone_ms == zone_ms


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-41T00:00:00", "2026-08-01"])
def test_what_is_no_time_is_passed_over(text: str) -> None:
    assert read(TASKDATA_XML=taskdata(task(start=text))).tasks[0].times == ()


def test_only_effective_times_count() -> None:
    data = read(TASKDATA_XML=taskdata('<TSK A="T"><TIM A="1990-10-10T05:20:20Z" D="5"/></TSK>'))
    assert data.tasks[0].times == ()


def test_the_tree_of_a_device() -> None:
    made = read_device(parse_xml(sprayer(2).encode(), "x"))
    boom = made.parts[1]
    assert made.device_class == 6
    assert [p.part for p in made.children(boom)] == ["DET-11", "DET-12"]
    assert [p.part for p in made.below(made.parts[0])] == ["DET-2", "DET-11", "DET-12"]
    assert [p.part for p in made.above(made.parts[3])] == ["DET-2", "DET-1"]
    assert made.parts[2].kind is Kind.SECTION
    assert made.parts[2].properties == {67: 2000, 135: -1000}


def test_a_tree_that_bites_its_tail_ends() -> None:
    text = '<DET A="DET-1" B="1" C="1" F="2"/><DET A="DET-2" B="2" C="2" F="1"/><DET A="DET-3" B="3" C="99" F="3"/>'
    made = read_device(parse_xml(device(text).encode(), "x"))
    assert [p.part for p in made.above(made.parts[0])] == ["DET-2"]
    assert [p.part for p in made.below(made.parts[0])] == ["DET-2"]
    assert made.above(made.parts[2]) == []
    assert made.parts[2].kind is Kind.OTHER


@pytest.mark.parametrize("client_name", ["", "A00C", "zzzzzzzzzzzzzzzz"])
def test_a_name_that_tells_no_class(client_name: str) -> None:
    assert read_device(parse_xml(device("", client_name=client_name).encode(), "x")).device_class == -1


def test_a_device_without_a_designator_is_called_by_its_name() -> None:
    assert read_device(parse_xml(device("", designator="").encode(), "x")).label == "a00-c830085600000"
    assert read_device(parse_xml(device("", designator="?", client_name="").encode(), "x")).label == "dvc-1"
