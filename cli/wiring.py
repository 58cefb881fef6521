"""The one place that chooses adapters: settings in, ports out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.accounts import AccountStore
from core.alerts import AlertLog
from core.answers import AnswerStore
from core.archive import FlightArchive
from core.contexts import Contexts
from core.errors import ConfigError
from core.intake import AccountSource, IntakeStore, Spool
from core.live import LiveFeed, LiveRing
from core.ports import DeadLetters, MessageBus, TelemetryStore
from core.registry import Registry
from core.settings import (
    ApiSettings,
    DataSettings,
    InfluxSettings,
    IngestSettings,
    MqttSettings,
    SignOnSettings,
    StoreSettings,
    load,
    secret,
)
from core.shapes import ShapeStore
from core.statement import StatementStore
from core.uploads import Asker, UploadStore

if TYPE_CHECKING:
    from api.filedesk import FileParts
    from api.identity.provider import Provider
    from api.identity.signing import Signer
    from api.statements.issuing import Papers
    from api.statements.sealing import Seal
    from core.exports import Exporters
    from geo.archivesource import Ports
    from geo.exporting import FlightFiles
    from ingest.ports import Slot
    from ingest.uploads.desk import Uploading
    from messaging.address import Address
    from storage.registry.repository import SqlRegistry
    from storage.telemetry.influx_admin import Made
    from storage.telemetry.overlay import WithUploads


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


def registry(*, make: bool = False) -> SqlRegistry:
    """The registry that ``CANHDONG_REGISTRY_URL`` names; SQLite in the data folder by default.

    Args:
        make: Whether to make its tables, or bring them up to date, where it is on a server.
    """
    from storage.urls import open_registry  # noqa: PLC0415

    settings = load(StoreSettings)
    return open_registry(_url(settings.registry_url, "registry.sqlite"), settings, make=make)


def people() -> AccountStore:
    """Accounts, sessions, keys and the audit log: they live in the registry's database."""
    from storage.urls import open_accounts  # noqa: PLC0415

    settings = load(StoreSettings)
    return open_accounts(_url(settings.registry_url, "registry.sqlite"), settings)


def signer() -> Signer:
    """What signs access tokens, with the key in the data folder; the key is made where there is none.

    Raises:
        ConfigError: The key cannot be made or read, or others may read it.
    """
    from api.identity.signing import load_signer  # noqa: PLC0415

    return load_signer(data_dir() / "secrets" / "api-signing.pem")


def provider() -> Provider | None:
    """Who vouches for people by OpenID Connect; None where the settings name nobody. Nothing is asked yet.

    Raises:
        ConfigError: A secret or a person would cross a network in clear, or something is missing.
    """
    settings = load(SignOnSettings)
    if not settings.oidc_issuer:
        return None
    from api.identity.provider import Provider  # noqa: PLC0415
    from api.identity.registration import Registration  # noqa: PLC0415
    from ingest.clock import SystemClock  # noqa: PLC0415

    registration = Registration(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret(settings.oidc_client_secret, settings.oidc_client_secret_file, "oidc_client_secret"),
        load(ApiSettings).api_public_url,
        settings.oidc_name,
        frozenset(settings.oidc_second_factors),
        settings.oidc_ca_file,
    )
    registration.check()
    return Provider(registration, SystemClock())


def seal() -> Seal:
    """What signs statements, with the key in the data folder; the key is made where there is none.

    Raises:
        ConfigError: The key cannot be made or read, or others may read it.
    """
    from api.statements.sealing import load_seal  # noqa: PLC0415

    folder = data_dir()
    platform = load(ApiSettings).api_public_url
    return load_seal(folder / "secrets" / "statement-signing.pem", folder / "statement-keys", platform)


def statement_keys() -> list[Mapping[str, str]]:
    """The public keys that this platform has signed statements with; none where it never did. Nothing is made.

    Raises:
        ConfigError: A file is no key.
    """
    from api.statements.sealing import read_keys  # noqa: PLC0415

    files = sorted((load(DataSettings).data_dir / "statement-keys").glob("*.json"))
    return [key for file in files for key in read_keys(file.read_text(), str(file))]


def papers(held: Stores) -> Papers:
    """What statements are issued with, over open stores."""
    from api.statements.issuing import Papers  # noqa: PLC0415
    from geo.archivesource import Ports  # noqa: PLC0415
    from ingest.clock import SystemClock  # noqa: PLC0415

    return Papers(Ports(archive(), held.registry), held.contexts, held.statements, seal(), SystemClock())


