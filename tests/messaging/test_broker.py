"""The broker command: safe by default, clear when it refuses, gone when it is told to go."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import BrokerUnavailable, ConfigError
from messaging.broker import mosquitto_conf, rumqttd_toml
from messaging.listener import Listener, checked, parse_listen
from messaging.mqtt import MqttBus, parse_url
from tests.support.processes import ROOT, free_port, wait_for
from tests.support.servers import BROKERS, require_broker, require_server, running_broker


@pytest.mark.parametrize(
    ("text", "expected"),
    [("127.0.0.1:1883", ("127.0.0.1", 1883)), ("[::1]:1884", ("::1", 1884)), ("localhost:1", ("localhost", 1))],
)
def test_where_to_listen(text: str, expected: tuple[str, int]) -> None:
    assert parse_listen(text) == expected


@pytest.mark.parametrize("text", ["1883", ":1883", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "h:70000", "h:x"])
def test_no_place_to_listen(text: str) -> None:
    with pytest.raises(ConfigError, match="--listen"):
        parse_listen(text)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "broker.htx.vn"])  # noqa: S104 - is refused
def test_other_machines_only_with_tls_and_users(host: str, tmp_path: Path) -> None:
    some = tmp_path / "some"
    some.write_text("x")
    for listener in (
        Listener(host, free_port()),
        Listener(host, free_port(), tls_cert=some, tls_key=some),
        Listener(host, free_port(), password_file=some),
    ):
        with pytest.raises(ConfigError, match=r"--tls-cert"):
            checked(listener)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--password-file .*no such file"):
        checked(Listener("127.0.0.1", free_port(), password_file=tmp_path / "nobody"))


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    some = tmp_path / "some"
    some.write_text("x")
    with pytest.raises(ConfigError, match="go together"):
        checked(Listener("127.0.0.1", free_port(), tls_cert=some))


def test_a_busy_port_is_named() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port {port} .*CANHDONG_MQTT_URL"):
            checked(Listener("127.0.0.1", port))


def test_configurations_listen_where_they_are_told_and_drop_nothing(tmp_path: Path) -> None:
    listener = Listener("127.0.0.1", 18830)
    conf = mosquitto_conf(listener, tmp_path).splitlines()
    assert "listener 18830 127.0.0.1" in conf
    assert "max_queued_messages 0" in conf
    assert 'listen = "127.0.0.1:18830"' in rumqttd_toml(listener)


def _broker(port: int, folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", "broker", "--listen", f"127.0.0.1:{port}", *options],
        cwd=ROOT,
        env={**os.environ, "CANHDONG_DATA_DIR": str(folder)},
        stderr=subprocess.PIPE,
        text=True,
    )


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("broker", BROKERS)
def test_no_broker_outlives_its_command(broker: str, number: signal.Signals, tmp_path: Path) -> None:
    require_broker(broker)
    port = free_port()
    with _broker(port, tmp_path, "--prefer", broker) as process:
        wait_for(lambda: _answers(port), "the broker")
        process.send_signal(number)
        assert process.wait(20.0) == (-number if number is signal.SIGKILL else 0)
    wait_for(lambda: not _answers(port), "the port to be free")


def test_a_refused_address_is_wrong_use(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "cli.main", "broker", "--listen", f"0.0.0.0:{free_port()}"],
        cwd=ROOT,
        env={**os.environ, "CANHDONG_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60.0,
    )
    assert process.returncode == 2
    assert "--tls-cert" in process.stderr
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize("broker", BROKERS)
def test_listens_on_loopback_only(broker: str, tmp_path: Path) -> None:
    """Nothing answers on this machine's other addresses, should it have any."""
    with running_broker(broker, tmp_path) as port:
        others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        for host in others - {"127.0.0.1", "127.0.1.1"}:
            with socket.socket() as probe:
                assert probe.connect_ex((str(host), port)) != 0


def _secured(folder: Path) -> tuple[Path, Path, Path]:
    """A certificate of our own, its key, and a file with the user ``ingest``."""
    openssl, passwd = require_server("openssl"), require_server("mosquitto_passwd")
    cert, key, users = folder / "cert.pem", folder / "key.pem", folder / "users"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    out = ["-keyout", str(key), "-out", str(cert)]
    new = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-addext",
        "basicConstraints=critical,CA:TRUE",
    ]
    subprocess.run([openssl, *new, *subject, *out], check=True, capture_output=True)
    subprocess.run([passwd, "-b", "-c", str(users), "ingest", "hunter2"], check=True, capture_output=True)
    return cert, key, users


@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket")  # paho leaves one after a failed handshake
def test_tls_and_users(tmp_path: Path) -> None:
    """The right password gets in over TLS; a wrong one, none, a stranger's certificate and plain text do not."""
    require_server("mosquitto")
    cert, key, users = _secured(tmp_path)
    port = free_port()
    url = f"mqtts://127.0.0.1:{port}"
    options = ("--tls-cert", str(cert), "--tls-key", str(key), "--password-file", str(users))
    with _broker(port, tmp_path / "data", *options) as process:
        wait_for(lambda: _answers(port), "the broker")
        with MqttBus(parse_url(url, "ingest", "hunter2", cert), "good") as bus:
            assert bus.publish("canhdong/v1/a/drones/d/telemetry", b"{}").wait(10.0)
        for address in (
            parse_url(url, "ingest", "wrong", cert),
            parse_url(url, ca_file=cert),
            parse_url(url, "ingest", "hunter2"),
            parse_url(f"mqtt://127.0.0.1:{port}", "ingest", "hunter2"),
        ):
            with pytest.raises(BrokerUnavailable):
                MqttBus(address, "bad")
        process.terminate()
        assert process.wait(20.0) == 0


def test_a_missing_certificate_authority_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="CANHDONG_MQTT_CA_FILE"):
        MqttBus(parse_url("mqtts://127.0.0.1:1", ca_file=tmp_path / "nobody.pem"), "x")
