"""Cooperatives, members, plots, sensitive sites."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, Field

from api.schemas.fields import BoundaryIn, BoxText, DayText, Name, PlaceIn, Positive, Share, Text
from api.schemas.records import Given, ListQuery, Told
from core.model.land import Cooperative, SiteKind


class CooperativeOut(BaseModel):
    """A tenant. ``m2_per_cong`` is the size of the công that it reckons in."""

    cooperative: str = Field(examples=["htx-tan-hung"])
    name: str = Field(examples=["Hợp tác xã Tân Hưng"])
    m2_per_cong: float = Field(examples=[1000.0])
    organisation: str = Field(description="registration number", examples=["1501089345"])

    @classmethod
    def of(cls, it: Cooperative) -> Self:
        """From the model."""
        return cls(cooperative=it.cooperative, name=it.name, m2_per_cong=it.m2_per_cong, organisation=it.organisation)


class PlotGiven(Given):
    """What a plot is, but for its identifier."""

    boundary: BoundaryIn
    name: Text = Field("", examples=["Ruộng bà Sáu"])
    crop: Text = Field("", examples=["rice"])
    season: Text = Field("", examples=["dong-xuan-2026"])
    kind: Text = Field("", description="what it is", examples=["rice-shrimp"])
    declared_area_m2: Positive = Field(None, description="the area that the source states", examples=[12500.0])
    growing_area: Text = Field("", description="growing-area code", examples=["VN-AGOR-0012"])
    member: Text = Field("", description="whose it is", examples=["m-12"])
    cadastral: Text = Field("", description="parcel and map sheet", examples=["thửa 152, tờ 7"])
    source_date: DayText = Field("", description="day of the survey")


class NewPlot(PlotGiven):
    """A plot that is registered."""

    plot: Name = Field(examples=["p-152-7"])


class PlotOut(Told):
    """A plot with its boundary (GeoJSON geometry, WGS 84)."""

    plot: str = Field(examples=["p-152-7"])
    name: str
    crop: str
    season: str
    kind: str
    declared_area_m2: float | None
    growing_area: str
    member: str
    cadastral: str
    source_crs: str = Field(examples=["EPSG:4326"])
    source_date: str
    boundary: dict[str, Any]


class PlotQuery(ListQuery):
    """Which plots."""

    bbox: BoxText | None = Field(None, description="only those whose box meets it")
    crop: Text = Field("", description="only of this crop", examples=["rice"])
    season: Text = Field("", description="only of this season", examples=["dong-xuan-2026"])
    kind: Text = Field("", description="only of this kind", examples=["rice-shrimp"])
    member: Text = Field("", description="only of this member", examples=["m-12"])
    growing_area: Text = Field("", description="only of this growing area", examples=["VN-AGOR-0012"])


class SiteGiven(Given):
    """What a sensitive site is: no drop may reach it. ``source`` says who set the distances."""

    kind: SiteKind
    boundary: PlaceIn
    name: Text = Field("", examples=["Ao cá ông Tư"])
    buffer_m: Share = Field(None, description="distance to keep on every side", examples=[10.0])
    downwind_m: Share = Field(None, description="the one where the wind blows towards it", examples=[50.0])
    source: Text = ""


class NewSite(SiteGiven):
    """A site that is registered."""

    site: Name = Field(examples=["pond-3"])


class SiteOut(Told):
    """A sensitive site."""

    site: str = Field(examples=["pond-3"])
    kind: SiteKind
    name: str
    buffer_m: float | None
    downwind_m: float | None
    source: str
    boundary: dict[str, Any]


class SiteQuery(ListQuery):
    """Which sites."""

    bbox: BoxText | None = Field(None, description="only those whose box meets it")
    kind: SiteKind | None = Field(None, description="only of this kind", examples=["pond"])


class MemberGiven(Given):
    """Somebody whose land the cooperative works. Name and phone are personal data."""

    name: Text = Field(min_length=1, examples=["Nguyễn Thị Sáu"])
    phone: Text = Field("", examples=["0900000000"])


class NewMember(MemberGiven):
    """A member who is registered."""

    member: Name = Field(examples=["m-12"])


class MemberOut(Told):
    """A member."""

    member: str = Field(examples=["m-12"])
    name: str
    phone: str


class MemberQuery(ListQuery):
    """Which members."""
