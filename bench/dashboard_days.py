"""Thirty days of a province's drones as lines for InfluxDB: what boards read, in the amounts that they meet."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_DAY_S: Final = 86_400
_FLIGHT_S: Final = 1_200
_PLOTS: Final = 120
"""Of a drone, which treats each of them every three days or so."""
_SENSORS: Final = 60
_MEASURED: Final = ("air_temperature", "air_humidity", "wind_speed", "wind_gust", "rain_rate", "rain_total", "battery")
_IN_WATER: Final = ("water_level", "salinity", "battery")


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is: drones that fly ``hours`` on each of ``days`` at 1 Hz, the last of which ends at ``end_s``."""

    drones: int
    days: int
    hours: float
    end_s: int

    @property
    def fixes(self) -> int:
        """How many fixes that is."""
        return self.drones * self.days * self.flying_s

    @property
    def flying_s(self) -> int:
        """Seconds in the air a day and drone."""
        return int(self.hours * 3_600)

    def starts(self) -> list[int]:
        """When work begins on each day, in s."""
        return [self.end_s - self.flying_s - number * _DAY_S for number in range(self.days)]

    def names(self) -> list[str]:
        """The drones."""
        return [f"drone-{number + 1:03d}" for number in range(self.drones)]


def fixes(size: Size) -> Iterator[str]:
    """Raw fixes: a drone's day is the same every day."""
    for number, name in enumerate(size.names()):
        head = f"fix,cooperative=demo,device={name},operation=spray "
        bodies = [head + _fix(number, second) for second in range(size.flying_s)]
        for start_s in size.starts():
            yield from (f"{body} {start_s + k}000000000" for k, body in enumerate(bodies))


def _fix(number: int, second: int) -> str:
    on = second % 60 < 45
    lat, lon = 9.2 + number * 2e-3 + math.sin(second / 60.0) * 1e-3, 105.7 + second % 600 * 1e-5
    flow, tank = (4.8 if on else 0.0), 40.0 - second % _FLIGHT_S / 30.0
    return (
        f"on={'true' if on else 'false'},lat={lat:.7f},lon={lon:.7f},height_m=3.0,speed_mps={5 + second % 7 * 0.3:.1f},"
        f"heading_deg={second % 360}.0,flow_lpm={flow},swath_m=7.0,tank_l={tank:.2f},"
        f'battery_pct={95 - second % _FLIGHT_S / 20:.1f},mode="auto",fix="rtk",'
        f'flight="f{second // _FLIGHT_S}",seq={second}i'
    )


def results(size: Size) -> Iterator[str]:
    """Flights, plots, alerts, minutes, quality and the ledger of a cooperative."""
    for number, name in enumerate(size.names()):
        for day, start_s in enumerate(size.starts()):
            yield from _minutes(name, start_s, size.flying_s)
            yield from _flights(number, day, name, start_s, size.flying_s)
            scores = "correct=0.999,complete=0.98,clean=0.99,live=0.95,received=2e4,stored=2e4,had=2e4,expected=2.1e4"
            yield f"data_quality,cooperative=demo,device={name} {scores} {start_s // _DAY_S * _DAY_S}000000000"
            for second in range(0, size.flying_s, 10):
                counts = f"received={second}.0,stored={second}.0,duplicates=1.0,conflicts=0.0,rejected=2.0,late=3.0"
                yield (
                    f"ingest_stats,cooperative=demo,device={name} {counts},expected={second}.0,missing=4.0,gaps=1.0"
                    f" {start_s + second}000000000"
                )
        yield f'device_health,cooperative=demo,device={name} clock="ok",offset_s=0.4 {size.end_s - 3_600}000000000'
    for start_s in size.starts():
        scores = "correct=0.999,complete=0.98,clean=0.99,live=0.95"
        yield f"data_quality,cooperative=demo {scores} {start_s // _DAY_S * _DAY_S}000000000"


def _minutes(name: str, start_s: int, flying_s: int) -> Iterator[str]:
    for second in range(0, flying_s, 60):
        fields = "stands=1.0,fixes=60.0,on_s=45.0,distance_m=300.0,volume_l=3.6,battery_pct=60.0,tank_l=20.0"
        yield (
            f"drone_minute,device={name},operation=spray {fields},speed_mps=5.5,lat=9.2,lon=105.7"
            f" {start_s + second}000000000"
        )


