"""InfluxQL text as queries of a panel."""

from __future__ import annotations

from typing import Final

from dashboards.language import Words
from dashboards.model.panels import Target
from dashboards.model.part import Ref
from dashboards.sources import TELEMETRY

TABLE: Final = "table"
SERIES: Final = "time_series"


def influx(source: str = TELEMETRY) -> Ref:
    """An InfluxDB source."""
    return Ref(type="influxdb", uid=source)


def table(query: str, source: str = TELEMETRY, ref: str = "A") -> Target:
    """A query that answers with columns, named as the query names them."""
    return Target(ref_id=ref, datasource=influx(source), raw_query=True, query=query, result_format=TABLE)


def series(query: str, alias: Words, source: str = TELEMETRY, ref: str = "A") -> Target:
    """A query that answers with series over time. ``alias`` names them: ``$tag_device``, ``$col``, or plain words."""
    return Target(ref_id=ref, datasource=influx(source), raw_query=True, query=query, result_format=SERIES, alias=alias)
