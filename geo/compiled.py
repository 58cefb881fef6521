"""Compiled where numba is installed, plain Python else: the same results, only slower.

numba keeps what it compiled beside each file, and looks at that file alone to tell whether it is still right: not at
those whose functions were written into it. So what was compiled before any file of this package changed is forgotten.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])

COMPILES: Final = find_spec("numba") is not None
"""Whether loops over rows are fast; where they are not, columns are better computed by NumPy."""


def forget_stale(folder: Path) -> None:
    """Forget what was compiled in a folder and those below before any of their files changed, where that is allowed."""
    newest, kept = 0, list[os.DirEntry[str]]()
    with suppress(OSError):
        for entry in _files(folder):
            if entry.name.endswith(".py"):
                newest = max(newest, entry.stat().st_mtime_ns)
            elif entry.name.endswith(".nbi"):
                kept.append(entry)
        for index in kept:
            if index.stat().st_mtime_ns < newest:
                Path(index).unlink(missing_ok=True)


def _files(folder: Path | str) -> Iterator[os.DirEntry[str]]:
    """The files in a folder and those below, in one walk: it is made whenever a command starts."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(entry.path)
            else:
                yield entry


if COMPILES:
    forget_stale(Path(__file__).parent)


def compiled(function: _Function) -> _Function:
    """Compile a function on first use, and keep the code in its folder's cache."""
    if not COMPILES:
        return function
    from numba import njit  # noqa: PLC0415

    made: Any = njit(cache=True, nogil=True)(function)
    return made  # type: ignore[no-any-return]
