"""A hostile device: ingest tells of every act with the right reason, and whoever is beside it loses nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.errors import ConfigError
from core.model.land import Cooperative, Device, DeviceKind
from core.model.samples import Fix
from core.model.traffic import RawMessage
from ingest import codecs
from ingest.codecs import native_json
from ingest.dispatch import filters, matches
from simulators.sending.hostile import CONFLICT, DUPLICATE, EXPECTED, FLAGGED, NASTY, STORED, UNHEARD, hostile
from simulators.sending.hostileacts import ACTS
from simulators.sending.outgoing import shifted
from simulators.specs import Hostile
from tests.ingest.samples import COOPERATIVE, DRONE, FIXES, T0, a_fix
from tests.ingest.test_service import Bench

OTHER = "htx-2"
NOW_MS = T0 + 3_600_000
HEARD = filters(list(codecs.codecs()))
MOST_BYTES = 1 << 20
"""Of a broker of ours: what is longer never reaches ingest."""


def acts(*kinds: str, count: int = 6, seed: int = 1) -> list[RawMessage]:
    """Messages of so many acts as they are sent, the last at the wall clock of the bench."""
    spec = Hostile(acts_per_min=60.0, kinds=list(kinds))
    stream = hostile(spec, COOPERATIVE, OTHER, NOW_MS - count * 1_000, NOW_MS, np.random.default_rng(seed))
    assert (stream.device, stream.cooperative) == ("hostile-01", COOPERATIVE)
    samples = shifted(stream, 0).samples
    return [m for m in samples if isinstance(m, RawMessage)] if isinstance(samples, list) else []


class Farm(Bench):
    """Ingest with a good drone, a hostile one, and another cooperative that has a drone, too."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.registry.add_device(Device("hostile-01", COOPERATIVE, DeviceKind.DRONE))
        self.registry.add_cooperative(Cooperative(OTHER, "HTX 2"))
        self.registry.add_device(Device("drone-01", OTHER, DeviceKind.DRONE))
        self.good = 0

    def take(self, messages: Sequence[RawMessage]) -> int:
        """Deliver what a broker would, a fix of the good drone before every message; how many were heard."""
        heard = [m for m in messages if any(matches(wanted, m.topic) for wanted in HEARD)]
        for message in heard:
            self.bus.deliver(FIXES, native_json.encode([a_fix(self.good, seq=self.good)]))
            self.good += 1
            self.bus.deliver(message.topic, message.payload)
        self.done(2 * len(heard))
        return len(heard)

    def content(self, device: str) -> list[Fix]:
        return list(self.store.fixes(COOPERATIVE, device, -(2**62), 2**62).rows())


@pytest.mark.parametrize("kind", ACTS)
def test_every_act_is_told_of_and_the_good_drone_loses_nothing(tmp_path: Path, kind: str) -> None:
    messages = acts(kind)
    assert all(len(m.payload) <= MOST_BYTES for m in messages)
    expected = EXPECTED[kind]
    with Farm(tmp_path).running() as farm:
        assert isinstance(farm, Farm)
        heard = farm.take(messages)
    counters = farm.service.counters
    reasons = Counter(letter.reason for letter in farm.letters.kept)
    assert [f.seq for f in farm.content(DRONE)] == list(range(farm.good))
    assert farm.store.content(OTHER) == set()
    mine = len(farm.content("hostile-01"))
    if expected == UNHEARD:
        assert (heard, mine) == (0, 0)
    elif expected in {STORED, FLAGGED, DUPLICATE, CONFLICT}:
        assert not reasons
        assert mine > 0
        assert (counters.duplicates > 0) == (expected == DUPLICATE)
        assert (counters.conflicts > 0) == (expected == CONFLICT)
        assert (set(counters.flagged) - {"unknown-field"} != set()) == (expected == FLAGGED)
    else:
        assert set(reasons) == {expected}
        assert reasons[expected] == heard == len(messages)
        assert mine == 0
        assert [letter.payload for letter in farm.letters.kept] == [m.payload for m in messages]


def test_all_kinds_together(tmp_path: Path) -> None:
    messages = acts(count=2 * len(ACTS))
    with Farm(tmp_path).running() as farm:
        assert isinstance(farm, Farm)
        heard = farm.take(messages)
    wanted = {reason for reason in EXPECTED.values() if reason not in {STORED, FLAGGED, DUPLICATE, CONFLICT, UNHEARD}}
    assert set(farm.letters.counts()) == wanted
    assert heard < len(messages)
    assert [f.seq for f in farm.content(DRONE)] == list(range(farm.good))
    assert farm.store.content(OTHER) == set()


def test_nasty_names_are_kept_to_the_letter(tmp_path: Path) -> None:
    with Farm(tmp_path).running() as farm:
        assert isinstance(farm, Farm)
        farm.take(acts("injected-names", count=60))
    found = farm.content("hostile-01")
    assert {name for f in found for name in (f.boot, f.job, f.flight)} == set(NASTY)


def test_all_kinds_come_in_every_round_at_the_rate_of_the_spec() -> None:
    spec = Hostile(acts_per_min=30.0)
    start, end = NOW_MS, NOW_MS + 4_000 * len(ACTS)
    stream = hostile(spec, COOPERATIVE, OTHER, start, end, np.random.default_rng(1))
    times = [m.ts_ms for m in stream.samples] if isinstance(stream.samples, list) else []
    assert times == sorted(times)
    assert start <= times[0] <= times[-1] <= end
    messages = [m for m in stream.samples if isinstance(m, RawMessage)] if isinstance(stream.samples, list) else []
    topics = Counter(m.topic for m in messages)
    assert topics[f"canhdong/v1/{OTHER}/drones/hostile-01/telemetry"] == 2
    assert topics[f"canhdong/v1/{COOPERATIVE}/drones/hostile-01/rubbish"] == 2
    assert sum(m.retain for m in messages) == 2
    assert sum(len(m.payload) for m in messages) < 10_000_000


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert acts(count=80, seed=3) == acts(count=80, seed=3)
    assert acts(count=80, seed=3) != acts(count=80, seed=4)


def test_every_kind_has_an_expectation_and_the_spec_is_checked() -> None:
    assert set(ACTS) == set(EXPECTED)
    with pytest.raises(ConfigError, match="no kind sing; there are wrong-device"):
        acts("sing")
    with pytest.raises(ConfigError, match="another cooperative"):
        hostile(Hostile(cooperative=OTHER), COOPERATIVE, OTHER, 0, 1_000, np.random.default_rng(1))
    quiet = hostile(Hostile(acts_per_min=0.0), COOPERATIVE, OTHER, 0, 100_000, np.random.default_rng(1))
    assert quiet.samples == []
