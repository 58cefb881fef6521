"""Revisions: two equal ones, and nothing was committed in between, by whichever process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.errors import StoreUnavailable
from core.model.land import Plot
from core.registry import Registry
from tests.contracts.backends import REGISTRIES, Backend, each
from tests.contracts.samples import MINE, C, a_plot


@dataclass(frozen=True)
class Two:
    """One database, opened twice: as two processes have it."""

    mine: Registry
    theirs: Registry


@pytest.fixture(params=each(REGISTRIES, durable=True))
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Two]:
    backend: Backend[Registry] = request.param
    with closing(backend.open(tmp_path)) as mine, closing(backend.open(tmp_path)) as theirs:
        mine.add_cooperative(MINE)
        yield Two(mine, theirs)


def test_reading_changes_nothing(two: Two) -> None:
    """Most of the time: a server counts its own housekeeping, too."""

    def stood() -> bool:
        before = two.mine.revision(), two.theirs.revision()
        two.mine.plots(C)
        two.theirs.cooperatives()
        return (two.mine.revision(), two.theirs.revision()) == before

    assert any(stood() for _ in range(10))


def test_a_change_is_seen_by_all_at_once(two: Two) -> None:
    seen = {(two.mine.revision(), two.theirs.revision())}
    for number, writer in enumerate((two.mine, two.theirs, two.mine)):
        writer.put_plot(a_plot(name=f"Thửa {number}"))
        now = two.mine.revision(), two.theirs.revision()
        assert all(now[0] != it[0] and now[1] != it[1] for it in seen)
        seen.add(now)


def test_what_is_read_after_its_revision_is_never_older(two: Two) -> None:
    """The plots at equal revisions are equal, whoever writes in between."""
    known: dict[str, str] = {}
    for number in range(30):
        revision = two.mine.revision()
        told = repr([it.version for it in two.mine.records(Plot, C)])
        assert known.setdefault(revision, told) == told
        if number % 3 == 0:
            two.theirs.put_plot(a_plot(name=f"Thửa {number}"))
    assert len(known) >= 11


def test_a_closed_file_tells_nothing(tmp_path: Path) -> None:
    registry = REGISTRIES[0].open(tmp_path)
    registry.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        registry.revision()
