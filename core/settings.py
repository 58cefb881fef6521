"""Settings, one frozen class per concern, read from the environment with the prefix ``CANHDONG_``.

A bad value stops the process with one line (:func:`load`) before anything connects.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, TypeVar

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

    telemetry_url: str = Field(
        "",
        description="sqlite:///PATH, influxdb://HOST:PORT (1.x) or influxdb2://HOST:PORT (2.x, 3.x), influxdbs:// and "
        "influxdb2s:// with TLS; empty: telemetry.sqlite in the data folder",
    )
    registry_url: str = Field(
        "",
        description="sqlite:///PATH or postgresql://USER@HOST:PORT/DATABASE (with PostGIS; TLS unless HOST is this "
        "machine); empty: registry.sqlite in the data folder",
    )
    archive_url: str = Field(
        "",
        description="where closed flights are kept as Parquet: a folder, or s3://BUCKET/FOLDER (credentials as AWS "
        "has them); empty: archive in the data folder",
    )
    registry_password: SecretStr = Field(SecretStr(""), description="the PostgreSQL user's password")
    registry_password_file: Path | None = Field(None, description="file that holds it, instead of the variable")
    registry_ca_file: Path | None = Field(
        None, description="certificate authority of PostgreSQL; default: the system's"
    )


class InfluxSettings(BaseSettings):
    """InfluxDB, where the telemetry's URL names one: a user for 1.x, a token and an organisation for 2.x and 3.x."""

    model_config = _CONFIG

    influx_user: str = Field("", description="user that reads and writes (1.x)")
    influx_password: SecretStr = Field(SecretStr(""), description="the user's password")
    influx_password_file: Path | None = Field(None, description="file that holds the password, instead of the variable")
    influx_token: SecretStr = Field(SecretStr(""), description="token that reads and writes (2.x, 3.x)")
    influx_token_file: Path | None = Field(None, description="file that holds the token, instead of the variable")
    influx_org: str = Field("", description="organisation of the buckets (2.x)")
    influx_ca_file: Path | None = Field(None, description="certificate authority of the server; default: the system's")
    influx_timeout_s: float = Field(10.0, gt=0, description="how long an answer is waited for")
    influx_gzip: Literal["auto", "on", "off"] = Field(
        "auto", description="whether what is written is compressed: auto, on or off; auto: not to this machine"
    )
    influx_read_back: bool = Field(
        default=False,
        description="look for every sample before it is written: for several ingesters of the same devices",
    )
    influx_retention_days: int = Field(0, ge=0, description="how long telemetry is kept; 0: for ever")
    influx_admin_user: str = Field("", description="user that makes databases (1.x): for storage init only")
    influx_admin_password: SecretStr = Field(SecretStr(""), description="that user's password")
    influx_admin_password_file: Path | None = Field(None, description="file that holds it, instead of the variable")
    influx_admin_token: SecretStr = Field(SecretStr(""), description="token that makes buckets: for storage init only")
    influx_admin_token_file: Path | None = Field(None, description="file that holds it, instead of the variable")

    def credential(self, *, admin: bool) -> tuple[str, str, str]:
        """User, password and token, of the administrator or of whoever reads and writes.

        Raises:
            ConfigError: A file that should hold a secret cannot be read.
        """
        if admin:
            return (
                self.influx_admin_user,
                secret(self.influx_admin_password, self.influx_admin_password_file, "influx_admin_password"),
                secret(self.influx_admin_token, self.influx_admin_token_file, "influx_admin_token"),
            )
        return (
            self.influx_user,
            secret(self.influx_password, self.influx_password_file, "influx_password"),
            secret(self.influx_token, self.influx_token_file, "influx_token"),
        )


def secret(value: SecretStr, file: Path | None, name: str) -> str:
    """A secret from its file where one is set, else from its variable.

    Raises:
        ConfigError: The file cannot be read.
    """
    if file is None:
        return value.get_secret_value()
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"CANHDONG_{name.upper()}_FILE: {file}: {error.strerror}") from None


