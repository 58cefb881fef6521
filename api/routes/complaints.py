"""Who flew here? For officers of the department, and for a cooperative's manager; every use is written down."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from api.complaint_answers import WhoFlewOut
from api.complaint_form import LARGEST_M, LONGEST_REASON, RADII_M, SHORTEST_REASON, Form, Unclear, placed
from api.complaint_picture import compass, passage_svg
from api.complaints import Passage, TooWide, require_asker
from api.deps import AskedDep, ClockDep, HouseDep, LanguageQuery
from api.rendering import render
from api.words import Words
from core.localtime import local
from geo.nearby import Place

router = APIRouter(tags=["complaints"])
_MOST_SHOWN: Final = 30
_FIRST, _LAST = "05:00", "18:00"


@router.get("/v1/who-flew-here")
def who_flew_here(  # noqa: PLR0917 - what FastAPI fills
    house: HouseDep,
    asked: AskedDep,
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False, description="degrees", examples=[9.285])],
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False, description="degrees", examples=[105.725])],
    start: Annotated[
        datetime,
        Query(
            alias="from", description="ISO 8601; Vietnamese time where it names no zone", examples=["2026-11-20T06:00"]
        ),
    ],
    end: Annotated[datetime, Query(alias="to", description="at most 31 days later", examples=["2026-11-20T09:00"])],
    reason: Annotated[
        str,
        Query(
            min_length=SHORTEST_REASON,
            max_length=LONGEST_REASON,
            description="why it is asked; it is written down",
            examples=["phản ánh số 12/2026 của ông Tư"],
        ),
    ],
    radius_m: Annotated[
        float, Query(gt=0, le=LARGEST_M, allow_inf_nan=False, description="how far around the place", examples=[100])
    ] = 100.0,
) -> WhoFlewOut:
    """Flights near a place and a time, with what they sprayed around it, who flew, the product and the wind then.

    Officers ask over all cooperatives, managers over their own. The question is in the audit log before it is answered.
    """
    try:
        place = placed(lat, lon, radius_m, start, end)
        return WhoFlewOut.of(place, house.who_flew(asked, place, reason.strip()))
    except Unclear:
        why = "from, to: a span of at most 31 days that does not end before it begins"
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, why) from None
    except TooWide as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None


def _form(  # noqa: PLR0917 - what FastAPI fills
    clock: ClockDep,
    place: Annotated[str, Query(max_length=100)] = "",
    day: Annotated[str, Query(max_length=10)] = "",
    start: Annotated[str, Query(max_length=8)] = _FIRST,
    end: Annotated[str, Query(max_length=8)] = _LAST,
    radius_m: Annotated[str, Query(max_length=8)] = "100",
    reason: Annotated[str, Query(max_length=LONGEST_REASON)] = "",
) -> Form:
    today = local(clock.now_ms()).date().isoformat()
    return Form(place, day or today, start, end, radius_m, reason)


@router.get("/who-flew-here", response_class=HTMLResponse, include_in_schema=False)
def page(
    request: Request,
    house: HouseDep,
    asked: AskedDep,
    form: Annotated[Form, Depends(_form)],
    lang: LanguageQuery = "vi",
) -> HTMLResponse:
    """The question as a form, and its answer below."""
    require_asker(asked.principal)
    wrong, place, found = "", None, list[Passage]()
    if not form.empty:
        try:
            place = form.read()
            found = house.who_flew(asked, place, form.reason.strip())
        except Unclear as error:
            wrong = str(error)
        except TooWide:
            wrong = "who_too_wide"
    query = request.url.include_query_params(lang="en" if lang == "vi" else "vi").query
    return render(
        "who_flew.html",
        lang,
        form=form,
        radii=RADII_M,
        wrong=wrong,
        asked=place,
        found=[_shown(it, place, lang) for it in found[:_MOST_SHOWN]] if place else [],
        more=max(0, len(found) - _MOST_SHOWN),
        everywhere=asked.principal.everywhere,
        other_query=query,
    )


def _shown(it: Passage, place: Place, lang: LanguageQuery) -> dict[str, object]:
    words = Words(lang)
    wind = compass(it.air.wind_from_deg, lang) if it.air else ""
    return {"it": it, "picture": passage_svg(it, place, words["who_picture"]), "wind_from": wind}
