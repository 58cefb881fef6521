"""Queries of raw fixes (measurement ``fix``) and their minutes (``drone_minute``)."""

from __future__ import annotations

from dashboards.queries.parts import STANDS, by_step, chosen, recent, where

_DEVICE = chosen("device")
_ON = '"on" = true'


def drones_heard(minutes: int = 5) -> str:
    """Drones that were heard in the last minutes, as ``drones``; 0 where others were in the range."""
    return _counted("drones", where(_DEVICE, time=recent(minutes)))


def drones_spraying(minutes: int = 5) -> str:
    """Drones whose implement was on in the last minutes, as ``spraying``; 0 where any was heard in the range."""
    return _counted("spraying", where(_DEVICE, _ON, time=recent(minutes)))


def known(name: str) -> str:
    """A 0 for each drone of the range, under a name: a sum with them is 0 where it would be empty."""
    return f'SELECT last("lat") * 0.0 AS "{name}" FROM "fix" {where(_DEVICE)} GROUP BY "device"'


def _counted(name: str, rows: str) -> str:
    ones = f'SELECT last("lat") * 0.0 + 1.0 AS "{name}" FROM "fix" {rows} GROUP BY "device"'
    return f'SELECT sum("{name}") AS "{name}" FROM ({ones}), ({known(name)})'


def last_fixes() -> str:
    """The last fix of each drone in the range, a row each, at its own time."""
    fields = '"lon", "heading_deg", "on", "mode", "speed_mps", "tank_l", "battery_pct", "flow_lpm"'
    inner = f'SELECT last("lat") AS "lat", {fields} FROM "fix" {where(_DEVICE)} GROUP BY "device"'
    return f'SELECT "device", "lat", {fields} FROM ({inner})'


def mean(field: str, *tags: str) -> str:
    """The mean of a field over time."""
    return f'SELECT mean("{field}") AS "{field}" FROM "fix" {where(_DEVICE)} {by_step(*(tags or ("device",)))}'


def last_word(field: str) -> str:
    """The last value of a field in each step: on or off, a mode, a receiver's state."""
    return f'SELECT last("{field}") AS "{field}" FROM "fix" {where(_DEVICE)} {by_step("device")}'


def fix_count() -> str:
    """Fixes in each step, 0 where there are none."""
    return f'SELECT count("lat") AS "fixes" FROM "fix" {where(_DEVICE)} {by_step("device", fill="0")}'


def track() -> str:
    """The way of a drone, one point a step."""
    fields = '"lon", "heading_deg", "on", "speed_mps", "height_m", "flow_lpm", "tank_l"'
    return f'SELECT last("lat") AS "lat", {fields} FROM "fix" {where(_DEVICE)} {by_step()}'


def flow_and_plan() -> str:
    """Measured flow, and the flow that the planned dose would take at this speed and width, L/min, while on."""
    plan = 'mean("speed_mps") * mean("swath_m") * ${plan_lpha} * 0.006 AS "plan_lpm"'
    return f'SELECT mean("flow_lpm") AS "flow_lpm", {plan} FROM "fix" {where(_DEVICE, _ON)} {by_step()}'


def dose() -> str:
    """The dose that comes down, L/ha, while the drone moves and the implement is on."""
    made = 'mean("flow_lpm") / mean("speed_mps") / mean("swath_m") / 0.006 AS "dose_lpha"'
    moving = where(_DEVICE, _ON, '"speed_mps" > 0.5')
    return f'SELECT {made} FROM "fix" {moving} {by_step()}'


def longest_gap() -> str:
    """The longest time between two fixes that ends in a step, in s."""
    inner = f'SELECT elapsed("lat", 1s) AS "gap" FROM "fix" {where(_DEVICE)} GROUP BY "device"'
    return f'SELECT max("gap") AS "gap_s" FROM ({inner}) {where()} {by_step("device")}'


def minutes_on() -> str:
    """Minutes with the implement on in each step, by drone, from the minutes."""
    return f'SELECT sum("on_s") / 60 AS "on_min" FROM "drone_minute" {where(STANDS, _DEVICE)} {by_step("device")}'
