"""`canhdong simulate` to a file: without a broker, and without a trace on the platform."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shapely import box
from shapely.geometry import mapping

from cli.main import main
from core.model.fixtable import FixTable
from core.model.traffic import RawMessage
from storage.runs import read_run, read_truth, truth_path
from tests.support.processes import free_port

START_MS = 1_772_409_600_000  # 2 March 2026, 07:00 in Vietnam
SMALL = """
title_vi = "Nhỏ"
title_en = "Small"
start = 2026-03-02T07:00:00+07:00
hours = 0.25

[[cooperatives]]
id = "a"
name = "HTX A"
land = { count = 3 }
fleets = [{ count = 2 }]
sensors = [{ kind = "weather", every_s = 60.0 }, { kind = "water_level", format = "chirpstack_v4/em500-swl" }]

[[cooperatives]]
id = "b"
name = "HTX B"
land = { count = 2, lat = 9.4 }
fleets = [{ model = "DJI Agras T25", op = "sow", dose = 80.0 }]
"""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the platform would keep its data; no broker answers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CANHDONG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CANHDONG_MQTT_URL", f"mqtt://127.0.0.1:{free_port()}")
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    return tmp_path / "data"


def _simulated(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    code = main(["simulate", *words, "--json"])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    return json.loads(printed.out)


def _refused(capsys: pytest.CaptureFixture[str], *words: str, code: int = 2) -> str:
    assert main(["simulate", *words]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


# --- what there is


def test_scenarios_are_listed_in_both_languages(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--list"]) == 0
    told = capsys.readouterr().out
    for words in ("bac-lieu", "86", "Kịch bản", "Trình diễn: sáu máy bay", "Demonstration: six drones"):
        assert words in told
    assert not data.exists()


def test_scenarios_are_listed_for_programs(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {row["name"]: row for row in _simulated(capsys, "--list")}
    assert {"demo", "bac-lieu", "month"} <= set(found)
    assert all(set(row) == {"name", "title_vi", "title_en"} for row in found.values())


# --- to a file


@pytest.mark.parametrize("name", ["run.jsonl", "run.parquet"])
def test_a_file_needs_no_broker_and_leaves_the_platform_alone(
    data: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    told = _simulated(capsys, "small.toml", "--out", name)
    assert told["file"] == name
    assert told["truth"] == "run.truth.parquet"
    assert (told["scenario"], told["seed"], told["cooperatives"], told["plots"]) == ("small", 1, 2, 5)
    assert told["devices"] == 5
    assert told["flights"] >= 3
    assert told["simulated_s"] == 900.0
    assert not data.exists()
    run, truth = read_run(Path(name)), read_truth(Path(name))
    assert (run.name, run.seed, run.start_ms) == ("small", 1, START_MS)
    assert [c.cooperative for c in run.cooperatives] == ["a", "b"]
    assert {d.device for d in run.devices} == {"drone-01", "drone-02", "weather-01", "water-01"}
    assert len(run.plots) == 5
    area_m2 = sum(plot.declared_area_m2 or 0.0 for plot in run.plots)
    assert 0.05 * area_m2 < told["sprayed_m2"] < 1.2 * area_m2
    assert set(truth.cooperative.labels) == {"a", "b"}


def test_the_truth_is_of_the_same_drones(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _simulated(capsys, "small.toml", "--out", "run.parquet")
    run, truth = read_run(Path("run.parquet")), read_truth(Path("run.parquet"))
    told = {
        (stream.cooperative, stream.device, boot)
        for stream in run.streams
        if isinstance(stream.samples, FixTable)
        for boot in stream.samples.boot.values()
    }
    columns = (truth.cooperative, truth.device, truth.boot)
    assert set(zip(*(column.values() for column in columns), strict=True)) <= told


def test_the_seed_decides_and_nothing_else(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = dict(zip("wxyz", ("1", "1", "7", None), strict=True))
    for name, seed in files.items():
        words = ["--seed", seed] if seed else []
        assert _simulated(capsys, "small.toml", "--out", f"{name}.jsonl", *words)["seed"] == int(seed or 1)
    runs = {name: Path(f"{name}.jsonl").read_bytes() for name in files}
    truths = {name: truth_path(Path(f"{name}.jsonl")).read_bytes() for name in files}
    assert runs["w"] == runs["x"] == runs["z"] != runs["y"]
    assert truths["w"] == truths["x"] == truths["z"] != truths["y"]


def test_time_is_the_scenarios_own(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _simulated(capsys, "small.toml", "--out", "run.jsonl")
    (stream,) = read_run(Path("run.jsonl")).streams
    assert isinstance(stream.samples, list)
    times = [m.ts_ms for m in stream.samples if isinstance(m, RawMessage)]
    assert START_MS <= times[0] < START_MS + 60_000
    assert times == sorted(times)
    assert times[-1] < START_MS + 3_600_000


def test_a_file_is_replaced_only_when_asked(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("run.jsonl").write_text("mine", encoding="utf-8")
    assert "run.jsonl is there already; --force" in _refused(capsys, "small.toml", "--out", "run.jsonl")
    assert Path("run.jsonl").read_text(encoding="utf-8") == "mine"
    _simulated(capsys, "small.toml", "--out", "run.jsonl", "--force")
    assert len(read_run(Path("run.jsonl")).plots) == 5


def test_a_truth_is_replaced_only_when_asked(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That of run.parquet has the name of that of run.jsonl."""
    Path("run.truth.parquet").write_text("mine", encoding="utf-8")
    assert "run.truth.parquet is there already" in _refused(capsys, "small.toml", "--out", "run.jsonl")
    assert Path("run.truth.parquet").read_text(encoding="utf-8") == "mine"


