"""Units at the edges: the model holds SI-based units only, these convert what people and machines write.

Areas are kept in m² and shown in ha and công. A southern *công* is 1,000 m² (domain facts, 1.6); the North's *sào* is
360 m², the Centre's 500 m². A Chinese *mu* is 1/15 ha, fifteen times smaller than the *mẫu* of the Mekong delta (1 ha):
drone makers' exports are in mu.
"""

from __future__ import annotations

from typing import Final

M2_PER_HA: Final = 10_000.0
M2_PER_CONG: Final = 1_000.0
M2_PER_MU: Final = M2_PER_HA / 15.0
M_PER_FT: Final = 0.3048
MPS_PER_MPH: Final = 0.44704
MPS_PER_KMH: Final = 1.0 / 3.6
MPS_PER_KNOT: Final = 1852.0 / 3600.0


def ha(area_m2: float) -> float:
    """Area in hectares."""
    return area_m2 / M2_PER_HA


def cong(area_m2: float, m2_per_cong: float = M2_PER_CONG) -> float:
    """Area in công, of 1,000 m² unless the cooperative uses another size."""
    return area_m2 / m2_per_cong


def flow_lpm(dose_lpha: float, speed_mps: float, swath_m: float) -> float:
    """Flow in L/min that lays a dose: dose [L/ha] × speed [m/s] × swath [m] × 0.006 (60 s/min over 10,000 m²/ha)."""
    return dose_lpha * speed_mps * swath_m * 60.0 / M2_PER_HA


def dose_lpha(volume_l: float, area_m2: float) -> float:
    """Mean dose in L/ha, or NaN where no area was treated."""
    return volume_l / ha(area_m2) if area_m2 > 0.0 else float("nan")
