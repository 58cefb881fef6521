"""The way to a provider and back: who is let in by it, who is not, and where it leads."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from api.identity.doorkeeper import Trace
from api.identity.journeys import AWAY_MS
from core.accounts import Role
from tests.support.people import entry
from tests.support.signing_on import CALLBACK, Place, agreed, button, departed, signed_on, who


def test_a_linked_account_comes_in_and_goes_on(place: Place) -> None:
    client = place.api.client()
    answer = signed_on(client, "/v1/cooperatives?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/v1/cooperatives?x=1")
    assert answer.headers["cache-control"] == "no-store"
    (cookie,) = [it for it in answer.headers.get_list("set-cookie") if it.startswith("canhdong=") and "." in it]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert who(client) == "lan"
    assert client.get("/v1/auth/me").json()["role"] == "manager"
    (newest, *_) = place.api.accounts.audit("htx")
    assert (newest.actor, newest.action) == ("lan", "login")
    assert newest.subject == f"sign-on as id-7 at {place.provider.issuer}"
    assert newest.request == answer.headers["x-request-id"]
    assert len(place.provider.asked[0]["state"]) >= 43


def test_pages_of_sign_on_keep_the_security_headers(place: Place) -> None:
    place.provider.subject = "id-8"
    client = place.api.client()
    for answer in (client.get(button(client), follow_redirects=False), signed_on(client), client.get(CALLBACK)):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "script-src" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "/v1/auth/logout"])
def test_nobody_is_led_away(place: Place, onward: str) -> None:
    client = place.api.client()
    assert signed_on(client, onward).headers["location"] == "/"
    fresh = place.api.client()
    address = button(fresh).replace("onward=%2F", "").replace("onward=/", "") + f"&onward={onward}"
    back = agreed(fresh.get(address, follow_redirects=False).headers["location"])
    assert fresh.get(back, follow_redirects=False).headers["location"] == "/"


def test_the_provider_cannot_say_where_to_go(place: Place) -> None:
    client = place.api.client()
    back = agreed(departed(client)) + "&onward=https://evil.example/&redirect_uri=https://evil.example/"
    assert client.get(back, follow_redirects=False).headers["location"] == "/"


@pytest.mark.parametrize("form", ["", "made-up"])
def test_another_site_cannot_begin_a_sign_on(place: Place, form: str) -> None:
    client = place.api.client()
    button(client)
    answer = client.get("/v1/auth/signon", params={"form": form}, follow_redirects=False)
    assert answer.status_code == 403
    assert "canhdong-journey" not in client.cookies
    theirs = button(place.api.client())
    assert client.get(theirs, follow_redirects=False).status_code == 403, "the token of another browser"


def test_a_wrong_state_counts_for_nothing(place: Place) -> None:
    client = place.api.client()
    back = agreed(departed(client))
    state = parse_qs(urlsplit(back).query)["state"][0]
    for wrong in (back.replace(state, state[:-1] + "_"), back.replace(state, ""), CALLBACK):
        assert client.get(wrong, follow_redirects=False).status_code == 403
    stolen = place.api.client()
    departed(stolen)
    assert stolen.get(back, follow_redirects=False).status_code == 403, "a way that another browser has begun"
    assert place.api.client().get(back, follow_redirects=False).status_code == 403
    assert who(client) is who(stolen) is None
    assert client.get(back, follow_redirects=False).status_code == 303, "what strangers tried has ended nothing"


def test_a_way_that_takes_too_long_is_over(place: Place) -> None:
    client = place.api.client()
    back = agreed(departed(client))
    place.api.clock.advance(AWAY_MS / 1_000)
    assert client.get(back, follow_redirects=False).status_code == 403
    assert who(client) is None


def test_a_code_counts_once(place: Place) -> None:
    client = place.api.client()
    back = agreed(departed(client))
    kept = {"Cookie": f"canhdong-journey={client.cookies['canhdong-journey']}"}
    assert client.get(back, follow_redirects=False).status_code == 303
    again = place.api.client(kept).get(back, follow_redirects=False)
    assert again.status_code == 403
    assert "canhdong=" not in str(again.headers.get_list("set-cookie"))
    fresh = place.api.client()
    code = parse_qs(urlsplit(back).query)["code"][0]
    other = agreed(departed(fresh))
    replayed = other.replace(parse_qs(urlsplit(other).query)["code"][0], code)
    assert fresh.get(replayed, follow_redirects=False).status_code == 401, "the provider refuses it"
    assert place.refused() == ["sign-on: the provider refuses the code (invalid_grant)"]


def test_a_code_of_another_way_is_refused_by_its_verifier(place: Place) -> None:
    """Somebody else's code, put into one's own way: PKCE."""
    victim, thief = place.api.client(), place.api.client()
    code = parse_qs(urlsplit(agreed(departed(victim))).query)["code"][0]
    own = agreed(departed(thief))
    injected = own.replace(parse_qs(urlsplit(own).query)["code"][0], code)
    assert thief.get(injected, follow_redirects=False).status_code == 401
    assert who(thief) is None


def test_an_unknown_subject_makes_nobody(place: Place) -> None:
    before = place.api.accounts.accounts()
    place.provider.subject = "id-9"
    place.provider.claims = {"email": "lan@htx", "preferred_username": "lan", "name": "lan", "role": "administrator"}
    client = place.api.client()
    answer = signed_on(client)
    assert answer.status_code == 401
    assert who(client) is None
    assert place.api.accounts.accounts() == before
    assert place.refused() == [f"sign-on as id-9 at {place.provider.issuer}: no account is linked to it"]


@pytest.mark.parametrize("subject", ["ID-7", "id-7 ", "id-70"])
def test_a_subject_is_known_to_the_letter(place: Place, subject: str) -> None:
    place.provider.subject = subject
    assert signed_on(place.api.client()).status_code == 401


def test_a_subject_of_another_provider_is_nobody(place: Place) -> None:
    place.api.accounts.link("lan", "https://another.example", "id-9", entry(place.api.clock))
    place.provider.subject = "id-9"
    assert signed_on(place.api.client()).status_code == 401


def test_a_disabled_account_stays_out(place: Place) -> None:
    place.newcomer("tu", Role.PILOT, "id-12")
    place.api.accounts.disable("tu", entry(place.api.clock))
    client = place.api.client()
    answer = signed_on(client)
    assert answer.status_code == 401
    place.provider.subject = "id-9"
    unknown = signed_on(place.api.client())
    assert _without_tokens(answer.text) == _without_tokens(unknown.text), "nobody is told which it is"
    newest = place.api.accounts.audit("htx")[0]
    assert (newest.actor, newest.action) == ("tu", "login refused")


def _without_tokens(page: str) -> str:
    return re.sub(r'(form=|name="form" value=")[\w-]+', "", page)


def test_an_unlinked_account_is_out_at_once(place: Place) -> None:
    handed = place.newcomer("binh", Role.MANAGER, "id-13")
    client = place.api.client()
    signed_on(client)
    assert who(client) == "binh"
    place.api.accounts.unlink("binh", place.provider.issuer, entry(place.api.clock))
    assert who(client) is None
    assert signed_on(place.api.client()).status_code == 401
    assert place.api.tokens(handed), "the password counts on"


def test_who_refuses_at_the_provider_is_told_and_written_down(place: Place) -> None:
    client = place.api.client()
    departed(client)
    state = parse_qs(urlsplit(departed(client)).query)["state"][0]
    answer = client.get(CALLBACK, params={"state": state, "error": "access_denied"})
    assert answer.status_code == 401
    assert place.refused() == ["sign-on: the provider refuses (access_denied)"]


def test_another_providers_answer_is_refused(place: Place) -> None:
    client = place.api.client()
    back = agreed(departed(client)).partition("&iss=")[0] + "&iss=https://another.example"
    assert client.get(back).status_code == 401
    assert place.refused() == ["sign-on: another provider has answered"]


def test_too_many_ways_from_one_address_wait(place: Place) -> None:
    for _ in range(100):
        place.api.app.state.doorkeeper.count("", Trace("", "testclient"))
    client = place.api.client()
    assert signed_on(client).status_code == 429
    assert who(client) is None
