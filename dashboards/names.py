"""What boards are called in addresses, and addresses of boards."""

from __future__ import annotations

from enum import StrEnum

from dashboards.language import Language, Text


class Name(StrEnum):
    """A board."""

    FLEET = "fleet"
    FLIGHT = "flight"
    PLOTS = "plots"
    PROVINCE = "province"
    SENSORS = "sensors"
    QUALITY = "quality"
    PLATFORM = "platform"


def uid(name: Name, language: Language) -> str:
    """A board's uid: no hyphen, at most 40 characters, one for each language."""
    return f"cd_{name}_{language}"


def address(name: Name, query: str) -> Text:
    """The address of a board in the language of the one that leads there."""
    vi, en = (f"/d/{uid(name, language)}?{query}" for language in (Language.VI, Language.EN))
    return Text(vi, en)