def test_a_file_that_cannot_be_is_told_before_anybody_flies(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no folder" in _refused(capsys, "small.toml", "--out", "no/such/run.parquet")
    Path("folder").mkdir()
    assert "is a folder" in _refused(capsys, "small.toml", "--out", "folder", "--force")


# --- variations


def test_a_field_file_takes_the_place_of_the_first_cooperatives_land(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feature = {"type": "Feature", "properties": {"plot": "own"}, "geometry": mapping(box(105.7, 9.3, 105.702, 9.301))}
    document = {"type": "FeatureCollection", "features": [feature]}
    Path("own.geojson").write_text(json.dumps(document), encoding="utf-8")
    words = ("--plots", "own.geojson", "--drones", "1", "--swath", "5", "--cooperative", "mine")
    told = _simulated(capsys, "small.toml", "--out", "run.parquet", *words)
    assert (told["plots"], told["devices"]) == (3, 4)
    run = read_run(Path("run.parquet"))
    assert [(p.cooperative, p.plot) for p in run.plots if p.cooperative == "mine"] == [("mine", "own")]
    drones = {(d.cooperative, d.swath_m) for d in run.devices if d.device == "drone-01"}
    assert drones == {("mine", 5.0), ("b", 5.0)}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no-such"], "no scenario is called 'no-such'; there are bac-lieu"),
        (["small.toml", "--speed", "-1"], "--speed -1"),
        (["small.toml", "--speed", "nan"], "--speed nan"),
        (["small.toml", "--seed", "-1"], "--seed -1"),
        (["small.toml", "--backfill", "0"], "--backfill 0"),
        (["small.toml", "--drones", "0"], "--drones 0"),
        (["small.toml", "--swath", "0"], "--swath 0"),
        (["small.toml", "--cooperative", "Hòa Bình"], "no identifier"),
        (["small.toml", "--cooperative", "province"], "platform's own"),
        (["small.toml", "--cooperative", "b"], "--cooperative b"),
    ],
)
def test_wrong_use_is_told(data: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert said in _refused(capsys, *words, "--out", "run.jsonl")
    assert not Path("run.jsonl").exists()


def test_speed_and_max_exclude_each_other(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", "small.toml", "--speed", "5", "--max"])
    assert ended.value.code == 2
    assert "not allowed with" in capsys.readouterr().err


def test_without_a_broker_it_fails_and_says_so(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "broker" in _refused(capsys, "small.toml", "--max", code=1)
