"""What each Grafana organisation is to hold: one for every cooperative, the department's and the operator's.

Grafana's open edition has no permissions for data sources, so an organisation holds one database's reader and nothing
that could read another. Data sources have the same uids in all of them: boards are the same files everywhere.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from core.errors import ConfigError
from core.model.land import Cooperative
from core.rollup import DATABASE
from dashboards.sources import API, API_PATH, SOURCE_OF, Audience

OPERATOR: Final = "platform"
"""The name under which figures of the platform itself are kept (the database ``canhdong_platform``)."""
MARK: Final = "canhdongSecret"
"""Where a data source tells which secret it was given: a server never shows the secret itself."""
_MARK_DIGITS: Final = 16
_LEAST_DEG: Final = 0.005
_NAMES: Final = {DATABASE: "Cánh Đồng: tỉnh / province", OPERATOR: "Cánh Đồng: vận hành / operator"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who may read one database of InfluxDB: a user with a password (1.x), or a token (2.x)."""

    url: str
    database: str
    user: str = ""
    secret: str = field(default="", repr=False)
    ca: str = field(default="", repr=False)

    def document(self, uid: str) -> dict[str, Any]:
        """The data source, with its secrets."""
        more: dict[str, Any] = {"dbName": self.database, "httpMode": "POST", "version": "InfluxQL"}
        secrets = {"password": self.secret}
        if not self.user:
            more |= {"httpHeaderName1": "Authorization"}
            secrets = {"httpHeaderValue1": f"Token {self.secret}"}
        if self.ca:
            more, secrets = more | {"tlsAuthWithCACert": True}, secrets | {"tlsCACert": self.ca}
        told = {"type": "influxdb", "url": self.url, "database": self.database, "user": self.user, "isDefault": True}
        return _document(uid, "Cánh Đồng", told, more, secrets)


@dataclass(frozen=True, slots=True)
class MapKey:
    """Our API for one cooperative, with a key that reads. An empty key: it is still to be made."""

    url: str
    cooperative: str
    key: str = field(default="", repr=False)

    def document(self, uid: str) -> dict[str, Any]:
        """The data source, with its secrets: of type prometheus, never queried, asked for maps through the proxy."""
        more = {"httpMethod": "GET", "manageAlerts": False, "httpHeaderName1": "Authorization"}
        secrets = {"httpHeaderValue1": f"Bearer {self.key}"} if self.key else {}
        url = self.url.rstrip("/") + API_PATH.format(cooperative=self.cooperative)
        told = {"type": "prometheus", "url": url, "isDefault": False}
        return _document(uid, "Cánh Đồng: bản đồ / maps", told, more, secrets)


@dataclass(frozen=True, slots=True)
class View:
    """Where maps look first: the middle in degrees, and the zoom of web maps."""

    lat_deg: float
    lon_deg: float
    zoom: float

    @classmethod
    def over(cls, box: tuple[float, float, float, float]) -> View:
        """The view of a box (west, south, east, north), in steps: a new plot at its edge moves no map."""
        west, south, east, north = box
        wide = max(east - west, north - south, _LEAST_DEG)
        zoom = math.floor(math.log2(360.0 / wide))
        return cls(round((south + north) / 2.0, 2), round((west + east) / 2.0, 2), float(min(max(zoom, 5), 15)))


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation of Grafana: ``key`` is a cooperative's identifier, or one of the platform's two names.

    ``view`` is where its maps look first; None: where the boards say.
    """

    key: str
    name: str
    audience: Audience
    reader: Reader
    maps: MapKey | None = None
    view: View | None = None

    def sources(self) -> dict[str, dict[str, Any]]:
        """Its data sources by uid."""
        found = {SOURCE_OF[self.audience]: self.reader.document(SOURCE_OF[self.audience])}
        return found if self.maps is None else found | {API: self.maps.document(API)}


def name_of(key: str, told: str = "") -> str:
    """An organisation's name; its end says whose it is, whatever people call the cooperative."""
    return f"{_NAMES.get(key, told or key)} ({key})"


def organisations(
    cooperatives: Sequence[Cooperative],
    readers: Mapping[str, Reader],
    maps: Mapping[str, MapKey],
    views: Mapping[str, View],
) -> list[Organisation]:
    """What is wanted, in the order in which it is published.

    Args:
        cooperatives: Those of the registry.
        readers: By cooperative, and by the platform's two names.
        maps: By cooperative.
        views: By cooperative, of those that have plots.

    Raises:
        ConfigError: A cooperative is called like one of the platform's own databases.
    """
    clash = sorted({it.cooperative for it in cooperatives} & set(_NAMES))
    if clash:
        raise ConfigError(f"cooperative {clash[0]!r} has the name of one of the platform's databases: give it another")
    found: list[Organisation] = []
    for it in cooperatives:
        key = it.cooperative
        name = name_of(key, it.name)
        found.append(Organisation(key, name, Audience.COOPERATIVE, readers[key], maps[key], views.get(key)))
    for key, audience in ((DATABASE, Audience.DEPARTMENT), (OPERATOR, Audience.OPERATOR)):
        found.append(Organisation(key, name_of(key), audience, readers[key]))
    return found


def _document(
    uid: str, name: str, told: dict[str, Any], more: dict[str, Any], secrets: dict[str, str]
) -> dict[str, Any]:
    mark = _mark(secrets) if secrets else ""
    return {
        "name": name,
        "uid": uid,
        "access": "proxy",
        **told,
        "jsonData": more | {MARK: mark},
        "secureJsonData": secrets,
    }


def _mark(secrets: dict[str, str]) -> str:
    """Tells two secrets apart and neither of them: each holds at least 192 random bits."""
    text = "\n".join(f"{name}={value}" for name, value in sorted(secrets.items()))
    return hashlib.sha256(f"canhdong grafana\n{text}".encode()).hexdigest()[:_MARK_DIGITS]
