"""Settings, one frozen class per concern, read from the environment with the prefix ``CANHDONG_``.

A bad value stops the process with one line (:func:`load`) before anything connects.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from core.errors import ConfigError

_CONFIG = SettingsConfigDict(env_prefix="CANHDONG_", frozen=True, extra="ignore")


class DataSettings(BaseSettings):
    """Where the embedded defaults keep their files."""

    model_config = _CONFIG

    data_dir: Path = Field(Path("data"), description="folder of the embedded databases and logs")


class MqttSettings(BaseSettings):
    """The broker. The rest of the code sees only the URL."""

    model_config = _CONFIG

    mqtt_url: str = Field("mqtt://127.0.0.1:1883", description="broker: mqtt://HOST:PORT or mqtts://HOST:PORT")
    mqtt_user: str = Field("", description="user name at the broker; empty: none")
    mqtt_password: SecretStr = Field(SecretStr(""), description="password at the broker")
    mqtt_password_file: Path | None = Field(None, description="file that holds the password, instead of the variable")
    mqtt_ca_file: Path | None = Field(None, description="certificate authority of the broker; default: the system's")


class StoreSettings(BaseSettings):
    """The stores, chosen by URL. Empty: an SQLite file in the data folder."""

    model_config = _CONFIG

    telemetry_url: str = Field("", description="sqlite:///PATH; empty: telemetry.sqlite in the data folder")
    registry_url: str = Field("", description="sqlite:///PATH; empty: registry.sqlite in the data folder")


class IngestSettings(BaseSettings):
    """Limits that flag or quarantine, and the rule that ends a flight."""

    model_config = _CONFIG

    ingest_client_id: str = Field("canhdong-ingest", description="MQTT client id; the slot's number is added to it")
    ingest_slots: int = Field(1, ge=1, le=64, description="slots that ingesters share by shared subscriptions; 1: none")
    ingest_codecs: tuple[str, ...] = Field((), description="codecs beside our own: dotted paths of modules, as JSON")
    spool_limit_mb: int = Field(4_096, ge=1, description="size of a spool past which nothing more is acknowledged")
    spool_age_h: float = Field(24.0, gt=0, description="age of what waits in a spool past which an alarm is raised")
    ingest_batch: int = Field(2_000, ge=1, description="messages that are written and acknowledged together at most")
    flight_gap_s: float = Field(300.0, gt=0, description="seconds of device time without a fix that end a flight")
    future_limit_s: float = Field(300.0, ge=0, description="a time further ahead of reception is quarantined")
    speed_limit_mps: float = Field(15.0, gt=0, description="speed above which a fix is flagged")
    swath_limit_m: float = Field(15.0, gt=0, description="swath width above which a fix is flagged")
    height_limit_m: float = Field(30.0, gt=0, description="height above crop or ground above which a fix is flagged")
    area_box: tuple[float, float, float, float] = Field(
        (102.0, 8.0, 110.0, 23.5), description="west, south, east, north in degrees: fixes outside are flagged"
    )


class GeoSettings(BaseSettings):
    """The worker that computes sprayed areas."""

    model_config = _CONFIG

    geo_client_id: str = Field("canhdong-geo-0", description="MQTT client id: it owns the persistent session")


class ApiSettings(BaseSettings):
    """The HTTP server."""

    model_config = _CONFIG

    api_host: str = Field("127.0.0.1", description="address to listen on")
    api_port: int = Field(8000, ge=0, le=65535, description="port to listen on")


ALL: tuple[type[BaseSettings], ...] = (
    DataSettings,
    MqttSettings,
    StoreSettings,
    IngestSettings,
    GeoSettings,
    ApiSettings,
)

S = TypeVar("S", bound=BaseSettings)


def load(kind: type[S]) -> S:
    """Read one concern's settings from the environment.

    Raises:
        ConfigError: A value is wrong; the message names the variable, the value's fault and nothing secret.
    """
    try:
        return kind()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = "CANHDONG_" + str(first["loc"][0]).upper()
        raise ConfigError(f"{name}: {first['msg']}") from None
    except SettingsError as error:
        field = re.search(r'field "(\w+)"', str(error))
        name = "CANHDONG_" + (field[1].upper() if field else "*")
        raise ConfigError(f"{name}: not JSON, such as [1, 2]") from None
