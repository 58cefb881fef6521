"""Flights and coverage into files of other programs, written while they are read (:mod:`core.exports`)."""

from __future__ import annotations

from core.exports import Exporter, Subject
from land.flightfiles import csvfile, geojson, kml, layers, taskdata

EXPORTERS = (
    Exporter("geojson", ".geojson", "application/geo+json", geojson.stream),
    Exporter("csv", ".csv", "text/csv; charset=utf-8", csvfile.stream),
    Exporter("kml", ".kml", "application/vnd.google-earth.kml+xml", kml.stream),
    Exporter("gpkg", ".gpkg", "application/geopackage+sqlite3", layers.geopackage, any_crs=True),
    Exporter("shapefile", ".zip", "application/zip", layers.shapefile, any_crs=True),
    Exporter("isoxml", ".zip", "application/zip", taskdata.stream, (Subject.FIXES,)),
)
"""Every format of this folder."""
