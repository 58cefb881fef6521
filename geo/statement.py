"""The sprayed-area statement: all that the sheet says about one flight, as data. Pages only lay it out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from core.localtime import iso_utc, local
from core.model.coverage import Coverage, Flight, PlotCoverage
from core.model.enums import Operation
from core.model.fleet import Swath, SwathSource
from core.model.land import Cooperative, Device
from core.terms import LANGUAGES, Language, term
from core.units import cong, ha

DEFINITIONS: Final[dict[str, tuple[str, str]]] = {
    "gross": (
        "Tổng diện tích của mọi dải phun; chỗ phun hai lần được tính hai lần (như bộ đếm trên máy).",
        "All strips added up; ground treated twice counts twice (as a machine's counter counts).",
    ),
    "net": (
        "Diện tích thực sự được phun trong thửa, mỗi chỗ chỉ tính một lần, theo đúng dữ liệu ghi được.",
        "Ground inside the plot that was treated, each spot counted once, as logged.",
    ),
    "overlap": ("Diện tích được phun từ hai lần trở lên.", "Ground treated at least twice."),
    "missed": (
        "Diện tích thửa trừ đi diện tích phun thực.",
        "The plot's area minus the net area.",
    ),
    "off_target": (
        "Diện tích được phun nằm ngoài mọi thửa của chuyến bay này.",
        "Treated ground outside every plot of this flight.",
    ),
    "dose": (
        "Lượng phun trong thửa chia cho diện tích phun thực.",
        "Volume released over the plot divided by the net area.",
    ),
}
"""What each figure means, in Vietnamese and English."""

_WARNINGS: Final[dict[str, tuple[str, str]]] = {
    "swath": (
        "Khi máy bay không báo bề rộng phun, bề rộng đã khai báo {swath_m:g} m được sử dụng.",
        "Where the drone told no swath width, its registered width of {swath_m:g} m was used.",
    ),
    "swath_measured": (
        "Khi máy bay không báo bề rộng phun, bề rộng đo gần nhất {swath_m:g} m được sử dụng.",
        "Where the drone told no swath width, that of its last calibration, {swath_m:g} m, was used.",
    ),
    "rejected": (
        "{rejected} điểm định vị bị loại ({share:.1f} %): diện tích phun không được tính qua các điểm đó.",
        "{rejected} fixes were rejected ({share:.1f} %): nothing is counted as treated across them.",
    ),
    "bridged": (
        "{bridged_m:.0f} m đường phun nằm trong khoảng mất tín hiệu và được nối thẳng.",
        "{bridged_m:.0f} m of the treated distance lie in gaps of the telemetry and were bridged by straight lines.",
    ),
    "nothing": (
        "Không có diện tích nào được phun trong chuyến bay này.",
        "Nothing was treated in this flight.",
    ),
    "off_target": (
        "{off_pct:.1f} % diện tích đã phun nằm ngoài thửa.",
        "{off_pct:.1f} % of the treated ground lies outside the plots.",
    ),
    "volume": (
        "Máy bay không báo lưu lượng: không tính được lượng phun và liều lượng.",
        "The drone told no flow: volume and dose are not known.",
    ),
    "tolerance": (
        "Diện tích tính theo dữ liệu ghi được; sai số định vị của máy thu chưa được tính vào.",
        "Areas are as logged; the receiver's own error is not included.",
    ),
}
OFF_TARGET_WARN_PCT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in both languages."""

    vi: str
    en: str

    def in_(self, language: Language) -> str:
        """The sentence in one language."""
        return self.vi if language == "vi" else self.en


@dataclass(frozen=True, slots=True)
class Statement:
    """What the sheet says about one flight. Areas in m², times in ms UTC; ``completeness_pct`` is of fixes received."""

    cooperative: str
    cooperative_name: str
    m2_per_cong: float
    device: str
    device_name: str
    model: str
    flight: Flight
    coverage: Coverage
    fixes_received: int
    completeness_pct: float
    definitions: dict[str, Text]
    warnings: tuple[Text, ...]

    @property
    def start_local(self) -> str:
        """Start of the flight in local time, ISO 8601 with its offset."""
        return local(self.flight.start_ms).isoformat(timespec="seconds")

    @property
    def end_local(self) -> str:
        """End of the flight in local time, ISO 8601 with its offset."""
        return local(self.flight.end_ms).isoformat(timespec="seconds")

    def operation(self, language: Language = "vi") -> str:
        """What was done, in words."""
        return term(self.flight.op.word, language)


def statement(
    flight: Flight, coverage: Coverage, device: Device, cooperative: Cooperative, swath: Swath | None = None
) -> Statement:
    """Put together what the sheet says about one flight.

    Args:
        flight: The flight.
        coverage: What it treated.
        device: The drone.
        cooperative: Whose it is.
        swath: The registered width that counts where telemetry names none; else the drone's own.
    """
    not_repeated = {reason: n for reason, n in coverage.rejected.items() if reason != "repeat"}
    received = coverage.fixes + sum(not_repeated.values())
    return Statement(
        cooperative=cooperative.cooperative,
        cooperative_name=cooperative.name or cooperative.cooperative,
        m2_per_cong=cooperative.m2_per_cong,
        device=device.device,
        device_name=device.name or device.device,
        model=device.model,
        flight=flight,
        coverage=coverage,
        fixes_received=received,
        completeness_pct=100.0 * coverage.fixes / received if received else math.nan,
        definitions={key: Text(*texts) for key, texts in DEFINITIONS.items()},
        warnings=_warnings(coverage, swath or Swath(device.swath_m, SwathSource.MODEL), received),
    )


