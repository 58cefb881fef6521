"""``storage init``: databases, rights and readers, on the real 1.6.7 and as 2.9 would be asked."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from core.errors import ConfigError, StoreRefused, StoreUnavailable
from storage.telemetry.influx import InfluxTelemetry
from storage.telemetry.influx_admin import InfluxAdmin
from storage.telemetry.influx_http import Server
from tests.contracts.samples import ALL, DRONE, RECEIVED, a_fix
from tests.support.influx import ADMIN, WRITER, Influxd, running_influxd
from tests.support.scripted import Answer, Scripted


def admin(server: Influxd, folder: Path, *, days: int = 0, user: str = ADMIN, writer: str = WRITER) -> InfluxAdmin:
    return InfluxAdmin(server.server(user), writer, folder / "secrets", days)


def test_every_cooperative_gets_a_database_a_writer_and_a_reader(tmp_path: Path) -> None:
    with running_influxd(tmp_path / "i") as server:
        made = admin(server, tmp_path).make(["htx-1", "htx-2"])
        assert [(it.database, it.new) for it in made] == [("canhdong_htx-1", True), ("canhdong_htx-2", True)]
        InfluxTelemetry(server.http()).write("htx-1", [a_fix()], RECEIVED)
        assert [it.reader for it in made] == ["canhdong_read_htx-1", "canhdong_read_htx-2"]
        secret = made[0].secret_file
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        password = secret.read_text(encoding="utf-8").strip()
        assert len(password) >= 24
        reading = InfluxTelemetry(server.http(made[0].reader, password))
        assert len(reading.fixes("htx-1", DRONE, *ALL)) == 1
        with pytest.raises(StoreRefused):
            reading.fixes("htx-2", DRONE, *ALL)
        with pytest.raises(StoreRefused):
            reading.write("htx-1", [a_fix(1.0)], RECEIVED)


def test_doing_it_again_keeps_data_and_secrets_and_sets_the_retention(tmp_path: Path) -> None:
    with running_influxd(tmp_path / "i") as server:
        (first,) = admin(server, tmp_path).make(["htx-1"])
        secret = first.secret_file.read_text(encoding="utf-8")
        InfluxTelemetry(server.http()).write("htx-1", [a_fix()], RECEIVED)
        (again,) = admin(server, tmp_path, days=400).make(["htx-1"])
        assert not again.new
        assert again.secret_file.read_text(encoding="utf-8") == secret
        assert server.count("canhdong_htx-1") == 1
        assert "9600h0m0s" in str(server.ask('SHOW RETENTION POLICIES ON "canhdong_htx-1"'))


def test_a_secret_that_got_lost_is_made_anew(tmp_path: Path) -> None:
    with running_influxd(tmp_path / "i") as server:
        (first,) = admin(server, tmp_path).make(["htx-1"])
        first.secret_file.unlink()
        (again,) = admin(server, tmp_path).make(["htx-1"])
        password = again.secret_file.read_text(encoding="utf-8").strip()
        assert len(InfluxTelemetry(server.http(again.reader, password)).fixes("htx-1", DRONE, *ALL)) == 0


def test_a_secret_that_the_server_did_not_take_is_not_kept(tmp_path: Path) -> None:
    """Nor is the old one, which it may have replaced: the next run makes a new one."""

    def answers(_method: str, path: str, body: bytes) -> Answer:
        if path == "/ping":
            return 204, {"X-Influxdb-Version": "1.8.10"}, b""
        asked = parse_qs(body.decode())["q"][0]
        if "PASSWORD" in asked:
            return 503, {}, b""
        names = {"SHOW USERS": [["canhdong_read_htx-1", False]], "SHOW DATABASES": [["canhdong_htx-1"]]}.get(asked)
        series = [{"columns": ["name"], "values": names}] if names else []
        return 200, {}, json.dumps({"results": [{"statement_id": 0, "series": series}]}).encode()

    server = Scripted(answers)
    with server.running() as http, pytest.raises(StoreUnavailable):
        InfluxAdmin(Server(http.server.url, "root", "x"), "", tmp_path, 0).make(["htx-1"])
    assert list(tmp_path.iterdir()) == []
    assert not any("PASSWORD" in path for path, _, _ in server.asked), "addresses are logged by proxies"


def test_who_may_not_and_a_writer_that_is_not_there_are_named(tmp_path: Path) -> None:
    with running_influxd(tmp_path / "i") as server:
        with pytest.raises(StoreRefused):
            admin(server, tmp_path, user=WRITER).make(["htx-1"])
        with pytest.raises(ConfigError, match="nobody"):
            admin(server, tmp_path, writer="nobody").make(["htx-1"])


def test_in_2_9_buckets_and_tokens_are_asked_for_by_name(tmp_path: Path) -> None:
    buckets: dict[str, str] = {"canhdong_htx-1": "b1"}
    rules: dict[str, list[dict[str, Any]]] = {"b1": []}
    patched: list[Any] = []
    tokens: list[dict[str, Any]] = []

    def answers(method: str, path: str, body: bytes) -> Answer:
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        document: Any = None
        if parts.path == "/ping":
            return 204, {"X-Influxdb-Version": "v2.9.0"}, b""
        if parts.path == "/api/v2/orgs":
            document = {"orgs": [{"id": "o1", "name": query["org"]}]}
        elif parts.path == "/api/v2/buckets" and method == "GET":
            assert query["orgID"] == "o1"
            name = query["name"]
            known = {"id": buckets.get(name), "name": name, "retentionRules": rules.get(buckets.get(name, ""), [])}
            document = {"buckets": [known] if name in buckets else []}
        elif parts.path == "/api/v2/buckets":
            asked = json.loads(body)
            buckets[asked["name"]] = f"b{len(buckets) + 1}"
            rules[buckets[asked["name"]]] = asked["retentionRules"]
            document = {"id": buckets[asked["name"]]}
        elif parts.path.startswith("/api/v2/buckets/"):
            bucket = parts.path.rpartition("/")[2]
            patched.append((bucket, json.loads(body)["retentionRules"][0]["everySeconds"]))
            rules[bucket] = json.loads(body)["retentionRules"]
            document = {"id": bucket}
        else:
            assert parts.path == "/api/v2/authorizations"
            tokens.append(json.loads(body))
            document = {"token": f"secret-{len(tokens)}"}
        return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()

    server = Scripted(answers)
    with server.running() as http:
        target = Server(http.server.url, token="admin", org="canhdong")
        made = InfluxAdmin(target, "", tmp_path / "secrets", 30).make(["htx-1", "htx-2"])
        again = InfluxAdmin(target, "", tmp_path / "secrets", 30).make(["htx-1", "htx-2"])
        assert patched == [("b1", 30 * 86_400)], "what is right already is left alone"
        InfluxAdmin(target, "", tmp_path / "secrets", 0).make(["htx-2"])
        assert made[1].secret_file.read_text(encoding="utf-8") == "secret-2\n"
        del buckets["canhdong_htx-2"]
        InfluxAdmin(target, "", tmp_path / "secrets", 0).make(["htx-2"])
        assert made[1].secret_file.read_text(encoding="utf-8") == "secret-3\n", "the old token is of the old bucket"
    assert patched[1:] == [("b2", 0)], "for ever is 0 s: no rule would change nothing"
    assert [it.new for it in made] == [False, True]
    assert [it.new for it in again] == [False, False]
    assert [it["permissions"] for it in tokens] == [
        [{"action": "read", "resource": {"type": "buckets", "id": bucket, "orgID": "o1"}}]
        for bucket in ("b1", "b2", "b2")
    ]
    assert all(headers["Authorization"] == "Token admin" for _, _, headers in server.asked)


def test_a_token_that_may_not_is_named(tmp_path: Path) -> None:
    def answers(_method: str, path: str, _body: bytes) -> Answer:
        if path == "/ping":
            return 204, {"X-Influxdb-Version": "v2.9.0"}, b""
        return 401, {}, b'{"code":"unauthorized"}'

    with Scripted(answers).running() as http, pytest.raises(StoreRefused, match="401"):
        InfluxAdmin(Server(http.server.url, "", "", "x", "o"), "", tmp_path, 0).make(["htx-1"])
