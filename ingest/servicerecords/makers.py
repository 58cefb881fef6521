"""The makers whose records are read: how their files are known, and which units their columns have."""

from __future__ import annotations

from typing import Final

from ingest.servicerecords.table import Dialect

# Units as two independent importers of the web service's records state them; the service itself publishes none.
_DJI_UNITS: Final = {
    "new_work_area": "m2",
    "spray_usage": "ml",
    "sow_usage": "g",
    "start_timestamp": "s",
    "end_timestamp": "s",
    "work_speed": "m_s",
    "spray_width": "m",
    "radar_height": "m",
}
DJI_AGRAS: Final = Dialect(
    "dji-agras",
    "DJI Agras / SmartFarm",
    ("dji", "djiag", "agras", "smartfarm", "大疆", "new_work_area", "spray_usage", "sow_usage"),
    _DJI_UNITS,
    "as in the records of the DJI AG web service",
)
XAG: Final = Dialect(
    "xag",
    "XAG",
    ("xag", "xaircraft", "极飞", "极侠", "revospray", "revocast"),
    {},
    "XAG publishes no units",
)
