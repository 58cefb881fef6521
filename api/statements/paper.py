"""A statement as PDF, by Typst with the fonts that it brings: the same sheet gives the same bytes anywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typst

from api.statements.sheet import Texts

_TEMPLATE: Final = Path(__file__).parent / "sheet.typ"


def pdf(sheet: Texts, pictures: Sequence[str], no_weather: str) -> bytes:
    """The sheet on A4.

    Args:
        sheet: See :func:`api.statements.sheet.sheet`.
        pictures: An SVG picture for each treatment; "" where it has none.
        no_weather: What stands where the weather is not known.
    """
    inputs = _inputs(sheet, pictures, no_weather)
    return typst.compile(_TEMPLATE, sys_inputs=inputs, ignore_system_fonts=True, format="pdf")


def _inputs(sheet: Texts, pictures: Sequence[str], no_weather: str) -> dict[str, str]:
    return {
        "sheet": json.dumps(sheet, ensure_ascii=False),
        "pictures": json.dumps(list(pictures), ensure_ascii=False),
        "no_weather": no_weather,
    }
