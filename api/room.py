"""How many files are taken in at once: what they need on the disk and in memory is bounded by that."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

RETRY_S: Final = 30


class NoRoom(Exception):
    """No more files are taken in right now; the message says why."""


class Room:
    """Of one process: so many files arrive at once, and one of them is read at a time.

    Args:
        files: How many.
        spare_bytes: What is left free on the disk that they are written to.
    """

    def __init__(self, files: int = 4, spare_bytes: int = 1 << 30) -> None:
        self._places = threading.BoundedSemaphore(files)
        self._spare_bytes = spare_bytes
        self.reading = threading.Lock()
        """Held while a file is read: its fixes are all in memory then."""

    @contextmanager
    def place(self, size_bytes: int) -> Iterator[None]:
        """A place for a file of a size, for as long as it lasts.

        Raises:
            NoRoom: As many files arrive as may, or the disk would be full.
        """
        if not self._places.acquire(blocking=False):
            raise NoRoom("as many files are being handed in as may; try again later")
        try:
            self.require(size_bytes)
            yield
        finally:
            self._places.release()

    def require(self, size_bytes: int) -> None:
        """Raise ``NoRoom`` where the disk has no room for so many bytes more."""
        if shutil.disk_usage(tempfile.gettempdir()).free - size_bytes < self._spare_bytes:
            raise NoRoom("there is no room for the file; the platform's disk is nearly full")
