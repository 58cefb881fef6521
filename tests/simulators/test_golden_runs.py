"""The same seed gives the same bytes: today, tomorrow, on another processor, with NumPy's vector code and without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import golden_runs

_AGAIN = """
import json, sys
from pathlib import Path
from tests.support.golden_runs import hashes
print(json.dumps({name: hashes(name, Path(sys.argv[1])) for name in sys.argv[2:]}))
"""


def test_hashes_belong_to_the_packages_of_the_lock_file() -> None:
    """A new version of one of them may change the bytes: look at what changed, then write the hashes anew."""
    known = golden_runs.known()["versions"]
    assert known == golden_runs.versions(), "then: python -m tests.support.golden_runs"


@pytest.mark.parametrize("name", golden_runs.SCENARIOS)
def test_same_seed_same_bytes(name: str, tmp_path: Path) -> None:
    assert golden_runs.hashes(name, tmp_path) == golden_runs.known()["sha256"][name]


def test_bytes_do_not_depend_on_the_processors_vector_code(tmp_path: Path) -> None:
    """NumPy without its AVX2 and AVX-512 paths, the C library's mathematics without fused multiply-add."""
    environment = os.environ | {
        "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F",
        "PYTHONWARNINGS": "ignore",
    }
    names = ("demo", "network-collapse", "hostile-device")
    command = [sys.executable, "-c", _AGAIN, str(tmp_path), *names]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=100)
    assert json.loads(done.stdout) == {name: golden_runs.known()["sha256"][name] for name in names}
