"""What is compiled finds what is found column by column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.fixtable import FixTable, Labels
from geo import merging, passes
from geo.cleaning import Cleaned
from geo.merging import Amounts
from geo.parameters import Parameters
from geo.passes import Steps, treated_steps

COLUMNS = ("row", "x0", "y0", "x1", "y1", "dt_s", "bridged", "run", "start_ms")


@st.composite
def tables(draw: Any) -> tuple[Cleaned, Any, Any]:
    """Rows with gaps, breaks, switches, boots and speeds that are told or not, in order of time."""
    n = draw(st.integers(0, 40))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    step_ms = draw(st.sampled_from([100, 200, 1_000, 3_000]))
    ts_ms = np.cumsum(np.where(rng.random(n) < 0.2, rng.integers(1, 40_000, n), step_ms))
    x, y = np.cumsum(rng.uniform(0.0, 12.0, n)), np.cumsum(rng.normal(0.0, 2.0, n))
    fixes = FixTable.build(
        ts_ms,
        np.full(n, 9.3),
        np.full(n, 105.7),
        speed_mps=np.where(rng.random(n) < 0.3, np.nan, rng.uniform(0.0, 8.0, n)),
        on=rng.random(n) < 0.8,
        boot=Labels((rng.random(n) < 0.1).cumsum().astype(np.int32) % 3, ("a", "b", "c")),
        flight=Labels((rng.random(n) < 0.05).cumsum().astype(np.int32) % 2, ("", "f")),
    )
    return Cleaned(fixes, rng.random(n) < 0.1, {}), x, y


@settings(max_examples=200, deadline=None)
@given(rows=tables(), assume_on=st.booleans(), bridge_s=st.sampled_from([0.0, 25.0]))
def test_treated_steps(rows: tuple[Cleaned, Any, Any], *, assume_on: bool, bridge_s: float) -> None:
    parameters = Parameters(assume_on=assume_on, bridge_s=bridge_s)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passes, "COMPILES", False)
        plain = treated_steps(*rows, parameters)
        patch.setattr(passes, "COMPILES", True)
        compiled = treated_steps(*rows, parameters)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(compiled, name), getattr(plain, name), err_msg=name)


def test_a_slow_device_s_gaps_go_by_its_own_step() -> None:
    table = FixTable.build(np.arange(5) * 2_000, np.full(5, 9.3), np.full(5, 105.7), on=True)
    steps = treated_steps(Cleaned(table, np.zeros(5, np.bool_), {}), np.arange(5.0), np.zeros(5), Parameters())
    assert len(steps) == 4
    assert not steps.bridged.any()


@settings(max_examples=100, deadline=None)
@given(
    told=st.lists(
        st.tuples(
            st.one_of(st.just(float("nan")), st.just(0.0), st.floats(0.01, 5.0)), st.floats(0.0, 9.0), st.booleans()
        ),
        min_size=1,
        max_size=30,
    )
)
def test_merged_amounts(told: list[tuple[float, float, bool]]) -> None:
    amount, length_m, begins = (np.array(column) for column in zip(*told, strict=True))
    first = np.flatnonzero(np.concatenate([[True], begins[1:].astype(np.bool_)]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "COMPILES", False)
        plain = Amounts.merged(amount, length_m, first)
        patch.setattr(merging, "COMPILES", True)
        compiled = Amounts.merged(amount, length_m, first)
    np.testing.assert_allclose(compiled.total, plain.total, rtol=1e-12)
    np.testing.assert_allclose(compiled.variance, plain.variance, rtol=1e-9, atol=1e-12)


def test_lengths_are_those_between_the_ends() -> None:
    one = np.zeros(1)
    steps = Steps(one.astype(np.int64), one, one, one + 3.0, one + 4.0, one, one > 0.0, one.astype(np.int64), one)
    assert steps.length_m.tolist() == [5.0]
    assert (steps.x1.tolist(), steps.y1.tolist()) == ([3.0], [4.0])
