"""Identifiers that may stand in a topic."""

from __future__ import annotations

import argparse

from cli import arguments, wiring
from core.errors import ConfigError


def checked_cooperative(text: str) -> str:
    """An identifier that a cooperative may have.

    Raises:
        ConfigError: It may not stand in a topic, or the platform's own data goes by that name.
    """
    if text in wiring.PLATFORM:
        raise ConfigError(f"{text!r} is the name of the platform's own data: a cooperative needs another")
    return checked_identifier(text)


def checked_identifier(text: str) -> str:
    """An identifier that may stand in a topic.

    Raises:
        ConfigError: It may not.
    """
    try:
        return arguments.identifier(text)
    except argparse.ArgumentTypeError as error:
        raise ConfigError(str(error)) from None
