"""The platform's processes as children: started in order, restarted when they die, gone in the end. Real commands."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.supervisor import Supervisor
from core.errors import CanhdongError, ConfigError
from tests.support.processes import free_port, wait_for


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def supervisor(tmp_path: Path, port: int) -> Iterator[Supervisor]:
    with make(tmp_path, port) as it:
        yield it


def make(folder: Path, port: int) -> Supervisor:
    environment = {"CANHDONG_DATA_DIR": str(folder / "data"), "CANHDONG_MQTT_URL": f"mqtt://127.0.0.1:{port}"}
    return Supervisor(folder / "log", environment)


def broker(port: int) -> list[str]:
    return ["broker", "--listen", f"127.0.0.1:{port}"]


def children(folder: Path, name: str = "cli.main") -> list[int]:
    """Our processes that were handed this folder, with a name in their command lines; a zombie has neither."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        for pid in map(int, _read(task / "children").split()):
            given = f"CANHDONG_DATA_DIR={folder / 'data'}".encode() in _read(Path(f"/proc/{pid}/environ")).split(b"\0")
            if given and name.encode() in _read(Path(f"/proc/{pid}/cmdline")).split(b"\0"):
                found.append(pid)
    return found


def _read(path: Path) -> bytes:
    """What the kernel tells of a thread or process; nothing of one that has gone."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def log_text(folder: Path, name: str) -> str:
    path = folder / "log" / f"{name}.log"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_starts_in_order_hands_the_environment_on_and_leaves_nothing(
    supervisor: Supervisor, tmp_path: Path, port: int
) -> None:
    supervisor.start(broker(port))
    assert answers(port)
    assert "canhdong broker: ready\n" in log_text(tmp_path, "broker")
    supervisor.start(["ingest"], ["geo"])
    assert "canhdong ingest: ready\n" in log_text(tmp_path, "ingest")
    assert "canhdong geo: ready\n" in log_text(tmp_path, "geo")
    assert (tmp_path / "data" / "telemetry.sqlite").exists()
    assert len(children(tmp_path)) == 3
    supervisor.stop()
    assert children(tmp_path) == []
    assert not answers(port)


def test_a_killed_child_is_restarted_and_stays_to_the_end(supervisor: Supervisor, tmp_path: Path, port: int) -> None:
    supervisor.start(broker(port))
    (first,) = children(tmp_path, "broker")
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: log_text(tmp_path, "broker").count("broker: ready\n") == 2, "the broker to be back")
    (second,) = children(tmp_path, "broker")
    assert second != first
    assert answers(port)
    supervisor.start(["ingest"])
    supervisor.stop()
    # the broker, though started again later, was there until ingest had gone
    assert "lost" not in log_text(tmp_path, "ingest")
    assert children(tmp_path) == []


def test_wrong_settings_are_told_in_the_childs_own_words(supervisor: Supervisor, tmp_path: Path, port: int) -> None:
    supervisor.start(broker(port))
    with pytest.raises(ConfigError, match=r"broker ended with code 2: .*'?nonsense'?: give HOST:PORT"):
        supervisor.start(["broker", "--listen", "nonsense"])
    supervisor.stop()
    assert children(tmp_path) == []


def test_words_of_an_earlier_run_are_not_told_again(tmp_path: Path, port: int) -> None:
    for number in (1, 2):
        with make(tmp_path, port) as supervisor, pytest.raises(ConfigError) as told:
            supervisor.start(["broker", "--listen", f"nonsense-{number}"])
        assert f"nonsense-{number}" in str(told.value)
    assert "nonsense-1" not in str(told.value)
    assert "nonsense-1" in log_text(tmp_path, "broker")


def test_work_that_fails_is_no_wrong_setting(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(CanhdongError, match=r"log ended with code 1: .*nothing\.bin") as told:
        supervisor.start(["log", str(tmp_path / "nothing.bin")])
    assert not isinstance(told.value, ConfigError)


def test_a_child_that_is_not_ready_in_time_is_told_and_stopped(tmp_path: Path, port: int) -> None:
    with (
        make(tmp_path, port) as supervisor,
        pytest.raises(CanhdongError, match=r"not ready in time; see .*broker\.log"),
    ):
        supervisor.start(broker(port), patience_s=0.0)
    assert children(tmp_path) == []
    assert not answers(port)


def test_stopping_twice_or_before_a_start_does_no_harm(tmp_path: Path, port: int) -> None:
    supervisor = make(tmp_path, port)
    supervisor.stop()
    supervisor.stop()
    assert (tmp_path / "log").is_dir()
