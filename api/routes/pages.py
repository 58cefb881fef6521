"""Pages for people: today's flights and plots, and the printable statement. No script is needed to read them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from api.deps import CooperativeDep, DayDep, LanguageQuery, PortsDep
from api.routes.flights import make_statement
from api.views import today
from api.words import Words
from core.localtime import local
from core.units import cong, ha
from geo.drawing import plot_svg

router = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)


def _number(value: float, digits: int = 2) -> str:
    """A figure with a fixed number of decimals; a dash where it is not known."""
    return f"{value:,.{digits}f}" if math.isfinite(value) else "–"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent.parent / "pages"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "ha": ha, "cong": cong, "local": local}
    return environment


_PAGES = _environment()


def _render(page: str, language: LanguageQuery, **values: Any) -> HTMLResponse:
    return HTMLResponse(_PAGES.get_template(page).render(words=Words(language), **values))


@router.get("/")
def first_page(
    ports: PortsDep,
    day: DayDep,
    cooperative: Annotated[str | None, Query(description="identifier; default: the first")] = None,
    lang: LanguageQuery = "vi",
) -> HTMLResponse:
    """Today's flights and plots of one cooperative."""
    everyone = ports.registry.cooperatives()
    if not everyone:
        return _render("empty.html", lang)
    chosen = everyone[0] if cooperative is None else ports.cooperative(cooperative)
    view = today(ports, chosen, day, Words(lang))
    return _render("today.html", lang, today=view, cooperatives=everyone)


@router.get("/statements/{cooperative}/{flight}")  # noqa: FAST003 - the dependency reads the cooperative
def statement_page(it: CooperativeDep, ports: PortsDep, flight: str, lang: LanguageQuery = "vi") -> HTMLResponse:
    """The printable statement of one flight."""
    result = ports.results.of_flight(it.cooperative, flight)
    return _render(
        "statement.html",
        lang,
        statement=make_statement(it.cooperative, ports, flight),
        cooperative=it,
        picture=plot_svg(result.shapes, result.coverage, None, lang),
    )
