"""Runs the platform's processes as children of one command.

Started in order, restarted when they die, stopped in reverse.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cli.lifecycle import READY
from core.errors import CanhdongError, ConfigError
from core.lifetime import die_with_parent

log = logging.getLogger("canhdong.supervisor")

_WRONG_USE = 2
_RESTARTS_KEPT = 5
_LAST_WORDS_S = 2.0


@dataclass
class Child:
    """One process: ``canhdong NAME ...`` with its own log file."""

    name: str
    arguments: Sequence[str]
    log_file: Path
    process: subprocess.Popen[bytes] | None = None
    ready: threading.Event = field(default_factory=threading.Event)
    restarts: int = 0
    watcher: threading.Thread | None = None
    log_start: int = 0

    def start(self, environment: Mapping[str, str]) -> None:
        """Start the process; its standard error goes to the log file and is watched for the word that it is ready."""
        self.ready.clear()
        self.log_start = self.log_file.stat().st_size if self.log_file.exists() else 0
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            [sys.executable, "-m", "cli.main", *self.arguments],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads of ours hold locks that prctl needs
            start_new_session=True,
        )
        self.watcher = threading.Thread(target=self._watch, args=(self.process,), name=f"log-{self.name}", daemon=True)
        self.watcher.start()

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        marker = f"canhdong {self.name}: {READY}".encode()
        stream = process.stderr
        if stream is None:
            return
        with self.log_file.open("ab") as out, stream:
            for line in stream:
                out.write(line)
                out.flush()
                if line.startswith(marker):
                    self.ready.set()

    def last_words(self, lines: int = 3) -> str:
        """The end of what this process has logged, for an error message."""
        if self.watcher is not None and self.process is not None and self.process.poll() is not None:
            self.watcher.join(_LAST_WORDS_S)
        text = self.log_file.read_bytes()[self.log_start :] if self.log_file.exists() else b""
        return " | ".join(text.decode(errors="replace").strip().splitlines()[-lines:])

    def stop(self, patience_s: float = 15.0) -> None:
        """Ask the process to stop, and end it if it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop within %.0f s; killed", self.name, patience_s)
            self.process.kill()
            self.process.wait()


class Supervisor:
    """Keeps children running until :meth:`stop`; use as a context manager."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = {**os.environ, **environment}
        self._children: list[Child] = []
        self._kept: list[Child] = []
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="supervisor", daemon=True)
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self, *commands: Sequence[str], patience_s: float = 30.0) -> None:
        """Start commands side by side and wait until each says that it is ready.

        Raises:
            ConfigError: A child found its settings wrong; its own words are in the message.
            CanhdongError: A child ended or was not ready in time.
        """
        batch = [Child(c[0], c, self._folder / f"{c[0]}.log") for c in commands]
        for child in batch:
            child.start(self._environment)
            self._children.append(child)
        deadline = time.monotonic() + patience_s
        for child in batch:
            self._await(child, deadline)
        self._kept += batch
        if not self._keeper.is_alive():
            self._keeper.start()

    def _await(self, child: Child, deadline: float) -> None:
        while not child.ready.wait(0.05):
            code = child.process.poll() if child.process else None
            if code is not None:
                kind = ConfigError if code == _WRONG_USE else CanhdongError
                raise kind(f"{child.name} ended with code {code}: {child.last_words()}")
            if time.monotonic() > deadline:
                raise CanhdongError(f"{child.name} was not ready in time; see {child.log_file}: {child.last_words()}")

    def _keep(self) -> None:
        """Restart what dies; stop all at the end, for children that this thread started die with it."""
        self._restart_the_dead()
        self._stop_children()

    def _restart_the_dead(self) -> None:
        while not self._stopping.wait(0.5):
            for child in tuple(self._kept):
                code = child.process.poll() if child.process else None
                if code is None or self._stopping.is_set():
                    continue
                child.restarts += 1
                words = child.last_words(1)
                log.error("%s ended with code %s (%s); restart %d", child.name, code, words, child.restarts)
                if self._stopping.wait(min(2.0 ** min(child.restarts, _RESTARTS_KEPT) / 4.0, 8.0)):
                    return
                child.start(self._environment)

    def stop(self) -> None:
        """Stop the children, the last started first."""
        self._stopping.set()
        if self._keeper.is_alive():
            self._keeper.join()
        self._stop_children()

    def _stop_children(self) -> None:
        for child in reversed(self._children):
            child.stop()
