"""What people read of a statement: both languages, every figure with its unit, the same bytes on paper every time."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import pytest

from api.statements import paper
from api.statements.issuing import document_of
from api.statements.sheet import sheet
from api.statements.words import words_of
from core.statement import Document
from core.terms import LANGUAGES, Language
from geo.archivesource import Ports
from geo.statements.fixes import records_of
from geo.statements.picture import pictures
from geo.statements.subjects import flight_subject, job_subject, plot_subject
from tests.support.archived import HTX, START_MS, season
from tests.support.statements import cooperative, farm, papers


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ports, dict[str, Document]]:
    folder: Path = tmp_path_factory.mktemp("farm")
    ports = farm(folder, season()[:2])
    desk, registry = papers(ports, folder), ports.registry
    subjects = {
        "flight": flight_subject(registry, HTX, f"d1-{START_MS}"),
        "job": job_subject(registry, HTX, "J-1"),
        "plot": plot_subject(registry, HTX, "rect-1", "", "2026-11-20"),
        "nothing": plot_subject(registry, HTX, "rect-1", "2020-01-01..2020-12-31", "2026-11-20"),
    }
    return ports, {name: document_of(desk.issue(cooperative(ports), it)) for name, it in subjects.items()}


def test_figures_stand_with_their_units(issued: tuple[Ports, dict[str, Document]]) -> None:
    texts = sheet(issued[1]["flight"], words_of("en"))
    (row,) = texts["treatments"][0]["rows"]
    assert row["net"] == {"ha": "0.840 ha", "cong": "8.40 công"}
    assert (row["amount"], row["dose"], row["covered"]) == ("16.8 L", "20.0 L/ha", "100.0 %")
    assert texts["treatments"][0]["facts"][1] == ["Time", "06:00:00 – 06:04:07 (4.1 min, UTC+7)"]
    assert ["Released, by the tank's level", "not told by the drone"] in texts["treatments"][0]["amounts"]


@pytest.mark.parametrize(("language", "wind"), [("vi", "2.5 m/s, từ hướng 120°"), ("en", "2.5 m/s, from 120°")])
def test_a_wind_is_told_by_where_it_comes_from(
    issued: tuple[Ports, dict[str, Document]], language: Language, wind: str
) -> None:
    document = deepcopy(issued[1]["flight"])
    figures = dict.fromkeys(("gust_mps", "temperature_c", "humidity_pct", "rain_mmph"))
    stamp = {"window": "green", "reasons": [], "stations": [], "wind_mps": 2.5, "wind_from_deg": 120.0} | figures
    weather = dict.fromkeys(("before", "worst", "mean", "after"), stamp) | {"minutes_without": 0, "minutes": 4}
    document["told"]["treatments"][0]["weather"] = weather
    rows = sheet(document, words_of(language))["treatments"][0]["weather"]["rows"]
    assert [row[2] for row in rows] == [wind] * 4


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["flight", "job", "plot", "nothing"])
def test_the_paper_has_the_same_bytes_every_time(
    issued: tuple[Ports, dict[str, Document]], name: str, language: Language
) -> None:
    ports, documents = issued
    words, document = words_of(language), documents[name]
    drawn = pictures(document, records_of(document, ports.archive), language)
    texts = sheet(document, words)
    first = paper.pdf(texts, drawn, words["no_weather"])
    assert first.startswith(b"%PDF-")
    assert paper.pdf(texts, drawn, words["no_weather"]) == first


def test_languages_differ_in_words_and_not_in_figures(issued: tuple[Ports, dict[str, Document]]) -> None:
    for document in issued[1].values():
        vietnamese, english = (sheet(document, words_of(it)) for it in LANGUAGES)
        assert vietnamese["title"] == "Phiếu xác nhận diện tích phun"
        assert english["title"] == "Sprayed-area statement"
        for one, other in zip(vietnamese["treatments"], english["treatments"], strict=True):
            assert json.dumps(one["rows"]).count(" ha") == json.dumps(other["rows"]).count(" ha") > 0
            assert [r["net"] for r in one["rows"]] == [r["net"] for r in other["rows"]]
            assert one["trust"] != other["trust"]


def test_a_season_without_treatments_says_so(issued: tuple[Ports, dict[str, Document]]) -> None:
    assert sheet(issued[1]["nothing"], words_of("en"))["nothing"] == "Nothing was treated in this time."


def test_pictures_are_of_what_the_statement_is_about(issued: tuple[Ports, dict[str, Document]]) -> None:
    ports, documents = issued
    drawn = {
        name: pictures(documents[name], records_of(documents[name], ports.archive), "en") for name in ("flight", "plot")
    }
    assert [len(it) for it in drawn.values()] == [1, 1]
    assert "Thửa chữ nhật" in drawn["plot"][0]
    assert "0.840 ha (100.0 %)" in drawn["plot"][0]
