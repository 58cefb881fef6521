"""Compiled where numba is installed, plain Python else: the same results, only slower."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Final, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])

COMPILES: Final = find_spec("numba") is not None
"""Whether loops over rows are fast; where they are not, columns are better computed by NumPy."""


def compiled(function: _Function) -> _Function:
    """Compile a function on first use, and keep the code in its folder's cache."""
    if not COMPILES:
        return function
    from numba import njit  # noqa: PLC0415

    made: Any = njit(cache=True, nogil=True)(function)
    return made  # type: ignore[no-any-return]
