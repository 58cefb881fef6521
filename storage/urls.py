"""Stores by URL."""

from __future__ import annotations

from pathlib import Path

from core.errors import ConfigError
from core.ports import DeadLetters, Registry, TelemetryStore

_SQLITE = "sqlite:///"


def _path(url: str, setting: str) -> Path:
    """The path of an ``sqlite:///`` URL: relative, or absolute with a fourth stroke.

    Raises:
        ConfigError: It is another URL.
    """
    path = url.removeprefix(_SQLITE)
    if not url.startswith(_SQLITE) or not path:
        scheme = url.partition(":")[0]
        raise ConfigError(f"{setting}: no store for {scheme!r} URLs; give sqlite:///PATH (absolute: sqlite:////PATH)")
    return Path(path).absolute()


def open_telemetry(url: str) -> TelemetryStore:
    """The telemetry store behind a URL; made where it does not exist.

    Raises:
        ConfigError: There is no store for such a URL.
        StoreUnavailable: The store does not answer.
    """
    from storage.telemetry.sqlite import SqliteTelemetry  # noqa: PLC0415

    return SqliteTelemetry(_path(url, "CANHDONG_TELEMETRY_URL"))


def open_registry(url: str) -> Registry:
    """The registry behind a URL, brought to the newest schema; made where it does not exist.

    Raises:
        ConfigError: There is no store for such a URL.
        StoreUnavailable: The store does not answer.
    """
    from storage.registry.repository import SqlRegistry  # noqa: PLC0415

    return SqlRegistry(_path(url, "CANHDONG_REGISTRY_URL"))


def open_dead_letters(url: str) -> DeadLetters:
    """The dead letters behind a URL; made where they do not exist.

    Raises:
        ConfigError: There is no store for such a URL.
        StoreUnavailable: The store does not answer.
    """
    from storage.deadletters.sqlite import SqliteDeadLetters  # noqa: PLC0415

    return SqliteDeadLetters(_path(url, "the dead letters' URL"))
