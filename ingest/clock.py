"""The wall clock of the machine, and the times that a clock which was ever set can tell."""

from __future__ import annotations

import time
from typing import Final

EARLIEST_MS: Final = 1_104_537_600_000
"""2005-01-01 UTC: earlier times come from receivers without a date."""
LATEST_MS: Final = 4_102_444_800_000
"""2100-01-01 UTC."""


class SystemClock:
    """Implements :class:`core.ports.Clock`."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""
        return time.time_ns() // 1_000_000
