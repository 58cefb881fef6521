"""``coverage recompute`` and ``coverage verify`` on the command line, with an archive and a registry of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.main import DONE, FAILED, WRONG_USE, main
from tests.support.archived import HTX, Farm, season

Run = Callable[..., tuple[int, Any, str]]
DAYS = ("--from", "2026-11-20", "--to", "2026-11-20")
ALWAYS = (-(2**62), 2**62)


@pytest.fixture
def farm(tmp_path: Path) -> Farm:
    farm = Farm(tmp_path)
    with closing(farm.made()) as ports:
        for it in season():
            ports.archive.put(it)
    return farm


@pytest.fixture
def run(farm: Farm, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command: exit code, stdout (JSON is read), stderr."""
    monkeypatch.setenv("CANHDONG_DATA_DIR", str(farm.folder / "data"))

    def run(*words: str) -> tuple[int, Any, str]:
        code = main(words)
        printed = capsys.readouterr()
        return code, json.loads(printed.out) if "--json" in words and printed.out else printed.out, printed.err

    return run


def figures(farm: Farm) -> str:
    with closing(farm()) as ports:
        flights = sorted(ports.registry.flights(HTX, *ALWAYS), key=lambda f: f.flight)
        held = [ports.registry.coverage(HTX, f.flight) for f in flights]
        return repr((flights, held, ports.registry.job_plots(HTX, "2026-11-20")))


def test_days_are_computed_and_then_done(run: Run, farm: Farm) -> None:
    code, told, err = run("coverage", "recompute", *DAYS, "--json")
    assert (code, told["computed"], told["done_already"], told["failed"]) == (DONE, 5, 0, [])
    assert told["days"] == [{"cooperative": HTX, "day": "2026-11-20", "flights": 5, "to_compute": 5}]
    assert "computing: 5 of 5 flights" in err
    before = figures(farm)
    code, told, _ = run("coverage", "recompute", *DAYS, "--json")
    assert (code, told["computed"], told["done_already"]) == (DONE, 0, 5)
    assert run("coverage", "recompute", *DAYS, "--force", "--json")[1]["computed"] == 5
    assert figures(farm) == before


def test_a_dry_run_does_nothing(run: Run, farm: Farm) -> None:
    before = figures(farm)
    code, told, _ = run("coverage", "recompute", *DAYS, "--dry-run", "--json")
    assert (code, told["dry_run"], told["days"][0]["to_compute"]) == (DONE, True, 5)
    assert "computed" not in told
    assert figures(farm) == before


def test_local_processes_give_what_one_process_gives(run: Run, farm: Farm) -> None:
    assert run("coverage", "recompute", *DAYS, "--workers", "1")[0] == DONE
    before = figures(farm)
    assert run("coverage", "recompute", *DAYS, "--workers", "2", "--force")[0] == DONE
    assert figures(farm) == before


def test_a_table_names_the_days(run: Run) -> None:
    code, told, err = run("coverage", "recompute", *DAYS)
    assert code == DONE
    assert "2026-11-20" in told
    assert "5 flights computed" in err


def test_only_the_cooperative_asked_for(run: Run) -> None:
    assert run("coverage", "recompute", *DAYS, "--cooperative", "htx-b", "--json")[1]["days"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "2026-11-21", "--to", "2026-11-20"), "is before"),
        ((*DAYS, "--workers", "0"), "--workers"),
        ((*DAYS, "--scheduler", "nonsense://x"), "--scheduler"),
    ],
)
def test_wrong_use_is_told_in_a_line(run: Run, words: tuple[str, ...], said: str) -> None:
    if "--scheduler" in words:
        pytest.importorskip("distributed")
    code, _, err = run("coverage", "recompute", *words)
    assert (code, said in err) == (WRONG_USE, True)
    assert len(err.splitlines()) == 1


