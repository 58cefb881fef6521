"""Maps of plots as GeoJSON, and the answers that a data source of Grafana of type ``prometheus`` expects."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.plotmap import Class


class MapProperties(BaseModel):
    """What is said of a plot, or of a part of one that was missed."""

    plot: str = Field(examples=["p-152-7"])
    name: str = Field(examples=["Ruộng bà Sáu"])
    class_: Class = Field(alias="class", description="how its last job covered it", examples=["partly"])
    days_since: int | None = Field(description="local days since its last job; null: none in the window", examples=[3])
    covered_pct: float | None = Field(description="what that job covered, in percent of its area", examples=[82.5])


class MapFeature(BaseModel):
    """A plot or a missed part."""

    type: Literal["Feature"]
    geometry: dict[str, Any] = Field(description="Polygon or MultiPolygon in WGS 84, longitude first")
    properties: MapProperties


class MapOut(BaseModel):
    """GeoJSON (RFC 7946)."""

    type: Literal["FeatureCollection"]
    features: list[MapFeature]


class PrometheusOut(BaseModel):
    """An empty success of Prometheus' HTTP API."""

    status: Literal["success"] = "success"
    data: Any = Field(description="nothing, in the form that was asked for")
