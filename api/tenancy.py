"""The one door to cooperatives' data: nothing is read without a principal, and only what is its own.

Routes see :class:`Tenant` and never the ports of the stores; a test forbids it. What belongs to others and what does
not exist are the same error with the same message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from api.books import Books
from api.complaints import ASKED, Complaints, Passage, require_asker
from api.filedesk import FileDesk, FileParts
from api.identity.doorkeeper import Trace
from api.identity.vault import Vault
from api.live.desk import Line, LiveDesk, Opening, alone
from api.live.hub import Listener
from api.plotmap import PlotMap
from api.results import Results
from api.staff import Staff
from api.statements.desk import Issuer, Pictures, StatementDesk
from api.statements.issuing import Papers
from api.surroundings import Sides, Surroundings
from core.accounts import EVERYWHERE, AccountStore, AuditEntry, AuditFilter, Principal, Scope
from core.answers import AnswerStore
from core.errors import Forbidden, NotFound, RetriableError
from core.localtime import iso_utc
from core.model.coverage import Coverage, Flight, JobPlot
from core.model.figures import Figures
from core.model.fixtable import FixTable
from core.model.land import Cooperative, Device, DeviceKind, Plot
from core.model.samples import Fix, Reading
from core.model.versions import Versioned
from core.ports import Clock, TelemetryStore
from core.registry import Registry
from core.rollup import DATABASE, MEASUREMENT
from core.shapes import ShapeStore
from geo.coverage import Result
from geo.nearby import Place

R = TypeVar("R", bound=Versioned)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for what: ``what`` is the method and the path, as the audit log keeps it."""

    principal: Principal
    trace: Trace
    what: str


