"""What was really treated, as the simulator knows it: strips of ground with what fell on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.model.enums import Operation
from core.model.fixtable import Floats, Ints, Labels
from core.model.traffic import Truth
from simulators.flying.implement import Outflow, Run
from simulators.flying.noise import Seconds
from simulators.flying.trajectory import Trajectory

_NAMES = ("left_lon_deg", "left_lat_deg", "right_lon_deg", "right_lat_deg")


@dataclass(frozen=True, slots=True, eq=False)
class Strips:
    """The strips of one sortie: cross-sections as columns of shape (k,), ``start`` as in :class:`Truth`.

    ``left_*`` and ``right_*`` are WGS 84 degrees, ``released`` litres or kilograms from one cross-section to the next.
    """

    start: Ints
    ts_ms: Ints
    left_lon_deg: Floats
    left_lat_deg: Floats
    right_lon_deg: Floats
    right_lat_deg: Floats
    released: Floats
    device: str
    boot: str
    job: str
    op: Operation
    swath_m: float
    cooperative: str = ""


def truth_of(parts: Sequence[Strips]) -> Truth:
    """All strips together, degrees rounded to 1e-9 (0.1 mm), amounts to a microlitre."""
    counts = [len(p.start) - 1 for p in parts]
    moved = np.concatenate([[0], np.cumsum([len(p.ts_ms) for p in parts])]).astype(np.int64)
    start = np.concatenate([*(p.start[:-1] + m for p, m in zip(parts, moved[:-1], strict=True)), moved[-1:]])

    def labels(name: str) -> Labels:
        return Labels.of([text for p, n in zip(parts, counts, strict=True) for text in [getattr(p, name)] * n])

    def column(name: str, decimals: int) -> Floats:
        joined: Floats = np.concatenate([np.empty(0), *(getattr(p, name) for p in parts)])
        return np.round(joined, decimals)

    return Truth(
        cooperative=labels("cooperative"),
        device=labels("device"),
        boot=labels("boot"),
        job=labels("job"),
        op=np.repeat([int(p.op) for p in parts], counts).astype(np.int64),
        swath_m=np.repeat([p.swath_m for p in parts], counts).astype(np.float64),
        start=start.astype(np.int64),
        ts_ms=column("ts_ms", 3),
        **{name: column(name, 9) for name in _NAMES},
        released=column("released", 6),
    )


def cross_sections(
    trajectory: Trajectory, runs: Sequence[Run], seconds: Seconds, lag_ms: int
) -> tuple[Ints, Ints, Ints]:
    """Where the strips of a sortie need a cross-section: at both ends, at whole seconds, where the nose turns.

    Between them a boom moves in a straight line, for errors and wind change in straight lines between whole seconds.

    Returns:
        Instants of all cross-sections in ms, first one of each strip with one more for the end, and for each run the
        number of its last strip.
    """
    nose = trajectory.columns[12:14]
    bends = trajectory.start_ms[1:][(np.diff(nose, axis=1) != 0.0).any(axis=0)]
    times: list[Ints] = [np.empty(0, np.int64)]
    counts: list[int] = []
    ends: list[int] = []
    for run in runs:
        first, last = run.on_ms + lag_ms, run.off_ms + lag_ms
        for a, b in pairwise([first, *bends[(bends > first) & (bends < last)].tolist(), last]):
            times.append(np.concatenate([[a], seconds.inside(a, b), [b]]))
            counts.append(len(times[-1]))
        ends.append(len(counts) - 1)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return np.concatenate(times), start, np.array(ends, np.int64)


def released(outflow: Outflow, ts_ms: Ints, start: Ints, ends: Ints) -> Floats:
    """What came out from each cross-section to the next, 0 at each strip's last; between two runs it is parted."""
    if not len(ts_ms):
        return np.empty(0)
    out = outflow.at(ts_ms)[1]
    amounts = np.diff(out, append=out[-1])
    amounts[start[1:] - 1] = 0.0
    run_first, run_last = start[np.concatenate([[0], ends[:-1] + 1])], start[ends + 1] - 1
    middles = (ts_ms[run_last[:-1]] + ts_ms[run_first[1:]]) // 2
    parted = np.concatenate([[0.0], outflow.at(middles)[1], [outflow.total]])
    amounts[run_first] += out[run_first] - parted[:-1]
    amounts[run_last - 1] += parted[1:] - out[run_last]
    return amounts
