"""Publishing beside what people made, renamed, or called as ours is: told in words, and nothing is taken over."""

from __future__ import annotations

from core.model.land import Cooperative
from dashboards.publish.publisher import Mode
from dashboards.sources import API, TELEMETRY, Audience
from tests.dashboards.publishing import (
    COOPERATIVES,
    board,
    names,
    publish,
    publisher,
    wanted,
)
from tests.support.grafana.organisation import Organisation
from tests.support.grafana.server import USER, FakeGrafana


def test_a_cooperative_with_another_name_keeps_its_organisation(published: FakeGrafana) -> None:
    renamed = [Cooperative("htx-a", "Hợp tác xã Mới"), COOPERATIVES[1]]
    (step,) = publish(published, orgs=wanted(renamed))
    assert (step.change.kind, step.change.why, step.done) == ("organisation", "name", True)
    assert published.org("htx-a").name == "Hợp tác xã Mới (htx-a)"
    assert published.org("htx-a").number == 2


def test_two_organisations_that_could_be_meant_are_both_left_alone(published: FakeGrafana) -> None:
    published.organisations[50] = Organisation(published.contract, 50, "Trap (htx-a)")
    steps = publish(published)
    (step,) = steps
    assert "several organisations" in step.fault
    assert published.writes == []


def test_who_publishes_joins_an_organisation_that_others_made(grafana: FakeGrafana) -> None:
    grafana.organisations[5] = Organisation(grafana.contract, 5, "Hợp tác xã A (htx-a)")
    grafana.strangers.add(5)
    assert ("htx-a", "member", USER) in names(publish(grafana, Mode()))
    steps = publish(grafana)
    assert not any(step.fault for step in steps)
    assert grafana.writes[0] == "POST /api/orgs/5/users"
    assert set(grafana.organisations[5].sources) == {TELEMETRY, API}


def test_nothing_is_written_where_the_server_answers_for_another_organisation(grafana: FakeGrafana) -> None:
    """As it does to a token: the credentials of a cooperative would all land in the first organisation."""
    grafana.deaf = True
    steps = publish(grafana)
    assert all(
        "another organisation" in step.fault for step in steps if step.change.kind == "organisation" and step.fault
    )
    assert sum("another organisation" in step.fault for step in steps) == 4
    assert {step.change.kind for step in steps if step.done} == {"organisation", "member"}
    assert all({} == it.sources == it.folders == it.boards for it in grafana.organisations.values())


def test_a_title_that_a_stranger_has_is_told_and_the_rest_is_done(published: FakeGrafana) -> None:
    it = published.org("htx-a")
    del it.boards["cd_cooperative_vi"]
    theirs = board("xyz", "cooperative vi", Audience.COOPERATIVE)
    it.boards["xyz"] = {"folder": "cd_vi", "board": theirs | {"version": 1, "id": 9}}
    del it.alerting.rules["cd_silent"]
    steps = publish(published)
    faults = {step.change.name: step.fault for step in steps}
    assert "rename, move or remove it" in faults["cd_cooperative_vi"]
    assert faults["cd_silent"] == ""
    assert it.boards["xyz"]["board"] == theirs | {"version": 1, "id": 9}, "a stranger's board is never taken over"


def test_a_folder_title_that_a_stranger_has_stops_that_organisation_only(published: FakeGrafana) -> None:
    it = published.org("htx-a")
    it.boards.clear()
    it.alerting.rules.clear()
    it.folders.clear()
    it.folders["other"] = {"id": 9, "uid": "other", "title": "Cánh Đồng", "version": 1}
    published.org("htx-b").boards.clear()
    steps = publish(published)
    (fault,) = [step.fault for step in steps if step.fault]
    assert "rename or remove it" in fault
    assert it.boards == {}
    assert len(published.org("htx-b").boards) == 2


def test_a_source_name_that_a_stranger_has_is_told(published: FakeGrafana) -> None:
    it = published.org("htx-a")
    it.sources = {"own": it.sources.pop(TELEMETRY) | {"uid": "own"}, **it.sources}
    it.secrets["own"] = {}
    (step,) = publish(published)
    assert "rename or remove it" in step.fault


def test_what_a_file_provisioned_is_told(published: FakeGrafana) -> None:
    it = published.org("htx-a")
    it.boards["cd_cooperative_vi"] |= {"provisioned": True}
    it.boards["cd_cooperative_vi"]["board"]["title"] = "Other"
    it.sources[API] |= {"readOnly": True, "url": "x"}
    steps = publish(published)
    assert ["provisioned by a file" in step.fault for step in steps] == [True]
    it.sources[API]["url"] = "http://127.0.0.1:8000/v1/cooperatives/htx-a/grafana"
    (step,) = publish(published)
    assert "provisioned by a file" in step.fault


def test_a_source_that_does_not_work_is_told_in_the_servers_words(published: FakeGrafana) -> None:
    it = publisher(published)
    assert list(it.ill(wanted())) == []
    published.org("htx-b").ill[TELEMETRY] = "authorization failed"
    assert list(it.ill(wanted())) == ["Hợp tác xã B (htx-b): data source canhdong_telemetry: authorization failed"]
