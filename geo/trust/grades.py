"""Letters for what a flight's figures came from: receiver, sampling, bridged gaps, ledger (docs/tolerance.md)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.model.enums import EventKind, FixQuality, Mode
from core.model.fixtable import FixTable, Floats
from core.model.ledger import Account
from core.model.samples import NAN, Event
from core.model.trust import BridgeTrust, Completeness, GnssTrust, Grade, SamplingTrust
from geo.parameters import Parameters
from geo.passes import gap_limit_s

RECEIVER_SHARE = 0.95
"""A receiver has the letter of the best quality that this share of its fixes reaches."""
STEPS_S = (0.25, 1.0, 2.0)
"""Longest median time steps of the letters A, B, C; events that tell the switches make the first one a second."""
GAP_SHARES = (0.001, 0.01, 0.05)
BRIDGED_SHARES = (0.001, 0.01, 0.05)
MISSING_SHARES = (0.001, 0.01, 0.05)
_LETTERS = tuple(Grade)


def letter(value: float, limits: Sequence[float]) -> Grade:
    """The letter of a figure of which less is better; NaN has the worst."""
    return next((g for g, limit in zip(_LETTERS, limits, strict=False) if value <= limit), Grade.D)


def gnss_trust(fixes: FixTable) -> GnssTrust:
    """The receiver's quality where the implement was on (everywhere, where it never was).

    A: 95 % of the fixes are RTK, B: float or better, C: DGPS or better. An untold quality counts as single. Where a
    person steered more than 5 % of them, the letter is one lower: nobody knows then what the log's errors hide.
    """
    rows = fixes.on if fixes.on.any() else np.ones(len(fixes), np.bool_)
    quality, count = fixes.quality[rows], max(int(rows.sum()), 1)
    shares = {q: int(np.count_nonzero(quality == q)) / count for q in FixQuality}
    manual = int(np.count_nonzero(fixes.mode[rows] == Mode.MANUAL)) / count
    reached, grade = 0.0, Grade.D
    for found, best in zip((FixQuality.RTK, FixQuality.FLOAT, FixQuality.DGPS), _LETTERS, strict=False):
        reached += shares[found]
        if reached >= RECEIVER_SHARE:
            grade = best
            break
    return GnssTrust(
        grade=grade.lowered if manual > 1.0 - RECEIVER_SHARE else grade,
        rtk=shares[FixQuality.RTK],
        float_=shares[FixQuality.FLOAT],
        dgps=shares[FixQuality.DGPS],
        single=shares[FixQuality.SINGLE],
        none=shares[FixQuality.NONE],
        unknown=shares[FixQuality.UNKNOWN],
        manual_share=manual,
    )


def sampling_trust(fixes: FixTable, parameters: Parameters, events: Sequence[Event] = ()) -> SamplingTrust:
    """How densely the time with the implement on at either end of a step was sampled.

    A: a median step of at most 0.25 s (1 s with on and off events) and 0.1 % of that time in gaps; B: 1 s and 1 %;
    C: 2 s and 5 %.
    """
    told = any(e.kind in {EventKind.ON, EventKind.OFF} for e in events)
    dt_s: Floats = np.diff(np.sort(fixes.ts_ms / 1000.0))
    if not len(dt_s):
        return SamplingTrust(Grade.D, NAN, NAN, told)
    step = float(np.median(dt_s[dt_s > 0.0])) if (dt_s > 0.0).any() else NAN
    on = fixes.on[np.argsort(fixes.ts_ms, kind="stable")]
    near = on[1:] | on[:-1]
    gaps = near & (dt_s > gap_limit_s(dt_s, parameters))
    treated = float(dt_s[near].sum())
    share = float(dt_s[gaps].sum()) / treated if treated > 0.0 else 0.0
    limits = (max(STEPS_S[0], 1.0), *STEPS_S[1:]) if told else STEPS_S
    return SamplingTrust(Grade.worst(letter(step, limits), letter(share, GAP_SHARES)), step, share, told)


def bridge_trust(bridged_m: float, treated_m: float) -> BridgeTrust:
    """Bridged metres as a share of the treated ones: A to 0.1 %, B to 1 %, C to 5 %."""
    share = bridged_m / treated_m if treated_m > 0.0 else 0.0
    return BridgeTrust(letter(share, BRIDGED_SHARES), bridged_m, share)


def completeness(accounts: Sequence[Account]) -> Completeness:
    """How much of what a flight's boots numbered has come: A to 0.1 % missing, B to 1 %, C to 5 %.

    D as well where nothing is numbered: then nobody knows what is missing.
    """
    expected = sum(a.expected for a in accounts)
    missing = sum(a.missing for a in accounts)
    share = 1.0 - missing / expected if expected else NAN
    return Completeness(letter(missing / expected if expected else NAN, MISSING_SHARES), expected, missing, share)
