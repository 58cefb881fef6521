"""What upsets fine weather: showers and squall lines, as columns on whole minutes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.model.fixtable import Floats
from simulators import specs
from simulators.weather.waves import ramp


@dataclass(slots=True, eq=False)
class Disturbance:
    """What showers and squall lines do to the fine weather, columns of shape (n,)."""

    rain_mmph: Floats
    cooling_c: Floats
    cloud: Floats
    pressure_hpa: Floats
    turn_deg: Floats
    front: Floats
    front_mps: Floats

    @classmethod
    def none(cls, n: int) -> Disturbance:
        """Fine weather of n minutes."""
        return cls(*(np.zeros(n) for _ in range(7)))


def bell(hours: Floats, low: float, top: float, high: float) -> Floats:
    """0 up to ``low``, rising to 1 at ``top``, 0 again from ``high`` on."""
    return np.minimum(ramp(hours, low, top), 1.0 - ramp(hours, top, high))


def showers(per_day: float, hours: Floats, rng: np.random.Generator) -> Disturbance:
    """Showers at random, three times as likely in the afternoon as in the morning: 10 to 50 min, 4 to 40 mm/h."""
    n = len(hours)
    upset = Disturbance.none(n)
    likely = 0.6 + 1.2 * bell(hours, 11.0, 15.5, 20.0) + 0.03
    begins = np.flatnonzero(rng.random(n) < likely * per_day / 1440.0)
    minutes = np.arange(n, dtype=np.float64)
    for begin in begins.tolist():
        length = float(rng.uniform(10.0, 50.0))
        strongest = float(rng.uniform(4.0, 40.0)) * (0.4 + 0.6 * float(rng.random()))
        age = minutes - begin
        shape = np.minimum(ramp(age, -0.01, 0.25 * length), 1.0 - ramp(age, 0.3 * length, length))
        rain = strongest * shape * (1.0 - 0.3 * rng.random(n))
        upset.rain_mmph = np.maximum(upset.rain_mmph, rain)
        chill = ramp(age, -2.0, 10.0) * (1.0 - ramp(age, length, length + 90.0))
        upset.cooling_c = np.maximum(upset.cooling_c, (1.0 + strongest / 16.0) * chill)
        upset.cloud = np.maximum(upset.cloud, 0.95 * ramp(age, -20.0, -2.0) * (1.0 - ramp(age, length, length + 60.0)))
        upset.front = np.maximum(upset.front, 0.5 * ramp(age, -3.0, 2.0) * (1.0 - ramp(age, 10.0, 10.0 + length)))
        upset.front_mps = np.maximum(upset.front_mps, np.where(upset.front > 0.0, 5.0 + strongest / 10.0, 0.0))
    return upset


def add_front(upset: Disturbance, front: specs.Front, age: Floats, rng: np.random.Generator) -> None:
    """A squall line: within minutes the wind turns and rises, the air cools, the pressure jumps by 2.5 hPa; then rain.

    Gusts fall off over the front's hours, the wind turns back and the air warms again after them. The shape
    is ours.

    Args:
        upset: What it is added to.
        front: The squall line.
        age: Minutes since it came, shape (n,); below 0 before.
        rng: Of the unrest of its rain.
    """
    length = 60.0 * front.hours
    random = 1.0 - 0.3 * rng.random(len(age))
    blow = ramp(age, 0.0, 4.0) * (1.0 - ramp(age, 20.0, max(length, 21.0)))
    stronger = front.gust_mps * blow >= upset.front_mps * upset.front
    upset.front_mps = np.where(stronger & (blow > 0.0), front.gust_mps, upset.front_mps)
    upset.front = np.where(stronger & (blow > 0.0), blow, upset.front)
    upset.turn_deg += front.turn_deg * ramp(age, 0.0, 4.0) * (1.0 - ramp(age, length, length + 60.0))
    heavy = ramp(age, 4.0, 10.0) * (1.0 - 0.85 * ramp(age, 10.0 + 0.2 * length, 10.0 + 0.5 * length))
    first_full = np.flatnonzero(heavy == 1.0)[:1]
    random[first_full] = 1.0
    rain = front.rain_mmph * random * heavy * (1.0 - ramp(age, length, length + 10.0))
    upset.rain_mmph = np.maximum(upset.rain_mmph, rain)
    chill = ramp(age, 0.0, 15.0) * (1.0 - ramp(age, length, 3.0 * length))
    upset.cooling_c = np.maximum(upset.cooling_c, front.cooling_c * chill)
    upset.cloud = np.maximum(upset.cloud, 0.98 * ramp(age, -45.0, -5.0) * (1.0 - ramp(age, length, 2.0 * length)))
    upset.pressure_hpa += 2.5 * ramp(age, 0.0, 5.0) * (1.0 - ramp(age, 15.0, max(length, 16.0)))
