"""The same seed is the same bytes, also where the processor has fewer instructions for NumPy to choose from."""

from __future__ import annotations

import hashlib
import importlib
import os
import subprocess
import sys

import msgspec

from core.localtime import day_window_ms
from simulators import specs
from simulators.sensors import installed
from simulators.weather.course import course

COLUMNS = (
    "air_c", "humidity_pct", "pressure_hpa", "wind_mps", "gust_mps", "from_deg", "east_mps", "north_mps", "rain_mmph",
    "rain_mm", "radiation_wm2", "uv",
)  # fmt: skip


def fingerprint() -> str:
    """A hash of ten days of weather, to the last bit, and of what one sensor of each kind says of them."""
    start_ms = day_window_ms("2026-03-02")[0]
    end_ms = start_ms + 10 * 86_400_000
    over = course(specs.Weather(showers_per_day=2.0, fronts=[specs.Front(at_h=15.0)]), start_ms, end_ms, 3)
    found = hashlib.sha256()
    for name in COLUMNS:
        found.update(getattr(over, name).tobytes())
    for kind in ("weather", "water_level", "salinity", "soil"):
        spec = msgspec.convert({"kind": kind, "faults": [{"kind": "fouling", "amount": 1.0}]}, specs.Sensor)
        made = installed(spec, 1, (105.7, 9.3), over, cooperative="htx", start_ms=start_ms, end_ms=end_ms, seed=1)
        found.update(msgspec.json.encode(made.stream.samples))
    return found.hexdigest()


def test_without_vector_instructions_the_bytes_are_the_same() -> None:
    numpy_core = importlib.import_module("numpy._core._multiarray_umath")
    optional = [name for name in numpy_core.__cpu_dispatch__ if numpy_core.__cpu_features__.get(name)]
    plain = subprocess.run(
        [sys.executable, "-m", "tests.simulators.sensors.test_same_bytes"],
        env={**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(optional)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert plain.stdout.strip() == fingerprint()


if __name__ == "__main__":
    sys.stdout.write(fingerprint())
