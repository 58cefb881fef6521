"""The sprayed area of one flight over the plots that lie around it, on what the registry knew at its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from core.errors import ConfigError, NotFound
from core.localtime import iso_utc
from core.model.coverage import NO_SWATH, Coverage, Flight
from core.model.fixtable import FixTable
from core.model.land import Plot
from core.model.ledger import Account
from core.model.samples import NAN, Event
from core.model.trust import Trust
from core.registry import Registry
from geo.cleaning import clean, distance_m
from geo.coverage import ALGORITHM, Parameters, compute
from geo.evidence import input_hash
from geo.registered_swath import registered_swath
from geo.totals import treated
from geo.trust.judging import with_trust

PLOT_MARGIN_DEG: Final = 0.001
"""How far around a flight's fixes plots are looked for: 110 m, more than half of any swath."""


def flight_area(
    registry: Registry,
    flight: Flight,
    fixes: FixTable,
    events: Sequence[Event],
    parameters: Parameters,
    *,
    accounts: Sequence[Account] = (),
) -> Coverage:
    """What a flight treated, and how far that can be trusted.

    Plots have the boundaries that were valid when the flight began: one that is corrected later does not change it.

    Args:
        registry: Where plots, the device's swath and calibrations are looked up.
        flight: The flight.
        fixes: Its fixes.
        events: Its events.
        parameters: Of the computation; the registered swath becomes ``default_swath_m`` where that is not given.
        accounts: The ledger's pages of the device's boots; without them nobody knows whether all fixes came.

    Returns:
        Figures; without areas (``no_area``) where the implement was on and nobody knows how wide it worked.
    """
    tuned = tuned_for(registry, flight, parameters)
    plots = plots_near(registry, flight.cooperative, fixes, flight.start_ms)
    try:
        result = compute(flight.flight, [fixes], plots, tuned, events)
    except ConfigError:
        return without_area(flight.flight, fixes, events)
    return with_trust(result, [fixes], plots, tuned, events, accounts)


def without_area(flight: str, fixes: FixTable, events: Sequence[Event]) -> Coverage:
    """What can be told of a flight whose swath nobody knows: what it released, and how far it flew."""
    cleaned, sums = clean(fixes), treated(fixes)
    areas = ("gross_m2", "net_m2", "plots_area_m2", "plots_gross_m2", "plots_net_m2", "plots_overlap_m2")
    beside = ("off_target_m2", "off_target_volume_l", "off_target_mass_kg", "off_transit_m2", "off_failsafe_m2")
    unknown: dict[str, Any] = dict.fromkeys((*areas, "plots_missed_m2", *beside, "bridged_m"), NAN)
    return Coverage(
        flight=flight,
        plots=(),
        volume_l=sums.volume_l,
        mass_kg=sums.mass_kg,
        distance_m=distance_m(cleaned.fixes, cleaned.breaks),
        treated_distance_m=sums.distance_m,
        fixes=len(cleaned.fixes),
        rejected=dict(cleaned.rejected),
        algorithm=ALGORITHM,
        input_hash=input_hash([fixes], events),
        no_area=NO_SWATH,
        **unknown,
    )


def with_known_completeness(found: Coverage, held: Coverage | None) -> Coverage:
    """A result that was computed without the ledger, with what an earlier result of the same fixes took from it."""
    if found.trust is None or held is None or held.trust is None or held.input_hash != found.input_hash:
        return found
    it = found.trust
    return replace(found, trust=Trust.of(it.gnss, it.sampling, it.bridges, held.trust.completeness))


def plots_near(registry: Registry, cooperative: str, fixes: FixTable, at_ms: int | None = None) -> Sequence[Plot]:
    """The plots, now or as they were at a time, whose boxes meet the box of the usable fixes, with a margin."""
    good = clean(fixes).fixes
    if not len(good):
        return []
    west, south = float(good.lon_deg.min()) - PLOT_MARGIN_DEG, float(good.lat_deg.min()) - PLOT_MARGIN_DEG
    east, north = float(good.lon_deg.max()) + PLOT_MARGIN_DEG, float(good.lat_deg.max()) + PLOT_MARGIN_DEG
    return registry.plots(cooperative, (west, south, east, north), at_ms)


def plot_at(registry: Registry, cooperative: str, plot: str, at_ms: int) -> Plot:
    """A plot as it was at a time: the last version that was valid by then; raises ``NotFound`` where there is none."""
    valid = [it for it in registry.history(Plot, cooperative, plot) if it.valid_from_ms <= at_ms]
    if not valid:
        raise NotFound(f"plot {plot!r} of {cooperative!r} was not valid yet at {iso_utc(at_ms)}")
    return valid[-1]


def filled(registry: Registry, flight: Flight, fixes: FixTable, default_swath_m: float = NAN) -> FixTable:
    """A flight's fixes with the default or else the registered swath where a fix names none."""
    if np.isnan(default_swath_m):
        default_swath_m = registered_swath(registry, flight).swath_m
    told = np.isfinite(fixes.swath_m) & (fixes.swath_m > 0.0)
    return fixes.with_columns(swath_m=np.where(told, fixes.swath_m, default_swath_m))


def tuned_for(registry: Registry, flight: Flight, parameters: Parameters) -> Parameters:
    """The parameters with the registered swath as the default, where there is one and none is given."""
    if not np.isnan(parameters.default_swath_m):
        return parameters
    return replace(parameters, default_swath_m=registered_swath(registry, flight).swath_m)
