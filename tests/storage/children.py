"""Python processes beside the test: they say a line, wait for one, and may be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Child:
    """A process that runs a piece of Python with :data:`ROOT` on its path, and talks by lines."""

    def __init__(self, code: str, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        """The next line that it says; empty at its end."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go(self) -> None:
        """Let it pass its next ``input()``."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def rest(self) -> list[str]:
        """What it still says; it must end well."""
        out, _ = self.process.communicate(timeout=60.0)
        assert self.process.returncode == 0
        return out.splitlines()

    def kill(self) -> list[str]:
        """SIGKILL: no chance to clean up. Returns what it had said and nobody had read."""
        self.process.kill()
        assert self.process.stdout is not None
        with self.process:  # communicate() would pass over the lines that readline() has buffered
            return self.process.stdout.read().splitlines()


@contextmanager
def children(code: str, *arguments: tuple[object, ...]) -> Iterator[list[Child]]:
    """One child for each tuple of arguments, all of them having said ``ready``; none outlives the block."""
    some = [Child(code, *row) for row in arguments]
    try:
        assert [child.line() for child in some] == ["ready"] * len(some)
        yield some
    finally:
        for child in some:
            if child.process.poll() is None:
                child.kill()
