"""What the contract suites put into stores. ``repr`` is how they compare: NaN equals NaN there, and 0.0 is not −0.0."""

from __future__ import annotations

import math
from collections.abc import Iterable

from hypothesis import strategies as st
from shapely import Polygon, box

from core.model.coverage import Coverage, Flight, JobPlot, PlotCoverage
from core.model.enums import EventKind, FixQuality, HeightRef, Mode, Operation
from core.model.land import Boundary, Cooperative, Device, DeviceKind, Plot
from core.model.samples import Event, Fix, Reading, Section

MINE = Cooperative("htx-mine", "Hợp tác xã Tiến Thành")
OTHER = Cooperative("htx-other", "Hợp tác xã Khác", m2_per_cong=1_296.0)
C = MINE.cooperative
D = OTHER.cooperative
NOBODY = "htx-nobody"
DRONE = "d1"
T0 = 1_764_000_000_000
ALL = (T0 - 10**12, T0 + 10**12)
RECEIVED = T0 + 5_000
DAY = "2025-11-24"


def reprs(items: Iterable[object]) -> list[str]:
    """Texts that are equal exactly where the items say the same, to the last bit."""
    return [repr(item) for item in items]


def a_fix(second: float = 0.0, *, device: str = DRONE, **known: object) -> Fix:
    """A fix ``second`` s after :data:`T0`."""
    values: dict[str, object] = {"lat_deg": 9.285, "lon_deg": 105.725, "seq": 1, "boot": "b1", "op": Operation.SPRAY}
    return Fix(device, T0 + int(second * 1_000), **(values | known))  # type: ignore[arg-type]


def an_event(second: float, kind: EventKind = EventKind.LANDING, *, device: str = DRONE, boot: str = "b1") -> Event:
    return Event(device, T0 + int(second * 1_000), kind, boot)


def a_reading(second: float, quantity: str = "temperature", value: float = 31.5, *, device: str = "s1") -> Reading:
    return Reading(device, T0 + int(second * 1_000), quantity, value, "Cel")


def a_plot(plot: str = "p1", boundary: Boundary | None = None, **known: object) -> Plot:
    values: dict[str, object] = {"name": "Thửa 1", "cooperative": C, "crop": "lúa"} | known
    return Plot(plot, field(0) if boundary is None else boundary, **values)  # type: ignore[arg-type]


def field(column: int, side: float = 0.001) -> Polygon:
    """A square field; those of neighbouring columns stand a field's width apart."""
    west = 105.7 + 2 * column * side
    return box(west, 9.28, west + side, 9.28 + side)


def a_device(device: str = DRONE, **known: object) -> Device:
    values: dict[str, object] = {"cooperative": C, "kind": DeviceKind.DRONE} | known
    return Device(device, **values)  # type: ignore[arg-type]


def a_flight(flight: str, start_s: int, end_s: int, *, device: str = DRONE, cooperative: str = C) -> Flight:
    return Flight(flight, cooperative, device, T0 + start_s * 1_000, T0 + end_s * 1_000, 7, Operation.SPRAY, "job-1")


def plot_coverage(plot: str = "p1", **known: float | str) -> PlotCoverage:
    figures: dict[str, object] = {"name": "Thửa 1", "volume_l": math.nan} | known
    return PlotCoverage(plot, 12_245.1, 13_000.3, 11_999.9, 1_000.4, 1e-9, 245.2, **figures)  # type: ignore[arg-type]


def a_coverage(flight: str, *plots: PlotCoverage, net_m2: float = 0.1 + 0.2) -> Coverage:
    return Coverage(
        flight,
        plots,
        gross_m2=1.0 / 3.0,
        net_m2=net_m2,
        off_target_m2=math.nan,
        plots_area_m2=12_245.1,
        plots_gross_m2=2e17,
        plots_net_m2=5e-324,
        plots_overlap_m2=0.0,
        plots_missed_m2=245.2,
        volume_l=math.nan,
        mass_kg=55.5,
        off_target_volume_l=math.nan,
        off_target_mass_kg=0.0,
        distance_m=2_345.6,
        treated_distance_m=2_000.1,
        bridged_m=0.0,
        fixes=7,
        rejected={"no-fix": 3, "null-island": 1},
        algorithm="1",
        input_hash="00ff" * 16,
    )


def a_job_plot(job: str = "job-1", plot: str = "p1", *flights: str, day: str = DAY, **known: float | str) -> JobPlot:
    return JobPlot(job, day, Operation.SPRAY, flights or ("f1",), plot_coverage(plot, **known))


_numbers = st.floats(allow_nan=False, allow_infinity=False)
_maybe = st.one_of(st.just(math.nan), _numbers)
_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)

any_sections = st.lists(st.builds(Section, _numbers, _numbers, st.booleans(), _maybe), max_size=3).map(tuple)
any_fix = st.builds(
    Fix,
    device=st.just(DRONE),
    ts_ms=st.integers(*ALL),
    lat_deg=_numbers,
    lon_deg=_numbers,
    seq=st.integers(-1, 2**53),
    boot=_texts,
    height_m=_maybe,
    height_ref=st.sampled_from(HeightRef),
    speed_mps=_maybe,
    heading_deg=_maybe,
    quality=st.sampled_from(FixQuality),
    hdop=_maybe,
    op=st.sampled_from(Operation),
    on=st.booleans(),
    mode=st.sampled_from(Mode),
    flow_lpm=_maybe,
    rate_kgpm=_maybe,
    swath_m=_maybe,
    tank_l=_maybe,
    tank_kg=_maybe,
    battery_pct=_maybe,
    flight=_texts,
    job=_texts,
    sections=any_sections,
)
any_fixes = st.lists(any_fix, min_size=1, max_size=8, unique_by=lambda f: (f.ts_ms, f.seq, f.boot))
