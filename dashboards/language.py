"""The two languages, and a text that knows both; rendering picks one."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """A language in which boards are rendered."""

    VI = "vi"
    EN = "en"


class Text:
    """A text in Vietnamese and English. Not a tuple nor a struct: the encoder has to ask for it."""

    __slots__ = ("en", "vi")

    def __init__(self, vi: str, en: str) -> None:
        self.vi = vi
        self.en = en

    def __repr__(self) -> str:
        return f"Text({self.vi!r}, {self.en!r})"

    def said(self, language: Language) -> str:
        """The text in a language."""
        return self.vi if language is Language.VI else self.en


Words = Text | str
"""What a person reads, or what reads the same in both languages (a unit, a name of a column)."""
