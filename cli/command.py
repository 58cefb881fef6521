"""What a command is, and how commands are found: a module of ``cli.commands`` holds a class ``Command``.

Commands that differ in what they are about only, such as those of a pilot and of a member, are made by a module that
holds a tuple ``COMMANDS``.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Protocol


class Command(Protocol):
    """One command. Its docstring is its help, ``vietnamese`` the same in a line; heavy imports stand inside ``run``."""

    @property
    def name(self) -> str:
        """Its words, such as ``plots import``."""
        ...

    @property
    def vietnamese(self) -> str:
        """What it does, in a line of Vietnamese."""
        ...

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare options and arguments."""
        ...

    def run(self, args: argparse.Namespace) -> int:
        """Do the work; returns the exit code (0 done, 1 the work failed)."""
        ...


def commands() -> Iterator[Command]:
    """All commands, by the names of their modules."""
    folder = importlib.import_module("cli.commands")
    for module in sorted(pkgutil.iter_modules(folder.__path__), key=lambda m: m.name):
        found = importlib.import_module(f"cli.commands.{module.name}")
        yield from found.COMMANDS if hasattr(found, "COMMANDS") else [found.Command()]
