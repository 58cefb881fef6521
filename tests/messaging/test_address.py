"""Addresses of brokers: what is understood, and what is refused before anything connects."""

from __future__ import annotations

import pytest

from core.errors import ConfigError
from core.hosts import is_loopback
from messaging.address import Address, parse_url

SECRET = "hunter" + "2"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://127.0.0.1", Address("127.0.0.1", 1883)),
        ("mqtt://localhost:18830/", Address("localhost", 18830)),
        ("mqtts://broker.htx.vn", Address("broker.htx.vn", 8883, tls=True)),
        ("mqtt://[::1]:1884", Address("::1", 1884)),
    ],
)
def test_addresses(url: str, expected: Address) -> None:
    assert parse_url(url) == expected


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:1883", "http://127.0.0.1", "mqtt://", "mqtt://h:99999", "mqtt://h:1/topic", "mqtt://h:1?x=y"]
)
def test_other_addresses_are_refused_by_the_settings_name(url: str) -> None:
    with pytest.raises(ConfigError, match="CANHDONG_MQTT_URL"):
        parse_url(url)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    for url in ("mqtt://user:hunter2@h:1", "wrong://user:hunter2@h:1"):
        with pytest.raises(ConfigError) as refused:
            parse_url(url)
        assert SECRET not in str(refused.value)


def test_a_password_crosses_a_network_with_tls_only() -> None:
    with pytest.raises(ConfigError, match="TLS"):
        parse_url("mqtt://broker.htx.vn", "ingest", SECRET)
    for url in ("mqtts://broker.htx.vn", "mqtt://127.0.0.1"):
        assert parse_url(url, "ingest", SECRET).password == SECRET


def test_the_password_is_not_shown() -> None:
    address = parse_url("mqtts://broker.htx.vn", "ingest", SECRET)
    assert SECRET not in f"{address!r} {address}"


def test_loopback() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "::", "192.168.1.5", "localhost.evil.vn", ""))  # noqa: S104
