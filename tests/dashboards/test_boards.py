"""Boards as they are rendered: whole, in both languages, within the grid, in the palette, leading somewhere."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from dashboards import palette, render
from dashboards import words as w
from dashboards.building.boards import Put, placed
from dashboards.language import Language, Text
from dashboards.panels import fleet
from dashboards.sources import API, PLATFORM, PROVINCE, SOURCE_OF, TELEMETRY, Audience
from tests.dashboards.asking import boards

ALL = [(language, name, board) for language in Language for name, board in boards(language).items()]
CORE: Final = {"geomap", "table", "timeseries", "stat", "state-timeline", "status-history", "barchart"}
VIETNAMESE: Final = re.compile(r"[ăâđêôơưáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ]", re.IGNORECASE)
IN_BOTH: Final = ("công", "Tiếng Việt", "Cánh Đồng")
"""Vietnamese words that English texts use."""


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    for language, name, board in ALL:
        for panel in board["panels"]:
            yield f"{language}/{name}: {panel['title']}", panel


def texts(part: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(part, dict):
        for value in part.values():
            yield from texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from texts(value)
    elif isinstance(part, str):
        yield part


def test_what_is_committed_is_what_the_code_renders() -> None:
    assert render.stale() == [], "run: canhdong dashboards render"


def test_writing_brings_a_folder_into_step_and_then_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "vi").mkdir()
    (tmp_path / "vi" / "gone.json").write_text("{}")
    assert "vi/gone.json" in render.write(tmp_path)
    assert not (tmp_path / "vi" / "gone.json").exists()
    assert render.write(tmp_path) == []
    (tmp_path / "en" / "fleet.json").write_text("{}")
    assert render.stale(tmp_path) == ["en/fleet.json"]


def test_seven_boards_and_enough_panels_in_two_languages() -> None:
    for language in Language:
        found = boards(language)
        assert set(found) == {"fleet", "flight", "plots", "province", "sensors", "quality", "platform"}
        assert sum(len(board["panels"]) for board in found.values()) >= 45


def test_uids_are_unique_short_and_without_hyphens() -> None:
    uids = [board["uid"] for _, _, board in ALL]
    assert len(set(uids)) == len(uids)
    assert all(re.fullmatch(r"[a-z0-9_]{1,40}", uid) for uid in [*uids, TELEMETRY, PROVINCE, PLATFORM, API])


@pytest.mark.parametrize(("language", "name", "board"), ALL, ids=lambda it: it if isinstance(it, str) else "")
def test_a_board_is_for_one_audience_and_reads_its_source_only(
    language: Language, name: str, board: dict[str, Any]
) -> None:
    (audience,) = [it for it in Audience if it.value in board["tags"]]
    assert board["tags"][:2] == ["canhdong", language.value]
    sources = set(re.findall(r'"uid": "(canhdong_\w+)"', json.dumps(board)))
    assert sources == {SOURCE_OF[audience]}
    assert "datasourceId" not in json.dumps(board)
    assert board["timezone"] == "Asia/Ho_Chi_Minh"
    assert board["refresh"]
    assert 16 <= board["schemaVersion"] <= 41
    assert "id" not in board


@pytest.mark.parametrize(("language", "name", "board"), ALL, ids=lambda it: it if isinstance(it, str) else "")
def test_no_panel_overlaps_and_the_first_answers_in_one_look(
    language: Language, name: str, board: dict[str, Any]
) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = set(itertools.product(range(at["x"], at["x"] + at["w"]), range(at["y"], at["y"] + at["h"])))
        assert not taken & cells, f"{name}: {panel['title']} overlaps"
        assert 0 <= at["x"] < at["x"] + at["w"] <= 24
        assert at["w"] >= 8, "narrower ones cannot be read on a small screen"
        taken |= cells
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    first = board["panels"][0]
    assert first["type"] == "stat"
    assert first["gridPos"] | {"w": 0, "h": 0} == {"x": 0, "y": 0, "w": 0, "h": 0}


def test_a_row_that_is_not_full_is_refused() -> None:
    with pytest.raises(ValueError, match="last row ends at column 10"):
        placed([Put(fleet.now(), 10, 5)])
    with pytest.raises(ValueError, match="4 rows high beside one of 5"):
        placed([Put(fleet.now(), 10, 5), Put(fleet.today(), 14, 4)])
    with pytest.raises(ValueError, match="ends at column 26"):
        placed([Put(fleet.now(), 13, 5), Put(fleet.today(), 13, 5)])


@pytest.mark.parametrize(("name", "panel"), list(panels()), ids=lambda it: it if isinstance(it, str) else "")
def test_a_panel_is_core_and_says_what_it_shows_in_which_unit_and_why_it_is_empty(
    name: str, panel: dict[str, Any]
) -> None:
    assert panel["type"] in CORE
    assert panel["title"]
    assert panel["description"]
    assert panel["fieldConfig"]["defaults"]["noValue"]
    assert panel["targets"]
    refs = [it["refId"] for it in panel["targets"]]
    assert len(set(refs)) == len(refs)
    if panel["type"] in {"timeseries", "barchart"}:
        assert panel["fieldConfig"]["defaults"]["unit"], name
    named = {it["matcher"]["options"] for it in panel["fieldConfig"]["overrides"] if it["matcher"]["id"] == "byName"}
    assert not {"time", "Time"} & named, "it is called the one up to Grafana 10.1 and the other from 10.2 on"


def test_maps_look_at_coordinates_and_have_a_layer_from_the_query_beside_polygons() -> None:
    found = [panel for _, panel in panels() if panel["type"] == "geomap"]
    assert len(found) >= 6
    for panel in found:
        assert panel["options"]["view"]["id"] == "coords"
        kinds = [layer["type"] for layer in panel["options"]["layers"]]
        assert {"geojson", "markers"} <= set(kinds)
        for layer in panel["options"]["layers"]:
            if layer["type"] == "geojson":
                assert re.fullmatch(rf"api/datasources/proxy/uid/{API}/map/\w+\.geojson", layer["config"]["src"])
                assert all(rule["check"]["property"] == "class" for rule in layer["config"]["rules"])


def test_maps_are_moved_to_a_cooperatives_plots_and_nothing_else_is() -> None:
    board = boards()["fleet"]
    moved = render.centred(board, 10.5, 106.5, 13.0)
    views = [p["options"]["view"] for p in moved["panels"] if p["type"] == "geomap"]
    assert views == [{"id": "coords", "lat": 10.5, "lon": 106.5, "zoom": 13.0}]
    back = render.centred(moved, 9.29, 105.72, 11.0)
    assert back == board


def test_colours_come_from_the_palette() -> None:
    files = render.rendered()
    for name, text in files.items():
        colors = set(re.findall(r"#[0-9A-Fa-f]{3,8}\b", text))
        assert colors <= set(palette.ALL), name
        spoken = re.findall(r'"(?:color|fixedColor|iconColor|fixed)": "([^"]+)"', text)
        assert all(it in palette.ALL or it.startswith("img/") for it in spoken), name
        assert set(re.findall(r'"mode": "((?:palette|continuous)[^"]*)"', text)) == set(), name


def test_both_languages_have_the_same_boards_but_for_their_words() -> None:
    vi, en = boards("vi"), boards("en")
    for name, board in vi.items():
        assert _shape(board) == _shape(en[name]), name
        for text in texts(en[name]):
            rest = text
            for word in IN_BOTH:
                rest = rest.replace(word, "")
            assert not VIETNAMESE.search(rest), f"{name}: {text!r} is not English"


def _shape(part: Any) -> Any:
    """A document without its texts."""
    if isinstance(part, dict):
        return {name: _shape(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_shape(value) for value in part]
    return "" if isinstance(part, str) else part


def test_every_string_is_in_both_languages() -> None:
    known = {name: it for name, it in vars(w).items() if isinstance(it, Text)}
    assert len(known) > 300
    for name, it in known.items():
        assert it.vi.strip(), name
        assert it.en.strip(), name
    same = {name for name, it in known.items() if it.vi == it.en}
    assert same <= {
        "HA", "CONG", "LPHA", "KGPHA", "FIX_RTK", "DELTA_T", "VAR_CONG"
    }, "one of the languages was forgotten"  # fmt: skip


def test_links_lead_to_boards_that_are_there_with_variables_that_they_have() -> None:
    known = {board["uid"]: {it["name"] for it in board["templating"]["list"]} for _, _, board in ALL}
    seen = set()
    for language, name, board in ALL:
        for url in re.findall(r'"url": "(/d/[^"]+)"', json.dumps(board)):
            uid = url.split("/d/")[1].split("?")[0]
            assert uid in known, url
            assert uid.endswith(f"_{language}"), "a link stays in the language"
            assert set(re.findall(r"var-(\w+)=", url)) <= known[uid], url
            assert "${__url_time_range}" in url or {"from=", "to="} <= set(re.findall(r"\w+=", url)), url
            seen.add((name, uid.split("_")[1]))
        menus = [link["tags"] for link in board["links"]]
        assert menus[0] == ["canhdong", language.value]
    assert {("fleet", "flight"), ("fleet", "plots"), ("flight", "plots"), ("province", "province")} <= seen


def test_annotations_of_flights_and_alerts_stand_on_boards_of_drones() -> None:
    for name in ("fleet", "flight"):
        measurements = [it["query"].split('FROM "')[1].split('"')[0] for it in boards()[name]["annotations"]["list"]]
        assert measurements == ["flight", "alert"]
