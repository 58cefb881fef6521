"""Where the store must not trust what it knows or hears: on the real 1.6.7, also where its answers get lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3
from pydantic import SecretStr

from core.errors import StoreUnavailable
from core.model.enums import Operation
from core.ports import Sample, WriteResult
from core.settings import InfluxSettings
from storage.telemetry.influx import InfluxTelemetry
from storage.telemetry.influx_http import InfluxHttp
from storage.urls import open_telemetry
from tests.contracts.samples import ALL, DRONE, RECEIVED, C, a_fix, a_reading, reprs
from tests.support.influx import PASSWORD, WRITER, Influxd, running_influxd
from tests.support.scripted import Answer, Scripted

MINE = f"canhdong_{C}"


@pytest.fixture(scope="module")
def influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    with running_influxd(tmp_path_factory.mktemp("influxd")) as server:
        yield server


@pytest.fixture
def fresh(influxd: Influxd) -> Influxd:
    influxd.ask(f'DROP DATABASE "{MINE}"')
    influxd.make_database(MINE)
    return influxd


@dataclass(slots=True)
class Line:
    """The way to a server; where it is ``cut``, writes arrive but their answers do not."""

    http: InfluxHttp
    scripted: Scripted
    cut: bool = False

    def queries(self) -> int:
        return sum(path.startswith("/query") for path, _, _ in self.scripted.asked)


@contextmanager
def a_line_to(server: Influxd) -> Iterator[Line]:
    def answers(method: str, path: str, body: bytes) -> Answer | None:
        told = {"Authorization", "Accept", "Content-Type"}
        headers = {name: value for name, value in scripted.asked[-1][2].items() if name in told}
        answer = urllib3.request(method, server.url + path, body=body, headers=headers, timeout=60.0)
        if line.cut and path.startswith("/write"):
            assert answer.status == 204
            return None
        version = answer.headers.get("X-Influxdb-Version", "")
        return answer.status, {"X-Influxdb-Version": version}, answer.data

    scripted = Scripted(answers)
    with scripted.running(user=WRITER, password=PASSWORD) as http:
        line = Line(http, scripted)
        yield line


def test_after_a_write_without_an_answer_the_first_content_still_stands(fresh: Influxd) -> None:
    """The first of each pair was stored, though nobody heard so."""
    with a_line_to(fresh) as line, closing(InfluxTelemetry(line.http)) as telemetry:
        telemetry.write(C, [a_fix(0.0, seq=0)], RECEIVED)
        line.cut = True
        with pytest.raises(StoreUnavailable):
            telemetry.write(C, [a_fix(1.0), a_reading(1.0, value=1.0)], RECEIVED)
        line.cut = False
        other: list[Sample] = [a_fix(1.0, hdop=9.0), a_fix(1.0, seq=1_001), a_reading(1.0, value=2.0)]
        assert telemetry.write(C, other, RECEIVED) == WriteResult(stored=1, conflicts=2)
        stored = [a_fix(0.0, seq=0), a_fix(1.0), a_fix(1.0, seq=1_001)]
        assert reprs(telemetry.fixes(C, DRONE, *ALL).rows()) == reprs(stored)
        assert telemetry.readings(C, "s1", *ALL) == [a_reading(1.0, value=1.0)]
    assert (fresh.count(MINE, "fix_conflict"), fresh.count(MINE, "reading_conflict")) == (1, 1)


def test_what_was_sent_again_after_no_answer_is_there_once(fresh: Influxd) -> None:
    samples: list[Sample] = [a_fix(n, seq=n) for n in range(100)]
    with a_line_to(fresh) as line, closing(InfluxTelemetry(line.http)) as telemetry:
        line.cut = True
        with pytest.raises(StoreUnavailable):
            telemetry.write(C, samples, RECEIVED)
        line.cut = False
        assert telemetry.write(C, samples, RECEIVED) == WriteResult(duplicates=100)
    assert fresh.count(MINE) == 100


def test_a_query_that_failed_is_not_taken_for_nothing(tmp_path: Path) -> None:
    """In CSV, 1.6.7 answers it with a 200 and no byte: here because of a limit, that a person may set."""
    limit = "[coordinator]\n  max-select-series = 1\n"
    with running_influxd(tmp_path, more=limit) as server:
        server.make_database(MINE)
        first = [a_fix(0.0), a_fix(1.0, op=Operation.SOW)]
        with closing(InfluxTelemetry(server.http())) as telemetry:
            telemetry.write(C, first, RECEIVED)
            with pytest.raises(StoreUnavailable, match="max-select-series"):
                telemetry.fixes(C, DRONE, *ALL)
            with pytest.raises(StoreUnavailable, match="max-select-series"):
                telemetry.write(C, [a_fix(0.0, hdop=9.0)], RECEIVED)
        assert server.count(MINE, field="hdop") == 0, "nothing was written over what could not be read"


def test_who_reads_back_sees_what_another_process_stored(fresh: Influxd) -> None:
    url = f"influxdb://127.0.0.1:{fresh.port}"
    known = InfluxSettings(influx_user=WRITER, influx_password=SecretStr(PASSWORD), influx_read_back=True)
    with closing(open_telemetry(url, known)) as one, closing(open_telemetry(url, known)) as other:
        assert one.write(C, [a_fix(0.0, seq=0)], RECEIVED).stored == 1
        assert other.write(C, [a_fix(9.0, seq=9)], RECEIVED).stored == 1
        both = [a_fix(9.0, seq=9), a_fix(9.0, seq=9, hdop=3.0), a_fix(9.5, seq=10)]
        assert one.write(C, both, RECEIVED) == WriteResult(stored=1, duplicates=1, conflicts=1)
        assert reprs(one.fixes(C, DRONE, *ALL).rows())[1] == repr(a_fix(9.0, seq=9))


def test_fixes_of_one_instant_come_by_sequence_then_boot(fresh: Influxd) -> None:
    """The server gives them by what stands below the millisecond, which is a hash."""
    samples = [a_fix(seq=seq, boot=boot) for seq in (2, 1) for boot in ("z", "Ấ", "a", "", "m", "b2")]
    with closing(InfluxTelemetry(fresh.http())) as telemetry:
        assert telemetry.write(C, samples, RECEIVED).stored == 12
        found = [(fix.seq, fix.boot) for fix in telemetry.fixes(C, DRONE, *ALL).rows()]
    assert found == sorted((fix.seq, fix.boot) for fix in samples)


def test_live_fixes_need_no_query_and_old_readings_few(fresh: Influxd) -> None:
    """Old readings, ten minutes apart: one window, not one for each."""
    with a_line_to(fresh) as line, closing(InfluxTelemetry(line.http)) as telemetry:
        telemetry.write(C, [a_fix(0.0, seq=0), a_reading(90_000.0)], RECEIVED)
        before = line.queries()
        telemetry.write(C, [a_fix(n, seq=n) for n in range(1, 50)], RECEIVED)
        assert line.queries() == before
        old = [a_reading(600.0 * n) for n in range(100)]
        assert telemetry.write(C, old, RECEIVED).stored == 100
        assert line.queries() - before <= 6