def archive() -> FlightArchive:
    """The archive of closed flights that ``CANHDONG_ARCHIVE_URL`` names; a folder in the data folder by default."""
    from storage.archive.parquet import open_archive  # noqa: PLC0415

    return open_archive(load(StoreSettings).archive_url or str((data_dir() / "archive").absolute()))


def exporters() -> Exporters:
    """Every format that flights and coverage are exported in."""
    from core.exports import Exporters  # noqa: PLC0415
    from land.flightfiles import EXPORTERS  # noqa: PLC0415
    from land.flightfiles.frames import frame  # noqa: PLC0415
    from storage.exports.parquet import EXPORTER  # noqa: PLC0415

    return Exporters({it.name: it for it in (*EXPORTERS, EXPORTER)}, frame)


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


def accounts() -> AccountSource:
    """What the ledger of ingest tells of devices, read only; nothing where ingest does not run on this machine."""
    from storage.intake.accounts import LedgerAccounts  # noqa: PLC0415

    return LedgerAccounts(data_dir() / "intake.sqlite")


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
    """What a process keeps things in; ``contexts`` and ``shapes`` are in the registry's database, as is all of it."""

    telemetry: WithUploads
    registry: Registry
    dead_letters: DeadLetters
    contexts: Contexts
    shapes: ShapeStore
    answers: AnswerStore
    statements: StatementStore
    uploads: UploadStore
    alerts: AlertLog


@contextmanager
def stores() -> Iterator[Stores]:
    """All stores that the settings name, closed at the end."""
    from storage.telemetry.overlay import WithUploads  # noqa: PLC0415

    with ExitStack() as stack:
        known = stack.enter_context(closing(registry()))
        yield Stores(
            WithUploads(stack.enter_context(closing(telemetry())), known),
            known,
            stack.enter_context(closing(dead_letters())),
            known,
            known,
            known,
            known,
            known,
            known,
        )


def flight_files(stores: Stores, kept: FlightArchive | None = None) -> FlightFiles:
    """What exports read from."""
    from geo.exporting import FlightFiles  # noqa: PLC0415

    return FlightFiles(stores.telemetry, stores.registry, stores.shapes, kept)


def uploading(stores: Stores, asker: Asker) -> Uploading:
    """What takes logs in, of every format that the commands read."""
    from cli.apart import read_apart  # noqa: PLC0415
    from ingest.clock import SystemClock  # noqa: PLC0415
    from ingest.uploads.desk import Uploading  # noqa: PLC0415

    return Uploading(stores.uploads, stores.telemetry, stores.registry, SystemClock(), read_apart, asker)


@contextmanager
def asker(client_id: str) -> Iterator[Asker]:
    """Asks the geo service over the broker; it connects when it is first needed."""
    from ingest.uploads.asking import BusAsker  # noqa: PLC0415

    with closing(BusAsker(lambda: bus(client_id))) as made:
        yield made


@contextmanager
def files(stores: Stores) -> Iterator[FileParts]:
    """What the API makes exports of, and what uploads go into."""
    from api.filedesk import FileParts  # noqa: PLC0415

    with closing(archive()) as kept, asker(f"canhdong-uploads-{os.getpid()}") as asking:
        yield FileParts(exporters(), flight_files(stores, kept), uploading(stores, asking))


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


def live_ring() -> LiveRing:
    """The last minutes of the live stream: an SQLite file in the data folder, shared by the API's processes."""
    from storage.live.ring import SqliteRing  # noqa: PLC0415

    return SqliteRing(data_dir() / "live.sqlite")


def live_feed(registry: Registry, client_id: str) -> LiveFeed:
    """Fixes and events of flying drones in every payload format, over a connection of its own.

    Raises:
        BrokerUnavailable: The broker does not answer or refuses the subscription.
        ConfigError: A codec of the settings does not exist.
    """
    from cli.livefeed import CodecFeed  # noqa: PLC0415
    from ingest import codecs  # noqa: PLC0415
    from ingest.clock import SystemClock  # noqa: PLC0415
    from ingest.dispatch import Dispatch  # noqa: PLC0415
    from ingest.pipeline import Pipeline  # noqa: PLC0415
    from ingest.validate import Identity, Limits  # noqa: PLC0415

    settings = load(IngestSettings)
    names = [*codecs.codecs(), *settings.ingest_codecs]
    memories: dict[str, dict[str, str]] = {}
    dispatch = Dispatch(names, lambda codec: memories.setdefault(codec, {}))
    pipeline = Pipeline(dispatch, Identity(registry, SystemClock()), Limits(settings))
    return CodecFeed(bus(client_id), pipeline, names)
