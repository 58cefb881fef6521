"""Every bad file against what is said of it, word by word."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import CanhdongError
from land.fieldfile import examine, read_plots
from tests.golden.land.case import Case
from tests.golden.land.cases import CASES


def _by_name(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", CASES, ids=_by_name)
def test_what_is_said_of_a_bad_file(tmp_path: Path, case: Case) -> None:
    path = case.make(tmp_path)
    if case.error:
        with pytest.raises(CanhdongError) as raised:
            examine(path, **case.arguments)
        assert str(raised.value).replace(str(path), "{path}") == case.error
        return
    found = examine(path, **case.arguments)
    assert tuple((f.plot, str(f.status), f.reason) for f in found.features) == case.features
    assert found.problems == case.problems
    assert [f.feature for f in found.features] == list(range(1, len(case.features) + 1))


@pytest.mark.parametrize("case", [c for c in CASES if c.features], ids=_by_name)
def test_plots_are_the_features_that_are_not_refused(tmp_path: Path, case: Case) -> None:
    path = case.make(tmp_path)
    found = examine(path, **case.arguments)
    good = [f for f in found.features if f.status != "refused"]
    assert all(f.made is not None and f.made.boundary.is_valid and f.area_m2 > 0.0 for f in good)
    assert all(f.made is None and f.reason for f in found.features if f not in good)
    if not good:
        with pytest.raises(CanhdongError, match="holds no polygons"):
            read_plots(path, **case.arguments)
        return
    file = read_plots(path, **case.arguments)
    assert [p.plot for p in file.plots] == [f.plot for f in good]
    for feature in found.features:
        assert not feature.reason or any(
            p.endswith(f"feature {feature.feature} {feature.reason}") for p in file.problems
        )


def test_there_are_cases_of_each_kind() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 30
    assert sum(bool(case.error) for case in CASES) >= 15
    assert all(bool(case.error) != bool(case.features) for case in CASES)
