"""Whose plots a command means: the cooperative that is named, or the only one there is."""

from __future__ import annotations

import argparse

from core.errors import ConfigError, NotFound
from core.model.land import Cooperative
from core.registry import Registry


def add_option(parser: argparse.ArgumentParser) -> None:
    """Declare ``--cooperative``."""
    parser.add_argument("--cooperative", metavar="ID", help="whose plots; needed where several are registered")


def owner(registry: Registry, given: str | None) -> Cooperative:
    """The cooperative that is asked for, or the only one that is registered.

    Raises:
        NotFound: It is not registered.
        ConfigError: None is named, and several are registered, or none.
    """
    known = {one.cooperative: one for one in registry.cooperatives()}
    if given is not None:
        if given not in known:
            raise NotFound(f"no cooperative {given!r} is registered; known are {', '.join(known) or 'none'}")
        return known[given]
    if not known:
        raise ConfigError("no cooperative is registered; add one with: canhdong cooperative add")
    if len(known) > 1:
        raise ConfigError(f"several cooperatives are registered: {', '.join(known)}; say which with --cooperative")
    return next(iter(known.values()))


def required(registry: Registry, cooperative: str) -> None:
    """Stop where nobody registered a cooperative: an empty list would not tell.

    Raises:
        NotFound: It is not registered.
    """
    if cooperative not in {it.cooperative for it in registry.cooperatives()}:
        raise NotFound(f"there is no cooperative {cooperative!r}")
