"""Fields of farm machines' task data, ISO 11783-10 (ISOXML) versions 3 and 4: part fields (``PFD``) as plots.

A part field has a code (B), which is the plot's identifier, a designator (C), its name, and an area in m² (D). It has
polygons (``PLN``; type 1 is its boundary), these have rings (``LSG``; 1 exterior, 2 interior) of
points (``PNT``; C north, D east, WGS 84 degrees). Terminals write a hole into the polygon that it belongs to, or into
one of its own. Parts of a task data set may lie in files that TASKDATA.XML links to (``XFR``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import ParseError

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from core.errors import FieldFileError
from core.model.land import Boundary
from core.model.samples import NAN
from land.crs import WGS84
from land.layers import Layer

TASKDATA: Final = "TASKDATA.XML"
OUR_NAME: Final = "Canh Dong"
"""What our export calls itself as ``ManagementSoftwareManufacturer``: the areas in its files are computed."""
_ROOT: Final = b"iso11783_taskdata"
_BOUNDARY: Final = "1"
_EXTERIOR, _INTERIOR = "1", "2"
_MIN_CORNERS: Final = 3

Ring = list[tuple[float, float]]


def is_taskdata(path: Path) -> bool:
    """Whether a file is the main file of a task data set."""
    if path.name.upper() == TASKDATA:
        return True
    if path.suffix.lower() != ".xml":
        return False
    with path.open("rb") as file:
        return _ROOT in file.read(2048).lower()


def field_layer(path: Path, label: str) -> Layer:
    """The part fields of a task data set.

    Args:
        path: Its TASKDATA.XML; linked files lie beside it, names in any case.
        label: Names it in messages.

    Raises:
        FieldFileError: The file is not well-formed (with line and column), declares entities, or is something else.
    """
    root = _parsed(path.read_bytes(), label)
    if root.tag.upper().encode().lower() != _ROOT:
        raise FieldFileError(f"{label}: the root is {root.tag}, not ISO11783_TaskData")
    notes: list[str] = []
    beside = {p.name.upper(): p for p in path.parent.iterdir() if p.is_file()}
    nodes = [node for node in (*root, *_linked(root, beside, notes)) if node.tag == "PFD"]
    geometries = np.full(len(nodes), None, object)
    remarks: dict[int, str] = {}
    refusals: dict[int, str] = {}
    for row, node in enumerate(nodes):
        said: list[str] = []
        try:
            geometries[row] = _boundary(node, said)
        except ValueError as error:
            refusals[row] = str(error)
        if said:
            remarks[row] = "; ".join(said)
    plots = _identifiers(nodes)
    designators = [node.get("C", "").strip() for node in nodes]
    ours = root.get("ManagementSoftwareManufacturer", "") == OUR_NAME
    columns: dict[str, Any] = {
        "plot": np.array(plots, object),
        "name": np.array(["" if c == p else c for p, c in zip(plots, designators, strict=True)], object),
        "declared_area_m2": np.array([NAN if ours else _declared_m2(node) for node in nodes], np.float64),
    }
    return Layer(label, WGS84, geometries, columns, tuple(notes), remarks, refusals)


def _identifiers(nodes: Sequence[Node]) -> list[str]:
    """What fields are called: their code (B) where no other field has it, else the reference in the data set (A)."""
    codes = [node.get("B", "").strip() for node in nodes]
    often = Counter(codes)
    return [
        code if code and often[code] == 1 else node.get("A", "").strip()
        for node, code in zip(nodes, codes, strict=True)
    ]


def _linked(root: Node, beside: Mapping[str, Path], notes: list[str]) -> list[Node]:
    """The children of the linked files; one that is missing or broken is a note, not the end."""
    nodes: list[Node] = []
    names = {x.get("A", "").upper().removesuffix(".XML") + ".XML": None for x in root.iter("XFR")}
    for name in names:
        if name not in beside:
            if name.startswith("PFD"):
                notes.append(f"{name}: linked from {TASKDATA}, but not there")
            continue
        try:
            nodes += list(_parsed(beside[name].read_bytes(), name))
        except FieldFileError as error:
            notes.append(str(error))
    return nodes


def _parsed(content: bytes, label: str) -> Node:
    """The root of an XML file, without name spaces."""
    from defusedxml import DefusedXmlException  # noqa: PLC0415 - an optional package
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415

    try:
        root: Node = fromstring(content)
    except ParseError as error:
        line, column = error.position
        cause = str(error).partition(": line ")[0]
        raise FieldFileError(f"{label}: line {line}, column {column + 1}: no well-formed XML: {cause}") from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise FieldFileError(f"{label}: refused XML: {error}") from error
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    return root


def _boundary(node: Node, said: list[str]) -> Boundary | None:
    """The boundary of a field; every hole, also one in a ``PLN`` of its own, goes to the exterior that it lies in."""
    boundaries = [pln for pln in node.iter("PLN") if pln.get("A", _BOUNDARY) == _BOUNDARY]
    rings = [(lsg.get("A", _EXTERIOR), _ring(lsg)) for pln in boundaries for lsg in pln.iter("LSG")]
    outer = [ring for kind, ring in rings if kind == _EXTERIOR]
    holes: list[list[Ring]] = [[] for _ in outer]
    for hole in (ring for kind, ring in rings if kind == _INTERIOR):
        inside = next((i for i, ring in enumerate(outer) if len(outer) == 1 or _covers(ring, hole)), None)
        if inside is None:
            said.append("a hole lies in no exterior ring, left out")
        else:
            holes[inside].append(hole)
    made = [Polygon(ring, inner) for ring, inner in zip(outer, holes, strict=True)]
    if not made:
        return None
    return made[0] if len(made) == 1 else MultiPolygon(made)


def _covers(ring: Ring, hole: Ring) -> bool:
    return bool(shapely.make_valid(Polygon(ring)).covers(shapely.make_valid(Polygon(hole)).representative_point()))


def _ring(lsg: Node) -> Ring:
    """The corners of a ring as longitude and latitude."""
    ring: Ring = []
    for number, point in enumerate(lsg.iter("PNT"), 1):
        north, east = point.get("C", ""), point.get("D", "")
        try:
            ring.append((float(east), float(north)))
        except ValueError:
            raise ValueError(f"point {number} of a ring has no usable coordinates (C={north!r}, D={east!r})") from None
    if len(set(ring)) < _MIN_CORNERS:
        raise ValueError(f"has a ring with {len(set(ring))} corners")
    return ring


def _declared_m2(node: Node) -> float:
    """The area that the file states, NaN for none (terminals write 0)."""
    try:
        area = float(node.get("D", ""))
    except ValueError:
        return NAN
    return area if np.isfinite(area) and area > 0.0 else NAN
