"""What is written over what is kept: afterwards what stands is what counts, in stores that replace and that merge."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from core.model.figures import Figures, Key, Value
from geo.figures.settling import STANDS, settled, standing_row


def row(ts_ms: int = 0, device: str = "d1", **values: Value) -> Figures:
    return standing_row("flight", ts_ms, {"device": device}, values)


def test_a_row_that_stands_says_so_and_leaves_out_what_nobody_knows() -> None:
    made = standing_row("flight", 5, {"device": "d1", "plot": ""}, {"net_ha": 1.0, "volume_l": math.nan, "job": ""})
    assert made == Figures("flight", 5, {"device": "d1"}, {"stands": 1.0, "net_ha": 1.0, "job": ""})


def test_what_is_kept_already_is_not_written_again() -> None:
    assert settled([row(net_ha=1.0)], [row(net_ha=1.0)]) == []
    assert settled([], [row(net_ha=1.0)]) == [row(net_ha=1.0)]


def test_a_figure_that_is_lost_becomes_nothing() -> None:
    (written,) = settled([row(net_ha=1.0, volume_l=2.0, grade="A")], [row(net_ha=1.0)])
    assert written.values == {"stands": 1.0, "net_ha": 1.0, "volume_l": 0.0, "grade": ""}
    assert settled([written], [row(net_ha=1.0)]) == []


def test_a_row_that_is_no_more_keeps_its_texts_and_its_place() -> None:
    (written,) = settled([row(net_ha=1.0, flight="f1", lat=9.5, lon=105.5)], [])
    assert written.values == {"stands": 0.0, "net_ha": 0.0, "flight": "f1", "lat": 9.5, "lon": 105.5}
    assert settled([written], []) == []
    assert settled([written], [row(net_ha=2.0)])[0].values["stands"] == 1.0


_values = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.floats(1.0, 9.0), max_size=3)
_days = st.dictionaries(st.tuples(st.integers(0, 2), st.sampled_from(["d1", "d2"])), _values, max_size=4)


@given(st.lists(_days, min_size=1, max_size=5))
def test_however_often_results_change_the_last_ones_stand(
    courses: list[dict[tuple[int, str], dict[str, float]]],
) -> None:
    replaced: dict[Key, Figures] = {}
    merged: dict[Key, Figures] = {}
    for course in courses:
        fresh = [row(ts_ms, device, **values) for (ts_ms, device), values in course.items()]
        for store in (replaced, merged):
            for it in settled(store.values(), fresh):
                old = dict(store[it.key].values) if store is merged and it.key in store else {}
                store[it.key] = Figures(it.measurement, it.ts_ms, it.tags, old | dict(it.values))
            assert settled(store.values(), fresh) == []
    assert replaced == merged
    standing = {key: it for key, it in merged.items() if it.values[STANDS] == 1.0}
    wanted = {it.key: it for it in fresh}
    assert standing.keys() == wanted.keys()
    for key, it in standing.items():
        assert {n: v for n, v in it.values.items() if v} == dict(wanted[key].values)
    assert all(set(it.values.values()) == {0.0} for key, it in merged.items() if key not in standing)
