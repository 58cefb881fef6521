"""What surrounded flights and jobs: kept in versions, replaced by window, found by site, on every database."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select

from core.errors import NotFound
from core.model.context import (
    Cause,
    Exclusion,
    FlightContext,
    JobContext,
    Objection,
    Reason,
    SiteContact,
    SiteMinutes,
    Source,
    Spot,
    Stamp,
    Stamps,
    TreatedMinute,
    Treating,
    Verdict,
    Weather,
    Window,
)
from core.model.land import SiteKind
from storage.registry.context_tables import FlightContextRow, FlightSiteRow, JobContextRow
from storage.registry.repository import SqlRegistry
from tests.contracts.samples import NOBODY, OTHER, C

D = OTHER.cooperative
ALWAYS = (-(2**62), 2**62)


def a_stamp(ts_ms: int = 1_000, wind_mps: float = 1 / 3) -> Stamp:
    weather = Weather(ts_ms, 105.7, 9.3, wind_mps=wind_mps, sources={"wind_speed": Source("s1", 0.1 + 0.2, 30.0)})
    missing = (Cause.DELTA_T_UNKNOWN, Cause.RAIN_UNKNOWN)
    reasons = (Reason(Cause.WIND_LOW, Window.AMBER, 0.4, 1.0, "m/s"), Reason(Cause.DELTA_T_UNKNOWN, Window.NO_DATA))
    return Stamp(weather, Verdict(Window.NO_DATA, reasons, missing))


def a_contact(site: str = "ao-1", downwind_l: float = math.nan) -> SiteContact:
    minutes = SiteMinutes(
        np.array([0, 60_000]),
        np.array([1 / 3, 12.0]),
        np.array([1, -1], np.int8),
        np.array([0, -1], np.int8),
        np.array([0.25, 0.0]),
        np.array([0.5, downwind_l]),
    )
    figures = (4.0, 10.0, 50.0, "Chi cục; suggested", 0.25, 8.5, downwind_l, math.nan, math.nan)
    return SiteContact(site, SiteKind.POND, *figures, ("no-data",), minutes)


def a_flight(flight: str = "f1", start_ms: int = 1_000, **chosen: Any) -> FlightContext:
    stamps = Stamps(a_stamp(), a_stamp(2_000), a_stamp(3_000, math.nan), a_stamp(4_000), 2, 1)
    when = Treating(Spot(start_ms, 105.7, 9.3), Spot(start_ms + 999, 105.7, 1 / 3), (TreatedMinute(0, 105.7, 9.3, 60),))
    made = FlightContext(flight, "d1", start_ms, start_ms + 1_000, 61, "j1", "2026-03-01", when, stamps, (a_contact(),))
    return replace(made, **chosen)


def a_job(*flights: str, **chosen: Any) -> JobContext:
    exclusions = (
        Exclusion("j1", "2026-03-01", "t1", "rice-shrimp", "sp", "75", Objection.BANNED_KIND, 1 / 3),
        Exclusion("j1", "2026-03-01", "t2", "", "sp", "75", Objection.KIND_UNKNOWN),
    )
    made = JobContext("j1", "2026-03-01", flights, "sp", a_flight().stamps, exclusions)
    return replace(made, **chosen)


def said(*contexts: FlightContext) -> list[str]:
    """Everything, arrays as lists, in a form in which NaN equals NaN."""
    return [
        repr((c, [[getattr(s.minutes, n).tolist() for n in SiteMinutes.__dataclass_fields__] for s in c.contacts]))
        for c in contexts
    ]


def versions(kept: SqlRegistry) -> list[int]:
    """How many rows there are of flights, sites and jobs, newest or not."""
    with kept._looking() as connection:
        return [
            int(connection.execute(select(func.count()).select_from(row)).scalar_one())
            for row in (FlightContextRow, FlightSiteRow, JobContextRow)
        ]


def test_contexts_come_back_to_the_last_bit(kept: SqlRegistry) -> None:
    bare = a_flight("f2", 5_000, treating=None, stamps=None, contacts=())
    kept.save_contexts(C, "d1", 0, 9_000, [a_flight(), bare], [a_job("f1", "f2")])
    assert said(*kept.flight_contexts(C, *ALWAYS)) == said(a_flight(), bare)
    assert said(kept.flight_context(C, "f1")) == said(a_flight())
    assert repr(kept.job_contexts(C, "j1")) == repr([a_job("f1", "f2")])
    assert kept.flight_context(C, "f1").contacts[0].minutes.upwind.dtype == np.int8


def test_the_same_again_changes_nothing_and_news_are_a_version(kept: SqlRegistry) -> None:
    for _ in range(2):
        kept.save_contexts(C, "d1", 0, 9_000, [a_flight()], [a_job("f1")])
    assert versions(kept) == [1, 1, 1]
    changed = a_flight(contacts=(a_contact(downwind_l=2.0), a_contact("ao-2")))
    kept.save_contexts(C, "d1", 0, 9_000, [changed], [a_job("f1", stamps=None)])
    assert versions(kept) == [2, 3, 2]
    assert said(*kept.flight_contexts(C, *ALWAYS)) == said(changed)
    assert [job.stamps for job in kept.job_contexts(C, "j1")] == [None]


def test_a_window_takes_away_the_devices_own_flights_in_it_only(kept: SqlRegistry) -> None:
    beside = a_flight("other-device", device="d2")
    later = a_flight("later", 20_000)
    kept.save_contexts(C, "d2", 0, 9_000, [beside], [])
    kept.save_contexts(C, "d1", 0, 30_000, [a_flight("old"), later], [a_job("old")])
    kept.save_contexts(C, "d1", 500, 9_000, [a_flight("new")], [a_job()])
    assert [it.flight for it in kept.flight_contexts(C, *ALWAYS)] == ["new", "other-device", "later"]
    assert kept.job_contexts(C, "j1") == []
    assert [it.flight for it in kept.flight_contexts(C, 10_000, 20_000)] == ["later"]


def test_a_site_knows_who_came_near(kept: SqlRegistry) -> None:
    far = a_flight("f2", 5_000, contacts=(a_contact("ao-2"),))
    kept.save_contexts(C, "d1", 0, 9_000, [a_flight(), far], [])
    assert [(f.flight, c.site) for f, c in kept.site_contacts(C, "ao-1", *ALWAYS)] == [("f1", "ao-1")]
    assert kept.site_contacts(C, "ao-1", 3_000, 9_000) == []
    assert kept.site_contacts(D, "ao-1", *ALWAYS) == []


def test_nobody_sees_another_cooperatives(kept: SqlRegistry) -> None:
    kept.save_contexts(C, "d1", 0, 9_000, [a_flight()], [a_job("f1")])
    kept.save_contexts(D, "d1", 0, 9_000, [], [a_job()])
    assert (kept.flight_contexts(D, *ALWAYS), kept.job_contexts(D, "j1")) == ([], [])
    assert len(kept.flight_contexts(C, *ALWAYS)) == len(kept.job_contexts(C, "j1")) == 1
    with pytest.raises(NotFound, match="f1"):
        kept.flight_context(D, "f1")
    with pytest.raises(NotFound, match=NOBODY):
        kept.save_contexts(NOBODY, "d1", 0, 9_000, [a_flight()], [])
