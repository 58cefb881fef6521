"""Alerts while a drone flies: a state machine fed with its fixes second by second; state in, state and alerts out.

An alert is raised once, when what it tells has lasted for a moment, and cleared once, when it has been over for longer;
the limit that ends it is a little easier than the one that began it, so that noise at a limit does not repeat it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from core.model.context import Alert, AlertKind, Verdict, Window
from core.model.fixtable import Bools, Floats, Ints
from geo.context.surroundings import Near, Surroundings
from geo.context.tank import Tank, TankRules


@dataclass(frozen=True, slots=True)
class Rules:
    """When alerts begin and end.

    Attributes:
        outside_m: Spraying further than this outside all plots begins an alert: below 2 m it may be the receiver.
        outside_end_m: Spraying up to this near to a plot ends it.
        site_slack_m: A site's alert ends this much further away than it began.
        begin_s: So long it must last before it is raised.
        end_s: So long it must be over (or the implement off) before it is cleared.
        weather_end_s: The same for the weather, which wavers around its limits.
        tank: Those of the tank.
    """

    outside_m: float = 2.0
    outside_end_m: float = 1.0
    site_slack_m: float = 2.0
    begin_s: float = 0.5
    end_s: float = 3.0
    weather_end_s: float = 60.0
    tank: TankRules = field(default_factory=TankRules)


@dataclass(frozen=True, slots=True, eq=False)
class Second:
    """New fixes of one drone, shape (n,), in metres of the surroundings' plane; NaN where the drone tells nothing."""

    ts_ms: Ints
    x: Floats
    y: Floats
    on: Bools
    flow_lpm: Floats
    tank_l: Floats


@dataclass(frozen=True, slots=True)
class Switch:
    """One alert: whether it stands, and since when the contrary has been seen (−1: it has not)."""

    active: bool = False
    since_ms: int = -1

    def seen(self, ts_ms: int, *, yes: bool, begin_s: float, end_s: float) -> Switch:
        """After a fix that shows it, or not."""
        if yes == self.active:
            return self if self.since_ms < 0 else Switch(self.active)
        since = ts_ms if self.since_ms < 0 else self.since_ms
        if ts_ms - since >= 1000.0 * (begin_s if yes else end_s):
            return Switch(yes)
        return self if since == self.since_ms else Switch(self.active, since)


Key = tuple[AlertKind, str]
_OFF = Switch()
_WEATHER: Key = (AlertKind.BAD_WEATHER, "")
_OUTSIDE: Key = (AlertKind.OUTSIDE_PLOT, "")
_TANK: Key = (AlertKind.TANK_MISMATCH, "")


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered of one drone. A fresh one is ``Watch()``; one per flight."""

    last_ms: int = -1
    switches: dict[Key, Switch] = field(default_factory=dict)
    tank: Tank = field(default_factory=Tank)

    @property
    def standing(self) -> list[Key]:
        """The alerts that stand."""
        return [key for key, switch in self.switches.items() if switch.active]


def watched(
    watch: Watch, second: Second, around: Surroundings, verdict: Verdict | None, rules: Rules | None = None
) -> tuple[Watch, list[Alert]]:
    """The watch after some more fixes, and the alerts that begin or end with them.

    Args:
        watch: What was remembered so far.
        second: The new fixes in any order; those that are not newer than all seen before, or have no
            position, change nothing.
        around: Plots, sites and wind, prepared once.
        verdict: The spray window now; None or no data neither begins nor ends an alert.
        rules: When alerts begin and end.
    """
    rules = rules or Rules()
    order = np.argsort(second.ts_ms, kind="stable")
    placed = np.isfinite(second.x) & np.isfinite(second.y)
    order = order[(second.ts_ms[order] > watch.last_ms) & placed[order]]
    if len(order) == 0:
        return watch, []
    points = np.asarray(shapely.points(second.x[order], second.y[order]), np.object_)
    outside = around.outside_m(points)
    near = around.near(points, rules.site_slack_m)
    switches, tank = dict(watch.switches), watch.tank
    alerts: list[Alert] = []
    for k, i in enumerate(order.tolist()):
        ts_ms, on = int(second.ts_ms[i]), bool(second.on[i])
        tank = tank.after(ts_ms, on=on, flow_lpm=float(second.flow_lpm[i]), tank_l=float(second.tank_l[i]))
        for key, yes, facts in _seen(switches, k, on, float(outside[k]), near, verdict, tank, rules):
            before = switches.get(key, _OFF)
            end_s = rules.weather_end_s if key == _WEATHER else rules.end_s
            begin_s = 0.0 if key == _TANK else rules.begin_s
            after = before.seen(ts_ms, yes=yes, begin_s=begin_s, end_s=0.0 if key == _TANK else end_s)
            if after is before:
                continue
            switches[key] = after
            if after.active != before.active:
                lon, lat = around.plane.lonlat(second.x[i : i + 1], second.y[i : i + 1])
                alerts.append(Alert(key[0], after.active, ts_ms, float(lon[0]), float(lat[0]), key[1], *facts))
    kept = {key: switch for key, switch in switches.items() if switch != _OFF}
    return replace(watch, last_ms=int(second.ts_ms[order[-1]]), switches=kept, tank=tank), alerts


Facts = tuple[str, float, float, str]


def _seen(  # noqa: PLR0917 - what one fix shows
    switches: dict[Key, Switch],
    k: int,
    on: bool,  # noqa: FBT001 - a state, not an option
    outside_m: float,
    near: list[Near],
    verdict: Verdict | None,
    tank: Tank,
    rules: Rules,
) -> Iterator[tuple[Key, bool, Facts]]:
    """What fix k shows of each alert: (which, yes or no, (cause, value, limit, unit))."""
    limit = rules.outside_end_m if switches.get(_OUTSIDE, _OFF).active else rules.outside_m
    if outside_m == outside_m:  # noqa: PLR0124 - not NaN: somebody knows plots
        yield _OUTSIDE, on and outside_m > limit, ("", outside_m, rules.outside_m, "m")
    told: set[Key] = set()
    for site in near:
        if site.fix == k:
            key = (AlertKind.IN_BUFFER, site.site)
            told.add(key)
            slack = rules.site_slack_m if switches.get(key, _OFF).active else 0.0
            yield key, on and site.distance_m < site.limit_m + slack, (site.side, site.distance_m, site.limit_m, "m")
    for key in [key for key in switches if key[0] is AlertKind.IN_BUFFER and key not in told]:
        yield key, False, ("", float("nan"), float("nan"), "m")
    if verdict is not None and verdict.window is not Window.NO_DATA:
        worst = verdict.reasons[0] if verdict.reasons else None
        facts = (str(worst.cause), worst.value, worst.limit, worst.unit) if worst else ("", *_NOTHING, "")
        yield _WEATHER, on and verdict.window is Window.RED, facts
    mismatch = tank.mismatch_pct(rules.tank)
    if mismatch is not None:
        limit = rules.tank.end_pct if switches.get(_TANK, _OFF).active else rules.tank.begin_pct
        yield _TANK, mismatch > limit, ("", mismatch, rules.tank.begin_pct, "%")


_NOTHING = (float("nan"), float("nan"))
