"""What follows every computed flight: the one place that says which followers there are."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from core.archive import FlightArchive
from core.errors import ConfigError
from core.settings import GeoSettings

if TYPE_CHECKING:
    from cli.wiring import Stores
    from geo.context.following import ContextFollower
    from geo.context.rules import SprayRules
    from geo.figures.compliance_following import ComplianceFollower
    from geo.figures.following import FiguresFollower
    from geo.figures.later_days import LaterDays
    from geo.rollup_following import RollupFollower
    from geo.service import Follower
    from geo.shape_following import ShapeFollower


def followers(stores: Stores, settings: GeoSettings, compliance: Follower | None = None) -> tuple[Follower, ...]:
    """All that is brought up to date once flights were computed and saved, in order.

    Args:
        stores: Where it is read and kept.
        settings: Of the geo service.
        compliance: What sees to the department's figures of compliance; None: at once, flight by flight.

    Raises:
        ConfigError: The file of the spray window's limits cannot be read or is wrong.
    """
    from geo.context.alert_following import AlertFollower  # noqa: PLC0415

    alerts = AlertFollower(stores.alerts)
    shown = figures_follower(stores), compliance or compliance_follower(stores)
    return (context_follower(stores, settings), shape_follower(stores), rollup_follower(stores), alerts, *shown)


def context_follower(stores: Stores, settings: GeoSettings) -> ContextFollower:
    """What keeps weather, sensitive sites and exclusions of flights and jobs; raises ``ConfigError``."""
    from geo.context.following import ContextFollower  # noqa: PLC0415
    from geo.parameters import Parameters  # noqa: PLC0415

    rules = spray_rules(settings.spray_rules_file)
    return ContextFollower(stores.telemetry, stores.registry, stores.contexts, Parameters(), rules)


def shape_follower(stores: Stores) -> ShapeFollower:
    """What keeps the drawn shapes of flights."""
    from geo.parameters import Parameters  # noqa: PLC0415
    from geo.shape_following import ShapeFollower  # noqa: PLC0415

    return ShapeFollower(stores.telemetry, stores.registry, stores.shapes, Parameters())


def rollup_follower(stores: Stores) -> RollupFollower:
    """What keeps the department's roll-ups of every day that flights touch."""
    from cli.communes import RegisteredCommunes  # noqa: PLC0415
    from geo.rollup_following import RollupFollower  # noqa: PLC0415

    return RollupFollower(stores.telemetry, stores.registry, RegisteredCommunes(stores.registry))


def figures_follower(stores: Stores, kept: FlightArchive | None = None) -> FiguresFollower:
    """What keeps a cooperative's rows for dashboards; from the telemetry, or first from the archive."""
    from geo.figures.backfill import ArchiveFirst  # noqa: PLC0415
    from geo.figures.following import FiguresFollower, from_store  # noqa: PLC0415
    from geo.parameters import Parameters  # noqa: PLC0415

    told = from_store(stores.telemetry)
    read = told if kept is None else ArchiveFirst(kept, told)
    return FiguresFollower(stores.telemetry, stores.registry, stores.contexts, stores.alerts, read, Parameters())


def compliance_follower(stores: Stores) -> ComplianceFollower:
    """What keeps the department's figures of compliance."""
    from cli.communes import RegisteredCommunes  # noqa: PLC0415
    from geo.figures.compliance_following import ComplianceFollower  # noqa: PLC0415

    communes = RegisteredCommunes(stores.registry)
    return ComplianceFollower(stores.telemetry, stores.registry, stores.contexts, communes)


def later_compliance(stores: Stores) -> LaterDays:
    """What keeps the figures of compliance in a thread of its own, whose stores these are; begins with two days."""
    from core.localtime import DAY_MS, local_day  # noqa: PLC0415
    from geo.figures.later_days import LaterDays  # noqa: PLC0415
    from ingest.clock import SystemClock  # noqa: PLC0415

    now_ms = SystemClock().now_ms()
    return LaterDays(compliance_follower(stores).refresh, {local_day(now_ms - DAY_MS), local_day(now_ms)})


def spray_rules(file: Path | None) -> SprayRules:
    """The rules that a TOML file sets; the suggested ones where there is none.

    Raises:
        ConfigError: The file cannot be read, is no TOML, or says what no rule may say; names file and key.
    """
    from geo.context.rules import SprayRules, rules_from  # noqa: PLC0415

    if file is None:
        return SprayRules()
    try:
        return rules_from(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"CANHDONG_SPRAY_RULES_FILE: {file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"CANHDONG_SPRAY_RULES_FILE: {file} is no TOML: {error}") from None
    except ConfigError as error:
        raise ConfigError(f"CANHDONG_SPRAY_RULES_FILE: {file}: {error}") from None
