"""Where a broker is, and how one identifies oneself there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from core.errors import ConfigError
from core.hosts import is_loopback

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class Address:
    """A broker. ``ca_file``: the certificate authority to trust with TLS; None: those of the system."""

    host: str
    port: int
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None

    def __str__(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


def parse_url(url: str, user: str = "", password: str = "", ca_file: Path | None = None) -> Address:
    """Read ``mqtt://HOST[:PORT]`` (1883) or ``mqtts://HOST[:PORT]`` (TLS, 8883).

    Raises:
        ConfigError: The URL is of another kind, holds credentials or a path, or a password would cross a network
            without TLS.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise ConfigError(f"CANHDONG_MQTT_URL: {url}: the port is no number up to 65535") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ConfigError(f"CANHDONG_MQTT_URL: {_harmless(url)}: give mqtt://HOST:PORT or mqtts://HOST:PORT")
    if parts.username is not None or parts.password is not None:
        raise ConfigError("CANHDONG_MQTT_URL: put credentials into CANHDONG_MQTT_USER and CANHDONG_MQTT_PASSWORD_FILE")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ConfigError(f"CANHDONG_MQTT_URL: {url}: nothing may follow the port")
    tls = parts.scheme == "mqtts"
    if password and not tls and not is_loopback(parts.hostname):
        raise ConfigError(f"CANHDONG_MQTT_URL: {url}: a password goes over a network with TLS only; give mqtts://")
    return Address(parts.hostname, port or _PORTS[parts.scheme], tls, user, password, ca_file)


def _harmless(url: str) -> str:
    """A URL without what stands before an @, which may be a secret."""
    return url.rpartition("@")[2]
