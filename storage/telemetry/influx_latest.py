"""The last reading of each sensor and quantity, by a number of questions that does not grow with the sensors.

A server looks for the last point of a series in every shard of all time: 600 series of 400 days took 0.9 s, in one
question or in many, and 0.08 s in the last month's shards. So the last month is asked first, for all series at once;
and of the series that told nothing since, some hundred at a time are asked of all time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.errors import StoreUnavailable
from core.model.samples import NAN, Reading
from storage.telemetry.influx_http import InfluxHttp
from storage.telemetry.lineprotocol import NS_PER_MS, READING

_RECENT: Final = "time > now() - 31d"
_LAST: Final = f'SELECT LAST("received_ms"), "value", "unit" FROM "{READING}"{{}} GROUP BY "device", "quantity"'  # noqa: S608 - our own name
_SERIES: Final = f'SHOW SERIES FROM "{READING}"'
_AT_ONCE: Final = 250
_COMMA: Final = re.compile(r"(?<!\\),")
_ESCAPED: Final = re.compile(r"\\([,= ])")

Series = tuple[str, str]
"""Device and quantity."""


def latest_readings(http: InfluxHttp, database: str) -> list[Reading]:
    """The reading with the highest device time of each device and quantity, by both.

    Raises:
        StoreUnavailable: The server does not answer.
    """
    found = _last(http, database, f" WHERE {_RECENT}")
    silent = _series(http, database)
    if silent is None:  # 3.x knows no such statement
        found = _last(http, database)
    else:
        rest = sorted(silent - found.keys())
        for first in range(0, len(rest), _AT_ONCE):
            found |= _last(http, database, *_only(rest[first : first + _AT_ONCE]))
    return [found[key] for key in sorted(found)]


def _last(
    http: InfluxHttp, database: str, where: str = "", parameters: Mapping[str, object] | None = None
) -> dict[Series, Reading]:
    answer = http.statement(_LAST.format(where), database, parameters, method="POST")
    return {(it.device, it.quantity): it for it in last_readings(answer)}


def _only(some: Sequence[Series]) -> tuple[str, dict[str, object]]:
    """The condition that a point is of one of some series, and its parameters."""
    either = " OR ".join(f'("device" = $d{n} AND "quantity" = $q{n})' for n in range(len(some)))
    parameters = {f"{name}{n}": value for n, pair in enumerate(some) for name, value in zip("dq", pair, strict=True)}
    return f" WHERE {either}", dict(parameters)


def _series(http: InfluxHttp, database: str) -> set[Series] | None:
    """All series of readings; None where the server cannot tell them."""
    try:
        answer = http.statement(_SERIES, database)
    except StoreUnavailable:
        return None
    keys = [row[0] for it in answer["results"] for series in it.get("series", ()) for row in series["values"]]
    tags = [dict(part.partition("=")[::2] for part in _COMMA.split(key)[1:]) for key in keys]
    return {(_plain(it["device"]), _plain(it["quantity"])) for it in tags if "device" in it and "quantity" in it}


def _plain(value: str) -> str:
    return _ESCAPED.sub(r"\1", value)


def last_readings(answer: Mapping[str, Any]) -> list[Reading]:
    """One reading for each device and quantity, of an answer in JSON that is grouped by both."""
    found: list[Reading] = []
    for series in (it for result in answer["results"] for it in result.get("series", ())):
        tags, at = series["tags"], {name: place for place, name in enumerate(series["columns"])}
        for row in series["values"]:
            value = row[at["value"]]
            told = NAN if value is None else float(value)
            found.append(
                Reading(tags["device"], row[at["time"]] // NS_PER_MS, tags["quantity"], told, row[at["unit"]] or "")
            )
    return found