class IngestSettings(BaseSettings):
    """Limits that flag or quarantine, and the rule that ends a flight."""

    model_config = _CONFIG

    ingest_client_id: str = Field("canhdong-ingest", description="MQTT client id; the slot's number is added to it")
    ingest_slots: int = Field(1, ge=1, le=64, description="slots that ingesters share by shared subscriptions; 1: none")
    ingest_codecs: tuple[str, ...] = Field((), description="codecs beside our own: dotted paths of modules, as JSON")
    spool_limit_mb: int = Field(4_096, ge=4, description="size of a spool past which nothing more is acknowledged")
    metrics_host: str = Field("127.0.0.1", description="address on which ingest answers Prometheus")
    metrics_port: int = Field(9464, ge=0, le=65_535, description="port of /metrics; 0: none")
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
    spray_rules_file: Path | None = Field(
        None,
        description="TOML file of the limits of the spray window, of products that have their own, and of how stations "
        "are looked for (docs/context.md); empty: the suggested ones",
    )


class ApiSettings(BaseSettings):
    """The HTTP server."""

    model_config = _CONFIG

    api_host: str = Field("127.0.0.1", description="address to listen on")
    api_port: int = Field(8000, ge=0, le=65535, description="port to listen on")
    api_tls_certificate: Path | None = Field(None, description="certificate chain (PEM), to speak TLS itself")
    api_tls_key: Path | None = Field(None, description="the certificate's private key (PEM)")
    api_public_url: str = Field(
        "", description="https://... that browsers ask for, where a proxy before the API speaks TLS"
    )
    api_proxies: tuple[str, ...] = Field(
        (), description="addresses of proxies whose X-Forwarded-For is believed, as JSON"
    )
    api_plain: bool = Field(default=False, description="let passwords cross a network without TLS")
    api_rate_per_s: float = Field(400.0, gt=0, description="requests a second that one address may make")
    api_body_limit_kb: int = Field(1_024, ge=1, description="size of a request's body at most")
    api_upload_limit_mb: int = Field(256, ge=1, description="size of a log that is handed in at most")
    api_cors_origins: tuple[str, ...] = Field(
        (), description="other sites whose scripts may ask with a token, as JSON; empty: none"
    )
    api_ogc_public: tuple[str, ...] = Field((), description="OGC collections that are open data, as JSON")


class SignOnSettings(BaseSettings):
    """Sign-on by a provider of OpenID Connect, such as the province's. Without an issuer there is none."""

    model_config = _CONFIG

    oidc_issuer: str = Field("", description="https://... that names the provider; its pages are found from there")
    oidc_client_id: str = Field("", description="what the provider calls this platform")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="the secret that the provider gave with it")
    oidc_client_secret_file: Path | None = Field(None, description="file that holds it, instead of the variable")
    oidc_name: str = Field("", max_length=60, description="what the button calls the provider; empty: single sign-on")
    oidc_second_factors: tuple[str, ...] = Field(
        (),
        description="what an ID token has to say so that officers and administrators are not asked for our second "
        'factor, as JSON: any of "acr:VALUE" and "amr:VALUE"; empty: they always are',
    )
    oidc_ca_file: Path | None = Field(None, description="certificate authority of the provider; default: public ones")


class GrafanaSettings(BaseSettings):
    """The Grafana that ``canhdong dashboards publish`` writes to, as a server administrator of it."""

    model_config = _CONFIG

    grafana_url: str = Field("", description="https://HOST of Grafana; http:// on this machine only")
    grafana_user: str = Field("", description="server administrator of Grafana (basic authentication)")
    grafana_password: SecretStr = Field(SecretStr(""), description="that user's password")
    grafana_password_file: Path | None = Field(None, description="file that holds it, instead of the variable")
    grafana_ca_file: Path | None = Field(None, description="certificate authority of Grafana; default: public ones")
    grafana_influx_url: str = Field(
        "", description="http(s)://HOST:PORT at which Grafana finds InfluxDB; empty: as CANHDONG_TELEMETRY_URL has it"
    )
    grafana_api_url: str = Field(
        "",
        description="http(s)://HOST:PORT at which Grafana finds our API; empty: CANHDONG_API_PUBLIC_URL, or loopback",
    )
    grafana_contacts_file: Path | None = Field(
        None, description="TOML file of each organisation's own values of contact points (docs/dashboards-publish.md)"
    )


ALL: tuple[type[BaseSettings], ...] = (
    DataSettings,
    MqttSettings,
    StoreSettings,
    InfluxSettings,
    IngestSettings,
    GeoSettings,
    ApiSettings,
    SignOnSettings,
    GrafanaSettings,
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
