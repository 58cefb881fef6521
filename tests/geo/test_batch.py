"""Days anew from the archive: the same as from the telemetry store, in any partitioning, and to be gone on with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely import affinity

from cli.executors import Inline, executor
from core.archive import FlightRecord
from core.model.coverage import NO_SWATH, Flight
from core.model.enums import Operation
from core.model.fleet import Calibration
from core.model.land import Device, DeviceKind
from core.model.samples import Event
from core.model.trust import Completeness, Grade, Trust
from geo.archivesource import ArchivedFlights, Ports, release
from geo.archiving import archived
from geo.batch import Day, Report, plan, result_of, run
from geo.coverage import ALGORITHM, Parameters
from geo.recompute import recompute
from geo.verification import Finding, verify_flight, verify_job
from tests.support import rectangle
from tests.support.archived import HOUR_MS, HTX, START_MS, Farm, record, season
from tests.support.fakes import FakeTelemetryStore

DAY = "2026-11-20"
ALWAYS = (-(2**62), 2**62)
BARE = Parameters(expected=False)
"""Without the forty draws: figures are compared, not tolerances."""


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    yield Farm(tmp_path)
    release()


def everything(ports: Ports) -> str:
    """All results, in a form that compares."""
    flights = sorted(ports.registry.flights(HTX, *ALWAYS), key=lambda f: f.flight)
    return repr(
        (
            flights,
            [ports.registry.coverage(HTX, f.flight) for f in flights],
            ports.registry.job_plots(HTX, DAY),
            ports.registry.job_plots(HTX, "2026-11-21"),
        )
    )


def filled(farm: Farm, records: Sequence[FlightRecord]) -> Ports:
    ports = farm.made()
    for it in records:
        ports.archive.put(it)
    return ports


def computed(
    ports: Ports,
    farm: Farm,
    pool: Executor | None = None,
    days: Sequence[Day] | None = None,
    parameters: Parameters = BARE,
    **how: Any,
) -> Report:
    chosen = plan(ports, [HTX], DAY, "2026-11-21", **how) if days is None else days
    return run(chosen, farm, ports.registry, pool or Inline(), parameters)


@pytest.mark.parametrize("chosen", [BARE, Parameters()], ids=["figures", "with expected areas"])
def test_days_from_the_archive_are_days_from_the_telemetry_store(
    farm: Farm, tmp_path: Path, chosen: Parameters
) -> None:
    """Flights, their figures and the rows of jobs, to the last bit."""
    store = FakeTelemetryStore()
    other = Farm(tmp_path / "other")
    with closing(other.made()) as direct, closing(farm.made()) as batch:
        for it in season():
            store.write(HTX, list(it.fixes.rows()), START_MS)
        for device in ("d1", "d2"):
            window = START_MS, START_MS + 9 * HOUR_MS
            results = recompute(store, direct.registry, HTX, device, *window, parameters=chosen).results
            assert len(archived(batch.archive, store, batch.registry, HTX, device, window, results)) == len(results)
        report = computed(batch, farm, parameters=chosen)
        assert (report.flights, report.failed) == (5, {})
        assert everything(batch) == everything(direct)
        (plot,) = [r.coverage for r in batch.registry.job_plots(HTX, DAY) if r.job == "J-1"]
        assert plot.overlap_m2 == pytest.approx(rectangle.AREA_M2 * 5 / 6, rel=1e-3)


class Shuffled(Inline):
    """Runs pieces in another order than they are handed in: each when somebody asks, others before it."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self.calls = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.calls += 1
        head, entries, *rest = args
        if fn.__name__ != "flights_of":
            return super().submit(fn, *args, **kwargs)
        order = self._rng.permutation(len(entries)).tolist()
        done: Future[Any] = super().submit(fn, head, tuple(entries[k] for k in order), *rest)
        return done


