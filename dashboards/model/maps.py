"""Options of geomap panels."""

from __future__ import annotations

from typing import Any

from dashboards.language import Words
from dashboards.model.part import Part


class Basemap(Part, frozen=True, kw_only=True):
    """The ground; ``default`` is what the server's configuration names."""

    type: str
    name: str
    config: dict[str, Any]


class Controls(Part, frozen=True, kw_only=True):
    """What can be touched on the map."""

    show_zoom: bool
    mouse_wheel_zoom: bool
    show_attribution: bool
    show_scale: bool
    show_measure: bool
    show_debug: bool


class View(Part, frozen=True, kw_only=True):
    """Where the map looks at first."""

    id: str
    lat: float
    lon: float
    zoom: float


class MapTooltip(Part, frozen=True, kw_only=True):
    """What is told under the pointer."""

    mode: str


class Fixed(Part, frozen=True, kw_only=True):
    """A value that is the same for all, or comes from a ``field``."""

    fixed: Any
    field: str = ""


class Size(Part, frozen=True, kw_only=True):
    """A size, fixed or by a field."""

    fixed: float
    min: float
    max: float


class Symbol(Part, frozen=True, kw_only=True):
    """A symbol that ships with Grafana."""

    mode: str
    fixed: str


class Rotation(Part, frozen=True, kw_only=True):
    """How a symbol is turned."""

    fixed: float
    min: float
    max: float
    mode: str
    field: str = ""


class Label(Part, frozen=True, kw_only=True):
    """Text at a marker."""

    mode: str
    fixed: str
    field: str = ""


class LabelConfig(Part, frozen=True, kw_only=True):
    """How it stands."""

    font_size: int
    offset_x: int
    offset_y: int
    text_align: str
    text_baseline: str


class Style(Part, frozen=True, kw_only=True):
    """How a feature is drawn."""

    color: Fixed
    opacity: float
    size: Size | None = None
    symbol: Symbol | None = None
    rotation: Rotation | None = None
    line_width: int = 0
    text: Label | None = None
    text_config: LabelConfig | None = None


class MarkerConfig(Part, frozen=True, kw_only=True):
    """Of a markers layer."""

    show_legend: bool
    style: Style


class RouteConfig(Part, frozen=True, kw_only=True):
    """Of a route layer."""

    show_legend: bool
    style: Style
    arrow: int


class Check(Part, frozen=True, kw_only=True):
    """Which features a rule is for."""

    property: str
    operation: str
    value: str


class Rule(Part, frozen=True, kw_only=True):
    """A style for some features."""

    check: Check
    style: Style


class PolygonConfig(Part, frozen=True, kw_only=True):
    """Of a geojson layer."""

    src: str
    rules: tuple[Rule, ...]
    style: Style


class Location(Part, frozen=True, kw_only=True):
    """Which columns hold the position."""

    mode: str
    latitude: str
    longitude: str


class Layer(Part, frozen=True, kw_only=True):
    """A layer: ``markers``, ``route`` or ``geojson``."""

    type: str
    name: Words
    config: Part
    opacity: float
    tooltip: bool
    location: Location | None = None


class MapOptions(Part, frozen=True, kw_only=True):
    """Of geomap panels."""

    basemap: Basemap
    controls: Controls
    layers: tuple[Layer, ...]
    tooltip: MapTooltip
    view: View
