"""Settings: read from the environment, frozen, and refused in one line that names the variable and no secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings

from core.errors import ConfigError
from core.settings import ALL, ApiSettings, DataSettings, IngestSettings, MqttSettings, StoreSettings, load


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("CANHDONG_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize("kind", ALL)
def test_everything_has_a_default(kind: type[BaseSettings]) -> None:
    assert isinstance(load(kind), kind)


@pytest.mark.parametrize("kind", ALL)
def test_every_setting_is_described_and_named_once(kind: type[BaseSettings]) -> None:
    others = {name for other in ALL if other is not kind for name in other.model_fields}
    for name, field in kind.model_fields.items():
        assert field.description
        assert name not in others


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANHDONG_DATA_DIR", "/var/lib/canhdong")
    monkeypatch.setenv("CANHDONG_API_PORT", "8080")
    monkeypatch.setenv("CANHDONG_AREA_BOX", "[1, 2, 3, 4.5]")
    monkeypatch.setenv("CANHDONG_SOMETHING_ELSE", "is left alone")
    assert load(DataSettings).data_dir == Path("/var/lib/canhdong")
    assert load(ApiSettings).api_port == 8080
    assert load(IngestSettings).area_box == (1.0, 2.0, 3.0, 4.5)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (ApiSettings, "CANHDONG_API_PORT", "http"),
        (ApiSettings, "CANHDONG_API_PORT", "65536"),
        (IngestSettings, "CANHDONG_INGEST_BATCH", "0"),
        (IngestSettings, "CANHDONG_FLIGHT_GAP_S", "-1"),
        (IngestSettings, "CANHDONG_SPEED_LIMIT_MPS", ""),
        (IngestSettings, "CANHDONG_AREA_BOX", "[1, 2, 3]"),
        (IngestSettings, "CANHDONG_AREA_BOX", "1, 2, 3, 4"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable(
    kind: type[BaseSettings], name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        load(kind)
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message
    assert caught.value.__cause__ is None


class _Secretive(BaseSettings):
    """A secret that is refused."""

    mqtt_password: SecretStr
    mqtt_port: int


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANHDONG_MQTT_PASSWORD", "s3cret")
    settings = load(MqttSettings)
    assert "s3cret" not in repr(settings) + str(settings)
    assert settings.mqtt_password.get_secret_value() == "s3cret"
    monkeypatch.setenv("MQTT_PASSWORD", "s3cret")
    monkeypatch.setenv("MQTT_PORT", "s3cret too")
    with pytest.raises(ConfigError) as caught:
        load(_Secretive)
    assert "s3cret" not in str(caught.value)


def test_settings_do_not_change() -> None:
    settings = load(StoreSettings)
    with pytest.raises(ValidationError, match="frozen"):
        settings.telemetry_url = "sqlite:///elsewhere"