class Tenant:
    """One cooperative's data, as a principal may see them."""

    def __init__(self, asked: Asked, cooperative: Cooperative, house: House) -> None:
        self.asked = asked
        self.cooperative = cooperative
        self._id = cooperative.cooperative
        self._registry, self._store, self._results = house.sources(asked.principal, self._id)
        self._live = house.live(asked.principal, self._id)
        self._statements = house.statements(asked.principal, cooperative)
        self.books = house.books(asked, self._id)
        """What people register."""
        self.files = house.files(asked, self._id)
        """Exports, and logs that are handed in."""
        self.surroundings = house.surroundings(asked.principal, self._id)
        """Weather, sites, ledger, quality, alerts."""
        self.map = house.map(asked.principal, self._id)
        """What maps of plots are drawn from."""

    def record(self, kind: type[R], *key: str, version: int | None = None) -> R:
        """One record, in its newest version unless one is named; raises ``NotFound``."""
        return self._registry.record(kind, self._id, *key, version=version)

    def records(self, kind: type[R], *, at_ms: int | None = None) -> list[R]:
        """Newest versions by key, or those that counted at a time."""
        return self._registry.records(kind, self._id, at_ms=at_ms)

    def history(self, kind: type[R], *key: str) -> list[R]:
        """All versions of one record, from the first; raises ``NotFound``."""
        return self._registry.history(kind, self._id, *key)

    def plots(self, bbox: tuple[float, float, float, float] | None = None) -> list[Plot]:
        """Plots in their newest version, all or those whose box meets another in degrees."""
        return self._registry.plots(self._id, bbox)

    def plot(self, plot: str, version: int | None = None) -> Plot:
        """One plot; raises ``NotFound``."""
        return self._registry.plot(self._id, plot, version)

    def devices(self, kind: DeviceKind) -> list[Device]:
        """Drones or field sensors that are not retired."""
        return [device for device in self._registry.devices(self._id) if device.kind is kind]

    def device(self, device: str) -> Device:
        """One device that is not retired; raises ``NotFound``."""
        return self._registry.device(self._id, device)

    def latest_fixes(self) -> dict[str, Fix]:
        """The last fix of each drone."""
        return {fix.device: fix for fix in self._store.latest_fixes(self._id)}

    def latest_readings(self) -> dict[str, list[Reading]]:
        """The last reading of each sensor and quantity."""
        found: dict[str, list[Reading]] = {}
        for reading in self._store.latest_readings(self._id):
            found.setdefault(reading.device, []).append(reading)
        return found

    def readings(self, sensor: str, start_ms: int, end_ms: int) -> list[Reading]:
        """What a sensor measured; raises ``NotFound`` where there is no such sensor."""
        return self._store.readings(self._id, self.device(sensor).device, start_ms, end_ms)

    def readings_page(
        self, sensor: str, quantity: str, start_ms: int, end_ms: int, limit: int, *, newest_first: bool = False
    ) -> list[Reading]:
        """The first readings of one quantity in a window, from either end; none where there is no such sensor."""
        return self._store.readings_page(self._id, sensor, quantity, start_ms, end_ms, limit, newest_first=newest_first)

    def count_readings(self, sensor: str, quantity: str, start_ms: int, end_ms: int) -> int:
        """How many readings of one quantity a window holds."""
        return self._store.count_readings(self._id, sensor, quantity, start_ms, end_ms)

    def flights(self, start_ms: int, end_ms: int) -> list[Flight]:
        """Flights that touch the window, newest first."""
        return self._registry.flights(self._id, start_ms, end_ms)

    def flight(self, flight: str) -> Flight:
        """One flight; raises ``NotFound``."""
        return self._registry.flight(self._id, flight)

    def fixes(self, flight: str) -> FixTable:
        """A flight's fixes by time; raises ``NotFound``."""
        known = self.flight(flight)
        return self._store.fixes(self._id, known.device, known.start_ms, known.end_ms)

    def coverage(self, flight: str) -> Coverage:
        """The sprayed area of one flight; raises ``NotFound``."""
        return self._registry.coverage(self._id, flight)

    def job_plots(self, day: str) -> Sequence[JobPlot]:
        """What all jobs of a local day did, by job and plot."""
        return self._registry.job_plots(self._id, day)

    def shapes_of_flight(self, flight: str) -> Result:
        """A flight's coverage with its shapes; raises ``NotFound``."""
        return self._results.of_flight(self._id, flight)

    def shapes_of_plot(self, plot: str, day: str) -> Result:
        """What all flights of a local date did to a plot, with its shapes; raises ``NotFound``."""
        return self._results.of_plot(self._id, plot, day)

    def listen(self) -> tuple[Line, Listener] | None:
        """Hear what happens from now on; None where nobody feeds the live stream. Raises ``Crowded``."""
        if self._live is None:
            return None
        return self._live.line, self._live.hub.join(self._id, self.asked.principal.account)

    def live_opening(self, last_id: str) -> Opening:
        """What a listener hears first: what it has missed since an event, or all that stands."""
        fixes = self._store.latest_fixes(self._id)
        return Opening(alone(fixes), 0) if self._live is None else self._live.opening(self._id, last_id, fixes)

    @property
    def statements(self) -> StatementDesk:
        """Where statements are asked for."""
        return self._statements


