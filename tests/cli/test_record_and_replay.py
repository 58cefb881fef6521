"""`canhdong record`, and `canhdong replay` of logs, runs and recordings, on a real broker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from shapely import Polygon

from cli.main import main
from core.model.fixtable import FixTable
from core.model.land import Cooperative, Device, DeviceKind
from core.model.samples import Event, Fix
from core.model.traffic import RawMessage, Run, Sending, Stream
from geo.projection import LocalPlane, geodesic_area_m2
from ingest.codecs import native_json
from messaging.mqtt import MqttBus, parse_url
from simulators.replaying.recording import save_run
from simulators.replaying.resending import recorded
from storage.runs import read_run, write_run
from tests.cli.conftest import Run as Command
from tests.support import rectangle
from tests.support.processes import ROOT
from tests.support.servers import running_broker

T0_MS = 1_764_020_000_000
TELEMETRY = "canhdong/v1/htx-7/drones/t40/telemetry"
PLOT = rectangle.plot("htx-7")


def spraying() -> Run:
    """A run of a drone that sprays the rectangle: its second half arrives late, a part of it twice."""
    fixes = rectangle.flight("t40", T0_MS)
    lat, lon = np.round(fixes.lat_deg, 7), np.round(fixes.lon_deg, 7)
    fixes = fixes.with_columns(lat_deg=lat, lon_deg=lon, flow_lpm=np.round(fixes.flow_lpm, 3))
    n = len(fixes)
    first = np.array([*range(0, n, 10), 20, 30])
    due = np.maximum.accumulate(np.array([*fixes.ts_ms[::10].tolist(), 0, 0]) + 5_000)
    stream = Stream("t40", DeviceKind.DRONE, fixes, cooperative="htx-7")
    scheduled = Stream(
        *(stream.device, stream.kind, fixes, False, "htx-7", Sending(due, first, np.minimum(first + 10, n)))
    )
    cooperative, device = Cooperative("htx-7", "HTX 7"), Device("t40", "htx-7", DeviceKind.DRONE, swath_m=7.0)
    return Run("day", 3, T0_MS, (scheduled,), (cooperative,), (device,), (PLOT,))


@pytest.fixture
def broker(tmp_path: Path, run: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    with running_broker("mosquitto", tmp_path / "broker") as port:
        monkeypatch.setenv("CANHDONG_MQTT_URL", f"mqtt://127.0.0.1:{port}")
        yield port


@contextmanager
def recording(out: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A recording that listens; it is awaited at the end."""
    command = [sys.executable, "-m", "cli.main", "record", str(out), *options]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "ready" in line, line + process.stderr.read()
        try:
            yield process
            process.communicate(timeout=30.0)
        finally:
            process.kill()


def told(path: Path) -> list[tuple[str, bytes, bool, int]]:
    return [(m.topic, m.payload, m.retain, m.qos) for m in recorded(read_run(path))]


def fixes_of(path: Path) -> list[Fix]:
    decoded = [
        native_json.decode(m.topic, m.payload) for m in recorded(read_run(path)) if m.topic.endswith("telemetry")
    ]
    return [s for one in decoded for s in one.samples if isinstance(s, Fix)]


# --- area and log


