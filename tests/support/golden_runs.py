"""What scenarios of the project come to, byte for byte, as this machine makes them.

    python -m tests.support.golden_runs

writes the hashes anew, after a change that is meant to change them. They hold for the versions of the packages that
shape the bytes, which stand beside them: those of uv.lock.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import tempfile
from pathlib import Path
from typing import Any, Final

from simulators import scenario as scenarios
from simulators import world
from simulators.replaying.recording import save_run
from storage.runs import truth_path

FILE: Final = Path(__file__).resolve().parents[1] / "golden" / "simulated" / "hashes.json"
SCENARIOS: Final = ("demo", "network-collapse", "cooperative-day", "hostile-device")
PACKAGES: Final = ("msgspec", "numpy", "pyarrow", "pyproj", "shapely")


def versions() -> dict[str, str]:
    """The installed versions of what shapes the bytes."""
    return {name: importlib.metadata.version(name) for name in PACKAGES}


def hashes(name: str, folder: Path) -> dict[str, str]:
    """SHA-256 of a scenario's files: Parquet, JSON lines, and the truth."""
    run, truth = world.build(scenarios.load(name))
    found: dict[str, str] = {}
    for suffix in (".parquet", ".jsonl"):
        path = folder / f"{name}{suffix}"
        save_run(path, run, truth)
        found[suffix] = _sha256(path)
    return found | {".truth.parquet": _sha256(truth_path(path))}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def known() -> dict[str, Any]:
    """What was written down."""
    document: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return document


def write() -> None:
    """Write down what this machine makes."""
    with tempfile.TemporaryDirectory() as folder:
        made = {name: hashes(name, Path(folder)) for name in SCENARIOS}
    text = json.dumps({"versions": versions(), "sha256": made}, indent=2, sort_keys=True)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
