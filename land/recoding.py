"""The texts of a layer put right where they are TCVN3, VNI or Windows-1258 read as something else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from core.errors import ConfigError
from land import encodings
from land.layers import Layer

_RAW: Final = "latin-1"
_CONTROLS: Final = frozenset(map(chr, range(0x80, 0xA0)))


def chosen_encoding(encoding: str | None) -> str | None:
    """Our name of an encoding that was asked for.

    Raises:
        ConfigError: Nobody knows it.
    """
    if encoding is None:
        return None
    name = encodings.known(encoding)
    if name is None:
        raise ConfigError(f"unknown encoding {encoding!r}; there are tcvn3 (ABC), vni, cp1258, utf-8 and Python's own")
    return name


def recoded(layer: Layer, stated: str, encoding: str | None, *, raw: bool) -> Layer:
    """A layer with its texts and column names decoded.

    Args:
        layer: Its texts are bytes in disguise: one character per byte. Where a letter stands for no byte, the file has
            said its encoding and been read in it, and stays as it is.
        stated: The encoding that the file states, "" for none.
        encoding: The one asked for; it wins.
        raw: The disguise is Latin-1, else Windows-1252.
    """
    if encoding is None and _is_decoded(layer, raw=raw):
        return layer
    texts = {name: _bytes_of(values, raw=raw) for name, values in layer.columns.items() if values.dtype == object}
    heads = _bytes_of(np.array(list(layer.columns), object), raw=raw)
    found = [text for values in (*texts.values(), heads) for text in values if text is not None]
    if all(text.isascii() for text in found):
        return layer
    used = encoding or encodings.recognised(found, stated)
    if not raw and encoding is None and used == encodings.CP1252:
        return layer
    columns: dict[str, Any] = {}
    for head, name in zip(heads, layer.columns, strict=True):
        columns[_decoded(head, name, used)] = (
            np.array([_decoded(b, t, used) for b, t in zip(texts[name], layer.columns[name], strict=True)], object)
            if name in texts
            else layer.columns[name]
        )
    how = "as asked" if encoding else "recognised by their words" if used in encodings.NAMES else "as the file states"
    called = encodings.NAMES.get(used, used)
    notes = layer.notes if used == encodings.UTF8 else (*layer.notes, f"{layer.label}: texts are in {called}, {how}")
    return replace(layer, columns=columns, notes=notes)


def _decoded(raw: bytes | None, text: Any, encoding: str) -> Any:
    return text if raw is None else encodings.decode(raw, encoding)


def _is_decoded(layer: Layer, *, raw: bool) -> bool:
    """Whether a text holds a letter that no byte stands for."""
    texts = (text for values in layer.columns.values() if values.dtype == object for text in values)
    return any(_bytes(text, raw=raw) is None for text in {text for text in texts if isinstance(text, str)})


def _bytes_of(values: Iterable[Any], *, raw: bool) -> list[bytes | None]:
    """The bytes behind texts, None for what is no text or holds letters that no byte stands for."""
    return [_bytes(value, raw=raw) if isinstance(value, str) else None for value in values]


def _bytes(text: str, *, raw: bool) -> bytes | None:
    try:
        return text.encode(_RAW)
    except UnicodeEncodeError:
        return None if raw else _behind_cp1252(text)


def _behind_cp1252(text: str) -> bytes | None:
    """The bytes of Windows-1252, the five that it leaves undefined included."""
    try:
        return b"".join(letter.encode(_RAW if letter.isascii() or letter in _CONTROLS else "cp1252") for letter in text)
    except UnicodeEncodeError:
        return None
