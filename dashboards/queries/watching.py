"""Queries of alert rules: one series for each device or slot that something may be wrong with."""

from __future__ import annotations

from dashboards.queries.parts import TIME


def moving() -> str:
    """The speed at which each drone was last heard, m/s."""
    return f'SELECT last("speed_mps") AS "speed_mps" FROM "fix" WHERE {TIME} GROUP BY "device"'


def heard(measurement: str, field: str, minutes: int) -> str:
    """How often each device of the range was heard in the last minutes: 0 where it was silent."""
    recent = f'SELECT count("{field}") * 1.0 AS "heard" FROM "{measurement}" WHERE time > now() - {minutes}m'
    known = f'SELECT last("{field}") * 0.0 AS "heard" FROM "{measurement}" WHERE {TIME}'
    both = f'({recent} GROUP BY "device"), ({known} GROUP BY "device")'
    return f'SELECT sum("heard") AS "heard" FROM {both} WHERE {TIME} GROUP BY "device"'


def standing(kind: str) -> str:
    """Whether an alert of a kind stands, by drone: 1 or 0."""
    return f'SELECT max("active") AS "active" FROM "alert" WHERE {TIME} AND "kind" = \'{kind}\' GROUP BY "device"'


def last(quantity: str) -> str:
    """The last value of a quantity, by sensor."""
    rows = f"WHERE {TIME} AND \"quantity\" = '{quantity}'"
    return f'SELECT last("value") AS "value" FROM "reading" {rows} GROUP BY "device"'


def clock_wrong() -> str:
    """Whether the clock of each device was last found to be wrong: 1 or 0."""
    wrong = f'SELECT "offset_s" * 0.0 + 1.0 AS "wrong" FROM "device_health" WHERE {TIME} AND "clock" != \'ok\''
    right = f'SELECT "offset_s" * 0.0 AS "wrong" FROM "device_health" WHERE {TIME} AND "clock" = \'ok\''
    both = f'({wrong} GROUP BY "device"), ({right} GROUP BY "device")'
    return f'SELECT last("wrong") AS "wrong" FROM {both} WHERE {TIME} GROUP BY "device"'


def dead_letters() -> str:
    """Letters that are kept and were not replayed, by slot that tells of them."""
    return f'SELECT last("dead_letters") AS "dead_letters" FROM "ingest_stats" WHERE {TIME} GROUP BY "slot"'


def spool_growth() -> str:
    """How many bytes each slot's spool has grown over the range."""
    grown = 'last("spool_bytes") - first("spool_bytes") AS "grown_bytes"'
    return f'SELECT {grown} FROM "ingest_stats" WHERE {TIME} GROUP BY "slot"'
