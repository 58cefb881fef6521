"""``canhdong dashboards backfill``: what the service has written, anew; one that was interrupted goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import following, wiring
from cli.backfilled import DoneParts
from core.model.figures import Figures
from core.model.land import Device, DeviceKind
from core.settings import GeoSettings, load
from geo.recompute import recompute
from tests.cli.conftest import Run
from tests.support import rectangle

HTX, DAY, ALWAYS = "htx", "2026-11-20", (0, 2**42)
START_MS = 1_795_143_600_000
SPAN = ("--from", "2026-11-19", "--to", DAY)


def kept() -> dict[str, list[Figures]]:
    with wiring.stores() as stores:
        found = {name: stores.telemetry.figures(HTX, name, *ALWAYS) for name in ("flight", "coverage", "drone_minute")}
        return found | {"compliance": stores.telemetry.figures("province", "compliance", *ALWAYS)}


@pytest.fixture
def flown(run: Run) -> Run:
    with wiring.stores() as stores:
        stores.registry.put(rectangle.plot(HTX))
        stores.registry.add_device(Device("d1", HTX, DeviceKind.DRONE))
        stores.telemetry.write(HTX, list(rectangle.flight("d1", START_MS).rows()), START_MS)
        done = recompute(stores.telemetry, stores.registry, HTX, "d1", START_MS, START_MS + 1_000)
        following.context_follower(stores, load(GeoSettings)).follow(done)
    return run


def test_days_from_before_there_were_dashboards_are_written(flown: Run) -> None:
    assert all(not rows for rows in kept().values())
    code, out, err = flown("dashboards", "backfill", *SPAN)
    assert (code, out) == (0, "")
    assert "4/4 2026-11-20 province: 2 communes" in err
    assert "1 flights from 2026-11-19 to 2026-11-20" in err
    before = kept()
    assert [len(before[name]) for name in before] == [1, 1, 5, 2]
    assert flown("dashboards", "backfill", *SPAN)[0] == 0
    assert kept() == before
    with wiring.stores() as stores:
        done = recompute(stores.telemetry, stores.registry, HTX, "d1", START_MS, START_MS + 1_000)
        for follower in following.followers(stores, load(GeoSettings)):
            follower.follow(done)
    assert kept() == before


def test_an_interrupted_run_goes_on(flown: Run, tmp_path: Path) -> None:
    file = tmp_path / "data" / "dashboards-backfill.jsonl"
    asked = {"from": "2026-11-19", "to": DAY, "cooperatives": [HTX]}
    progress = DoneParts.opened(file, asked)
    for part in (("2026-11-19", HTX), ("2026-11-19", ""), (DAY, HTX)):
        progress.add(part)
    _, _, err = flown("dashboards", "backfill", *SPAN)
    assert "3 of 4 parts were done" in err
    assert "4/4 2026-11-20 province" in err
    assert kept()["flight"] == []
    assert not file.exists()
    DoneParts.opened(file, asked).add((DAY, HTX))
    assert flown("dashboards", "backfill", *SPAN, "--again")[0] == 0
    assert len(kept()["flight"]) == 1


def test_what_was_asked_for_else_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "parts.jsonl"
    first = DoneParts.opened(file, {"from": "a"})
    first.add(("x", "y"))
    assert DoneParts.opened(file, {"from": "a"}).done() == {("x", "y")}
    assert DoneParts.opened(file, {"from": "b"}).done() == set()
    DoneParts.opened(file, {"from": "b"}).add(("x", "z"))
    with file.open("a") as torn:
        torn.write('["x", "tor')
    assert DoneParts.opened(file, {"from": "b"}).done() == {("x", "z")}
    first.finish()
    first.finish()
    assert not file.exists()


def test_nonsense_is_refused(run: Run) -> None:
    code, _, err = run("dashboards", "backfill", "--from", DAY, "--to", "2026-11-19")
    assert code != 0
    assert "--to 2026-11-19 is before --from 2026-11-20" in err
    code, _, err = run("dashboards", "backfill", *SPAN, "--cooperative", "nobody")
    assert code != 0
    assert "nobody" in err
