"""What an import is compared with before anything is kept: registered plots, flights, communes."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from shapely import MultiPoint, box

from cli.adminunits import today
from cli.wiring import Stores
from core.errors import ConfigError
from core.model.admin import AdminLevel
from core.model.land import Boundary, Cooperative, Plot
from core.registry import Registry
from land.boundaries import VIETNAM_BOX_DEG
from land.crs import ToWgs84
from land.datum_mistakes import Reference, Status, judge
from land.gazetteer import gazetteer, level_of
from land.plot_units import Communes, PlotUnit, unit_of

if TYPE_CHECKING:
    from land.report import Examined

_FLIGHTS: Final = 100
_PLACE_DEG: Final = 0.1
_SAME_DEG: Final = 5e-9
_ALL_TIMES: Final = (-(2**62), 2**62)


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of an import beside its features.

    ``plots`` are those that can be taken, completed; ``communes`` their communes today, by the feature's number.
    """

    status: str
    words: str
    plots: list[Plot]
    offers: list[str] = field(default_factory=list)
    communes: dict[int, PlotUnit] = field(default_factory=dict)
    m2_per_cong: float = 1_000.0

    @property
    def lies_right(self) -> bool:
        """Whether nothing speaks against taking it."""
        return self.status != Status.REFUSED.value


def judged(
    found: Examined,
    args: argparse.Namespace,
    stores: Stores | None = None,
    cooperative: Cooperative | None = None,
) -> Judged:
    """Compare an import with what is known.

    Args:
        found: What the file holds.
        args: ``source_unit``, ``source_date`` and ``commune`` of the command.
        stores: None where nothing is known: then only Vietnam's box and the record tell anything.
        cooperative: Whose plots they are to be.

    Raises:
        ConfigError: The commune that is named has no polygon here.
    """
    told = {"source_unit": args.source_unit, "source_date": args.source_date or ""}
    given = {name: value for name, value in told.items() if value}
    features = [f for f in found.features if f.made is not None]
    plots = [_completed(f.made, given) for f in features if f.made is not None]
    registered = stores.registry.plots(cooperative.cooperative) if stores and cooperative else []
    plots = unmoved(plots, registered)
    if not plots:
        return Judged(Status.UNSURE.value, "there is no plot to judge", [])
    day = today()
    references = list(_references(registered, stores, cooperative, args.commune, day))
    if len(found.ways) == 1:
        raw = [f.raw for f in features if f.raw is not None]
        status, words, offers = _placing(plots, found.ways[0], raw, references)
    else:
        status, words, offers = Status.UNSURE.value, "the file's layers have several CRSs: each is read in its own", []
    communes = _communes(stores.registry, day) if stores else Communes([])
    places: dict[int, PlotUnit] = {}
    if communes or any(plot.source_unit for plot in plots):
        known = gazetteer()
        places = {f.feature: unit_of(p, day, communes, known) for f, p in zip(features, plots, strict=True)}
    size = cooperative.m2_per_cong if cooperative else 1_000.0
    return Judged(status, words, plots, offers, places, size)


def _completed(plot: Plot, given: dict[str, Any]) -> Plot:
    missing = {name: value for name, value in given.items() if not getattr(plot, name)}
    return replace(plot, **missing) if missing else plot


def unmoved(plots: Sequence[Plot], known: Sequence[Plot]) -> list[Plot]:
    """The plots, each with the boundary that is registered where it says the same: what rounding does is no change.

    Args:
        plots: Those of a file.
        known: Those that are registered.
    """
    before = {plot.plot: plot.boundary for plot in known}
    return [
        replace(plot, boundary=there)
        if (there := before.get(plot.plot)) is not None and _same_place(there, plot.boundary)
        else plot
        for plot in plots
    ]


def _same_place(a: Boundary, b: Boundary) -> bool:
    """Whether two boundaries have the same corners within half a millimetre, wherever their rings begin."""
    return bool(a.normalize().equals_exact(b.normalize(), _SAME_DEG))


def _placing(
    plots: Sequence[Plot], source: ToWgs84, raw: Sequence[Any], references: Sequence[Reference]
) -> tuple[str, str, list[str]]:
    """Whether the layer shows a known mistake: the verdict, in words, and the options that would read it right."""
    if source.vn2000:
        references = [*references, Reference("vietnam", (box(*VIETNAM_BOX_DEG),))]
    verdict = judge([plot.boundary for plot in plots], source, raw, references, ids=[plot.plot for plot in plots])
    return verdict.status.value, verdict.words, list(verdict.options)


def _references(
    registered: Sequence[Plot], stores: Stores | None, cooperative: Cooperative | None, commune: str | None, day: date
) -> Iterator[Reference]:
    if stores is None or cooperative is None:
        if commune:
            raise ConfigError("--commune needs a registry that holds its polygon: give --cooperative, too")
        return
    registry = stores.registry
    if registered:
        yield Reference("plots", tuple(p.boundary for p in registered), tuple(p.plot for p in registered))
    for sprayed in _sprayed(stores, cooperative.cooperative):
        yield Reference("flights", (MultiPoint(sprayed),))
    if commune:
        unit = gazetteer().resolve(commune, level_of(commune), day)
        held = {u.code: u.boundary for u in registry.admin_units(unit.level, day)}.get(commune)
        if held is None:
            raise ConfigError(f"no polygon of {commune} {unit.name} is held; supply it with: canhdong admin import")
        yield Reference("commune", (held,))


def _sprayed(stores: Stores, cooperative: str) -> list[Any]:
    """Where the last flights had the implement on, place by place: longitudes and latitudes, shape (n, 2) each.

    A cooperative may work in several villages: the flights over one say nothing of a layer of another.
    """
    places: defaultdict[tuple[int, int], list[Any]] = defaultdict(list)
    for flight in stores.registry.flights(cooperative, *_ALL_TIMES)[:_FLIGHTS]:
        fixes = stores.telemetry.fixes(cooperative, flight.device, flight.start_ms, flight.end_ms)
        points = np.column_stack([fixes.lon_deg, fixes.lat_deg])[fixes.on]
        points = points[np.isfinite(points).all(axis=1) & (points != 0.0).any(axis=1)]
        if len(points):
            lon, lat = np.median(points, axis=0) / _PLACE_DEG
            places[round(float(lon)), round(float(lat))].append(points)
    return [np.concatenate(parts) for parts in places.values()]


def _communes(registry: Registry, day: date) -> Communes:
    return Communes(registry.admin_units(AdminLevel.COMMUNE, day))
