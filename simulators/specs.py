"""What a scenario may say: the tables of its TOML file as typed objects. Every name carries its unit."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a scenario; a name that nobody knows is refused."""


class Front(Spec, frozen=True, kw_only=True):
    """A squall line: from ``at_h`` (local hour of a day) on, for ``hours``."""

    at_h: float
    hours: float = 1.5
    day: int = 0
    gust_mps: float = 14.0
    turn_deg: float = 70.0
    rain_mmph: float = 30.0
    cooling_c: float = 6.0


class Weather(Spec, frozen=True, kw_only=True):
    """The delta's weather over a scenario: the day's course, showers, squall lines. Wind is the wind at 2 m."""

    mean_c: float = 28.0
    range_c: float = 7.6
    humidity_pct: float = 82.0
    wind_mps: float = 2.2
    wind_from_deg: float = 225.0
    pressure_hpa: float = 1009.0
    showers_per_day: float = 0.3
    fronts: list[Front] = []


class Gnss(Spec, frozen=True, kw_only=True):
    """A receiver: the mode that it mostly has, and what befalls it. Standard deviations per axis in m."""

    mode: Literal["rtk", "float", "dgps", "single", "none"] = "rtk"
    slow_sd_m: float | None = None
    slow_tau_s: float = 60.0
    white_sd_m: float | None = None
    float_share: float = 0.0
    jumps_per_h: float = 0.0
    jump_m: float = 2.0
    null_islands_per_h: float = 0.0
    no_fix_per_h: float = 0.0
    no_fix_s: float = 4.0


class Network(Spec, frozen=True, kw_only=True):
    """The way to the broker, and the modem's and the logger's own faults.

    ``outages_h`` are spans of local hours ([[9.0, 10.5]]) without any connection; ``outage_flights`` is the share of
    flights during which there is none. What cannot be sent waits in the device, ``buffer_messages`` at most (the oldest
    are lost first), and floods in at ``flood_per_s`` when the connection is back.
    """

    batch_s: float = 1.0
    latency_ms: float = 80.0
    jitter_ms: float = 40.0
    holes_per_h: float = 0.0
    hole_s: float = 20.0
    duplicate_pct: float = 0.0
    reorder_pct: float = 0.0
    reorder_s: float = 5.0
    lost_pct: float = 0.0
    outages_h: list[tuple[float, float]] = []
    outage_flights: float = 0.0
    buffer_messages: int = 100_000
    flood_per_s: float = 50.0
    clock_offset_s: float = 0.0
    clock_drift_ppm: float = 0.0
    clock_unset_share: float = 0.0
    reboots_per_h: float = 0.0
    reboot_s: float = 8.0


class Land(Spec, frozen=True, kw_only=True):
    """Plots of a cooperative: made by us from a seed, around a place, WGS 84 degrees.

    ``poles`` stand in the fields, wherever the seed puts them; ``obstacles`` at places of their own (longitude,
    latitude). No strip and no way comes nearer to either than ``clearance_m``.
    """

    count: int = 40
    seed: int = 1
    lat: float = 9.285
    lon: float = 105.725
    poles: int = 0
    obstacles: list[tuple[float, float]] = []
    clearance_m: float = 4.0


class Fleet(Spec, frozen=True, kw_only=True):
    """Some drones of the same kind that do the same work.

    ``dose`` is in L/ha (spray) or kg/ha (spread, sow). ``swath_m``, ``speed_mps`` and ``height_m`` are the model's
    where they are not told. ``gnss`` and ``network`` name tables of the scenario; an empty ``network`` leaves it to the
    sender what goes into a message. ``antenna_right_m`` and ``antenna_ahead_m`` tell where the antenna is, seen from
    the boom's middle. After ``delay_s`` the valve acts, and the flow then rises or falls within ``response_s``; in a
    share ``stuck_share`` of the sorties it stays open on the way home. ``restless`` is 1 for the small noise in speed,
    height and flow, 0 for none; without ``drift`` the wind moves no drop.
    """

    model: str = "DJI Agras T40"
    count: int = 1
    op: Literal["spray", "spread", "sow"] = "spray"
    dose: float = 20.0
    swath_m: float | None = None
    speed_mps: tuple[float, float] | None = None
    height_m: float | None = None
    mode: Literal["auto", "ab", "manual"] = "auto"
    rate_hz: float = 5.0
    gnss: str = "rtk"
    network: str = "good"
    antenna_right_m: float = 0.0
    antenna_ahead_m: float = 0.0
    response_s: float = 0.3
    delay_s: float = 0.0
    headlands: int = 0
    ground_s: float = 75.0
    meter_error_pct: float = 1.0
    events: bool = True
    stuck_share: float = 0.0
    restless: float = 1.0
    drift: bool = True


class Fault(Spec, frozen=True, kw_only=True):
    """What befalls a sensor from ``from_h`` hours after the start on, for ``hours`` (0: to the end).

    ``drift`` adds ``amount`` a day in the quantity's unit, ``fouling`` lets the sensor see ``amount`` percent less a
    day, ``stuck`` repeats the last value, ``silent`` sends nothing, ``error`` sends what the maker sends when its probe
    fails, ``battery`` lets the battery lose ``amount`` percent a day.
    """

    kind: Literal["drift", "fouling", "stuck", "silent", "error", "battery"]
    quantity: str = ""
    from_h: float = 0.0
    hours: float = 0.0
    amount: float = 0.0


class Sensor(Spec, frozen=True, kw_only=True):
    """Some field sensors of the same kind.

    ``format`` is the payload: ``native_json``, or ``codec/model`` for a maker's sensor behind a LoRaWAN server
    (``chirpstack_v4/wts506``, ``ttn_v3/lse01``) and the like. ``canal`` puts a water level into a canal with the tide.
    """

    kind: Literal["weather", "water_level", "salinity", "soil"]
    count: int = 1
    format: str = "native_json"
    every_s: float = 600.0
    network: str = "good"
    canal: bool = False
    faults: list[Fault] = []


class Hostile(Spec, frozen=True, kw_only=True):
    """A device that sends what nobody should: ``acts`` a minute, of these kinds (all, where none is named)."""

    device: str = "hostile-01"
    cooperative: str = ""
    acts_per_min: float = 30.0
    kinds: list[str] = []


class Cooperative(Spec, frozen=True, kw_only=True):
    """A cooperative with land, drones and sensors."""

    id: str
    name: str
    land: Land = Land()
    fleets: list[Fleet] = []
    sensors: list[Sensor] = []
    first_sortie_s: float = 0.0


class Scenario(Spec, frozen=True, kw_only=True):
    """A whole scenario. Work begins at ``start`` on every day and goes on for at most ``hours``."""

    name: str = ""
    title_vi: str
    title_en: str
    start: dt.datetime
    hours: float = 9.0
    days: int = 1
    seed: int = 1
    work_every_days: int = 1
    weather: Weather = Weather()
    gnss: dict[str, Gnss] = {}
    networks: dict[str, Network] = {}
    cooperatives: list[Cooperative]
    hostile: list[Hostile] = []
