"""Stores by URL: SQLite files, and one line for everything else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from core.errors import ConfigError, StoreUnavailable
from core.settings import StoreSettings
from storage.deadletters.sqlite import SqliteDeadLetters
from storage.registry.repository import SqlRegistry
from storage.telemetry.sqlite import SqliteTelemetry
from storage.urls import _postgres, open_dead_letters, open_registry, open_telemetry
from tests.support.processes import free_port

OPENERS = [
    pytest.param(open_telemetry, SqliteTelemetry, "CANHDONG_TELEMETRY_URL", id="telemetry"),
    pytest.param(open_registry, SqlRegistry, "CANHDONG_REGISTRY_URL", id="registry"),
    pytest.param(open_dead_letters, SqliteDeadLetters, "dead letters", id="dead-letters"),
]


@pytest.mark.parametrize(("opener", "store", "setting"), OPENERS)
def test_an_sqlite_url_is_a_file(opener: Callable[[str], Any], store: type, setting: str, tmp_path: Path) -> None:
    with closing(opener(f"sqlite:///{tmp_path}/absolute.sqlite")) as it:
        assert type(it) is store
    assert (tmp_path / "absolute.sqlite").is_file()


@pytest.mark.parametrize(("opener", "store", "setting"), OPENERS)
def test_a_relative_url_stays_where_it_was_when_the_process_moves(
    opener: Callable[[str], Any], store: type, setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(opener("sqlite:///folder/relative.sqlite")):
        assert (tmp_path / "folder" / "relative.sqlite").is_file()


@pytest.mark.parametrize(("opener", "store", "setting"), OPENERS)
@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite://",
        "sqlite:///",
        "telemetry.sqlite",
        "influxdb9://localhost",
        "mysql://admin:s3cret@localhost/canhdong",
    ],
)
def test_another_url_is_one_line_that_names_the_setting_and_no_secret(
    opener: Callable[[str], Any], store: type, setting: str, url: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        opener(url)
    message = str(caught.value)
    assert setting in message
    assert "sqlite:///PATH" in message
    assert "\n" not in message
    assert "s3cret" not in message


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///canhdong",
        "postgresql://htx:s3cret@localhost",
        "postgresql://htx:s3cret@localhost:port/canhdong",
        "postgresql://htx:s3cret@db.example/canhdong?sslmode=disable",
        "postgresql://htx:s3cret@db.example/canhdong?sslmode=require",
        "postgresql://htx:s3cret@localhost/canhdong?options=-c",
    ],
    ids=["no-host", "no-database", "port", "no-tls", "unchecked-tls", "other-options"],
)
def test_a_wrong_address_of_postgresql_is_one_line_without_the_secret(url: str) -> None:
    with pytest.raises(ConfigError, match="CANHDONG_REGISTRY_URL") as caught:
        open_registry(url)
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_password_of_the_settings_counts_before_that_of_the_url() -> None:
    url = "postgresql+psycopg://htx:c%C5%A9@localhost/canhdong"
    assert _postgres(url, StoreSettings()).password == "cũ"
    assert _postgres(url, StoreSettings(registry_password=SecretStr("mới"))).password == "mới"


def test_a_socket_lies_in_a_folder() -> None:
    url = _postgres("postgresql:///canhdong?host=/run/postgresql", StoreSettings())
    assert (url.host, url.database, dict(url.query)) == (None, "canhdong", {"host": "/run/postgresql"})


@pytest.mark.parametrize(
    ("host", "tls"),
    [("127.0.0.1", {}), ("localhost", {}), ("db.example", {"sslmode": "verify-full", "sslrootcert": "system"})],
)
def test_a_network_is_crossed_with_tls_only(host: str, tls: dict[str, str]) -> None:
    settings = StoreSettings(registry_password=SecretStr("bí mật"))
    url = _postgres(f"postgresql://htx@{host}:5433/canhdong", settings)
    assert (url.username, url.host, url.port, url.database) == ("htx", host, 5433, "canhdong")
    assert url.password == "bí mật"
    assert dict(url.query) == tls


def test_a_server_that_is_not_there_is_away_for_now() -> None:
    with pytest.raises(StoreUnavailable, match=r"postgresql://127\.0\.0\.1/canhdong"):
        open_registry(f"postgresql://htx@127.0.0.1:{free_port()}/canhdong")
