"""Maps: a layer from the query is always there, so that a map never is blank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from dashboards import palette
from dashboards.language import Words
from dashboards.model import maps
from dashboards.model.fields import Color, Defaults, FieldConfig, Link, Override, Thresholds, steps
from dashboards.model.panels import Panel, Target

LAT_DEG: Final = 9.29
LON_DEG: Final = 105.72
ZOOM: Final = 11.0
"""Where maps look, until publishing centres them on a cooperative's plots (``render.centred``)."""

_WHERE: Final = maps.Location(mode="coords", latitude="lat", longitude="lon")


def markers(name: Words, color_field: str, *, label: str = "", heading: str = "", size: float = 7.0) -> maps.Layer:
    """Markers at ``lat``, ``lon``, coloured by a column; with ``heading`` they are triangles that point there."""
    symbol = "img/icons/marker/triangle.svg" if heading else "img/icons/marker/circle.svg"
    style = maps.Style(
        color=maps.Fixed(fixed=palette.BLUE, field=color_field),
        opacity=0.9,
        size=maps.Size(fixed=size, min=4.0, max=12.0),
        symbol=maps.Symbol(mode="fixed", fixed=symbol),
        rotation=maps.Rotation(fixed=0.0, min=-360.0, max=360.0, mode="mod", field=heading),
        text=maps.Label(mode="field", fixed="", field=label) if label else maps.Label(mode="fixed", fixed=""),
        text_config=maps.LabelConfig(
            font_size=12, offset_x=0, offset_y=-14, text_align="center", text_baseline="middle"
        ),
    )
    config = maps.MarkerConfig(show_legend=True, style=style)
    return maps.Layer(type="markers", name=name, config=config, opacity=1.0, tooltip=True, location=_WHERE)


def route(name: Words) -> maps.Layer:
    """The way that the points of the query make."""
    style = maps.Style(
        color=maps.Fixed(fixed=palette.GREY), opacity=0.7, size=maps.Size(fixed=2.0, min=1.0, max=4.0), line_width=2
    )
    config = maps.RouteConfig(show_legend=False, style=style, arrow=0)
    return maps.Layer(type="route", name=name, config=config, opacity=1.0, tooltip=False, location=_WHERE)


def polygons(name: Words, src: str, colors: Mapping[str, str], *, opacity: float = 0.45, label: str = "") -> maps.Layer:
    """Polygons of the API, coloured by their property ``class``."""
    text = maps.Label(mode="field", fixed="", field=label) if label else None
    rules = tuple(
        maps.Rule(check=maps.Check(property="class", operation="eq", value=value), style=_polygon(color, opacity, text))
        for value, color in colors.items()
    )
    config = maps.PolygonConfig(src=src, rules=rules, style=_polygon(palette.UNKNOWN, opacity, text))
    return maps.Layer(type="geojson", name=name, config=config, opacity=1.0, tooltip=True)


def _polygon(color: str, opacity: float, text: maps.Label | None) -> maps.Style:
    return maps.Style(color=maps.Fixed(fixed=color), opacity=opacity, line_width=2, text=text)


def geomap(
    title: Words,
    about: Words,
    target: Target,
    layers: Sequence[maps.Layer],
    *,
    no_value: Words,
    overrides: Sequence[Override] = (),
    limits: Thresholds | None = None,
    links: Sequence[Link] = (),
    time_from: str = "",
) -> Panel:
    """A geomap panel of one query; ``limits`` colour its markers."""
    defaults = Defaults(
        no_value=no_value, color=Color(mode="thresholds"), thresholds=limits or steps(palette.BLUE), links=tuple(links)
    )
    return Panel(
        type="geomap",
        title=title,
        description=about,
        datasource=target.datasource,
        targets=(target,),
        field_config=FieldConfig(defaults=defaults, overrides=tuple(overrides)),
        options=maps.MapOptions(
            basemap=maps.Basemap(type="default", name="ground", config={}),
            controls=maps.Controls(
                show_zoom=True,
                mouse_wheel_zoom=True,
                show_attribution=True,
                show_scale=True,
                show_measure=False,
                show_debug=False,
            ),
            layers=tuple(layers),
            tooltip=maps.MapTooltip(mode="details"),
            view=maps.View(id="coords", lat=LAT_DEG, lon=LON_DEG, zoom=ZOOM),
        ),
        time_from=time_from,
    )
