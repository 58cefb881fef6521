"""``canhdong codecs``: what there is, and what becomes of a message."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import DONE, FAILED, WRONG_USE, main
from ingest import sparkplug

Run = Callable[..., tuple[int, Any]]
FIXES = "canhdong/v1/htx/drones/d1/telemetry"
EUI = "24e124136b316231"
UPLINK = f"application/7/device/{EUI}/event/up"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> tuple[int, Any]:
        code = main(words)
        out = capsys.readouterr().out
        return code, json.loads(out) if "--json" in words and out else out

    return run


def written(folder: Path, document: Any) -> str:
    path = folder / "payload"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return str(path)


def test_all_codecs_are_listed_with_their_topics(run: Run) -> None:
    code, document = run("codecs", "list", "--json")
    assert code == DONE
    known = {row["codec"]: row for row in document["codecs"]}
    assert known.keys() >= {"native_json", "native_msgpack", "chirpstack_v3", "chirpstack_v4", "ttn_v3", "senml"}
    assert known["sparkplug_b"]["remembers"]
    assert known["dji_cloud"]["topics"] == ["thing/product/+/osd"]
    assert [row["foreign"] for row in (known["native_json"], known["senml"])] == [False, True]
    assert all(row["about"] for row in known.values())
    assert "thing/product/+/osd" in run("codecs", "list")[1]


def test_a_good_message_becomes_samples(run: Run, tmp_path: Path) -> None:
    fix = {"device": "d1", "ts": 1_764_000_000_000, "lat": 9.28, "lon": 105.72, "op": "spray", "on": True}
    code, document = run("codecs", "check", FIXES, written(tmp_path, [fix, {**fix, "wind": 1}]), "--json")
    assert (code, document["codec"], document["unknown"], document["faults"]) == (DONE, "native_json", 1, [])
    first = document["samples"][0]
    assert (first["is"], first["lat_deg"], first["op"], first["hdop"]) == ("fix", 9.28, "spray", None)
    code, text = run("codecs", "check", FIXES, written(tmp_path, fix))
    assert code == DONE
    assert "lat_deg=9.28" in text


def test_the_payload_tells_which_of_two_codecs_reads_it(run: Run, tmp_path: Path) -> None:
    v4 = {"deviceInfo": {"devEui": EUI}, "object": {"depth": 5}}
    assert run("codecs", "check", UPLINK, written(tmp_path, v4), "--json")[1]["codec"] == "chirpstack_v4"
    v3 = {"devEUI": "JOEkE2sxYjE=", "object": {"depth": 5}}
    assert run("codecs", "check", UPLINK, written(tmp_path, v3), "--json")[1]["codec"] == "chirpstack_v3"
    assert run("codecs", "check", FIXES, written(tmp_path, b"\x80"), "--json")[1]["codec"] == "native_msgpack"


def test_a_refused_message_is_explained(run: Run, tmp_path: Path) -> None:
    code, document = run("codecs", "check", FIXES, written(tmp_path, b"{"), "--json")
    assert (code, document["refused"]["reason"]) == (FAILED, "schema")
    assert "not JSON" in document["refused"]["message"]
    assert document["codec"] == "native_json"
    text = run("codecs", "check", FIXES, written(tmp_path, b"{"))[1]
    assert "read by native_json" in text
    assert "schema" in text


def test_a_bad_row_is_named(run: Run, tmp_path: Path) -> None:
    rows = [{"device": "d1", "ts": 1, "lat": 1, "lon": 1}, {"device": "d1", "ts": 1, "lat": "x", "lon": 1}]
    code, document = run("codecs", "check", FIXES, written(tmp_path, rows), "--json")
    assert code == FAILED
    assert [(f["row"], f["reason"]) for f in document["faults"]] == [(1, "schema")]
    assert len(document["samples"]) == 1
    assert "row 1" in run("codecs", "check", FIXES, written(tmp_path, rows))[1]


def test_a_topic_that_nobody_reads_is_refused(run: Run, tmp_path: Path) -> None:
    code, document = run("codecs", "check", "nhà/bếp", written(tmp_path, {}), "--json")
    assert (code, document["refused"]["reason"], document["codec"]) == (FAILED, "topic", None)


def test_what_a_sender_would_be_owed_is_told(run: Run, tmp_path: Path) -> None:
    data = sparkplug.Payload(timestamp=1_764_000_000_000)
    data.metrics.add(alias=8, datatype=2, int_value=1)
    path = written(tmp_path, data.SerializeToString())
    code, document = run("codecs", "check", "spBv1.0/htx/NDATA/tram1", path, "--json")
    assert (code, [fault["reason"] for fault in document["faults"]]) == (FAILED, ["alias"])
    assert [reply["topic"] for reply in document["replies"]] == ["spBv1.0/htx/NCMD/tram1"]
    text = run("codecs", "check", "spBv1.0/htx/NDATA/tram1", path)[1]
    assert "an answer goes to spBv1.0/htx/NCMD/tram1" in text
    assert "checked at intake" in text


def test_a_codec_may_be_named_and_a_payload_come_from_stdin(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sys, "stdin", io.TextIOWrapper(io.BytesIO(b'[{"n":"urn:dev:a:air_temperature","u":"Cel","v":30}]'))
    )
    code, document = run("codecs", "check", "senml/x/up", "-", "--codec", "senml", "--json")
    assert (code, document["samples"][0]["quantity"]) == (DONE, "air_temperature")


def test_wrong_use_is_said(run: Run, tmp_path: Path) -> None:
    assert run("codecs", "check", FIXES, str(tmp_path / "nothing"))[0] == WRONG_USE
    assert run("codecs", "check", FIXES, written(tmp_path, {}), "--codec", "không-có")[0] == WRONG_USE
