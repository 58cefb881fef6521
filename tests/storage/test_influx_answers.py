"""InfluxDB's answers told apart: on the real 1.6.7, on what 2.9 was seen to answer, and on a server that fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from core.errors import StoreRefused, StoreUnavailable
from core.ports import Verdict
from storage.telemetry.influx import InfluxTelemetry
from tests.contracts.samples import ALL, DRONE, RECEIVED, C, a_fix, a_reading
from tests.support.influx import PASSWORD, Influxd, running_influxd
from tests.support.scripted import Answer, Scripted
from tests.support.shared import shared

MINE = f"canhdong_{C}"
TOKEN = {"token": "t"}


# --- the real server


@pytest.fixture(scope="module")
def influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    with running_influxd(tmp_path_factory.mktemp("influxd"), max_body=60_000) as server:
        yield server


@pytest.fixture
def fresh(influxd: Influxd) -> Influxd:
    influxd.ask(f'DROP DATABASE "{MINE}"')
    influxd.make_database(MINE)
    return influxd


def store(server: Influxd, user: str = "canhdong", password: str = PASSWORD) -> InfluxTelemetry:
    return InfluxTelemetry(server.http(user, password))


def test_a_body_that_is_too_large_is_halved_until_it_fits(fresh: Influxd) -> None:
    samples = [a_fix(n, seq=n, job="thửa " * 20) for n in range(1_000)]
    with closing(store(fresh)) as telemetry:
        assert telemetry.write(C, samples, RECEIVED).stored == 1_000
        assert len(telemetry.fixes(C, DRONE, *ALL)) == 1_000


def test_a_field_of_another_type_refuses_its_sample_and_no_other(fresh: Influxd) -> None:
    assert fresh.write(MINE, f'fix,cooperative={C},device=other hdop="text" {a_fix().ts_ms}000000') == 204
    samples = [a_fix(n, seq=n, hdop=0.7 if n == 17 else float("nan")) for n in range(40)]
    with closing(store(fresh)) as telemetry:
        result = telemetry.write(C, samples, RECEIVED)
    assert (result.stored, len(result.refused)) == (39, 1)
    assert (result.refused[0].sample, result.refused[0].reason) == (samples[17], "store-type")
    assert "field type conflict" in result.refused[0].message
    assert result.verdicts == {17: Verdict.REFUSED}
    assert fresh.count(MINE) == 39


def test_a_credential_that_is_wrong_keeps_everything_and_is_named(fresh: Influxd) -> None:
    with closing(store(fresh, "canhdong", "sai")) as telemetry, pytest.raises(StoreRefused, match="'canhdong'"):
        telemetry.write(C, [a_fix()], RECEIVED)
    assert fresh.count(MINE) == 0


def test_a_cooperative_without_a_database_is_refused_and_makes_none(fresh: Influxd) -> None:
    with closing(store(fresh)) as telemetry:
        with pytest.raises(StoreRefused, match="storage init"):
            telemetry.write("htx-khong-co", [a_fix()], RECEIVED)
        with pytest.raises(StoreRefused):
            telemetry.fixes("htx-khong-co", DRONE, *ALL)
    assert "canhdong_htx-khong-co" not in str(fresh.ask("SHOW DATABASES"))


def test_a_reader_sees_its_own_cooperative_only_and_writes_nothing(fresh: Influxd) -> None:
    fresh.make_database("canhdong_htx-khac")
    fresh.ask(f"CREATE USER reader WITH PASSWORD '{PASSWORD}'")
    fresh.ask(f'GRANT READ ON "{MINE}" TO reader')
    with closing(store(fresh)) as telemetry:
        telemetry.write(C, [a_fix()], RECEIVED)
    with closing(store(fresh, "reader")) as reading:
        assert len(reading.fixes(C, DRONE, *ALL)) == 1
        with pytest.raises(StoreRefused):
            reading.write(C, [a_fix(5.0)], RECEIVED)
        with pytest.raises(StoreRefused):
            reading.fixes("htx-khac", DRONE, *ALL)
    fresh.ask("DROP USER reader")


def test_two_fixes_of_the_same_point_are_two(fresh: Influxd) -> None:
    """Sequence numbers a thousand apart, and boots of the same hash, fall on one nanosecond."""
    samples = [a_fix(seq=1), a_fix(seq=1_001), a_fix(seq=2_001)]
    with closing(store(fresh)) as telemetry:
        assert telemetry.write(C, samples, RECEIVED).stored == 3
    with closing(store(fresh)) as telemetry:
        assert telemetry.write(C, samples, RECEIVED).duplicates == 3
        assert [fix.seq for fix in telemetry.fixes(C, DRONE, *ALL).rows()] == [1, 1_001, 2_001]


def test_what_another_process_stored_later_is_seen_where_it_matters(fresh: Influxd) -> None:
    with closing(store(fresh)) as one, closing(store(fresh)) as other:
        one.write(C, [a_fix(0.0, seq=0)], RECEIVED)
        other.write(C, [a_fix(9.0, seq=9)], RECEIVED)
        assert one.write(C, [a_fix(9.0, seq=9)], RECEIVED).stored == 1, "it is one point all the same"
        assert one.write(C, [a_fix(9.0, seq=9)], RECEIVED).duplicates == 1
    assert fresh.count(MINE) == 2


def test_a_server_that_went_away_and_came_back_is_written_to_again(tmp_path: Path) -> None:
    with running_influxd(tmp_path) as server:
        server.make_database(MINE)
        with closing(store(server)) as telemetry:
            telemetry.write(C, [a_fix(0.0)], RECEIVED)
            server.stop()
            with pytest.raises(StoreUnavailable):
                telemetry.write(C, [a_fix(1.0)], RECEIVED)
            server.start()
            assert telemetry.write(C, [a_fix(1.0)], RECEIVED).stored == 1
            assert len(telemetry.fixes(C, DRONE, *ALL)) == 2


# --- servers that answer what they are told to


def a_server_2(write: Callable[[bytes], Answer | None], found: bytes = b"") -> Scripted:
    """As 2.9 answers: ping, queries (nothing is nothing in CSV, and told in JSON); writes as they are told."""

    def answers(method: str, path: str, body: bytes) -> Answer | None:
        if path.startswith("/ping"):
            return 204, {"X-Influxdb-Version": "v2.9.0-13-g85b84f4413"}, b""
        if path.startswith("/query"):
            in_json = "json" in server.asked[-1][2]["Accept"]
            return 200, {}, b'{"results":[{"statement_id":0}]}' if in_json else found
        return write(body)

    server = Scripted(answers)
    return server


def refusal(status: int, message: str) -> Answer:
    return status, {}, json.dumps({"code": "x", "message": message}).encode()


def recorded(case: str) -> dict[str, Any]:
    """A call that was seen on a real 2.9."""
    document = json.loads(shared("influxdb/http_contract_2.9.json").read_text(encoding="utf-8"))
    (call,) = [call for call in document["calls"] if call["case"] == case]
    return dict(call)


def test_2_9_refuses_a_batch_whole_for_one_bad_line_and_the_good_ones_are_stored() -> None:
    words = recorded("one unparsable line among good ones")["response"]["message"]
    stored: list[bytes] = []

    def write(body: bytes) -> Answer:
        lines = body.split(b"\n")
        if any(b"seq=5i" in line for line in lines):
            return refusal(400, words)
        stored.extend(lines)
        return 204, {}, b""

    server = a_server_2(write)
    with server.running(**TOKEN, org="canhdong") as http:
        result = InfluxTelemetry(http).write(C, [a_fix(n, seq=n) for n in range(16)], RECEIVED)
    assert (result.stored, [r.reason for r in result.refused]) == (15, ["store-line"])
    assert len({*stored}) == 15
    path, _, headers = next(it for it in server.asked if "write" in it[0])
    assert parse_qs(urlsplit(path).query) == {"org": ["canhdong"], "bucket": [MINE], "precision": ["ns"]}
    assert path.startswith("/api/v2/write")
    assert headers["Authorization"] == "Token t"


@pytest.mark.parametrize(
    ("case", "reason"),
    [("field type conflict among good lines", "store-type"), ("older than the bucket's retention", "store-retention")],
)
def test_2_9_drops_a_point_of_a_batch_and_says_so(case: str, reason: str) -> None:
    words = recorded(case)["response"]["message"]

    def write(body: bytes) -> Answer:
        return refusal(422, words) if b"seq=2i" in body else (204, {}, b"")

    with a_server_2(write).running(**TOKEN) as http:
        result = InfluxTelemetry(http).write(C, [a_fix(n, seq=n) for n in range(4)], RECEIVED)
    assert (result.stored, [(r.sample, r.reason) for r in result.refused]) == (3, [(a_fix(2, seq=2), reason)])


def test_a_batch_that_is_outside_retention_as_a_whole_is_refused_at_once() -> None:
    """2.9 names two points before it tells how many it dropped: with tags like ours, past the 500th character."""
    words = recorded("older than the bucket's retention")["response"]["message"]
    words = words.replace("fix,device=dr01", f"fix,cooperative={C},device={DRONE * 10},operation=spray")
    assert words.index("dropped=") > 500
    server = a_server_2(lambda body: refusal(422, words.replace("dropped=1", f"dropped={body.count(10) + 1}")))
    with server.running(**TOKEN) as http:
        result = InfluxTelemetry(http).write(C, [a_fix(n, seq=n) for n in range(100)], RECEIVED)
    assert [it.reason for it in result.refused] == ["store-retention"] * 100
    assert len(server.writes()) == 1


@pytest.mark.parametrize(
    "case",
    ["bucket or database that does not exist", "write with a read-only token", "write with a wrong token"],
)
def test_2_9_refuses_credentials_and_buckets_and_everything_is_kept(case: str) -> None:
    call = recorded(case)
    server = a_server_2(lambda _: refusal(call["status"], call["response"]["message"]))
    with server.running(**TOKEN, org="o") as http, pytest.raises(StoreRefused, match=call["response"]["message"]):
        InfluxTelemetry(http).write(C, [a_fix()], RECEIVED)


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_server_that_cannot_now_keeps_everything(status: int) -> None:
    server = a_server_2(lambda _: (status, {"Retry-After": "3600"}, b"busy"))
    with server.running(**TOKEN) as http, pytest.raises(StoreUnavailable, match=str(status)):
        InfluxTelemetry(http).write(C, [a_fix()], RECEIVED)
    assert len(server.writes()) == 1


def test_a_connection_that_breaks_keeps_everything() -> None:
    with a_server_2(lambda _: None).running(**TOKEN) as http, pytest.raises(StoreUnavailable):
        InfluxTelemetry(http).write(C, [a_fix()], RECEIVED)


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    given_up = Event()

    def answers(_method: str, path: str, _body: bytes) -> Answer:
        if not path.startswith("/ping"):
            given_up.wait(20.0)
        return 204, {"X-Influxdb-Version": "1.8.10"}, b""

    with Scripted(answers).running(timeout_s=0.2) as http:
        with pytest.raises(StoreUnavailable):
            http.write(MINE, b"fix lat=1 1")
        given_up.set()


def test_a_batch_is_sent_in_pieces_that_a_request_may_hold() -> None:
    server = a_server_2(lambda _: (204, {}, b""))
    many = [a_fix(n * 0.1, seq=n) for n in range(5_001)]
    long = [a_fix(n, seq=n, device="d2", job="x" * 100_000) for n in range(50)]
    with server.running(**TOKEN, compress=False) as http:
        telemetry = InfluxTelemetry(http)
        assert telemetry.write(C, many, RECEIVED).stored == 5_001
        assert telemetry.write(C, long, RECEIVED).stored == 50
    bodies = [body.split(b"\n") for path, body, _ in server.asked if "write" in path]
    assert [len(lines) for lines in bodies] == [5_000, 1, 39, 11]
    assert len({line for lines in bodies for line in lines}) == 5_051


@pytest.mark.parametrize(("status", "error"), [(503, StoreUnavailable), (502, StoreUnavailable), (401, StoreRefused)])
def test_a_proxy_that_answers_in_its_place_keeps_everything(status: int, error: type[Exception]) -> None:
    """Also where the version is asked for: nothing but our own errors comes out."""
    with Scripted(lambda *_: (status, {}, b"<html>proxy</html>")).running() as http:
        with pytest.raises(error):
            InfluxTelemetry(http).write(C, [a_fix()], RECEIVED)
        with pytest.raises(error):
            http.write(MINE, b"fix lat=1 1")


@pytest.mark.parametrize("page", [b"<html>please log in</html>", b"<html>\n<p>please\n<p>log in\n"])
def test_a_page_instead_of_an_answer_is_no_data(page: bytes) -> None:
    answer = (200, {"X-Influxdb-Version": "1.8.10"}, page)
    with Scripted(lambda *_: answer).running() as http, closing(InfluxTelemetry(http)) as telemetry:
        for ask in (lambda: telemetry.fixes(C, DRONE, *ALL), lambda: telemetry.latest_fixes(C)):
            with pytest.raises(StoreUnavailable, match="InfluxDB"):
                ask()
        with pytest.raises(StoreUnavailable, match="InfluxDB"):
            telemetry.write(C, [a_fix()], RECEIVED)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("partial write: max-values-per-tag limit exceeded (100000/100000) dropped=1", "store-limit"),
        ("partial write: points beyond retention policy dropped=1", "store-retention"),
        ("unable to parse 'x': missing fields", "store-line"),
    ],
)
def test_what_is_refused_has_a_reason(words: str, reason: str) -> None:
    with a_server_2(lambda _: refusal(400, words)).running(**TOKEN) as http:
        (refused,) = InfluxTelemetry(http).write(C, [a_fix()], RECEIVED).refused
    assert (refused.sample, refused.reason, refused.message) == (a_fix(), reason, words)


def test_what_is_no_influxdb_is_named() -> None:
    server = Scripted(lambda *_: (200, {}, b"hello"))
    with server.running() as http, pytest.raises(StoreUnavailable, match="no InfluxDB"):
        http.write(MINE, b"fix lat=1 1")


@pytest.mark.parametrize(
    ("version", "path"),
    [
        ("1.6.7~rc0", "/write?"),
        ("1.7.10", "/write?"),
        ("1.8.0", "/api/v2/write?"),
        ("v2.9.0", "/api/v2/write?"),
        ("3.2.1", "/api/v2/write?"),
    ],
)
def test_the_version_says_where_to_write(version: str, path: str) -> None:
    server = Scripted(lambda *_: (204, {"X-Influxdb-Version": version}, b""))
    with server.running() as http:
        assert http.write(MINE, b"fix lat=1 1") is None
        assert http.write(MINE, b"fix lat=1 1") is None
    assert server.asked[0][0].startswith("/ping")
    assert all(asked.startswith(path) for asked in server.writes())
    assert len(server.asked) == 3


def test_large_bodies_are_compressed_unless_told_otherwise() -> None:
    body = b"\n".join(b"fix lat=1 %d" % n for n in range(1_000))
    for compress in (True, False):
        server = Scripted(lambda *_: (204, {"X-Influxdb-Version": "2.9"}, b""))
        with server.running(compress=compress) as http:
            http.write(MINE, body)
        _, got, headers = server.asked[-1]
        assert got == body
        assert (headers.get("Content-Encoding") == "gzip") is compress


def test_2_9_answers_csv_as_1_6_7_does() -> None:
    answer = recorded("CSV")["response"].encode()
    with a_server_2(lambda _: (204, {}, b""), answer).running(**TOKEN) as http:
        assert http.csv(MINE, "SELECT lat,lon FROM fix") == answer


def test_a_reading_is_refused_alone_too() -> None:
    server = a_server_2(lambda body: refusal(400, "unable to parse") if "mưa".encode() in body else (204, {}, b""))
    with server.running(**TOKEN) as http:
        result = InfluxTelemetry(http).write(C, [a_reading(1.0, "mưa"), a_reading(1.0, "rain")], RECEIVED)
    assert (result.stored, result.refused[0].sample) == (1, a_reading(1.0, "mưa"))
