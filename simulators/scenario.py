"""Scenarios: TOML files that say who flies where, with what receivers, over which networks, in what weather."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from core.errors import ConfigError
from core.model.enums import Operation
from core.model.land import DeviceKind
from ingest.topics import device_topic
from simulators import specs
from simulators.flying.aircraft import model
from simulators.limits import out_of_bounds

FOLDER: Final = Path(__file__).resolve().parent / "scenarios"
RECEIVERS: Final = {name: specs.Gnss(mode=name) for name in ("rtk", "float", "dgps", "single", "none")}
"""Receivers that every scenario knows; a table of its own goes before one of these."""
NETWORKS: Final = {
    "good": specs.Network(),
    "fair": specs.Network(holes_per_h=6.0, duplicate_pct=0.2, reorder_pct=0.5, latency_ms=150.0, jitter_ms=100.0),
    "poor": specs.Network(
        holes_per_h=20.0, hole_s=45.0, duplicate_pct=1.0, reorder_pct=2.0, latency_ms=400.0, jitter_ms=300.0
    ),
}
"""Networks that every scenario knows."""


def names() -> list[str]:
    """The scenarios that come with the project."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name: str) -> specs.Scenario:
    """A scenario of the project by its name, or one of a file by its path.

    Raises:
        ConfigError: There is none, it is no TOML, or it says what makes no sense; the message names the place.
    """
    path = FOLDER / f"{name}.toml"
    if not path.is_file():
        path = Path(name)
    if not path.is_file():
        raise ConfigError(f"no scenario is called {name!r}; there are {', '.join(names())}, or give a .toml file")
    try:
        with path.open("rb") as file:
            told = tomllib.load(file)
        scenario = msgspec.convert(told, specs.Scenario)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"{path}: {error}") from None
    scenario = msgspec.structs.replace(scenario, name=scenario.name or path.stem)
    problems = list(_problems(scenario))
    if problems:
        raise ConfigError(f"{path}: {'; '.join(problems)}")
    return scenario


def start_ms(scenario: specs.Scenario) -> int:
    """When the scenario begins, in ms since 1970 UTC."""
    return round(scenario.start.timestamp() * 1000.0)


def receiver(scenario: specs.Scenario, name: str) -> specs.Gnss:
    """The receiver of a name."""
    return scenario.gnss.get(name) or RECEIVERS[name]


def network(scenario: specs.Scenario, name: str) -> specs.Network:
    """The network of a name."""
    return scenario.networks.get(name) or NETWORKS[name]


def _problems(scenario: specs.Scenario) -> Iterator[str]:
    """What is wrong, each with its place."""
    if scenario.start.tzinfo is None:
        yield f"start = {scenario.start.isoformat()}: give its offset, for instance +07:00"
    yield from out_of_bounds(scenario)
    ids = [c.id for c in scenario.cooperatives]
    if len(set(ids)) < len(ids) or not ids:
        yield "cooperatives: at least one, each with an id of its own"
    for cooperative in scenario.cooperatives:
        place = f"cooperatives.{cooperative.id}"
        yield from (f"{place}: {words}" for words in _name_problems(cooperative.id, "drone"))
        for number, fleet in enumerate(cooperative.fleets, 1):
            yield from (f"{place}.fleets[{number}]: {words}" for words in _fleet_problems(scenario, fleet))
        for number, sensor in enumerate(cooperative.sensors, 1):
            if sensor.network not in scenario.networks.keys() | NETWORKS.keys():
                yield f"{place}.sensors[{number}]: no network is called {sensor.network!r}"
    for number, intruder in enumerate(scenario.hostile, 1):
        own = intruder.cooperative or (ids or ["a"])[0]
        yield from (f"hostile[{number}]: {words}" for words in _name_problems(own, intruder.device))
        if own not in ids:
            yield f"hostile[{number}]: no cooperative is called {own!r}"


def _name_problems(cooperative: str, device: str) -> Iterator[str]:
    """Why names cannot stand in a topic."""
    try:
        device_topic(cooperative, DeviceKind.DRONE, device, "telemetry")
    except ConfigError as error:
        yield str(error)


def _fleet_problems(scenario: specs.Scenario, fleet: specs.Fleet) -> Iterator[str]:
    if fleet.gnss not in scenario.gnss.keys() | RECEIVERS.keys():
        yield f"no receiver is called {fleet.gnss!r}; there are {', '.join(sorted({*scenario.gnss, *RECEIVERS}))}"
    if fleet.network and fleet.network not in scenario.networks.keys() | NETWORKS.keys():
        yield f"no network is called {fleet.network!r}; there are {', '.join(sorted({*scenario.networks, *NETWORKS}))}"
    if fleet.speed_mps is not None and fleet.speed_mps[0] > fleet.speed_mps[1]:
        yield f"speed_mps = {list(fleet.speed_mps)}: the slowest first"
    try:
        craft = model(fleet.model)
    except ConfigError as error:
        yield str(error)
        return
    if Operation[fleet.op.upper()] is not Operation.SPRAY and craft.load_kg <= 0.0:
        yield f"{fleet.model} has no spreader"
