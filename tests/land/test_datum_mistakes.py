"""A layer that lies where its plots are is let be, whatever was changed in it; every known mistake is named."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from shapely import MultiPolygon, Point, Polygon, box

from core.model.land import Boundary
from land.crs import transformer
from land.datum_mistakes import Mistake, Reading, Reference, Status, Verdict, judge
from land.meridians import TM3_ZONES
from tests.land.made_fields import M_PER_DEG, fields, grid, metres, moved, sprayed
from tests.land.official_shift import file_numbers, from_wgs84, shifted, to_wgs84
from tests.support.shared import shared

HAMLET = grid(105.725, 9.285, 6, 5, 70.0, seed=3)
NAMES = tuple(f"plot-{n}" for n in range(200))
ONE = Mistake


def judged(
    raw: Sequence[Boundary], stated: str, references: Sequence[Reference], ids: Sequence[str] = (), **options: Any
) -> Verdict:
    """The verdict on file coordinates."""
    source = Reading(stated, **options).to_wgs84()
    return judge([source.geometry(one) for one in raw], source, raw, references, ids=ids)


def named(plots: Sequence[Boundary]) -> Reference:
    return Reference("plots", tuple(plots), NAMES[: len(plots)])


def unnamed(plots: Sequence[Boundary]) -> Reference:
    return Reference("plots", tuple(plots))


def flown(plots: Sequence[Boundary]) -> Reference:
    return Reference("flights", sprayed(plots))


def commune(plots: Sequence[Boundary], radius_m: float = 4_000.0) -> Reference:
    return Reference("commune", (shapely.union_all(list(plots)).centroid.buffer(radius_m / M_PER_DEG),))


# What the file's numbers really are, what they are said to be, what is to be found out, and the offer.
MISTAKES: list[tuple[str, dict[str, Any], str, set[Mistake], str]] = [
    ("EPSG:9207", {}, "EPSG:5897", {ONE.MERIDIAN}, "--crs EPSG:9207"),
    ("EPSG:5897", {}, "EPSG:9207", {ONE.MERIDIAN}, "--crs EPSG:5897"),
    ("EPSG:9209", {}, "EPSG:9210", {ONE.MERIDIAN}, "--crs EPSG:9209"),
    ("EPSG:9217", {}, "EPSG:5897", {ONE.MERIDIAN}, "--crs EPSG:9217"),
    ("EPSG:5897", {"axes": "yx"}, "EPSG:5897", {ONE.AXES}, "--crs EPSG:5897 --axes yx"),
    ("EPSG:9207", {"axes": "yx"}, "EPSG:5897", {ONE.MERIDIAN, ONE.AXES}, "--crs EPSG:9207 --axes yx"),
    ("EPSG:4326", {"axes": "yx"}, "EPSG:4326", {ONE.AXES}, "--crs EPSG:4326 --axes yx"),
    ("EPSG:4756", {"axes": "yx"}, "EPSG:4756", {ONE.AXES}, "--crs EPSG:4756 --axes yx"),
    ("EPSG:5897", {"twin": True}, "EPSG:5897", {ONE.FALSE_ORIGIN}, "--crs EPSG:5897 --false-origin swapped"),
    ("EPSG:9207", {}, "EPSG:3405", {ONE.PROJECTION}, "--crs EPSG:9207"),
    ("EPSG:9207", {}, "EPSG:3857", {ONE.PROJECTION}, "--crs EPSG:9207"),
    ("EPSG:5897", {}, "EPSG:4326", {ONE.PROJECTION}, "--crs EPSG:5897"),
]
FINE_MISTAKES: list[tuple[str, dict[str, Any], str, set[Mistake], str]] = [
    ("EPSG:3405", {}, "EPSG:32648", {ONE.DATUM}, "--crs EPSG:3405"),
    ("EPSG:32648", {}, "EPSG:3405", {ONE.DATUM}, "--crs EPSG:32648"),
    ("EPSG:4756", {}, "EPSG:4326", {ONE.DATUM}, "--crs EPSG:4756"),
    ("EPSG:4326", {}, "EPSG:4756", {ONE.DATUM}, "--crs EPSG:4326"),
    ("EPSG:5897", {"extra_shifts": -1}, "EPSG:5897", {ONE.DATUM}, "--crs EPSG:5897 --datum once-less"),
    ("EPSG:5897", {"extra_shifts": 1}, "EPSG:5897", {ONE.DATUM}, "--crs EPSG:5897 --datum once-more"),
    ("EPSG:4326", {"extra_shifts": -1}, "EPSG:4326", {ONE.DATUM}, "--crs EPSG:4326 --datum once-less"),
    ("EPSG:5897", {}, "EPSG:3405", {ONE.PROJECTION}, "--crs EPSG:5897"),
    ("EPSG:3405", {}, "EPSG:5897", {ONE.PROJECTION}, "--crs EPSG:3405"),
    ("EPSG:5897", {}, "EPSG:32648", {ONE.PROJECTION, ONE.DATUM}, "--crs EPSG:5897"),
    ("EPSG:9207", {"extra_shifts": -1}, "EPSG:5897", {ONE.MERIDIAN, ONE.DATUM}, "--crs EPSG:9207 --datum once-less"),
]


@pytest.mark.parametrize("reference", [named, unnamed, flown], ids=["by id", "by overlap", "by flights"])
@pytest.mark.parametrize(("truth", "how", "stated", "causes", "offer"), MISTAKES + FINE_MISTAKES)
def test_old_plots_and_flights_tell_every_mistake(
    *, reference: Any, truth: str, how: dict[str, Any], stated: str, causes: set[Mistake], offer: str
) -> None:
    raw = file_numbers(HAMLET, truth, **how)
    verdict = judged(raw, stated, [reference(HAMLET)], NAMES[: len(raw)])
    assert verdict.status is Status.REFUSED, verdict.words
    assert set(verdict.mistakes) == causes
    assert verdict.offer is not None
    assert verdict.offer.options() == offer
    assert offer in verdict.words
    right = verdict.offer.to_wgs84()
    for one, there in zip(raw, HAMLET, strict=True):
        assert right.geometry(one).hausdorff_distance(there) * M_PER_DEG < 0.001


@pytest.mark.parametrize(("truth", "how", "stated", "causes", "offer"), MISTAKES)
def test_the_commune_tells_the_coarse_ones(
    truth: str, how: dict[str, Any], stated: str, causes: set[Mistake], offer: str
) -> None:
    verdict = judged(file_numbers(HAMLET, truth, **how), stated, [commune(HAMLET)])
    assert verdict.status is Status.REFUSED
    assert verdict.offer is not None, verdict.words
    assert (set(verdict.mistakes), verdict.offer.options()) == (causes, offer)


@pytest.mark.parametrize(("truth", "how", "stated", "causes", "offer"), FINE_MISTAKES[:8])
def test_the_commune_does_not_claim_to_tell_a_lost_datum(
    truth: str, how: dict[str, Any], stated: str, causes: set[Mistake], offer: str
) -> None:
    verdict = judged(file_numbers(HAMLET, truth, **how), stated, [commune(HAMLET)])
    assert verdict.status is Status.OK
    assert verdict.fine_m > 225.0
    assert "225 m of a lost datum" in verdict.words


def test_words_say_how_far_which_way_why_and_what_to_write() -> None:
    raw = file_numbers(HAMLET, "EPSG:5897")
    verdict = judged(raw, "EPSG:9207", [named(HAMLET)], NAMES[: len(raw)])
    assert "54.9 km too far west" in verdict.words
    assert "the central meridian is 105°00', not 104°30'" in verdict.words
    assert verdict.words.endswith("Read it with --crs EPSG:5897")
    verdict = judged(file_numbers(HAMLET, "EPSG:4756"), "EPSG:4326", [named(HAMLET)], NAMES[: len(raw)])
    assert "225 m too far north-west" in verdict.words
    assert "the shift to WGS 84 was left out" in verdict.words
    verdict = judged(file_numbers(HAMLET, "EPSG:5897"), "EPSG:4326", [commune(HAMLET)])
    assert "nowhere on Earth" in verdict.words


def test_axes_that_were_exchanged_on_demand_and_should_not_have_been() -> None:
    verdict = judged(file_numbers(HAMLET, "EPSG:5897"), "EPSG:5897", [commune(HAMLET)], axes="yx")
    assert verdict.status is Status.REFUSED
    assert verdict.options == ("--crs EPSG:5897 --axes xy",)
    assert verdict.options[0] in verdict.words


def test_a_prj_with_names_of_its_own_is_judged_as_what_it_is() -> None:
    raw = file_numbers(HAMLET, "EPSG:9207")
    wkt = CRS(5897).to_wkt("WKT1_ESRI").replace("VN_2000_TM-3_zone_482", "Bac_Lieu")
    verdict = judged(raw, wkt, [named(HAMLET)], NAMES[: len(raw)])
    assert verdict.mistakes == (Mistake.MERIDIAN,)
    assert "not 105°00'" in verdict.words


# --- no alarm ---------------------------------------------------------------------------------------------------------


def redrawn(plots: Sequence[Boundary], share: float = 0.3) -> list[Boundary]:
    """A share of the plots with a corner cut off, so that a third of each is gone."""
    made: list[Boundary] = list(plots)
    for row in range(round(share * len(made))):
        west, south, east, north = made[row].bounds
        left = made[row].intersection(box(west, south, west + 0.65 * (east - west), north))
        made[row] = left if isinstance(left, Polygon) else made[row]
    return made


EDITS: dict[str, Any] = {
    "nothing": list,
    "every plot moved by 3 m": lambda plots: [moved(one, 2.0, -2.2) for one in plots],
    "one plot moved by 40 m": lambda plots: [moved(plots[0], 40.0, 5.0), *plots[1:]],
    "30 % of boundaries changed": redrawn,
    "every boundary changed": lambda plots: redrawn(plots, 1.0),
    "half the plots given up": lambda plots: plots[::2],
    "a single plot": lambda plots: plots[:1],
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
@pytest.mark.parametrize("crs", ["EPSG:5897", "EPSG:9207", "EPSG:32648", "EPSG:4326"])
def test_genuine_edits_raise_no_alarm(crs: str, edit: Any) -> None:
    new = edit(HAMLET)
    ids = NAMES[: len(new)] if new[1:2] != HAMLET[2:3] else NAMES[: len(HAMLET) : 2]
    for references in (
        [named(HAMLET)],
        [unnamed(HAMLET)],
        [flown(HAMLET[:6]), commune(HAMLET)],
        [named(HAMLET), flown(HAMLET), commune(HAMLET)],
    ):
        verdict = judged(file_numbers(new, crs), crs, references, ids)
        assert verdict.status is not Status.REFUSED, verdict.words
    assert verdict.status is Status.OK


def test_new_plots_beside_the_old_ones_raise_no_alarm() -> None:
    new = grid(105.731, 9.283, 4, 4, 65.0, seed=9)
    ids = [f"new-{n}" for n in range(len(new))]
    raw = file_numbers(new, "EPSG:5897")
    assert judged(raw, "EPSG:5897", [named(HAMLET)], ids).status is Status.UNSURE
    assert judged(raw, "EPSG:5897", [named(HAMLET), commune(HAMLET)], ids).status is Status.OK
    both = file_numbers([*HAMLET, new[0]], "EPSG:5897")
    assert judged(both, "EPSG:5897", [named(HAMLET)], [*NAMES[: len(HAMLET)], "new"]).status is Status.OK


def test_running_numbers_of_another_hamlet_are_not_taken_for_the_same_plots() -> None:
    elsewhere = grid(105.9, 9.31, 6, 5, 80.0, seed=8)
    ids = [str(n) for n in range(len(elsewhere))]
    registered = Reference("plots", tuple(HAMLET), tuple(str(n) for n in range(len(HAMLET))))
    verdict = judged(file_numbers(elsewhere, "EPSG:5897"), "EPSG:5897", [registered], ids)
    assert verdict.status is Status.UNSURE
    assert "no known mistake" in verdict.words or "cover none" in verdict.words


def test_fields_that_belong_to_the_next_commune_raise_no_alarm() -> None:
    west = Reference("commune", (box(105.6, 9.2, 105.7265, 9.4),))
    assert 0 < sum(one.centroid.x > 105.7265 for one in HAMLET) < len(HAMLET)
    assert judged(file_numbers(HAMLET, "EPSG:5897"), "EPSG:5897", [west]).status is Status.OK
    beside = Reference("commune", (box(105.6, 9.2, 105.715, 9.4),))
    assert judged(file_numbers(HAMLET, "EPSG:5897"), "EPSG:5897", [beside]).status is Status.OK


def test_half_a_metre_of_another_shift_is_below_what_fields_tell() -> None:
    other = Transformer.from_pipeline("urn:ogc:def:coordinateOperation:EPSG::5194")

    def by_5194(points: Any) -> Any:
        lat, lon = other.transform(points[:, 1], points[:, 0])
        return np.column_stack([lon, lat])

    wrong = [shapely.transform(one, lambda p: by_5194(shifted(p, -1))) for one in HAMLET]
    assert 0.5 < wrong[0].centroid.distance(HAMLET[0].centroid) * M_PER_DEG < 1.2
    raw = file_numbers(wrong, "EPSG:5897")
    verdict = judged(raw, "EPSG:5897", [named(HAMLET), flown(HAMLET)], NAMES[: len(raw)])
    assert verdict.status is Status.OK


def test_fields_as_alike_as_bricks_are_not_taken_for_each_other() -> None:
    width, height = metres(np.array([195.6 / 4.0, 112.2 / 2.0]), 9.285)
    pitch = np.array([width, height])
    bricks = [
        box(*(np.array([105.72, 9.28]) + pitch * (c, r)), *(np.array([105.72, 9.28]) + pitch * (c + 0.96, r + 0.96)))
        for c in range(12)
        for r in range(8)
    ]
    beyond = [shapely.transform(one, lambda p: p + pitch * (12, -6)) for one in bricks]
    for crs in ("EPSG:4326", "EPSG:4756"):
        verdict = judged(file_numbers(beyond, crs), crs, [unnamed(bricks)])
        assert verdict.status is not Status.REFUSED, verdict.words


def test_land_that_was_never_flown_is_not_moved_under_the_flights_of_another_village() -> None:
    here = grid(105.725, 9.285, 12, 12, 60.0, seed=5)
    lon, lat = to_wgs84("EPSG:9209", from_wgs84("EPSG:5897", np.array([[105.7275, 9.2875]])))[0]
    village = grid(lon, lat, 5, 5, 90.0, seed=6)
    verdict = judged(file_numbers(here, "EPSG:5897"), "EPSG:5897", [flown(village)])
    assert verdict.status is Status.UNSURE, verdict.words


# --- nothing can tell -------------------------------------------------------------------------------------------------


def test_fields_with_a_corner_outside_the_reach_of_the_crs_are_no_reason_to_stop() -> None:
    raw = [*file_numbers(HAMLET, "EPSG:5897"), box(1e12, 1e12, 2e12, 2e12)]
    for reference in (commune(HAMLET), unnamed(HAMLET), named(HAMLET), flown(HAMLET)):
        assert judged(raw, "EPSG:9207", [reference], NAMES[: len(raw)]).offer == Reading("EPSG:5897"), reference.kind


def test_without_references_nothing_is_claimed() -> None:
    raw = file_numbers(HAMLET, "EPSG:5897")
    for references in ([], [Reference("plots", ())], [Reference("flights", (Point(105.725, 9.285),) * 5)]):
        verdict = judged(raw, "EPSG:5897", references)
        assert verdict.status is Status.UNSURE
        assert verdict.words
        assert (verdict.mistakes, verdict.offers, verdict.offer) == ((), (), None)


def test_a_layer_astray_for_no_known_reason_is_unsure() -> None:
    raw = file_numbers([moved(one, 9_000.0, 4_000.0) for one in HAMLET], "EPSG:5897")
    verdict = judged(raw, "EPSG:5897", [commune(HAMLET), named(HAMLET)], NAMES[: len(raw)])
    assert verdict.status is Status.UNSURE
    assert "no known mistake" in verdict.words


def test_registered_plots_that_contradict_the_flights_are_named_instead_of_the_layer() -> None:
    registered_wrong = [shapely.transform(one, lambda p: shifted(p, 1)) for one in HAMLET]
    raw = file_numbers(HAMLET, "EPSG:5897")
    verdict = judged(raw, "EPSG:5897", [named(registered_wrong), flown(HAMLET)], NAMES[: len(raw)])
    assert verdict.status is Status.UNSURE
    assert "the plots contradict the flights" in verdict.words


def test_where_several_zones_would_do_all_are_offered_and_none_is_chosen() -> None:
    province = Reference("province", (box(104.9, 9.0, 105.9, 9.6),))
    raw = file_numbers(HAMLET, "EPSG:5897")
    verdict = judged(raw, "EPSG:9218", [province])
    assert verdict.status is Status.REFUSED or verdict.status is Status.UNSURE
    verdict = judged(file_numbers(HAMLET, "EPSG:9218"), "EPSG:5897", [province])
    assert verdict.status is Status.REFUSED
    assert verdict.offer is None
    assert {reading.crs for reading in verdict.offers} > {"EPSG:9218"}
    assert "Ask whoever made the file" in verdict.words


def test_vietnam_alone_tells_exchanged_axes() -> None:
    vietnam = Reference("vietnam", (box(102.1, 8.3, 109.6, 23.4),))
    for crs in ("EPSG:5897", "EPSG:4326"):
        verdict = judged(file_numbers(HAMLET, crs, axes="yx"), crs, [vietnam])
        assert verdict.offer == Reading(crs, "yx"), verdict.words


def test_sequences_that_do_not_go_together() -> None:
    source = transformer("EPSG:4326")
    for layer, raw, ids in ((HAMLET[:2], HAMLET[:3], ()), ((), (), ()), (HAMLET[:2], HAMLET[:2], ("a",))):
        with pytest.raises(ValueError, match="plots in WGS 84"):
            judge(layer, source, raw, [], ids=ids)


# --- by hypothesis ----------------------------------------------------------------------------------------------------

CADASTRE = [zone.crs for zone in TM3_ZONES if 104.0 < zone.meridian_deg < 108.0]


@settings(max_examples=60, deadline=None)
@given(
    plots=fields(),
    crs=st.sampled_from([*CADASTRE, "EPSG:3405", "EPSG:32648", "EPSG:4326", "EPSG:4756"]),
    data=st.data(),
)
def test_a_true_layer_is_never_refused(plots: list[Polygon], crs: str, data: st.DataObject) -> None:
    edits = st.sampled_from(list(EDITS.values()))
    new = data.draw(edits)(plots)
    ids = [NAMES[min(range(len(plots)), key=lambda n: plots[n].distance(one.centroid))] for one in new]
    known = data.draw(st.integers(1, len(plots)))
    references = [
        named(plots[:known]),
        unnamed(plots[:known]),
        flown(plots[: data.draw(st.integers(1, len(plots)))]),
        commune(plots, radius_m=data.draw(st.floats(50.0, 4_000.0))),
    ]
    raw = file_numbers(new, crs)
    for one in references:
        verdict = judged(raw, crs, [one], ids)
        assert verdict.status is not Status.REFUSED, (one.kind, verdict.words)
    assert judged(raw, crs, references, ids).status is Status.OK


@settings(max_examples=60, deadline=None)
@given(plots=fields(), pair=st.permutations(CADASTRE), axes=st.sampled_from(["xy", "yx"]), change=st.booleans())
def test_a_wrong_zone_is_refused_with_the_right_one(
    plots: list[Polygon], pair: Sequence[str], axes: str, *, change: bool
) -> None:
    truth, stated = pair[:2]
    raw = file_numbers(redrawn(plots) if change else plots, truth, axes=axes)
    for reference in (named(plots), commune(plots)):
        verdict = judged(raw, stated, [reference], NAMES[: len(raw)])
        assert verdict.status is Status.REFUSED, (reference.kind, verdict.words)
        assert verdict.offer == Reading(truth, "yx" if axes == "yx" else "xy"), (reference.kind, verdict.words)


@settings(max_examples=60, deadline=None)
@given(
    plots=fields(),
    crs=st.sampled_from([*CADASTRE, "EPSG:4756", "EPSG:4326", "EPSG:3405"]),
    extra=st.sampled_from([-1, 1]),
    change=st.booleans(),
)
def test_a_lost_datum_is_refused(plots: list[Polygon], crs: str, extra: int, *, change: bool) -> None:
    assume(len(plots) >= 8)
    raw = file_numbers(redrawn(plots) if change else plots, crs, extra_shifts=extra)
    verdict = judged(raw, crs, [named(plots)], NAMES[: len(raw)])
    assert verdict.status is Status.REFUSED, verdict.words
    assert verdict.mistakes == (Mistake.DATUM,)
    assert verdict.offer is not None
    right = verdict.offer.to_wgs84().geometry(raw[-1])
    assert right.centroid.distance(plots[-1].centroid) * M_PER_DEG < 0.01
    by_flights = judged(raw, crs, [flown(plots)])  # some hamlets are too small or too regular to tell by flights
    assert by_flights.status is not Status.OK, by_flights.words
    assert by_flights.mistakes in ((), (Mistake.DATUM,))
    assert by_flights.offer in (None, verdict.offer)


# --- real places ------------------------------------------------------------------------------------------------------

WARDS = {
    "14_ganh_hao_xa": "EPSG:5897",
    "20_hong_dan_xa": "EPSG:5897",
    "34_ninh_quoi_xa": "EPSG:5897",
    "3_bac_lieu_phuong": "EPSG:5897",
    "64_vinh_trach_phuong": "EPSG:5897",
}


def ward(name: str) -> Boundary:
    geometry = json.loads(shared(f"vietnam/camau_ward_{name}.geojson").read_text(encoding="utf-8"))
    found = shapely.from_geojson(json.dumps(geometry))
    assert isinstance(found, shapely.GeometryCollection)
    shape = found.geoms[0]
    assert isinstance(shape, Polygon | MultiPolygon)
    return shape


@pytest.mark.parametrize("name", WARDS)
def test_real_communes_of_old_bac_lieu_tell_a_file_read_as_ca_mau(name: str) -> None:
    shape = ward(name)
    at = shape.representative_point()
    plots = grid(at.x, at.y, 5, 4, 60.0, seed=2)
    here = Reference("commune", (shape,))
    raw = file_numbers(plots, "EPSG:5897")
    assert judged(raw, "EPSG:5897", [here]).status is Status.OK
    verdict = judged(raw, "EPSG:9207", [here])
    assert verdict.offer == Reading("EPSG:5897")
    assert verdict.mistakes == (Mistake.MERIDIAN,)
    verdict = judged(file_numbers(plots, "EPSG:5897", axes="yx"), "EPSG:9207", [here])
    assert verdict.offer == Reading("EPSG:5897", "yx")


def real_fields() -> list[Boundary]:
    _, _, wkb, _ = pyogrio.raw.read(shared("fields/fiboa_1_vietnam_areas.gpkg"))
    way = transformer("EPSG:32648")
    return [way.geometry(one) for one in shapely.from_wkb(wkb)]


@pytest.mark.parametrize("reference", [named, unnamed, flown], ids=["by id", "by overlap", "by flights"])
def test_the_hundred_real_fields(reference: Any) -> None:
    plots = real_fields()
    for truth, how, stated, causes, offer in [*MISTAKES, *FINE_MISTAKES]:
        raw = file_numbers(plots, truth, **how)
        verdict = judged(raw, stated, [reference(plots)], NAMES[: len(raw)])
        assert (verdict.status, set(verdict.mistakes)) == (Status.REFUSED, causes), (truth, stated, verdict.words)
        assert [reading.options() for reading in verdict.offers] == [offer]
    for crs in ("EPSG:9209", "EPSG:9210", "EPSG:32648", "EPSG:4756"):
        for edit in EDITS.values():
            new = edit(plots)
            ids = NAMES[: len(plots) : 2] if len(new) == len(plots) // 2 else NAMES[: len(new)]
            verdict = judged(file_numbers(new, crs), crs, [reference(plots)], ids)
            assert verdict.status is not Status.REFUSED, verdict.words
