"""The data sources that boards and alert rules name, by uid: the same in every Grafana organisation.

``canhdong_telemetry`` reads the database of the organisation's cooperative, ``canhdong_province`` and
``canhdong_platform`` those of the department and the operator. ``canhdong_api`` is of type prometheus and never
queried: the browser asks it for polygons through Grafana's proxy, which adds the key. Its address is the API's with
:data:`API_PATH`, so that :data:`PLOTS` and :data:`MISSED` lie below it. No uid has a hyphen: before 9.3.4 the proxy
by uid breaks such addresses.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

TELEMETRY: Final = "canhdong_telemetry"
PROVINCE: Final = "canhdong_province"
PLATFORM: Final = "canhdong_platform"
API: Final = "canhdong_api"
EXPRESSIONS: Final = "__expr__"
"""Grafana's own source, which reduces and compares in alert rules."""

API_PATH: Final = "/v1/cooperatives/{cooperative}/grafana"
"""What follows the API's address in the address of :data:`API`."""
PLOTS: Final = f"api/datasources/proxy/uid/{API}/map/plots.geojson"
MISSED: Final = f"api/datasources/proxy/uid/{API}/map/missed.geojson"


class Audience(StrEnum):
    """Whose organisation a board or an alert rule goes to; it is one of a board's tags."""

    COOPERATIVE = "cooperative"
    DEPARTMENT = "department"
    OPERATOR = "operator"


SOURCE_OF: Final = {
    Audience.COOPERATIVE: TELEMETRY,
    Audience.DEPARTMENT: PROVINCE,
    Audience.OPERATOR: PLATFORM,
}
"""The data source that an audience's boards read."""
