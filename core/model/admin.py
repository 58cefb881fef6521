"""Administrative units with their dates, and which became which: districts end on 30 June 2025.

A code alone names no unit: seven province codes and 2,145 commune codes stand for another unit since 1 July 2025. So a
unit is told by code, level and date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.model.land import Boundary
from core.model.samples import NAN


class AdminLevel(StrEnum):
    """Province, district (closed history) and commune: xã, phường, thị trấn, đặc khu."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


@dataclass(frozen=True, slots=True)
class AdminUnit:
    """One unit from ``valid_from`` to the day before ``valid_to`` (None: it stands).

    ``code`` is the official code with its leading zeros, ``parent`` the code of the unit above on the same date ("" for
    a province), ``boundary`` its area in WGS 84 where somebody supplied one.
    """

    code: str
    level: AdminLevel
    name: str
    valid_from: date
    valid_to: date | None = None
    parent: str = ""
    boundary: Boundary | None = None

    def stands_on(self, day: date) -> bool:
        """Whether it exists on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class Extent(StrEnum):
    """Whether all of the old unit went into the new one."""

    WHOLE = "whole"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Succession:
    """An old unit went, whole or in part, into a new one on a day. ``share`` of its area, NaN where nobody knows."""

    level: AdminLevel
    old: str
    new: str
    on: date
    extent: Extent
    share: float = NAN
