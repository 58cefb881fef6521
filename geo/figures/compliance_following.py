"""Keeps the department's figures of compliance in step with what is computed: every local day that a window touched.

Several workers end in the same rows (:mod:`geo.overtaking`): each computes the day again after writing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.contexts import Contexts
from core.localtime import day_window_ms
from core.model.coverage import JobPlot, job_of
from core.model.figures import Figures
from core.model.fleet import Pilot
from core.model.land import Device
from core.model.work import Job
from core.registry import Registry
from core.rollup import DATABASE, Communes, RollupSink, Treated
from geo.context.exclusions import listed
from geo.context.exclusions import treated as excluded
from geo.figures.compliance import (
    MEASUREMENT,
    FlightRules,
    Kept,
    compliance_rows,
    flight_rules,
    over_nothing,
    product_kept,
    valid_on,
)
from geo.overtaking import keep_up
from geo.recompute import Recomputed
from geo.rollup_following import days_of
from geo.rollups import LEAST_FARMS
from geo.treated_days import OwnedDay, TreatedDays


@dataclass(frozen=True, slots=True)
class ComplianceFollower:
    """Computes days of the whole province from the registry and keeps them; see ``geo.service.Follower``.

    It comes after what keeps the contexts of the same flights.
    """

    sink: RollupSink
    registry: Registry
    contexts: Contexts
    communes: Communes
    least_farms: int = LEAST_FARMS

    def follow(self, done: Recomputed) -> None:
        """Bring up to date every local day on which a flight of the window begins or began.

        Raises:
            StoreUnavailable: A store is away; doing it again is safe.
            RetriableError: Other workers changed the day all the time; doing it again is safe.
        """
        self.refresh(days_of(done))

    def refresh(self, days: Iterable[str]) -> int:
        """Compute local days anew; how many communes they have, sums included. Raises as ``follow``."""
        return sum(self._refresh(day) for day in sorted(set(days)))

    def _refresh(self, day: str) -> int:
        changed = f"compliance of {day}: other workers changed the day"
        return len(keep_up(lambda: self._rows(day), lambda rows: self._keep(day, rows), changed))

    def _keep(self, day: str, rows: Sequence[Figures]) -> None:
        """Write a day's rows where they say anything new, and zeros over kept ones that are none of them."""
        at_ms = day_window_ms(day)[0]
        kept = {row.key: row for row in self.sink.figures(DATABASE, MEASUREMENT, at_ms, at_ms)}
        mine = {row.key for row in rows}
        wanted = [*rows, *(over_nothing(row) for key, row in kept.items() if key not in mine)]
        changed = [row for row in wanted if (old := kept.get(row.key)) is None or old.values != row.values]
        if changed:
            self.sink.put_figures(DATABASE, changed)

    def _rows(self, day: str) -> list[Figures]:
        days = TreatedDays(self.registry, self.communes)
        treated: list[Treated] = []
        rules: dict[str, FlightRules] = {}
        for owned in days.known(day):
            if owned.rows:
                treated += days.treated(day, owned)
                rules |= {f"{owned.cooperative}/{name}": it for name, it in self._rules(day, owned).items()}
        return compliance_rows(day, treated, rules, self.least_farms)

    def _rules(self, day: str, owned: OwnedDay) -> dict[str, FlightRules]:
        """What is known of the flights of a cooperative that treated anything on a day."""
        cooperative, registry = owned.cooperative, self.registry
        names = {name for row in owned.rows for name in row.flights}
        contexts = {it.flight: it for it in self.contexts.flight_contexts(cooperative, *day_window_ms(day))}
        wanted = {row.job for row in owned.rows}
        orders = {it.job: it for it in registry.records(Job, cooperative, retired=True) if it.job in wanted}
        pilots = {it.pilot: it.licence_until for it in registry.records(Pilot, cooperative, retired=True)}
        drones = {it.device: it.registration_until for it in registry.records(Device, cooperative, retired=True)}
        products = self._products(owned, orders)
        found: dict[str, FlightRules] = {}
        for flight in (it for it in owned.flights if it.flight in names):
            order = orders.get(job_of(flight)[0])
            found[flight.flight] = flight_rules(
                contexts.get(flight.flight),
                product=products.get(flight.flight, Kept.UNKNOWN),
                licence=valid_on(day, pilots.get(order.pilot, "") if order else ""),
                drone=valid_on(day, drones.get(flight.device, "")),
            )
        return found

    def _products(self, owned: OwnedDay, orders: dict[str, Job]) -> dict[str, Kept]:
        """Whether each flight's product may be used on the plots that it treated; by flight."""
        by_flight: dict[str, list[JobPlot]] = {}
        for row in owned.rows:
            for name in row.flights:
                by_flight.setdefault(name, []).append(row)
        names = {it.product for it in orders.values() if it.product}
        lists = {name: listed(self.registry, owned.cooperative, name) for name in names}
        plots = {it.plot: it for it in self.registry.plots(owned.cooperative)} if names else {}
        found: dict[str, Kept] = {}
        for flight in owned.flights:
            order = orders.get(job_of(flight)[0])
            if order is not None and order.product:
                rows = by_flight.get(flight.flight, [])
                speaking = excluded(rows, {order.job: order}, lists[order.product], plots)
                found[flight.flight] = product_kept(order.product, speaking)
        return found
