"""Compiled where numba is installed, plain Python else: the same results, only slower."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Compile a function on first use, and keep the code in its folder's cache."""
    try:
        from numba import njit  # noqa: PLC0415
    except ModuleNotFoundError:
        return function
    made: Any = njit(cache=True, nogil=True)(function)
    return made  # type: ignore[no-any-return]
