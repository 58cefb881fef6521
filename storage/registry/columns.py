"""Column types that hold the model's own values, the same in SQLite and PostgreSQL."""

from __future__ import annotations

import math
from enum import IntEnum, StrEnum
from typing import Any

import msgspec
from sqlalchemy import JSON, Float, SmallInteger, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


def identifier(length: int = 64) -> String:
    """Text that is sorted by its code points, whatever language the database server speaks."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class Real(TypeDecorator[float]):
    """A number; NaN, which says that nobody knows, is NULL."""

    impl = Float
    cache_ok = True

    def process_bind_param(self, value: float | None, _dialect: Dialect) -> float | None:
        """NaN to NULL."""
        return None if value is None or math.isnan(value) else value

    def process_result_value(self, value: float | None, _dialect: Dialect) -> float:
        """NULL to NaN."""
        return math.nan if value is None else value


class Structured(TypeDecorator[Any]):
    """Anything that msgspec can write as JSON and read back as the type that it was."""

    impl = JSON
    cache_ok = True

    def __init__(self, type_: Any) -> None:
        super().__init__()
        self.type_ = type_

    def process_bind_param(self, value: Any, _dialect: Dialect) -> Any:
        """To what JSON can say; NaN becomes null."""
        return _without_nan(msgspec.to_builtins(value))

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        """Back to the type."""
        return msgspec.convert(_with_defaults(value), self.type_)


def _without_nan(value: Any) -> Any:
    match value:
        case float():
            return None if math.isnan(value) else value
        case dict():
            return {key: _without_nan(v) for key, v in value.items()}
        case list() | tuple():
            return [_without_nan(v) for v in value]
        case _:
            return value


def _with_defaults(value: Any) -> Any:
    """Leave out what is null: the type's default stands for it."""
    match value:
        case dict():
            return {key: _with_defaults(v) for key, v in value.items() if v is not None}
        case list():
            return [_with_defaults(v) for v in value]
        case _:
            return value


class Document(TypeDecorator[Any]):
    """A dataclass whose only numbers that may be unknown are fractions (NaN, null in the JSON); None is NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, type_: type) -> None:
        super().__init__()
        self.type_ = type_

    def process_bind_param(self, value: Any, _dialect: Dialect) -> Any:
        """To what JSON can say."""
        return None if value is None else _without_nan(msgspec.to_builtins(value))

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        """Back to the type."""
        return None if value is None else msgspec.convert(_with_nan(value), self.type_)


def _with_nan(value: Any) -> Any:
    match value:
        case None:
            return math.nan
        case dict():
            return {key: _with_nan(v) for key, v in value.items()}
        case _:
            return value


class Coded(TypeDecorator[IntEnum]):
    """A member of a closed vocabulary, by its code."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, vocabulary: type[IntEnum]) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def process_bind_param(self, value: IntEnum | None, _dialect: Dialect) -> int | None:
        """To the code."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> IntEnum | None:
        """From the code."""
        return None if value is None else self.vocabulary(value)


class Worded(TypeDecorator[StrEnum]):
    """A member of a closed vocabulary, by its word."""

    impl = String(16)
    cache_ok = True

    def __init__(self, vocabulary: type[StrEnum]) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def process_bind_param(self, value: StrEnum | None, _dialect: Dialect) -> str | None:
        """To the word."""
        return None if value is None else value.value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> StrEnum | None:
        """From the word."""
        return None if value is None else self.vocabulary(value)
