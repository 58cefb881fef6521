"""What the house holds itself to: small files and functions, names that say something, decisions that are listed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.support.shared import ROOT

FOLDERS = ("api", "bench", "cli", "core", "dashboards", "geo", "ingest", "land", "messaging", "simulators", "storage")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "versions" not in path.parts)
EMPTY_NAMES = {"utils", "util", "common", "helpers", "helper", "misc"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_are_small_and_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    assert EMPTY_NAMES.isdisjoint(path.stem.split("_"))
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {f.name: n for f in functions if (n := (f.end_lineno or f.lineno) - f.lineno + 1) > 60}
    assert not long


def test_every_test_folder_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert all((folder / "__init__.py").exists() for folder in folders)


def test_the_readme_shows_a_picture_that_the_project_draws() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    vietnamese = (ROOT / "README.vi.md").read_text(encoding="utf-8")
    picture = ROOT / "docs" / "pictures" / "plot.svg"
    assert "docs/pictures/plot.svg" in readme
    assert "docs/pictures/plot.svg" in vietnamese
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    for text in (readme, vietnamese):
        assert "make demo" in text
        assert "make test" in text
        assert "python3-venv" in text


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