def test_without_dask_a_scheduler_is_refused_and_processes_work(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    code, _, err = run("coverage", "recompute", *DAYS, "--scheduler", "tcp://127.0.0.1:1")
    assert (code, "canhdong[batch]" in err) == (WRONG_USE, True)
    assert run("coverage", "recompute", *DAYS)[0] == DONE


def test_a_damaged_file_fails_the_run_and_is_named(run: Run, farm: Farm) -> None:
    name = season()[2].flight.flight
    (path,) = (farm.folder / "data" / "archive").rglob(f"{name}.*.parquet")
    path.write_bytes(path.read_bytes()[:-9])
    code, told, err = run("coverage", "recompute", *DAYS, "--json")
    assert (code, told["computed"]) == (FAILED, 4)
    assert path.name in told["failed"][0]["reason"]
    assert path.name in err


@pytest.fixture
def cluster() -> Iterator[str]:
    """A Dask scheduler with two workers, in processes of their own."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made:
        yield made.scheduler_address


@pytest.mark.filterwarnings("default")
def test_dask_gives_what_one_process_gives(run: Run, farm: Farm, cluster: str) -> None:
    assert run("coverage", "recompute", *DAYS)[0] == DONE
    before = figures(farm)
    code, told, _ = run("coverage", "recompute", *DAYS, "--force", "--scheduler", cluster, "--json")
    assert (code, told["computed"]) == (DONE, 5)
    assert figures(farm) == before


def test_what_was_computed_verifies(run: Run) -> None:
    run("coverage", "recompute", *DAYS)
    code, told, _ = run("coverage", "verify", "--all", "--json")
    assert code == DONE
    assert {v["finding"] for v in told["verdicts"]} == {"agrees"}
    assert {v["name"] for v in told["verdicts"]} >= {"J-1", "J-2", season()[0].flight.flight}
    code, told, _ = run("coverage", "verify", "J-1", season()[3].flight.flight, "--json")
    assert (code, len(told["verdicts"])) == (DONE, 2)


def test_a_wrong_figure_is_told_by_how_much(run: Run, farm: Farm) -> None:
    run("coverage", "recompute", *DAYS)
    with closing(farm()) as ports:
        flight = season()[0].flight
        coverage = ports.registry.coverage(HTX, flight.flight)
        wrong = replace(coverage, net_m2=coverage.net_m2 + 0.25)
        ports.registry.save_flights(HTX, flight.device, flight.start_ms, flight.end_ms, [(flight, wrong)])
    code, told, _ = run("coverage", "verify", flight.flight, "--json")
    (verdict,) = told["verdicts"]
    assert (code, verdict["finding"]) == (FAILED, "differs")
    (difference,) = verdict["differences"]
    assert difference["figure"].endswith("net_m2")
    assert difference["by"] == pytest.approx(-0.25)
    code, printed, err = run("coverage", "verify", "--all")
    assert (code, "net_m2" in printed, "-0.25" in printed, "1 do not agree" in err) == (FAILED, True, True, True)


def test_results_of_another_version_are_told_and_no_failure(run: Run, farm: Farm) -> None:
    run("coverage", "recompute", *DAYS)
    with closing(farm()) as ports:
        flight = season()[2].flight
        old = replace(ports.registry.coverage(HTX, flight.flight), algorithm="older 0.9")
        ports.registry.save_flights(HTX, flight.device, flight.start_ms, flight.end_ms, [(flight, old)])
    code, told, _ = run("coverage", "verify", flight.flight, "--json")
    assert (code, told["verdicts"][0]["finding"]) == (DONE, "other-version")


def test_what_nobody_knows_and_nothing_named_are_told(run: Run) -> None:
    code, _, err = run("coverage", "verify", "nobody")
    assert (code, "nobody" in err) == (FAILED, True)
    assert run("coverage", "verify")[0] == WRONG_USE
    assert run("coverage", "verify", "x", "--all")[0] == WRONG_USE
