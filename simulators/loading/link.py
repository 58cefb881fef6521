"""A connection that only publishes, and that costs nearly nothing: MQTT 3.1.1, QoS 1, many packets in one write.

The bus of :mod:`messaging` makes several objects for every message; a load that has to outrun an ingester cannot.
"""

from __future__ import annotations

import select
import socket
import ssl
import struct
from typing import Final

import numpy as np

from core.errors import BrokerUnavailable, ConfigError
from core.model.fixtable import Ints
from messaging.address import Address
from simulators.loading.fleet import remaining_length

_CONNECT, _CONNACK, _PUBACK, _DISCONNECT = 0x10, 0x20, 0x40, b"\xe0\x00"
_CLEAN, _USER, _PASSWORD = 0x02, 0x80, 0x40
_KEEP_ALIVE_S: Final = 600
_PATIENCE_S: Final = 10.0
_BUFFER: Final = 1 << 18
_ACK_BYTES: Final = 4
_AWAY = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class LoadLink:
    """A connection to a broker.

    Args:
        address: Where it is.
        client_id: How the broker shall call us.

    Raises:
        BrokerUnavailable: It does not answer, or refuses the session.
        ConfigError: The certificate authority cannot be read.
    """

    def __init__(self, address: Address, client_id: str) -> None:
        self._address = address
        try:
            self._socket = _connected(address)
        except OSError as error:
            raise BrokerUnavailable(f"no broker answers at {address} ({error.strerror or error})") from None
        try:
            self._socket.sendall(_connect(address, client_id))
            answer = self._socket.recv(4)
        except OSError as error:
            self._socket.close()
            raise BrokerUnavailable(f"{address} does not answer ({error.strerror or error})") from None
        if len(answer) < 4 or answer[0] != _CONNACK or answer[3]:  # noqa: PLR2004
            self._socket.close()
            raise BrokerUnavailable(f"{address} refused the session (code {answer[3] if answer[3:] else 'none'})")
        self._socket.settimeout(0.0)
        self._out = memoryview(b"")
        self._in = bytearray()

    @property
    def idle(self) -> bool:
        """Whether all that was handed over has gone out."""
        return not self._out

    def hand_over(self, packets: bytes) -> None:
        """Take packets; the last ones must have gone out."""
        self._out = memoryview(packets)
        self._send()

    def wait(self, timeout_s: float) -> Ints:
        """Send and receive for so long at most; gives the packet identifiers that were acknowledged meanwhile.

        Raises:
            BrokerUnavailable: The connection is gone.
        """
        writing = [self._socket] if self._out else []
        readable, writable, _ = select.select([self._socket], writing, [], max(timeout_s, 0.0))
        if writable:
            self._send()
        return self._receive() if readable else np.empty(0, np.int64)

    def close(self) -> None:
        """Say goodbye."""
        try:
            self._socket.settimeout(_PATIENCE_S)
            self._socket.sendall(_DISCONNECT)
        except OSError:
            pass
        self._socket.close()

    def _send(self) -> None:
        try:
            self._out = self._out[self._socket.send(self._out) :]
        except _AWAY:
            return
        except OSError as error:
            raise BrokerUnavailable(f"lost {self._address}: {error}") from None

    def _receive(self) -> Ints:
        while True:
            try:
                got = self._socket.recv(_BUFFER)
            except _AWAY:
                break
            except OSError as error:
                raise BrokerUnavailable(f"lost {self._address}: {error}") from None
            if not got:
                raise BrokerUnavailable(f"lost {self._address}: it closed the connection")
            self._in += got
            _confirm_at_once(self._socket)
        whole = len(self._in) // _ACK_BYTES * _ACK_BYTES
        answers = np.frombuffer(bytes(self._in[:whole]), np.uint8).reshape(-1, _ACK_BYTES)
        del self._in[:whole]
        if (answers[:, 0] != _PUBACK).any():
            raise BrokerUnavailable(f"{self._address} answers with something else than an acknowledgement")
        return answers[:, 2].astype(np.int64) << 8 | answers[:, 3]


def _connected(address: Address) -> socket.socket:
    trust = _trust(address) if address.tls else None
    link = socket.create_connection((address.host, address.port), _PATIENCE_S)
    try:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return link if trust is None else trust.wrap_socket(link, server_hostname=address.host)
    except OSError:
        link.close()
        raise


def _trust(address: Address) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(address.ca_file) if address.ca_file else None)
    except OSError as error:
        raise ConfigError(f"CANHDONG_MQTT_CA_FILE: {address.ca_file}: {error}") from None


def _confirm_at_once(link: socket.socket) -> None:
    """Let the broker's next answers come: it holds small ones back until the kernel has confirmed those before."""
    if hasattr(socket, "TCP_QUICKACK"):
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _connect(address: Address, client_id: str) -> bytes:
    flags = _CLEAN | (_USER if address.user else 0) | (_PASSWORD if address.user and address.password else 0)
    body = _text("MQTT") + bytes([4, flags]) + struct.pack("!H", _KEEP_ALIVE_S) + _text(client_id)
    if address.user:
        body += _text(address.user)
        body += _text(address.password) if address.password else b""
    return bytes([_CONNECT]) + remaining_length(len(body)) + body


def _text(text: str) -> bytes:
    return struct.pack("!H", len(text.encode())) + text.encode()
