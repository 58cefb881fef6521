"""Forty draws of what is expected in truth, for a day of 86 drones on one core.

    make bench-draws

The day is that of :mod:`bench.thin_fields`, and its time is scaled to the 8.6 million fixes of 86 drones. The last line
on stdout is one JSON document.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Final

from bench.thin_fields import RECEIVERS, day
from geo.cleaning import clean
from geo.coverage import plane_of
from geo.engines.model import Fields
from geo.parameters import Parameters
from geo.passes import treated_steps
from geo.trust.expected import expected
from geo.trust.sections import Sections
from geo.trust.strips import sections_of
from geo.trust.tolerance import Tolerance

PROVINCE_FIXES: Final = 8_600_000
_CHOICES, _TOLERANCE = Parameters(), Tolerance()


def draws_s(receiver: str) -> tuple[int, float]:
    """Fixes of the day, and seconds of processor time from its treated steps to what is expected of every plot."""
    tables, plots = day(receiver)
    cleaned = [clean(table) for table in tables]
    plane = plane_of(cleaned, plots)
    steps = [treated_steps(c, *plane.xy(c.fixes.lon_deg, c.fixes.lat_deg), _CHOICES) for c in cleaned]
    fields = Fields.of(list(plane.outlines([plot.boundary for plot in plots])))

    def once() -> float:
        start = time.process_time()
        parts = [sections_of(c, s, _CHOICES, (), _TOLERANCE) for c, s in zip(cleaned, steps, strict=True)]
        expected(Sections.concat(parts), fields, 1, _TOLERANCE)
        return time.process_time() - start

    return sum(map(len, tables)), min(once() for _ in range(2))


def main() -> None:
    """Run and print."""
    found: dict[str, object] = {"bench": "draws", "draws": _TOLERANCE.draws, "province_fixes": PROVINCE_FIXES}
    for receiver in RECEIVERS:
        fixes, taken_s = draws_s(receiver)
        found[f"{receiver}_s"] = round(taken_s * PROVINCE_FIXES / fixes, 1)
        print(f"{receiver}: {fixes} fixes in {taken_s:.2f} s", file=sys.stderr)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
