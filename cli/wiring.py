"""The one place that chooses adapters: settings in, ports out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.ports import DeadLetters, IntakeStore, MessageBus, Registry, Spool, TelemetryStore
from core.settings import DataSettings, IngestSettings, MqttSettings, StoreSettings, load

if TYPE_CHECKING:
    from ingest.ports import Slot


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

    return open_telemetry(_url(load(StoreSettings).telemetry_url, "telemetry.sqlite"))


def registry() -> Registry:
    """The registry that ``CANHDONG_REGISTRY_URL`` names; SQLite in the data folder by default."""
    from storage.urls import open_registry  # noqa: PLC0415

    return open_registry(_url(load(StoreSettings).registry_url, "registry.sqlite"))


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


def bus(client_id: str, *, persistent: bool = False) -> MessageBus:
    """A connection to the broker that ``CANHDONG_MQTT_URL`` names.

    Raises:
        BrokerUnavailable: It does not answer or refuses the session.
        ConfigError: The address is wrong.
    """
    from messaging.mqtt import MqttBus, parse_url  # noqa: PLC0415

    settings = load(MqttSettings)
    password = settings.mqtt_password.get_secret_value()
    if settings.mqtt_password_file is not None:
        password = settings.mqtt_password_file.read_text(encoding="utf-8").strip()
    ca_file = settings.mqtt_ca_file
    address = parse_url(settings.mqtt_url, user=settings.mqtt_user, password=password, ca_file=ca_file)
    return MqttBus(address, client_id, persistent=persistent)
