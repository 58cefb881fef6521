"""What a command is, and how commands are found: every module of ``cli.commands`` holds one class ``Command``."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections.abc import Iterator
from typing import ClassVar, Protocol


class Command(Protocol):
    """One command. Its docstring is its help, ``vietnamese`` the same in a line; heavy imports stand inside ``run``."""

    name: ClassVar[str]
    vietnamese: ClassVar[str]

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
        yield importlib.import_module(f"cli.commands.{module.name}").Command()
