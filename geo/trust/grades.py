"""Letters for what a flight's figures came from: receiver, sampling, bridged gaps, ledger (docs/tolerance.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.model.enums import EventKind, FixQuality, Mode
from core.model.fixtable import FixTable, Floats
from core.model.ledger import Account
from core.model.samples import NAN, Event
from core.model.trust import NO_LEDGER, NOT_NUMBERED, BridgeTrust, Completeness, GnssTrust, Grade, SamplingTrust
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


def gnss_trust(tables: Sequence[FixTable]) -> GnssTrust:
    """The receivers' quality where the implement was on (everywhere, where it never was).

    A: 95 % of the fixes are RTK, B: float or better, C: DGPS or better. An untold quality counts as single. Where a
    person steered more than 5 % of them, the letter is one lower: nobody knows then what the log's errors hide.
    """
    anywhere = any(t.on.any() for t in tables)
    rows = [t.on if anywhere else np.ones(len(t), np.bool_) for t in tables]
    quality, mode = (
        np.concatenate([np.empty(0, np.int64), *(getattr(t, name)[r] for t, r in zip(tables, rows, strict=True))])
        for name in ("quality", "mode")
    )
    count = max(len(quality), 1)
    counts = np.bincount(quality.astype(np.int64) + 1, minlength=len(FixQuality))  # unknown is -1
    shares = {q: int(counts[q + 1]) / count for q in FixQuality}
    manual = int(np.count_nonzero(mode == Mode.MANUAL)) / count
    grade = _reached(shares)
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


def _reached(shares: Mapping[FixQuality, float]) -> Grade:
    """The letter of the best quality that enough fixes have."""
    reached = 0.0
    for found, best in zip((FixQuality.RTK, FixQuality.FLOAT, FixQuality.DGPS), _LETTERS, strict=False):
        reached += shares[found]
        if reached >= RECEIVER_SHARE:
            return best
    return Grade.D


def sampling_trust(tables: Sequence[FixTable], parameters: Parameters, events: Sequence[Event] = ()) -> SamplingTrust:
    """How densely the time with the implement on at either end of a step was sampled, over all tables.

    A: a median step of at most 0.25 s (1 s with on and off events) and 0.1 % of that time in gaps; B: 1 s and 1 %;
    C: 2 s and 5 %.
    """
    told = any(e.kind in {EventKind.ON, EventKind.OFF} for e in events)
    steps: list[Floats] = [np.empty(0)]
    treated = lost = 0.0
    for fixes in tables:
        order = np.argsort(fixes.ts_ms, kind="stable")
        dt_s: Floats = np.diff(fixes.ts_ms[order] / 1000.0)
        near = fixes.on[order][1:] | fixes.on[order][:-1]
        treated += float(dt_s[near].sum())
        lost += float(dt_s[near & (dt_s > gap_limit_s(dt_s, parameters))].sum())
        steps.append(dt_s[dt_s > 0.0])
    every = np.concatenate(steps)
    step = float(np.median(every)) if len(every) else NAN
    share = lost / treated if treated > 0.0 else 0.0 if len(every) else NAN
    limits = (max(STEPS_S[0], 1.0), *STEPS_S[1:]) if told else STEPS_S
    return SamplingTrust(Grade.worst(letter(step, limits), letter(share, GAP_SHARES)), step, share, told)


def bridge_trust(bridged_m: float, treated_m: float) -> BridgeTrust:
    """Bridged metres as a share of the treated ones: A to 0.1 %, B to 1 %, C to 5 %."""
    share = bridged_m / treated_m if treated_m > 0.0 else 0.0
    return BridgeTrust(letter(share, BRIDGED_SHARES), bridged_m, share)


def completeness(accounts: Sequence[Account]) -> Completeness:
    """How much of what a flight's boots numbered has come: A to 0.1 % missing, B to 1 %, C to 5 %.

    D as well where there is no page of the ledger, or nothing is numbered: nobody knows then what is missing.
    """
    expected = sum(a.expected for a in accounts)
    missing = sum(a.missing for a in accounts)
    if not expected:
        return Completeness(Grade.D, 0, 0, NAN, NOT_NUMBERED if accounts else NO_LEDGER)
    return Completeness(letter(missing / expected, MISSING_SHARES), expected, missing, 1.0 - missing / expected)
