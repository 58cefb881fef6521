"""When an ArduPilot sprayer's pump ran, from the pulse width of its output.

ArduPilot logs no state of its sprayer. It drives the pump by the output whose ``SERVOn_FUNCTION`` (``RCn_FUNCTION``
before 3.5) is 22, between ``SERVOn_MIN`` and ``SERVOn_MAX``, and holds it at the off end while not spraying
(libraries/AC_Sprayer/AC_Sprayer.cpp, ``stop_spraying``; SRV_Channel.h, ``k_sprayer_pump``). A pump behind a relay or
switched by hand cannot be seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.model.fixtable import Bools, Floats

PUMP_FUNCTION: Final = 22
MARGIN_US: Final = 10.0
"""How far from its off end a pulse width must be for the pump to count as running (0.8 % of the usual range)."""
_OUTPUTS: Final = 32
_DEFAULT_MIN_US: Final = 1100.0
_DEFAULT_MAX_US: Final = 1900.0


@dataclass(frozen=True, slots=True)
class Pump:
    """An output (counted from 1) that drives a pump, and its pulse width in µs while the pump rests."""

    output: int
    off_us: float
    reversed: bool

    def running(self, pulse_us: Floats) -> Bools:
        """Whether the pump runs, from pulse widths of shape (n,); 0 is no pulse at all."""
        if self.reversed:
            return (pulse_us < self.off_us - MARGIN_US) & (pulse_us > 0.0)
        return pulse_us > self.off_us + MARGIN_US


def pump_of(parameters: Mapping[str, float]) -> Pump | None:
    """The pump's output by the autopilot's parameters; None where none is configured."""
    for output in range(1, _OUTPUTS + 1):
        for prefix in (f"SERVO{output}", f"RC{output}"):
            if parameters.get(f"{prefix}_FUNCTION") == PUMP_FUNCTION:
                back = parameters.get(f"{prefix}_REVERSED", 0.0) == 1.0 or parameters.get(f"{prefix}_REV", 1.0) < 0.0
                low = parameters.get(f"{prefix}_MIN", _DEFAULT_MIN_US)
                high = parameters.get(f"{prefix}_MAX", _DEFAULT_MAX_US)
                return Pump(output, high if back else low, back)
    return None
