"""Which group a product belongs to, told from the pests that it is registered against.

The national list has no column for it: a use says crop and pest ("lúa", "rầy nâu"). Pests are told by the first words
of their Vietnamese names, or by an English word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from core.model.work import Product

UNKNOWN: Final = "unknown"
MIXED: Final = "mixed"
_PESTS: Final[dict[str, tuple[str, ...]]] = {
    "herbicide": ("cỏ", "weed", "grass"),
    "insecticide": ("sâu", "rầy", "bọ", "nhện", "ruồi", "mọt", "muỗi", "insect", "hopper", "borer", "mite", "thrips"),
    "fungicide": ("bệnh", "đạo ôn", "khô vằn", "lem lép", "bạc lá", "vàng lá", "đốm", "thán thư", "blast", "blight"),
    "molluscicide": ("ốc", "snail"),
    "rodenticide": ("chuột", "rat"),
    "growth-regulator": ("kích thích", "điều hòa", "điều hoà", "growth"),
}


def product_group(versions: Iterable[Product]) -> str:
    """The group of a product over all versions of the list; "mixed" for several, "unknown" where no pest tells one."""
    groups = {group for it in versions for use in it.uses if (group := _group_of(use.pest))}
    if len(groups) > 1:
        return MIXED
    return next(iter(groups), UNKNOWN)


def _group_of(pest: str) -> str:
    words = unicodedata.normalize("NFC", pest).casefold().split()
    for group, names in _PESTS.items():
        if any(_begins(words, name.split()) or (name.isascii() and name in words) for name in names):
            return group
    return ""


def _begins(words: list[str], name: list[str]) -> bool:
    return words[: len(name)] == name
