"""Administrative units before and after 1 July 2025: the numbers that the state published, and every unit's relations.

Counts are those of Resolution 202/2025/QH15 and Decision 19/2025/QD-TTg; a second package is read where installed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections import Counter
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigError, NotFound
from core.model.admin import AdminLevel, AdminUnit, Extent, Succession
from land.admin_source import EARLIEST, REFORM, AdminTable
from land.gazetteer import DIGITS, Gazetteer, gazetteer, level_of

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
PROVINCE, DISTRICT, COMMUNE = AdminLevel
ISLANDS = {"318": "11948", "471": "19742", "498": "20333", "536": "21548", "755": "26732"}


@pytest.fixture(scope="module")
def known() -> Gazetteer:
    return gazetteer()


def folded(name: str) -> str:
    """Letters without accents, whatever rule set the tone mark (Hòa, Hoà)."""
    flat = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return "".join(c for c in flat if c.isalnum())


def names(units: tuple[AdminUnit, ...]) -> list[str]:
    return [it.name for it in units]


# How many there are


@pytest.mark.parametrize(
    ("level", "day", "count"),
    [
        (PROVINCE, BEFORE, 63),
        (DISTRICT, BEFORE, 696),
        (COMMUNE, BEFORE, 10_035),
        (PROVINCE, AFTER, 34),
        (DISTRICT, AFTER, 0),
        (COMMUNE, AFTER, 3_321),
    ],
)
def test_the_country_has_as_many_units_as_published(known: Gazetteer, level: AdminLevel, day: date, count: int) -> None:
    assert len(known.units(level, day)) == count


@pytest.mark.parametrize(
    ("code", "name", "districts", "communes"),
    [
        ("95", "Tỉnh Bạc Liêu", 7, 64),
        ("96", "Tỉnh Cà Mau", 9, 100),
        ("24", "Tỉnh Bắc Giang", 10, 192),
        ("52", "Tỉnh Bình Định", 11, 155),
    ],
)
def test_old_provinces_have_their_districts_and_communes(
    known: Gazetteer, code: str, name: str, districts: int, communes: int
) -> None:
    assert known.unit(code, PROVINCE, BEFORE).name == name
    assert len(known.units(DISTRICT, BEFORE, code)) == districts
    assert len(known.units(COMMUNE, BEFORE, code)) == communes


@pytest.mark.parametrize(
    ("code", "name", "communes"), [("96", "Tỉnh Cà Mau", 64), ("24", "Tỉnh Bắc Ninh", 99), ("52", "Tỉnh Gia Lai", 135)]
)
def test_new_provinces_have_their_communes(known: Gazetteer, code: str, name: str, communes: int) -> None:
    assert known.unit(code, PROVINCE, AFTER).name == name
    assert len(known.units(COMMUNE, AFTER, code)) == communes


def test_communes_are_listed_by_district_or_by_province(known: Gazetteer) -> None:
    by_district = [it for d in known.units(DISTRICT, BEFORE, "95") for it in known.units(COMMUNE, BEFORE, d.code)]
    assert sorted(it.code for it in by_district) == [it.code for it in known.units(COMMUNE, BEFORE, "95")]
    assert names(known.units(COMMUNE, BEFORE, "954"))[0] == "Phường 2"


def test_kinds_of_new_communes_are_those_of_the_resolutions(known: Gazetteer) -> None:
    kinds = Counter(it.name.partition(" ")[0] for it in known.units(COMMUNE, AFTER))
    assert kinds == {"Xã": 2_621, "Phường": 687, "Đặc": 13}


# What holds for every unit


def test_codes_are_texts_with_leading_zeros(known: Gazetteer) -> None:
    assert all(len(it.code) == DIGITS[it.level] and it.code.isdigit() for it in known.table.units)
    assert known.unit("01", PROVINCE, AFTER).name == "Thành phố Hà Nội"
    assert known.unit("00004", COMMUNE, AFTER).name == "Phường Ba Đình"


def test_a_code_is_one_unit_on_a_day(known: Gazetteer) -> None:
    assert len({(it.level, it.code, it.valid_from) for it in known.table.units}) == len(known.table.units)


def test_parents_exist_on_the_same_dates(known: Gazetteer) -> None:
    for unit in known.table.units:
        above = [it.level for it in known.parents(unit)]
        old = unit.valid_to is not None
        assert (
            above
            == {PROVINCE: [], DISTRICT: [PROVINCE], COMMUNE: [DISTRICT, PROVINCE] if old else [PROVINCE]}[unit.level]
        )
        assert all((it.valid_from, it.valid_to) == (unit.valid_from, unit.valid_to) for it in known.parents(unit))


def test_old_units_end_and_new_ones_begin_with_the_reform(known: Gazetteer) -> None:
    assert {(it.valid_from, it.valid_to) for it in known.table.units} == {(EARLIEST, REFORM), (REFORM, None)}
    assert date(2025, 7, 1) == REFORM


def test_every_old_province_and_commune_has_a_successor(known: Gazetteer) -> None:
    for level in (PROVINCE, COMMUNE):
        assert [it.code for it in known.units(level, BEFORE) if not known.successors(it.code, level)] == []
    districts = {it.code for it in known.units(DISTRICT, BEFORE) if known.successors(it.code, DISTRICT)}
    assert districts == ISLANDS.keys(), "only the islands that had no communes"


def test_every_new_unit_has_predecessors(known: Gazetteer) -> None:
    for level in (PROVINCE, COMMUNE):
        assert all(known.predecessors(it.code, level) for it in known.units(level, AFTER))


def test_an_old_commune_with_one_successor_went_whole_and_else_in_part(known: Gazetteer) -> None:
    for unit in known.units(COMMUNE, BEFORE):
        found = known.successors(unit.code, COMMUNE)
        assert {it.extent for it in found} == {Extent.WHOLE if len(found) == 1 else Extent.PART}


def test_successions_name_units_that_stand_on_either_side_of_the_day(known: Gazetteer) -> None:
    for it in known.table.successions:
        assert it.on == REFORM
        assert known.unit(it.old, it.level, BEFORE)
        assert known.unit(it.new, level_of(it.new), AFTER)
        assert it in known.successors(it.old, it.level)
        assert it in known.predecessors(it.new, level_of(it.new))


def test_communes_go_where_their_province_went(known: Gazetteer) -> None:
    province = {it.old: it.new for it in known.table.successions if it.level is PROVINCE}
    assert len(province) == 63
    for it in known.table.successions:
        if it.level is COMMUNE:
            was = known.parents(known.unit(it.old, COMMUNE, BEFORE))[-1].code
            assert known.unit(it.new, COMMUNE, AFTER).parent == province[was]


def test_471_communes_were_split(known: Gazetteer) -> None:
    split = [it for it in known.units(COMMUNE, BEFORE) if len(known.successors(it.code, COMMUNE)) > 1]
    into = Counter(known.unit(known.successors(it.code, COMMUNE)[0].new, COMMUNE, AFTER).parent for it in split)
    assert len(split) == 471
    assert (into["96"], into["52"], into["24"]) == (19, 3, 0)


# A code without a date


def test_seven_provinces_and_2140_communes_need_a_date(known: Gazetteer) -> None:
    refused: dict[AdminLevel, set[str]] = {PROVINCE: set(), COMMUNE: set(), DISTRICT: set()}
    for level, code in {(it.level, it.code) for it in known.table.units}:
        try:
            known.resolve(code, level)
        except ConfigError:
            refused[level].add(code)
    assert refused[PROVINCE] == {"15", "24", "44", "52", "80", "82", "91"}
    assert len(refused[COMMUNE]) == 2_140
    assert refused[DISTRICT] == set()


def test_2145_commune_codes_changed_their_name_5_of_them_only_capital_letters(known: Gazetteer) -> None:
    old = {it.code: it.name for it in known.units(COMMUNE, BEFORE)}
    pairs = [(old[it.code], it.name) for it in known.units(COMMUNE, AFTER) if it.code in old]
    assert len(pairs) == 3_316
    assert sum(a != b for a, b in pairs) == 2_145
    assert sum(a != b and a.casefold() == b.casefold() for a, b in pairs) == 5
    assert known.resolve("24184", COMMUNE).name == "Xã Ea H'Leo", "was Xã Ea H'leo: no date needed"


def test_the_refusal_names_both_units_and_says_what_to_write(known: Gazetteer) -> None:
    with pytest.raises(ConfigError) as refused:
        known.resolve("32002", COMMUNE)
    said = str(refused.value)
    assert "Phường 2 (Thành phố Cà Mau, Tỉnh Cà Mau) until 2025-06-30" in said
    assert "Phường An Xuyên (Tỉnh Cà Mau) since 2025-07-01" in said
    assert "--on 2025-06-30" in said


def test_with_a_date_a_code_is_clear(known: Gazetteer) -> None:
    assert known.resolve("52", PROVINCE, BEFORE).name == "Tỉnh Bình Định"
    assert known.resolve("52", PROVINCE, date(2026, 11, 26)).name == "Tỉnh Gia Lai"


def test_a_code_that_needs_no_date_is_answered(known: Gazetteer) -> None:
    assert known.resolve("95", PROVINCE).name == "Tỉnh Bạc Liêu"
    assert known.resolve("960", DISTRICT).name == "Huyện Đông Hải"
    assert known.resolve("96", PROVINCE).valid_to is None, "of one name: the one that stands"


@pytest.mark.parametrize(
    ("code", "level", "said"),
    [
        ("99", PROVINCE, "2 digits"),
        ("1", PROVINCE, "2 digits"),
        ("52", COMMUNE, "5 digits"),
        ("", DISTRICT, "3 digits"),
    ],
)
def test_what_is_no_code_is_not_found(known: Gazetteer, code: str, level: AdminLevel, said: str) -> None:
    with pytest.raises(NotFound, match=said):
        known.resolve(code, level)
    with pytest.raises(NotFound, match=said):
        known.unit(code, level, AFTER)


def test_a_unit_of_another_day_is_not_found_and_told(known: Gazetteer) -> None:
    with pytest.raises(NotFound, match=r"no province 95 on 2025-07-01.*Tỉnh Bạc Liêu until 2025-06-30"):
        known.unit("95", PROVINCE, AFTER)
    with pytest.raises(NotFound, match=r"no commune 21548 on 2025-06-30.*Đặc khu Lý Sơn.*since 2025-07-01"):
        known.unit("21548", COMMUNE, BEFORE)
    with pytest.raises(NotFound):
        known.units(COMMUNE, AFTER, "95")


def test_what_lies_before_the_table_is_refused(known: Gazetteer) -> None:
    early = date(2025, 2, 28)
    for ask in (
        lambda: known.unit("95", PROVINCE, early),
        lambda: known.units(PROVINCE, early),
        lambda: known.find("Bạc Liêu", early),
        lambda: known.resolve("95", PROVINCE, early),
        lambda: known.on_day("95", PROVINCE, early, AFTER),
        lambda: known.on_day("95", PROVINCE, BEFORE, early),
    ):
        with pytest.raises(ConfigError, match=r"begins on 2025-03-01.*write 2025-06-30"):
            ask()
    assert known.unit("95", PROVINCE, EARLIEST)
    assert known.unit("754", DISTRICT, EARLIEST).name == "Thành phố Phú Mỹ", "a city since that very day"


def test_a_commune_has_nothing_within(known: Gazetteer) -> None:
    with pytest.raises(ConfigError, match="Phường An Xuyên"):
        known.units(COMMUNE, AFTER, "32002")
    with pytest.raises(ConfigError):
        known.units(PROVINCE, BEFORE, "960")


@pytest.mark.parametrize("text", ["5", "0052", "5a", "\uff15\uff12", "", "+1"])
def test_the_length_of_a_code_tells_its_level(text: str) -> None:
    assert [level_of(code) for code in ("52", "954", "31825")] == [PROVINCE, DISTRICT, COMMUNE]
    with pytest.raises(ConfigError, match="2 digits, a district 3, a commune 5"):
        level_of(text)


# From one date to another


def test_a_merged_commune_is_placed_with_certainty(known: Gazetteer) -> None:
    placed = known.on_day("31813", COMMUNE, BEFORE, AFTER)
    assert (placed.certain, names(placed.units)) == (True, ["Phường Bạc Liêu"])
    assert known.parents(placed.units[0])[0].name == "Tỉnh Cà Mau"


def test_a_split_commune_has_candidates(known: Gazetteer) -> None:
    placed = known.on_day("32017", COMMUNE, BEFORE, AFTER)
    assert not placed.certain
    assert set(names(placed.units)) == {"Phường Tân Thành", "Phường Hòa Thành"}


def test_backwards_a_merged_unit_has_candidates_too(known: Gazetteer) -> None:
    placed = known.on_day("96", PROVINCE, AFTER, BEFORE)
    assert (placed.certain, names(placed.units)) == (False, ["Tỉnh Bạc Liêu", "Tỉnh Cà Mau"])
    alone = known.on_day("01", PROVINCE, AFTER, BEFORE)
    assert (alone.certain, names(alone.units)) == (True, ["Thành phố Hà Nội"])


def test_between_two_days_of_one_order_nothing_changes(known: Gazetteer) -> None:
    for code, one, other in (("52", EARLIEST, BEFORE), ("52", date(2026, 1, 1), AFTER)):
        placed = known.on_day(code, PROVINCE, one, other)
        assert (placed.certain, placed.units) == (True, (known.unit(code, PROVINCE, one),))


def test_a_district_has_no_place_after_the_reform_but_for_the_islands(known: Gazetteer) -> None:
    placed = known.on_day("960", DISTRICT, BEFORE, AFTER)
    assert (placed.units, placed.certain) == ((), False)
    for old, new in ISLANDS.items():
        there, back = known.on_day(old, DISTRICT, BEFORE, AFTER), known.on_day(new, COMMUNE, AFTER, BEFORE)
        assert (there.certain, [it.code for it in there.units]) == (True, [new])
        assert (back.certain, [it.code for it in back.units]) == (True, [old])
        assert there.units[0].name.removeprefix("Đặc khu ") == back.units[0].name.removeprefix("Huyện ")


def test_there_and_back_finds_the_unit_again(known: Gazetteer) -> None:
    for unit in known.units(COMMUNE, BEFORE):
        there = known.on_day(unit.code, COMMUNE, BEFORE, AFTER)
        assert there.certain is (len(there.units) == 1)
        for it in there.units:
            assert unit in known.on_day(it.code, COMMUNE, AFTER, BEFORE).units


# By name


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Bạc Liêu", {"95", "954"}),
        ("bac lieu", {"95", "954"}),
        ("TP. BẠC LIÊU", {"95", "954"}),
        ("tp bac lieu", {"95", "954"}),
        ("Tỉnh Bạc Liêu", {"95", "954"}),
        ("TP.Bạc Liêu", {"95", "954"}),
        ("Ba Ria-Vung Tau", {"77"}),
        ("dak lak", {"66"}),
        ("ĐĂK LĂK", {"66"}),
        ("H. U Minh", {"966", "32044"}),
        ("Gành Hào", {"31972"}),
        ("TT. Gành Hào", {"31972"}),
        ("tt ganh hao", {"31972"}),
        ("quan son", {"387", "06517"}),
        ("Ea H\u2019Leo", {"645", "24184"}),
        ("không có", set()),
        ("", set()),
        ("xã", set()),
    ],
)
def test_names_are_found_as_people_write_them(known: Gazetteer, asked: str, found: set[str]) -> None:
    assert {it.code for it in known.find(asked, BEFORE)} == found


def test_a_name_is_found_on_its_dates_only_and_on_a_level(known: Gazetteer) -> None:
    assert names(known.find("Bạc Liêu", AFTER)) == ["Phường Bạc Liêu"]
    assert names(known.find("bạc liêu", BEFORE, PROVINCE)) == ["Tỉnh Bạc Liêu"]
    assert known.find("bạc liêu", AFTER, PROVINCE) == ()
    assert [it.code for it in known.find("gia lai", BEFORE, PROVINCE)] == ["64"]
    assert [it.code for it in known.find("gia lai", AFTER, PROVINCE)] == ["52"]


def test_all_units_of_a_name_are_given(known: Gazetteer) -> None:
    wards = known.find("Phường 01", BEFORE, COMMUNE)
    assert len(wards) > 10
    assert set(names(wards)) == {"Phường 1"}


def test_every_unit_is_found_by_its_name_with_and_without_accents(known: Gazetteer) -> None:
    for unit in known.table.units:
        flat = unicodedata.normalize("NFD", unit.name.casefold().replace("đ", "d"))
        plain = "".join(c for c in flat if not unicodedata.combining(c))
        for asked in (unit.name, unit.name.upper(), plain):
            assert unit in known.find(asked, unit.valid_from, unit.level), asked


# The table itself


def test_a_table_of_ones_own_works_too() -> None:
    old = AdminUnit("11", PROVINCE, "Tỉnh A", EARLIEST, REFORM)
    new = [AdminUnit(code, PROVINCE, f"Tỉnh {code}", REFORM) for code in ("11", "12")]
    split = tuple(Succession(PROVINCE, "11", code, REFORM, Extent.PART) for code in ("11", "12"))
    own = Gazetteer(AdminTable((*new, old), split, "test"))
    assert own.on_day("11", PROVINCE, BEFORE, AFTER).units == tuple(new)
    assert own.on_day("12", PROVINCE, AFTER, BEFORE).units == (old,)
    with pytest.raises(ConfigError):
        own.resolve("11", PROVINCE)


def test_it_is_read_once_and_says_where_it_comes_from(known: Gazetteer) -> None:
    assert gazetteer() is known
    assert known.table.source == "vietnamadminunits 1.0.4"


def test_the_package_is_read_and_never_imported() -> None:
    code = (
        "import sys; from land.gazetteer import gazetteer; gazetteer(); "
        "sys.exit(' '.join(m for m in ('vietnamadminunits', 'geopy', 'unidecode', 'pandas') if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")


# Beside another package


def other_package() -> list[dict[str, Any]]:
    """The provinces of ``vietnam-provinces`` with their communes; the test skips, saying so, where it is absent."""
    spec = find_spec("vietnam_provinces")
    if spec is None or spec.origin is None:
        pytest.skip("the package vietnam-provinces is absent: pip install vietnam-provinces==2025.10.1")
    path = Path(spec.origin).parent / "data" / "nested-divisions.json"
    found: list[dict[str, Any]] = json.loads(path.read_bytes())
    return found


def test_another_package_has_the_same_provinces_and_communes(known: Gazetteer) -> None:
    theirs = {f"{it['code']:02d}": it for it in other_package()}
    assert theirs.keys() == {it.code for it in known.units(PROVINCE, AFTER)}
    for province in known.units(PROVINCE, AFTER):
        ours = Counter(folded(it.name) for it in known.units(COMMUNE, AFTER, province.code))
        assert ours == Counter(folded(it["name"]) for it in theirs[province.code]["wards"]), province.name


def test_another_package_has_the_same_codes_but_where_it_follows_the_draft(known: Gazetteer) -> None:
    theirs = {f"{ward['code']:05d}": folded(ward["name"]) for it in other_package() for ward in it["wards"]}
    ours = {it.code: folded(it.name) for it in known.units(COMMUNE, AFTER)}
    assert len(ours.keys() - theirs.keys()) == 114
    other = {code for code in ours.keys() & theirs.keys() if ours[code] != theirs[code]}
    assert len(other) == 9
    assert not [
        code for code in other | (ours.keys() - theirs.keys()) if known.unit(code, COMMUNE, AFTER).parent == "96"
    ]
