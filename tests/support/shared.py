"""Data that nobody here wrote: read in place, beside the checkout or where ``CANHDONG_SHARED`` says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def shared(name: str) -> Path:
    """Path of a file of the shared data; the test skips, saying so, where it is absent."""
    folder = Path(os.environ.get("CANHDONG_SHARED", ROOT.parent / "shared"))
    path = folder / "data" / name
    if not path.exists():
        pytest.skip(f"shared data absent: {path} (set CANHDONG_SHARED to the folder that holds data/)")
    return path
