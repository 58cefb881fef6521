"""The one place that chooses adapters: settings in, ports out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.archive import FlightArchive
from core.errors import ConfigError
from core.intake import IntakeStore, Spool
from core.ports import DeadLetters, MessageBus, TelemetryStore
from core.registry import Registry
from core.settings import DataSettings, InfluxSettings, IngestSettings, MqttSettings, StoreSettings, load, secret

if TYPE_CHECKING:
    from geo.archivesource import Ports
    from ingest.ports import Slot
    from messaging.address import Address
    from storage.telemetry.influx_admin import Made


def data_dir() -> Path:
    """The data folder, made where it is missing."""
    folder = load(DataSettings).data_dir
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _url(given: str, name: str) -> str:
    return given or f"sqlite:///{(data_dir() / name).absolute()}"


def telemetry() -> TelemetryStore:
    """The telemetry store that ``CANHDONG_TELEMETRY_URL`` names; SQLite in the data folder by default."""
    from storage.urls import open_telemetry  # noqa: PLC0415

    return open_telemetry(_url(load(StoreSettings).telemetry_url, "telemetry.sqlite"), load(InfluxSettings))


PLATFORM = ("province", "platform")
"""What the databases that belong to no cooperative are named for: roll-ups, and how ingest does."""


def make_databases(cooperatives: Sequence[str]) -> list[Made] | None:
    """Make databases in the InfluxDB that ``CANHDONG_TELEMETRY_URL`` names; None where it names none.

    Raises:
        ConfigError: No credential that may do it is set.
        StoreRefused: The credential may not do it.
        StoreUnavailable: The server does not answer.
    """
    from storage.urls import influx_server, is_influx  # noqa: PLC0415

    url = load(StoreSettings).telemetry_url
    if not is_influx(url):
        return None
    settings = load(InfluxSettings)
    server = influx_server(url, settings, admin=True)
    if not (server.user or server.token):
        raise ConfigError("set CANHDONG_INFLUX_ADMIN_USER and _PASSWORD_FILE (1.x), or _ADMIN_TOKEN_FILE (2.x)")
    from storage.telemetry.influx_admin import InfluxAdmin  # noqa: PLC0415

    writer = "" if server.token else settings.influx_user
    return InfluxAdmin(server, writer, data_dir() / "secrets", settings.influx_retention_days).make(cooperatives)


def registry(*, make: bool = False) -> Registry:
    """The registry that ``CANHDONG_REGISTRY_URL`` names; SQLite in the data folder by default.

    Args:
        make: Whether to make its tables, or bring them up to date, where it is on a server.
    """
    from storage.urls import open_registry  # noqa: PLC0415

    settings = load(StoreSettings)
    return open_registry(_url(settings.registry_url, "registry.sqlite"), settings, make=make)


def archive() -> FlightArchive:
    """The archive of closed flights that ``CANHDONG_ARCHIVE_URL`` names; a folder in the data folder by default."""
    from storage.archive.parquet import open_archive  # noqa: PLC0415

    return open_archive(load(StoreSettings).archive_url or str((data_dir() / "archive").absolute()))


def batch_ports() -> Ports:
    """What a piece of a batch reads from, by the settings of the machine that it runs on."""
    from geo.archivesource import Ports  # noqa: PLC0415

    return Ports(archive(), registry())


def dead_letters() -> DeadLetters:
    """Where rejected messages are kept: an SQLite file in the data folder."""
    from storage.urls import open_dead_letters  # noqa: PLC0415

    return open_dead_letters(_url("", "deadletters.sqlite"))


def intake() -> IntakeStore:
    """Where ingest keeps its ledger: an SQLite file in the data folder, shared by all ingesters of the machine."""
    from storage.intake.sqlite import SqliteIntake  # noqa: PLC0415

    return SqliteIntake(data_dir() / "intake.sqlite")


def slot(number: int) -> Slot:
    """A slot of ingest: its persistent session at the broker and its spool, ``spool/N`` in the data folder.

    Raises:
        BrokerUnavailable: The broker does not answer or refuses the session.
        ConfigError: Another process holds the spool.
        StoreUnavailable: The spool cannot be opened.
    """
    from ingest.ports import Slot  # noqa: PLC0415
    from storage.spool.segments import Spool as Segments  # noqa: PLC0415

    settings = load(IngestSettings)
    limit_bytes = settings.spool_limit_mb << 20
    folder = data_dir() / "spool" / str(number)
    aside = folder / "aside"

    def open_aside(cooperative: str) -> Spool:
        return Segments(aside / cooperative, limit_bytes)

    spool = Segments(folder, limit_bytes)
    try:
        session = bus(f"{settings.ingest_client_id}-{number}", persistent=True)
    except BaseException:
        spool.close()
        raise
    left = sorted(path.name for path in aside.iterdir()) if aside.is_dir() else []
    return Slot(f"slot-{number}", session, spool, open_aside, left)


@dataclass(frozen=True, slots=True)
class Stores:
    """What a process keeps things in."""

    telemetry: TelemetryStore
    registry: Registry
    dead_letters: DeadLetters


@contextmanager
def stores() -> Iterator[Stores]:
    """All stores that the settings name, closed at the end."""
    with ExitStack() as stack:
        yield Stores(
            stack.enter_context(closing(telemetry())),
            stack.enter_context(closing(registry())),
            stack.enter_context(closing(dead_letters())),
        )


def broker_address() -> Address:
    """The broker that ``CANHDONG_MQTT_URL`` names, and what to show there.

    Raises:
        ConfigError: The address is wrong.
    """
    from messaging.address import parse_url  # noqa: PLC0415

    settings = load(MqttSettings)
    password = secret(settings.mqtt_password, settings.mqtt_password_file, "mqtt_password")
    return parse_url(settings.mqtt_url, settings.mqtt_user, password, settings.mqtt_ca_file)


def bus(client_id: str, *, persistent: bool = False, kept_s: int = 0) -> MessageBus:
    """A connection to the broker that ``CANHDONG_MQTT_URL`` names; see :class:`messaging.mqtt.MqttBus`.

    Raises:
        BrokerUnavailable: It does not answer or refuses the session.
        ConfigError: The address is wrong.
    """
    from messaging.mqtt import MqttBus  # noqa: PLC0415

    return MqttBus(broker_address(), client_id, persistent=persistent, kept_s=kept_s)
