"""The village's API with a live stream, and an ear that listens to it as a browser does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest
from fastapi import FastAPI

from api.app import create_app
from api.live.desk import LiveDesk
from api.live.feeder import Connection, Feeder
from api.surroundings import Sides
from core.errors import BrokerUnavailable
from core.live import LiveSample, Wanted
from core.model.samples import Fix
from storage.live.ring import SqliteRing
from tests.api import conftest as village_of
from tests.api.conftest import Village
from tests.support.fakes import FakeBus

village = village_of.village


@dataclass
class FakeFeed:
    """Hands out what a test puts in, where somebody wants it."""

    samples: dict[str, list[LiveSample]] = field(default_factory=dict)

    def take(self, timeout_s: float, wanted: Wanted) -> Mapping[str, Sequence[LiveSample]]:
        taken, self.samples = self.samples, {}
        return {owner: [s for s in some if wanted(owner, s.device)] for owner, some in taken.items()}

    def close(self) -> None:
        self.samples.clear()


@dataclass
class Event:
    """One event as a browser sees it."""

    kind: str
    data: str
    id: str


@dataclass
class Station:
    """An API process with a live stream; ``broker`` False: none answers."""

    app: FastAPI
    desk: LiveDesk
    feeder: Feeder
    bus: FakeBus
    feed: FakeFeed
    headers: Callable[[str], dict[str, str]]

    async def tick(self) -> None:
        """Let the feeder work once, in a thread as it does."""
        await asyncio.to_thread(self.feeder.tick, 0.0)

    def ear(self, account: str, cooperative: str, last_id: str = "") -> Ear:
        more = {"Last-Event-ID": last_id} if last_id else {}
        return Ear(self.app, f"/v1/cooperatives/{cooperative}/live", self.headers(account) | more)


class Ear:
    """A client of one stream, straight on ASGI: nothing buffers between."""

    def __init__(self, app: FastAPI, path: str, headers: Mapping[str, str]) -> None:
        self._app = app
        self._scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"host", b"localhost"), *((k.lower().encode(), v.encode()) for k, v in headers.items())],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
        }
        self.status = 0
        self.answered: dict[str, str] = {}
        self.text = ""
        self.over = asyncio.Event()
        self._more = asyncio.Event()
        self._gone = asyncio.Event()
        self._asked = False
        self._taking = asyncio.Event()
        self._taking.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._gone.set()
        self._taking.set()
        await self._task

    async def _listen(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._send)
        finally:
            self.over.set()
            self._more.set()

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.answered = {k.decode(): v.decode() for k, v in message["headers"]}
        else:
            await self._taking.wait()
            self.text += message.get("body", b"").decode()
        self._more.set()

    def stop_taking(self) -> None:
        """Read nothing more, as a phone in a tunnel."""
        self._taking.clear()

    async def until(self, wanted: str) -> list[Event]:
        """All events so far, once the text holds something or the stream is over."""
        async with asyncio.timeout(20.0):
            while wanted not in self.text and not self.over.is_set():
                self._more.clear()
                await self._more.wait()
        return self.events()

    def events(self) -> list[Event]:
        found: list[Event] = []
        for block in self.text.split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
            if "event" in fields:
                found.append(Event(fields["event"], fields["data"], fields.get("id", "")))
        return found


MakeStation = Callable[..., Station]


@pytest.fixture
def station_of(village: Village, tmp_path: Path) -> Iterator[MakeStation]:
    """Makes API processes that share the ring of one machine."""
    it = village.api
    rings: list[SqliteRing] = []
    keys: dict[str, dict[str, str]] = {}

    def headers(account: str) -> dict[str, str]:
        return keys.setdefault(account, it.key(account))

    def make(*, broker: bool = True, **desk: Any) -> Station:
        ring = SqliteRing(tmp_path / "live.sqlite")
        rings.append(ring)
        bus, feed = FakeBus(it.clock), FakeFeed()

        def connect() -> Connection:
            if not broker:
                raise BrokerUnavailable("nobody there")
            return Connection(bus, feed)

        made = LiveDesk(ring, it.clock, **desk)
        feeder = Feeder(made, connect, it.store.latest_fixes)
        app = create_app(
            it.store,
            it.registry,
            it.accounts,
            shapes=it.registry,
            answers=it.registry,
            sides=Sides(it.registry),
            signer=it.signer,
            clock=it.clock,
            desk=made,
        )
        feeder.begin()
        return Station(app, made, feeder, bus, feed, headers)

    yield make
    for ring in rings:
        with closing(ring):
            pass


@pytest.fixture
def station(station_of: MakeStation) -> Station:
    return station_of()


def fix(device: str, ts_ms: int, lat_deg: float = 9.2851) -> Fix:
    return Fix(device, ts_ms, lat_deg, 105.7251, on=True)
