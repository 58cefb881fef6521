"""What is ordered, and with which product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.model.enums import Operation
from core.model.samples import NAN
from core.model.versions import Versioned


@dataclass(frozen=True, slots=True)
class ProductUse:
    """What a product is registered for: a crop and a pest, at a dose, with days from the last treatment to harvest.

    ``phi_days`` is the pre-harvest interval (thời gian cách ly), None where the list tells none.
    """

    crop: str
    pest: str = ""
    dose: float = NAN
    dose_unit: str = ""
    phi_days: int | None = None


@dataclass(frozen=True, slots=True)
class Product(Versioned):
    """A plant-protection product, fertiliser or seed as one version of a list names it.

    The national list has the cooperative "". ``listed_from`` and ``listed_until`` are the days between which the list
    counts (ISO 8601, the latter "" while it does). ``drones`` is whether it is registered for drones; None: not told.
    """

    KEY: ClassVar[tuple[str, ...]] = ("product", "list_version")

    product: str
    list_version: str
    name: str
    cooperative: str = ""
    listed_from: str = ""
    listed_until: str = ""
    actives: tuple[str, ...] = ()
    formulation: str = ""
    toxicity: str = ""
    uses: tuple[ProductUse, ...] = ()
    drones: bool | None = None
    banned: bool = False
    banned_kinds: tuple[str, ...] = ()
    """Kinds of plots that it may not be used on, such as ``rice-shrimp``."""

    def listed_on(self, day: str) -> bool:
        """Whether this version of the list counts on a day (ISO 8601)."""
        return self.listed_from <= day and (not self.listed_until or day <= self.listed_until)

    def phi_days(self, crop: str) -> int | None:
        """The longest pre-harvest interval on a crop, in days; None where the list tells none."""
        told = [u.phi_days for u in self.uses if u.crop.casefold() == crop.casefold() and u.phi_days is not None]
        return max(told, default=None)


@dataclass(frozen=True, slots=True)
class Job(Versioned):
    """The work ordered: plots, one operation, one product at a dose, on a local day (ISO 8601).

    ``dose`` is in L/ha or kg/ha, as ``dose_unit`` says; drone and pilot are "" where anybody may do it.
    """

    KEY: ClassVar[tuple[str, ...]] = ("job",)

    job: str
    cooperative: str
    op: Operation
    day: str
    plots: tuple[str, ...]
    product: str = ""
    dose: float = NAN
    dose_unit: str = ""
    device: str = ""
    pilot: str = ""
    note: str = ""
