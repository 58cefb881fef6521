"""What the department reads: sums by commune, operation, product group and day; and the port that takes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from core.localtime import day_window_ms
from core.model.enums import Operation
from core.model.figures import Figures, Value
from core.model.land import Plot
from core.model.samples import NAN

DATABASE: Final = "province"
"""The name under which roll-ups are kept (the database ``canhdong_province``)."""
MEASUREMENT: Final = "treated"
FIELDS: Final = ("net_ha", "volume_l", "mass_kg", "flights", "drones", "farms", "hours")
"""The figures of a kept row, beside ``withheld``."""
ALL: Final = "all"
"""The value of a tag in a row that sums over it."""


@dataclass(frozen=True, slots=True)
class Treated:
    """What one job did to one plot, with what a roll-up counts by.

    ``commune`` is the code of the commune, ``product_group`` a group of products ("" unknown), ``day`` the local date
    (YYYY-MM-DD), ``farm`` whose land it is: a member, else the cooperative. ``flights`` and ``drones`` are identifiers
    that are unique in the province. Litres and kilograms are NaN where nobody told them.
    """

    commune: str
    op: Operation
    product_group: str
    day: str
    farm: str
    flights: frozenset[str]
    drones: frozenset[str]
    net_m2: float
    volume_l: float
    mass_kg: float


@dataclass(frozen=True, slots=True)
class Sums:
    """The figures of a cell; litres and kilograms are NaN where nobody told them.

    ``hours`` is from take-off to landing of all flights that did something in the cell: a flight over two communes
    counts whole in both, as it does in ``flights``.
    """

    net_ha: float
    volume_l: float
    mass_kg: float
    flights: int
    drones: int
    farms: int
    hours: float = NAN


@dataclass(frozen=True, slots=True)
class Rollup:
    """A cell: ``commune``, ``op`` and ``product_group`` may be :data:`ALL` in sums.

    ``sums`` is None where the figures are withheld: fewer farms than may be told, or a cell from which another such one
    could be had by subtraction.
    """

    commune: str
    op: str
    product_group: str
    day: str
    sums: Sums | None

    def point(self) -> Figures:
        """The row as it is kept for dashboards, at the beginning of its local day.

        Every row has every field: InfluxDB keeps the fields that a later point of the same tags and time leaves out, so
        a figure that is withheld later would stay to be read. Withheld figures and litres that nobody told are 0;
        ``withheld`` tells a withheld 0 from a true one.
        """
        told = {name: 0.0 if self.sums is None else float(getattr(self.sums, name)) for name in FIELDS}
        values: dict[str, Value] = {"withheld": float(self.sums is None)}
        values |= {name: 0.0 if math.isnan(value) else value for name, value in told.items()}
        return Figures(MEASUREMENT, day_window_ms(self.day)[0], self.tags, values)

    @property
    def tags(self) -> dict[str, str]:
        """What the row is about, bounded in number."""
        return {"commune": self.commune, "operation": self.op, "product_group": self.product_group}

    @staticmethod
    def nothing(row: Figures) -> Figures:
        """What a kept row says once nobody worked in its cell any more: known zeros."""
        return Figures(row.measurement, row.ts_ms, row.tags, dict.fromkeys(("withheld", *FIELDS), 0.0))


class RollupSink(Protocol):
    """Where roll-ups are kept; a telemetry store is one."""

    def put_figures(self, name: str, rows: Sequence[Figures]) -> None:
        """Keep rows under a name (:data:`DATABASE`); one of the same tags and time is replaced as a whole.

        Raises:
            StoreUnavailable: They were not taken.
        """
        ...

    def figures(self, name: str, measurement: str, start_ms: int, end_ms: int) -> list[Figures]:
        """What is kept, by time and tags."""
        ...


class Communes(Protocol):
    """Tells in which commune a plot lies; filled by ``cli``, since plots' places are known in ``land``."""

    def codes(self, plots: Sequence[Plot], day: str) -> dict[str, str]:
        """Code of the commune by plot on a local day; a plot whose commune is uncertain is left out."""
        ...
