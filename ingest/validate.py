"""Whose message it is, whether its times and places are possible, and what about it is odd.

Rejected (dead letter) are only: devices that the registry does not know, times too far ahead of reception or before
2005, and positions that no point on Earth has. Everything else out of the ordinary is stored and flagged by kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from core.errors import NotFound, PayloadError
from core.model.enums import HeightRef
from core.model.land import DeviceKind
from core.model.samples import Fix, Reading
from core.ports import Clock, Sample
from core.registry import Registry
from core.settings import IngestSettings
from ingest.clock import EARLIEST_MS
from ingest.topics import Address

FLOW_LIMIT_LPM: Final = 60.0
RATE_LIMIT_KGPM: Final = 250.0
"""Twice what the largest spraying drones of 2025 pump and spread: above, a unit is probably wrong."""

MOST_QUANTITIES: Final = 500
"""A quantity is a tag in InfluxDB, and tags must be bounded: a device that makes names up must not fill the store."""

_POLE_DEG: Final = 90.0
_DATE_LINE_DEG: Final = 180.0
_KNOWN_FOR_MS: Final = 60_000
UNKNOWN_FOR_MS: Final = 2_000
"""For so long a device is not asked for again after the registry has not known it."""
_KEPT: Final = 50_000
_NEAR: Final = (HeightRef.CROP, HeightRef.GROUND)


class Owner(msgspec.Struct, frozen=True, gc=False):
    """Whose a foreign identifier is from a time on: ms by the device's clock."""

    from_ms: int
    cooperative: str
    device: str
    kind: DeviceKind


class _Looked(msgspec.Struct, frozen=True, gc=False):
    """What the registry said, and how long that is believed."""

    until_ms: int
    fault: str
    owners: tuple[Owner, ...] = ()


