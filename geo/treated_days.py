"""What was treated in the whole province on a local day, as roll-ups count it, from the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.localtime import day_window_ms
from core.model.coverage import Flight, JobPlot
from core.model.work import Job, Product
from core.registry import Registry
from core.rollup import Communes, Treated
from geo.product_groups import product_group
from geo.rollups import treated


@dataclass(frozen=True, slots=True)
class OwnedDay:
    """What the registry holds of a cooperative's day: rows of jobs in which something was treated, and all flights."""

    cooperative: str
    rows: Sequence[JobPlot]
    flights: Sequence[Flight]


@dataclass(frozen=True, slots=True)
class TreatedDays:
    """Reads days of all cooperatives. Raises ``StoreUnavailable`` where the registry is away."""

    registry: Registry
    communes: Communes

    def known(self, day: str) -> list[OwnedDay]:
        """What is known of every cooperative that flew on a local day (ISO 8601)."""
        window = day_window_ms(day)
        return [
            OwnedDay(owner, _without_figures_of_nobody(self.registry.job_plots(owner, day)), flights)
            for owner in (it.cooperative for it in self.registry.cooperatives())
            if (flights := self.registry.flights(owner, *window))
        ]

    def treated(self, day: str, owned: OwnedDay) -> list[Treated]:
        """What one cooperative treated, by job and plot."""
        names = {row.coverage.plot for row in owned.rows}
        all_plots = self.registry.plots(owned.cooperative, at_ms=day_window_ms(day)[1]) if names else []
        plots = [plot for plot in all_plots if plot.plot in names]
        return treated(
            owned.rows,
            cooperative=owned.cooperative,
            commune_of=self.communes.codes(plots, day),
            member_of={plot.plot: plot.member for plot in plots},
            group_of=self._groups(owned.cooperative, {row.job for row in owned.rows}),
            drone_of={flight.flight: flight.device for flight in owned.flights},
        )

    def _groups(self, cooperative: str, names: set[str]) -> Mapping[str, str]:
        """The product group by job; none of a job that nobody planned or that names no product."""
        jobs = [
            job for job in self.registry.records(Job, cooperative, retired=True) if job.job in names and job.product
        ]
        if not jobs:
            return {}
        wanted = {job.product for job in jobs}
        versions: dict[str, list[Product]] = {}
        for owner in ("", cooperative):
            for product in self.registry.records(Product, owner, retired=True):
                if product.product in wanted:
                    versions.setdefault(product.product, []).append(product)
        return {job.job: product_group(versions.get(job.product, ())) for job in jobs}


def _without_figures_of_nobody(rows: Sequence[JobPlot]) -> list[JobPlot]:
    return [row for row in rows if row.flights and row.coverage.net_m2 > 0.0]
