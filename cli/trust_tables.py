"""Net areas expected in truth, and the letters of trust: tables for people, the same figures as JSON."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from cli.output import number, print_table
from core.model.coverage import Coverage
from core.model.trust import NetRange, Trust
from core.terms import both
from core.units import ha

_UNKNOWN = NetRange(math.nan, math.nan, math.nan)


def expected_figures(expected: NetRange | None) -> dict[str, float]:
    """``net_expected_m2``, ``net_low_m2`` and ``net_high_m2``; NaN where nothing was asked."""
    return asdict(expected or _UNKNOWN)


def trust_figures(trust: Trust) -> dict[str, Any]:
    """The letters, and what they come from; keys carry their units, shares are 0 to 1."""
    gnss = asdict(trust.gnss)
    return {
        "grade": trust.grade,
        "gnss": {name.rstrip("_"): value for name, value in gnss.items()},
        "sampling": asdict(trust.sampling),
        "bridges": asdict(trust.bridges),
        "completeness": asdict(trust.completeness),
    }


def print_expected(coverage: Coverage) -> None:
    """Net area as logged beside the expected one with its bounds, for each plot and their union, where it is known."""
    if coverage.plots_expected is None:
        return
    rows = [
        _cells(f"{p.plot} {p.name}".strip() if p.name != p.plot else p.plot, p.net_m2, p.expected)
        for p in coverage.plots
    ]
    if len(rows) > 1:
        rows.append(_cells(both("total"), coverage.plots_net_m2, coverage.plots_expected))
    areas = [f"{both(key)} ha" for key in ("net_logged", "net_expected", "net_low", "net_high")]
    print_table(both("net_interval"), [both("plot"), *areas, "± %"], rows)


def print_trust(coverage: Coverage) -> None:
    """The letters, and what they come from, where they are known."""
    if coverage.trust is not None:
        headings = [both("trust_part"), both("grade"), both("trust_from")]
        print_table(both("trust"), headings, _letters(coverage.trust), left=3)


def _cells(name: str, net_m2: float, expected: NetRange | None) -> list[str]:
    it = expected or _UNKNOWN
    half_pct = 50.0 * (it.net_high_m2 - it.net_low_m2) / it.net_expected_m2 if it.net_expected_m2 > 0.0 else math.nan
    areas = (net_m2, it.net_expected_m2, it.net_low_m2, it.net_high_m2)
    return [name, *(number(ha(area), 4) for area in areas), number(half_pct, 2)]


def _letters(trust: Trust) -> list[list[str]]:
    from geo.trust.words import lines  # noqa: PLC0415

    return [[f"{vi} / {en}", grade, f"{why_vi} / {why_en}"] for (vi, en), grade, (why_vi, why_en) in lines(trust)]
