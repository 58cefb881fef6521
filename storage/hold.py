"""Holding something for one process: a lock on a file, which the kernel takes back when the process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from core.errors import StoreUnavailable


def hold(path: Path) -> int | None:
    """Lock a file (made where it does not exist) until the returned descriptor is closed; None where another holds it.

    Raises:
        StoreUnavailable: The file cannot be made or opened.
    """
    try:
        held = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error.strerror or error}") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        return None
    return held
