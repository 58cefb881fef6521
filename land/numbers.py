"""Numbers as people write them: "7.942,39", "2499,2", "1 026 862.337", "2.606.672".

One number alone may be read two ways ("7.942"); a column tells more. Where a comma is the decimal mark anywhere in it,
points group thousands everywhere in it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from core.model.fixtable import Floats
from core.model.samples import NAN

_SPACES: Final = re.compile(r"[\s\u00a0\u202f']+")
_IN_GROUPS: Final = {mark: re.compile(rf"[+-]?\d{{1,3}}(?:\{mark}\d{{3}})+") for mark in ".,"}
_GROUPED_BY_POINTS: Final = re.compile(r"[+-]?\d{1,3}(?:\.\d{3}){2,}")
_GROUPED_BY_COMMAS: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3}){2,}(?:\.\d*)?|[+-]?\d{1,3}(?:,\d{3})+\.\d*")


def column(texts: Sequence[str]) -> Floats:
    """The numbers of a column of texts, NaN where a text is none; shape (n,)."""
    stripped = [_SPACES.sub("", text) for text in texts]
    comma = _comma_is_decimal(stripped)
    return np.array([_number(text, comma=comma) for text in stripped], np.float64)


def _comma_is_decimal(texts: Iterable[str]) -> bool:
    """Whether the column writes decimals after a comma, and thousands with points."""
    commas = points = 0
    for text in texts:
        if _GROUPED_BY_COMMAS.fullmatch(text):
            points += 1
        elif _GROUPED_BY_POINTS.fullmatch(text) or ("," in text and text.rfind(",") > text.rfind(".")):
            commas += 1
    return commas > points


def _number(text: str, *, comma: bool) -> float:
    """One number without spaces; NaN for anything else, also for "inf"."""
    group, decimal = (".", ",") if comma else (",", ".")
    if decimal not in text and not _IN_GROUPS[group].fullmatch(text):
        group, decimal = decimal, group
    plain = text.replace(group, "").replace(decimal, ".")
    try:
        value = float(plain)
    except ValueError:
        return NAN
    return value if math.isfinite(value) and "_" not in plain else NAN
