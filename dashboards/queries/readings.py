"""Queries of field sensors (measurement ``reading``)."""

from __future__ import annotations

from dashboards.queries.parts import by_day, by_step, chosen, recent, where

_DEVICE = chosen("device")


def _is(quantity: str) -> str:
    return f"\"quantity\" = '{quantity}'"


def mean(quantity: str, name: str = "") -> str:
    """A quantity over time, by sensor."""
    said = name or quantity
    return f'SELECT mean("value") AS "{said}" FROM "reading" {where(_DEVICE, _is(quantity))} {by_step("device")}'


def highest(quantity: str, name: str = "") -> str:
    """The highest of a quantity over all sensors, over time."""
    return f'SELECT max("value") AS "{name or quantity}" FROM "reading" {where(_DEVICE, _is(quantity))} {by_step()}'


def overall(quantity: str, name: str = "") -> str:
    """The mean of a quantity over all sensors, over time."""
    return f'SELECT mean("value") AS "{name or quantity}" FROM "reading" {where(_DEVICE, _is(quantity))} {by_step()}'


def extreme(function: str, quantity: str, name: str, minutes: int = 180) -> str:
    """The lowest or highest of a quantity among the sensors' last values."""
    fresh = where(_DEVICE, _is(quantity), time=recent(minutes))
    inner = f'SELECT last("value") AS "value" FROM "reading" {fresh} GROUP BY "device"'
    return f'SELECT {function}("value") AS "{name}" FROM ({inner})'


def sensors_heard(minutes: int = 180) -> str:
    """Sensors that were heard in the last minutes, as ``sensors``."""
    inner = f'SELECT last("value") AS "n" FROM "reading" {where(_DEVICE, time=recent(minutes))} GROUP BY "device"'
    return f'SELECT count("n") AS "sensors" FROM ({inner})'


def rain_by_day() -> str:
    """Rain of a local day, mm: how far the counters rose, the largest of the gauges."""
    return f'SELECT spread("value") AS "mm" FROM "reading" {where(_DEVICE, _is("rain_total"))} {by_day("device")}'


def delta_t() -> str:
    """Delta T over time, K: the wet-bulb depression by Stull's formula (2011, doi:10.1175/JAMC-D-11-0143.1).

    It stays within 0.6 K of the psychrometric one that the spray window is judged by.
    """
    rows = where(_DEVICE)
    air = f'SELECT "value" AS "t" FROM "reading" {rows} AND {_is("air_temperature")}'
    damp = f'SELECT "value" AS "h" FROM "reading" {rows} AND {_is("air_humidity")}'
    means = f'SELECT mean("t") AS "t", mean("h") AS "h" FROM ({air}), ({damp}) {where()} {by_step()}'
    wet = (
        '"t" * atan(0.151977 * pow("h" + 8.313659, 0.5)) + atan("t" + "h") - atan("h" - 1.676331)'
        ' + 0.00391838 * pow("h", 1.5) * atan(0.023101 * "h") - 4.686035'
    )
    return f'SELECT "t" - ({wet}) AS "delta_t" FROM ({means})'


def newest() -> str:
    """The last value of each sensor and quantity, at its time."""
    inner = f'SELECT last("value") AS "value", "unit" FROM "reading" {where(_DEVICE)} GROUP BY "device", "quantity"'
    return f'SELECT "device", "quantity", "value", "unit" FROM ({inner})'


def reports() -> str:
    """Reports in each step, by sensor, 0 where it was silent."""
    return f'SELECT count("value") AS "reports" FROM "reading" {where(_DEVICE)} {by_step("device", fill="0")}'
