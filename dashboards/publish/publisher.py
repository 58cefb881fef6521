"""Publishes: finds what is to change of every organisation, and does it or only tells of it.

One thing that cannot be done, such as a board whose title is taken, does not keep the others from being done; what
rests on it (what is in a folder that could not be made) is left for the next time. Doing it again repairs what a try
that broke off has left half done, for everything is compared with what stands, and nothing is remembered here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from core.errors import ConfigError, Conflict, NotFound, RetriableError
from dashboards.publish import alerts, boards, contacts, folders, organisations, routing, sources
from dashboards.publish.catalogue import Catalogue
from dashboards.publish.changes import Action, Change
from dashboards.publish.server import Grafana
from dashboards.publish.wanted import Organisation, View
from dashboards.render import centred

MEMBER: Final = "member"
_CARRY: Final = frozenset((organisations.KIND, MEMBER, sources.KIND, folders.KIND))
"""Kinds that others rest on."""


@dataclass(frozen=True, slots=True)
class Mode:
    """What is done: nothing (only told of), or all but what is stale, or that too.

    ``anew`` writes secrets again that the server hides, so that they cannot be compared.
    """

    write: bool = False
    prune: bool = False
    anew: bool = False

    def does(self, change: Change) -> bool:
        """Whether a change is done."""
        return self.write and (self.prune or change.action is not Action.STALE)


@dataclass(frozen=True, slots=True)
class Step:
    """A change, whether it was done, and what kept it from that."""

    change: Change
    done: bool = False
    fault: str = ""


@dataclass(slots=True)
class Publisher:
    """Publishes a catalogue to organisations. ``notes`` are what a person should know beside the steps.

    Attributes:
        grafana: The server.
        catalogue: What there is to publish.
        values: Of contact points, by organisation and name.
        mode: What is done.
    """

    grafana: Grafana
    catalogue: Catalogue
    values: Mapping[str, Mapping[str, str]]
    mode: Mode = field(default_factory=Mode)
    notes: list[str] = field(default_factory=list)

    def run(self, wanted: Sequence[Organisation]) -> Iterator[Step]:
        """Bring every organisation into its state, one step after the other.

        Raises:
            ConfigError: A rule could not work; nothing was written.
            Unauthenticated: The server does not know the user.
            Forbidden: The user is no server administrator.
            RetriableError: The server does not answer.
        """
        self.catalogue.check(wanted)
        for key in sorted(self.values.keys() - {it.key for it in wanted}):
            self.notes.append(f"there are values of contact points for {key!r}, which is no organisation")
        version = self.grafana.version()
        there = organisations.Organisations(self.grafana)
        for it in wanted:
            yield from self._guarded(it.name, self._organisation(there, it, version))
        for org, name in there.others(wanted):
            yield from self._guarded(name, self._gone(self.grafana.within(org), name))

    def ill(self, wanted: Sequence[Organisation]) -> Iterator[str]:
        """What is wrong with the data sources, as the server finds when it asks them."""
        there = organisations.Organisations(self.grafana)
        for it in wanted:
            org = there.id_of(it)
            if org:
                yield from sources.ill(self.grafana.within(org), it)

    def _guarded(self, name: str, steps: Iterator[Step]) -> Iterator[Step]:
        """The steps of an organisation, as far as it can be looked at."""
        try:
            yield from steps
        except (Conflict, ConfigError, NotFound, RetriableError) as error:
            yield Step(Change(name, organisations.KIND, name, Action.CHANGE), fault=str(error))

    def _organisation(
        self, there: organisations.Organisations, wanted: Organisation, version: Sequence[int]
    ) -> Iterator[Step]:
        for change in there.changes(wanted):
            step = self._step(change)
            yield step
            if step.fault:
                return
        org = there.id_of(wanted)
        if not org:
            return  # not made yet: all that belongs into it is missing, too
        inside = self.grafana.within(org)
        for change in self._inside(inside, wanted, version):
            step = self._step(change)
            yield step
            if step.fault and change.kind in _CARRY:
                return

    def _inside(self, inside: Grafana, wanted: Organisation, version: Sequence[int]) -> Iterator[Change]:
        """What is to change within an organisation, in the order in which one thing rests on the other."""
        name, kept = wanted.name, self.catalogue.of(wanted.audience)
        yield from self._membership(inside, name)
        if not inside.is_inside():
            if self.mode.write:
                raise Conflict(f"Grafana answers for another organisation than {name!r}: nothing was written to it")
            return
        yield from sources.changes(inside, wanted)
        for folder in self.catalogue.folders:
            yield from folders.changes(inside, name, folder)
        yield from boards.changes(inside, name, _looking(kept.boards, wanted.view), version)
        points = contacts.filled(kept.points, self.values.get(wanted.key, {}))
        yield from contacts.changes(inside, name, points.points, anew=self.mode.anew)
        yield from alerts.changes(inside, name, kept.rules)
        receivers = sorted({str(it["name"]) for it in points.points.values()})
        yield from routing.changes(inside, name, receivers, contacts.names(inside))
        yield from contacts.stale(inside, name, set(points.points))
        for uid, lacking in points.missing.items():
            self.notes.append(f"{name}: contact point {uid} is left out: no value for {', '.join(lacking)}")

    def _membership(self, inside: Grafana, name: str) -> Iterator[Change]:
        """Whoever publishes has to be in the organisation; who makes one is."""
        if not inside.is_inside():
            path, body = f"/orgs/{inside.org}/users", {"loginOrEmail": inside.user, "role": "Admin"}
            join = partial(_ask, self.grafana, path, body)
            yield Change(name, MEMBER, inside.user, Action.ADD, "", join)

    def _gone(self, inside: Grafana, name: str) -> Iterator[Step]:
        """What is left of ours in an organisation that nobody wants; a stranger's holds nothing of ours."""
        if not inside.is_inside():
            return
        ours = list(sources.stale(inside, name, set()))
        if not ours:
            return
        self.notes.append(f"{name}: its cooperative is not in the registry any more")
        found: list[Iterator[Change]] = [
            routing.changes(inside, name, (), contacts.names(inside)),
            alerts.stale(inside, name, set()),
            contacts.stale(inside, name, set()),
            boards.stale(inside, name, set()),
            *(folders.stale(inside, name, it) for it in self.catalogue.folders),
            iter(ours),
        ]
        for changes in found:
            for change in changes:
                yield self._step(change if change.action is Action.STALE else change.as_stale())

    def _step(self, change: Change) -> Step:
        if not self.mode.does(change):
            return Step(change)
        try:
            change.do()
        except (Conflict, ConfigError, NotFound, RetriableError) as error:
            return Step(change, fault=str(error))
        return Step(change, done=True)


def _looking(
    kept: Mapping[str, tuple[str, dict[str, Any]]], view: View | None
) -> Mapping[str, tuple[str, dict[str, Any]]]:
    """Boards whose maps look where the organisation is."""
    if view is None:
        return kept
    return {
        uid: (folder, centred(board, view.lat_deg, view.lon_deg, view.zoom)) for uid, (folder, board) in kept.items()
    }


def _ask(grafana: Grafana, path: str, body: Mapping[str, str]) -> None:
    grafana.ask("POST", path, body).expected()
