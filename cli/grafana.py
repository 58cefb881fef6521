"""What the commands that publish to Grafana share: what goes where, by the settings, and how it is told."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cli import output, wiring
from core.errors import ConfigError
from core.hosts import is_loopback
from core.model.land import Cooperative
from core.registry import Registry
from core.settings import ApiSettings, GrafanaSettings, InfluxSettings, StoreSettings, load, secret

if TYPE_CHECKING:
    from cli.grafana_keys import GrafanaKeys
    from dashboards.publish.publisher import Mode, Publisher, Step
    from dashboards.publish.wanted import Organisation, Reader, View

_OTHERS = 0o077
_ACTIONS = {"add": "add", "change": "change", "stale": "remove"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What publishes, what is wanted, and what keeps the keys."""

    publisher: Publisher
    wanted: list[Organisation]
    keys: GrafanaKeys
    cooperatives: list[str]


@contextmanager
def prepared(mode: Mode) -> Iterator[Prepared]:
    """Everything that the settings name, with the keys that ``mode`` may make.

    Raises:
        ConfigError: A setting is missing or wrong, or a reader's secret was never made.
        StoreUnavailable: The registry does not answer.
    """
    from cli.grafana_keys import GrafanaKeys  # noqa: PLC0415
    from dashboards.publish.catalogue import load as read_catalogue  # noqa: PLC0415
    from dashboards.publish.publisher import Publisher  # noqa: PLC0415
    from dashboards.publish.server import Address, Grafana  # noqa: PLC0415
    from dashboards.publish.wanted import MapKey, organisations  # noqa: PLC0415
    from ingest.clock import SystemClock  # noqa: PLC0415

    settings = load(GrafanaSettings)
    if not settings.grafana_url:
        raise ConfigError("set CANHDONG_GRAFANA_URL, CANHDONG_GRAFANA_USER and CANHDONG_GRAFANA_PASSWORD_FILE")
    password = secret(settings.grafana_password, settings.grafana_password_file, "grafana_password")
    address = Address(settings.grafana_url, settings.grafana_user, password, settings.grafana_ca_file)
    catalogue, values = read_catalogue(), _values(settings.grafana_contacts_file)
    with closing(wiring.registry()) as registry:
        cooperatives = registry.cooperatives()
        views = _views(registry, cooperatives)
    api_url = _api_url(settings)
    readers = _readers(cooperatives, settings, make=mode.write)
    with closing(wiring.people()) as people:
        keys = GrafanaKeys(
            people, wiring.signer().second_factors, wiring.data_dir() / "secrets", SystemClock().now_ms()
        )
        names = [it.cooperative for it in cooperatives]
        held = {name: keys.look(name) or (keys.make(name) if mode.write else "") for name in names}
        maps = {name: MapKey(api_url, name, key) for name, key in held.items()}
        publisher = Publisher(Grafana(address), catalogue, values, mode)
        yield Prepared(publisher, organisations(cooperatives, readers, maps, views), keys, names)


def _readers(cooperatives: Sequence[Cooperative], settings: GrafanaSettings, *, make: bool) -> dict[str, Reader]:
    """Who reads which database, by cooperative and by the platform's two names.

    Args:
        cooperatives: Those of the registry.
        settings: Where Grafana finds InfluxDB.
        make: Whether to make what is missing, where the settings hold who may.

    Raises:
        ConfigError: Telemetry is not in InfluxDB, or a reader's secret was never made.
        StoreRefused: InfluxDB does not let the administrator make it.
        StoreUnavailable: InfluxDB does not answer.
    """
    from dashboards.publish.wanted import Reader  # noqa: PLC0415
    from storage.telemetry.influx import database  # noqa: PLC0415
    from storage.telemetry.influx_admin import reader_of  # noqa: PLC0415
    from storage.urls import influx_server, is_influx  # noqa: PLC0415

    telemetry = load(StoreSettings).telemetry_url
    if not is_influx(telemetry):
        raise ConfigError("CANHDONG_TELEMETRY_URL names no InfluxDB server: Grafana cannot read an SQLite file")
    influx = load(InfluxSettings)
    url = settings.grafana_influx_url or influx_server(telemetry, influx).url
    _crossable(url, "CANHDONG_GRAFANA_INFLUX_URL")
    token = urlsplit(telemetry).scheme.startswith("influxdb2")
    ca = _text(influx.influx_ca_file, "CANHDONG_INFLUX_CA_FILE") if url.startswith("https") else ""
    names = [*(it.cooperative for it in cooperatives), *wiring.PLATFORM]
    files = {key: wiring.data_dir() / "secrets" / reader_of(key) for key in names}
    missing = [file for file in files.values() if not file.is_file()]
    if missing and make and any(influx.credential(admin=True)):
        wiring.make_databases(names)
    elif missing:
        raise ConfigError(f"{missing[0]} is missing: canhdong storage init makes each database and who may read it")
    found: dict[str, Reader] = {}
    for key, file in files.items():
        secret_text = _text(file, "the reader's secret")
        found[key] = Reader(url, database(key), "" if token else reader_of(key), secret_text, ca)
    return found


