"""One file per payload format; :mod:`ingest.codec` says what it must hold."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from core.errors import ConfigError


@cache
def codecs() -> dict[str, ModuleType]:
    """Our own codecs by their names, in the order of their names."""
    found = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}") for name in found}


def codec(name: str) -> ModuleType:
    """A codec by the name of its module, or a stranger's by its dotted path.

    Raises:
        ConfigError: There is no such codec, or it lacks what a codec must have.
    """
    ours = codecs()
    if name in ours:
        return ours[name]
    if "." not in name:
        raise ConfigError(f"no codec {name!r}; there are {', '.join(ours)}")
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        raise ConfigError(f"codec {name!r}: {error}") from None
    lacking = [part for part in ("FORMAT", "TOPICS", "FOREIGN") if not hasattr(module, part)]
    if not (hasattr(module, "decode") or hasattr(module, "session")):
        lacking.append("decode or session")
    if lacking:
        raise ConfigError(f"codec {name!r} lacks {', '.join(lacking)}")
    return module
