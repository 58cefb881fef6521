"""The first page: its one script is a file of ours, and the map tells it where a drone belongs."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from shapely import box

from api.overview import overview_svg
from core.model.land import Plot
from core.model.samples import Fix
from geo.projection import LocalPlane
from tests.api.conftest import Village


class Elements(HTMLParser):
    """All elements with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


def test_the_page_has_one_script_of_ours_and_none_in_it(village: Village) -> None:
    client = village.api.client(village.api.key("pilot-a"))
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert re.search(r"script-src [^;]*unsafe-inline", policy) is None
    elements = Elements(answer.text)
    (script,) = elements.all("script")
    assert not [name for _, attrs in elements.found for name in attrs if name.startswith("on")]
    served = client.get(str(script["src"]))
    assert served.status_code == 200
    assert served.headers["content-type"].startswith("text/javascript")
    assert "immutable" in served.headers["cache-control"]
    assert "EventSource" in served.text
    assert "innerHTML" not in served.text
    (main,) = elements.all("main")
    assert main["data-live"] == "/v1/cooperatives/htx-a/live"
    assert client.get(str(main["data-live"])).status_code == 200


def test_all_that_the_script_looks_for_is_there(village: Village) -> None:
    client = village.api.client(village.api.key("pilot-a"))
    page, script = client.get("/").text, client.get("/live.js").text
    there = {attrs["id"] for _, attrs in Elements(page).found if "id" in attrs}
    assert set(re.findall(r'getElementById\("([\w-]+)"\)', script)) <= there


def test_without_a_script_the_page_comes_again_by_itself(village: Village) -> None:
    page = village.api.client(village.api.key("pilot-a")).get("/").text
    assert re.search(r'<noscript><meta http-equiv="refresh" content="\d+"></noscript>', page)


def test_other_pages_let_no_script_run(village: Village) -> None:
    client = village.api.client(village.api.key("officer"))
    for path in ("/who-flew-here", "/v1/cooperatives"):
        assert "script-src" not in client.get(path).headers["content-security-policy"]


@pytest.mark.parametrize(("who", "linked"), [("manager-a", True), ("officer", True), ("pilot-a", False)])
def test_whoever_may_ask_who_flew_here_is_shown_where(village: Village, who: str, *, linked: bool) -> None:
    assert ("/who-flew-here" in village.api.client(village.api.key(who)).get("/").text) is linked


def test_the_map_tells_a_script_where_a_drone_belongs() -> None:
    """To half a pixel, where the server itself draws it: over ten kilometres, and at the edge of a village."""
    for east_deg, north_deg in ((0.09, 0.09), (0.004, 0.002)):
        plot = Plot("p", box(105.70, 9.28, 105.70 + east_deg, 9.28 + north_deg))
        spots = [(105.70 + east_deg * a, 9.28 + north_deg * b) for a in (0.1, 0.5, 0.9) for b in (0.1, 0.5, 0.9)]
        drones = [Fix(f"d{n}", 1, lat, lon) for n, (lon, lat) in enumerate(spots)]
        elements = Elements(overview_svg([plot], {"p": 40.0}, drones, "map"))
        (svg,) = elements.all("svg")
        a, b, c, d, e, f, lon0, lat0 = map(float, str(svg["data-place"]).split())
        circles = {it["data-drone"]: it for it in elements.all("circle")}
        for n, (lon, lat) in enumerate(spots):
            x, y = a + b * (lon - lon0) + c * (lat - lat0), d + e * (lon - lon0) + f * (lat - lat0)
            assert x == pytest.approx(float(str(circles[f"d{n}"]["cx"])), abs=0.5)
            assert y == pytest.approx(float(str(circles[f"d{n}"]["cy"])), abs=0.5)
        (path,) = elements.all("path")
        assert (path["data-plot"], path["data-share"]) == ("p", "40.0")


def test_the_map_tells_how_wide_a_swath_is() -> None:
    plane = LocalPlane.around(105.7, 9.28)
    lon, lat = plane.lonlat(np.array([0.0, 932.0]), np.array([0.0, 100.0]))
    plot = Plot("p", box(float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])))
    (svg,) = Elements(overview_svg([plot], {}, [], "map")).all("svg")
    assert float(str(svg["data-scale"])) == pytest.approx(1.0, rel=0.01)
