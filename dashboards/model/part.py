"""What every part of the model is: frozen, written in camelCase, and silent about what has its default."""

from __future__ import annotations

import msgspec


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A part of a dashboard. A field without a default is always written."""


class Ref(Part, frozen=True, kw_only=True):
    """A data source, by uid."""

    type: str
    uid: str
