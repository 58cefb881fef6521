"""The tree that the docstring draws is the tree that there is."""

from __future__ import annotations

import inspect
import re

from core import errors
from core.errors import CanhdongError, PayloadError

CLASSES: list[type] = [kind for kind in vars(errors).values() if inspect.isclass(kind)]
_BRANCH = re.compile(r"^ {4}([│├└─ ]*)([A-Z]\w+)")


def drawn() -> dict[str, str]:
    """Every error of the drawing with its parent."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = _BRANCH.match(line)
        if found:
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            parents[found[2]] = path[depth - 1] if depth else "Exception"
    return parents


def test_the_drawing_is_the_tree() -> None:
    assert drawn() == {kind.__name__: kind.__bases__[0].__name__ for kind in CLASSES}
    assert all(issubclass(kind, CanhdongError) for kind in CLASSES)


def test_every_error_has_one_parent_and_says_what_it_is() -> None:
    for kind in CLASSES:
        assert len(kind.__bases__) == 1
        assert kind.__doc__


def test_a_payload_error_keeps_its_reason() -> None:
    error = PayloadError("range", "lat: 91 is no latitude")
    assert (error.reason, str(error)) == ("range", "lat: 91 is no latitude")
