"""The models of field sensors that can be simulated: what each tells of, and how finely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.errors import ConfigError

NATIVE: Final = "native_json"
SENML: Final = "senml"
SERVERS: Final = ("chirpstack_v3", "chirpstack_v4", "ttn_v3")


@dataclass(frozen=True, slots=True)
class Channel:
    """A quantity that a model tells of, its unit on our side, and how many steps of it make one unit."""

    quantity: str
    unit: str
    per: int


@dataclass(frozen=True, slots=True)
class Model:
    """A sensor on the market, or ours (without a brand).

    Attributes:
        kind: What it measures, as :class:`simulators.specs.Sensor` says it.
        brand: Its maker.
        name: Its name, by which network servers know it.
        version: The model id of The Things Stack's device repository.
        port: The port that it sends at.
        channels: What it tells of, in the order of its decoder.
        probe_m: How deep below the soil a level probe lies, and so what its zero is; 0 where it tells the level itself.
        height_m: How high above the soil a distance sensor hangs; 0 where it is none.
    """

    kind: str
    brand: str
    name: str
    version: str
    port: int
    channels: tuple[Channel, ...]
    probe_m: float = 0.0
    height_m: float = 0.0

    @property
    def title(self) -> str:
        """Maker and name."""
        return f"{self.brand} {self.name}".strip()


_BATTERY: Final = Channel("battery", "%", 1)
_VOLTAGE: Final = Channel("battery_voltage", "V", 1_000)

MODELS: Final[dict[str, Model]] = {
    "wts506": Model(
        "weather",
        "Milesight",
        "WTS506",
        "wts506",
        85,
        (
            _BATTERY,
            Channel("air_temperature", "Cel", 10),
            Channel("air_humidity", "%RH", 2),
            Channel("wind_direction", "deg", 10),
            Channel("air_pressure", "hPa", 10),
            Channel("wind_speed", "m/s", 10),
            Channel("rain_total", "mm", 100),
        ),
    ),
    "s2120": Model(
        "weather",
        "SenseCAP",
        "S2120",
        "sensecaps2120-8-in-1",
        3,
        (
            Channel("air_temperature", "Cel", 10),
            Channel("air_humidity", "%RH", 1),
            Channel("light", "lx", 1),
            Channel("uv_index", "1", 10),
            Channel("wind_speed", "m/s", 10),
            Channel("wind_direction", "deg", 1),
            Channel("rain_rate", "mm/h", 1_000),
            Channel("air_pressure", "hPa", 10),
            Channel("wind_gust", "m/s", 10),
            Channel("rain_total", "mm", 1_000),
            _BATTERY,
        ),
    ),
    "em500-swl": Model(
        "water_level",
        "Milesight",
        "EM500-SWL",
        "em500-swl",
        85,
        (_BATTERY, Channel("water_level", "m", 100)),
        probe_m=0.25,
    ),
    "em500-udl": Model(
        "water_level",
        "Milesight",
        "EM500-UDL",
        "em500-udl",
        85,
        (_BATTERY, Channel("distance", "m", 1_000)),
        height_m=1.2,
    ),
    "ldds75": Model(
        "water_level",
        "Dragino",
        "LDDS75",
        "ldds75",
        2,
        (_VOLTAGE, Channel("distance", "m", 1_000), Channel("probe_temperature", "Cel", 10)),
        height_m=1.5,
    ),
    "em500-smtc": Model(
        "soil",
        "Milesight",
        "EM500-SMTC",
        "em500-smtc",
        85,
        (
            _BATTERY,
            Channel("soil_temperature", "Cel", 10),
            Channel("soil_moisture", "%", 100),
            Channel("soil_conductivity", "uS/cm", 1),
        ),
    ),
    "lse01": Model(
        "soil",
        "Dragino",
        "LSE01",
        "lse01",
        2,
        (
            _VOLTAGE,
            Channel("probe_temperature", "Cel", 10),
            Channel("soil_temperature", "Cel", 100),
            Channel("soil_moisture", "%", 100),
            Channel("soil_conductivity", "uS/cm", 1),
        ),
    ),
}
"""What stands behind a LoRaWAN network server; resolutions as the makers' decoders divide."""

OURS: Final[dict[str, tuple[Channel, ...]]] = {
    "weather": (
        Channel("air_temperature", "Cel", 10),
        Channel("air_humidity", "%RH", 10),
        Channel("air_pressure", "hPa", 10),
        Channel("wind_speed", "m/s", 10),
        Channel("wind_gust", "m/s", 10),
        Channel("wind_direction", "deg", 1),
        Channel("rain_rate", "mm/h", 10),
        Channel("rain_total", "mm", 10),
        Channel("light", "lx", 1),
        _BATTERY,
    ),
    "water_level": (Channel("water_level", "m", 1_000), Channel("water_temperature", "Cel", 10), _BATTERY),
    "salinity": (
        Channel("salinity", "g/L", 100),
        Channel("water_conductivity", "uS/cm", 1),
        Channel("water_temperature", "Cel", 10),
        _BATTERY,
    ),
    "soil": (
        Channel("soil_moisture", "%", 10),
        Channel("soil_temperature", "Cel", 10),
        Channel("soil_conductivity", "uS/cm", 1),
        _BATTERY,
    ),
}
"""What sensors without a maker tell of, by kind, in our own format or in SenML."""


def model_of(kind: str, form: str) -> Model:
    """The model that a scenario means by ``native_json``, ``senml`` or ``codec/model``.

    Raises:
        ConfigError: There is no such format or model, or the model measures something else.
    """
    codec, _, name = form.partition("/")
    if codec in {NATIVE, SENML} and not name:
        return Model(kind, "", "", "", 0, OURS[kind])
    if codec not in SERVERS:
        raise ConfigError(f"sensor format {form!r}: give {NATIVE}, {SENML}, or one of {', '.join(SERVERS)} with /model")
    model = MODELS.get(name)
    if model is None or model.kind != kind:
        fitting = ", ".join(n for n, m in MODELS.items() if m.kind == kind) or "no maker's model"
        raise ConfigError(f"sensor format {form!r}: for kind {kind} there is {fitting}")
    return model
