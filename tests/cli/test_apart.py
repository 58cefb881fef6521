"""Logs of strangers are read by a process that may take so much and no more, and that nobody believes everything."""

from __future__ import annotations

import io
import os
import pickle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cli import apart
from cli.apart import Answer, Limits, read_apart, surroundings
from cli.logs import read_uploaded
from core.errors import FlightLogError
from tests.support import rectangle
from tests.support.archived import START_MS
from tests.support.handing_in import as_csv, as_task, many_fixes


@pytest.mark.parametrize("form", ["csv", "task", "parquet"])
def test_what_it_reads_is_what_there_is(tmp_path: Path, form: str) -> None:
    table = rectangle.flight("d1", START_MS)
    if form == "parquet":
        path = many_fixes(tmp_path / "a.parquet", 1_000, START_MS)
    else:
        path = (as_csv if form == "csv" else as_task)(tmp_path / ("a.csv" if form == "csv" else "TASKDATA.zip"), table)
    here, there = read_uploaded(path), read_apart(path)
    assert (there.format, there.problems, there.plots) == (here.format, here.problems, ())
    for mine, its in zip(here.logs, there.logs, strict=True):
        assert (its.name, its.device, its.events, its.problems) == (mine.name, mine.device, mine.events, mine.problems)
        assert list(map(repr, its.fixes.rows())) == list(map(repr, mine.fixes.rows()))


def test_a_file_that_cannot_be_read_says_so_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("device,ts,lat,lon\nd1,never,9.28,105.7\n")
    with pytest.raises(FlightLogError) as here:
        read_uploaded(path)
    with pytest.raises(FlightLogError) as there:
        read_apart(path)
    assert str(there.value) == str(here.value)


def test_what_needs_too_much_is_refused(tmp_path: Path) -> None:
    path = many_fixes(tmp_path / "a.parquet", 1_000_000, START_MS)
    with pytest.raises(FlightLogError, match=r"a\.parquet: to read it takes more than 400 MB"):
        read_apart(path, Limits(memory_bytes=400 << 20))
    with pytest.raises(FlightLogError, match=r"1,000,000 fixes, more than 999,999"):
        read_apart(path, Limits(fixes=999_999))
    with pytest.raises(FlightLogError, match="cannot be read: its reader has ended"):
        read_apart(path, Limits(answer_bytes=100_000))


def test_a_reader_that_takes_want_of_memory_for_damage_does_not_mislead(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Arrow's own errors of memory are errors of its files, too."""

    def read(path: Path) -> None:
        try:
            raise pa.ArrowMemoryError("malloc of size 1048576 failed")
        except pa.ArrowException as error:
            raise FlightLogError(f"{path}: the file of Parquet is damaged: {error}") from error

    monkeypatch.setattr("cli.logs.read_uploaded", read)
    assert apart._read(Path("a.parquet"), Limits()) == (
        "a.parquet: to read it takes more than 3,072 MB: hand it in by parts"
    )


def test_what_takes_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    row = "d1,{},9.28,105.7\n"
    path.write_text("device,ts,lat,lon\n" + "".join(row.format(START_MS + k) for k in range(1_500_000)))
    with pytest.raises(FlightLogError, match="takes more than 1 s"):
        read_apart(path, Limits(computing_s=1))


def test_it_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANHDONG_REGISTRY_PASSWORD", "x")
    told = surroundings(tmp_path)
    assert told["TMPDIR"] == str(tmp_path)
    assert set(told) <= {"PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZ", "TMPDIR"} | {
        name for name in told if name.endswith(("_THREADS", "_POOL"))
    }


class Evil:
    """Would run a program in whoever takes it for a log."""

    def __init__(self, call: Any, *arguments: Any) -> None:
        self._made = call, arguments

    def __reduce__(self) -> Any:
        return self._made


@pytest.mark.parametrize(
    "evil", [Evil(os.system, "true"), Evil(eval, "1"), Evil(getattr, "x", "upper"), Evil(Path, "/etc/passwd")]
)
def test_an_answer_makes_nothing_but_values(evil: Evil) -> None:
    with pytest.raises(pickle.UnpicklingError, match="is no value"):
        Answer(io.BytesIO(pickle.dumps(evil))).load()
