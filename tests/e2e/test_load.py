"""`canhdong load`: what it says that it sent is what ingest stores, without a gap and without a dead letter."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from storage.intake.sqlite import SqliteIntake
from tests.support.processes import Platform, free_port, platform, wait_for
from tests.support.servers import require_server

ALL = (-(2**62), 2**62)


def test_everything_that_is_acknowledged_is_stored(tmp_path: Path) -> None:
    require_server("mosquitto")
    with platform(tmp_path, "mosquitto", ("ingest",)) as it:
        options = (
            "--drones",
            "40",
            "--rate",
            "5",
            "--seconds",
            "4",
            "--processes",
            "2",
            "--cooperatives",
            "2",
            "--json",
        )
        told = json.loads(it.run("load", *options))
        assert told["offered"] == told["acknowledged"] > 0
        assert (told["unacknowledged_messages"], told["faults"], told["asked_per_s"]) == (0, [], 200.0)
        owners = ("load-01", "load-02")
        with it.stores() as (telemetry, registry):
            assert [len(registry.devices(owner)) for owner in owners] == [20, 20]
            assert registry.device("load-01", "load-00001").swath_m == 7.0

            def stored() -> int:
                devices = [(owner, d.device) for owner in owners for d in registry.devices(owner)]
                return sum(len(telemetry.fixes(owner, device, *ALL)) for owner, device in devices)

            wait_for(lambda: stored() == told["offered"], "all fixes to be stored")
        assert it.dead_letters() == {}
    intake = SqliteIntake(tmp_path / "intake.sqlite")
    pages = [page for owner in owners for page in intake.accounts(owner)]
    intake.close()
    assert len(pages) == 40
    assert sum(page.stored for page in pages) == told["offered"]
    assert {(p.missing, p.duplicates, p.conflicts, p.rejected, p.late) for p in pages} == {(0, 0, 0, 0, 0)}
    assert {p.runs[0][0] for p in pages} == {0}


def test_a_person_reads_what_was_asked_and_reached_and_can_stop_it(tmp_path: Path) -> None:
    require_server("mosquitto")
    with platform(tmp_path, "mosquitto", ()) as it:
        with it.command("load", "--drones", "10", "--seconds", "600", "--no-register") as process:
            assert process.stderr is not None
            for line in process.stderr:
                if "2 s" in line:
                    break
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=40.0)
        assert process.returncode == 0
        assert out == ""
        assert "asked 50/s, reached" in err
        assert "(p99)" in err
        with it.stores() as (_, registry):
            assert registry.cooperatives() == []


def test_without_a_broker_and_with_wrong_numbers(tmp_path: Path) -> None:
    it = Platform(tmp_path, free_port(), free_port())
    with it.command("load", "--drones", "10", "--no-register") as process:
        _, err = process.communicate(timeout=60.0)
    assert process.returncode == 1
    assert "no broker answers" in err
    with it.command("load", "--drones", "0") as process:
        _, err = process.communicate(timeout=60.0)
    assert process.returncode == 2
    assert "--drones 0: give a number above 0" in err