def _views(registry: Registry, cooperatives: Sequence[Cooperative]) -> dict[str, View]:
    """Where the maps of cooperatives that have plots look first."""
    from shapely import total_bounds  # noqa: PLC0415

    from dashboards.publish.wanted import View  # noqa: PLC0415

    found: dict[str, View] = {}
    for key in (it.cooperative for it in cooperatives):
        plots = registry.plots(key)
        if plots:
            west, south, east, north = total_bounds([it.boundary for it in plots]).tolist()
            found[key] = View.over((west, south, east, north))
    return found


def _api_url(settings: GrafanaSettings) -> str:
    api = load(ApiSettings)
    url = settings.grafana_api_url or api.api_public_url or f"http://127.0.0.1:{api.api_port}"
    _crossable(url, "CANHDONG_GRAFANA_API_URL")
    return url.rstrip("/")


def _crossable(url: str, name: str) -> None:
    """Raise ``ConfigError`` where a credential would cross a network in clear."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ConfigError(f"{name}: give https://HOST:PORT, or http:// on this machine")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ConfigError(f"{name}: Grafana sends a credential there, over a network with TLS only; give https://")


def _values(file: Path | None) -> dict[str, Mapping[str, str]]:
    """Values of contact points, by organisation and name.

    Raises:
        ConfigError: The file cannot be read, others may read it, or it is not what it should be.
    """
    if file is None:
        return {}
    name = "CANHDONG_GRAFANA_CONTACTS_FILE"
    text = _text(file, name)
    if stat.S_IMODE(file.stat().st_mode) & _OTHERS:
        raise ConfigError(f"{name}: others may read {file}, which holds secrets: chmod 600")
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: {file}: {error}") from None
    good = all(isinstance(it, dict) and all(isinstance(v, str) for v in it.values()) for it in told.values())
    if not good:
        raise ConfigError(f'{name}: a table for each organisation, such as [htx-tan-hung], and in it NAME = "value"')
    return told


def _text(file: Path | None, name: str) -> str:
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{name}: {file}: {error.strerror}") from None


def show(steps: Sequence[Step], notes: Sequence[str], *, as_json: bool, written: bool) -> None:
    """Tell what was done, or what differs."""
    if as_json:
        output.print_json({"changes": [_row(it) for it in steps], "notes": list(notes)})
        return
    if steps:
        title = "published" if written else "differs from what is wanted"
        cells = [
            [it.change.organisation, it.change.kind, it.change.name, _told(it, written=written), it.change.why]
            for it in steps
        ]
        output.print_table(title, ["organisation", "kind", "which", "what", "where"], cells, 5)
    for it in steps:
        if it.fault:
            output.note(f"{it.change.organisation}: {it.change.kind} {it.change.name}: {it.fault}")
    for note in notes:
        output.note(note)


def _row(it: Step) -> dict[str, str | bool]:
    return {
        "organisation": it.change.organisation,
        "kind": it.change.kind,
        "name": it.change.name,
        "action": _ACTIONS[it.change.action],
        "why": it.change.why,
        "done": it.done,
        "fault": it.fault,
    }


def _told(step: Step, *, written: bool) -> str:
    """What came of a change, in a few words."""
    action = _ACTIONS[step.change.action]
    if step.fault:
        return f"{action}: failed"
    return action if step.done or not written else "stale: --prune removes it"
