"""Providers: none, one that is away, one that describes itself wrong, and settings that are not safe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.identity.provider import Ask, Provider
from api.identity.registration import Registration
from core.errors import ConfigError, ProviderUnavailable, Unauthenticated
from tests.support.fakes import FakeClock
from tests.support.people import running_api
from tests.support.provider import LittleProvider, certificate, running_provider
from tests.support.signing_on import CALLBACK, Place, button, placed, signed_on, who


def test_the_button_is_there_only_with_a_provider_and_in_both_languages(
    tmp_path: Path, place: Place, provider: LittleProvider, clock: FakeClock
) -> None:
    client = place.api.client()
    assert "Đăng nhập một lần" in client.get("/").text
    assert "Single sign-on" in client.get("/?lang=en").text
    named = provider.registration(name="Tỉnh <Cà Mau>")
    with running_api(tmp_path / "named", clock, registration=named) as api:
        assert "Đăng nhập qua Tỉnh &lt;Cà Mau&gt;" in api.client().get("/").text
        assert "Log in by Tỉnh &lt;Cà Mau&gt;" in api.client().get("/?lang=en").text
    with running_api(tmp_path / "without", clock) as api:
        assert "/v1/auth/signon" not in api.client().get("/").text
        assert [api.client().get(it).status_code for it in ("/v1/auth/signon", CALLBACK)] == [404, 404]


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "https://another.example"},
        {"token_endpoint": "http://provider.example/token"},
        {"authorization_endpoint": "http://provider.example/authorize"},
        {"jwks_uri": "ftp://127.0.0.1/keys"},
        {"jwks_uri": None},
        {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
    ],
)
def test_a_provider_that_describes_itself_wrong_is_not_asked(place: Place, told: dict[str, Any]) -> None:
    place.provider.told = told
    client = place.api.client()
    answer = client.get(button(client), follow_redirects=False)
    assert answer.status_code == 503
    assert "không trả lời" in answer.text


def test_the_secret_goes_in_the_body_where_the_provider_wants_it_so(place: Place) -> None:
    place.provider.told = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    client = place.api.client()
    signed_on(client)
    assert who(client) == "lan"


def test_a_provider_that_is_away_keeps_nobody_from_the_other_door(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    with running_provider(clock) as gone:
        registration = gone.registration()
    with running_api(tmp_path, clock, registration=registration) as api:
        place = placed(api, gone)
        client = api.client()
        answers = [client.get(button(client, lang="en"), follow_redirects=False) for _ in range(2)]
        assert [it.status_code for it in answers] == [503, 503]
        assert "does not answer" in answers[0].text
        assert f"request {answers[0].headers['x-request-id']}: the provider of sign-on (description)" in caplog.text
        assert registration.issuer not in answers[0].text
        assert api.tokens(place.manager)


SAFE: dict[str, Any] = {
    "issuer": "https://id.example/realm",
    "client_id": "c",
    "client_secret": "s",
    "public_url": "https://cd.example",
}


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"issuer": "http://id.example"}, "CANHDONG_OIDC_ISSUER"),
        ({"issuer": "id.example"}, "CANHDONG_OIDC_ISSUER"),
        ({"issuer": "https://id.example?x=1"}, "CANHDONG_OIDC_ISSUER"),
        ({"issuer": "https://user@id.example"}, "CANHDONG_OIDC_ISSUER"),
        ({"issuer": "https://[id"}, "CANHDONG_OIDC_ISSUER"),
        ({"client_id": ""}, "CANHDONG_OIDC_CLIENT_ID"),
        ({"client_secret": ""}, "CANHDONG_OIDC_CLIENT_SECRET_FILE"),
        ({"public_url": ""}, "CANHDONG_API_PUBLIC_URL"),
        ({"public_url": "http://cd.example"}, "CANHDONG_API_PUBLIC_URL"),
        ({"second_factors": frozenset(("mfa",))}, "CANHDONG_OIDC_SECOND_FACTORS"),
        ({"second_factors": frozenset(("amr:",))}, "CANHDONG_OIDC_SECOND_FACTORS"),
        ({"ca_file": Path("/no/such/file")}, "CANHDONG_OIDC_CA_FILE"),
    ],
)
def test_what_is_not_safe_is_refused_before_anything_is_asked(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        Registration(**SAFE | wrong).check()


@pytest.mark.parametrize(
    "issuer", ["https://id.example/realm", "http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"]
)
def test_what_is_safe_is_taken_and_its_secret_is_not_shown(issuer: str) -> None:
    it = Registration(**SAFE | {"issuer": issuer, "client_secret": "mười tám"})
    it.check()
    assert it.redirect_url == "https://cd.example/v1/auth/callback"
    assert "mười tám" not in repr(it)


def test_tls_is_checked(tmp_path: Path, clock: FakeClock) -> None:
    """A provider whose certificate nobody vouches for is not asked, unless the operator names its authority."""
    chain, key = certificate(tmp_path)
    with running_provider(clock, (chain, key)) as it:
        pages = []
        for number, authority in enumerate((None, chain)):
            registration = replace(it.registration(), ca_file=authority)
            with running_api(tmp_path / str(number), clock, registration=registration) as api:
                client = api.client()
                pages.append(client.get(button(client), follow_redirects=False))
        assert [page.status_code for page in pages] == [503, 303]
        assert it.fetched == ["/.well-known/openid-configuration"]
        signed = Provider(replace(it.registration(), ca_file=chain), clock)
        with pytest.raises(Unauthenticated, match="invalid_grant"):
            signed.signed_on("made-up", Ask("state", "nonce", "verifier"))
        with pytest.raises(ProviderUnavailable):
            Provider(it.registration(), clock).signed_on("made-up", Ask("state", "nonce", "verifier"))
