"""The OpenAPI document: every parameter says what it is, and shows what it may look like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from tests.api.conftest import Village

METHODS = {"get", "put", "post", "delete", "patch"}


def parameters(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every parameter, and where it stands; those that a path has for all its methods, too."""
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method, operation in item.items():
            if method in METHODS:
                for it in [*shared, *operation.get("parameters", [])]:
                    yield f"{method.upper()} {path}: {it['in']} {it['name']}", resolved(document, it)


def resolved(document: dict[str, Any], it: dict[str, Any]) -> dict[str, Any]:
    """What a reference leads to."""
    if "$ref" not in it:
        return it
    found: Any = document
    for part in it["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def described(it: dict[str, Any]) -> bool:
    return bool(str(it.get("description") or it.get("schema", {}).get("description", "")).strip())


def shown(it: dict[str, Any]) -> list[Any]:
    """The examples of a parameter, wherever OpenAPI lets them stand."""
    named = it.get("examples", {}).values()
    values = [example["value"] for example in named] + [it[key] for key in ("example",) if key in it]
    schema = it.get("schema", {})
    for part in (schema, *schema.get("anyOf", ())):
        values += [*part.get("examples", ()), *(part[key] for key in ("example",) if key in part)]
    return values


@pytest.fixture(scope="module")
def document(village: Village) -> dict[str, Any]:
    return village.api.app.openapi()


def test_every_parameter_is_described_and_has_an_example(document: dict[str, Any]) -> None:
    found = list(parameters(document))
    assert len(found) > 300
    assert [where for where, it in found if not described(it)] == []
    assert [where for where, it in found if not shown(it)] == []


def test_every_example_of_a_parameter_is_one(document: dict[str, Any]) -> None:
    """An example that the schema would refuse leads everybody astray who copies it."""
    wrong = []
    for where, it in parameters(document):
        schema = it["schema"] | {"components": document["components"]}
        checker = jsonschema.Draft202012Validator(schema)
        wrong += [f"{where}: {value!r}" for value in shown(it) if not checker.is_valid(value)]
    assert wrong == []


@pytest.mark.parametrize(
    "it",
    [
        {"description": "what", "schema": {"type": "string"}},
        {"description": "what", "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
        {"description": " ", "schema": {"examples": ["x"]}},
        {"schema": {"type": "string", "examples": ["x"]}},
    ],
)
def test_what_lacks_something_is_found(it: dict[str, Any]) -> None:
    assert not (described(it) and shown(it))
