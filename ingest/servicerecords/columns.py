"""Which quantity a column holds, and in which unit: the header decides, then the maker's documents, never a guess.

The Chinese *mu* (亩, 1/15 ha) is not the Vietnamese *mẫu* (1 ha in the Mekong delta, 3,600 m² in the North): a column
in *mẫu* or *sào* is left unused and reported, since its size depends on the region.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.units import M2_PER_CONG, M2_PER_HA, M2_PER_MU, MPS_PER_KMH
from ingest.servicerecords.words import QUANTITY, fold


def _table(*rows: tuple[float, str]) -> dict[str, float]:
    """Factors to the model's unit by the unit's folded spellings."""
    return {spelling: factor for factor, spellings in rows for spelling in spellings.split()}


_AREA: Final = _table(
    (1.0, "m2 sqm 平方米 met_vuong"),
    (M2_PER_MU, "mu 亩"),
    (M2_PER_HA, "ha hectare hectares hecta 公顷"),
    (M2_PER_CONG, "cong"),
)
_VOLUME: Final = _table((1.0, "l lit litre litres liter liters 升"), (1e-3, "ml 毫升"))
_MASS: Final = _table((1.0, "kg 公斤 千克"), (1e-3, "g gram 克"))
_LENGTH: Final = _table((1.0, "m met metre meter 米"), (1e-2, "cm 厘米"), (1e-3, "mm 毫米"), (1e3, "km 公里 千米"))
_SPEED: Final = _table(
    (1.0, "m_s mps ms 米_秒 m_giay"), (MPS_PER_KMH, "km_h kmh kph 公里_小时 km_gio"), (0.01, "cm_s cmps")
)
_FLOW: Final = _table(
    (1.0, "l_min lpm 升_分 升_分钟 l_phut lit_phut"),
    (1e-3, "ml_min mlpm 毫升_分 毫升_分钟 ml_phut"),
    (0.06, "ml_s 毫升_秒 ml_giay"),
    (60.0, "l_s 升_秒 l_giay"),
)
_DURATION: Final = _table(
    (1.0, "s sec second seconds giay 秒"),
    (1e-3, "ms 毫秒"),
    (60.0, "min mins minute minutes phut 分 分钟"),
    (3600.0, "h hour hours gio 小时"),
)
_DOSE: Final = _table(
    (1.0, "l_ha lpha 升_公顷 lit_ha"),
    (1e-3, "ml_ha 毫升_公顷"),
    (M2_PER_HA / M2_PER_MU, "l_mu l_亩 升_亩"),
    (M2_PER_HA / M2_PER_MU * 1e-3, "ml_mu ml_亩 毫升_亩"),
    (M2_PER_HA / M2_PER_CONG, "l_cong lit_cong"),
)
_TIME: Final = _table(
    (1000.0, "s sec second seconds unix unix_s 秒"), (1.0, "ms millisecond milliseconds unix_ms 毫秒")
)
UNITS: Final[dict[str, dict[str, float]]] = {
    "time": _TIME,
    "start": _TIME,
    "end": _TIME,
    "duration": _DURATION,
    "lat": _table((1.0, "deg do 度")),
    "lon": _table((1.0, "deg do 度")),
    "heading": _table((1.0, "deg do 度")),
    "height": _LENGTH,
    "width": _LENGTH,
    "distance": _LENGTH,
    "speed": _SPEED,
    "flow": _FLOW,
    "tank": _VOLUME,
    "area": _AREA,
    "volume": _VOLUME,
    "mass": _MASS,
    "dose": _DOSE,
    "battery": _table((1.0, "percent pct")),
}
UNITLESS: Final = frozenset({"lat", "lon", "heading", "battery"})
TIMES: Final = frozenset({"time", "start", "end"})
_BRACKET: Final = re.compile(r"^(.*?)\s*[\(\[【]\s*([^)\]】]*?)\s*[\)\]】]\s*$")
_ZONE: Final = re.compile(r"^(?:utc|gmt|z)\s*(?:([+-])\s*(\d{1,2})(?::?(\d{2}))?)?$", re.IGNORECASE)
_PER_MU: Final = frozenset({"dosage_per_mu", "亩用量", "每亩用量"})


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds.

    ``factor`` brings its numbers into the model's unit (times: ms); None where no unit is known: then the cells may
    still name one. ``zone_min`` is the offset of its times from UTC in minutes where the header names it. ``note``
    says what was taken from elsewhere than the header.
    """

    text: str
    quantity: str
    factor: float | None
    zone_min: int | None = None
    note: str = ""


def recognise(text: str, documented: Mapping[str, str], source: str) -> Column | None:
    """The meaning of a header; None for a column that is none of ours.

    Args:
        text: The header as the file writes it.
        documented: The unit of each column whose header names none, by folded name, as the export's documents have it.
        source: Where that stands, for the note.
    """
    wide = unicodedata.normalize("NFKC", text).strip()
    match = _BRACKET.match(wide)
    name, unit = (fold(match[1]), match[2]) if match else (fold(wide), "")
    if name not in QUANTITY and not unit:
        name, unit = _split_suffix(name)
    quantity = QUANTITY.get(name)
    if quantity is None:
        return None
    zone = _ZONE.match(unit.strip()) if quantity in TIMES and unit else None
    if zone:
        return Column(text, quantity, None, zone_min=_zone_minutes(zone))
    table = UNITS.get(quantity, {})
    if unit:
        key = fold(unit)
        factor = table.get(f"{key}_mu" if name in _PER_MU else key)
        return Column(text, quantity, 1.0 if factor is None and quantity in UNITLESS else factor)
    if quantity in UNITLESS or not table:
        return Column(text, quantity, 1.0)
    if name in documented:
        return Column(text, quantity, table[documented[name]], note=f"{text!r} read in {documented[name]} ({source})")
    return Column(text, quantity, None)


def cell_factor(quantity: str, unit: str) -> float | None:
    """The factor of a unit that stands in the cell itself ("5.6 ha"); None where it is not one of the quantity's."""
    return UNITS.get(quantity, {}).get(fold(unit))


def _split_suffix(name: str) -> tuple[str, str]:
    """A name such as ``work_area_m2`` or ``作业面积亩`` as name and unit."""
    words = name.split("_")
    for size in (1, 2):
        head, tail = "_".join(words[:-size]), "_".join(words[-size:])
        if head in QUANTITY and (tail in UNITS.get(QUANTITY[head], {}) or tail == "utc"):
            return head, tail
    for cut in range(len(name) - 1, 0, -1):
        head, tail = name[:cut], name[cut:]
        if not name.isascii() and head in QUANTITY and tail in UNITS.get(QUANTITY[head], {}):
            return head, tail
    return name, ""


def _zone_minutes(zone: re.Match[str]) -> int:
    """Minutes from UTC of ``UTC``, ``UTC+7`` or ``GMT+07:00``."""
    if not zone[2]:
        return 0
    minutes = int(zone[2]) * 60 + int(zone[3] or 0)
    return -minutes if zone[1] == "-" else minutes