def to_dict(it: Statement) -> dict[str, Any]:
    """The statement as JSON values with the unit in every key; what is not known is None."""
    flight, coverage = it.flight, it.coverage
    return {
        "cooperative": it.cooperative,
        "cooperative_name": it.cooperative_name,
        "drone": it.device,
        "drone_name": it.device_name,
        "model": it.model,
        "flight": flight.flight,
        "job": flight.job,
        "start": iso_utc(flight.start_ms),
        "end": iso_utc(flight.end_ms),
        "start_local": it.start_local,
        "end_local": it.end_local,
        "operation": {"code": flight.op.word} | {lang: it.operation(lang) for lang in LANGUAGES},
        "plots": [_plot(p, it.m2_per_cong, flight.op) for p in coverage.plots],
        "totals": _totals(coverage, it.m2_per_cong),
        "completeness": {
            "fixes_received": it.fixes_received,
            "fixes_used": coverage.fixes,
            "rejected": dict(coverage.rejected),
            "used_pct": _known(it.completeness_pct, 2),
            "bridged_m": _known(coverage.bridged_m, 1),
        },
        "m2_per_cong": it.m2_per_cong,
        "definitions": {key: {"vi": text.vi, "en": text.en} for key, text in it.definitions.items()},
        "warnings": [{"vi": text.vi, "en": text.en} for text in it.warnings],
        "algorithm": coverage.algorithm,
        "input_hash": coverage.input_hash,
    }


def _plot(figures: PlotCoverage, m2_per_cong: float, op: Operation) -> dict[str, Any]:
    areas = {
        "area": figures.area_m2,
        "gross": figures.gross_m2,
        "net": figures.net_m2,
        "overlap": figures.overlap_m2,
        "overlap3": figures.overlap3_m2,
        "missed": figures.missed_m2,
    }
    row: dict[str, Any] = {"plot": figures.plot, "name": figures.name}
    for key, area_m2 in areas.items():
        row |= _units(key, area_m2, m2_per_cong)
    row["covered_pct"] = _known(figures.covered_pct, 2)
    row["volume_l"], row["dose_lpha"] = _known(figures.volume_l, 3), _known(figures.dose_lpha, 3)
    if op is not Operation.SPRAY or math.isfinite(figures.mass_kg):
        row["mass_kg"], row["dose_kgpha"] = _known(figures.mass_kg, 3), _known(figures.dose_kgpha, 3)
    return row


def _totals(coverage: Coverage, m2_per_cong: float) -> dict[str, Any]:
    areas = {
        "gross": coverage.gross_m2,
        "net": coverage.net_m2,
        "off_target": coverage.off_target_m2,
        "plots_area": coverage.plots_area_m2,
        "plots_gross": coverage.plots_gross_m2,
        "plots_net": coverage.plots_net_m2,
        "plots_overlap": coverage.plots_overlap_m2,
        "plots_missed": coverage.plots_missed_m2,
    }
    row: dict[str, Any] = {}
    for key, area_m2 in areas.items():
        row |= _units(key, area_m2, m2_per_cong)
    for key in ("volume_l", "mass_kg", "off_target_volume_l", "off_target_mass_kg"):
        row[key] = _known(getattr(coverage, key), 3)
    row["distance_m"] = _known(coverage.distance_m, 1)
    row["treated_distance_m"] = _known(coverage.treated_distance_m, 1)
    return row


def _units(key: str, area_m2: float, m2_per_cong: float) -> dict[str, float | None]:
    """An area in m², ha and công."""
    return {
        f"{key}_m2": _known(area_m2, 2),
        f"{key}_ha": _known(ha(area_m2), 6),
        f"{key}_cong": _known(cong(area_m2, m2_per_cong), 5),
    }


def _known(value: float, digits: int) -> float | None:
    """A rounded number, or None where it is not known."""
    return round(value, digits) if math.isfinite(value) else None


def _warnings(coverage: Coverage, swath: Swath, received: int) -> tuple[Text, ...]:
    rejected = received - coverage.fixes
    measured = swath.source is SwathSource.CALIBRATION
    off_pct = 100.0 * coverage.off_target_m2 / coverage.net_m2 if coverage.net_m2 > 0.0 else 0.0
    applies = {
        "nothing": coverage.net_m2 <= 0.0,
        "swath": coverage.net_m2 > 0.0 and math.isfinite(swath.swath_m) and not measured,
        "swath_measured": coverage.net_m2 > 0.0 and math.isfinite(swath.swath_m) and measured,
        "rejected": rejected > 0,
        "bridged": coverage.bridged_m > 0.0,
        "off_target": off_pct > OFF_TARGET_WARN_PCT,
        "volume": coverage.net_m2 > 0.0 and math.isnan(coverage.volume_l) and math.isnan(coverage.mass_kg),
        "tolerance": coverage.net_m2 > 0.0,
    }
    values = {
        "swath_m": swath.swath_m,
        "rejected": rejected,
        "share": 100.0 * rejected / received if received else 0.0,
        "bridged_m": coverage.bridged_m,
        "off_pct": off_pct,
    }
    return tuple(Text(*(text.format(**values) for text in _WARNINGS[key])) for key, yes in applies.items() if yes)
