"""Sign-on as a browser goes it: from the button of the login page to the provider and back."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from fastapi.testclient import TestClient

from api.identity.enrolment import Handed
from core.accounts import AuditEntry, Role
from core.model.land import Cooperative
from tests.support.people import Api, entry
from tests.support.provider import LittleProvider

HOME: Final = "/v1/cooperatives"
CALLBACK: Final = "/v1/auth/callback"


@dataclass
class Place:
    """An API, its provider, and who is linked there: the manager lan as id-7, the officer minh as id-8."""

    api: Api
    provider: LittleProvider
    manager: Handed
    officer: Handed
    since: int = 0

    def again(self) -> None:
        """Everything as at the beginning: what one test has tried, and what the provider was told to say, is over."""
        it = self.provider
        fresh = LittleProvider(it.issuer, it.clock)
        for name in ("subject", "claims", "told", "sign", "key", "codes", "asked", "fetched"):
            setattr(it, name, getattr(fresh, name))
        self.api.clock.advance(3_600)
        self.since = self.api.accounts.audit(None, limit=1)[0].number

    def newcomer(self, name: str, role: Role, subject: str, *, second: bool = False) -> Handed:
        """One more account, which is linked, and whom the provider vouches for from now on."""
        handed = self.api.enrol(name, role, "" if role is Role.OFFICER else "htx", second=second)
        self.api.accounts.link(name, self.provider.issuer, subject, entry(self.api.clock))
        self.provider.subject = subject
        return handed

    def written(self, cooperative: str | None = None) -> list[AuditEntry]:
        """What was written down in this test, the newest first."""
        return [it for it in self.api.accounts.audit(cooperative) if it.number > self.since]

    def refused(self) -> list[str]:
        """The logins that were refused in this test."""
        return [it.subject for it in self.written() if it.action == "login refused"]


def placed(api: Api, provider: LittleProvider) -> Place:
    """The people of a new API."""
    api.registry.add_cooperative(Cooperative("htx", "Hợp tác xã"))
    manager, officer = api.enrol("lan", Role.MANAGER, "htx"), api.enrol("minh", Role.OFFICER)
    for name, subject in (("lan", "id-7"), ("minh", "id-8")):
        api.accounts.link(name, provider.issuer, subject, entry(api.clock))
    return Place(api, provider, manager, officer)


def button(client: TestClient, onward: str = "/", lang: str = "vi") -> str:
    """Where the login page's button leads."""
    page = client.get("/v1/auth/login", params={"onward": onward, "lang": lang})
    (address,) = re.findall(r'<a href="(/v1/auth/signon\?[^"]+)"', page.text)
    return html.unescape(address)


def departed(client: TestClient, onward: str = "/", lang: str = "vi") -> str:
    """Where the provider is asked."""
    answer = client.get(button(client, onward, lang), follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def agreed(address: str) -> str:
    """Where the provider sends somebody back to: the path and query on our site."""
    answer = requests.get(address, allow_redirects=False, timeout=10)
    assert answer.status_code == 307, answer.text
    back = urlsplit(answer.headers["location"])
    assert (back.scheme, back.netloc, back.path) == ("http", "localhost", CALLBACK)
    return f"{back.path}?{back.query}"


def signed_on(client: TestClient, onward: str = "/") -> Any:
    """The whole way, as a browser goes it; what the callback answers."""
    return client.get(agreed(departed(client, onward)), follow_redirects=False)


def who(client: TestClient) -> str | None:
    answer = client.get("/v1/auth/me")
    return answer.json()["account"] if answer.status_code == 200 else None


def code_form(text: str) -> str:
    (form,) = re.findall(r'action="/v1/auth/code">.*?name="form" value="([^"]+)"', text, re.DOTALL)
    return str(form)
