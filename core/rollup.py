"""What the department reads: sums by commune, operation, product group and day; and the port that takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from core.localtime import day_window_ms
from core.model.enums import Operation
from core.model.figures import Figures, Value

DATABASE: Final = "province"
"""The name under which roll-ups are kept (the database ``canhdong_province``)."""
MEASUREMENT: Final = "treated"
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
    """The figures of a cell; litres and kilograms are NaN where nobody told them."""

    net_ha: float
    volume_l: float
    mass_kg: float
    flights: int
    drones: int
    farms: int


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
        """The row as it is kept for dashboards, at the beginning of its local day."""
        values: dict[str, Value] = {"withheld": float(self.sums is None)}
        if self.sums is not None:
            told = {name: float(getattr(self.sums, name)) for name in Sums.__slots__}
            values |= {name: value for name, value in told.items() if value == value}  # noqa: PLR0124 - NaN is not told
        tags = {"commune": self.commune, "operation": self.op, "product_group": self.product_group}
        return Figures(MEASUREMENT, day_window_ms(self.day)[0], tags, values)


class RollupSink(Protocol):
    """Where roll-ups go; a telemetry store is one."""

    def put_figures(self, name: str, rows: Sequence[Figures]) -> None:
        """Keep rows under a name (:data:`DATABASE`); one of the same tags and time is replaced as a whole.

        Raises:
            StoreUnavailable: They were not taken.
        """
        ...