class House:
    """Holds the ports, and opens a :class:`Tenant` to whom it belongs."""

    def __init__(
        self,
        store: TelemetryStore,
        registry: Registry,
        accounts: AccountStore,
        clock: Clock,
        live: LiveDesk | None = None,
        *,
        answers: AnswerStore,
        sides: Sides,
        complaints: Complaints,
        vault: Vault,
        shapes: ShapeStore,
        papers: Papers | None = None,
        files: FileParts | None = None,
    ) -> None:
        self._files = files
        self._store = store
        self._registry = registry
        self._accounts = accounts
        self._vault = vault
        self._shapes = shapes
        self._clock = clock
        self._answers = answers
        self._sides = sides
        self._live = live
        self._issuer = None if papers is None else Issuer(papers, Pictures())
        self._results = Results(store, registry)
        self._complaints = complaints

    def cooperatives(self, asked: Asked) -> list[Cooperative]:
        """The principal's own cooperative; all of them for those who belong to none."""
        require(asked.principal, Scope.READ)
        return [it for it in self._registry.cooperatives() if asked.principal.belongs_to(it.cooperative)]

    def tenant(self, asked: Asked, cooperative: str) -> Tenant:
        """Open one cooperative. Whoever belongs to none is written down before anything is shown.

        Raises:
            NotFound: There is none of that name, or it is another's.
            Forbidden: The credential is not for reading.
        """
        require(asked.principal, Scope.READ)
        if not asked.principal.belongs_to(cooperative):
            raise _unknown(cooperative)
        try:
            mine = self._registry.record(Cooperative, cooperative)
        except NotFound:
            raise _unknown(cooperative) from None
        if mine.retired:
            raise _unknown(cooperative)
        if asked.principal.everywhere:
            self.write_down(asked, cooperative, "looked at", asked.what)
        return Tenant(asked, mine, self)

    def tenants(self, asked: Asked) -> list[Tenant]:
        """All that a principal sees in one answer, opened, by identifier; raises ``Forbidden``."""
        seen = self.cooperatives(asked)
        if asked.principal.everywhere:
            self.write_down(asked, EVERYWHERE, "looked at", asked.what)
        return [Tenant(asked, it, self) for it in sorted(seen, key=lambda it: it.cooperative)]

    def who_flew(self, asked: Asked, place: Place, reason: str) -> list[Passage]:
        """Flights near a place, of all cooperatives that the principal sees; the question is written down first.

        Whoever belongs to no cooperative is written down once more for each one whose flights are shown.

        Raises:
            Forbidden: The principal may not ask.
            TooWide: The question is about too much at once.
        """
        require_asker(asked.principal)
        seen = self.cooperatives(asked)
        where = f"{place.lat_deg:.6f}, {place.lon_deg:.6f}, {place.radius_m:.0f} m"
        when = f"{iso_utc(place.start_ms)} to {iso_utc(place.end_ms)}"
        self.write_down(asked, asked.principal.cooperative, ASKED, f"{where}, {when}: {reason}")
        found: list[Passage] = []
        for cooperative in seen:
            mine = self._complaints.passages(asked.principal, cooperative, place)
            if mine and asked.principal.everywhere:
                flights = ", ".join(it.flight.flight for it in mine)
                self.write_down(asked, cooperative.cooperative, "looked at", f"{ASKED}: {flights}"[:1_000])
            found += mine
        return sorted(found, key=lambda it: it.rank)

    def every_one(self) -> list[str]:
        """Identifiers of all cooperatives: for what is open data."""
        return [it.cooperative for it in self._registry.cooperatives()]

    def seen_together(self, asked: Asked, *, written: bool = True) -> list[str]:
        """Identifiers of the cooperatives that a principal sees in one answer; written down where they are all."""
        seen = [it.cooperative for it in self.cooperatives(asked)]
        if asked.principal.everywhere and written:
            self.write_down(asked, EVERYWHERE, "looked at", asked.what)
        return seen

    def sources(self, principal: Principal, cooperative: str) -> tuple[Registry, TelemetryStore, Results]:
        """The ports, for a tenant's own use; refused where the cooperative is another's."""
        if not principal.belongs_to(cooperative):
            raise _unknown(cooperative)
        return self._registry, self._store, self._results

    def books(self, asked: Asked, cooperative: str) -> Books:
        """What people register in a cooperative, for a tenant's own use; refused where it is another's."""
        registry, _, _ = self.sources(asked.principal, cooperative)

        def tell(action: str, subject: str) -> None:
            self.write_down(asked, cooperative, action, subject)

        return Books(registry, self._answers, cooperative, asked.principal, self._clock, tell)

    def files(self, asked: Asked, cooperative: str) -> FileDesk:
        """The files of a cooperative, for a tenant's own use; refused where it is another's."""
        registry, _, _ = self.sources(asked.principal, cooperative)

        def tell(action: str, subject: str) -> None:
            self.write_down(asked, cooperative, action, subject)

        return FileDesk(self._files, registry, cooperative, asked.principal, tell)

    def surroundings(self, principal: Principal, cooperative: str) -> Surroundings:
        """What surrounds a cooperative's work, for a tenant's own use; refused where it is another's."""
        registry, store, _ = self.sources(principal, cooperative)
        return Surroundings(registry, store, self._sides, cooperative, principal)

    def map(self, principal: Principal, cooperative: str) -> PlotMap:
        """Maps of a cooperative's plots, for a tenant's own use; refused where it is another's."""
        registry, _, _ = self.sources(principal, cooperative)
        return PlotMap(registry, self._shapes, cooperative, principal)

    def live(self, principal: Principal, cooperative: str) -> LiveDesk | None:
        """The live stream, for a tenant's own use; None where nobody feeds it. Refused as :meth:`sources` does."""
        self.sources(principal, cooperative)
        return self._live

    def statements(self, principal: Principal, cooperative: Cooperative) -> StatementDesk:
        """Where a cooperative's statements are asked for, for a tenant's own use; refused where it is another's."""
        return StatementDesk(self._issuer, cooperative, principal)

    @property
    def live_source(self) -> Literal["broker", "store"] | None:
        """Where the live stream comes from; None where nobody feeds it."""
        return None if self._live is None else self._live.source

    def public_keys(self) -> list[dict[str, str]]:
        """The public keys that statements are signed with: open to everybody."""
        return [] if self._issuer is None else [dict(it) for it in self._issuer.papers.sealer.public_keys()]

    def write_down(self, asked: Asked, cooperative: str, action: str, subject: str) -> None:
        """Add to the audit log what a principal does."""
        trace = asked.trace
        at_ms, who = self._clock.now_ms(), asked.principal.account
        self._accounts.write_down(AuditEntry(at_ms, who, cooperative, action, subject, trace.request, trace.address))

    def staff(self, asked: Asked) -> Staff:
        """Accounts, for administrators; every method of it raises ``Forbidden`` to others."""
        trace, who = asked.trace, asked.principal.account

        def entry(cooperative: str, action: str, subject: str) -> AuditEntry:
            return AuditEntry(self._clock.now_ms(), who, cooperative, action, subject, trace.request, trace.address)

        return Staff(self._accounts, asked.principal, entry, self._vault)

    def rollups(self, asked: Asked, start_ms: int, end_ms: int) -> list[Figures]:
        """Roll-ups of the province, for those who belong to no one cooperative; raises ``Forbidden`` to others."""
        require(asked.principal, Scope.READ)
        if not asked.principal.everywhere:
            raise Forbidden("roll-ups are for the department's officers")
        self.write_down(asked, EVERYWHERE, "looked at", asked.what)
        return self._store.figures(DATABASE, MEASUREMENT, start_ms, end_ms)

    def audit(
        self, asked: Asked, only: AuditFilter, cooperative: str | None, before: int, limit: int
    ) -> list[AuditEntry]:
        """The audit log, the newest first: about a cooperative, or (None) about all that the principal may see.

        Raises:
            Forbidden: The principal may not read it.
            NotFound: The cooperative is another's.
        """
        require(asked.principal, Scope.AUDIT)
        if cooperative is not None and not asked.principal.belongs_to(cooperative):
            raise _unknown(cooperative)
        mine = None if asked.principal.everywhere else asked.principal.cooperative
        return self._accounts.audit(mine if cooperative is None else cooperative, before, limit, only)

    def check(self) -> dict[str, str]:
        """Ask every store something small: what is wrong, by the store's name; empty where all is well."""
        cooperatives: list[Cooperative] = []

        def registry() -> None:
            cooperatives.extend(self._registry.cooperatives()[:1])

        def telemetry() -> None:
            for it in cooperatives:
                self._store.latest_fixes(it.cooperative)

        def accounts() -> None:
            self._accounts.audit(None, limit=1)

        wrong: dict[str, str] = {}
        for ask in (registry, telemetry, accounts):
            try:
                ask()
            except RetriableError as error:
                wrong[ask.__name__] = str(error)
        return wrong


def _unknown(cooperative: str) -> NotFound:
    """What does not exist, and what is another's."""
    return NotFound(f"no cooperative {cooperative!r}")


def require(principal: Principal, scope: Scope) -> None:
    """Raise ``Forbidden`` where a credential is not for that."""
    if scope not in principal.scopes:
        raise Forbidden(f"this credential may not {scope}")
