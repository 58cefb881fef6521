"""Samples as columns of Arrow. What is not told is null; words stand for codes; names carry the unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from core.model.enums import FixQuality, HeightRef, Mode, Operation, Word
from core.model.fixtable import FLOATS, Codes, FixTable, Floats, Labels, SectionColumns
from core.model.samples import Event, Reading
from core.model.traffic import RawMessage

_TEXT: Final = pa.dictionary(pa.int32(), pa.string())
_SECTION: Final = pa.struct(
    [("offset_m", pa.float64()), ("width_m", pa.float64()), ("on", pa.bool_()), ("flow_lpm", pa.float64())]
)
DEGREES: Final = ("lat_deg", "lon_deg")
NUMBERS: Final = tuple(name for name in FLOATS if name not in DEGREES)
WORDS: Final[dict[str, type[Word]]] = {"quality": FixQuality, "op": Operation, "mode": Mode, "height_ref": HeightRef}
TEXTS: Final = ("boot", "flight", "job")
COLUMNS: Final[dict[str, Any]] = {
    "due_ms": pa.int64(),
    "message": pa.int64(),
    "sample": pa.int64(),
    "cooperative": _TEXT,
    "device": _TEXT,
    "kind": _TEXT,
    "ts_ms": pa.int64(),
    "seq": pa.int64(),
    **dict.fromkeys((*DEGREES, *NUMBERS), pa.float64()),
    **dict.fromkeys((*WORDS, *TEXTS), _TEXT),
    "on": pa.bool_(),
    "sections": pa.list_(_SECTION),
    "event": _TEXT,
    "quantity": _TEXT,
    "value": pa.float64(),
    "unit": _TEXT,
    "topic": _TEXT,
    "payload": pa.binary(),
    "retain": pa.bool_(),
    "qos": pa.int8(),
}
"""All columns of a file, in their order."""
SCHEMA: Final = pa.schema(list(COLUMNS.items()))
_OF_ALL: Final = ("due_ms", "message", "sample", "cooperative", "device", "kind", "ts_ms")
OF_KIND: Final[dict[str, tuple[str, ...]]] = {
    "fix": (*_OF_ALL, "seq", *DEGREES, *NUMBERS, *WORDS, *TEXTS, "on", "sections"),
    "event": (*_OF_ALL, "event", "boot"),
    "reading": (*_OF_ALL, "quantity", "value", "unit"),
    "message": (*_OF_ALL, "topic", "payload", "retain", "qos"),
}
"""The columns that rows of a kind fill."""
DEGREE_STEP: Final = 1e7
NUMBER_STEP: Final = 1e3

Samples = FixTable | Sequence[Event] | Sequence[Reading] | Sequence[RawMessage]


def kind_of(samples: Samples) -> str:
    """What a stream carries: ``fix``, ``event``, ``reading`` or ``message`` (an empty list is events)."""
    if isinstance(samples, FixTable):
        return "fix"
    if samples and isinstance(samples[0], Reading):
        return "reading"
    return "message" if samples and isinstance(samples[0], RawMessage) else "event"


def rounded(values: Floats, steps: float) -> Floats:
    """Values to a multiple of 1/steps, as the decimal number that is written so."""
    made = values * steps
    np.rint(made, out=made)
    made /= steps
    return made


def columns_of(samples: Samples) -> dict[str, Any]:
    """The columns that samples of one kind fill, as arrays of Arrow; ``device`` and ``ts_ms`` among them."""
    if isinstance(samples, FixTable):
        return _of_fixes(samples)
    return _OF_LIST[kind_of(samples)](samples)


def repeated(text: str, n: int) -> Any:
    """The same text in n rows; null for an empty one."""
    return _texts(Labels.constant(text, n))


def _of_fixes(fixes: FixTable) -> dict[str, Any]:
    made: dict[str, Any] = {
        "device": repeated(fixes.device, len(fixes)),
        "ts_ms": pa.array(fixes.ts_ms),
        "seq": pa.array(fixes.seq, mask=fixes.seq < 0) if (fixes.seq < 0).any() else pa.array(fixes.seq),
        "on": pa.array(fixes.on),
        "sections": _sections(fixes.sections),
    }
    made |= {name: _floats(rounded(getattr(fixes, name), DEGREE_STEP)) for name in DEGREES}
    made |= {name: _numbers(getattr(fixes, name)) for name in NUMBERS}
    made |= {name: _words(getattr(fixes, name), kind) for name, kind in WORDS.items()}
    return made | {name: _texts(getattr(fixes, name)) for name in TEXTS}


def _of_events(events: Sequence[Event]) -> dict[str, Any]:
    return {
        "device": _listed([e.device for e in events]),
        "ts_ms": pa.array([e.ts_ms for e in events], pa.int64()),
        "event": _listed([e.kind.word for e in events]),
        "boot": _listed([e.boot for e in events]),
    }


def _of_readings(readings: Sequence[Reading]) -> dict[str, Any]:
    return {
        "device": _listed([r.device for r in readings]),
        "ts_ms": pa.array([r.ts_ms for r in readings], pa.int64()),
        "quantity": _listed([r.quantity for r in readings]),
        "value": pa.array([r.value for r in readings], pa.float64()),
        "unit": _listed([r.unit for r in readings]),
    }


def _of_messages(messages: Sequence[RawMessage]) -> dict[str, Any]:
    return {
        "ts_ms": pa.array([m.ts_ms for m in messages], pa.int64()),
        "topic": _listed([m.topic for m in messages]),
        "payload": pa.array([m.payload for m in messages], pa.binary()),
        "retain": pa.array([m.retain for m in messages], pa.bool_()),
        "qos": pa.array([m.qos for m in messages], pa.int8()),
    }


_OF_LIST: Final[dict[str, Callable[[Any], dict[str, Any]]]] = {
    "event": _of_events,
    "reading": _of_readings,
    "message": _of_messages,
}


def _numbers(values: Floats) -> Any:
    return _floats(values) if len(values) and np.isnan(values).all() else _floats(rounded(values, NUMBER_STEP))


def _floats(values: Floats) -> Any:
    """NaN becomes null."""
    missing = np.isnan(values)
    if not missing.any():
        return pa.array(values)
    return pa.nulls(len(values), pa.float64()) if missing.all() else pa.array(values, mask=missing)


def _words(codes: Codes, kind: type[Word]) -> Any:
    members = [member for member in kind if member >= 0]
    places = np.full(int(max(members)) + 1, -1, np.int32)
    places[[int(member) for member in members]] = range(len(members))
    return _texts(Labels(places[codes], tuple(m.word for m in members)), codes < 0)


def _listed(texts: Sequence[str]) -> Any:
    return _texts(Labels.of(texts))


def _texts(labels: Labels, missing: Any = None) -> Any:
    """A dictionary of the texts that occur, each once, in the order given; an empty text is null."""
    if not len(labels):
        return pa.nulls(0, _TEXT)
    told = labels.codes if missing is None else labels.codes[~missing]
    used = np.bincount(told, minlength=len(labels.labels)) > 0
    names: dict[str, int] = {}
    places = np.full(len(used), -1, np.int32)
    for at in np.flatnonzero(used).tolist():
        if labels.labels[at]:
            places[at] = names.setdefault(labels.labels[at], len(names))
    codes = places[labels.codes]
    if missing is not None:
        codes = np.where(missing, np.int32(-1), codes)
    if not names:
        return pa.nulls(len(codes), _TEXT)
    gaps = codes < 0
    indices = pa.array(codes, mask=gaps) if gaps.any() else pa.array(codes)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))


def _sections(sections: SectionColumns) -> Any:
    n = len(sections)
    if not len(sections.offset_m):
        return pa.nulls(n, COLUMNS["sections"])
    parts = [
        pa.array(rounded(sections.offset_m, NUMBER_STEP)),
        pa.array(rounded(sections.width_m, NUMBER_STEP)),
        pa.array(sections.on),
        _floats(rounded(sections.flow_lpm, NUMBER_STEP)),
    ]
    values = pa.StructArray.from_arrays(parts, fields=list(_SECTION))
    none = np.append(np.diff(sections.start) == 0, [False])
    return pa.ListArray.from_arrays(pa.array(sections.start.astype(np.int32), mask=none), values)
