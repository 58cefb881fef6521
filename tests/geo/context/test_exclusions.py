from __future__ import annotations

import math

import pytest
from shapely import box

from core.model.context import Objection
from core.model.coverage import JobPlot, PlotCoverage
from core.model.enums import Operation
from core.model.land import Plot
from core.model.work import Job, Product
from geo.context.exclusions import planned, treated

DAY = "2026-03-21"
PLOTS = {
    name: Plot(name, box(0, 0, 1, 1), kind=kind)
    for name, kind in (("rs", "Rice-Shrimp"), ("rice", "rice"), ("orchard", "orchard"), ("blank", ""))
}


def job(product: str = "fip", cooperative: str = "c1") -> Job:
    return Job("j1", cooperative, Operation.SPRAY, DAY, ("rs", "rice", "blank"), product=product)


def product(**changed: object) -> Product:
    told: dict[str, object] = {"product": "fip", "list_version": "v1", "name": "F", "banned_kinds": ("rice-shrimp",)}
    return Product(**told | changed)  # type: ignore[arg-type]


def row(plot: str, net_m2: float = 100.0, job_name: str = "j1") -> JobPlot:
    return JobPlot(job_name, DAY, Operation.SPRAY, ("f1",), PlotCoverage(plot, 1e4, net_m2, net_m2, 0.0, 0.0, 0.0))


def test_a_product_on_a_banned_kind_is_a_violation_with_its_ground() -> None:
    (found,) = treated([row("rice"), row("rs")], {"j1": job()}, [product()], PLOTS)
    assert (found.plot, found.plot_kind, found.objection, found.net_m2) == (
        "rs",
        "Rice-Shrimp",
        Objection.BANNED_KIND,
        100.0,
    )
    assert (found.job, found.day, found.product, found.list_version) == ("j1", DAY, "fip", "v1")
    assert found.violation


def test_what_was_not_treated_or_not_registered_says_nothing() -> None:
    rows = [row("rs", 0.0), row("rs", job_name="j2")]
    assert treated(rows, {"j1": job()}, [product()], PLOTS) == []
    assert treated([row("rs")], {"j1": job("")}, [product()], PLOTS) == []
    assert treated([row("blank")], {"j1": job()}, [product(banned_kinds=())], PLOTS) == []


def test_nobody_knows_is_said_and_is_no_violation() -> None:
    kind = treated([row("blank"), row("unheard-of")], {"j1": job()}, [product()], PLOTS)
    assert [e.objection for e in kind] == [Objection.KIND_UNKNOWN] * 2
    listed = treated([row("rice")], {"j1": job("other")}, [product()], PLOTS)
    assert [e.objection for e in listed] == [Objection.PRODUCT_UNKNOWN]
    assert not any(e.violation for e in (*kind, *listed))


@pytest.mark.parametrize(("banned_from", "expected"), [("2026-03-21", [Objection.BANNED]), ("2026-03-22", [])])
def test_the_list_of_the_day_counts(banned_from: str, expected: list[Objection]) -> None:
    free = product(banned_kinds=())
    later = product(list_version="v2", banned=True, banned_kinds=(), listed_from=banned_from)
    assert [e.objection for e in treated([row("rice")], {"j1": job()}, [later, free], PLOTS)] == expected


def test_the_cooperatives_own_entry_adds_bans_and_takes_none_away() -> None:
    own = product(cooperative="c1", banned_kinds=(), list_version="own")
    assert [e.list_version for e in treated([row("rs")], {"j1": job()}, [product(), own], PLOTS)] == ["v1"]
    stricter = product(cooperative="c1", banned=True, list_version="own")
    (found,) = treated([row("rs")], {"j1": job()}, [product(), stricter], PLOTS)
    assert (found.objection, found.list_version) == (Objection.BANNED, "own")


def test_a_newer_list_lifts_a_ban_and_strangers_do_not_count() -> None:
    newer = product(banned_kinds=(), list_version="v2", listed_from="2026-01-01")
    stranger = product(cooperative="c2", banned=True, list_version="z", listed_from="2026-01-01")
    assert treated([row("rs")], {"j1": job()}, [product(), newer, stranger], PLOTS) == []


def test_a_plan_is_judged_before_anybody_flies() -> None:
    found = planned(job(), [product()], PLOTS)
    assert [(e.plot, e.objection) for e in found] == [("rs", Objection.BANNED_KIND), ("blank", Objection.KIND_UNKNOWN)]
    assert all(math.isnan(e.net_m2) for e in found)
