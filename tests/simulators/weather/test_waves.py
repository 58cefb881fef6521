from __future__ import annotations

import ast
import math
from pathlib import Path

import numpy as np
import pytest

import simulators
from simulators.weather.waves import along, cosine, restless, sine

TURNS = np.linspace(-40.0, 40.0, 100_001)
ROOT = Path(simulators.__file__).parent
FORBIDDEN = {
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "exp", "log", "log10", "power", "hypot", "dot",
    "einsum", "degrees", "radians", "interp", "linalg", "matmul", "float_power", "cbrt",
}  # fmt: skip


def test_sine_and_cosine_are_what_they_are_called() -> None:
    assert np.abs(sine(TURNS) - np.sin(2.0 * math.pi * TURNS)).max() < 2e-11
    assert np.abs(cosine(TURNS) - np.cos(2.0 * math.pi * TURNS)).max() < 2e-11


def test_between_knots_is_linear_and_beyond_them_holds() -> None:
    knots = np.array([1.0, 3.0, -1.0])
    ts = np.array([0, 1_000, 1_250, 2_000, 2_500, 3_000, 9_000], dtype=np.int64)
    assert along(knots, 1_000, 1_000, ts).tolist() == [1.0, 1.0, 1.5, 3.0, 1.0, -1.0, -1.0]
    assert along(np.array([5.0]), 0, 1_000, ts).tolist() == [5.0] * 7


def test_unrest_has_about_its_deviation_and_changes_slowly() -> None:
    noise = restless(200_000, 2.0, (10, 100), np.random.default_rng(1))
    assert 1.7 < noise.std() < 2.3
    assert abs(noise.mean()) < 0.2
    assert np.abs(np.diff(noise)).max() < 2.0


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(ROOT.rglob("*.py")) if "scoring" not in path.parts],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_no_function_is_used_that_differs_between_processors(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np"
    }
    assert not used & FORBIDDEN
    operations = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp)]
    assert not any(isinstance(node.op, ast.MatMult) for node in operations)
    powers = [node for node in operations if isinstance(node.op, ast.Pow)]
    assert all(isinstance(node.left, ast.Constant) for node in powers)  # 2**53 is exact
