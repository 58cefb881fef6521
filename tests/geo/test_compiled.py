"""What numba keeps is never older than the files that it was made from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from geo.compiled import forget_stale


def written(file: Path, at_s: int) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"")
    os.utime(file, (at_s, at_s))
    return file


@pytest.fixture
def kept(tmp_path: Path) -> list[Path]:
    written(tmp_path / "rows.py", 100)
    written(tmp_path / "engines/sweep.py", 50)
    return [written(tmp_path / f"engines/__pycache__/sweep.{k}.nbi", at) for k, at in enumerate((90, 110))]


def test_what_was_compiled_before_any_file_changed_is_forgotten(kept: list[Path], tmp_path: Path) -> None:
    """Another file's functions may have been written into it."""
    forget_stale(tmp_path)
    assert [file.exists() for file in kept] == [False, True]


def test_nothing_kept_and_no_files_are_no_fault(tmp_path: Path) -> None:
    forget_stale(tmp_path / "nowhere")
    written(tmp_path / "rows.py", 100)
    forget_stale(tmp_path)
