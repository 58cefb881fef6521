"""Which parts of a long command are done, in a file, so that one that was interrupted goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class DoneParts:
    """A line for what the command was asked, and one for each part that is done; it goes when all are.

    What was asked for else begins anew. Parts are rows of texts.
    """

    file: Path
    asked: Mapping[str, object]

    @classmethod
    def opened(cls, file: Path, asked: Mapping[str, object], *, again: bool = False) -> Self:
        """Go on with a file where it is about the same, unless all is to be done again; else begin one."""
        made = cls(file, asked)
        if again or made._lines()[:1] != [dict(asked)]:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(dict(asked)) + "\n", encoding="utf-8")
        return made

    def done(self) -> set[tuple[str, ...]]:
        """The parts that are done."""
        return {tuple(line) for line in self._lines()[1:] if isinstance(line, list)}

    def add(self, part: Sequence[str]) -> None:
        """Note that a part is done."""
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(list(part)) + "\n")

    def finish(self) -> None:
        """All is done."""
        self.file.unlink(missing_ok=True)

    def _lines(self) -> list[object]:
        """What stands in the file, as far as it was written; nothing where there is none."""
        found: list[object] = []
        with suppress(OSError, ValueError):
            found.extend(json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines())
        return found
