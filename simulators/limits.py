"""Which numbers a scenario may hold: what is wrong with those that nothing could be made of, each with its place."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import msgspec

from simulators import specs

Bounds = tuple[float, float]

_ABOVE: Final = math.ulp(0.0)
_SHARE: Final = (0.0, 1.0)
_PERCENT: Final = (0.0, 100.0)
_FROM_0: Final = (0.0, math.inf)
_FROM_1: Final = (1.0, math.inf)
_POSITIVE: Final = (_ABOVE, math.inf)
_BOUNDS: Final[dict[type[msgspec.Struct], dict[str, Bounds]]] = {
    specs.Scenario: {"hours": (_ABOVE, 24.0), "days": _FROM_1, "work_every_days": _FROM_1, "seed": _FROM_0},
    specs.Cooperative: {"first_sortie_s": _FROM_0},
    specs.Land: {
        "count": _FROM_1,
        "seed": _FROM_0,
        "lat": (-80.0, 80.0),
        "lon": (-180.0, 180.0),
        "poles": _FROM_0,
        "clearance_m": _FROM_0,
    },
    specs.Weather: {
        "range_c": _FROM_0,
        "humidity_pct": _PERCENT,
        "wind_mps": _FROM_0,
        "pressure_hpa": _POSITIVE,
        "showers_per_day": _FROM_0,
    },
    specs.Front: {"hours": _POSITIVE, "gust_mps": _FROM_0, "rain_mmph": _FROM_0},
    specs.Gnss: {
        "slow_sd_m": _FROM_0,
        "slow_tau_s": _POSITIVE,
        "white_sd_m": _FROM_0,
        "float_share": _SHARE,
        "jumps_per_h": _FROM_0,
        "jump_m": _FROM_0,
        "null_islands_per_h": _FROM_0,
        "no_fix_per_h": _FROM_0,
        "no_fix_s": _FROM_0,
    },
    specs.Network: {
        "batch_s": _FROM_0,
        "latency_ms": _FROM_0,
        "jitter_ms": _FROM_0,
        "holes_per_h": _FROM_0,
        "hole_s": _FROM_0,
        "duplicate_pct": _PERCENT,
        "reorder_pct": _PERCENT,
        "reorder_s": _FROM_0,
        "lost_pct": _PERCENT,
        "outage_flights": _SHARE,
        "buffer_messages": _FROM_0,
        "flood_per_s": _POSITIVE,
        "clock_unset_share": _SHARE,
        "reboots_per_h": _FROM_0,
        "reboot_s": _FROM_0,
    },
    specs.Fleet: {
        "count": _FROM_0,
        "dose": _POSITIVE,
        "swath_m": (_ABOVE, 100.0),
        "speed_mps": (0.5, 30.0),
        "height_m": _POSITIVE,
        "rate_hz": (_ABOVE, 100.0),
        "response_s": _FROM_0,
        "delay_s": _FROM_0,
        "headlands": _FROM_0,
        "ground_s": _FROM_0,
        "meter_error_pct": _PERCENT,
        "stuck_share": _SHARE,
        "restless": _FROM_0,
    },
    specs.Sensor: {"count": _FROM_1, "every_s": _POSITIVE},
    specs.Fault: {"from_h": _FROM_0, "hours": _FROM_0},
    specs.Hostile: {"acts_per_min": _FROM_0},
}


def out_of_bounds(table: msgspec.Struct, place: str = "") -> Iterator[str]:
    """What is wrong with the numbers of a table and of all tables in it; ``place`` is where it stands, with a dot."""
    bounds = _BOUNDS.get(type(table), {})
    for name in table.__struct_fields__:
        value = getattr(table, name)
        if isinstance(value, msgspec.Struct):
            yield from out_of_bounds(value, f"{place}{name}.")
        elif isinstance(value, dict):
            for key, inner in value.items():
                yield from out_of_bounds(inner, f"{place}{name}.{key}.")
        elif isinstance(value, list | tuple):
            yield from _in_list(value, f"{place}{name}", bounds.get(name))
        else:
            yield from _number(value, f"{place}{name}", bounds.get(name))


def _in_list(values: list[object] | tuple[object, ...], place: str, bounds: Bounds | None) -> Iterator[str]:
    for number, value in enumerate(values, 1):
        if isinstance(value, msgspec.Struct):
            own = place if not isinstance(value, specs.Cooperative) else "cooperatives"
            name = f".{value.id}" if isinstance(value, specs.Cooperative) else f"[{number}]"
            yield from out_of_bounds(value, f"{own}{name}.")
        elif isinstance(value, list | tuple):
            yield from _in_list(value, f"{place}[{number}]", bounds)
        else:
            yield from _number(value, f"{place}[{number}]", bounds)


def _number(value: object, place: str, bounds: Bounds | None) -> Iterator[str]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return
    low, high = bounds or (-math.inf, math.inf)
    if not (math.isfinite(value) and low <= value <= high):
        yield f"{place} = {value:g}: {_words(low, high)}"


def _words(low: float, high: float) -> str:
    least = "" if low == -math.inf else "above 0" if low == _ABOVE else f"at least {low:g}"
    most = "" if high == math.inf else f"at most {high:g}"
    return ", ".join(word for word in (least, most) if word) or "give a number that is finite"
