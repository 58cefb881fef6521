"""InfluxDB by URL: where the server is, which credential goes there, and what never crosses a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from core.errors import ConfigError
from core.settings import InfluxSettings
from storage.urls import influx_server, is_influx, open_telemetry

SECRET = "mật-khẩu"


def settings(**known: Any) -> InfluxSettings:
    return InfluxSettings(**known)


def both(**known: Any) -> InfluxSettings:
    """A user and a token are set."""
    return settings(influx_user="u", influx_password=SecretStr(SECRET), influx_token=SecretStr("t"), **known)


@pytest.mark.parametrize(
    ("url", "server", "user", "token"),
    [
        ("influxdb://127.0.0.1:9999", "http://127.0.0.1:9999", "u", ""),
        ("influxdb://localhost", "http://localhost:8086", "u", ""),
        ("influxdb://[::1]:8086", "http://[::1]:8086", "u", ""),
        ("influxdbs://db.example.vn", "https://db.example.vn:8086", "u", ""),
        ("influxdb2://127.0.0.1", "http://127.0.0.1:8086", "", "t"),
        ("influxdb2s://db.example.vn:443/", "https://db.example.vn:443", "", "t"),
    ],
)
def test_the_scheme_says_which_credential_and_whether_with_tls(url: str, server: str, user: str, token: str) -> None:
    assert is_influx(url)
    found = influx_server(url, both(influx_org="o"))
    assert (found.url, found.user, found.token, found.org) == (server, user, token, "o")
    assert (found.password == SECRET) is bool(user)
    assert SECRET not in repr(found)


@pytest.mark.parametrize("url", ["influxdb://db.example.vn", "influxdb2://10.0.0.7:8086", "influxdb://0.0.0.0"])
def test_a_credential_crosses_no_network_without_tls(url: str) -> None:
    with pytest.raises(ConfigError, match=f"TLS only; give {url.partition(':')[0]}s://") as caught:
        influx_server(url, both())
    assert SECRET not in str(caught.value)
    assert influx_server(url, settings()).url.startswith("http://")


@pytest.mark.parametrize(
    "url",
    [
        f"influxdb://u:{SECRET}@localhost",
        f"influxdb://{SECRET}@localhost",
        "influxdb://",
        "influxdb://localhost/db",
        "influxdb://localhost?db=x",
        "influxdb://localhost:99999",
    ],
)
def test_a_wrong_url_is_one_line_that_names_the_setting_and_no_secret(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^CANHDONG_TELEMETRY_URL") as caught:
        open_telemetry(url, settings())
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_secrets_come_from_files_where_they_are_set(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text(SECRET + "\n", encoding="utf-8")
    known = settings(influx_user="u", influx_password_file=tmp_path / "pw", influx_admin_token_file=tmp_path / "none")
    assert influx_server("influxdb://localhost", known).password == SECRET
    with pytest.raises(ConfigError, match="CANHDONG_INFLUX_ADMIN_TOKEN_FILE"):
        influx_server("influxdb://localhost", known, admin=True)


@pytest.mark.parametrize(
    ("gzip", "compressed"), [("auto", [False, True]), ("on", [True, True]), ("off", [False, False])]
)
def test_what_goes_to_this_machine_is_compressed_only_if_told(gzip: str, compressed: list[bool]) -> None:
    hosts = ("localhost", "db.example.vn")
    assert [influx_server(f"influxdb://{it}", settings(influx_gzip=gzip)).compress for it in hosts] == compressed


def test_opening_asks_the_server_nothing() -> None:
    """Ingest starts while its database is away: nothing listens on port 9."""
    open_telemetry("influxdb://127.0.0.1:9", settings()).close()
