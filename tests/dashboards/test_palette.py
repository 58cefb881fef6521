"""The palette is readable in sunlight and to colour-blind people: measured, not felt."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from dashboards import palette

WHITE, DARK = "#FFFFFF", "#181B1F"
"""Grounds of Grafana's panels."""
SIGHT: dict[str, list[list[float]]] = {
    "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
"""Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB. doi:10.1109/TVCG.2009.113"""
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = np.array([0.9505, 1.0, 1.089])


def linear(color: str) -> Any:
    """Linear RGB, shape (3,)."""
    told = np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)]) / 255.0
    return np.where(told <= 0.04045, told / 12.92, ((told + 0.055) / 1.055) ** 2.4)


def luminance(color: str) -> float:
    return float(linear(color) @ _XYZ[1])


def lab(rgb: Any) -> Any:
    """CIELAB of linear RGB, shape (3,)."""
    told = _XYZ @ np.clip(rgb, 0.0, 1.0) / _WHITE
    f = np.where(told > 0.008856, np.cbrt(told), 7.787 * told + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("color", palette.ALL)
@pytest.mark.parametrize("ground", [WHITE, DARK])
def test_every_colour_stands_out_from_both_grounds(color: str, ground: str) -> None:
    low, high = sorted((luminance(color), luminance(ground)))
    assert (high + 0.05) / (low + 0.05) >= 3.0


@pytest.mark.parametrize(
    ("sight", "least"), [("normal", 17.0), ("protanopia", 17.0), ("deuteranopia", 17.0), ("tritanopia", 11.0)]
)
def test_any_two_colours_differ_to_everybody(sight: str, least: float) -> None:
    seen = {color: lab(np.array(SIGHT[sight]) @ linear(color)) for color in palette.ALL}
    for one, other in itertools.combinations(palette.ALL, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= least, f"{one} and {other} look alike"
