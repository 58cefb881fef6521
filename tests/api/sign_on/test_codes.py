"""The second factor after a sign-on: ours, unless the provider's is allowed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.identity.journeys import CODE_MS
from core.accounts import Role
from tests.support.fakes import FakeClock
from tests.support.people import entry, running_api
from tests.support.provider import LittleProvider
from tests.support.signing_on import HOME, Place, agreed, code_form, departed, placed, signed_on, who


def test_an_officer_is_asked_for_our_second_factor(place: Place) -> None:
    place.provider.subject = "id-8"
    client = place.api.client()
    page = signed_on(client, HOME)
    assert page.status_code == 200
    assert "Mã trong ứng dụng xác thực" in page.text
    assert who(client) is None
    form = code_form(page.text)
    wrong = client.post("/v1/auth/code", data={"form": form, "code": "000000"})
    assert wrong.status_code == 401
    assert "Mã không đúng" in wrong.text
    right = {"form": form, "code": place.api.code(place.officer)}
    answer = client.post("/v1/auth/code", data=right, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)
    assert who(client) == "minh"
    kinds = [(it.actor, it.action) for it in place.api.accounts.audit(None)[:2]]
    assert kinds == [("minh", "login"), ("minh", "login refused")]


def test_the_page_for_the_code_speaks_english(place: Place) -> None:
    place.provider.subject = "id-8"
    client = place.api.client()
    page = client.get(agreed(departed(client, lang="en")))
    assert "Code of your authenticator application" in page.text
    wrong = client.post("/v1/auth/code", data={"form": code_form(page.text), "code": "0"})
    assert "The code is wrong" in wrong.text


def test_a_code_of_the_second_factor_counts_once(place: Place) -> None:
    place.provider.subject = "id-8"
    code = place.api.code(place.officer)
    assert place.api.tokens(place.officer)
    client = place.api.client()
    form = code_form(signed_on(client).text)
    assert client.post("/v1/auth/code", data={"form": form, "code": code}).status_code == 401


def test_the_code_alone_lets_nobody_in(place: Place) -> None:
    code = place.api.code(place.officer)
    client = place.api.client()
    assert client.post("/v1/auth/code", data={"form": "x", "code": code}).status_code == 403
    place.provider.subject = "id-8"
    waiting = place.api.client()
    form = code_form(signed_on(waiting).text)
    assert client.post("/v1/auth/code", data={"form": form, "code": code}).status_code == 403, "another browser"
    for wrong in ("", "made-up"):
        assert waiting.post("/v1/auth/code", data={"form": wrong, "code": code}).status_code == 403
    departing = place.api.client()
    departed(departing)  # has been to nobody yet
    kept = departing.cookies["canhdong-journey"]
    form = place.api.signer.form_token(kept)
    assert departing.post("/v1/auth/code", data={"form": form, "code": code}).status_code == 403
    place.api.clock.advance(CODE_MS / 1_000)
    late = {"form": place.api.signer.form_token(waiting.cookies["canhdong-journey"])}
    again = place.api.code(place.officer)
    assert waiting.post("/v1/auth/code", data=late | {"code": again}).status_code == 403
    assert who(waiting) is None


def test_who_is_disabled_meanwhile_does_not_come_in_by_the_code(place: Place) -> None:
    handed = place.newcomer("hoa", Role.OFFICER, "id-11")
    client = place.api.client()
    form = code_form(signed_on(client).text)
    place.api.accounts.disable("hoa", entry(place.api.clock))
    code = place.api.code(handed)
    assert client.post("/v1/auth/code", data={"form": form, "code": code}).status_code == 401
    assert who(client) is None


def test_ten_wrong_codes_are_enough(place: Place) -> None:
    place.provider.subject = "id-8"
    client = place.api.client()
    form = code_form(signed_on(client).text)
    codes = [client.post("/v1/auth/code", data={"form": form, "code": "000000"}).status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]
    fresh = place.api.client()
    form = code_form(signed_on(fresh).text)
    right = {"form": form, "code": place.api.code(place.officer)}
    assert fresh.post("/v1/auth/code", data=right).status_code == 429, "another way does not begin to count anew"
    assert place.api.tokens(place.officer), "and keeps nobody from the other door"


@pytest.mark.parametrize("claims", [{"amr": ["pwd", "mfa"]}, {"acr": "loa3"}])
def test_a_second_factor_of_the_provider_that_is_allowed_is_enough(place: Place, claims: dict[str, Any]) -> None:
    place.provider.subject, place.provider.claims = "id-8", claims
    client = place.api.client()
    assert signed_on(client).status_code == 303
    assert who(client) == "minh"
    assert place.provider.asked[-1]["acr_values"] == "loa3"


@pytest.mark.parametrize(
    "claims", [{"amr": ["pwd", "otp"]}, {"acr": "mfa"}, {"amr": ["loa3"]}, {"amr": "mfa"}, {"acr": 3}]
)
def test_another_one_is_not(place: Place, claims: dict[str, Any]) -> None:
    place.provider.subject, place.provider.claims = "id-8", claims
    client = place.api.client()
    signed_on(client)
    assert who(client) is None


def test_nothing_that_a_provider_says_is_enough_unless_it_is_allowed(
    tmp_path: Path, provider: LittleProvider, clock: FakeClock
) -> None:
    with running_api(tmp_path / "strict", clock, registration=provider.registration()) as api:
        placed(api, provider)
        provider.subject, provider.claims = "id-8", {"amr": ["mfa"], "acr": "loa3"}
        client = api.client()
        assert "/v1/auth/code" in signed_on(client).text
        assert who(client) is None


def test_whoever_asked_for_a_second_factor_is_asked_for_it_in_every_role(place: Place) -> None:
    handed = place.newcomer("chi", Role.PILOT, "id-10", second=True)
    client = place.api.client()
    form = code_form(signed_on(client).text)
    client.post("/v1/auth/code", data={"form": form, "code": place.api.code(handed)})
    assert who(client) == "chi"