class Identity:
    """Asks the registry whose a device is; remembers the answer for a minute, a refusal for two seconds."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock
        self._looked: dict[tuple[str, ...], _Looked] = {}

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
            looked = self._remember(key, self._look(address, now_ms))
        if looked.fault:
            raise PayloadError("identity", looked.fault)

    def owner(self, form: str, external: str, ts_ms: int) -> Owner:
        """Whose a foreign identifier was at a time: the last owner from before it, or else the first one.

        Raises:
            PayloadError: (``identity``) The registry's device table does not know it.
            StoreUnavailable: The registry does not answer.
        """
        key = (form, external)
        now_ms = self._clock.now_ms()
        looked = self._looked.get(key)
        if looked is None or now_ms >= looked.until_ms:
            looked = self._remember(key, self._look_foreign(form, external, now_ms))
        if looked.fault:
            raise PayloadError("identity", looked.fault)
        before = [owner for owner in looked.owners if owner.from_ms <= ts_ms]
        return before[-1] if before else looked.owners[0]

    def _remember(self, key: tuple[str, ...], looked: _Looked) -> _Looked:
        if len(self._looked) >= _KEPT:
            self._looked.clear()
        self._looked[key] = looked
        return looked

    def _look(self, address: Address, now_ms: int) -> _Looked:
        try:
            device = self._registry.device(address.cooperative, address.device)
        except NotFound as error:
            return _Looked(now_ms + UNKNOWN_FOR_MS, str(error))
        if device.kind is not address.kind:
            words = f"device {address.device!r} is registered under {device.kind.value}, not {address.kind.value}"
            return _Looked(now_ms + UNKNOWN_FOR_MS, words)
        return _Looked(now_ms + _KNOWN_FOR_MS, "")

    def _look_foreign(self, form: str, external: str, now_ms: int) -> _Looked:
        owners: list[Owner] = []
        for known in self._registry.foreign(form, external):
            device = self._registry.device(known.cooperative, known.device)
            owners.append(Owner(known.valid_from_ms, known.cooperative, known.device, device.kind))
        if not owners:
            words = f"nobody has adopted {external!r} of {form} (canhdong devices adopt {form} {external} ...)"
            return _Looked(now_ms + UNKNOWN_FOR_MS, words)
        return _Looked(now_ms + _KNOWN_FOR_MS, "", tuple(owners))


class Refused(msgspec.Struct, frozen=True, gc=False):
    """A sample that is not taken in: its place among those that were looked at, a stable reason, words."""

    index: int
    reason: str
    message: str


class Limits:
    """The limits of the settings, applied to samples."""

    def __init__(self, settings: IngestSettings) -> None:
        self._ahead_ms = int(settings.future_limit_s * 1_000)
        self._speed_mps = settings.speed_limit_mps
        self._swath_m = settings.swath_limit_m
        self._height_m = settings.height_limit_m
        self._west, self._south, self._east, self._north = settings.area_box
        self._quantities: dict[str, set[str]] = {}

    def refused(self, samples: Sequence[Sample], received_ms: int) -> list[Refused]:
        """The impossible ones: (``clock``) too far ahead or before 2005, (``range``) no such place on Earth."""
        latest_ms = received_ms + self._ahead_ms
        found: list[Refused] = []
        for index, sample in enumerate(samples):
            ts_ms = sample.ts_ms
            if not EARLIEST_MS <= ts_ms <= latest_ms:
                ahead = f"{ts_ms - received_ms} ms ahead of reception" if ts_ms > latest_ms else "before 2005"
                found.append(Refused(index, "clock", f"ts {ts_ms} is {ahead}"))
            elif type(sample) is Fix and not (
                -_POLE_DEG <= sample.lat_deg <= _POLE_DEG and -_DATE_LINE_DEG <= sample.lon_deg <= _DATE_LINE_DEG
            ):
                words = f"lat {sample.lat_deg}, lon {sample.lon_deg} is no place on Earth"
                found.append(Refused(index, "range", words))
        return found

    def too_many(self, cooperative: str, samples: Sequence[Sample]) -> list[Refused]:
        """Readings (``quantity``) of quantities beyond the 500th of a cooperative: each is a series in the store."""
        known = self._quantities.setdefault(cooperative, set())
        found: list[Refused] = []
        for index, sample in enumerate(samples):
            if type(sample) is Reading and sample.quantity not in known:
                if len(known) >= MOST_QUANTITIES:
                    words = f"quantity {sample.quantity!r}: the cooperative sends {MOST_QUANTITIES} others already"
                    found.append(Refused(index, "quantity", words))
                else:
                    known.add(sample.quantity)
        return found

    def odd(self, samples: Sequence[Sample], flags: Counter[str]) -> list[int]:
        """Count by kind what is odd about samples; gives their places. Unknown values (NaN) are never odd."""
        found: list[int] = []
        for index, s in enumerate(samples):
            if type(s) is not Fix:
                continue
            if (
                s.speed_mps > self._speed_mps
                or s.speed_mps < 0.0
                or s.swath_m > self._swath_m
                or s.height_m > self._height_m
                or s.flow_lpm > FLOW_LIMIT_LPM
                or s.flow_lpm < 0.0
                or s.rate_kgpm > RATE_LIMIT_KGPM
                or s.rate_kgpm < 0.0
                or not (self._south <= s.lat_deg <= self._north and self._west <= s.lon_deg <= self._east)
            ):
                kinds = self._kinds(s)
                flags.update(kinds)
                if kinds:
                    found.append(index)
        return found

    def _kinds(self, fix: Fix) -> list[str]:
        kinds: list[str] = []
        if not (self._south <= fix.lat_deg <= self._north and self._west <= fix.lon_deg <= self._east):
            kinds.append("area")
        if fix.speed_mps > self._speed_mps or fix.speed_mps < 0.0:
            kinds.append("speed")
        if fix.swath_m > self._swath_m:
            kinds.append("swath")
        if fix.height_m > self._height_m and fix.height_ref in _NEAR:
            kinds.append("height")
        if fix.flow_lpm > FLOW_LIMIT_LPM or fix.flow_lpm < 0.0:
            kinds.append("flow")
        if fix.rate_kgpm > RATE_LIMIT_KGPM or fix.rate_kgpm < 0.0:
            kinds.append("rate")
        return kinds
