"""The way to the server: who may be told a password, and what is said where it does not answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ConfigError, Forbidden, RetriableError, Unauthenticated
from dashboards.publish.server import Address, Grafana
from tests.support.grafana.server import PASSWORD, USER, FakeGrafana, running_grafana
from tests.support.provider import certificate


def test_wrong_credentials_say_what_to_do(grafana: FakeGrafana) -> None:
    with pytest.raises(Unauthenticated, match="CANHDONG_GRAFANA_PASSWORD_FILE"):
        Grafana(Address(grafana.url, USER, "wrong")).version()
    told = replace(Grafana(Address(grafana.url, USER, PASSWORD)).ask("GET", "/org"), status=403)
    with pytest.raises(Forbidden, match="server administrator"):
        told.expected()


def test_a_server_that_is_away_is_told_in_one_line(grafana: FakeGrafana) -> None:
    grafana.drop_after = 0
    with pytest.raises(RetriableError, match="does not answer"):
        Grafana(Address(grafana.url, USER, PASSWORD)).ask("POST", "/orgs", {"name": "x"})
    with pytest.raises(RetriableError, match="connection refused"):
        Grafana(Address("http://127.0.0.1:9", USER, PASSWORD)).version()


def test_a_certificate_that_nobody_vouches_for_is_not_spoken_to(tmp_path: Path) -> None:
    chain, secret = certificate(tmp_path)
    with running_grafana((chain, secret)) as grafana:
        with pytest.raises(RetriableError, match="CANHDONG_GRAFANA_CA_FILE"):
            Grafana(Address(grafana.url, USER, PASSWORD)).version()
        assert grafana.seen == []
        assert Grafana(Address(grafana.url, USER, PASSWORD, chain)).version() == (9, 3, 2)


def test_a_password_follows_nobody_elsewhere(grafana: FakeGrafana) -> None:
    with running_grafana() as elsewhere:
        grafana.moved = elsewhere.url
        for method in ("GET", "POST"):
            with pytest.raises(RetriableError, match="sends elsewhere"):
                Grafana(Address(grafana.url, USER, PASSWORD)).ask(method, "/orgs", {"name": "x"})
        assert elsewhere.seen == []


def test_another_program_at_that_address_is_told(grafana: FakeGrafana) -> None:
    grafana.page = b"<html>Welcome</html>"
    with pytest.raises(RetriableError, match="look at the URL"):
        Grafana(Address(grafana.url, USER, PASSWORD)).version()


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("http://127.0.0.1:3000", True),
        ("http://localhost:3000/grafana/", True),
        ("http://[::1]:3000", True),
        ("https://grafana.example.vn", True),
        ("http://grafana.example.vn", False),
        ("http://10.0.0.9:3000", False),
        ("http://127.0.0.1.example.vn", False),
        ("https://lan:secret@grafana.example.vn", False),
        ("ftp://127.0.0.1", False),
        ("grafana", False),
        ("", False),
    ],
)
def test_a_password_crosses_no_network_in_clear(url: str, *, good: bool) -> None:
    if good:
        assert "secret" not in repr(Address(url, USER, "secret"))
    else:
        with pytest.raises(ConfigError, match="CANHDONG_GRAFANA_URL") as caught:
            Address(url, USER, "secret")
        assert "secret" not in str(caught.value)
