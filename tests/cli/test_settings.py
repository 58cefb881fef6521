"""Settings: .env.example is what the command prints, wrong values stop with one line, secrets never show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.commands.settings import example
from cli.main import DONE, WRONG_USE, main

ROOT = Path(__file__).resolve().parents[2]


def test_env_example_is_what_the_command_prints() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == example(), "run: canhdong settings > .env.example"


def test_a_wrong_setting_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CANHDONG_API_PORT", "seventy")
    assert main(["settings", "--json"]) == WRONG_USE
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "CANHDONG_API_PORT" in printed.err
    assert len(printed.err.splitlines()) == 1


def test_a_secret_is_never_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CANHDONG_MQTT_PASSWORD", "mười-tám-con-trâu")
    assert main(["settings", "--json"]) == DONE
    printed = capsys.readouterr()
    assert json.loads(printed.out)["CANHDONG_MQTT_PASSWORD"] == "(set)"
    assert "trâu" not in printed.out + printed.err


def test_a_password_in_a_url_is_not_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CANHDONG_REGISTRY_URL", "postgresql://htx:bi%20mat@localhost:5432/canhdong")
    assert main(["settings", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["CANHDONG_REGISTRY_URL"] == "postgresql://htx:(set)@localhost:5432/canhdong"
    assert shown["CANHDONG_MQTT_URL"] == "mqtt://127.0.0.1:1883"