@pytest.mark.parametrize("size", [1, 3, 100])
def test_the_partition_and_the_order_do_not_matter(
    farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    records = season()
    with closing(filled(Farm(tmp_path / "other"), records)) as plain, closing(filled(farm, records[::-1])) as ports:
        computed(plain, Farm(tmp_path / "other"))
        monkeypatch.setattr("geo.batch.FLIGHTS_A_PIECE", size)
        monkeypatch.setattr("geo.batch.PLOTS_A_PIECE", 1)
        computed(ports, farm, Shuffled(size))
        assert everything(ports) == everything(plain)


def test_two_processes_give_what_one_gives(farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.batch.FLIGHTS_A_PIECE", 1)
    one = Farm(tmp_path / "one")
    with closing(filled(one, season())) as plain, closing(filled(farm, season())) as ports:
        computed(plain, one)
        with executor(2) as pool:
            assert computed(ports, farm, pool).flights == 5
        assert everything(ports) == everything(plain)


def test_a_job_over_several_plots_is_computed_in_pieces(
    farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for size in (1, 16):
        monkeypatch.setattr("geo.batch.PLOTS_A_PIECE", size)
        own = Farm(tmp_path / str(size))
        with closing(filled(own, season())) as ports:
            for k in range(1, 4):
                boundary = affinity.translate(rectangle.plot(HTX).boundary, yoff=k * 1e-4)
                ports.registry.put_plot(replace(rectangle.plot(HTX), plot=f"p{k}", boundary=boundary))
            computed(ports, own)
            results.append(everything(ports))
    assert results[0] == results[1]
    assert "p3" in results[0]


def test_what_is_done_is_not_done_again_unless_forced(farm: Farm) -> None:
    with closing(filled(farm, season())) as ports:
        assert computed(ports, farm).flights == 5
        again = computed(ports, farm)
        assert (again.flights, again.skipped) == (0, 5)
        assert computed(ports, farm, force=True).flights == 5


def test_what_another_version_of_the_algorithm_made_is_done_again(farm: Farm) -> None:
    with closing(filled(farm, season())) as ports:
        computed(ports, farm)
        flight = ports.registry.flights(HTX, *ALWAYS)[0]
        old = replace(ports.registry.coverage(HTX, flight.flight), algorithm="older 0.9")
        ports.registry.save_flights(HTX, flight.device, flight.start_ms, flight.end_ms, [(flight, old)])
        (day,) = plan(ports, [HTX], DAY, DAY)
        assert [e.flight for e in day.todo] == [flight.flight]
        computed(ports, farm)
        assert ports.registry.coverage(HTX, flight.flight).algorithm == ALGORITHM


def test_a_new_version_of_a_flight_is_done_again_and_its_job_with_it(farm: Farm) -> None:
    records = season()
    with closing(filled(farm, records)) as ports:
        computed(ports, farm)
        before = {r.job: r.coverage.gross_m2 for r in ports.registry.job_plots(HTX, DAY)}
        less = records[0].fixes.with_columns(on=False)
        ports.archive.put(record(less, job="J-1"))
        report = computed(ports, farm)
        assert (report.flights, report.skipped) == (1, 4)
        after = {r.job: r.coverage.gross_m2 for r in ports.registry.job_plots(HTX, DAY)}
        assert before["J-1"] - after["J-1"] == pytest.approx(rectangle.AREA_M2, rel=1e-3)
        assert {k: v for k, v in before.items() if k != "J-1"} == {k: v for k, v in after.items() if k != "J-1"}


def test_a_flight_that_changes_its_job_leaves_the_old_one(farm: Farm) -> None:
    records = season()
    with closing(filled(farm, records)) as ports:
        computed(ports, farm)
        ports.archive.put(record(records[1].fixes, job="J-9"))
        computed(ports, farm, force=True)
        rows = {r.job: r.flights for r in ports.registry.job_plots(HTX, DAY)}
        assert rows["J-9"] == (records[1].flight.flight,)
        assert rows["J-1"] == (records[0].flight.flight,)


def test_only_the_days_asked_for_are_planned(farm: Farm) -> None:
    tomorrow = record(rectangle.flight("d1", START_MS + 24 * HOUR_MS))
    with closing(filled(farm, [*season(), tomorrow])) as ports:
        assert [(d.day, len(d.todo)) for d in plan(ports, [HTX], DAY, "2026-11-21")] == [(DAY, 5), ("2026-11-21", 1)]
        assert [d.day for d in plan(ports, [HTX], "2026-11-21", "2026-11-30")] == ["2026-11-21"]
        assert plan(ports, ["htx-b"], DAY, DAY) == []


def test_a_damaged_flight_is_named_and_the_others_are_computed(farm: Farm, tmp_path: Path) -> None:
    records = season()
    with closing(filled(farm, records)) as ports:
        entry = ports.archive.versions(HTX, records[2].flight.flight)[0]
        path = tmp_path / "data" / "archive" / entry.path
        path.write_bytes(path.read_bytes()[:-30])
        report = computed(ports, farm)
        assert report.flights == 4
        assert list(report.failed) == [(HTX, entry.flight)]
        assert entry.path in report.failed[HTX, entry.flight]
        assert {r.job for r in ports.registry.job_plots(HTX, DAY)} == {"J-1", "J-2"}


def test_a_job_that_cannot_be_computed_keeps_its_flights_to_do(farm: Farm, tmp_path: Path) -> None:
    """A flight of the job has a result already, and its file has been lost: nothing of that job is saved by halves."""
    records = season()
    with closing(filled(farm, records)) as ports:
        computed(ports, farm)
        before = everything(ports)
        ports.archive.put(record(records[0].fixes.with_columns(swath_m=3.5), job="J-1"))
        lost = ports.archive.versions(HTX, records[1].flight.flight)[0]
        (tmp_path / "data" / "archive" / lost.path).unlink()
        report = computed(ports, farm)
        assert report.flights == 0
        assert set(report.failed) == {(HTX, "J-1"), (HTX, records[0].flight.flight)}
        assert everything(ports) == before


class Interrupted(Inline):
    """Ctrl-C after some pieces of work."""

    def __init__(self, pieces: int) -> None:
        self.left = pieces

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().submit(fn, *args, **kwargs)


@pytest.mark.parametrize("pieces", [0, 1, 3, 4, 5, 6, 8])
def test_an_interrupt_leaves_what_can_be_gone_on_with(
    farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pieces: int
) -> None:
    monkeypatch.setattr("geo.batch._DAYS_AHEAD", 0)
    records = [*season(), record(rectangle.flight("d1", START_MS + 24 * HOUR_MS), job="J-1")]
    other = Farm(tmp_path / "other")
    with closing(filled(other, records)) as plain, closing(filled(farm, records)) as ports:
        computed(plain, other)
        try:
            computed(ports, farm, Interrupted(pieces))
        except KeyboardInterrupt:
            assert everything(ports) != everything(plain)
        computed(ports, farm)
        assert everything(ports) == everything(plain)


def test_an_interrupt_while_a_day_is_saved_leaves_nothing_of_it(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(filled(farm, season())) as ports:
        with monkeypatch.context() as patched:
            patched.setattr("storage.registry.results._save_rows", _interrupt)
            with pytest.raises(KeyboardInterrupt):
                computed(ports, farm)
        assert ports.registry.flights(HTX, *ALWAYS) == []
        report = computed(ports, farm)
        assert (report.flights, report.skipped) == (5, 0)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_flights_that_share_an_instant_do_not_take_each_other_away(farm: Farm) -> None:
    whole = rectangle.flight("d1", START_MS)
    one, two = record(whole.take(slice(0, 100)), flight="d1-a"), record(whole.take(slice(99, None)), flight="d1-b")
    with closing(filled(farm, [one, two])) as ports:
        computed(ports, farm)
        assert {f.flight for f in ports.registry.flights(HTX, *ALWAYS)} == {"d1-a", "d1-b"}
        ports.archive.put(record(whole.take(slice(0, 100)).with_columns(on=False), flight="d1-a"))
        assert computed(ports, farm).flights == 1
        assert {f.flight for f in ports.registry.flights(HTX, *ALWAYS)} == {"d1-a", "d1-b"}


def fly(store: FakeTelemetryStore, table: Any, *events: Event) -> None:
    store.write(HTX, [*table.rows(), *events], START_MS)


def kept(ports: Ports, store: FakeTelemetryStore, start_ms: int, end_ms: int) -> list[tuple[Flight, Any]]:
    results = recompute(store, ports.registry, HTX, "d1", start_ms, end_ms, parameters=BARE).results
    archived(ports.archive, store, ports.registry, HTX, "d1", (start_ms, end_ms), results)
    return list(results)


def test_late_data_that_join_flights_withdraw_what_is_no_more(farm: Farm) -> None:
    store, table = FakeTelemetryStore(), rectangle.flight("d1", START_MS, lines=2)
    later = table.with_columns(ts_ms=table.ts_ms + 600_000, seq=table.seq + 1_000)
    between = table.with_columns(ts_ms=table.ts_ms + 300_000, seq=table.seq + 500, on=False)
    with closing(farm.made()) as ports:
        fly(store, table)
        fly(store, later)
        first = kept(ports, store, START_MS, START_MS + HOUR_MS)
        assert [e.flight for e in ports.archive.flights(HTX, *ALWAYS)] == [f.flight for f, _ in first]
        assert len(first) == 2
        fly(store, between)
        middle = int(between.ts_ms[0])
        ((flight, coverage),) = kept(ports, store, middle, middle + 1)
        (entry,) = ports.archive.flights(HTX, *ALWAYS)
        assert (entry.flight, entry.version, entry.digits) == (flight.flight, 2, coverage.input_hash[:12])
        assert [e.withdrawn for e in ports.archive.versions(HTX, first[1][0].flight)] == [False, True]


def test_a_flight_with_other_fixes_than_were_computed_waits(farm: Farm) -> None:
    store, table = FakeTelemetryStore(), rectangle.flight("d1", START_MS)
    with closing(farm.made()) as ports:
        fly(store, table.take(np.delete(np.arange(len(table)), 50)))
        window = START_MS, int(table.ts_ms[-1])
        results = recompute(store, ports.registry, HTX, "d1", *window, parameters=BARE).results
        fly(store, table)
        assert archived(ports.archive, store, ports.registry, HTX, "d1", window, results) == []
        assert ports.archive.flights(HTX, *ALWAYS) == []
        kept(ports, store, *window)
        assert len(ports.archive.flights(HTX, *ALWAYS)) == 1


def test_other_drones_are_not_withdrawn(farm: Farm) -> None:
    store = FakeTelemetryStore()
    with closing(farm.made()) as ports:
        other = ports.archive.put(record(rectangle.flight("d1-x", START_MS)))
        fly(store, rectangle.flight("d1", START_MS))
        kept(ports, store, START_MS, START_MS + 1)
        assert other in ports.archive.flights(HTX, *ALWAYS)


def test_the_archive_as_a_source_knows_drones_apart(farm: Farm) -> None:
    records = [record(rectangle.flight(d, START_MS)) for d in ("d1", "d2")]
    with closing(filled(farm, records)) as ports:
        window = records[0].flight.start_ms, records[0].flight.end_ms
        source = ArchivedFlights(ports.archive)
        assert [source.fixes(HTX, d, *window).device for d in ("d2", "d1", "d2")] == ["d2", "d1", "d2"]


def test_results_that_agree_are_said_to(farm: Farm) -> None:
    with closing(filled(farm, season())) as ports:
        computed(ports, farm)
        for it in season():
            verdict = verify_flight(ports, HTX, it.flight.flight, BARE)
            assert (verdict.finding, verdict.differences) == (Finding.AGREES, ())
        assert verify_job(ports, HTX, ("J-1", DAY), BARE).finding == Finding.AGREES


def doctored(ports: Ports, flight: str, **changes: Any) -> None:
    held, coverage = ports.registry.flight(HTX, flight), ports.registry.coverage(HTX, flight)
    changed = replace(coverage, **changes)
    ports.registry.save_flights(HTX, held.device, held.start_ms, held.end_ms, [(held, changed)])


@pytest.mark.parametrize(("by", "finding"), [(5e-7, Finding.AGREES), (2e-6, Finding.DIFFERS)])
def test_a_figure_may_differ_by_a_millionth(farm: Farm, by: float, finding: Finding) -> None:
    name = season()[0].flight.flight
    with closing(filled(farm, season())) as ports:
        computed(ports, farm)
        plots = ports.registry.coverage(HTX, name).plots
        doctored(ports, name, plots=(replace(plots[0], net_m2=plots[0].net_m2 - by),))
        verdict = verify_flight(ports, HTX, name, BARE)
        assert verdict.finding == finding
        if finding == Finding.DIFFERS:
            (difference,) = verdict.differences
            assert difference.figure.endswith("plots/rect-1/net_m2")
            assert difference.by == pytest.approx(by, rel=0.01)


def test_another_version_is_told_as_such_with_the_differences(farm: Farm) -> None:
    name = season()[0].flight.flight
    with closing(filled(farm, season())) as ports:
        computed(ports, farm)
        doctored(ports, name, algorithm="older 0.9", net_m2=1.0)
        verdict = verify_flight(ports, HTX, name, BARE)
        assert (verdict.finding, verdict.finding.sound) == (Finding.OTHER_VERSION, True)
        assert [d.figure.rpartition("/")[2] for d in verdict.differences] == ["net_m2"]
        assert "older 0.9" in verdict.message
        assert verify_job(ports, HTX, ("J-1", DAY), BARE).finding == Finding.OTHER_VERSION


def test_a_result_of_other_fixes_is_told(farm: Farm) -> None:
    records = season()
    name = records[0].flight.flight
    with closing(filled(farm, records)) as ports:
        computed(ports, farm)
        doctored(ports, name, input_hash="0" * 64)
        assert verify_flight(ports, HTX, name, BARE).finding == Finding.OTHER_INPUT
        computed(ports, farm, force=True)
        ports.archive.put(record(records[0].fixes.with_columns(on=False), job="J-1"))
        verdict = verify_flight(ports, HTX, name, BARE)
        assert (verdict.finding, "version 1" in verdict.message) == (Finding.OTHER_INPUT, True)


def test_a_changed_file_is_named(farm: Farm) -> None:
    """Written anew by somebody who knows the format: fixes that do not have the hash that the file tells."""
    records = season()
    name = records[0].flight.flight
    with closing(farm.made()) as ports:
        forged = replace(records[0], fixes=records[0].fixes.with_columns(swath_m=8.0))
        entry = ports.archive.put(forged)
        verdict = verify_flight(ports, HTX, name, BARE)
        assert verdict.finding == Finding.TAMPERED
        assert entry.path in verdict.message


def test_what_cannot_be_compared_is_no_agreement(farm: Farm) -> None:
    records = season()
    with closing(filled(farm, records)) as ports:
        assert verify_flight(ports, HTX, records[0].flight.flight, BARE).finding == Finding.NO_RESULT
        assert verify_flight(ports, HTX, "nobody", BARE).finding == Finding.NOT_ARCHIVED
        assert verify_job(ports, HTX, ("J-1", DAY), BARE).finding == Finding.NO_RESULT
        computed(ports, farm)
        ports.archive.withdraw(ports.archive.versions(HTX, records[0].flight.flight)[0])
        assert verify_flight(ports, HTX, records[0].flight.flight, BARE).finding == Finding.NOT_ARCHIVED
        assert verify_job(ports, HTX, ("J-1", DAY), BARE).finding == Finding.NOT_ARCHIVED
    assert not Finding.NOT_ARCHIVED.sound


def test_the_swath_that_changed_is_told_beside_the_difference(farm: Farm) -> None:
    table = rectangle.flight("d1", START_MS).with_columns(swath_m=np.nan)
    with closing(farm.made()) as ports:
        ports.registry.add_device(Device("d1", HTX, DeviceKind.DRONE, swath_m=7.0))
        kept_as = record(table)
        ports.archive.put(kept_as)
        computed(ports, farm)
        assert verify_flight(ports, HTX, kept_as.flight.flight, BARE).finding == Finding.AGREES
        ports.registry.add_device(Device("d1", HTX, DeviceKind.DRONE, swath_m=6.0))
        verdict = verify_flight(ports, HTX, kept_as.flight.flight, BARE)
        assert verdict.finding == Finding.DIFFERS
        assert "7 m" in verdict.message
        assert "6 m" in verdict.message


def test_a_flight_without_an_area_is_computed_as_soon_as_its_swath_is_known(farm: Farm) -> None:
    """A result without an area is not done; once there is one, it is."""
    table = rectangle.flight("d1", START_MS).with_columns(swath_m=np.nan)
    with closing(farm.made()) as ports:
        ports.archive.put(record(table))
        ports.registry.add_device(Device("d1", HTX, DeviceKind.DRONE))
        assert computed(ports, farm).flights == 1
        (flight,) = ports.registry.flights(HTX, *ALWAYS)
        assert ports.registry.coverage(HTX, flight.flight).no_area == NO_SWATH
        assert verify_flight(ports, HTX, flight.flight, BARE).finding == Finding.AGREES
        ports.registry.put(Calibration("lần 1", HTX, "d1", Operation.SPRAY, DAY, 7.0))
        assert computed(ports, farm).flights == 1
        assert ports.registry.coverage(HTX, flight.flight).net_m2 == pytest.approx(rectangle.AREA_M2, rel=1e-3)
        assert (computed(ports, farm).flights, len(ports.registry.flight_history(HTX, flight.flight))) == (0, 2)


def test_a_later_boundary_changes_no_result_and_a_correction_of_it_does(farm: Farm) -> None:
    records = season()[:2]
    with closing(filled(farm, records)) as ports:
        computed(ports, farm)
        before = everything(ports)
        flights = [r.flight for r in records]
        half = rectangle.plot(HTX, lines=3)
        ports.registry.put_plot(replace(half, valid_from_ms=max(f.end_ms for f in flights) + 1))
        assert computed(ports, farm, force=True).flights == 2
        assert everything(ports) == before
        assert {verify_flight(ports, HTX, f.flight, BARE).finding for f in flights} == {Finding.AGREES}
        ports.registry.put_plot(replace(half, name="đã sửa", valid_from_ms=1))
        assert {verify_flight(ports, HTX, f.flight, BARE).finding for f in flights} == {Finding.DIFFERS}
        computed(ports, farm, force=True)
        rows = ports.registry.job_plots(HTX, DAY)
        assert rows
        assert all(r.coverage.area_m2 == pytest.approx(rectangle.AREA_M2 / 2, rel=1e-3) for r in rows)


def test_what_the_ledger_told_outlives_a_computation_without_it(farm: Farm) -> None:
    table = season()[0]
    with closing(filled(farm, [table])) as ports:
        computed(ports, farm)
        (flight,) = ports.registry.flights(HTX, *ALWAYS)
        found = ports.registry.coverage(HTX, flight.flight)
        assert found.trust is not None
        full = replace(found.trust, completeness=Completeness(Grade.A, 100, 0, 1.0))
        told = replace(found, trust=Trust.of(full.gnss, full.sampling, full.bridges, full.completeness))
        ports.registry.save_flights(HTX, flight.device, flight.start_ms, flight.end_ms, [(flight, told)])
        assert computed(ports, farm, force=True).flights == 1
        assert repr(ports.registry.coverage(HTX, flight.flight)) == repr(told)


def test_parameters_reach_the_pieces(farm: Farm) -> None:
    with closing(filled(farm, season()[:1])) as ports:
        run(plan(ports, [HTX], DAY, DAY), farm, ports.registry, Inline(), Parameters(swath_m=3.5))
        (flight,) = ports.registry.flights(HTX, *ALWAYS)
        assert ports.registry.coverage(HTX, flight.flight).net_m2 == pytest.approx(rectangle.AREA_M2 / 2, rel=1e-3)


def test_a_piece_reads_only_what_areas_depend_on(farm: Farm) -> None:
    """And what it computes from that is what the whole file gives."""
    with closing(filled(farm, season()[:1])) as ports:
        (entry,) = ports.archive.flights(HTX, *ALWAYS)
        whole, part = ports.archive.read(entry), ports.archive.read(entry, area_only=True)
        assert np.isnan(part.fixes.height_m).all()
        one, other = (result_of(ports.registry, it, BARE) for it in (whole, part))
        assert repr(one) == repr(other)
        assert one[1].input_hash == whole.input_hash


def test_without_expected_areas_all_other_figures_are_the_same(farm: Farm, tmp_path: Path) -> None:
    found = []
    for chosen in (Parameters(), Parameters(expected=False)):
        own = Farm(tmp_path / str(chosen.expected))
        with closing(filled(own, season())) as ports:
            run(plan(ports, [HTX], DAY, DAY), own, ports.registry, Inline(), chosen)
            flights = ports.registry.flights(HTX, *ALWAYS)
            results = [ports.registry.coverage(HTX, f.flight) for f in flights]
            found.append((results, [r.coverage for r in ports.registry.job_plots(HTX, DAY)]))
    (full, full_rows), (bare, bare_rows) = found
    assert all(p.expected is not None for p in (*full_rows, *(p for c in full for p in c.plots)))
    assert all(p.expected is None for p in (*bare_rows, *(p for c in bare for p in c.plots)))
    plain = [replace(p, expected=None) for p in full_rows]
    assert repr(plain) == repr(bare_rows)
    assert [c.net_m2 for c in full] == [c.net_m2 for c in bare]
