r"""Drawings (DXF): closed lines are the rings of plots, texts inside them their names.

Drawings up to R2004 write letters beyond their code page as ``\U+1ED9`` (ezdxf.readthedocs.io, "DXF File Encoding").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon, STRtree

from land.layers import Geometries, Layer
from land.rings import assembled, same_ground

_CLOSE: Final = 0.01
"""How far the ends of a line may be apart, in the drawing's unit, to count as closed."""
_MIN_POINTS: Final = 4
_NO_LAYER: Final = "0"
_LINE: Final = 1
_POINT: Final = 0
_SHOWN: Final = 5
_NOT_IN_LAYERS: Final = re.compile(r'[<>/\\":;?*|,=`\x00-\x1f]')
_ESCAPED: Final = re.compile(r"(?:\\U\+[0-9A-Fa-f]{4})+")


def drawing(layer: Layer) -> Layer:
    """A drawing with the plots that its closed lines make, named by the text inside or by their drawing layer.

    Closed lines with the same number inside on the same layer are one plot, and so are all those of a layer that is
    called like the only text on it: a line inside another is a hole, one beside it a part. Words such as LUC, which
    say what grows there, join nothing. Texts and bare points are taken out of the features; lines that are not closed
    stay, to be refused by number.
    """
    kinds = shapely.get_type_id(layer.geometries)
    texts, layers = (_column(layer, name) for name in ("Text", "Layer"))
    is_label = (kinds == _POINT) & np.array([bool(text) for text in texts], bool)
    shapes, remarks = _closed_lines(layer.geometries[~is_label])
    inside = _texts_inside(shapes, layer.geometries[is_label], texts[is_label])
    own = _layers_of_one_plot(texts[is_label], layers[is_label])
    on = layers[~is_label].tolist()
    labels = [own.get(name) or _label(words) for name, words in zip(on, inside, strict=True)]
    joined = [label if name in own or _is_number(label) else "" for name, label in zip(on, labels, strict=True)]
    groups = _groups(shapes, list(zip(on, joined, strict=True)))
    first = [group[0] for group in groups]
    columns: dict[str, Any] = {
        "plot": np.array([labels[row] or _of_layer(on[row]) for row in first], object),
        "layer": np.array([on[row] for row in first], object),
    }
    made = np.full(len(groups), None, object)
    made[:] = [shapes[g[0]] if len(g) == 1 else assembled([shapes[row] for row in g]) for g in groups]
    mended = {at: remarks[min(rows)] for at, g in enumerate(groups) if (rows := remarks.keys() & set(g))}
    notes = list(layer.notes)
    if is_label.any():
        notes.append(f"{layer.label}: texts taken as names of plots: {int(is_label.sum())}")
    by_text = [labels[g[0]] for g in groups if len(g) > 1 and on[g[0]] not in own]
    if by_text:
        shown = ", ".join(by_text[:_SHOWN])
        notes.append(
            f"{layer.label}: plots of several closed lines with the same text inside: {len(by_text)} ({shown})"
        )
    return replace(layer, geometries=made, columns=columns, notes=tuple(notes), remarks=mended, refusals={})


def layer_name(plot: str) -> str:
    """What a layer may be called for a plot: its identifier without the characters that CAD forbids."""
    return _NOT_IN_LAYERS.sub("_", plot).strip() or "_"


def _column(layer: Layer, name: str) -> NDArray[np.object_]:
    """The texts of a column, "" where there is none; shape (n,)."""
    values = layer.columns.get(name, [""] * len(layer.geometries))
    return np.array([_unescaped(str(value or "")).strip() for value in values], object)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(
        lambda found: bytes.fromhex(found[0].replace("\\U+", "")).decode("utf-16-be", errors="replace"), text
    )


def _closed_lines(geometries: Geometries) -> tuple[Geometries, dict[int, str]]:
    """The geometries with closed lines as polygons, and by row what had to be joined."""
    made = geometries.copy()
    remarks: dict[int, str] = {}
    for row in np.flatnonzero(shapely.get_type_id(made) == _LINE).tolist():
        polygon, snapped = _closed(made[row])
        if polygon is not None:
            made[row] = polygon
            if snapped:
                remarks[row] = "had an open ring, closed"
    return made, remarks


def _closed(line: Any) -> tuple[Polygon | None, bool]:
    """The polygon of a closed line, and whether its ends had to be joined."""
    points = shapely.get_coordinates(line)
    gap = float(np.hypot(*(points[0] - points[-1]))) if len(points) else np.inf
    if len(points) < _MIN_POINTS or not gap <= _CLOSE:
        return None, False
    if gap > 0.0:
        points[-1] = points[0]
    with np.errstate(invalid="ignore"):
        return Polygon(points), gap > 0.0


def _texts_inside(made: Geometries, points: Geometries, texts: NDArray[np.object_]) -> list[list[str]]:
    """The texts that stand inside each shape; those of a broken shape are not looked for."""
    found: list[list[str]] = [[] for _ in made]
    usable = shapely.is_valid(made)
    looked_at: Any = [shape if fine else None for shape, fine in zip(made, usable, strict=True)]
    tree = STRtree(looked_at)
    at, shape = tree.query(points, predicate="within")
    for text, row in zip(texts[at], shape.tolist(), strict=True):
        found[row].append(text)
    return found


def _layers_of_one_plot(texts: Iterable[str], layers: Iterable[str]) -> dict[str, str]:
    """The plot by layer, of the layers that hold one text and are called like it (or like it with a number)."""
    on: dict[str, set[str]] = {}
    for text, layer in zip(texts, layers, strict=True):
        on.setdefault(layer, set()).add(text)
    alone = {layer: next(iter(words)) for layer, words in on.items() if len(words) == 1}
    return {
        layer: text
        for layer, text in alone.items()
        if layer == (name := layer_name(text)) or re.fullmatch(rf"{re.escape(name)}_\d+", layer)
    }


def _label(inside: Sequence[str]) -> str:
    """A plot's label: the only text inside, else the only number, else none."""
    if len(inside) == 1:
        return inside[0]
    numbers = [text for text in inside if text.isdigit()]
    return numbers[0] if len(numbers) == 1 else ""


def _is_number(label: str) -> bool:
    """Whether a label can be that of one plot only."""
    return any(letter.isdigit() for letter in label)


def _of_layer(layer: str) -> str:
    return "" if layer == _NO_LAYER else layer


def _groups(shapes: Geometries, keys: Sequence[tuple[str, str]]) -> list[list[int]]:
    """Rows that are one plot, by their layer and label, in order; one without a label, or drawn twice, stays alone."""
    groups: list[list[int]] = []
    of_key: dict[tuple[str, str], list[int]] = {}
    for row, (shape, key) in enumerate(zip(shapes, keys, strict=True)):
        joins = bool(key[1]) and isinstance(shape, Polygon) and bool(np.isfinite(shapely.get_coordinates(shape)).all())
        earlier = of_key.get(key, []) if joins else []
        if earlier and not any(same_ground(shape, shapes[other]) for other in earlier):
            earlier.append(row)
            continue
        groups.append([row])
        if joins and not earlier:
            of_key[key] = groups[-1]
    return groups
