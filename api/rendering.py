"""Pages for people, from the templates in ``api/pages``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from api.words import Words
from core.localtime import local
from core.terms import Language
from core.units import cong, ha


def _number(value: float, digits: int = 2) -> str:
    """A figure with a fixed number of decimals; a dash where it is not known."""
    return f"{value:,.{digits}f}" if math.isfinite(value) else "–"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "ha": ha, "cong": cong, "local": local}
    return environment


_PAGES: Final = _environment()


def render(page: str, language: Language, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in a language; ``values`` are what its template asks for, ``words`` among them where it has its own."""
    return HTMLResponse(_PAGES.get_template(page).render(**({"words": Words(language)} | values)), status)
