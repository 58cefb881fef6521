"""What a LoRaWAN network server says of an uplink, for the codecs that write its envelope as it does."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from core.localtime import iso_utc

APPLICATION: Final = "canhdong"
"""The application that the sensors belong to at the network server."""

GATEWAY: Final = "0016c001f1500001"
FREQUENCY_HZ: Final = 921_400_000
"""The first default channel of AS923-2 (RP002-1.0.3)."""

_MINUTE_MS: Final = 60_000
_COUNTS: Final = 1 << 16


class Uplink(msgspec.Struct, frozen=True):
    """One uplink: the device (16 hex digits), its maker and model, when, at which port, and the decoded object.

    All that a server adds follows from these: the same uplink is the same bytes.
    """

    eui: str
    brand: str
    model: str
    version: str
    ts_ms: int
    port: int
    decoded: dict[str, Any]

    @property
    def time(self) -> str:
        """When the gateway received it, RFC 3339."""
        return iso_utc(self.ts_ms)

    @property
    def count(self) -> int:
        """The frame counter: it goes up with time."""
        return self.ts_ms // _MINUTE_MS % _COUNTS

    @property
    def address(self) -> str:
        """The device's short address, 8 hex digits."""
        return hashlib.blake2b(self.eui.encode(), digest_size=4).hexdigest()

    @property
    def unique(self) -> str:
        """A UUID of this uplink."""
        found = hashlib.blake2b(f"{self.eui} {self.ts_ms}".encode(), digest_size=16).hexdigest()
        return f"{found[:8]}-{found[8:12]}-{found[12:16]}-{found[16:20]}-{found[20:]}"

    @property
    def rssi(self) -> int:
        """Signal strength at the gateway in dBm."""
        return -118 + int(self.unique[:2], 16) // 5

    @property
    def snr(self) -> float:
        """Signal to noise ratio in dB."""
        return -7 + int(self.unique[2:4], 16) // 16

    def written(self, envelope: dict[str, Any]) -> bytes:
        """An envelope as a payload."""
        return msgspec.json.encode(envelope)
