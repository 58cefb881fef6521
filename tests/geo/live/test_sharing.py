from __future__ import annotations

import json

from geo.live.sharing import BEAT_MS, GONE_MS, Workers

DRONES = [("htx", f"d{k}") for k in range(60)]
LATER = 100_000


def _told(names: list[str], now_ms: int) -> dict[str, Workers]:
    """Workers that have all heard each other just now."""
    workers = {name: Workers(name, 0) for name in names}
    for worker in workers.values():
        for name in names:
            worker.hear(json.dumps({"worker": name}).encode(), now_ms)
    return workers


def _owners(workers: dict[str, Workers], now_ms: int) -> dict[tuple[str, str], list[str]]:
    return {drone: [n for n, w in workers.items() if w.mine(*drone, now_ms)] for drone in DRONES}


def test_each_drone_belongs_to_exactly_one_worker_and_all_have_some() -> None:
    owners = _owners(_told(["a", "b", "c"], LATER), LATER)
    assert all(len(names) == 1 for names in owners.values())
    assert {names[0] for names in owners.values()} == {"a", "b", "c"}


def test_only_the_drones_of_a_dead_worker_move_and_they_move_within_half_a_minute() -> None:
    workers = _told(["a", "b", "c"], LATER)
    before = _owners(workers, LATER)
    dead = workers.pop("b")
    now_ms = LATER + GONE_MS + 1
    for worker in workers.values():
        for name in workers:
            worker.hear(json.dumps({"worker": name}).encode(), now_ms)
    after = _owners(workers, now_ms)
    assert dead.name == "b"
    assert all(len(names) == 1 for names in after.values())
    assert all(after[drone] == names for drone, names in before.items() if names != ["b"])
    assert GONE_MS + BEAT_MS < 30_000


def test_a_worker_that_says_goodbye_is_gone_at_once() -> None:
    workers = _told(["a", "b"], LATER)
    workers["a"].hear(workers["b"].farewell(), LATER)
    assert all(workers["a"].mine(*drone, LATER) for drone in DRONES)


def test_a_new_worker_waits_until_it_can_have_heard_of_the_others() -> None:
    worker = Workers("a", LATER)
    assert not worker.mine("htx", "d1", LATER + BEAT_MS)
    assert worker.mine("htx", "d1", LATER + 2 * BEAT_MS)


def test_beats_come_every_three_seconds_and_rubbish_is_passed_over() -> None:
    worker = Workers("a", 0)
    assert worker.beat(0) is not None
    assert worker.beat(BEAT_MS - 1) is None
    assert worker.beat(BEAT_MS) is not None
    for rubbish in (b"", b"[]", b"{}", b'{"worker": 7}', b"\xff", b"[" * 100_000):
        worker.hear(rubbish, 0)
    assert worker.alive(0) == ["a"]
