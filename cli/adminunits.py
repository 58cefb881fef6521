"""What the commands about administrative units share: dates, rows of a table, and the same as JSON."""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING, Any

from cli import output
from core.errors import ConfigError
from core.localtime import local_day
from core.model.admin import AdminUnit
from core.terms import both

if TYPE_CHECKING:
    from land.gazetteer import Gazetteer


def day_of(text: str) -> date:
    """The date of ``--on``.

    Raises:
        ConfigError: The text is no date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--on {text!r}: give a date such as 2025-06-30") from None


def today() -> date:
    """The local date."""
    return date.fromisoformat(local_day(time.time_ns() // 1_000_000))


def note_gaps(day: date) -> None:
    """Say on stderr what the table does not know of a day."""
    from land.admin_source import INCOMPLETE_SINCE, REFORM  # noqa: PLC0415

    if day >= INCOMPLETE_SINCE:
        output.note(
            f"note: names as of {REFORM}; that Đồng Nai, Quảng Ninh and Bắc Ninh became cities in 2026, and some of "
            "their xã phường, is not in the table"
        )


def headings() -> list[str]:
    """What the columns of :func:`cells` are called."""
    return [both(key) for key in ("code", "name", "level", "within", "valid_from", "valid_to")]


def cells(gazetteer: Gazetteer, unit: AdminUnit) -> list[str]:
    """A unit as the table shows it. Where the table merely begins with it, its first day is "≤ 2025-03-01"."""
    from land.admin_source import EARLIEST  # noqa: PLC0415

    return [
        unit.code,
        unit.name,
        both(unit.level.value),
        ", ".join(it.name for it in gazetteer.parents(unit)),
        f"≤ {unit.valid_from}" if unit.valid_from == EARLIEST else unit.valid_from.isoformat(),
        "–" if unit.valid_to is None else unit.valid_to.isoformat(),
    ]


def document(gazetteer: Gazetteer, unit: AdminUnit) -> dict[str, Any]:
    """A unit as JSON has it; ``valid_to`` is the first day on which it is gone, null while it stands."""
    return {
        "code": unit.code,
        "level": unit.level.value,
        "name": unit.name,
        "valid_from": unit.valid_from.isoformat(),
        "valid_to": unit.valid_to.isoformat() if unit.valid_to is not None else None,
        "parents": [{"code": it.code, "level": it.level.value, "name": it.name} for it in gazetteer.parents(unit)],
    }
