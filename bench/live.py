"""Live coverage: what a second of fixes costs with 86 drones in the air at once, and how far it is from batch.

Run it with ``make bench-live``. Every drone has its own flight over plots of about half a hectare: RTK and single
receivers, 5 to 10 fixes a second, the pump off in the turns. The drones take turns second by second, as they do in the
service. Each update is timed alone, from the fixes at hand to the figures measured anew, in the thread's own time,
without the turns of other processes. ``settle_*`` is the housekeeping that the service does after it has told the
figures, ``figures_*`` their read-out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

import numpy as np
from shapely import box

from core.model.enums import FixQuality, Mode, Operation
from core.model.fixtable import FixTable, Floats
from core.model.land import Plot
from geo.coverage import compute
from geo.live.flight import LiveFlight
from geo.live.surveyor import AROUND_DEG
from geo.projection import LocalPlane

DRONES = 86
SECONDS = 240
SWATH_M, SPEED_MPS, LINE_M = 7.0, 6.0, 180.0
_PLANE = LocalPlane.around(105.725, 9.285)


def main() -> None:
    """Fly, and print what it cost."""
    flights = [_flight(k) for k in range(DRONES)]
    plots = _plots()
    _fly(flights[:2], plots)
    added, settled, lives = _fly(flights, plots)
    read: list[float] = []
    worst_m2 = 0.0
    for fixes, live in zip(flights, lives, strict=True):
        begun = time.thread_time()
        mine = live.figures()
        read.append(time.thread_time() - begun)
        batch = compute("batch", [fixes], plots, plane=live.plane).coverage
        pairs = [(mine.net_m2, batch.net_m2), (mine.gross_m2, batch.gross_m2)]
        known = {p.plot: p for p in batch.plots}
        pairs += [(p.net_m2, known[p.plot].net_m2) for p in mine.plots]
        worst_m2 = max([worst_m2, *(abs(a - b) for a, b in pairs)])
    answer = {
        "drones": DRONES,
        "updates": len(added),
        **_figures("", added),
        **_figures("settle_", settled),
        **_figures("figures_", read),
        "share_of_a_core": round((sum(added) + sum(settled)) / SECONDS, 3),
        "live_minus_batch_m2": worst_m2,
    }
    print(f"{DRONES} drones for {SECONDS} s: a second of one costs {answer['p50_us']} us, {answer['p99_us']} us at p99")
    print(json.dumps(answer))


def _fly(flights: Sequence[FixTable], plots: Sequence[Plot]) -> tuple[list[float], list[float], list[LiveFlight]]:
    """Feed all flights second by second; the times of the updates and of the housekeeping, in seconds."""
    lives = [LiveFlight(f"flight-{k}", _PLANE, _near(plots, fixes)) for k, fixes in enumerate(flights)]
    borders = [np.searchsorted(f.ts_ms, np.arange(0, (SECONDS + 1) * 1000, 1000)) for f in flights]
    added: list[float] = []
    settled: list[float] = []
    for second in range(SECONDS):
        for fixes, live, border in zip(flights, lives, borders, strict=True):
            part = fixes.take(slice(int(border[second]), int(border[second + 1])))
            begun = time.thread_time()
            live.add(part)
            done = time.thread_time()
            live.settle()
            settled.append(time.thread_time() - done)
            added.append(done - begun)
    return added, settled, lives


def _near(plots: Sequence[Plot], fixes: FixTable) -> list[Plot]:
    """The plots that the service gives to a flight: those around its first fixes."""
    lon, lat = float(fixes.lon_deg[0]), float(fixes.lat_deg[0])
    around = box(lon - AROUND_DEG, lat - AROUND_DEG, lon + AROUND_DEG, lat + AROUND_DEG)
    return [plot for plot in plots if plot.boundary.intersects(around)]


def _figures(prefix: str, seconds: Sequence[float]) -> dict[str, float]:
    p50, p99 = np.percentile(np.array(seconds) * 1e6, [50, 99])
    return {f"{prefix}p50_us": round(float(p50), 1), f"{prefix}p99_us": round(float(p99), 1)}


def _flight(k: int) -> FixTable:
    """Drone k: lines to and fro with round turns, on a field of its own."""
    noise = np.random.default_rng(k)
    hz = int(noise.integers(5, 11))
    n = SECONDS * hz
    way = np.arange(n) * SPEED_MPS / hz
    x, y, on = _path(way)
    single = k % 2 == 1
    shift = _slow(noise, n, hz, 1.0 if single else 0.017)
    white = noise.normal(0.0, 0.04 if single else 0.01, (2, n))
    east, north = (k % 10) * 400.0, (k // 10) * 300.0
    lon, lat = _PLANE.lonlat(x + east + shift[0] + white[0], y + north + shift[1] + white[1])
    return FixTable.build(
        np.round(np.arange(n) * 1000.0 / hz).astype(np.int64),
        lat,
        lon,
        device=f"d{k}",
        seq=np.arange(n),
        boot="b",
        quality=FixQuality.SINGLE if single else FixQuality.RTK,
        op=Operation.SPRAY,
        mode=Mode.AUTO,
        on=on,
        speed_mps=SPEED_MPS,
        swath_m=SWATH_M,
        flow_lpm=np.where(on, 5.0, 0.0),
    )


def _path(way: Floats) -> tuple[Floats, Floats, np.ndarray]:
    """Where a drone is after so many metres, and whether it sprays."""
    turn = np.pi * SWATH_M / 2.0
    line = np.floor(way / (LINE_M + turn))
    rest = way - line * (LINE_M + turn)
    forth = line % 2 == 0
    angle = np.clip((rest - LINE_M) / turn, 0.0, 1.0) * np.pi
    along = np.minimum(rest, LINE_M) + SWATH_M / 2.0 * np.sin(angle)
    x = np.where(forth, along, LINE_M - along)
    y = (line + 0.5) * SWATH_M + SWATH_M / 2.0 * (1.0 - np.cos(angle))
    return x, y, rest < LINE_M


def _slow(noise: np.random.Generator, n: int, hz: int, sd_m: float) -> Floats:
    """A first-order autoregressive error with 60 s of correlation, shape (2, n)."""
    keep = np.exp(-1.0 / (60.0 * hz))
    steps = noise.normal(0.0, sd_m * np.sqrt(1.0 - keep * keep), (2, n))
    found = np.empty((2, n))
    last = noise.normal(0.0, sd_m, 2)
    for i in range(n):
        last = keep * last + steps[:, i]
        found[:, i] = last
    return found


def _plots() -> list[Plot]:
    """Plots of 65 m by 80 m side by side, under all flights."""
    found = []
    for row in range(34):
        for column in range(61):
            west, south = column * 66.0 - 10.0, row * 81.0 - 10.0
            found.append(Plot(f"p{row}-{column}", _PLANE.to_wgs84(box(west, south, west + 65.0, south + 80.0))))
    return found


if __name__ == "__main__":
    main()
