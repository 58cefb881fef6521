"""The letters of trust in words, Vietnamese and English: what each is of, the letter, and what it comes from."""

from __future__ import annotations

import math
from typing import Final

from core.model.trust import NO_LEDGER, NOT_NUMBERED, Completeness, GnssTrust, Grade, Trust

Both = tuple[str, str]
"""A text in Vietnamese and in English."""
Line = tuple[Both, Grade, Both]

GRADES: Final[dict[Grade, Both]] = {
    Grade.A: ("rất tốt", "very good"),
    Grade.B: ("tốt", "good"),
    Grade.C: ("trung bình", "fair"),
    Grade.D: ("thấp", "low"),
}
"""What each letter means."""
REASONS: Final[dict[str, Both]] = {
    NO_LEDGER: ("không có sổ nhận dữ liệu", "no ledger of what was received"),
    NOT_NUMBERED: ("thiết bị không đánh số bản tin", "the device does not number its fixes"),
}
"""Why nobody knows how complete the data are."""


def lines(trust: Trust) -> list[Line]:
    """The whole first, then its parts."""
    sampling, bridges = trust.sampling, trust.bridges
    step = "–" if math.isnan(sampling.step_s) else f"{sampling.step_s:.2g} s"
    gaps = "–" if math.isnan(sampling.gap_share) else f"{100.0 * sampling.gap_share:.2f} %"
    return [
        (("Mức tin cậy", "Trust"), trust.grade, GRADES[trust.grade]),
        (("Định vị", "Positioning"), trust.gnss.grade, _gnss(trust.gnss)),
        (
            ("Tần suất ghi", "Sampling"),
            sampling.grade,
            (f"mỗi {step}, mất tín hiệu {gaps} thời gian phun", f"every {step}, gaps {gaps} of the treated time"),
        ),
        (
            ("Đoạn nối qua khoảng mất tín hiệu", "Bridged gaps"),
            bridges.grade,
            (
                f"{bridges.bridged_m:.0f} m, {100.0 * bridges.share:.2f} % quãng phun",
                f"{bridges.bridged_m:.0f} m, {100.0 * bridges.share:.2f} % of the treated distance",
            ),
        ),
        (("Độ đầy đủ", "Completeness"), trust.completeness.grade, complete(trust.completeness)),
    ]


def _gnss(it: GnssTrust) -> Both:
    """The qualities that occur, most frequent first, and who steered."""
    shares = [
        ("RTK", "RTK", it.rtk),
        ("RTK float", "RTK float", it.float_),
        ("DGPS", "DGPS", it.dgps),
        ("GNSS đơn", "single GNSS", it.single),
        ("không định vị", "no fix", it.none),
        ("chưa rõ", "not told", it.unknown),
    ]
    told = sorted((s for s in shares if s[2] > 0.0), key=lambda s: -s[2])
    texts = [", ".join(f"{100.0 * s[2]:.0f} % {s[side]}" for s in told) or "–" for side in (0, 1)]
    if it.manual_share > 0.0:
        percent = f"{100.0 * it.manual_share:.0f} %"
        return f"{texts[0]}; lái tay {percent}", f"{texts[1]}; steered by hand {percent}"
    return texts[0], texts[1]


def complete(it: Completeness) -> Both:
    """What the ledger says, or why it says nothing."""
    if it.reason:
        return REASONS.get(it.reason, (it.reason, it.reason))
    return (
        f"thiếu {it.missing} trong {it.expected} bản tin",
        f"{it.missing} of {it.expected} fixes missing",
    )
