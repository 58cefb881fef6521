"""Ground that is not quite level, and a drone that follows it by radar with a delay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.fixtable import Floats

_CELL_M: Final = 25.0
_CELLS: Final = 128
_RELIEF_M: Final = 0.35
_GAIN: Final = 0.6
_CLIMB_M: Final = 1.2


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """Heights of a square grid that repeats itself, in m; straight between grid points."""

    heights_m: Floats

    @classmethod
    def made(cls, rng: np.random.Generator) -> Terrain:
        """Paddies of the delta: some decimetres up and down."""
        return cls(_RELIEF_M * (rng.random((_CELLS, _CELLS)) - 0.5) * 2.0)

    def at(self, x_m: Floats, y_m: Floats) -> Floats:
        """Height of the ground in m at places of the plane, shape (n,)."""
        i, u = _cell(x_m)
        j, v = _cell(y_m)
        grid, i1, j1 = self.heights_m, (i + 1) % _CELLS, (j + 1) % _CELLS
        low = grid[i, j] + (grid[i1, j] - grid[i, j]) * u
        high = grid[i, j1] + (grid[i1, j1] - grid[i, j1]) * u
        height: Floats = low + (high - low) * v
        return height

    def following(self, x_m: Floats, y_m: Floats) -> Floats:
        """How much higher than told a drone is that flies over these places, one a second, shape (n,).

        It makes up for six tenths of a difference within a second, and climbs or sinks 1.2 m in that time at most.
        """
        ground = self.at(x_m, y_m).tolist()
        above = ground[0]
        found = [0.0]
        for height in ground[1:]:
            step = _GAIN * (height - above)
            if not -_CLIMB_M < step < _CLIMB_M:
                step = _CLIMB_M if step > 0.0 else -_CLIMB_M
            above += step
            found.append(above - height)
        return np.array(found)


def _cell(along_m: Floats) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Floats]:
    scaled = along_m / _CELL_M
    whole = np.floor(scaled)
    return whole.astype(np.int64) % _CELLS, scaled - whole
