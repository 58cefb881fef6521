"""Serves the application until it is asked to stop."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from core.errors import CanhdongError, ConfigError
from core.hosts import is_loopback


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        why = f"port {port} on {host} cannot be taken ({error.strerror}); choose another with CANHDONG_API_PORT"
        raise ConfigError(why) from None
    return listener


@dataclass(frozen=True, slots=True)
class Front:
    """Where the server listens, and what stands before it.

    Attributes:
        host: Address to listen on.
        port: Port to listen on.
        certificate: Chain in PEM, with which the server itself speaks TLS.
        key: The certificate's private key.
        public_url: What browsers ask for, where a proxy before this server speaks TLS: ``https://...``.
        proxies: Addresses of proxies whose X-Forwarded-For is believed.
        plain: Whether passwords may cross a network without TLS.
        demo: Whether everybody who reaches the port may look.
    """

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None
    public_url: str = ""
    proxies: tuple[str, ...] = ()
    plain: bool = False
    demo: bool = False

    @property
    def secure(self) -> bool:
        """Whether browsers come by HTTPS."""
        return self.certificate is not None or self.public_url.startswith("https://")

    def check(self) -> None:
        """Raise ``ConfigError`` where a password, or the demo, would be open to a network."""
        if (self.certificate is None) != (self.key is None):
            raise ConfigError("CANHDONG_API_TLS_CERTIFICATE and CANHDONG_API_TLS_KEY belong together: set both")
        if is_loopback(self.host):
            return
        if self.demo:
            raise ConfigError(f"host {self.host}: the demo asks for no password and serves this machine only")
        if not self.secure and not self.plain:
            raise ConfigError(
                f"host {self.host}: passwords cross a network with TLS only; set CANHDONG_API_TLS_CERTIFICATE, _KEY, "
                "or CANHDONG_API_PUBLIC_URL=https://... where a proxy before it speaks TLS, or CANHDONG_API_PLAIN=true"
            )


class _Server(uvicorn.Server):
    """Calls back when it serves, and leaves signals to the process."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def serve(app: FastAPI, front: Front, stop: threading.Event, ready: Callable[[], None]) -> None:
    """Serve ``app`` until ``stop`` is set; calls ``ready`` when the port answers.

    Raises:
        ConfigError: The front is not safe, a file of TLS cannot be read, or the port is taken.
    """
    front.check()
    _settle()
    with _listen(front.host, front.port) as listener:
        server = _Server(_config(app, front), ready)
        thread = threading.Thread(target=server.run, args=([listener],), name="http", daemon=True)
        thread.start()
        while thread.is_alive() and not stop.wait(0.2):
            pass
        server.should_exit = True
        thread.join(10.0)
    if not stop.is_set():
        raise CanhdongError("the HTTP server ended by itself; its log says why")


def _settle() -> None:
    """Tell the garbage collector that what was loaded stays: walking through it stops every request for 0.2 s."""
    gc.collect()
    gc.freeze()


def _config(app: FastAPI, front: Front) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
        server_header=False,
        proxy_headers=bool(front.proxies),
        forwarded_allow_ips=list(front.proxies),
        ssl_certfile=front.certificate,
        ssl_keyfile=front.key,
    )
    try:
        config.load()
    except OSError as error:  # ssl.SSLError is one, too
        raise ConfigError(f"CANHDONG_API_TLS_CERTIFICATE, CANHDONG_API_TLS_KEY: {error}") from None
    return config
