"""Plots at a place are found by the index of boxes, plots of a name by that of names: the databases say so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from core.model.land import Cooperative, Plot
from storage.registry.engine import Place, open_file, open_server
from storage.registry.repository import SqlRegistry
from tests.contracts.samples import C, D, a_plot, field
from tests.support.postgres import Postgres, running_postgres

PLOTS = 1_200
OTHERS = 300
PLANS = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}
INDEX = {"sqlite": "SCAN plot_box VIRTUAL TABLE INDEX 2:", "postgresql": "plot_boundary"}
"""How a plan names the R*Tree (searched by its edges) and the GiST index."""
WHOLE = {"sqlite": ("SCAN plot\n", "(cooperative=?", "SCAN plot USING"), "postgresql": ("Seq Scan", "plot_newest")}
"""How a plan names a walk through all rows, or through all of a cooperative."""

NAMES = {"sqlite": r"SEARCH plot USING INDEX \w+ \(.*\bplot[=>]", "postgresql": r"Index Cond: .*\(plot\)::text"}
"""How a plan names a search for names by an index that has them."""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with running_postgres() as it:
        yield it


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A registry of two cooperatives whose plots stand in one row."""
    if request.param == "sqlite":
        its = open_file(tmp_path_factory.mktemp("plots") / "registry.sqlite")
    else:
        server = request.getfixturevalue("server")
        its = open_server(server.database("plan"), make=True)
    with closing(SqlRegistry(its)) as registry:
        for cooperative, count in ((C, PLOTS), (D, OTHERS)):
            registry.add_cooperative(Cooperative(cooperative, "Hợp tác xã"))
            registry.put_all([in_row(k, cooperative) for k in range(count)])
        yield its


def in_row(number: int, cooperative: str = C, **known: Any) -> Plot:
    return a_plot(f"p{number:04d}", field(number), cooperative=cooperative, **known)


@contextmanager
def plans(engine: Engine) -> Iterator[list[str]]:
    """The plans of the queries of plots that are run meanwhile, each asked for just before, as texts."""
    found: list[str] = []

    def ask(_connection: Connection, cursor: Any, statement: str, values: Any, *_: object) -> None:
        if statement.startswith("SELECT plot."):
            explained = cursor.connection.cursor()
            rows = explained.execute(PLANS[engine.dialect.name] + statement, values).fetchall()
            found.append("".join(f"{row[-1]}\n" for row in rows))

    event.listen(engine, "before_cursor_execute", ask)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", ask)


def says(plan: str, words: Sequence[str]) -> bool:
    return any(word in plan for word in words)


@pytest.mark.parametrize("counted", [False, True], ids=["before the tables were counted", "after"])
def test_plots_at_a_place_are_asked_of_the_index_of_boxes(place: Place, *, counted: bool) -> None:
    dialect = place.engine.dialect.name
    if counted:
        with place.engine.begin() as connection:
            connection.execute(text("ANALYZE plot"))
    registry = SqlRegistry(place)
    west, south, east, north = field(700).bounds
    with plans(place.engine) as found:
        assert [p.plot for p in registry.plots_at(C, (west + east) / 2, (south + north) / 2)] == ["p0700"]
        assert [p.plot for p in registry.plots(C, (west, south, east, north))] == ["p0700"]
    assert len(found) == 2
    for plan in found:
        assert INDEX[dialect] in plan, plan
        assert not says(plan, WHOLE[dialect]), plan


def test_a_place_shows_the_plots_of_the_cooperative_that_asks_only(place: Place) -> None:
    registry = SqlRegistry(place)
    inside = field(10).centroid
    for cooperative in (C, D):
        (it,) = registry.plots_at(cooperative, inside.x, inside.y)
        assert (it.cooperative, it.plot) == (cooperative, "p0010")
    assert registry.plots_at(D, field(OTHERS).centroid.x, inside.y) == []


def test_versions_that_were_replaced_are_found_at_their_time_by_the_index(place: Place) -> None:
    registry = SqlRegistry(place)
    moved = registry.put(in_row(20, name="dời", valid_from_ms=2_000))
    registry.put(a_plot("p0020", field(20_000), valid_from_ms=3_000))
    inside = field(20).centroid
    with plans(place.engine) as found:
        assert [p.version for p in registry.plots_at(C, inside.x, inside.y, at_ms=2_500)] == [moved.version]
    assert INDEX[place.engine.dialect.name] in found[0], found[0]
    assert registry.plots_at(C, inside.x, inside.y) == []


def test_an_import_finds_what_stands_by_names(place: Place) -> None:
    """Also while PostgreSQL has not counted the rows: walking through all of them for each batch took minutes."""
    registry = SqlRegistry(place)
    with plans(place.engine) as found:
        kept = registry.put_all([in_row(k) for k in range(100, 1_100)])
    assert {p.version for p in kept} == {1}
    assert len(found) > 1
    for plan in found:
        assert re.search(NAMES[place.engine.dialect.name], plan), plan
