"""Rules of the spray window as a department writes them: what is not named has its default, what is wrong is named."""

from __future__ import annotations

import tomllib

import pytest

from core.errors import ConfigError
from core.model.context import Cause, Window
from geo.context.rules import SprayRules, rules_from
from geo.context.weather import Search
from geo.context.window import Limits, judge
from tests.geo.context.made import fair

WRITTEN = """
[limits]
strong_mps = 3.5
delta_t_red_high = inf
required = ["wind-unknown"]

[search]
max_distance_m = 5000

[products."BVTV-1"]
fresh_mps = 1.0
"""


def test_nothing_written_is_what_is_suggested() -> None:
    assert rules_from({}) == SprayRules()
    assert SprayRules().of("anything") == Limits()


def test_what_is_written_counts_and_the_rest_has_its_default() -> None:
    rules = rules_from(tomllib.loads(WRITTEN))
    assert rules.search == Search(max_distance_m=5000.0)
    assert rules.limits == Limits(strong_mps=3.5, required=frozenset((Cause.WIND_UNKNOWN,)))
    assert rules.of("BVTV-1") == Limits(strong_mps=3.5, fresh_mps=1.0, required=frozenset((Cause.WIND_UNKNOWN,)))
    assert rules.of("") == rules.of("BVTV-2") == rules.limits
    weather = fair(wind_mps=2.0)
    assert [judge(weather, rules.of(name)).window for name in ("", "BVTV-1")] == [Window.GREEN, Window.AMBER]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("[limit]\nstrong_mps = 1.0", "limit is not known; there are: limits, search, products"),
        ("[limits]\nstrong = 1.0", "limits.strong is not known"),
        ("[limits]\nstrong_mps = '4'", "limits.strong_mps must be a number, not '4'"),
        ("[limits]\nstrong_mps = true", "limits.strong_mps must be a number"),
        ("[limits]\nstrong_mps = nan", "limits.strong_mps must be a number"),
        ("[limits]\nstrong_mps = 7.0", r"limits.strong_mps \(7\) is over stop_mps \(6\)"),
        ("[limits]\nrequired = ['wind-low']", "limits.required must be a list of"),
        ("limits = 3", "limits must be a table of keys, not 3"),
        ("[search]\nmax_age_s = 0", "search.max_age_s must be over 0, not 0"),
        ("[products.a]\ngust_mps = 9.0", r"products.a.gust_mps \(9\) is over gust_stop_mps"),
        ("[products]\na = 1", "products.a must be a table"),
    ],
)
def test_what_is_wrong_is_named(written: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        rules_from(tomllib.loads(written))
