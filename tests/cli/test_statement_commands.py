"""``statement make`` and ``statement verify`` on the command line, with archive, registry and keys of their own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cli.main import DONE, FAILED, WRONG_USE, main
from storage.archive.content import written
from tests.support.archived import START_MS, record, season
from tests.support.statements import farm

Run = Callable[..., tuple[int, Any, str]]
FLIGHT = f"d1-{START_MS}"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command where two flights of job J-1 are known: exit code, stdout, stderr."""
    with closing(farm(tmp_path, season()[:2])):
        monkeypatch.setenv("CANHDONG_DATA_DIR", str(tmp_path / "data"))

    def run(*words: str) -> tuple[int, Any, str]:
        code = main(words)
        printed = capsys.readouterr()
        return code, json.loads(printed.out) if "--json" in words and printed.out else printed.out, printed.err

    return run


def findings(told: Any) -> dict[str, bool]:
    return {it["part"]: it["sound"] for it in told["checks"]}


@pytest.mark.parametrize(
    ("words", "kind"),
    [((FLIGHT,), "flight"), (("J-1",), "job"), (("rect-1",), "plot"), (("J-1", "--day", "2026-11-20"), "job")],
)
def test_what_is_made_verifies(run: Run, tmp_path: Path, words: tuple[str, ...], kind: str) -> None:
    file, paper = tmp_path / "s.json", tmp_path / "s.pdf"
    code, _, err = run("statement", "make", *words, "--out", str(file), "--out", str(paper))
    assert code == DONE
    assert "statement 1" in err
    assert json.loads(file.read_text())["subject"]["kind"] == kind
    assert paper.read_bytes().startswith(b"%PDF-")
    code, told, _ = run("statement", "verify", str(file), "--json")
    assert (code, told["sound"], told["mismatches"]) == (DONE, True, [])
    assert set(findings(told)) == {"signature", "inputs", "algorithm", "fixes", "figures"}


def test_without_a_file_it_goes_to_stdout_and_the_same_is_made_once(run: Run) -> None:
    first = run("statement", "make", "rect-1", "--season", "2026-11-01..2027-03-31")
    again = run("statement", "make", "rect-1", "--season", "2026-11-01..2027-03-31")
    assert json.loads(first[1])["subject"]["last_day"] == "2027-03-31"
    assert first == again


def test_a_changed_figure_is_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    run("statement", "make", FLIGHT, "--out", str(file))
    document = json.loads(file.read_text())
    document["computed"]["treatments"][0]["plots"][0]["net_m2"] += 100.0
    file.write_text(json.dumps(document))
    code, told, _ = run("statement", "verify", str(file), "--json")
    assert code == FAILED
    assert not findings(told)["signature"]
    assert [it["path"] for it in told["mismatches"]] == ["computed/treatments/0/plots/0/net_m2"]
    code, text, _ = run("statement", "verify", str(file))
    assert code == FAILED
    assert "computed/treatments/0/plots/0/net_m2" in text


def test_anyone_with_the_fixes_and_the_keys_can_verify(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another machine: no archive, no registry, no key of one's own."""
    file, fixes = tmp_path / "s.json", [tmp_path / f"f{k}.parquet" for k in (0, 1)]
    run("statement", "make", "J-1", "--out", str(file))
    for path, it in zip(fixes, season()[:2], strict=True):
        path.write_bytes(written(it))
    (key,) = (tmp_path / "data" / "statement-keys").iterdir()
    shared = shutil.copy(key, tmp_path / "key.json")
    monkeypatch.setenv("CANHDONG_DATA_DIR", str(tmp_path / "elsewhere"))
    given = ("--fixes", *map(str, fixes))
    code, told, _ = run("statement", "verify", str(file), *given, "--key", str(shared), "--json")
    assert (code, told["sound"]) == (DONE, True)
    code, told, _ = run("statement", "verify", str(file), *given, "--json")
    assert (code, findings(told)["signature"], findings(told)["figures"]) == (FAILED, False, True)
    code, told, _ = run("statement", "verify", str(file), "--fixes", str(fixes[0]), "--key", str(shared), "--json")
    assert (code, findings(told)["figures"]) == (FAILED, False)
    assert not (tmp_path / "elsewhere" / "statement-keys").exists()


def test_other_fixes_are_not_taken(run: Run, tmp_path: Path) -> None:
    file, other = tmp_path / "s.json", tmp_path / "other.parquet"
    run("statement", "make", FLIGHT, "--out", str(file))
    it = season()[0]
    other.write_bytes(written(record(it.fixes.with_columns(lat_deg=it.fixes.lat_deg + 1e-9), flight=FLIGHT, job="J-1")))
    code, told, _ = run("statement", "verify", str(file), "--fixes", str(other), "--json")
    assert code == FAILED
    assert "no file given has the fixes" in next(it["message"] for it in told["checks"] if it["part"] == "fixes")


def test_a_changed_archive_is_found(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    run("statement", "make", FLIGHT, "--out", str(file))
    (path,) = (tmp_path / "data" / "archive").rglob(f"{FLIGHT}*")
    it = season()[0]
    path.write_bytes(written(record(it.fixes.with_columns(lat_deg=it.fixes.lat_deg + 1e-9), flight=FLIGHT, job="J-1")))
    code, told, _ = run("statement", "verify", str(file), "--json")
    assert (code, findings(told)["signature"], findings(told)["fixes"]) == (FAILED, True, False)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("make", "nobody"), FAILED, "nobody knows a flight, a job or a plot 'nobody'"),
        (("make", "J-1", "--kind", "flight"), FAILED, "J-1"),
        (("make", "J-1", "--day", "2026-11-21"), FAILED, "nobody knows"),
        (("make", FLIGHT, "--cooperative", "htx-z"), FAILED, "no cooperative 'htx-z'"),
        (("make", "rect-1", "--season", "2026-11-20..x"), WRONG_USE, "--season"),
        (("make", FLIGHT, "--out", "s.docx"), WRONG_USE, "written as .json or .pdf"),
        (("verify", "/nowhere/s.json"), WRONG_USE, "/nowhere/s.json"),
        (("verify", __file__), WRONG_USE, "not JSON"),
    ],
)
def test_mistakes_are_told(run: Run, words: tuple[str, ...], code: int, said: str) -> None:
    found, _, err = run("statement", *words)
    assert (found, said in err) == (code, True), err
