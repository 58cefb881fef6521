"""Runs in files: what is written is read, the same run gives the same bytes, and what is damaged is named."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.errors import ConfigError, FlightLogError
from core.model.fixtable import FixTable
from core.model.land import DeviceKind
from core.model.traffic import RawMessage, Run, Stream
from storage.runs import is_run, read_run, write_run
from tests.storage.samples_of_runs import T0_MS, assert_runs, fixes, run, sending


def encode(stream: Stream, samples: Sequence[Any]) -> tuple[str, bytes]:
    return f"{stream.cooperative}/{stream.device}", json.dumps([s.ts_ms for s in samples]).encode()


def raw_of(told: Run) -> list[RawMessage]:
    """The messages of a run that holds nothing else, in one stream."""
    (stream,) = told.streams
    assert isinstance(stream.samples, list)
    messages = [m for m in stream.samples if isinstance(m, RawMessage)]
    assert len(messages) == len(stream.samples)
    return messages


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "run.parquet"
    write_run(path, run())
    return path


def test_a_run_is_read_as_it_was_written(written: Path) -> None:
    assert_runs(read_run(written), run())


def test_the_same_run_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    again, back = tmp_path / "again.parquet", tmp_path / "back.parquet"
    write_run(again, run())
    write_run(back, read_run(written))
    assert again.read_bytes() == written.read_bytes()
    assert back.read_bytes() == written.read_bytes()


def test_another_sample_gives_other_bytes(written: Path, tmp_path: Path) -> None:
    first, *others = run().streams
    assert isinstance(first.samples, FixTable)
    moved = replace(first, samples=first.samples.with_columns(lat_deg=np.round(first.samples.lat_deg + 1e-7, 7)))
    other = tmp_path / "other.parquet"
    write_run(other, replace(run(), streams=(moved, *others)))
    assert other.read_bytes() != written.read_bytes()


def test_rows_are_what_arrives(written: Path) -> None:
    """A row per delivered sample: one that came twice stands twice, under the numbers of both messages."""
    table = pq.read_table(written)
    rows = [row for row in table.to_pylist() if row["device"] == "t40" and row["kind"] == "fix"]
    assert len(rows) == 45
    twice = [row for row in rows if row["sample"] == 10]
    assert len({row["message"] for row in twice}) == 2
    assert len({row["ts_ms"] for row in twice}) == 1
    due = [row["due_ms"] for row in rows]
    assert due == sorted(due)
    numbered = {
        row["message"]: row["due_ms"] or row["ts_ms"] for row in table.to_pylist() if row["message"] is not None
    }
    assert sorted(numbered) == list(range(9 + 2 + 3))
    assert [numbered[k] for k in sorted(numbered)] == sorted(numbered.values())


def test_what_is_not_told_is_null_and_words_are_words(written: Path) -> None:
    rows = [r for r in pq.read_table(written).to_pylist() if r["device"] == "t40" and r["kind"] == "fix"]
    assert [r["height_m"] for r in rows[:5]] == [2.8, 2.801, 2.802, 2.803, None]
    assert [r["quality"] for r in rows[:3]] == ["rtk", "rtk", None]
    assert (rows[6]["seq"], rows[0]["rate_kgpm"], rows[1]["job"], rows[0]["op"]) == (None, None, None, "spray")
    assert rows[3]["sections"] == [
        {"offset_m": -1.5, "width_m": 3.0, "on": True, "flow_lpm": 1.25},
        {"offset_m": 1.5, "width_m": 3.0, "on": False, "flow_lpm": None},
    ]


def test_positions_are_rounded_to_1e_7_degrees_and_numbers_to_1e_3(tmp_path: Path) -> None:
    table = fixes(3).with_columns(lat_deg=[9.12345678912, 9.2, 9.3], speed_mps=[1.23456, np.nan, 2.0])
    path = tmp_path / "run.parquet"
    write_run(path, Run("x", 1, 0, (Stream("t40", DeviceKind.DRONE, table),)))
    (stream,) = read_run(path).streams
    assert isinstance(stream.samples, FixTable)
    assert stream.samples.lat_deg.tolist() == [9.1234568, 9.2, 9.3]
    assert stream.samples.speed_mps[[0, 2]].tolist() == [1.235, 2.0]


def test_what_never_arrives_is_not_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.parquet"
    write_run(path, run(lost=True))
    stream = read_run(path).streams[0]
    assert isinstance(stream.samples, FixTable)
    assert stream.sending is not None
    assert len(stream.samples) == 35
    assert 5 not in stream.samples.seq.tolist()
    arrived = [stream.samples.seq[f:e].tolist() for f, e in zip(stream.sending.first, stream.sending.end, strict=True)]
    told, original = sending(twice=True, lost=True), fixes().seq
    assert arrived == [original[f:e].tolist() for f, e in zip(told.first, told.end, strict=True)]


def test_a_run_without_streams(tmp_path: Path) -> None:
    for name in ("a.parquet", "a.jsonl"):
        write_run(tmp_path / name, Run("leer", -1, 5, ()))
        assert_runs(read_run(tmp_path / name), Run("leer", -1, 5, ()))


def test_a_cut_file_of_parquet_is_refused_by_name(written: Path) -> None:
    written.write_bytes(written.read_bytes()[:-50])
    assert is_run(written)
    with pytest.raises(FlightLogError, match=r"run\.parquet.*damaged"):
        read_run(written)


def test_what_is_a_run_is_told_by_its_content(written: Path, tmp_path: Path) -> None:
    renamed = written.rename(tmp_path / "run.bin")
    assert is_run(renamed)
    other = tmp_path / "other.parquet"
    pq.write_table(pq.read_table(renamed, columns=["ts_ms"]).replace_schema_metadata(None), other)
    assert not is_run(other)
    with pytest.raises(FlightLogError, match="no run"):
        read_run(other)
    text = tmp_path / "text.jsonl"
    text.write_text('{"canhdong": "other"}\n', encoding="utf-8")
    assert not is_run(text)
    assert not is_run(tmp_path / "absent")
    assert not is_run(tmp_path)


# --- JSON lines


def test_lines_hold_every_message_in_order_of_arrival(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write_run(path, run(), encode=encode)
    assert is_run(path)
    back = read_run(path)
    assert_runs(replace(back, streams=()), replace(run(), streams=()))
    messages = raw_of(back)
    at = [m.ts_ms for m in messages]
    assert at == sorted(at)
    raw = raw_of(replace(run(), streams=run().streams[4:5]))
    assert [m for m in messages if m in raw] == raw
    sent = [json.loads(m.payload) for m in messages if m.topic == "htx/t40" and b", " in m.payload]
    told = sending(twice=True)
    ts = fixes().ts_ms
    assert sent == [ts[f:e].tolist() for f, e in zip(told.first, told.end, strict=True)]
    uplinks = [json.loads(m.payload) for m in messages if m.topic == "htx/w1"]
    assert uplinks == [[T0_MS + 600 * i] * 2 for i in range(3)]


def test_lines_say_what_is_not_default_only(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write_run(path, replace(run(), streams=run().streams[4:5]))
    header, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert (header["canhdong"], header["version"], header["name"]) == ("run", 1, "thử")
    assert lines == [
        {"at": T0_MS + 5, "topic": "canhdong/v1/htx/drones/x/telemetry", "payload": '{"dú":1}'},
        {"at": T0_MS + 6, "topic": "a/b", "payload_b64": "/wD+", "retain": True, "qos": 0},
        {"at": T0_MS + 6, "topic": "a/b", "payload": "", "qos": 2},
    ]


def test_lines_of_samples_need_an_encoder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="encoder"):
        write_run(tmp_path / "run.jsonl", run())


@pytest.mark.parametrize(
    "bad",
    [
        b'{"at": 1, "topic": "a"',
        b"not json",
        b'{"at": 1, "topic": "a"}',
        b'{"at": 1, "topic": "a", "payload": "x", "payload_b64": "eA=="}',
        b'{"at": 1, "topic": "a", "payload_b64": "?"}',
        b'{"at": "soon", "topic": "a", "payload": "x"}',
        b'{"at": 1, "topic": "a", "payload": "x", "qos": 3}',
        b"\xff\xfe",
    ],
)
def test_a_damaged_line_is_named_and_hides_no_other(tmp_path: Path, bad: bytes) -> None:
    path = tmp_path / "run.jsonl"
    write_run(path, replace(run(), streams=run().streams[4:5]))
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([*lines[:2], bad, *lines[2:]]) + b"\n")
    problems: list[str] = []
    (stream,) = read_run(path, problems.append).streams
    assert stream.samples == run().streams[4].samples
    assert len(problems) == 1
    assert problems[0].startswith("line 3: ")
    with pytest.raises(FlightLogError, match=r"run\.jsonl: line 3"):
        read_run(path)


def test_a_file_that_breaks_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write_run(path, replace(run(), streams=run().streams[4:5]))
    path.write_bytes(path.read_bytes()[:-10])
    problems: list[str] = []
    (stream,) = read_run(path, problems.append).streams
    assert len(stream.samples) == 2
    assert problems == [problems[0]]
    assert "line 4" in problems[0]
    assert "the file ends in the middle" in problems[0]


def test_many_damaged_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write_run(path, replace(run(), streams=()))
    path.write_bytes(path.read_bytes() + b"x\n" * 25)
    problems: list[str] = []
    assert read_run(path, problems.append).streams == ()
    assert len(problems) == 11
    assert problems[-1] == "... and 15 more lines that hold no message"


def test_a_later_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"canhdong": "run", "version": 99}\n', encoding="utf-8")
    with pytest.raises(FlightLogError, match="version 99"):
        read_run(path)
