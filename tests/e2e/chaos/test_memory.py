"""At full rate, for as long as one likes: the memory of ingest stays flat."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import pytest

from tests.e2e.chaos.farm import SOAK, farm

pytestmark = pytest.mark.timeout(3_600)

SECONDS = 60.0 * SOAK
GROWTH_MB = 24.0


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1_024.0


def test_memory_stays_flat(tmp_path: Path) -> None:
    sizes: list[float] = []
    with farm(tmp_path) as its:
        pid = its.start_ingest().process.pid
        began = time.monotonic()
        while time.monotonic() - began < SECONDS:
            number = len(sizes)
            its.publish(its.messages(20_000, boot=f"m{number}", per_message=10, ago_s=30 * 86_400.0 - number * 1_000.0))
            sizes.append(resident_mb(pid))
        its.await_stored()
        sizes.append(resident_mb(pid))
    third = len(sizes) // 3
    assert third >= 3, f"only {len(sizes)} rounds were done"
    early, late = statistics.mean(sizes[third : 2 * third]), statistics.mean(sizes[-third:])
    assert late - early < GROWTH_MB, sizes