def _flights(number: int, day: int, name: str, start_s: int, flying_s: int) -> Iterator[str]:
    for k, second in enumerate(range(0, flying_s, _FLIGHT_S)):
        at, end = start_s + second, start_s + second + _FLIGHT_S - 60
        areas = (
            "net_ha=2.1,gross_ha=2.2,off_target_ha=0.01,volume_l=42.0,dose_l_per_ha=20.0,hours=0.32,distance_m=5400.0"
        )
        words = f'flight="{name}-{day}-{k}",job="j{day}",grade="A",weather="green"'
        expected = "expected_net_ha=2.08,expected_low_ha=2.0,expected_high_ha=2.15,fixes=1140.0,bridged_m=12.0"
        told = f"stands=1.0,{areas},{expected},{words},end_ms={end}000.0"
        yield f"flight,device={name},operation=spray {told} {at}000000000"
        for part in range(2):
            plot = f"t-{number:02d}-{(day * 36 + k * 2 + part) % _PLOTS:03d}"
            told = "area_ha=1.1,net_ha=1.0,missed_ha=0.02,overlap_ha=0.04,covered_pct=98.0,volume_l=20.0"
            place = 'dose_l_per_ha=20.0,dose_cv_pct=12.0,lat=9.2,lon=105.7,plot_name="Ruộng"'
            yield f"coverage,device={name},operation=spray,plot={plot} stands=1.0,{told},{place} {end}00000000{part}"
        if k % 6 == 0:
            told = (
                f'stands=1.0,value=5.0,limit=2.0,unit="m",active=0.0,ended_ms={at + 90}000.0,lasted_s=90.0,flight="f"'
            )
            yield f"alert,device={name},kind=outside-plot {told} {at}000000000"


def readings(size: Size) -> Iterator[str]:
    """Sensors that report every ten minutes, day and night."""
    begin_s = size.end_s - size.days * _DAY_S
    for number in range(_SENSORS):
        quantities = _MEASURED if number % 10 == 0 else _IN_WATER
        for second in range(begin_s, size.end_s, 600):
            for quantity in quantities:
                value = 1.0 + number * 0.01 + second % 7_200 / 7_200
                yield (
                    f"reading,cooperative=demo,device=s-{number:02d},quantity={quantity} value={value:.3f}"
                    f" {second}000000000"
                )


def platform(size: Size) -> Iterator[str]:
    """Four slots that report every ten seconds, day and night."""
    for second in range(size.end_s - size.days * _DAY_S, size.end_s, 10):
        for slot in range(4):
            count = second % 10_000_000
            told = f"messages={count}.0,received={count}.0,stored={count}.0,duplicates=1.0,conflicts=0.0,rejected=0.0"
            gauges = "late=2.0,spool_bytes=1000.0,waiting=3.0,store_ms=12.0,devices=86.0,gaps=2.0,missing=5.0"
            yield f"ingest_stats,slot={slot} {told},{gauges},dead_letters=3.0 {second}000000000"
        if second % 60 == 0:
            yield f"dead_letters,reason=schema letters=3.0 {second}000000000"


def province(size: Size) -> Iterator[str]:
    """Sixty-four communes' roll-ups and compliance, with their sums."""
    for start_s in size.starts():
        at = (start_s + 7 * 3_600) // _DAY_S * _DAY_S - 7 * 3_600
        told = "withheld=0.0,net_ha=120.0,volume_l=2400.0,mass_kg=0.0,flights=60.0,drones=8.0,farms=40.0,hours=20.0"
        kinds = "flights=60.0,in_window=50.0,in_bad_weather=4.0,weather_unknown=6.0,buffer_l=3.0"
        kinds += ",unregistered_product=1.0,without_licence=0.0,unregistered_drone=0.0"
        kinds += ",product_unknown=2.0,licence_unknown=1.0,drone_unknown=0.0"
        for commune in ("all", *(f"{31_800 + 3 * k}" for k in range(64))):
            for op, group in (("all", "all"), *((o, g) for o in ("spray", "spread", "sow") for g in "abcde")):
                yield f"treated,commune={commune},operation={op},product_group={group} {told} {at}000000000"
            yield f"compliance,commune={commune} withheld=0.0,{kinds} {at}000000000"