@pytest.mark.parametrize("name", ["day.parquet", "day.jsonl"])
def test_area_and_log_read_a_run_like_any_log(run: Command, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    save_run(path, spraying())
    code, area, _ = run("area", str(path), "--json")
    assert code == 0
    (plot,) = area["plots"]
    assert plot["plot"] == "rect-1"
    assert plot["net_m2"] == pytest.approx(rectangle.AREA_M2, rel=2e-4)
    assert area["volume_l"] == pytest.approx(rectangle.VOLUME_L, rel=1e-3)
    assert area["rejected"] == {"repeat": 20}
    code, log, _ = run("log", str(path), "--json")
    assert (code, log["format"], log["plots"]) == (0, "canhdong-run", 1)
    assert [(it["name"], it["device"], it["rejected"]) for it in log["logs"]] == [("b1", "t40", {})]


def test_both_files_of_a_run_have_the_same_area_to_the_last_digit(run: Command, tmp_path: Path) -> None:
    areas = []
    for name in ("day.parquet", "day.jsonl"):
        save_run(tmp_path / name, spraying())
        areas.append(run("area", str(tmp_path / name), "--json")[1]["plots"])
    assert areas[0] == areas[1]


def test_a_damaged_line_of_a_recording_is_told_and_hides_nothing(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    save_run(path, spraying())
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([*lines[:4], b"damaged", *lines[4:]]))
    code, area, said = run("area", str(path), "--json")
    assert code == 0
    assert "line 5: no message" in said
    assert area["plots"][0]["net_m2"] == pytest.approx(rectangle.AREA_M2, rel=2e-4)


# --- record


def test_record_replay_record_gives_the_same(run: Command, broker: int, tmp_path: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    raw = [
        RawMessage(T0_MS + i, f"canhdong/v1/htx-7/drones/t40/{leaf}", payload, retain, qos)
        for i, (leaf, payload, retain, qos) in enumerate(
            [
                ("telemetry", b"\xff\x00", False, 1),
                ("telemetry", '{"ts": 1, "thửa": "ruộng"}'.encode(), False, 2),
                ("status", b"here", True, 1),
                ("events", b"", False, 0),
            ]
        )
    ]
    save_run(tmp_path / "made.jsonl", Run("made", -1, T0_MS, (Stream("", DeviceKind.DRONE, raw),)))
    options = ("--speed", "0", "--no-register")
    with recording(first, "--topic", "#", "--messages", "4"):
        assert run("replay", str(tmp_path / "made.jsonl"), *options)[0] == 0
    assert told(first) == [(m.topic, m.payload, m.retain, m.qos) for m in raw]
    with MqttBus(parse_url(f"mqtt://127.0.0.1:{broker}"), "sweep") as bus:
        assert bus.publish(raw[2].topic, b"", retain=True).wait(10.0)
    with recording(second, "--topic", "#", "--messages", "4"):
        code, published, _ = run("replay", str(first), *options, "--json")
    assert (code, published["messages"]) == (0, 4)
    assert told(second) == told(first)


def test_by_default_what_ingest_reads_is_recorded_until_ctrl_c(broker: int, tmp_path: Path) -> None:
    out = tmp_path / "rec.jsonl"
    with recording(out) as process, MqttBus(parse_url(f"mqtt://127.0.0.1:{broker}"), "send") as bus:
        for topic in (TELEMETRY, "nobody/reads/this", "application/1/device/a8/event/up"):
            assert bus.publish(topic, b"{}").wait(10.0)
        while out.read_bytes().count(b"\n") < 3:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(20.0) == 0
    assert [topic for topic, *_ in told(out)] == [TELEMETRY, "application/1/device/a8/event/up"]
    header = json.loads(out.read_text(encoding="utf-8").splitlines()[0])
    assert header["notes"]["broker"] == f"mqtt://127.0.0.1:{broker}"


def test_a_recording_ends_after_some_seconds(run: Command, broker: int, tmp_path: Path) -> None:
    out = tmp_path / "rec.jsonl"
    code, recorded_, _ = run("record", str(out), "--seconds", "0.3", "--json")
    assert (code, recorded_["messages"]) == (0, 0)
    assert recorded_["wall_s"] >= 0.3
    assert read_run(out).streams == ()


def test_a_file_that_is_there_is_not_written_over(run: Command, broker: int, tmp_path: Path) -> None:
    out = tmp_path / "rec.jsonl"
    out.write_text("mine", encoding="utf-8")
    code, _, said = run("record", str(out), "--seconds", "0.1")
    assert (code, out.read_text(encoding="utf-8")) == (2, "mine")
    assert "--force" in said
    assert run("record", str(out), "--seconds", "0.1", "--force")[0] == 0
    assert read_run(out).name == "rec"


def test_a_recording_is_named_jsonl(run: Command, tmp_path: Path) -> None:
    code, _, said = run("record", str(tmp_path / "rec.parquet"))
    assert code == 2
    assert ".jsonl" in said


# --- replay


def _replayed(run: Command, out: Path, messages: int, *words: str) -> list[Fix]:
    """The fixes of so many messages that a replay sends."""
    with recording(out, "--messages", str(messages), "--topic", "canhdong/v1/+/drones/+/telemetry"):
        code, _, said = run("replay", *words, "--speed", "0", "--no-register")
        assert code == 0, said
    return fixes_of(out)


def test_a_run_is_replayed_like_a_log_and_registered(run: Command, broker: int, tmp_path: Path) -> None:
    path = tmp_path / "day.parquet"
    write_run(path, spraying())
    code, published, _ = run("replay", str(path), "--speed", "0", "--json", "--cooperative", "htx")
    assert (code, published["fixes"]) == (0, len(rectangle.flight("t40", 0)) + 20)
    assert "replay-t40" in run("devices", "list", "htx")[1]
    assert "rect-1" in run("plots", "list", "--cooperative", "htx")[1]


def test_a_recording_is_sent_as_it_is_and_its_senders_registered(run: Command, broker: int, tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    save_run(path, spraying())
    sent = recorded(read_run(path))
    out = tmp_path / "out.jsonl"
    with recording(out, "--messages", str(len(sent))):
        assert run("replay", str(path), "--speed", "0")[0] == 0
    assert told(out) == [(m.topic, m.payload, m.retain, m.qos) for m in sent]
    assert "t40" in run("devices", "list", "htx-7")[1]


def test_a_loop_dates_each_round_on_with_boots_of_its_own(run: Command, broker: int, tmp_path: Path) -> None:
    path = tmp_path / "day.parquet"
    run_ = spraying()
    table = run_.streams[0].samples
    assert isinstance(table, FixTable)
    events: list[Event] = []
    few = Stream("t40", DeviceKind.DRONE, table.take(slice(0, 20)))
    write_run(path, Run("few", 1, T0_MS, (few, Stream("t40", DeviceKind.DRONE, events))))
    fixes = _replayed(run, tmp_path / "out.jsonl", 6, str(path), "--loop", "3", "--shift-time", "+1d")
    boots = [fix.boot for fix in fixes]
    assert list(dict.fromkeys(boots)) == ["b1", "b1 #2", "b1 #3"]
    rounds = [np.array([f.ts_ms for f in fixes if f.boot == boot]) for boot in dict.fromkeys(boots)]
    assert rounds[0].tolist() == (table.ts_ms[:20] + 86_400_000).tolist()
    for one, following in pairwise(rounds):
        assert following[0] > one[-1]
        np.testing.assert_array_equal(np.diff(one), np.diff(following))


def test_a_log_moves_rigidly_and_its_plots_with_it(run: Command, broker: int, tmp_path: Path) -> None:
    path = tmp_path / "day.parquet"
    write_run(path, spraying())
    with recording(tmp_path / "out.jsonl", "--topic", "canhdong/v1/+/drones/+/telemetry", "--messages", "27"):
        code, _, said = run("replay", str(path), "--speed", "0", "--shift-place", "106.5,21.1", "--cooperative", "htx")
        assert code == 0, said
    fixes = fixes_of(tmp_path / "out.jsonl")
    original = rectangle.flight("t40", T0_MS)
    assert (fixes[0].lon_deg, fixes[0].lat_deg) == (106.5, 21.1)
    here, there = LocalPlane.centred(105.725, 9.285), LocalPlane.centred(106.5, 21.1)
    x0, y0 = here.xy(np.round(original.lon_deg[:200], 7), np.round(original.lat_deg[:200], 7))
    moved = {f.ts_ms: f for f in fixes}
    ordered = [moved[ts] for ts in sorted(moved)][:200]
    x1, y1 = there.xy(np.array([f.lon_deg for f in ordered]), np.array([f.lat_deg for f in ordered]))
    np.testing.assert_allclose(x1 - x1[0], x0 - x0[0], atol=5e-4)
    np.testing.assert_allclose(y1 - y1[0], y0 - y0[0], atol=5e-4)
    out = tmp_path / "plots.geojson"
    assert run("plots", "export", str(out), "--crs", "EPSG:4326", "--cooperative", "htx")[0] == 0
    (feature,) = json.loads(out.read_text(encoding="utf-8"))["features"]
    area_m2 = geodesic_area_m2(Polygon(feature["geometry"]["coordinates"][0]))
    assert area_m2 == pytest.approx(geodesic_area_m2(PLOT.boundary), rel=1e-5)


def test_a_recording_is_dated_and_placed_anew_where_it_can_be(run: Command, broker: int, tmp_path: Path) -> None:
    fix = Fix("t40", T0_MS, 9.2, 105.7, 1, "b1")
    raw = [
        RawMessage(T0_MS + 5, TELEMETRY, native_json.encode([fix])),
        RawMessage(T0_MS + 6, "application/1/device/a8/event/up", b'{"time": "2026"}'),
    ]
    path, out = tmp_path / "rec.jsonl", tmp_path / "out.jsonl"
    save_run(path, Run("rec", -1, T0_MS, (Stream("", DeviceKind.DRONE, raw),)))
    with recording(out, "--messages", "4", "--topic", "#"):
        code, _, said = run(
            *("replay", str(path), "--speed", "0", "--no-register", "--loop", "2"),
            *("--shift-time", "2026-11-26T07:00", "--shift-place-by", "0,1000"),
        )
    assert code == 0
    assert "2 messages on 1 topics are not of our own JSON" in said
    one, two = fixes_of(out)
    assert one.ts_ms == 1_795_651_200_000  # 2026-11-26 07:00 in Vietnam
    assert one.lat_deg == pytest.approx(9.2 + 1_000.0 / 110_600.0, abs=1e-5)
    assert one.lon_deg == pytest.approx(105.7, abs=1e-6)
    assert two.ts_ms > one.ts_ms
    assert (one.boot, two.boot) == ("b1", "b1 #2")
    assert [payload for topic, payload, *_ in told(out) if topic.startswith("app")] == [raw[1].payload] * 2


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--shift-time", "soon", "duration such as"),
        ("--shift-time", "3x", "duration such as"),
        ("--shift-place", "105.7", "longitude and a latitude"),
        ("--shift-place", "205.7,9", "outside"),
        ("--shift-place-by", "1,x", "metres"),
        ("--loop", "0", "at least one"),
    ],
)
def test_wrong_shifts_are_wrong_use(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, option: str, value: str, says: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["replay", str(tmp_path / "x.jsonl"), option, value])
    assert ended.value.code == 2
    assert says in capsys.readouterr().err
