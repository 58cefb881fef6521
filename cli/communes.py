"""In which communes plots lie, for the roll-ups: what ``land`` knows, behind the port of ``core.rollup``."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

from core.model.admin import AdminLevel
from core.model.land import Plot
from core.registry import Registry

if TYPE_CHECKING:
    from land.plot_units import Communes

_KEPT_S: Final = 600.0
"""How long boundaries of communes are kept in memory: ``canhdong admin import`` counts after that."""


@dataclass(slots=True)
class RegisteredCommunes:
    """Communes by the registry's boundaries, else by the unit that a plot was registered with; see the port."""

    registry: Registry
    now_s: Callable[[], float] = time.monotonic
    _read_s: float = -_KEPT_S
    _days: dict[str, Communes] = field(default_factory=dict)
    _codes: dict[tuple[str, str, str, int], str] = field(default_factory=dict)

    def codes(self, plots: Sequence[Plot], day: str) -> dict[str, str]:
        """See the port."""
        if self.now_s() - self._read_s >= _KEPT_S:
            self._days.clear()
            self._codes.clear()
            self._read_s = self.now_s()
        found = {plot.plot: self._code(plot, day) for plot in plots}
        return {plot: code for plot, code in found.items() if code}

    def _code(self, plot: Plot, day: str) -> str:
        from land.gazetteer import gazetteer  # noqa: PLC0415
        from land.plot_units import unit_of  # noqa: PLC0415

        key = day, plot.cooperative, plot.plot, plot.version
        if key not in self._codes:
            unit = unit_of(plot, date.fromisoformat(day), self._communes(day), gazetteer()).unit
            self._codes[key] = unit.code if unit else ""
        return self._codes[key]

    def _communes(self, day: str) -> Communes:
        from land.plot_units import Communes  # noqa: PLC0415

        if day not in self._days:
            self._days[day] = Communes(self.registry.admin_units(AdminLevel.COMMUNE, date.fromisoformat(day)))
        return self._days[day]
