"""``canhdong api`` as a process: it encrypts the second factors of before, and lets in whom a provider vouches for."""

from __future__ import annotations

import html
import re
from contextlib import closing
from pathlib import Path
from typing import Final

import httpx2 as httpx
import pytest

from api.identity.vault import is_sealed
from core.accounts import AuditEntry
from ingest.clock import SystemClock
from storage.urls import open_accounts
from tests.support.processes import Platform, free_port
from tests.support.provider import CLIENT, SECRET, LittleProvider, running_provider

CLEAR: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Signed(Platform):
    """A platform whose API knows a provider."""

    provider: LittleProvider

    @property
    def environment(self) -> dict[str, str]:
        secret = self.folder / "client-secret"
        secret.write_text(SECRET)
        return super().environment | {
            "CANHDONG_API_PUBLIC_URL": f"http://127.0.0.1:{self.api_port}",
            "CANHDONG_OIDC_ISSUER": self.provider.issuer,
            "CANHDONG_OIDC_CLIENT_ID": CLIENT,
            "CANHDONG_OIDC_CLIENT_SECRET_FILE": str(secret),
            "CANHDONG_OIDC_SECOND_FACTORS": '["amr:mfa"]',
        }


def test_an_officer_of_before_signs_on(tmp_path: Path) -> None:
    with running_provider(SystemClock()) as provider:
        it = Signed(tmp_path, free_port(), free_port())
        it.provider = provider
        provider.public_url, provider.claims = f"http://127.0.0.1:{it.api_port}", {"amr": ["mfa"]}
        it.run("account", "add", "minh", "--role", "officer")
        it.run("account", "link", "minh", "--subject", provider.subject)
        with closing(open_accounts(f"sqlite:///{tmp_path / 'registry.sqlite'}")) as accounts:
            accounts.set_password("minh", "x", CLEAR, AuditEntry(1, "test", "", "test", ""))
            try:
                it.start("api")
                assert is_sealed(accounts.account("minh").totp_secret)
                assert not [file for file in tmp_path.glob("registry*") if CLEAR.encode() in file.read_bytes()]
                _sign_on(provider)
                it.stop()
            finally:
                for process in it.processes.values():
                    process.kill()
                    process.wait()
        assert SECRET not in (tmp_path / "api.log").read_text()


def _sign_on(provider: LittleProvider) -> None:
    with httpx.Client(base_url=provider.public_url, follow_redirects=True, timeout=20.0) as browser:
        page = browser.get("/v1/auth/login", params={"onward": "/v1/cooperatives"}).text
        (address,) = re.findall(r'<a href="(/v1/auth/signon\?[^"]+)"', page)
        arrived = browser.get(html.unescape(address))
        assert str(arrived.url) == f"{provider.public_url}/v1/cooperatives"
        assert arrived.json() == []
        assert browser.get("/v1/auth/me").json()["account"] == "minh"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
