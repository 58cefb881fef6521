from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from core.errors import ConfigError
from core.model.enums import EventKind, FixQuality
from core.model.fixtable import FixTable
from core.model.land import DeviceKind, Plot
from core.model.samples import Event
from geo.coverage import compute
from geo.projection import LocalPlane
from ingest.codecs import native_json
from simulators.fleet import Fleet, fly
from simulators.plots import rice_plots

PLANE = LocalPlane.around(105.725, 9.285)
DOSE_LPHA = 20.0


def _plot(outline: Polygon) -> Plot:
    return Plot("rect", PLANE.to_wgs84(outline), cooperative="a")


@lru_cache(maxsize=4)
def _fleet(noise: float = 1.0) -> Fleet:
    return fly(rice_plots("demo"), seed=3, noise=noise)


def _tables(fleet: Fleet) -> list[FixTable]:
    return [s.samples for s in fleet.streams if isinstance(s.samples, FixTable)]


def _events(fleet: Fleet, device: str) -> list[Event]:
    lists = [s.samples for s in fleet.streams if s.device == device and isinstance(s.samples, list)]
    return [e for samples in lists for e in samples if isinstance(e, Event)]


def _switched(table: FixTable, events: list[Event]) -> list[Polygon]:
    """Strips between on and off events, with positions interpolated between the fixes around them."""
    x, y = PLANE.xy(table.lon_deg, table.lat_deg)
    strips = []
    switches = [e for e in events if e.kind in {EventKind.ON, EventKind.OFF}]
    for on, off in pairwise(switches):
        if on.kind is EventKind.OFF:
            continue
        assert off.kind is EventKind.OFF
        ends = [(np.interp(e.ts_ms, table.ts_ms, x), np.interp(e.ts_ms, table.ts_ms, y)) for e in (on, off)]
        strips.append(shapely.LineString(ends).buffer(3.5, cap_style="flat"))
    return strips


@pytest.mark.parametrize("rate_hz", [1.0, 2.0, 5.0])
def test_rectangle_edge_to_edge_is_sprayed_exactly(rate_hz: float) -> None:
    """42 m are six swaths; two tanks are needed, so lines are cut for refills and must meet again."""
    outline = box(20.0, 20.0, 720.0, 62.0)
    fleet = fly([_plot(outline)], drones=1, noise=0.0, rate_hz=rate_hz)
    (table,) = _tables(fleet)
    strips = _switched(table, _events(fleet, "drone-01"))
    assert fleet.flights > 1
    union = shapely.union_all(strips, grid_size=1e-4)
    assert sum(s.area for s in strips) == pytest.approx(29_400.0, abs=0.3)  # 1e-5 of the area
    # positions are told to 1e-7 degrees, 1.1 cm: neighbours overlap or gape by that much along 700 m
    assert union.area == pytest.approx(29_400.0, abs=0.011 * 700.0)
    assert union.difference(outline).area < 0.011 * 700.0
    assert fleet.sprayed_m2 == pytest.approx(29_400.0, abs=1e-2)


def test_sprayed_area_is_computed_as_it_was_flown() -> None:
    """The whole of the stages on a fleet without noise: gross and litres as told, nothing missed but by rounding."""
    plot = _plot(box(20.0, 20.0, 720.0, 62.0))
    fleet = fly([plot], drones=1, noise=0.0)
    (table,) = _tables(fleet)
    events = _events(fleet, "drone-01")
    takeoffs = [e.ts_ms for e in events if e.kind is EventKind.TAKEOFF]
    flight = np.searchsorted(takeoffs, table.ts_ms, side="right")
    flights = [table.take(flight == number + 1) for number in range(len(takeoffs))]
    coverage = compute("job", flights, [plot], events=events).coverage
    (row,) = coverage.plots
    assert row.net_m2 == pytest.approx(29_400.0, rel=5e-4)
    assert row.gross_m2 == pytest.approx(29_400.0, rel=5e-4)
    assert row.overlap_m2 < 0.011 * 700.0
    assert row.missed_m2 < 0.011 * 700.0
    assert coverage.volume_l == pytest.approx(fleet.volume_l, rel=2e-3)


def test_same_arguments_same_bytes() -> None:
    plots = rice_plots("demo", 6)
    one, two, other = (
        b"".join(native_json.encode(list(t.rows())) for t in _tables(fly(plots, drones=2, seed=s))) for s in (1, 1, 2)
    )
    assert one == two
    assert one != other


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_flow_integral_is_what_the_tank_lost(noise: float) -> None:
    """Two independent totals per boot: litres by the flow meter over the on-times, litres by the tank."""
    fleet = _fleet(noise)
    for table in _tables(fleet):
        flights = [e.ts_ms for e in _events(fleet, table.device) if e.kind is EventKind.TAKEOFF]
        flight = np.searchsorted(flights, table.ts_ms, side="right")
        step_min = np.median(np.diff(table.ts_ms)) / 60_000.0
        for number in range(1, len(flights) + 1):
            rows = flight == number
            metered = float(table.flow_lpm[rows].sum() * step_min)
            lost = float(table.tank_l[rows][0] - table.tank_l[rows][-1])
            assert lost > 0.0
            assert metered == pytest.approx(lost, rel=0.02)


def test_flow_lays_the_dose_at_the_speed_flown() -> None:
    fleet = _fleet(0.0)
    for table in _tables(fleet):
        on = table.on
        switched = np.isin(table.ts_ms, [e.ts_ms for e in _events(fleet, table.device)])
        steady = on & ~switched
        wanted = DOSE_LPHA * table.speed_mps[steady] * 7.0 * 0.006
        np.testing.assert_allclose(table.flow_lpm[steady], wanted, atol=2e-3)
        assert (table.flow_lpm[~on & ~switched] == 0.0).all()
        assert table.speed_mps[on].min() > 4.9
        assert table.speed_mps[on].max() <= 7.0


