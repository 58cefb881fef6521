"""What a case of a bad field file is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Said = tuple[str, str, str]
"""Plot, status and reason of a feature."""


@dataclass(frozen=True)
class Case:
    """One bad file. Either ``error`` (the whole text), or ``features`` and the file's ``problems``."""

    name: str
    make: Callable[[Path], Path]
    arguments: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    features: tuple[Said, ...] = ()
    problems: tuple[str, ...] = ()
