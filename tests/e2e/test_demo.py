"""`canhdong demo`: everything on one machine in one supervised command, clear when a port is busy, gone on Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.support.processes import ROOT, free_port, wait_for

SMALL = ("--speed", "200", "--drones", "2", "--plots", "4")


def demo(folder: Path, mqtt_port: int, api_port: int, *options: str) -> subprocess.Popen[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("CANHDONG_")}
    ports = {"CANHDONG_MQTT_URL": f"mqtt://127.0.0.1:{mqtt_port}", "CANHDONG_API_PORT": str(api_port)}
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", "demo", *options],
        cwd=ROOT,
        env=clean | ports | {"CANHDONG_DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_flies_shows_and_stops(tmp_path: Path) -> None:
    mqtt_port, api_port = free_port(), free_port()
    process = demo(tmp_path, mqtt_port, api_port, *SMALL)
    try:
        told: list[str] = []
        assert process.stderr is not None
        for line in process.stderr:
            told.append(line)
            if "goes on serving" in line:
                break
        assert any("goes on serving" in line for line in told), told
        page = httpx.get(f"http://127.0.0.1:{api_port}/", timeout=20.0).text
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60.0)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert "bl-001" in out
    assert "Diện tích phun / Sprayed area" in out
    assert any(f"http://localhost:{api_port}" in line for line in told)
    assert len(re.findall(r"\d\.\d\d ha", page)) >= 4
    assert all(f"bl-00{n}" in page for n in (1, 2, 3, 4))
    wait_for(lambda: _free(mqtt_port) and _free(api_port), "the ports to be free again")


def test_once_ends_with_figures_for_programs(tmp_path: Path) -> None:
    with demo(tmp_path, free_port(), free_port(), *SMALL, "--once", "--json") as process:
        out, err = process.communicate(timeout=100.0)
    assert process.returncode == 0, err
    plots = {row["plot"]: row for row in json.loads(out)["plots"]}
    assert sorted(plots) == ["bl-001", "bl-002", "bl-003", "bl-004"]
    for row in plots.values():
        assert row["net_m2"] + row["missed_m2"] == pytest.approx(row["area_m2"])
        assert row["covered_pct"] > 90.0


def test_ctrl_c_in_the_air_is_a_clean_end(tmp_path: Path) -> None:
    mqtt_port, api_port = free_port(), free_port()
    with demo(tmp_path, mqtt_port, api_port, "--speed", "1", "--drones", "2", "--plots", "4") as process:
        wait_for(lambda: not _free(api_port), "the demo's page")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60.0)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    wait_for(lambda: _free(mqtt_port) and _free(api_port), "the ports to be free again")


@pytest.mark.parametrize("busy", ["mqtt", "api"])
def test_a_busy_port_is_named_with_its_setting(tmp_path: Path, busy: str) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        ports = (port, free_port()) if busy == "mqtt" else (free_port(), port)
        with demo(tmp_path, *ports, *SMALL) as process:
            out, err = process.communicate(timeout=60.0)
    assert process.returncode == 2
    assert out == ""
    assert str(port) in err
    assert {"mqtt": "CANHDONG_MQTT_URL", "api": "CANHDONG_API_PORT"}[busy] in err
    assert "Traceback" not in err
