"""Flight records of DJI Agras drones as SmartFarm (DJI AG) hands them out and as importers pass them on.

Three kinds: CSV of track points or of flights (one row each), KML tracks, and GeoJSON with one point per fix. DJI
publishes no description. Column names and units follow what public importers of the service's records use:
``new_work_area`` in m², ``spray_usage`` in mL, ``sow_usage`` in g, ``start_timestamp`` and ``end_timestamp`` in unix
seconds, ``spray_width`` in m, ``work_speed`` in m/s, ``nickname`` and ``serial_number`` of the drone; the Task History
page lists take-off and landing time, duration, mode, treated area, rate and volume (dji-sdk/Mobile-SDK-Android#1356).
Exports in Chinese give areas in mu (亩, 1/15 ha). A unit in the header always decides; a column without any known unit
is not used, and ``problems`` says so. Records that name no maker are read here too.
"""

from __future__ import annotations

from pathlib import Path

from core.model.flightlog import LogFile
from ingest.servicerecords.makers import DJI_AGRAS, XAG
from ingest.servicerecords.recordfile import is_record, read_record

FORMAT = DJI_AGRAS.format
EXTENSIONS = (".csv", ".kml", ".geojson", ".json")


def sniff(head: bytes, path: Path) -> bool:
    """Whether this is a record of a DJI Agras, or one of an unnamed maker that tells of a treatment."""
    return is_record(head, path, DJI_AGRAS, others=(XAG,))


def read(path: Path) -> LogFile:
    """Read a record file.

    Raises:
        FlightLogError: The columns are unknown, the coordinates are not WGS 84, or nothing in it is usable.
    """
    return read_record(path, DJI_AGRAS)
