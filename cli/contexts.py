"""What surrounded flights and jobs, as tables and as facts for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cli import output
from core.localtime import local
from core.model.context import Exclusion, JobContext, SiteContact, Stamp, Stamps, Verdict
from core.model.context import FlightContext as Flown
from core.terms import both
from core.units import ha

_STAMPS = ("before", "worst", "mean", "after")
_QUANTITIES = (
    ("wind", "wind_mps", "m/s"),
    ("wind_from", "wind_from_deg", "°"),
    ("gust", "gust_mps", "m/s"),
    ("temperature", "temperature_c", "°C"),
    ("humidity", "humidity_pct", "%"),
    ("delta_t", "delta_t_c", "K"),
    ("rain", "rain_mmph", "mm/h"),
)
_MINUTES = ("start_ms", "distance_m", "upwind", "drift", "in_buffer_l", "downwind_l")


def contact_facts(contact: SiteContact) -> dict[str, Any]:
    """A contact with its minutes as rows; ``upwind`` and ``drift`` are null where nobody knows."""
    columns = [getattr(contact.minutes, name).tolist() for name in _MINUTES]
    rows = [dict(zip(_MINUTES, row, strict=True)) for row in zip(*columns, strict=True)]
    for row in rows:
        row |= {name: None if row[name] < 0 else bool(row[name]) for name in ("upwind", "drift")}
    return dict(output.plain({n: getattr(contact, n) for n in SiteContact.__dataclass_fields__ if n != "minutes"})) | {
        "minutes": rows
    }


def flight_facts(context: Flown) -> dict[str, Any]:
    """One flight's context."""
    names = ("flight", "device", "start_ms", "end_ms", "job", "day", "stamps")
    return {name: getattr(context, name) for name in names} | {
        "sites": [contact_facts(contact) for contact in context.contacts]
    }


def job_facts(context: JobContext, flights: Sequence[Flown]) -> dict[str, Any]:
    """One job's context on a day, with the sites beside its flights."""
    exclusions = [dict(output.plain(it)) | {"violation": it.violation} for it in context.exclusions]
    return {
        "job": context.job,
        "day": context.day,
        "product": context.product,
        "stamps": context.stamps,
        "exclusions": exclusions,
        "flights": [flight_facts(flight) for flight in flights],
    }


def print_stamps(title: str, stamps: Stamps | None) -> None:
    """The three stamps and the worst minute, one a column; a line where nothing was treated."""
    if stamps is None:
        print(f"{title}: {both('nothing_treated')}")
        return
    found = [getattr(stamps, name) for name in _STAMPS]
    rows = [
        [both("time"), *(f"{local(it.weather.ts_ms):%d/%m/%Y %H:%M:%S}" for it in found)],
        [both("spray_window"), *(both(f"window_{it.verdict.window}") for it in found)],
        [both("reason"), *(_reasons(it.verdict) for it in found)],
        *(
            [f"{both(key)}, {unit}", *(output.number(getattr(it.weather, name), 1) for it in found)]
            for key, name, unit in _QUANTITIES
        ),
        [both("station"), *(_station(it) for it in found)],
    ]
    minutes = f"{both('minutes_without')}: {stamps.minutes_without}/{stamps.minutes}"
    headings = [both("weather"), *(both(f"stamp_{name}") for name in _STAMPS)]
    output.print_table(f"{title}: {minutes}", headings, rows, left=5)


def print_sites(flights: Iterable[Flown]) -> None:
    """The sites beside flights."""
    rows = [_site_row(flight.flight, contact) for flight in flights for contact in flight.contacts]
    headings = [
        *(both(key) for key in ("flight", "site", "set_by", "reason")),
        f"{both('distance')}, m",
        f"{both('keep_distance')}, m",
        f"{both('in_buffer')}, l",
        f"{both('downwind')}, l",
        both("drift_minutes"),
    ]
    output.print_table(f"{both('sites')}: {len(rows)}", headings, rows, left=4)


def print_exclusions(exclusions: Sequence[Exclusion]) -> None:
    """What speaks against the product of a job."""
    rows = [
        [it.plot, it.plot_kind or "–", it.product, it.list_version or "–", both(f"objection_{it.objection}"), _ha(it)]
        for it in exclusions
    ]
    headings = [*(both(key) for key in ("plot", "kind", "product", "product_list", "objection")), "ha"]
    output.print_table(f"{both('exclusions')}: {len(rows)}", headings, rows, left=5)


def _ha(exclusion: Exclusion) -> str:
    return output.number(ha(exclusion.net_m2), 3)


def _station(stamp: Stamp) -> str:
    """Where the wind comes from: the station, how far away it is, and how old its word."""
    found = (stamp.weather.sources or {}).get("wind_speed")
    return f"{found.station}, {found.distance_m:,.0f} m, {found.age_s:.0f} s" if found else "–"


def _reasons(verdict: Verdict) -> str:
    return "; ".join(both(f"cause_{reason.cause}") for reason in verdict.reasons) or "–"


def _site_row(flight: str, contact: SiteContact) -> list[str]:
    source = contact.source.replace("suggested", both("source_suggested")) if contact.source else "–"
    unknown = "; ".join(both(f"unknown_{reason}") for reason in contact.reasons) or "–"
    return [
        flight,
        f"{contact.site} ({both(f'site_{contact.kind}')})",
        source,
        unknown,
        output.number(contact.distance_m, 1),
        f"{contact.buffer_m:g}; {both('downwind')} {contact.downwind_m:g}",
        output.number(contact.in_buffer_l, 2),
        output.number(contact.downwind_l, 2),
        output.number(contact.drift_min, 0),
    ]
