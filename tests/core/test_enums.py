"""The closed vocabularies: codes are stored and words are sent, so neither may change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.model.enums import EventKind, FixQuality, HeightRef, Mode, Operation, Word

KINDS: list[Any] = [FixQuality, Operation, Mode, HeightRef, EventKind]

CODES: dict[Any, dict[str, int]] = {
    FixQuality: {"unknown": -1, "none": 0, "single": 1, "dgps": 2, "float": 3, "rtk": 4},
    Operation: {"unknown": -1, "spray": 1, "spread": 2, "sow": 3},
    Mode: {"unknown": -1, "auto": 1, "ab": 2, "manual": 3, "rtl": 4, "failsafe": 5},
    HeightRef: {"unknown": -1, "takeoff": 1, "crop": 2, "ground": 3, "msl": 4, "ellipsoid": 5},
    EventKind: {"on": 1, "off": 2, "takeoff": 3, "landing": 4, "refill": 5, "arm": 6, "disarm": 7},
}


def test_every_vocabulary_is_pinned_here() -> None:
    assert set(KINDS) == set(Word.__subclasses__()) == set(CODES)


@pytest.mark.parametrize("kind", KINDS)
def test_codes_and_words_are_what_files_and_devices_hold(kind: Any) -> None:
    assert {member.word: int(member) for member in kind} == CODES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_word_is_read_back_and_an_unknown_one_refused(kind: Any) -> None:
    assert [kind.parse(member.word) for member in kind] == list(kind)
    with pytest.raises(KeyError):
        kind.parse("hover")


@pytest.mark.parametrize("kind", KINDS)
def test_codes_fit_their_column(kind: Any) -> None:
    limits = np.iinfo(np.int8)
    assert all(limits.min <= member <= limits.max for member in kind)
