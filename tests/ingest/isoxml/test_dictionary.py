"""Units: the standard's, and the device's own."""

from __future__ import annotations

import pytest

from ingest.isoxml.dictionary import Presentation, scale_of


@pytest.mark.parametrize(
    ("ddi", "raw", "value"),
    [
        (2, 3_440_000, 0.0344),  # 344 L/ha = 34,400 mm³/m²
        (7, 22_417, 0.022417),  # mg/m²
        (37, 50_000, 0.05),
        (67, 29_000, 29.0),
        (117, 5_503_990, 5_503.99),
        (80, 685, 685.0),
        (351, 1_500, 1.5),
    ],
)
def test_standard_resolutions(ddi: int, raw: int, value: float) -> None:
    assert raw * scale_of(ddi, None).factor == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("ddi", "scale", "unit", "value"),
    [
        (2, 0.0099999998, "L/ha", 34_400 * 0.01 / 1e4),
        (2, 0.01, "gal/ac", 344 * 3.785411784 / 4_046.8564224),
        (7, 0.1, "kg/ha", 3_440 / 1e4),
        (37, 0.01, "l/min", 344 / 60),
        (116, 0.001, "ha", 344_000.0),
        (117, 1.0, "km", 34_400_000.0),
        (81, 0.001, "t", 34_400.0),
        (119, 1.0, "Std", 34_400 * 3_600.0),
        (116, 2.0, "m²", 68_800.0),
    ],
)
def test_the_device_decides_in_which_unit_it_sends(ddi: int, scale: float, unit: str, value: float) -> None:
    found = scale_of(ddi, Presentation(0.0, scale, unit))
    assert 34_400 * found.factor == pytest.approx(value, rel=1e-6)


def test_what_agrees_with_the_standard_needs_no_word() -> None:
    found = scale_of(116, Presentation(0.0, 0.0001, "ha"))
    assert found.factor == 1.0
    assert found.note == ""


def test_a_surprising_unit_is_told() -> None:
    assert "100 times the standard's resolution" in scale_of(2, Presentation(0.0, 0.01, "L/ha")).note


@pytest.mark.parametrize("unit", ["Ballen", "kg/ha", "L/ha/x", "L/bale"])
def test_an_unknown_unit_is_not_used_and_told(unit: str) -> None:
    found = scale_of(2, Presentation(0.0, 0.01, unit))
    assert found.factor == 1e-8
    assert repr(unit) in found.note


@pytest.mark.parametrize("ddi", [1, 67, 135])
def test_set_points_and_geometry_stay_in_standard_units(ddi: int) -> None:
    assert scale_of(ddi, Presentation(5.0, 10.0, "L/ha")) == scale_of(ddi, None)
