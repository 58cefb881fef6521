"""Samples for tests: any (hypothesis), and the fixes of a plain flight."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from core.model.enums import EventKind, FixQuality, HeightRef, Mode, Operation
from core.model.samples import Event, Fix, Reading, Section

COOPERATIVE = "htx"
DRONE = "d1"
SENSOR = "s1"
FIXES = f"canhdong/v1/{COOPERATIVE}/drones/{DRONE}/telemetry"
EVENTS = f"canhdong/v1/{COOPERATIVE}/drones/{DRONE}/events"
READINGS = f"canhdong/v1/{COOPERATIVE}/sensors/{SENSOR}/telemetry"
T0 = 1_764_000_000_000

_numbers = st.floats(allow_nan=False, allow_infinity=False)
_maybe = st.one_of(st.just(math.nan), _numbers)
_widths = st.floats(0.0, 1e6)
_texts = st.text(st.characters(codec="utf-8"), max_size=20)
_times = st.integers(-(2**53), 2**53)

_quantities = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 ._/()%°-]{0,63}", fullmatch=True)

sections = st.builds(Section, _numbers, _widths, st.booleans(), _maybe)
fixes = st.builds(
    Fix,
    device=st.just(DRONE),
    ts_ms=_times,
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
    swath_m=st.one_of(st.just(math.nan), _widths),
    tank_l=_maybe,
    tank_kg=_maybe,
    battery_pct=_maybe,
    flight=_texts,
    job=_texts,
    sections=st.lists(sections, max_size=3).map(tuple),
)
events = st.builds(Event, st.just(DRONE), _times, st.sampled_from(EventKind), _texts)
readings = st.builds(
    Reading,
    st.just(SENSOR),
    _times,
    _quantities,
    _numbers,
    _texts,
)


def a_fix(second: float, *, seq: int = -1, boot: str = "b1", device: str = DRONE, **known: object) -> Fix:
    """A fix ``second`` s after :data:`T0`, over a rice field near Bạc Liêu."""
    ts_ms = T0 + int(second * 1_000)
    return Fix(device, ts_ms, 9.285 + second * 1e-6, 105.725, seq=seq, boot=boot, **known)  # type: ignore[arg-type]


def an_event(second: float, kind: EventKind, *, device: str = DRONE, boot: str = "b1") -> Event:
    """An event ``second`` s after :data:`T0`."""
    return Event(device, T0 + int(second * 1_000), kind, boot)
