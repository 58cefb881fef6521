"""The whole OpenAPI document, asked with made-up requests: nothing breaks, every answer is one that it tells of.

``CANHDONG_SCHEMATHESIS_EXAMPLES`` asks for more of each operation.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.accounts import Scope
from tests.api.conftest import OWN, Village

EXAMPLES = int(os.environ.get("CANHDONG_SCHEMATHESIS_EXAMPLES", "3"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
UNBOUNDED = {"/v1/cooperatives/{cooperative}/live"}
"""Streams, which do not end."""


def asked(operation: Any, village: Village, headers: dict[str, str], statuses: Counter[int]) -> None:
    """Some made-up requests to one operation, most of them to things that exist."""
    own = OWN | {"flight": village.flights["htx-a"]}

    @seed(20261126)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def once(case: Any) -> None:
        told = dict(case.path_parameters or {})
        case.path_parameters = told | {name: own[name] for name in told if name in own}
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)
        statuses[answer.status_code] += 1

    once()


def test_no_fault_and_no_status_that_is_not_documented(village: Village) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", village.api.app)
    headers = village.api.key("manager-a", Scope.READ, Scope.WRITE)
    operations: list[Any] = [it.ok() for it in schema.get_all_operations()]  # type: ignore[union-attr]
    statuses: Counter[int] = Counter()
    faults: list[str] = []
    for operation in operations:
        if operation.path not in UNBOUNDED:
            try:
                asked(operation, village, headers, statuses)
            except* Failure as group:
                faults += [f"{operation.method} {operation.path}: {it!s}" for it in group.exceptions]
    assert not faults, "\n".join(faults)
    assert len(operations) > 60
    assert statuses[200] > 30, statuses
    assert statuses[422] > 20, statuses
