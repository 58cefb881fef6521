"""The statement's form as JSON Schema (2020-12), kept in docs/schema; ``python -m geo.statements.schema`` writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from core.statement import SCHEMA, StatementKind

SCHEMA_FILE: Final = Path(__file__).parents[2] / "docs" / "schema" / "statement.schema.json"
Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {"type": ["number", "null"]}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_HASH: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
_DAY: Final[Schema] = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_GRADE: Final[Schema] = {"enum": ["A", "B", "C", "D"]}
_AREA_UNITS: Final = ("m2", "ha", "cong")
_INTERVAL: Final = ("expected", "low", "high")


def schema() -> Schema:
    """The whole schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Statement of sprayed area",
        "description": "What it was computed from (inputs), what came of that (computed), what is told beside it.",
        **_object(
            {
                "schema": {"const": SCHEMA},
                "zone": _described(_TEXT, "time zone of the local times and days"),
                "cooperative": _object(
                    {"cooperative": _TEXT, "name": _TEXT, "organisation": _TEXT, "m2_per_cong": {"type": "number"}}
                ),
                "subject": _subject(),
                "inputs": _inputs(),
                "computed": _object({"treatments": _list(_treatment()), "season": _season()}),
                "told": _object(
                    {
                        "treatments": _list(_told()),
                        "plots": _list({"type": "object"}),
                        "drones": _list({"type": "object"}),
                    }
                ),
                "grades": _list(_object({"grade": _GRADE, "words": _both()})),
                "definitions": {"type": "object", "additionalProperties": _both()},
                "statement": _number(),
                "issuer": _object(
                    {"platform": _TEXT, "key": {"type": "object"}, "keys": _TEXT},
                ),
                "signature": _described(
                    {"type": "string", "pattern": r"^[\w-]+\.\.[\w-]+$"},
                    "JWS (RFC 7515, appendix F), EdDSA, over the canonical JSON (RFC 8785) of all other members",
                ),
            }
        ),
    }


def _subject() -> Schema:
    kinds = [it.value for it in StatementKind]
    return _object({"kind": {"enum": kinds}, "name": _TEXT, "label": _TEXT, "first_day": _DAY, "last_day": _DAY})


def _number() -> Schema:
    return _object(
        {
            "version": {"type": "integer", "minimum": 1},
            "issued": _TIME,
            "issued_local": _TIME,
            "digest": _described(_HASH, "SHA-256 of the canonical JSON without statement, issuer and signature"),
            "replaces": _described(_or_null(_HASH), "digest of the version before"),
        }
    )


def _inputs() -> Schema:
    flight = _object(
        {
            "flight": _TEXT,
            "device": _TEXT,
            "job": _TEXT,
            "operation": _operation_code(),
            "start": _TIME,
            "end": _TIME,
            "fixes": _COUNT,
            "archive_version": {"type": "integer", "minimum": 1},
            "input_hash": _described(_HASH, "of the fixes and events; docs/statement.md says how"),
            "tank_hash": _described(_or_null(_HASH), "of the tank's levels, which the input hash leaves out"),
            "swath_m": _described(_NUMBER, "width where a fix names none"),
            "swath_source": {"enum": ["task", "calibration", "model", "unknown"]},
        }
    )
    plot = _object({"plot": _TEXT, "version": _COUNT, "name": _TEXT, "boundary": {"type": "object"}})
    named = _object({"plot": _TEXT, "version": _COUNT})
    group = _object({"job": _TEXT, "day": _DAY, "flights": _list(_TEXT), "plots": _list(named)})
    return _object(
        {
            "algorithm": _TEXT,
            "parameters": {"type": "object"},
            "flights": _list(flight),
            "plots": _described(_list(plot), "boundaries in WGS 84, longitude first (GeoJSON geometry)"),
            "groups": _described(
                _list(group), "the flights of each job and day, and the plots that they are held against"
            ),
            "hash": _described(_HASH, "SHA-256 of the canonical JSON of the inputs without this member"),
        }
    )


