"""Flight records of XAG drones: CSV of track points or of flights, KML tracks, GeoJSON.

XAG publishes no description of its exports, and no public importer with real files was found (DroneLogbook reads an
"XAG" CSV: koen-aerts/potdroneflightparser#31). So no unit is taken for granted here: the header or the cell must name
it, in English, Chinese or Vietnamese, else the column is not used and ``problems`` says so. A file is XAG's
where its name or its text says so (XAG, 极飞, RevoSpray).
"""

from __future__ import annotations

from pathlib import Path

from core.model.flightlog import LogFile
from ingest.servicerecords.makers import XAG
from ingest.servicerecords.recordfile import is_record, read_record

FORMAT = XAG.format
EXTENSIONS = (".csv", ".kml", ".geojson", ".json")


def sniff(head: bytes, path: Path) -> bool:
    """Whether this is a record that names XAG as the maker."""
    return is_record(head, path, XAG)


def read(path: Path) -> LogFile:
    """Read a record file.

    Raises:
        FlightLogError: The columns are unknown, the coordinates are not WGS 84, or nothing in it is usable.
    """
    return read_record(path, XAG)
