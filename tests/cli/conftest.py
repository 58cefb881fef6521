"""Commands on a data folder of the test's own that holds dead letters, and a real broker beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeAlias

import pytest

from cli.main import main
from core.ports import Message
from messaging.address import parse_url
from messaging.subscriber import Subscriber
from storage.deadletters.sqlite import SqliteDeadLetters
from tests.support.letters import LETTERS
from tests.support.processes import free_port
from tests.support.servers import BROKERS, running_broker

Run: TypeAlias = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command where cooperative ``htx`` is known and letters wait: exit code, stdout (JSON is read), stderr."""
    monkeypatch.setenv("CANHDONG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CANHDONG_MQTT_URL", f"mqtt://127.0.0.1:{free_port()}")

    def run(*words: str) -> tuple[int, Any, str]:
        code = main(words)
        printed = capsys.readouterr()
        return code, json.loads(printed.out) if "--json" in words and printed.out else printed.out, printed.err

    run("cooperative", "add", "htx")
    with closing(SqliteDeadLetters(tmp_path / "data" / "deadletters.sqlite")) as kept:
        kept.add(LETTERS)
    return run


@pytest.fixture(params=BROKERS)
def inbox(
    request: pytest.FixtureRequest, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SimpleQueue[Message]]:
    """What a broker that the commands are told of delivers."""
    found: SimpleQueue[Message] = SimpleQueue()
    with running_broker(request.param, tmp_path / "broker") as port:
        monkeypatch.setenv("CANHDONG_MQTT_URL", f"mqtt://127.0.0.1:{port}")
        subscriber = Subscriber(parse_url(f"mqtt://127.0.0.1:{port}"), "watch", persistent=False)
        subscriber.subscribe(["#"], found.put)
        yield found
        subscriber.close()
