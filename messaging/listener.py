"""Where a broker may listen: on this machine, or elsewhere with TLS and users."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

from core.errors import ConfigError
from core.hosts import is_loopback


@dataclass(frozen=True, slots=True)
class Listener:
    """Where a broker listens, and with which credentials."""

    host: str
    port: int
    tls_cert: Path | None = None
    tls_key: Path | None = None
    password_file: Path | None = None

    @property
    def secured(self) -> bool:
        """Whether there are TLS and users."""
        return self.tls_cert is not None and self.tls_key is not None and self.password_file is not None


def parse_listen(text: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``.

    Raises:
        ConfigError: It is something else.
    """
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdigit() or not 0 < int(port) <= 65_535:  # noqa: PLR2004 - ports
        raise ConfigError(f"--listen {text}: give HOST:PORT, for example 127.0.0.1:1883")
    return host, int(port)


def checked(listener: Listener) -> Listener:
    """Refuse a listener that would let strangers in, that is busy, or whose files are missing.

    Raises:
        ConfigError: It is one of these.
    """
    for option, path in (
        ("--tls-cert", listener.tls_cert),
        ("--tls-key", listener.tls_key),
        ("--password-file", listener.password_file),
    ):
        if path is not None and not path.is_file():
            raise ConfigError(f"{option} {path}: no such file")
    if (listener.tls_cert is None) != (listener.tls_key is None):
        raise ConfigError("--tls-cert and --tls-key go together")
    if not is_loopback(listener.host) and not listener.secured:
        raise ConfigError(
            f"--listen {listener.host}: other machines could reach it; give --tls-cert, --tls-key and --password-file, "
            "or listen on 127.0.0.1"
        )
    family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listener.host, listener.port))
        except OSError as error:
            words = error.strerror or str(error)
            raise ConfigError(
                f"port {listener.port} on {listener.host} cannot be taken ({words}); choose another with --listen "
                "(and CANHDONG_MQTT_URL)"
            ) from None
    return listener
