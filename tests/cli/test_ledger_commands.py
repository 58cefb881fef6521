"""The ledger and data quality from the shell."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cli import wiring
from cli.main import DONE, WRONG_USE, main
from ingest.ledger import Ledger
from tests.ingest.samples import DRONE, a_fix
from tests.ingest.test_ledger import committed, entered

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("CANHDONG_DATA_DIR", str(tmp_path))

    def run(*words: str) -> tuple[int, Any]:
        code = main(words)
        out = capsys.readouterr().out
        return code, json.loads(out) if "--json" in words and out else out

    run("cooperative", "add", "htx")
    with closing(wiring.intake()) as intake:
        ledger = Ledger(intake, "slot-0")
        entered(ledger, a_fix(0, seq=0), a_fix(1, seq=1), a_fix(4, seq=4), flagged=(1,))
        committed(ledger, intake)  # type: ignore[arg-type]
    return run


def test_the_ledger_is_shown_with_its_gaps(run: Run) -> None:
    code, document = run("ledger", "show", "htx", "--json")
    (boot,) = document["boots"]
    assert code == DONE
    assert (boot["device"], boot["received"], boot["missing"], boot["gaps"]) == (DRONE, 3, 2, [[2, 3]])
    assert boot["first"] == "2025-11-24T16:00:00.000Z"
    assert DRONE in run("ledger", "show", "htx")[1]
    assert run("ledger", "show", "htx", "--device", "d9", "--json")[1]["boots"] == []
    assert run("ledger", "show", "khac", "--json")[1]["boots"] == []


def test_quality_is_shown_by_device_and_together(run: Run) -> None:
    code, document = run("quality", "show", "htx", "--day", "2025-11-24", "--json")
    assert code == DONE
    assert [row["device"] for row in document["scores"]] == [DRONE, None]
    assert document["scores"][0]["complete"] == 0.6
    text = run("quality", "show", "htx", "--day", "2025-11-24")[1]
    assert "60.0%" in text
    assert "đúng" in text


def test_a_day_without_data_and_a_wrong_day(run: Run) -> None:
    assert run("quality", "show", "htx", "--json")[1]["scores"] == []
    assert run("quality", "show", "htx", "--day", "hôm nay")[0] == WRONG_USE
