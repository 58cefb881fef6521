"""``canhdong admin``: units listed and shown on a day, and a code that needs a date refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from cli.main import DONE, FAILED, WRONG_USE, main

Run: TypeAlias = Callable[..., tuple[int, Any, str]]
BEFORE, AFTER = "2025-06-30", "2025-07-01"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command: exit code, stdout (JSON is read), stderr."""

    def run(*words: str) -> tuple[int, Any, str]:
        code = main(("admin", *words))
        printed = capsys.readouterr()
        return code, json.loads(printed.out) if "--json" in words and printed.out else printed.out, printed.err

    return run


def listed(run: Run, *words: str) -> list[str]:
    """Codes of the units that ``admin list`` gives."""
    code, document, _ = run("list", *words, "--json")
    assert code == DONE
    return [it["code"] for it in document["units"]]


def test_without_options_the_provinces_of_today_are_listed(run: Run) -> None:
    code, document, said = run("list", "--json")
    assert (code, document["level"], len(document["units"])) == (DONE, "province", 34)
    assert document["source"].startswith("vietnamadminunits ")
    assert "Đồng Nai, Quảng Ninh and Bắc Ninh became cities" in said, "what the table lacks is said"


def test_a_unit_in_json_has_its_dates_and_parents(run: Run) -> None:
    _, document, said = run("list", "--in", "960", "--on", BEFORE, "--json")
    assert (document["day"], document["level"], said) == (BEFORE, "commune", "")
    assert document["units"][0] == {
        "code": "31972",
        "level": "commune",
        "name": "Thị trấn Gành Hào",
        "valid_from": "2025-03-01",
        "valid_to": "2025-07-01",
        "parents": [
            {"code": "960", "level": "district", "name": "Huyện Đông Hải"},
            {"code": "95", "level": "province", "name": "Tỉnh Bạc Liêu"},
        ],
    }


def test_within_a_unit_the_level_below_is_listed(run: Run) -> None:
    assert len(listed(run, "--in", "95", "--on", BEFORE)) == 7
    assert len(listed(run, "--in", "95", "--on", BEFORE, "--level", "commune")) == 64
    assert len(listed(run, "--in", "96", "--on", AFTER)) == 64
    assert len(listed(run, "--level", "province", "--on", BEFORE)) == 63


def test_districts_that_are_gone_are_an_empty_list_with_a_word(run: Run) -> None:
    code, document, said = run("list", "--level", "district", "--on", AFTER, "--json")
    assert (code, document["units"]) == (DONE, [])
    assert "districts stood until 2025-06-30" in said


def test_the_table_is_in_both_languages(run: Run) -> None:
    code, text, _ = run("list", "--in", "95", "--on", BEFORE)
    assert code == DONE
    for words in ("Đơn vị hành chính / Administrative units", "Mã / Code", "Tên / Name", "Thuộc / Within"):
        assert words in text
    assert "Huyện Đông Hải" in text
    assert "≤ 2025-03-01" in text, "nobody says since when"


@pytest.mark.parametrize("code", ["52", "24", "32002"])
def test_a_code_that_changed_its_name_needs_a_date(run: Run, code: str) -> None:
    wrong, out, said = run("show", code)
    assert (wrong, out) == (WRONG_USE, "")
    assert "--on 2025-06-30" in said
    for day in (BEFORE, AFTER):
        done, document, _ = run("show", code, "--on", day, "--json")
        assert (done, document["code"]) == (DONE, code)
        assert document["name"] in said


def test_a_merged_unit_shows_what_became_of_it(run: Run) -> None:
    code, document, _ = run("show", "95", "--json")
    assert (code, document["name"], document["valid_to"]) == (DONE, "Tỉnh Bạc Liêu", "2025-07-01")
    (new,) = document["successors"]
    assert (new["code"], new["name"], new["extent"], new["on"]) == ("96", "Tỉnh Cà Mau", "whole", "2025-07-01")
    assert new["share"] is None
    assert (document["successors_certain"], document["predecessors"]) == (True, [])
    text = run("show", "95")[1]
    assert "Đơn vị kế tiếp / Successors" in text
    assert "toàn bộ / whole" in text
    assert "uncertain" not in text


def test_a_split_unit_is_marked_as_uncertain(run: Run) -> None:
    _, document, _ = run("show", "32017", "--on", BEFORE, "--json")
    assert [it["name"] for it in document["parents"]] == ["Thành phố Cà Mau", "Tỉnh Cà Mau"]
    assert {it["name"] for it in document["successors"]} == {"Phường Tân Thành", "Phường Hòa Thành"}
    assert {it["extent"] for it in document["successors"]} == {"part"}
    assert document["successors_certain"] is False
    text = run("show", "32017", "--on", BEFORE)[1]
    assert "Đơn vị kế tiếp / Successors: không chắc chắn / uncertain" in text
    assert "một phần / part" in text


def test_a_new_unit_shows_what_it_was_made_of(run: Run) -> None:
    _, document, _ = run("show", "52", "--on", AFTER, "--json")
    assert [(it["code"], it["name"]) for it in document["predecessors"]] == [
        ("52", "Tỉnh Bình Định"),
        ("64", "Tỉnh Gia Lai"),
    ]
    assert (document["successors"], document["successors_certain"], document["predecessors_certain"]) == (
        [],
        None,
        False,
    )
    assert "Đơn vị trước đó / Predecessors" in run("show", "52", "--on", AFTER)[1]


def test_an_island_district_became_a_commune(run: Run) -> None:
    _, document, _ = run("show", "536", "--json")
    assert [(it["level"], it["name"]) for it in document["successors"]] == [("commune", "Đặc khu Lý Sơn")]
    _, document, _ = run("show", "21548", "--json")
    assert [(it["level"], it["name"]) for it in document["predecessors"]] == [("district", "Huyện Lý Sơn")]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "5"), WRONG_USE, "2 digits"),
        (("show", "99"), FAILED, "no province"),
        (("show", "95", "--level", "commune"), FAILED, "5 digits"),
        (("show", "95", "--on", AFTER), FAILED, "Tỉnh Bạc Liêu until 2025-06-30"),
        (("show", "95", "--on", "2019-05-01"), WRONG_USE, "begins on 2025-03-01"),
        (("show", "95", "--on", "30/6/2025"), WRONG_USE, "2025-06-30"),
        (("list", "--on", "hôm qua"), WRONG_USE, "2025-06-30"),
        (("list", "--in", "95", "--on", AFTER), FAILED, "no province 95"),
        (("list", "--in", "32002", "--on", AFTER), WRONG_USE, "Phường An Xuyên"),
    ],
)
def test_what_cannot_be_answered_says_why(run: Run, words: tuple[str, ...], code: int, said: str) -> None:
    done, out, err = run(*words)
    assert (done, out) == (code, "")
    assert said in err
