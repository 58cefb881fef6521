"""The data dictionary of ISO 11783-11, as far as it is used: numbers (DDI), standard resolutions, and units.

Source: the online data base of ISO 11783-11 (isobus.net). All values are brought to litres, kilograms, metres, square
metres and seconds: a dose is L/m² or kg/m², a flow L/s or kg/s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

VOLUME_PER_AREA_SET, VOLUME_PER_AREA = 1, 2
MASS_PER_AREA_SET, MASS_PER_AREA = 6, 7
COUNT_PER_AREA_SET, COUNT_PER_AREA = 11, 12
VOLUME_PER_TIME_SET, VOLUME_PER_TIME = 36, 37
MASS_PER_TIME_SET, MASS_PER_TIME = 41, 42
WIDTH, WIDTH_DEFAULT, WIDTH_MAX = 67, 68, 70
TOTAL_VOLUME_L, TOTAL_MASS_KG, TOTAL_VOLUME_ML, TOTAL_MASS_G, TOTAL_COUNT = 80, 81, 351, 352, 82
TOTAL_AREA, TOTAL_DISTANCE, TOTAL_TIME = 116, 117, 119
OFFSET_X, OFFSET_Y, OFFSET_Z = 134, 135, 136
WORK_STATE, WORK_STATE_SET = 141, 289
CONDENSED: Final = tuple(range(161, 177))
"""Actual states of sections 1-16, 17-32 ... 241-256, two bits each, the leftmost section in the lowest bits."""
CONDENSED_SET: Final = tuple(range(290, 306))
SPEED: Final = 397

_MM: Final = 1e-3
_STANDARD: Final[dict[int, tuple[str, float]]] = {
    VOLUME_PER_AREA_SET: ("l/m2", 1e-8),  # 0.01 mm³/m²
    VOLUME_PER_AREA: ("l/m2", 1e-8),
    MASS_PER_AREA_SET: ("kg/m2", 1e-6),  # 1 mg/m²
    MASS_PER_AREA: ("kg/m2", 1e-6),
    VOLUME_PER_TIME_SET: ("l/s", 1e-6),  # 1 mm³/s
    VOLUME_PER_TIME: ("l/s", 1e-6),
    MASS_PER_TIME_SET: ("kg/s", 1e-6),  # 1 mg/s
    MASS_PER_TIME: ("kg/s", 1e-6),
    WIDTH: ("m", _MM),
    WIDTH_DEFAULT: ("m", _MM),
    WIDTH_MAX: ("m", _MM),
    OFFSET_X: ("m", _MM),
    OFFSET_Y: ("m", _MM),
    OFFSET_Z: ("m", _MM),
    TOTAL_VOLUME_L: ("l", 1.0),
    TOTAL_VOLUME_ML: ("l", 1e-3),
    TOTAL_MASS_KG: ("kg", 1.0),
    TOTAL_MASS_G: ("kg", 1e-3),
    TOTAL_AREA: ("m2", 1.0),
    TOTAL_DISTANCE: ("m", _MM),
    TOTAL_TIME: ("s", 1.0),
    SPEED: ("m/s", _MM),
}
_DEVICE_DECIDES: Final = frozenset(
    {
        *(VOLUME_PER_AREA, MASS_PER_AREA, VOLUME_PER_TIME, MASS_PER_TIME),
        *(TOTAL_VOLUME_L, TOTAL_VOLUME_ML, TOTAL_MASS_KG, TOTAL_MASS_G, TOTAL_AREA, TOTAL_DISTANCE, TOTAL_TIME),
    }
)
"""What the device measures itself. Set-points come from the terminal, geometry is read by it: in standard units."""
_SCALES: Final = {
    "m": {"mm": 1e-3, "cm": 1e-2, "m": 1.0, "km": 1e3, "in": 0.0254, "ft": 0.3048, "mi": 1_609.344},
    "m2": {"m2": 1.0, "ha": 1e4, "km2": 1e6, "ac": 4_046.8564224},
    "s": {"ms": 1e-3, "s": 1.0, "sec": 1.0, "min": 60.0, "h": 3_600.0},
    "l": {"mm3": 1e-6, "ml": 1e-3, "l": 1.0, "ltr": 1.0, "m3": 1e3, "gal": 3.785411784},
    "kg": {"mg": 1e-6, "g": 1e-3, "kg": 1.0, "t": 1e3, "lb": 0.45359237, "lbs": 0.45359237},
}
_UNITS: Final = {unit: (base, factor) for base, units in _SCALES.items() for unit, factor in units.items()}
_OTHER_WORDS: Final = {"acre": "ac", "liter": "l", "litre": "l", "hr": "h", "std": "h", "sek": "s", "to": "t"}
TOLERANCE: Final = 0.01
"""Presentations whose scale is this close to the standard's say the same: scales are single-precision numbers."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """How a device shows a quantity (DVP): shown = (value + offset) × scale, in ``unit``."""

    offset: float
    scale: float
    unit: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Value in base units = (raw + offset) × factor; ``note`` says where device and standard disagree."""

    factor: float
    offset: float = 0.0
    note: str = ""


def scale_of(ddi: int, presentation: Presentation | None) -> Scale:
    """How to read raw values of a quantity.

    Where the device's own presentation disagrees with the standard's resolution, it decides for what the device
    measures (rates, totals): such devices send in the unit they show. Set-points and geometry stay in standard units.

    Raises:
        KeyError: The quantity is not one of those that are used.
    """
    base, standard = _STANDARD[ddi]
    if presentation is None or not presentation.unit.strip() or ddi not in _DEVICE_DECIDES:
        return Scale(standard)
    known = _unit(presentation.unit)
    if known is None or known[0] != base or not presentation.scale > 0.0:
        return Scale(standard, note=f"DDI {ddi}: unit {presentation.unit!r} is not known, the standard's is used")
    own = Scale(presentation.scale * known[1], presentation.offset)
    ratio = own.factor / standard
    if abs(ratio - 1.0) <= TOLERANCE:
        return Scale(standard, own.offset)
    return Scale(
        own.factor,
        own.offset,
        f"DDI {ddi}: the device shows it in {presentation.unit}, {ratio:.6g} times the standard's resolution; the "
        "device's own unit is used",
    )


def _unit(text: str) -> tuple[str, float] | None:
    """Base unit and factor of a unit as devices write it (``L/ha``, ``m²``, ``km/h``)."""
    folded = re.sub(r"[\s^]+", "", text.strip().lower()).replace("²", "2").replace("³", "3").replace("qm", "m2")
    parts = [_UNITS.get(_OTHER_WORDS.get(part, part)) for part in folded.split("/")]
    known = [part for part in parts if part is not None]
    if len(known) != len(parts) or len(parts) not in {1, 2}:
        return None
    if len(known) == 1:
        return known[0]
    (above, a), (below, b) = known
    return f"{above}/{below}", a / b
