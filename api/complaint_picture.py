"""A picture of one flight near a place: the circle, the path, the treated ground. Plain SVG, north up."""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from api.complaints import Passage
from core.terms import Language
from geo.nearby import Place

_SIZE_PX: Final = 320
_MARGIN_PX: Final = 12
_COMPASS: Final[dict[Language, tuple[str, ...]]] = {
    "vi": ("bắc", "đông bắc", "đông", "đông nam", "nam", "tây nam", "tây", "tây bắc"),
    "en": ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"),
}


def compass(direction_deg: float, language: Language) -> str:
    """The nearest of eight points of the compass; "" where the direction is not known."""
    return _COMPASS[language][round(direction_deg / 45.0) % 8] if math.isfinite(direction_deg) else ""


def passage_svg(passage: Passage, place: Place, label: str) -> str:
    """Draw one flight around a place.

    Args:
        passage: What was found.
        place: The question: the circle is its radius.
        label: What the picture shows, for people who do not see it.
    """
    middle = _SIZE_PX / 2
    scale = (middle - _MARGIN_PX) / place.radius_m
    spot = place.spot()

    def drawn(shape: BaseGeometry, *, closed: bool) -> str:
        moved = shapely.transform(
            place.plane.to_plane(shape), lambda xy: (xy - [spot.x, spot.y]) * [scale, -scale] + middle
        )
        return " ".join(_path(ring, closed=closed) for ring in _rings(moved))

    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE_PX} {_SIZE_PX}" role="img" '
        f'aria-label="{escape(label)}">'
        f'<circle cx="{middle}" cy="{middle}" r="{middle - _MARGIN_PX}" fill="#fafaf9" stroke="#a8a29e" '
        'stroke-dasharray="5 4"/>'
        f'<path d="{drawn(passage.near.treated, closed=True)}" fill="#86c997" fill-rule="evenodd" stroke="none"/>'
        f'<path d="{drawn(passage.near.track, closed=False)}" fill="none" stroke="#1f2937" stroke-width="1.2"/>'
        f'<circle cx="{middle}" cy="{middle}" r="5" fill="#b91c1c" stroke="#fff" stroke-width="1.5"/>'
        f'<text x="{_SIZE_PX - 6}" y="{_SIZE_PX - 6}" text-anchor="end" font-size="12" fill="#57534e">'
        f"r = {place.radius_m:.0f} m</text></svg>"
    )


def _rings(shape: BaseGeometry) -> Iterable[BaseGeometry]:
    for part in shapely.get_parts(shape):
        yield from shapely.get_rings(part) if part.geom_type == "Polygon" else [part]


def _path(line: BaseGeometry, *, closed: bool) -> str:
    points = "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(line))
    return f"M{points}{'Z' if closed else ''}" if points else ""
