"""The platform's quantities and units (decision 0011) as ObservedProperties and UCUM units, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_CF: Final = "http://vocab.nerc.ac.uk/standard_name/"


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a quantity is called; ``definition`` is its name among the CF standard names, where they have it."""

    vietnamese: str
    english: str
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's name and symbol, and its code in UCUM (https://ucum.org)."""

    name: str
    symbol: str
    ucum: str


QUANTITIES: Final[dict[str, Quantity]] = {
    "air_temperature": Quantity("Nhiệt độ không khí", "Air temperature", f"{_CF}air_temperature/"),
    "air_humidity": Quantity("Độ ẩm không khí", "Relative humidity of the air", f"{_CF}relative_humidity/"),
    "air_pressure": Quantity("Áp suất không khí", "Air pressure", f"{_CF}air_pressure/"),
    "wind_speed": Quantity("Tốc độ gió", "Wind speed", f"{_CF}wind_speed/"),
    "wind_gust": Quantity("Gió giật", "Gust of wind", f"{_CF}wind_speed_of_gust/"),
    "wind_direction": Quantity("Hướng gió thổi từ", "Direction that the wind comes from", f"{_CF}wind_from_direction/"),
    "rain_rate": Quantity("Cường độ mưa", "Rate of rain", f"{_CF}rainfall_rate/"),
    "rain_total": Quantity("Lượng mưa", "Rain", f"{_CF}thickness_of_rainfall_amount/"),
    "light": Quantity("Độ rọi", "Illuminance"),
    "uv_index": Quantity("Chỉ số tia cực tím", "UV index", f"{_CF}ultraviolet_index/"),
    "soil_temperature": Quantity("Nhiệt độ đất", "Soil temperature", f"{_CF}soil_temperature/"),
    "soil_moisture": Quantity("Độ ẩm đất", "Soil moisture"),
    "soil_conductivity": Quantity("Độ dẫn điện của đất", "Electrical conductivity of the soil"),
    "soil_dielectric": Quantity("Hằng số điện môi của đất", "Dielectric constant of the soil"),
    "water_level": Quantity("Mực nước", "Water level"),
    "water_pressure": Quantity("Áp suất nước", "Water pressure"),
    "water_temperature": Quantity("Nhiệt độ nước", "Water temperature"),
    "water_conductivity": Quantity("Độ dẫn điện của nước", "Electrical conductivity of the water"),
    "salinity": Quantity("Độ mặn", "Salinity"),
    "distance": Quantity("Khoảng cách từ cảm biến", "Distance from the sensor"),
    "probe_temperature": Quantity("Nhiệt độ đầu dò", "Temperature of the probe"),
    "battery": Quantity("Pin", "Battery charge"),
    "battery_voltage": Quantity("Điện áp pin", "Battery voltage"),
}

_UNITS: Final[dict[str, Unit]] = {
    "Cel": Unit("degree Celsius", "°C", "Cel"),
    "%RH": Unit("percent of relative humidity", "%", "%"),
    "hPa": Unit("hectopascal", "hPa", "hPa"),
    "kPa": Unit("kilopascal", "kPa", "kPa"),
    "m/s": Unit("metre per second", "m/s", "m/s"),
    "deg": Unit("degree", "°", "deg"),
    "mm/h": Unit("millimetre per hour", "mm/h", "mm/h"),
    "mm": Unit("millimetre", "mm", "mm"),
    "m": Unit("metre", "m", "m"),
    "lx": Unit("lux", "lx", "lx"),
    "1": Unit("one", "1", "1"),
    "%": Unit("percent", "%", "%"),
    "uS/cm": Unit("microsiemens per centimetre", "µS/cm", "uS/cm"),
    "g/L": Unit("gram per litre", "g/L", "g/L"),
    "V": Unit("volt", "V", "V"),
}


def quantity_of(name: str) -> Quantity:
    """A quantity; one that the platform does not know keeps the name that its sensor gives."""
    return QUANTITIES.get(name, Quantity(name, name))


def unit_of_measurement(unit: str) -> dict[str, str | None]:
    """``unitOfMeasurement`` of a unit; all null where there is none, no definition where it is not known to UCUM."""
    known = _UNITS.get(unit)
    if known is not None:
        return {"name": known.name, "symbol": known.symbol, "definition": f"ucum:{known.ucum}"}
    return {"name": unit or None, "symbol": unit or None, "definition": None}
