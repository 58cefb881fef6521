"""Alert rules as Grafana's provisioning interface takes them, from 9.3 on."""

from __future__ import annotations

import msgspec

from dashboards.model.part import Part


class Ago(Part, frozen=True, kw_only=True):
    """A range relative to now, in s."""

    from_: int = msgspec.field(name="from")
    to: int


class QueryModel(Part, frozen=True, kw_only=True):
    """An InfluxQL query."""

    ref_id: str
    raw_query: bool
    query: str
    result_format: str


class Evaluator(Part, frozen=True, kw_only=True):
    """A limit: ``gt`` or ``lt``."""

    type: str
    params: tuple[float, ...]


class Condition(Part, frozen=True, kw_only=True):
    """When it is passed."""

    evaluator: Evaluator


class Expression(Part, frozen=True, kw_only=True):
    """What Grafana computes itself: ``reduce``, ``threshold`` or ``math``."""

    ref_id: str
    type: str
    expression: str
    reducer: str = ""
    conditions: tuple[Condition, ...] = ()


class Step(Part, frozen=True, kw_only=True):
    """A query or an expression of a rule."""

    ref_id: str
    query_type: str
    datasource_uid: str
    relative_time_range: Ago
    model: QueryModel | Expression


class Rule(Part, frozen=True, kw_only=True):
    """A rule; the folder and the organisation come with publishing."""

    uid: str
    title: str
    rule_group: str
    condition: str
    for_: str = msgspec.field(name="for")
    no_data_state: str
    exec_err_state: str
    labels: dict[str, str]
    annotations: dict[str, str]
    data: tuple[Step, ...]


class Group(Part, frozen=True, kw_only=True):
    """The rules of one group, as file provisioning takes them."""

    org_id: int
    name: str
    folder: str
    interval: str
    rules: tuple[dict[str, object], ...]


class ContactPoint(Part, frozen=True, kw_only=True):
    """Where alerts are sent; ``${NAMES}`` in settings come from the environment."""

    uid: str
    name: str
    type: str
    settings: dict[str, str]
    disable_resolve_message: bool