def _treatment() -> Schema:
    row = {"plot": _TEXT, "name": _TEXT, **_areas("area", "gross", "net", "overlap", "overlap3", "missed")}
    row |= _areas(*(f"net_{it}" for it in _INTERVAL))
    row |= dict.fromkeys(("covered_pct", "volume_l", "dose_lpha", "mass_kg", "dose_kgpha", "dose_cv_pct"), _NUMBER)
    totals = _areas(*(f"plots_{it}" for it in ("area", "gross", "net", "overlap", "missed")))
    totals |= _areas("gross", "net", "off_target", "off_transit", "off_failsafe")
    totals |= _areas(*(f"plots_net_{it}" for it in _INTERVAL))
    totals |= dict.fromkeys(("off_target_volume_l", "off_target_mass_kg"), _NUMBER)
    totals |= dict.fromkeys(("distance_m", "treated_distance_m", "bridged_m"), _NUMBER)
    amounts = [f"{way}_{unit}" for way in ("meter", "tank") for unit in ("l", "kg")]
    fixes = {"archived": _COUNT, "used": _COUNT, "rejected": {"type": "object"}, "used_pct": _NUMBER}
    trust = {"part": {"enum": ["gnss", "sampling", "bridges"]}, "name": _both(), "grade": _GRADE, "why": _both()}
    return _object(
        {
            "job": _TEXT,
            "day": _DAY,
            "flights": _list(_TEXT),
            "operation": _operation(),
            **dict.fromkeys(("start", "end", "start_local", "end_local"), _TIME),
            "plots": _list(_object(row)),
            "totals": _object(totals),
            "amounts": _object(dict.fromkeys((*amounts, "difference_l_pct", "difference_kg_pct"), _NUMBER)),
            "fixes": _object(fixes),
            "trust": _list(_object(trust)),
            "warnings": _list(_both()),
        }
    )


def _season() -> Schema:
    row = {"operation": _operation(), "treatments": _COUNT, **_areas("gross", "net", "overlap", "missed")}
    row |= _areas(*(f"net_{it}" for it in _INTERVAL))
    row |= dict.fromkeys(("turns", "worst_pct", "volume_l", "mass_kg"), _NUMBER)
    return _described(_or_null(_list(_object(row | {"first_day": _DAY, "last_day": _DAY}))), "sums, by operation")


def _told() -> Schema:
    ledger = {"grade": _GRADE, "expected": _COUNT, "missing": _COUNT, "reason": _TEXT, "why": _both()}
    order = _object({"product": _TEXT, "dose": _NUMBER, "dose_unit": _TEXT})
    weather = _object(
        {name: {"type": "object"} for name in ("before", "worst", "mean", "after")}
        | {"minutes": _COUNT, "minutes_without": _COUNT}
    )
    return _object(
        {
            "job": _TEXT,
            "day": _DAY,
            "order": _or_null(order),
            "completeness": _object(ledger),
            "weather": _or_null(weather),
        }
    )


def _areas(*names: str) -> dict[str, Schema]:
    return {f"{name}_{unit}": _NUMBER for name in names for unit in _AREA_UNITS}


def _operation() -> Schema:
    return _object({"code": _operation_code(), "vi": _TEXT, "en": _TEXT})


def _operation_code() -> Schema:
    return {"enum": ["spray", "spread", "sow", "unknown"]}


def _both() -> Schema:
    return _object({"vi": _TEXT, "en": _TEXT})


def _object(members: dict[str, Schema]) -> Schema:
    """An object with these members, all of them, and no other."""
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _or_null(it: Schema) -> Schema:
    return {"anyOf": [it, {"type": "null"}]}


def _described(it: Schema, said: str) -> Schema:
    return it | {"description": said}


def text() -> str:
    """The schema's file."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(text(), encoding="utf-8")