def test_drones_move_as_drones_can() -> None:
    for table in _tables(_fleet(0.0)):
        x, y = PLANE.xy(table.lon_deg, table.lat_deg)
        dt = np.diff(table.ts_ms) / 1000.0
        airborne = dt < 1.0
        speed = np.hypot(np.diff(x), np.diff(y)) / dt
        assert speed.max() <= 8.0 + 0.016 / 0.2  # positions are told to 1e-7 degrees
        accel = np.abs(np.diff(table.speed_mps)) / dt
        assert accel[airborne].max() <= 2.52
        assert table.height_m.min() >= 0.0
        assert table.height_m[table.on].min() == pytest.approx(3.0)
        assert 0.0 <= table.battery_pct.min() < table.battery_pct.max() <= 100.0
        assert table.tank_l.min() >= 0.0


def test_on_flags_agree_with_events() -> None:
    fleet = _fleet()
    for table in _tables(fleet):
        switches = [e for e in _events(fleet, table.device) if e.kind in {EventKind.ON, EventKind.OFF}]
        times = [e.ts_ms for e in switches]
        assert times == sorted(times)
        assert [e.kind for e in switches[:2]] == [EventKind.ON, EventKind.OFF]
        state = np.searchsorted(times, table.ts_ms, side="right") % 2 == 1
        np.testing.assert_array_equal(table.on, state)


def test_sequence_rises_by_one_within_a_boot_and_boots_change_on_the_ground() -> None:
    for table in _tables(_fleet()):
        boots = np.array(table.boot.values())
        assert len(set(boots)) > 1
        for boot in set(boots):
            rows = boots == boot
            np.testing.assert_array_equal(table.seq[rows], np.arange(rows.sum()))
            assert (np.diff(table.ts_ms[rows]) > 0).all()
        pauses = np.diff(table.ts_ms)[boots[1:] != boots[:-1]]
        assert pauses.min() > 60_000


def test_every_sortie_takes_off_lands_and_refills() -> None:
    fleet = _fleet()
    landings = 0
    for device in [d.device for d in fleet.devices if d.kind is DeviceKind.DRONE]:
        kinds = [e.kind for e in _events(fleet, device) if e.kind not in {EventKind.ON, EventKind.OFF}]
        assert kinds == [EventKind.TAKEOFF, EventKind.LANDING, EventKind.REFILL] * (len(kinds) // 3)
        landings += len(kinds) // 3
    assert landings == fleet.flights


def test_spray_stays_in_the_plots_and_covers_nearly_all_of_them() -> None:
    fleet = _fleet(0.0)
    plots = shapely.union_all([PLANE.to_plane(p.boundary) for p in rice_plots("demo")])
    strips = [s for t in _tables(fleet) for s in _switched(t, _events(fleet, t.device))]
    union = shapely.union_all(strips, grid_size=1e-4)
    assert union.difference(plots).area < 1e-4 * plots.area
    assert union.intersection(plots).area > 0.975 * plots.area


def test_first_landing_is_early_and_the_whole_fits_the_demonstration() -> None:
    """At twenty times real time: landed within 30 s, all done within 5 minutes."""
    fleet = _fleet()
    start = min(int(t.ts_ms[0]) for t in _tables(fleet))
    drones = [d.device for d in fleet.devices if d.kind is DeviceKind.DRONE]
    landings = [e.ts_ms for d in drones for e in _events(fleet, d) if e.kind is EventKind.LANDING]
    assert len(drones) == 6
    assert (min(landings) - start) / 1000.0 < 300.0
    assert 40 * 60.0 < fleet.duration_s < 100 * 60.0


def test_receiver_noise_is_centimetres_and_sometimes_floats() -> None:
    noisy = {t.device: t for t in _tables(_fleet(1.0))}
    quality = np.concatenate([t.quality for t in noisy.values()])
    assert set(quality.tolist()) == {FixQuality.FLOAT, FixQuality.RTK}
    assert (quality == FixQuality.FLOAT).mean() < 0.1
    for exact in _tables(_fleet(0.0)):
        table = noisy[exact.device]
        np.testing.assert_array_equal(table.ts_ms, exact.ts_ms)
        fixed = table.quality == FixQuality.RTK
        east, _ = PLANE.xy(table.lon_deg, table.lat_deg)
        true, _ = PLANE.xy(exact.lon_deg, exact.lat_deg)
        assert 0.01 < (east - true)[fixed].std() < 0.03


def test_all_plots_are_shared_out_to_fewer_or_more_drones() -> None:
    plots = rice_plots("demo", 3)
    for drones in (1, 2, 8):
        fleet = fly(plots, drones=drones, noise=0.0)
        assert sum(d.kind is DeviceKind.DRONE for d in fleet.devices) <= min(drones, 3)
        assert fleet.sprayed_m2 > 0.95 * sum(p.declared_area_m2 for p in plots)


@pytest.mark.parametrize(
    ("change", "named"), [({"drones": 0}, "drones"), ({"swath_m": 0.0}, "swath_m"), ({"dose_lpha": np.nan}, "dose")]
)
def test_senseless_orders_are_refused(change: dict[str, float], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        fly(rice_plots("a", 1), **change)  # type: ignore[arg-type]


def test_no_plot_and_no_room_are_refused() -> None:
    with pytest.raises(ConfigError, match="no plot"):
        fly([])
    with pytest.raises(ConfigError, match="no plot has room"):
        fly([_plot(box(0.0, 0.0, 2.0, 2.0))])
