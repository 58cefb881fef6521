"""What every record that people register has in common, and how it turns into the model and back."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from api.paging import CursorField, LimitField
from api.schemas.fields import Instant, since
from core.model.enums import Word
from core.model.versions import Versioned


class Given(BaseModel):
    """A body: what nobody knows is refused, so that a misspelt name is not lost."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    def fields(self) -> dict[str, Any]:
        """The model's fields, with NaN where nothing is told."""
        return {name: _modelled(type(self), name, getattr(self, name)) for name in type(self).model_fields}


class Told(BaseModel):
    """A record with its version; ``valid_from`` is ``null`` where it has counted ever since."""

    version: int = Field(examples=[1])
    valid_from: str | None = Field(examples=[None])
    retired: bool = Field(examples=[False])

    @classmethod
    def of(cls, it: Versioned) -> Self:
        """From the model."""
        there = {f.name for f in fields(it)}
        values = {name: _told(getattr(it, name)) for name in cls.model_fields if name in there}
        return cls.model_validate(values | {"valid_from": since(it.valid_from_ms)})


class ListQuery(BaseModel):
    """What every list of records can be asked."""

    model_config = ConfigDict(extra="forbid")

    cursor: CursorField = ""
    limit: LimitField = 100
    as_of: Instant | None = Field(None, description="those that counted at this instant; default: now")
    retired: bool = Field(default=False, description="what is in use no more, too", examples=[False])

    def filters(self) -> dict[str, Any]:
        """The fields that a record must equal; those that nobody gave are left out."""
        own = set(type(self).model_fields) - set(ListQuery.model_fields) - {"bbox"}
        return {name: value for name in sorted(own) if (value := getattr(self, name)) not in {None, ""}}


def _told(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case BaseGeometry():
            return mapping(value)
        case Word():
            return value.word
        case tuple():
            return list(value)
    return value


def _modelled(model: type[BaseModel], name: str, value: Any) -> Any:
    if value is None and model.model_fields[name].annotation == float | None:
        return math.nan
    return tuple(value) if isinstance(value, list) else value
