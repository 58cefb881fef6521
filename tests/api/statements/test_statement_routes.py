"""Statements over HTTP: signed JSON, paper, pages, lists, keys; read on demand, and only one's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.statements.sealing import read_keys, signer_of
from geo.statements.verification import verify
from tests.api.conftest import Village, village
from tests.support import rectangle

__all__ = ["village"]

OWN = "/v1/cooperatives/htx-a"
JOB = "2026-11-20-spray"


@pytest.fixture(scope="module")
def client(village: Village) -> Iterator[TestClient]:
    with village.api.client(village.api.key("manager-a")) as it:
        yield it


def places(village: Village) -> dict[str, str]:
    return {"flight": f"flights/{village.flights['htx-a']}", "job": f"jobs/{JOB}", "plot": "plots/rect-htx-a"}


def test_signed_json_is_whole_and_recomputed(village: Village, client: TestClient) -> None:
    keys = read_keys(client.get("/.well-known/canhdong-statement-keys.json").text, "keys")
    for kind, where in places(village).items():
        answer = client.get(f"{OWN}/{where}/statement")
        document = answer.json()
        assert answer.headers["content-type"] == "application/json"
        assert document["subject"]["kind"] == kind
        net_m2 = document["computed"]["treatments"][0]["plots"][0]["net_m2"]
        assert net_m2 == pytest.approx(rectangle.AREA_M2, abs=0.5)
        assert signer_of(document, keys)[1]
        assert verify(document, village.api.archive).sound
        assert client.get(f"{OWN}/{where}/statement?version=1").content == answer.content
        assert client.get(f"{OWN}/{where}/statement?version=2").status_code == 404


def test_the_same_statement_is_not_sent_twice(village: Village, client: TestClient) -> None:
    where = f"{OWN}/{places(village)['flight']}/statement"
    tag = client.get(where).headers["etag"]
    again = client.get(where, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_paper_and_pages_are_in_both_languages(village: Village, client: TestClient) -> None:
    titles = {"vi": "Phiếu xác nhận diện tích phun", "en": "Sprayed-area statement"}
    pages = {kind: where.removeprefix("flights/") for kind, where in places(village).items()}
    for kind, where in places(village).items():
        papers = []
        for lang, title in titles.items():
            pdf = client.get(f"{OWN}/{where}/statement.pdf?lang={lang}")
            assert pdf.headers["content-type"] == "application/pdf"
            papers.append(pdf.content)
            page = client.get(f"/statements/htx-a/{pages[kind]}?lang={lang}")
            assert title in page.text
            assert "0.840 ha" in page.text
            assert "<svg" in page.text
            assert "<script" not in page.text
            assert "Hợp tác xã &lt;htx-a&gt;" in page.text
        assert papers[0] != papers[1]


def test_what_was_issued_is_listed_in_pages(village: Village, client: TestClient) -> None:
    for where in places(village).values():
        client.get(f"{OWN}/{where}/statement")
    whole = client.get(f"{OWN}/statements").json()
    assert {it["kind"] for it in whole} == {"flight", "job", "plot"}
    first = client.get(f"{OWN}/statements?limit=2")
    assert first.json() == whole[:2]
    rest = client.get(first.links["next"]["url"])
    assert rest.json() == whole[2:]
    for it in whole:
        assert client.get(it["href"]).json()["statement"]["digest"] == it["digest"]


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ("flights/none/statement", 404),
        ("jobs/none/statement", 404),
        ("jobs/2026-11-20-spray/statement?day=2026-11-21", 404),
        ("jobs/2026-11-20-spray/statement?day=2026-13-40", 422),
        ("plots/none/statement", 404),
        ("plots/rect-htx-a/statement?season=H%C3%A8%20Thu", 404),
        ("plots/rect-htx-a/statement?season=2026-01-01..soon", 422),
        ("plots/rect-htx-a/statement?season=2026-02-01..2026-01-01", 422),
        ("flights/none/statement.pdf?lang=fr", 422),
        ("statements?cursor=x", 422),
        ("flights/none/statement?version=0", 422),
    ],
)
def test_errors_are_problem_documents(client: TestClient, where: str, status: int) -> None:
    answer = client.get(f"{OWN}/{where}")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_keys_are_open_and_statements_are_not(village: Village) -> None:
    nobody = village.api.client()
    assert nobody.get("/.well-known/canhdong-statement-keys.json").json()["keys"]
    for where in places(village).values():
        assert nobody.get(f"{OWN}/{where}/statement").status_code == 401
    stranger = village.api.client(village.api.key("manager-b"))
    assert stranger.get(f"{OWN}/statements").status_code == 404
