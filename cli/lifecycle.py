"""Long-running commands: stop on SIGTERM or Ctrl-C, and say when they are ready."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType

READY = "ready"


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set; a second signal ends the process at once."""
    stop = threading.Event()

    def ask(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop


def announce(name: str) -> None:
    """Tell whoever started this process that it does its work from now on."""
    print(f"canhdong {name}: {READY}", file=sys.stderr, flush=True)
