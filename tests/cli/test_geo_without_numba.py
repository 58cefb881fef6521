from __future__ import annotations

import subprocess
import sys

_HIDDEN = """
import logging, sys
from contextlib import ExitStack
sys.modules["numba"] = None
logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(message)s")
from cli.commands.geo import Command, beside
from core.settings import GeoSettings
import geo.service, geo.coverage
from geo.engines import engine
with ExitStack() as stack:
    print(len(beside(stack, GeoSettings())), engine().name)
"""


def test_without_numba_only_live_coverage_is_missing_and_one_line_says_so() -> None:
    done = subprocess.run([sys.executable, "-c", _HIDDEN], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["0", "overlays"]
    lines = [line for line in done.stderr.splitlines() if line.startswith("WARNING")]
    assert len(lines) == 1
    assert "numba" in lines[0]
    assert "extra 'fast'" in lines[0]
