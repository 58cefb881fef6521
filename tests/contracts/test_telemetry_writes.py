"""TelemetryStore: what a write keeps, counts, and never does twice."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.errors import StoreUnavailable
from core.model.enums import EventKind, Operation
from core.model.samples import Section
from core.ports import Sample, TelemetryStore, Verdict, WriteResult
from tests.contracts.backends import TELEMETRY, Backend, each
from tests.contracts.samples import ALL, DRONE, RECEIVED, C, D, a_fix, a_reading, an_event, reprs

ONE_OF_EACH: list[Sample] = [a_fix(1.0), an_event(2.0), a_reading(3.0)]


def kept(store: TelemetryStore, cooperative: str = C, device: str = DRONE) -> list[str]:
    return reprs(store.fixes(cooperative, device, *ALL).rows())


def test_nothing_is_written_of_nothing(store: TelemetryStore) -> None:
    assert store.write(C, [], RECEIVED) == WriteResult()


@pytest.mark.parametrize("sample", ONE_OF_EACH, ids=lambda s: type(s).__name__)
def test_the_same_sample_twice_in_one_write_is_one(store: TelemetryStore, sample: Sample) -> None:
    assert store.write(C, [sample, sample], RECEIVED) == WriteResult(stored=1, duplicates=1)


@pytest.mark.parametrize("sample", ONE_OF_EACH, ids=lambda s: type(s).__name__)
def test_the_same_sample_in_two_writes_is_one_whenever_it_was_received(store: TelemetryStore, sample: Sample) -> None:
    assert store.write(C, [sample], RECEIVED) == WriteResult(stored=1)
    assert store.write(C, [sample], RECEIVED + 60_000) == WriteResult(duplicates=1)


def test_repeated_samples_are_read_once(store: TelemetryStore) -> None:
    for _ in range(2):
        store.write(C, [*ONE_OF_EACH, *ONE_OF_EACH], RECEIVED)
    assert kept(store) == reprs([a_fix(1.0)])
    assert store.events(C, DRONE, *ALL) == [an_event(2.0)]
    assert store.readings(C, "s1", *ALL) == [a_reading(3.0)]


def test_not_told_is_the_same_content_as_not_told(store: TelemetryStore) -> None:
    fix = a_fix(height_m=math.nan, sections=(Section(0.0, 7.0, True, math.nan),))
    again = replace(fix, height_m=math.inf - math.inf, sections=(Section(0.0, 7.0, True, -math.nan),))
    store.write(C, [fix, a_reading(1.0, value=math.nan)], RECEIVED)
    assert store.write(C, [again, a_reading(1.0, value=-math.nan)], RECEIVED) == WriteResult(duplicates=2)


@pytest.mark.parametrize(
    "other",
    [
        a_fix(lat_deg=9.3),
        a_fix(height_m=3.0),
        a_fix(op=Operation.SOW),
        a_fix(on=True),
        a_fix(job="j2"),
        a_fix(sections=(Section(0.0, 7.0, True),)),
        a_reading(0.0, value=31.6),
        replace(a_reading(0.0), unit="K"),
    ],
    ids=["place", "height", "operation", "state", "job", "sections", "value", "unit"],
)
def test_the_same_key_with_other_content_is_a_conflict_and_the_first_stands(
    store: TelemetryStore, other: Sample
) -> None:
    store.write(C, [a_fix(), a_reading(0.0)], RECEIVED)
    assert store.write(C, [other], RECEIVED) == WriteResult(conflicts=1)
    assert kept(store) == reprs([a_fix()])
    assert store.readings(C, "s1", *ALL) == [a_reading(0.0)]


def test_a_conflict_in_the_same_write_is_one_too(store: TelemetryStore) -> None:
    assert store.write(C, [a_fix(), a_fix(job="j2")], RECEIVED) == WriteResult(stored=1, conflicts=1)
    assert kept(store) == reprs([a_fix()])


def test_a_conflict_that_comes_again_is_there_already(store: TelemetryStore) -> None:
    written = store.write(C, [a_fix(), a_fix(job="j2"), a_fix(job="j2")], RECEIVED)
    assert written == WriteResult(stored=1, duplicates=1, conflicts=1)
    assert store.write(C, [a_fix(job="j2")], RECEIVED) == WriteResult(duplicates=1)
    assert store.write(C, [a_fix(job="j3")], RECEIVED) == WriteResult(conflicts=1)


def test_what_was_not_stored_is_named_by_its_place(store: TelemetryStore) -> None:
    assert store.write(C, [a_fix(), *ONE_OF_EACH], RECEIVED).verdicts == {}
    written = store.write(C, [a_fix(9.0), a_reading(3.0), a_fix(job="j2"), an_event(4.0), a_fix(1.0)], RECEIVED)
    assert written == WriteResult(stored=2, duplicates=2, conflicts=1)
    assert written.verdicts == {1: Verdict.DUPLICATE, 2: Verdict.CONFLICT, 4: Verdict.DUPLICATE}


def test_each_part_of_a_key_tells_samples_apart(store: TelemetryStore) -> None:
    samples: list[Sample] = [
        a_fix(),
        a_fix(device="d2"),
        a_fix(0.001),
        a_fix(seq=2),
        a_fix(boot="b2"),
        an_event(0.0),
        an_event(0.0, device="d2"),
        an_event(0.001),
        an_event(0.0, EventKind.DISARM),
        an_event(0.0, boot="b2"),
        a_reading(0.0),
        a_reading(0.0, device="s2"),
        a_reading(0.0, "humidity"),
        a_reading(0.001),
    ]
    assert store.write(C, samples, RECEIVED) == WriteResult(stored=len(samples))


def test_stored_duplicates_and_conflicts_are_all_that_was_given(store: TelemetryStore) -> None:
    batches: list[list[Sample]] = [
        [a_fix(s % 7, seq=s % 3, job=f"j{s % 2}") for s in range(start, start + 40)] for start in (0, 11, 17)
    ]
    results = [store.write(C, [*batch, *ONE_OF_EACH], RECEIVED) for batch in batches]
    assert [r.stored + r.duplicates + r.conflicts for r in results] == [43, 43, 43]
    assert sum(r.stored for r in results) == len(kept(store)) + 2


def test_two_cooperatives_may_use_the_same_names(store: TelemetryStore) -> None:
    store.write(C, ONE_OF_EACH, RECEIVED)
    assert store.write(D, [a_fix(1.0, job="theirs"), an_event(2.0), a_reading(3.0)], RECEIVED) == WriteResult(stored=3)
    assert kept(store, C) == reprs([a_fix(1.0)])
    assert kept(store, D) == reprs([a_fix(1.0, job="theirs")])


def test_a_write_is_all_or_nothing(store: TelemetryStore) -> None:
    """A text that no UTF-8 file can hold stands for whatever may go wrong half way; some stores can take even that."""
    batch: list[Sample] = [a_fix(1.0), an_event(2.0), a_fix(3.0, boot="\ud800"), a_fix(4.0)]
    try:
        store.write(C, batch, RECEIVED)
        whole = True
    except (StoreUnavailable, ValueError):
        whole = False
    assert len(store.fixes(C, DRONE, *ALL)) == (3 if whole else 0)
    assert len(store.events(C, DRONE, *ALL)) == (1 if whole else 0)
    assert store.write(C, [a_fix(1.0)], RECEIVED).duplicates == (1 if whole else 0)


def test_threads_write_beside_each_other(store: TelemetryStore) -> None:
    """Each thread writes fixes of its own, and all of them the same ten."""
    batches = [[a_fix(s, seq=n) for s in range(20)] + [a_fix(s, seq=99) for s in range(10)] for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda batch: store.write(C, batch, RECEIVED), batches))
    assert sum(results, WriteResult()) == WriteResult(stored=170, duplicates=70)
    assert len(store.fixes(C, DRONE, *ALL)) == 170


@pytest.mark.parametrize("backend", each(TELEMETRY, durable=True))
def test_what_was_written_is_there_after_opening_again(backend: Backend[TelemetryStore], tmp_path: Path) -> None:
    with closing(backend.open(tmp_path)) as store:
        store.write(C, [*ONE_OF_EACH, a_fix(1.0, job="j2")], RECEIVED)
    with closing(backend.open(tmp_path)) as store:
        assert kept(store) == reprs([a_fix(1.0)])
        assert store.events(C, DRONE, *ALL) == [an_event(2.0)]
        assert store.readings(C, "s1", *ALL) == [a_reading(3.0)]
        assert store.write(C, [*ONE_OF_EACH, a_fix(1.0, job="j2")], RECEIVED) == WriteResult(duplicates=4)


@pytest.mark.parametrize("backend", each(TELEMETRY, durable=True))
def test_what_one_process_has_written_another_one_reads(backend: Backend[TelemetryStore], tmp_path: Path) -> None:
    with closing(backend.open(tmp_path)) as writer, closing(backend.open(tmp_path)) as reader:
        writer.write(C, ONE_OF_EACH, RECEIVED)
        assert kept(reader) == reprs([a_fix(1.0)])
        assert reader.write(C, ONE_OF_EACH, RECEIVED) == WriteResult(duplicates=3)
