"""Scenarios varied from outside: other numbers of drones, another width, another cooperative, more days."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, islice

from msgspec import structs

from core.errors import ConfigError
from simulators import specs


def of_first(scenario: specs.Scenario, change: Callable[[specs.Cooperative], specs.Cooperative]) -> specs.Scenario:
    """The scenario with its first cooperative changed."""
    first, *others = scenario.cooperatives
    return structs.replace(scenario, cooperatives=[change(first), *others])


def of_fleets(scenario: specs.Scenario, change: Callable[[specs.Fleet], specs.Fleet]) -> specs.Scenario:
    """The scenario with every fleet changed."""
    changed = [structs.replace(c, fleets=[change(fleet) for fleet in c.fleets]) for c in scenario.cooperatives]
    return structs.replace(scenario, cooperatives=changed)


def with_drones(scenario: specs.Scenario, count: int) -> specs.Scenario:
    """The first cooperative with so many drones: its own ones in turn.

    Raises:
        ConfigError: The count is not positive, or it has no drone to take.
    """
    own = [structs.replace(f, count=1) for f in scenario.cooperatives[0].fleets for _ in range(f.count)]
    if count < 1 or not own:
        raise ConfigError(f"--drones {count}: at least one, of a cooperative that has drones")
    return of_first(scenario, lambda c: structs.replace(c, fleets=list(islice(cycle(own), count))))


def with_swath(scenario: specs.Scenario, swath_m: float) -> specs.Scenario:
    """Every drone with a strip of this width.

    Raises:
        ConfigError: That is no width.
    """
    if not 0.0 < swath_m <= 100.0:  # noqa: PLR2004 - no boom is wider
        raise ConfigError(f"--swath {swath_m:g}: give a width in m, above 0 and at most 100")
    return of_fleets(scenario, lambda fleet: structs.replace(fleet, swath_m=swath_m))


def with_days(scenario: specs.Scenario, days: int) -> specs.Scenario:
    """The scenario over so many days.

    Raises:
        ConfigError: That is no number of days.
    """
    if days < 1:
        raise ConfigError(f"--backfill {days}: give a number of days, at least 1")
    return structs.replace(scenario, days=days)


def renamed(scenario: specs.Scenario, cooperative: str) -> specs.Scenario:
    """The first cooperative under another identifier; its hostile devices go with it.

    Raises:
        ConfigError: Another cooperative of the scenario has it.
    """
    first, *others = scenario.cooperatives
    if cooperative in {c.id for c in others}:
        raise ConfigError(f"--cooperative {cooperative}: another cooperative of the scenario is called so")
    hostile = [
        structs.replace(h, cooperative=cooperative) if h.cooperative == first.id else h for h in scenario.hostile
    ]
    renamed_first = structs.replace(first, id=cooperative)
    return structs.replace(scenario, cooperatives=[renamed_first, *others], hostile=hostile)


def checked_seed(seed: int | None) -> int | None:
    """A seed of everything random; None is the scenario's.

    Raises:
        ConfigError: It is negative.
    """
    if seed is not None and seed < 0:
        raise ConfigError(f"--seed {seed}: give a whole number, at least 0")
    return seed
