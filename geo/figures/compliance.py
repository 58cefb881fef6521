"""Which flights kept the rules, by commune and local day, for the department: figures of communes, never of a farm.

Figures are withheld where the roll-up of the same day withholds its figures of the commune (:mod:`geo.rollups`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.localtime import day_window_ms
from core.model.context import Exclusion, FlightContext, Objection, Window
from core.model.figures import Figures, Value
from core.rollup import Treated
from geo.figures.flight import in_buffer_l
from geo.rollups import LEAST_FARMS, by_commune

MEASUREMENT: Final = "compliance"


class Kept(Enum):
    """Whether a rule was kept; often nobody can tell."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FlightRules:
    """What is known of one flight.

    ``weather`` is that of its worst treated minute, ``in_buffer_l`` the litres within the distances to keep (NaN: not
    known), ``product``, ``licence`` and ``drone`` whether product, pilot and aircraft were registered on the day.
    """

    weather: Kept = Kept.UNKNOWN
    in_buffer_l: float = math.nan
    product: Kept = Kept.UNKNOWN
    licence: Kept = Kept.UNKNOWN
    drone: Kept = Kept.UNKNOWN


NOTHING_KNOWN: Final = FlightRules()
_COUNTED: Final[Mapping[str, tuple[str, Kept]]] = {
    "in_window": ("weather", Kept.YES),
    "in_bad_weather": ("weather", Kept.NO),
    "weather_unknown": ("weather", Kept.UNKNOWN),
    "unregistered_product": ("product", Kept.NO),
    "product_unknown": ("product", Kept.UNKNOWN),
    "without_licence": ("licence", Kept.NO),
    "licence_unknown": ("licence", Kept.UNKNOWN),
    "unregistered_drone": ("drone", Kept.NO),
    "drone_unknown": ("drone", Kept.UNKNOWN),
}
FIELDS: Final = ("withheld", "flights", "buffer_l", "buffer_unknown", *_COUNTED)


def weather_kept(context: FlightContext | None) -> Kept:
    """Whether the weather allowed to spray all the time: green and amber do, red does not."""
    if context is None or context.stamps is None:
        return Kept.UNKNOWN
    window = context.stamps.worst.verdict.window
    if window is Window.NO_DATA:
        return Kept.UNKNOWN
    return Kept.NO if window is Window.RED else Kept.YES


def product_kept(product: str, exclusions: Sequence[Exclusion]) -> Kept:
    """Whether a product was listed, and not banned, where it was used; nobody knows where the job names none."""
    objections = {it.objection for it in exclusions}
    if objections & {Objection.BANNED, Objection.BANNED_KIND, Objection.PRODUCT_UNKNOWN}:
        return Kept.NO
    return Kept.UNKNOWN if not product or objections else Kept.YES


def valid_on(day: str, until: str) -> Kept:
    """Whether a record that counts up to a day (ISO 8601, "" where nobody told) counted on a day."""
    if not until:
        return Kept.UNKNOWN
    return Kept.YES if day <= until else Kept.NO


def flight_rules(context: FlightContext | None, *, product: Kept, licence: Kept, drone: Kept) -> FlightRules:
    """All that is known of a flight."""
    return FlightRules(weather_kept(context), in_buffer_l(context), product, licence, drone)


def compliance_rows(
    day: str, treated: Sequence[Treated], rules: Mapping[str, FlightRules], least_farms: int = LEAST_FARMS
) -> list[Figures]:
    """The rows of one local day: of each commune, and of all, each with every field.

    Args:
        day: Local day (ISO 8601).
        treated: What was treated on it, as the roll-up counts it.
        rules: What is known of the flights, named as in ``treated``; of others nothing is known.
        least_farms: Farms below which a commune's figures are withheld.
    """
    return [
        _row(day, commune, dict.fromkeys(FIELDS, 0.0) | ({"withheld": 1.0} if withheld else _sums(rows, rules)))
        for commune, (rows, withheld) in by_commune(treated, least_farms).items()
    ]


def over_nothing(row: Figures) -> Figures:
    """What a kept row says once nobody worked in its commune any more: known zeros."""
    return Figures(row.measurement, row.ts_ms, row.tags, dict.fromkeys(FIELDS, 0.0))


def _row(day: str, commune: str, values: Mapping[str, Value]) -> Figures:
    return Figures(MEASUREMENT, day_window_ms(day)[0], {"commune": commune}, values)


def _sums(rows: Sequence[Treated], rules: Mapping[str, FlightRules]) -> dict[str, float]:
    names = sorted(frozenset[str]().union(*(row.flights for row in rows)))
    flights = [rules.get(name, NOTHING_KNOWN) for name in names]
    counted = {name: float(sum(getattr(it, rule) is kept for it in flights)) for name, (rule, kept) in _COUNTED.items()}
    litres = [it.in_buffer_l for it in flights]
    return counted | {
        "flights": float(len(flights)),
        "buffer_l": math.fsum(it for it in litres if not math.isnan(it)),
        "buffer_unknown": float(sum(map(math.isnan, litres))),
    }
