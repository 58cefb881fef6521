"""Field files made by us, good and bad, for the cases and the tests beside them."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyogrio.raw import write
from shapely import Polygon, box

LON, LAT = 105.0, 9.0
A, B, C = (box(LON + 0.002 * i, LAT, LON + 0.002 * i + 0.001, LAT + 0.001) for i in range(3))
"""Three squares of about 110 m, apart from each other, in WGS 84."""
TM3 = [(579_400.0, 1_026_800.0), (579_500.0, 1_026_800.0), (579_500.0, 1_026_900.0), (579_400.0, 1_026_900.0)]
"""A hectare near Bạc Liêu: eastings and northings of EPSG:5897."""

Ring = Sequence[tuple[Any, Any]]
"""Points, also such as hold no numbers."""


def polygon(*rings: Ring) -> dict[str, Any]:
    """A GeoJSON polygon with its rings as they are, closed or not."""
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring] for ring in rings]}


def mapping(geometry: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(shapely.to_geojson(geometry))
    return made


def geojson(path: Path, geometries: Iterable[Any], *properties: dict[str, Any], crs: Any = "") -> Path:
    """A GeoJSON of shapely geometries, GeoJSON geometries or None; properties are ``id`` 1, 2 ... where not given."""
    features = []
    for at, geometry in enumerate(geometries):
        drawn = geometry if geometry is None or isinstance(geometry, dict) else mapping(geometry)
        told = properties[at] if properties else {"id": at + 1}
        features.append({"type": "Feature", "properties": told, "geometry": drawn})
    document: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if crs != "":
        document["crs"] = crs if crs is None else {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def written(
    path: Path, geometries: Sequence[Any], crs: str | None, driver: str | None = None, **columns: list[Any]
) -> Path:
    """A file as GDAL writes it."""
    write(
        path,
        geometry=np.array([shapely.to_wkb(g) for g in geometries], dtype=object),
        field_data=[np.array(c) for c in columns.values()],
        fields=list(columns),
        geometry_type="Polygon",
        crs=crs,
        driver=driver,
    )
    return path


def shapefile(
    path: Path,
    rings: Sequence[Ring],
    fields: Sequence[tuple[str, str, int]],
    rows: Sequence[Sequence[bytes]],
    prj: str = "",
) -> Path:
    """A shapefile byte by byte: fields are (name, dBASE kind, width), rows the raw bytes of their cells."""
    records, index = b"", b""
    for number, ring in enumerate(rings, 1):
        points = b"".join(struct.pack("<2d", *point) for point in ring)
        bounds = struct.pack("<4d", *np.min(ring, axis=0), *np.max(ring, axis=0))
        content = struct.pack("<i", 5) + bounds + struct.pack("<3i", 1, len(ring), 0) + points
        index += struct.pack(">2i", 50 + len(records) // 2, len(content) // 2)
        records += struct.pack(">2i", number, len(content) // 2) + content
    whole = np.concatenate([np.array(ring) for ring in rings])
    bounds = struct.pack("<8d", *whole.min(axis=0), *whole.max(axis=0), 0, 0, 0, 0)
    for suffix, body in ((".shp", records), (".shx", index)):
        head = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, 50 + len(body) // 2) + struct.pack("<2i", 1000, 5)
        path.with_suffix(suffix).write_bytes(head + bounds + body)
    described = b"".join(
        name.encode().ljust(11, b"\0") + kind.encode() + bytes(4) + bytes([width, 0]) + bytes(14)
        for name, kind, width in fields
    )
    width = 1 + sum(field[2] for field in fields)
    cells = b"".join(
        b" " + b"".join(cell.ljust(field[2]) for cell, field in zip(row, fields, strict=True)) for row in rows
    )
    head = struct.pack("<4BIHH20x", 3, 124, 1, 1, len(rows), 33 + 32 * len(fields), width)
    path.with_suffix(".dbf").write_bytes(head + described + b"\r" + cells + b"\x1a")
    if prj:
        path.with_suffix(".prj").write_text(prj, encoding="ascii")
    return path


def ring_of(geometry: Any) -> list[tuple[float, float]]:
    """The closed outer ring of a polygon."""
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(geometry.exterior)]


def drawing(path: Path, *entities: str) -> Path:
    """A DXF of entities."""
    content = _pairs((0, "SECTION"), (2, "ENTITIES")) + "".join(entities) + _pairs((0, "ENDSEC"), (0, "EOF"))
    path.write_text(content, encoding="utf-8")
    return path


def polyline(layer: str, points: Ring, *, closed: bool) -> str:
    corners = "".join(_pairs((10, x), (20, y)) for x, y in points)
    return _pairs((0, "LWPOLYLINE"), (8, layer), (100, "AcDbPolyline"), (90, len(points)), (70, int(closed))) + corners


def text(words: str, x: float, y: float, layer: str = "CHU") -> str:
    return _pairs((0, "TEXT"), (8, layer), (10, x), (20, y), (40, 2.5), (1, words))


def mapinfo(path: Path, coordsys: str, points: Ring = TM3, plot: str = "t1") -> Path:
    """A MIF and its MID; rings stay open, as MapInfo writes them."""
    corners = "\n".join(f"{x} {y}" for x, y in points)
    path.write_text(
        f'Version 300\nCharset "WindowsLatin1"\nDelimiter ","\nCoordSys {coordsys}\n'
        "Columns 1\n  plot Char(20)\nData\n\n"
        f"Region 1\n  {len(points)}\n{corners}\n",
        encoding="cp1252",
    )
    path.with_suffix(".mid").write_text(f'"{plot}"\n', encoding="cp1252")
    return path


def kml(path: Path, *placemarks: tuple[str, str]) -> Path:
    """A KML with a folder of placemarks (name, geometry as KML)."""
    marks = "".join(f"<Placemark><name>{name}</name>{geometry}</Placemark>" for name, geometry in placemarks)
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>'
        f"<name>F</name>{marks}</Folder></Document></kml>",
        encoding="utf-8",
    )
    return path


def kml_polygon(geometry: Polygon, *, height_m: float = 3.0) -> str:
    corners = " ".join(f"{x},{y},{height_m}" for x, y in ring_of(geometry))
    ring = f"<LinearRing><coordinates>{corners}</coordinates></LinearRing>"
    return f"<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>"


def taskdata(path: Path, *fields: str) -> Path:
    """A TASKDATA.XML of part fields."""
    path.write_text(f'<ISO11783_TaskData VersionMajor="3">{"".join(fields)}</ISO11783_TaskData>', encoding="utf-8")
    return path


def part_field(plot: str, *rings: tuple[int, Ring], name: str = "", declared: str = "", code: str = "") -> str:
    """A part field of rings: 1 exterior, 2 interior."""
    drawn = "".join(
        f'<LSG A="{kind}">' + "".join(f'<PNT A="2" C="{lat}" D="{lon}"/>' for lon, lat in ring) + "</LSG>"
        for kind, ring in rings
    )
    return f'<PFD A="{plot}" B="{code}" C="{name}" D="{declared}"><PLN A="1">{drawn}</PLN></PFD>'


def table(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    return path


def zipped(path: Path, *files: Path, **members: bytes) -> Path:
    """A zip of files by their names, and of members by the name that stands for them (``__`` for a dot)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return path


def shapefile_parts(path: Path) -> list[Path]:
    """All files of a shapefile."""
    return sorted(path.parent.glob(f"{path.stem}.*"))


def _pairs(*pairs: tuple[int, object]) -> str:
    return "".join(f"{code}\n{value}\n" for code, value in pairs)
