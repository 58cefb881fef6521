"""The administrative units of Vietnam by code, name and date: what a unit was called, and what became of it.

A code without a date names no unit: since 1 July 2025 seven province codes and 2,140 commune codes stand for a unit of
another name (:meth:`Gazetteer.resolve`). Where an old commune was split, its code does not tell the new one; only a
boundary would (:meth:`Gazetteer.on_day`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Final, TypeVar

from core.errors import ConfigError, NotFound
from core.model.admin import AdminLevel, AdminUnit, Succession
from land.admin_source import EARLIEST, REFORM, AdminTable, read_table
from land.unit_names import asked_keys, bare_key

DIGITS: Final = {AdminLevel.PROVINCE: 2, AdminLevel.DISTRICT: 3, AdminLevel.COMMUNE: 5}
_LEVELS: Final = {digits: level for level, digits in DIGITS.items()}
_LAST_DAY_BEFORE: Final = REFORM - timedelta(days=1)
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Placed:
    """What a unit of one date is on another.

    ``certain``: exactly one unit has all of it. Otherwise ``units`` are the candidates: several where it was split (or,
    backwards, merged), none for a district after the reform.
    """

    units: tuple[AdminUnit, ...]
    certain: bool


def level_of(code: str) -> AdminLevel:
    """The level that a code has by its length.

    Raises:
        ConfigError: It has no 2, 3 or 5 digits.
    """
    level = _LEVELS.get(len(code)) if code.isascii() and code.isdigit() else None
    if level is None:
        raise ConfigError(
            f"{code!r} is no code of an administrative unit: a province has 2 digits, a district 3, a commune 5, "
            "leading zeros included (01, 001, 00004)"
        )
    return level


class Gazetteer:
    """All units of a table, looked up by code, parent or name."""

    def __init__(self, table: AdminTable) -> None:
        self.table = table
        self._by_code: dict[tuple[AdminLevel, str], tuple[AdminUnit, ...]] = _grouped(
            ((it.level, it.code), it) for it in sorted(table.units, key=lambda it: it.valid_from)
        )
        self._after = _grouped(((it.level, it.old), it) for it in table.successions)
        self._before = _grouped(((level_of(it.new), it.new), it) for it in table.successions)

    def unit(self, code: str, level: AdminLevel, day: date) -> AdminUnit:
        """The unit that has a code on a day.

        Raises:
            NotFound: No unit of the level has the code on that day.
            ConfigError: The day lies before the table.
        """
        _check(day)
        known = self._known(code, level)
        found = next((it for it in known if it.stands_on(day)), None)
        if found is None:
            raise NotFound(f"there is no {level} {code} on {day}: it was {', '.join(map(self._told, known))}")
        return found

    def units(self, level: AdminLevel, day: date, parent: str = "") -> tuple[AdminUnit, ...]:
        """The units of a level on a day by code, all of them or those within a province or a district.

        Raises:
            NotFound: ``parent`` does not exist on that day.
            ConfigError: ``parent`` is not above the level, or the day lies before the table.
        """
        _check(day)
        standing = [it for it in self.table.units if it.level is level and it.stands_on(day)]
        if parent:
            above = self.unit(parent, level_of(parent), day)
            if DIGITS[above.level] >= DIGITS[level]:
                raise ConfigError(f"{above.name} ({parent}) is a {above.level}: it has no units of level {level}")
            standing = [it for it in standing if above in self.parents(it)]
        return tuple(sorted(standing, key=lambda it: it.code))

    def parents(self, unit: AdminUnit) -> tuple[AdminUnit, ...]:
        """The units above one on its own dates, the nearest first."""
        found: list[AdminUnit] = []
        code = unit.parent
        while code:
            found.append(self.unit(code, level_of(code), unit.valid_from))
            code = found[-1].parent
        return tuple(found)

    def successors(self, code: str, level: AdminLevel) -> tuple[Succession, ...]:
        """What became of the unit that had a code until 30 June 2025; nothing where nothing did."""
        return self._after.get((level, code), ())

    def predecessors(self, code: str, level: AdminLevel) -> tuple[Succession, ...]:
        """What the unit that has a code since 1 July 2025 was made of."""
        return self._before.get((level, code), ())

    def find(self, name: str, day: date, level: AdminLevel | None = None) -> tuple[AdminUnit, ...]:
        """The units of a name on a day, by code: case, accents and the word for the kind (Tỉnh, TP., Xã) do not count.

        Raises:
            ConfigError: The day lies before the table.
        """
        _check(day)
        for key in asked_keys(name):
            found = [it for it in self._by_name.get(key, ()) if it.stands_on(day) and level in {None, it.level}]
            if found:
                return tuple(sorted(found, key=lambda it: (DIGITS[it.level], it.code)))
        return ()

    def resolve(self, code: str, level: AdminLevel, on: date | None = None) -> AdminUnit:
        """The unit that a code means on a day, or without one where no date is needed.

        A code that has kept its name is answered with the unit that stands now, though most have grown.

        Raises:
            NotFound: There is no such unit (on that day).
            ConfigError: Without a date the code stands for units of different names; or the day lies before the table.
        """
        if on is not None:
            return self.unit(code, level, on)
        known = self._known(code, level)
        if len({it.name.casefold() for it in known}) > 1:
            raise ConfigError(
                f"code {code} needs a date: it is {' and '.join(map(self._told, known))}. "
                f"Write --on {_LAST_DAY_BEFORE} or --on {REFORM}"
            )
        return known[-1]

    def on_day(self, code: str, level: AdminLevel, recorded: date, day: date) -> Placed:
        """What the unit that had a code on the day of a record is on another day, later or earlier.

        Raises:
            NotFound: No unit of the level had the code when it was recorded.
            ConfigError: One of the days lies before the table.
        """
        _check(day)
        unit = self.unit(code, level, recorded)
        if unit.stands_on(day):
            return Placed((unit,), certain=True)
        if day >= REFORM:
            units = tuple(self.unit(it.new, level_of(it.new), day) for it in self.successors(code, level))
        else:
            units = tuple(self.unit(it.old, it.level, day) for it in self.predecessors(code, level))
        return Placed(units, certain=len(units) == 1)

    @cached_property
    def _by_name(self) -> dict[str, tuple[AdminUnit, ...]]:
        return _grouped((bare_key(it.name), it) for it in self.table.units)

    def _known(self, code: str, level: AdminLevel) -> tuple[AdminUnit, ...]:
        """The units that ever had a code, the oldest first."""
        known = self._by_code.get((level, code))
        if known is None:
            raise NotFound(f"there is no {level} with code {code!r} (codes of this level have {DIGITS[level]} digits)")
        return known

    def _told(self, unit: AdminUnit) -> str:
        above = ", ".join(it.name for it in self.parents(unit))
        place = f"{unit.name} ({above})" if above else unit.name
        return f"{place} since {unit.valid_from}" if unit.valid_to is None else f"{place} until {_LAST_DAY_BEFORE}"


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The gazetteer of the installed package, read once (0.2 s).

    Raises:
        ConfigError: The package is absent, or holds other data than expected.
    """
    return Gazetteer(read_table())


def _check(day: date) -> None:
    if day < EARLIEST:
        raise ConfigError(
            f"{day}: the table of administrative units begins on {EARLIEST}. For the units before the reform of "
            f"{REFORM} write {_LAST_DAY_BEFORE}; communes that were merged or renamed before {EARLIEST} are not in it"
        )


def _grouped(pairs: Iterable[tuple[_Key, _Value]]) -> dict[_Key, tuple[_Value, ...]]:
    groups: defaultdict[_Key, list[_Value]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}
