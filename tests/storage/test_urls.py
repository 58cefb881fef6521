"""Stores by URL: SQLite files, and one line for everything else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigError
from storage.deadletters.sqlite import SqliteDeadLetters
from storage.registry.repository import SqlRegistry
from storage.telemetry.sqlite import SqliteTelemetry
from storage.urls import open_dead_letters, open_registry, open_telemetry

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
