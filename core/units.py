"""Units at the edges: the model holds SI-based units only, these convert what people and machines write.

Areas are kept in m² and shown in ha and công. A southern *công* is 1,000 m², an older one (*tầm lớn*) 1,296 m²; the
North's *sào* is 360 m², the Centre's 500 m²; ten of each make a *mẫu* (domain facts, 1.6). A Chinese *mu* is 1/15 ha,
fifteen times smaller than the *mẫu* of the Mekong delta (1 ha): drone makers export mu, and it has to be named.
"""

from __future__ import annotations

import math
from typing import Final

M2_PER_HA: Final = 10_000.0
M2_PER_CONG: Final = 1_000.0
M2_PER_MU: Final = M2_PER_HA / 15.0
M_PER_FT: Final = 0.3048
MPS_PER_MPH: Final = 0.44704
MPS_PER_KMH: Final = 1.0 / 3.6
MPS_PER_KNOT: Final = 1852.0 / 3600.0
M_PER_DEG: Final = 111_320.0
"""Metres in a degree of latitude, to half a percent: to judge widths and distances by, never to measure with."""

CONG_SIZES: Final = {"south": 1_000.0, "south-large": 1_296.0, "centre": 500.0, "north": 360.0}
"""Sizes of a công (a sào, in the North and the Centre) in m², by region."""
_M2: Final = {"m2": 1.0, "m²": 1.0, "ha": M2_PER_HA, "mu-cn": M2_PER_MU, "km2": 1_000_000.0, "km²": 1_000_000.0}
_CONG: Final = {"cong": 1.0, "công": 1.0, "sao": 1.0, "sào": 1.0, "mau": 10.0, "mẫu": 10.0}
_AMOUNTS: Final = {"l": ("L", 1.0), "ml": ("L", 0.001), "kg": ("kg", 1.0), "g": ("kg", 0.001)}


def ha(area_m2: float) -> float:
    """Area in hectares."""
    return area_m2 / M2_PER_HA


def cong(area_m2: float, m2_per_cong: float = M2_PER_CONG) -> float:
    """Area in công, of 1,000 m² unless the cooperative uses another size."""
    return area_m2 / m2_per_cong


def m2_per(unit: str, m2_per_cong: float = M2_PER_CONG) -> float:
    """How many m² an area unit has.

    Args:
        unit: ``m2``, ``ha``, ``km2``, ``cong`` (or ``sao``), ``mau`` (ten of them), or the Chinese ``mu-cn``.
        m2_per_cong: The công that the cooperative reckons in.

    Raises:
        ValueError: It is no unit, or a bare ``mu``, which may be either of two that differ fifteen times.
    """
    name = unit.strip().casefold()
    if name == "mu":
        raise ValueError("mu: write mu-cn for the Chinese mu (666.7 m²), mau for the Vietnamese mẫu (10 công)")
    if name in _M2:
        return _M2[name]
    if name in _CONG:
        return _CONG[name] * m2_per_cong
    raise ValueError(f"{unit!r} is no unit of area; write one of {', '.join((*_M2, *_CONG))}")


def dose_per_ha(dose: float, unit: str, m2_per_cong: float = M2_PER_CONG) -> tuple[float, str]:
    """A dose such as 2 L/cong as L/ha or kg/ha.

    Args:
        dose: How much.
        unit: An amount (L, ml, kg, g), a stroke, and a unit of area.
        m2_per_cong: The công that the cooperative reckons in.

    Returns:
        The dose, and ``L/ha`` or ``kg/ha``.

    Raises:
        ValueError: It is no dose.
    """
    amount, stroke, area = unit.partition("/")
    if not stroke or amount.strip().casefold() not in _AMOUNTS:
        raise ValueError(f"{unit!r} is no dose; write L/ha, kg/ha, L/cong, ml/m2 ...")
    if not (math.isfinite(dose) and dose > 0.0):
        raise ValueError(f"a dose of {dose:g} {unit} is none")
    word, factor = _AMOUNTS[amount.strip().casefold()]
    return dose * factor * M2_PER_HA / m2_per(area, m2_per_cong), f"{word}/ha"


def flow_lpm(dose_lpha: float, speed_mps: float, swath_m: float) -> float:
    """Flow in L/min that lays a dose: dose [L/ha] × speed [m/s] × swath [m] × 0.006 (60 s/min over 10,000 m²/ha)."""
    return dose_lpha * speed_mps * swath_m * 60.0 / M2_PER_HA


def dose_lpha(volume_l: float, area_m2: float) -> float:
    """Mean dose in L/ha, or NaN where no area was treated."""
    return volume_l / ha(area_m2) if area_m2 > 0.0 else float("nan")
