"""Stores by URL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from core.accounts import AccountStore
from core.errors import ConfigError
from core.hosts import is_loopback
from core.ports import DeadLetters, TelemetryStore
from core.settings import InfluxSettings, StoreSettings, secret

if TYPE_CHECKING:
    from sqlalchemy import URL

    from storage.registry.engine import Place
    from storage.registry.repository import SqlRegistry
    from storage.telemetry.influx_http import Server

_SQLITE = "sqlite:///"
_POSTGRES: Final = frozenset(("postgresql", "postgres", "postgresql+psycopg"))
_POSTGRES_FORM: Final = "postgresql://USER@HOST:PORT/DATABASE, or postgresql:///DATABASE?host=/FOLDER for a socket"
_POSTGRES_OPTIONS: Final = frozenset(("host", "sslmode", "sslrootcert"))
_CHECKED_TLS: Final = ("verify-full", "verify-ca")
_INFLUX: Final = frozenset(("influxdb", "influxdbs", "influxdb2", "influxdb2s"))
_INFLUX_PORT: Final = 8086


def _path(url: str, setting: str, other: str = "") -> Path:
    """The path of an ``sqlite:///`` URL: relative, or absolute with a fourth stroke.

    Raises:
        ConfigError: It is another URL.
    """
    path = url.removeprefix(_SQLITE)
    if not url.startswith(_SQLITE) or not path:
        scheme = url.partition(":")[0]
        raise ConfigError(
            f"{setting}: no store for {scheme!r} URLs; give sqlite:///PATH (absolute: sqlite:////PATH){other}"
        )
    return Path(path).absolute()


def open_telemetry(url: str, influx: InfluxSettings | None = None) -> TelemetryStore:
    """The telemetry store behind a URL. An SQLite file is made where it does not exist; InfluxDB is not yet asked.

    Raises:
        ConfigError: There is no store for such a URL, or a credential would cross a network without TLS.
        StoreUnavailable: The file cannot be opened.
    """
    if is_influx(url):
        from storage.telemetry.influx import InfluxTelemetry  # noqa: PLC0415
        from storage.telemetry.influx_http import InfluxHttp  # noqa: PLC0415

        settings = influx or InfluxSettings()
        return InfluxTelemetry(InfluxHttp(influx_server(url, settings)), read_back=settings.influx_read_back)
    from storage.telemetry.sqlite import SqliteTelemetry  # noqa: PLC0415

    return SqliteTelemetry(_path(url, "CANHDONG_TELEMETRY_URL"))


def is_influx(url: str) -> bool:
    """Whether a URL names an InfluxDB server."""
    return urlsplit(url).scheme in _INFLUX


def influx_server(url: str, settings: InfluxSettings, *, admin: bool = False) -> Server:
    """Where the InfluxDB of a URL is, and the credential that the settings hold for it.

    Raises:
        ConfigError: The URL is wrong, a secret's file cannot be read, or it would cross a network without TLS.
    """
    from storage.telemetry.influx_http import Server  # noqa: PLC0415

    parts = urlsplit(url)
    try:
        port = parts.port or _INFLUX_PORT
    except ValueError:
        raise ConfigError("CANHDONG_TELEMETRY_URL: the port is no number up to 65535") from None
    if not parts.hostname or parts.username is not None or parts.path not in {"", "/"} or parts.query:
        raise ConfigError(
            "CANHDONG_TELEMETRY_URL: give influxdb://HOST:PORT; credentials belong into CANHDONG_INFLUX_USER and so on"
        )
    tls = parts.scheme.endswith("s")
    user, password, token = settings.credential(admin=admin)
    loopback = is_loopback(parts.hostname)
    if (password or token) and not tls and not loopback:
        raise ConfigError(
            f"CANHDONG_TELEMETRY_URL: a credential goes over a network with TLS only; give {parts.scheme}s://"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    second = parts.scheme.startswith("influxdb2")
    return Server(
        f"{'https' if tls else 'http'}://{host}:{port}",
        "" if second else user,
        "" if second else password,
        token if second else "",
        settings.influx_org,
        settings.influx_ca_file,
        settings.influx_timeout_s,
        compress={"on": True, "off": False}.get(settings.influx_gzip, not loopback),
    )


def open_registry(url: str, settings: StoreSettings | None = None, *, make: bool = False) -> SqlRegistry:
    """The registry behind a URL.

    An SQLite file is made where it does not exist, and brought to the newest schema. A database of PostgreSQL has to
    have it already, unless ``make`` says that the role at hand may change it.

    Raises:
        ConfigError: There is no store for such a URL, or the schema of the database is another one.
        StoreUnavailable: The store does not answer.
        StoreRefused: It refuses the credential.
    """
    from storage.registry.repository import SqlRegistry  # noqa: PLC0415

    return SqlRegistry(_registry_place(url, settings, make=make))


def open_accounts(url: str, settings: StoreSettings | None = None) -> AccountStore:
    """The accounts in the registry behind a URL; see :func:`open_registry`."""
    from storage.registry.accounts import SqlAccounts  # noqa: PLC0415

    return SqlAccounts(_registry_place(url, settings, make=False))


def _registry_place(url: str, settings: StoreSettings | None, *, make: bool) -> Place | Path:
    if urlsplit(url).scheme in _POSTGRES:
        from storage.registry.engine import open_server  # noqa: PLC0415

        return open_server(_postgres(url, settings or StoreSettings()), make=make)
    return _path(url, "CANHDONG_REGISTRY_URL", " or postgresql://USER@HOST/DATABASE")


def _postgres(url: str, settings: StoreSettings) -> URL:
    """The connection of a ``postgresql://`` URL: with TLS and the server's name checked, unless it is this machine.

    ``postgresql://USER@HOST:PORT/DATABASE``, or ``postgresql:///DATABASE?host=/FOLDER`` for a socket in a folder. A
    password in the URL counts where no other is set.

    Raises:
        ConfigError: The URL is wrong or asks for less than TLS over a network, or the password's file cannot be read.
    """
    from sqlalchemy.engine import make_url  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        given = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigError(f"CANHDONG_REGISTRY_URL: not understood; give {_POSTGRES_FORM}") from None
    socket = str(given.query.get("host", ""))
    if not given.database or not (given.host or socket.startswith("/")) or given.query.keys() - _POSTGRES_OPTIONS:
        raise ConfigError(f"CANHDONG_REGISTRY_URL: give {_POSTGRES_FORM}")
    query = dict(given.query)
    if given.host and not is_loopback(given.host):
        if query.setdefault("sslmode", "verify-full") not in _CHECKED_TLS:
            raise ConfigError(
                f"CANHDONG_REGISTRY_URL: a network is crossed with sslmode {' or '.join(_CHECKED_TLS)} only"
            )
        authority = settings.registry_ca_file
        query.setdefault("sslrootcert", str(authority) if authority else "system")
    password = secret(settings.registry_password, settings.registry_password_file, "registry_password")
    return given.set(drivername="postgresql", password=password or given.password, query=query)


def open_dead_letters(url: str) -> DeadLetters:
    """The dead letters behind a URL; made where they do not exist.

    Raises:
        ConfigError: There is no store for such a URL.
        StoreUnavailable: The store does not answer.
    """
    from storage.deadletters.sqlite import SqliteDeadLetters  # noqa: PLC0415

    return SqliteDeadLetters(_path(url, "the dead letters' URL"))
