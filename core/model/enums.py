"""The closed vocabularies of the model. Each has a code (stored, columnar) and a word (on the wire, in exports)."""

from __future__ import annotations

from enum import IntEnum


class Word(IntEnum):
    """An enumeration whose members are written on the wire as their lower-case names."""

    @property
    def word(self) -> str:
        """The member's word as payloads and exports write it."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Word:
        """Return the member for a word; raises ``KeyError`` where there is none."""
        return cls[word.upper()]


class FixQuality(Word):
    """State of the satellite receiver at a fix."""

    UNKNOWN = -1
    NONE = 0
    SINGLE = 1
    DGPS = 2
    FLOAT = 3
    RTK = 4


class Operation(Word):
    """What the implement does."""

    UNKNOWN = -1
    SPRAY = 1
    SPREAD = 2
    SOW = 3


class Mode(Word):
    """Who steers: it decides which way the logged area errs, and whether spraying was meant."""

    UNKNOWN = -1
    AUTO = 1
    AB = 2
    MANUAL = 3
    RTL = 4
    FAILSAFE = 5


class HeightRef(Word):
    """What ``height_m`` is measured from."""

    UNKNOWN = -1
    TAKEOFF = 1
    CROP = 2
    GROUND = 3
    MSL = 4
    ELLIPSOID = 5


class EventKind(Word):
    """What happened at an exact instant, between two fixes."""

    ON = 1
    OFF = 2
    TAKEOFF = 3
    LANDING = 4
    REFILL = 5
    ARM = 6
    DISARM = 7
