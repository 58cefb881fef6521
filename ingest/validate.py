"""Whose message it is, whether its times and places are possible, and what about it is odd.

Rejected (dead letter) are only: devices that the registry does not know, times too far ahead of reception or before
2005, and positions that no point on Earth has. Everything else out of the ordinary is stored and flagged by kind.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from core.errors import NotFound, PayloadError
from core.model.enums import HeightRef
from core.model.samples import Fix
from core.ports import Clock, Registry, Sample
from core.settings import IngestSettings
from ingest.clock import EARLIEST_MS
from ingest.topics import Address

FLOW_LIMIT_LPM: Final = 60.0
RATE_LIMIT_KGPM: Final = 250.0
"""Twice what the largest spraying drones of 2025 pump and spread: above, a unit is probably wrong."""

_POLE_DEG: Final = 90.0
_DATE_LINE_DEG: Final = 180.0
_KNOWN_FOR_MS: Final = 60_000
_UNKNOWN_FOR_MS: Final = 2_000
_KEPT: Final = 50_000


@dataclass(frozen=True, slots=True)
class _Looked:
    until_ms: int
    fault: str


class Identity:
    """Asks the registry whose a device is; remembers the answer for a minute, a refusal for two seconds."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock
        self._looked: dict[tuple[str, str, str], _Looked] = {}

    def check(self, address: Address) -> None:
        """Let a known device of the right kind pass.

        Raises:
            PayloadError: (``identity``) The cooperative or the device is unknown, or of the other kind.
            StoreUnavailable: The registry does not answer.
        """
        key = (address.cooperative, address.kind.value, address.device)
        now_ms = self._clock.now_ms()
        looked = self._looked.get(key)
        if looked is None or now_ms >= looked.until_ms:
            looked = self._look(address, now_ms)
            if len(self._looked) >= _KEPT:
                self._looked.clear()
            self._looked[key] = looked
        if looked.fault:
            raise PayloadError("identity", looked.fault)

    def _look(self, address: Address, now_ms: int) -> _Looked:
        try:
            device = self._registry.device(address.cooperative, address.device)
        except NotFound as error:
            return _Looked(now_ms + _UNKNOWN_FOR_MS, str(error))
        if device.kind is not address.kind:
            words = f"device {address.device!r} is registered under {device.kind.value}, not {address.kind.value}"
            return _Looked(now_ms + _UNKNOWN_FOR_MS, words)
        return _Looked(now_ms + _KNOWN_FOR_MS, "")


class Limits:
    """The limits of the settings, applied to samples."""

    def __init__(self, settings: IngestSettings) -> None:
        self._ahead_ms = int(settings.future_limit_s * 1_000)
        self._speed_mps = settings.speed_limit_mps
        self._swath_m = settings.swath_limit_m
        self._height_m = settings.height_limit_m
        self._west, self._south, self._east, self._north = settings.area_box

    def check(self, sample: Sample, received_ms: int) -> None:
        """Let possible samples pass.

        Raises:
            PayloadError: (``clock``) The time is too far ahead or before 2005; (``range``) no such place on Earth.
        """
        if sample.ts_ms > received_ms + self._ahead_ms:
            raise PayloadError("clock", f"ts {sample.ts_ms} is {sample.ts_ms - received_ms} ms ahead of reception")
        if sample.ts_ms < EARLIEST_MS:
            raise PayloadError("clock", f"ts {sample.ts_ms} is before 2005")
        if isinstance(sample, Fix) and not (abs(sample.lat_deg) <= _POLE_DEG and abs(sample.lon_deg) <= _DATE_LINE_DEG):
            raise PayloadError("range", f"lat {sample.lat_deg}, lon {sample.lon_deg} is no place on Earth")

    def flag(self, sample: Sample, flags: Counter[str]) -> None:
        """Count what is odd about a sample that is stored; unknown values (NaN) are never odd."""
        if not isinstance(sample, Fix):
            return
        if not (self._south <= sample.lat_deg <= self._north and self._west <= sample.lon_deg <= self._east):
            flags["area"] += 1
        if sample.speed_mps > self._speed_mps or sample.speed_mps < 0.0:
            flags["speed"] += 1
        if sample.swath_m > self._swath_m:
            flags["swath"] += 1
        if sample.height_m > self._height_m and sample.height_ref in (HeightRef.CROP, HeightRef.GROUND):
            flags["height"] += 1
        if sample.flow_lpm > FLOW_LIMIT_LPM or sample.flow_lpm < 0.0:
            flags["flow"] += 1
        if sample.rate_kgpm > RATE_LIMIT_KGPM or sample.rate_kgpm < 0.0:
            flags["flow"] += 1
