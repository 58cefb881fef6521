"""Logs that are handed in: kept once, laid over gaps, taken back without a trace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from core.errors import BrokerUnavailable, Conflict, FlightLogError, NotFound
from core.model.enums import Operation
from core.model.fixtable import FixTable
from core.ports import Delivery
from core.registry import Registry
from core.uploads import NobodyAsked, Outcome, Source
from geo.evidence import input_hash
from ingest.uploads.asking import BusAsker
from ingest.uploads.desk import Handed, Uploading
from storage.registry.repository import SqlRegistry
from tests.contracts.backends import REGISTRIES, Backend, each
from tests.support import rectangle
from tests.support.archived import HOUR_MS, START_MS
from tests.support.exporting import HTX, Farm, farm
from tests.support.handing_in import as_csv, as_task, desk, silent, without

EVER = (0, 2**62)
NOW_MS = START_MS + 24 * HOUR_MS


@dataclass
class Place:
    farm: Farm
    desk: Uploading
    asker: NobodyAsked
    whole: FixTable = field(default_factory=lambda: rectangle.flight("d1", START_MS))

    def hand(self, path: Path, device: str = "") -> Handed:
        return Handed(HTX, "lan", path.name, device)

    def compute(self) -> None:
        """What the geo service does with what it was asked."""
        while self.asker.asked:
            _, device, start_ms, end_ms = self.asker.asked.pop()
            self.farm.compute(device, start_ms, end_ms)

    def figures(self) -> list[tuple[str, int, float, str]]:
        flights = self.farm.registry.flights(HTX, *EVER)
        results = [(it, self.farm.registry.coverage(HTX, it.flight)) for it in flights]
        return [(f.flight, f.fixes, c.net_m2, c.input_hash) for f, c in results]

    def fixes(self) -> FixTable:
        return self.farm.store.fixes(HTX, "d1", *(START_MS - HOUR_MS, START_MS + HOUR_MS))


@pytest.fixture(params=each(REGISTRIES, durable=True))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """On every database of the registry."""
    backend: Backend[Registry] = request.param
    registry = backend.open(tmp_path)
    assert isinstance(registry, SqlRegistry)
    it = farm(tmp_path, "d1", "d2", registry=registry)
    asker = NobodyAsked()
    yield Place(it, desk(it, NOW_MS, asker), asker)
    it.close()


def test_a_log_of_a_flight_that_nobody_heard_of(place: Place, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "a.csv", place.whole)
    receipt = place.desk.take_in(path, place.hand(path))
    (log,) = receipt.upload.logs
    assert (receipt.upload.number, log.outcome, log.added, log.device) == (1, Outcome.ADDED, len(place.whole), "d1")
    assert receipt.upload.told
    assert place.asker.asked == [(HTX, "d1", START_MS, int(place.whole.ts_ms[-1]))]
    place.compute()
    ((_, fixes, net_m2, _),) = place.figures()
    assert fixes == len(place.whole)
    assert net_m2 == pytest.approx(rectangle.AREA_M2, rel=1e-3)


def test_the_same_file_and_the_same_fixes_are_kept_once(place: Place, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "a.csv", place.whole)
    place.desk.take_in(path, place.hand(path))
    place.compute()
    before = place.figures()
    again = place.desk.take_in(path, place.hand(path))
    assert again.same_as == 1
    other = as_task(tmp_path / "b.zip", place.whole)
    told = place.desk.take_in(other, place.hand(other))
    assert (told.upload.number, told.same_as, told.upload.logs[0].outcome) == (0, 1, Outcome.DUPLICATE)
    assert [it.number for it in place.farm.registry.uploads(HTX)] == [1]
    assert not place.asker.asked
    assert place.figures() == before


def test_the_same_file_from_many_hands_at_once_is_kept_once(place: Place, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "card.csv", place.whole)
    with ThreadPoolExecutor(4) as hands:
        receipts = list(hands.map(lambda _: place.desk.take_in(path, place.hand(path)), range(4)))
    assert [it.upload.number for it in receipts] == [1, 1, 1, 1]
    assert sorted(it.same_as for it in receipts) == [0, 1, 1, 1]
    assert len(place.farm.registry.uploads(HTX)) == 1


def test_telemetry_with_gaps_and_a_whole_log_are_the_whole_flight(place: Place, tmp_path: Path) -> None:
    place.farm.fly(without(place.whole, 60, 119))
    ((name, _, _, _),) = before = place.figures()
    path = as_csv(tmp_path / "card.csv", silent(place.whole))
    (log,) = place.desk.take_in(path, place.hand(path)).upload.logs
    assert (log.outcome, log.added, log.why) == (Outcome.MERGED, 60, "60 fixes in 1 gap")
    place.compute()
    ((merged, fixes, net_m2, _),) = place.figures()
    assert merged == name
    assert fixes == len(place.whole)
    assert net_m2 == pytest.approx(rectangle.AREA_M2, rel=1e-3)
    assert net_m2 > before[0][2] + 50.0
    assert place.farm.store.sources(HTX, "d1", *EVER) == [Source(0, len(place.whole) - 60), Source(1, 60)]
    assert input_hash([place.fixes().with_columns(seq=-1, boot="")], []) == input_hash([silent(place.whole)], [])


def test_what_is_taken_back_leaves_everything_as_it_was(place: Place, tmp_path: Path) -> None:
    place.farm.fly(without(place.whole, 60, 119))
    before, fixes = place.figures(), place.fixes()
    path = as_csv(tmp_path / "card.csv", silent(place.whole))
    number = place.desk.take_in(path, place.hand(path)).upload.number
    place.compute()
    assert place.figures() != before
    undone = place.desk.undo(HTX, number, "mai")
    assert (undone.undone_by, undone.undone_ms) == ("mai", NOW_MS)
    place.compute()
    assert place.figures() == before
    assert input_hash([place.fixes()], []) == input_hash([fixes], [])
    (listed,) = place.farm.registry.uploads(HTX)
    assert listed.undone_by == "mai"
    with pytest.raises(Conflict, match="undone already"):
        place.desk.undo(HTX, number, "mai")
    assert place.desk.take_in(path, place.hand(path)).upload.number == 2


def test_taking_back_a_flight_that_only_the_log_told_removes_it(place: Place, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "a.csv", place.whole)
    place.desk.take_in(path, place.hand(path))
    place.compute()
    assert len(place.figures()) == 1
    place.desk.undo(HTX, 1, "mai")
    place.compute()
    assert place.figures() == []


def test_a_log_that_telemetry_has_all_of_is_a_duplicate(place: Place, tmp_path: Path) -> None:
    place.farm.fly(place.whole)
    part = silent(place.whole.take(slice(20, 80)))
    path = as_csv(tmp_path / "part.csv", part)
    receipt = place.desk.take_in(path, place.hand(path))
    assert (receipt.upload.number, receipt.upload.logs[0].outcome) == (0, Outcome.DUPLICATE)


def test_telemetry_that_comes_later_takes_its_place(place: Place, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "a.csv", silent(place.whole))
    place.desk.take_in(path, place.hand(path))
    place.farm.fly(without(place.whole, 60, 119))
    assert len(place.fixes()) == len(place.whole)
    assert place.farm.store.sources(HTX, "d1", *EVER) == [Source(0, len(place.whole) - 60), Source(1, 60)]
    assert len(place.figures()) == 1


def test_a_log_without_work_state_does_not_unspray_a_gap(place: Place, tmp_path: Path) -> None:
    place.farm.fly(without(place.whole, 60, 119))
    track = silent(place.whole).with_columns(on=False, op=Operation.UNKNOWN, flow_lpm=np.nan, swath_m=np.nan)
    path = as_csv(tmp_path / "track.csv", track)
    with pytest.raises(FlightLogError, match="does not tell when the implement was on"):
        place.desk.take_in(path, place.hand(path))
    assert place.farm.registry.uploads(HTX) == []


def test_a_log_of_another_place_is_another_drones(place: Place, tmp_path: Path) -> None:
    place.farm.fly(without(place.whole, 60, 119))
    path = as_csv(tmp_path / "far.csv", silent(place.whole.with_columns(lat_deg=place.whole.lat_deg + 0.01)))
    with pytest.raises(FlightLogError, match=r"1,11\d m away from where this log says"):
        place.desk.take_in(path, place.hand(path))
    assert place.desk.take_in(path, place.hand(path, "d2")).upload.logs[0].outcome is Outcome.ADDED


def test_whose_log_it_is_has_to_be_told(place: Place, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "a.csv", place.whole.with_columns(device="strange"))
    with pytest.raises(FlightLogError, match="names 'strange', which is no registered drone"):
        place.desk.take_in(path, place.hand(path))
    with pytest.raises(FlightLogError, match="no drone 'd9' is registered"):
        place.desk.take_in(path, place.hand(path, "d9"))
    assert place.desk.take_in(path, place.hand(path, "d2")).upload.logs[0].device == "d2"


def test_a_bad_file_is_refused_with_its_line_under_its_own_name(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "xyz.csv"
    path.write_text("device,ts,lat,lon\nd1,never,9.28,105.7\n")
    with pytest.raises(FlightLogError, match=r"^bay\.csv: .*(line|row) ?2") as caught:
        place.desk.take_in(path, Handed(HTX, "lan", "bay.csv"))
    assert str(tmp_path) not in str(caught.value)
    empty = tmp_path / "empty.csv"
    empty.touch()
    with pytest.raises(FlightLogError, match="the file is empty"):
        place.desk.take_in(empty, place.hand(empty))


def test_fixes_of_no_possible_time_are_left_out(place: Place, tmp_path: Path) -> None:
    times = place.whole.ts_ms.copy()
    times[:5] = NOW_MS + HOUR_MS
    path = as_csv(tmp_path / "a.csv", place.whole.with_columns(ts_ms=times))
    assert sum(log.fixes for log in place.desk.take_in(path, place.hand(path)).upload.logs) == len(place.whole) - 5


def test_an_upload_is_kept_although_nobody_computes(place: Place, tmp_path: Path) -> None:
    def away() -> object:
        raise BrokerUnavailable("no broker")

    asking = BusAsker(away)  # type: ignore[arg-type]
    it = Uploading(
        place.farm.registry, place.farm.store, place.farm.registry, place.desk.clock, place.desk.read, asking
    )
    path = as_csv(tmp_path / "a.csv", place.whole)
    kept = it.take_in(path, place.hand(path)).upload
    assert (kept.number, kept.told) == (1, False)
    assert not place.farm.registry.upload(HTX, 1).told
    assert place.desk.ask(kept).told
    assert place.farm.registry.upload(HTX, 1).told


def test_the_geo_service_is_asked_as_ingest_asks_it() -> None:
    class Acknowledged:
        def wait(self, timeout_s: float) -> bool:
            return timeout_s > 0

    class Bus:
        def __init__(self) -> None:
            self.sent: list[tuple[str, bytes]] = []

        def publish(self, topic: str, payload: bytes) -> Delivery:
            self.sent.append((topic, payload))
            return Acknowledged()

        def close(self) -> None:
            self.sent.append(("closed", b""))

    bus = Bus()
    asker = BusAsker(lambda: bus)  # type: ignore[arg-type, return-value]
    asker.ask(HTX, "d1", 5, 9)
    asker.close()
    (topic, payload), closed = bus.sent
    assert topic == f"canhdong/v1/{HTX}/flights/closed"
    told = {"cooperative": HTX, "device": "d1", "start_ms": 5, "end_ms": 9, "reason": "upload"}
    assert json.loads(payload) == told
    assert closed[0] == "closed"


def test_uploads_are_counted_by_cooperative(place: Place, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "a.csv", place.whole)
    place.desk.take_in(path, place.hand(path))
    for other in ("htx-b", "nobody"):
        assert place.farm.registry.uploads(other) == []
        with pytest.raises(NotFound):
            place.farm.registry.upload(other, 1)
        with pytest.raises(NotFound):
            place.farm.registry.undo_upload(other, 1, "x", 1)
        assert place.farm.registry.uploaded(other, "d1", *EVER) == []
