"""Members, plots and sensitive sites."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.routes.records import Kind, require, routes
from api.schemas import land
from api.tenancy import Tenant
from core.model.fleet import Member
from core.model.land import Plot, Site

router = APIRouter()


def _owned(tenant: Tenant, plot: Plot) -> None:
    require(tenant, Member, "member", plot.member)


PLOTS = Kind(Plot, "plots", "plot", "plot", land.PlotGiven, land.NewPlot, land.PlotOut, land.PlotQuery, check=_owned)
SITES = Kind(Site, "sites", "site", "sensitive site", land.SiteGiven, land.NewSite, land.SiteOut, land.SiteQuery)
MEMBERS = Kind(
    Member, "members", "member", "member", land.MemberGiven, land.NewMember, land.MemberOut, land.MemberQuery
)
_ALL: tuple[tuple[Kind[Any], str], ...] = ((PLOTS, "plots"), (SITES, "sites"), (MEMBERS, "members"))
for _kind, _tag in _ALL:
    router.include_router(routes(_kind, _tag))
