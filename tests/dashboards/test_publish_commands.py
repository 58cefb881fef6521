"""``dashboards publish | diff | render`` on a real InfluxDB: what Grafana is handed reads one database, and no more."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import urllib3

from api.identity.enrolment import hand_key
from api.identity.secret_tokens import read_key
from cli import enrolling
from cli.main import DONE, FAILED, WRONG_USE, main
from core.accounts import Role, Scope
from dashboards.sources import API, TELEMETRY, Audience
from storage.urls import open_accounts
from tests.support import rectangle
from tests.support.fakes import FakeClock
from tests.support.grafana.server import PASSWORD as GRAFANA_PASSWORD
from tests.support.grafana.server import USER, FakeGrafana
from tests.support.influx import ADMIN, PASSWORD, WRITER, Influxd, running_influxd
from tests.support.people import running_api

Run = Callable[..., tuple[int, str, str]]
NAMES = ("htx-a", "htx-b", "province", "platform")


@pytest.fixture(scope="module")
def influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    with running_influxd(tmp_path_factory.mktemp("influxd")) as server:
        yield server


@pytest.fixture
def run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    influxd: Influxd,
    grafana: FakeGrafana,
) -> Run:
    """Commands, over a registry of two cooperatives whose databases are made."""
    file = tmp_path / "password"
    file.write_text(GRAFANA_PASSWORD + "\n", encoding="utf-8")
    for name, value in {
        "DATA_DIR": str(tmp_path),
        "TELEMETRY_URL": f"influxdb://127.0.0.1:{influxd.port}",
        "INFLUX_USER": WRITER,
        "INFLUX_PASSWORD": PASSWORD,
        "INFLUX_ADMIN_USER": ADMIN,
        "INFLUX_ADMIN_PASSWORD": PASSWORD,
        "GRAFANA_URL": grafana.url,
        "GRAFANA_USER": USER,
        "GRAFANA_PASSWORD_FILE": str(file),
    }.items():
        monkeypatch.setenv(f"CANHDONG_{name}", value)

    def command(*argv: str) -> tuple[int, str, str]:
        code = main(list(argv))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    for name in NAMES[:2]:
        assert command("cooperative", "add", name, "--name", f"Hợp tác xã {name[-1].upper()}")[0] == DONE
    assert command("storage", "init")[0] == DONE
    return command


def secrets(folder: Path) -> list[str]:
    found = sorted((folder / "secrets").glob("canhdong_*"))
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in found)
    return [file.read_text(encoding="utf-8").strip() for file in found]


def asked(influxd: Influxd, user: str, password: str, statement: str, database: str) -> tuple[int, str]:
    """Status and text of a query, as Grafana sends it."""
    query = urlencode({"q": statement, "db": database})
    headers = urllib3.make_headers(basic_auth=f"{user}:{password}")
    answer = urllib3.request("POST", f"{influxd.url}/query?{query}", headers=headers, timeout=30.0)
    return answer.status, answer.data.decode()


def test_what_grafana_is_handed_reads_its_own_database_and_no_other(
    run: Run, grafana: FakeGrafana, influxd: Influxd
) -> None:
    """Grafana lets every viewer send any query: only the credential keeps cooperatives apart."""
    for name in NAMES:
        assert influxd.write(f"canhdong_{name}", f'secret,of={name} v="{name}-only" 1760000000000000000') == 204
    assert run("dashboards", "publish")[0] == DONE
    for name in NAMES:
        inside = grafana.org(name)
        (source,) = [it for it in inside.sources.values() if it["type"] == "influxdb"]
        user, password = source["user"], inside.secrets[source["uid"]]["password"]
        own, secret = source["database"], "SELECT v FROM secret"
        status, text = asked(influxd, user, password, secret, own)
        assert (status, f"{name}-only" in text) == (200, True)
        for other in set(NAMES) - {name}:
            tries = [
                (secret, f"canhdong_{other}"),
                (f'SELECT v FROM "canhdong_{other}".autogen.secret', own),  # noqa: S608
                (f'SELECT v FROM secret; SELECT v FROM "canhdong_{other}"..secret', own),  # noqa: S608
                (f'SELECT v INTO "copied" FROM "canhdong_{other}"..secret', own),  # noqa: S608
                (f'SHOW MEASUREMENTS ON "canhdong_{other}"', own),
                (f'SHOW TAG VALUES ON "canhdong_{other}" WITH KEY = "of"', own),
            ]
            for statement, database in tries:
                status, text = asked(influxd, user, password, statement, database)
                assert f"{other}-only" not in text, (name, statement)
                assert "error" in text, (name, statement)
        for statement in (
            "DROP MEASUREMENT secret",
            f'DROP DATABASE "{own}"',
            "SELECT v INTO copied FROM secret",
            "CREATE USER x WITH PASSWORD 'x'",
            f'GRANT ALL ON "canhdong_htx-b" TO "{user}"',
            "SHOW USERS",
        ):
            assert "error" in asked(influxd, user, password, statement, own)[1], statement
        headers = urllib3.make_headers(basic_auth=f"{user}:{password}")
        written = urllib3.request("POST", f"{influxd.url}/write?db={own}", body=b"x v=1", headers=headers)
        assert written.status == 403
        _, text = asked(influxd, user, password, "SHOW DATABASES", own)
        seen = [it for (it,) in json.loads(text)["results"][0]["series"][0]["values"]]
        assert seen == [own]


def test_twice_changes_nothing_and_no_secret_is_ever_printed(run: Run, grafana: FakeGrafana, tmp_path: Path) -> None:
    code, out, err = run("dashboards", "diff")
    assert code == FAILED
    assert "htx-b" in out
    assert grafana.writes == []
    first = run("dashboards", "publish")
    assert first[0] == DONE, first
    kept = secrets(tmp_path)
    assert len(kept) == 6
    grafana.writes.clear()
    again = run("dashboards", "publish")
    assert again[:2] == (DONE, "")
    assert "4 organisations: 0 changes, 0 failed" in again[2]
    assert run("dashboards", "diff")[:2] == (DONE, "")
    assert secrets(tmp_path) == kept
    assert grafana.writes == []
    told = "".join([out, err, *map(str, (*first, *again))])
    assert not any(secret in told for secret in [*kept, PASSWORD, GRAFANA_PASSWORD])


def test_drift_is_shown_with_exit_code_1(run: Run, grafana: FakeGrafana) -> None:
    run("dashboards", "publish")
    grafana.org("htx-a").boards["cd_fleet_vi"]["board"]["title"] = "Khác"
    code, out, _ = run("dashboards", "diff", "--json")
    assert code == FAILED
    (change,) = json.loads(out)["changes"]
    assert (change["kind"], change["name"], change["why"]) == ("board", "cd_fleet_vi", "title")
    code, out, _ = run("dashboards", "diff")
    assert "cd_fleet_vi" in out
    assert run("dashboards", "publish")[0] == DONE
    assert run("dashboards", "diff")[0] == DONE


def test_the_key_of_maps_reads_one_cooperative_and_nothing_else(run: Run, grafana: FakeGrafana, tmp_path: Path) -> None:
    run("dashboards", "publish")
    with running_api(tmp_path, FakeClock(1_795_700_000_000)) as api:
        header = grafana.org("htx-a").secrets[API]["httpHeaderValue1"]
        key, account = api.accounts.key(read_key(header.removeprefix("Bearer ")).name)
        api.clock.time_ms = key.created_ms + 1_000
        assert (account.account, account.cooperative, account.role) == ("grafana-htx-a", "htx-a", Role.PILOT)
        assert key.scopes == {Scope.READ}
        assert key.expires_ms - key.created_ms == 365 * 86_400_000
        api.registry.put_plot(rectangle.plot("htx-a", "p1"))
        client = api.client({"Authorization": header})
        own = grafana.org("htx-a").sources[API]["url"].removeprefix("http://127.0.0.1:8000")
        found = client.get(f"{own}/map/plots.geojson")
        assert [it["properties"]["plot"] for it in found.json()["features"]] == ["p1"]
        assert client.get(f"{own}/api/v1/query?query=1%2B1").json()["status"] == "success"
        assert client.get(own.replace("htx-a", "htx-b") + "/map/plots.geojson").status_code == 404
        assert client.post("/v1/cooperatives/htx-a/members", json={"member": "x", "name": "x"}).status_code == 403


def test_a_lost_key_is_replaced_and_the_old_one_revoked(run: Run, grafana: FakeGrafana, tmp_path: Path) -> None:
    run("dashboards", "publish")
    old = grafana.org("htx-a").secrets[API]["httpHeaderValue1"]
    (tmp_path / "secrets" / "canhdong_grafana_htx-a").unlink()
    grafana.writes.clear()
    assert run("dashboards", "diff")[0] == FAILED
    assert not (tmp_path / "secrets" / "canhdong_grafana_htx-a").exists(), "looking makes nothing"
    assert run("dashboards", "publish")[0] == DONE
    assert grafana.writes == [f"PUT /api/datasources/uid/{API}"]
    new = grafana.org("htx-a").secrets[API]["httpHeaderValue1"]
    assert new != old
    people = open_accounts(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    try:
        keys = people.keys("grafana-htx-a")
        assert [bool(it.revoked_ms) for it in keys] == [True, False]
        assert keys[1].key == read_key(new.removeprefix("Bearer ")).name
        entry = enrolling.entry("key revoked", "test", "htx-a")
        people.revoke_key(keys[1].key, entry)
        assert run("dashboards", "publish")[0] == DONE
        assert grafana.org("htx-a").secrets[API]["httpHeaderValue1"] != new, "a revoked one is replaced, too"
        short = hand_key(people, "grafana-htx-a", "grafana", entry, scopes=[Scope.READ], days=30)
        (tmp_path / "secrets" / "canhdong_grafana_htx-a").write_text(short + "\n", encoding="utf-8")
        assert run("dashboards", "publish")[0] == DONE
        assert short not in grafana.org("htx-a").secrets[API]["httpHeaderValue1"], "nor one that ends soon is kept"
    finally:
        people.close()


def test_an_account_that_somebody_else_made_is_never_used(run: Run, grafana: FakeGrafana) -> None:
    assert run("account", "add", "grafana-htx-a", "--role", "manager", "--cooperative", "htx-b")[0] == DONE
    code, _, err = run("dashboards", "publish")
    assert code == WRONG_USE
    assert "somebody else made it" in err
    assert grafana.writes == []


def test_a_cooperative_that_is_retired_is_pruned_with_its_key(run: Run, grafana: FakeGrafana, tmp_path: Path) -> None:
    run("dashboards", "publish")
    run("cooperative", "retire", "htx-b")
    code, out, err = run("dashboards", "diff")
    assert code == FAILED
    assert "account grafana-htx-b is of no cooperative any more" in err
    assert "remove" in out
    assert run("dashboards", "publish")[0] == DONE
    assert grafana.org("htx-b").sources
    code, _, err = run("dashboards", "publish", "--prune")
    assert code == DONE
    assert "account grafana-htx-b is disabled" in err
    assert grafana.org("htx-b").sources == {}
    assert not (tmp_path / "secrets" / "canhdong_grafana_htx-b").exists()
    assert run("dashboards", "diff")[0] == DONE


def test_contact_points_are_filled_from_a_file_that_only_its_owner_reads(
    run: Run, grafana: FakeGrafana, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "contacts.toml"
    file.write_text(
        '[htx-a]\nCANHDONG_TELEGRAM_TOKEN = "123:bí-mật"\nCANHDONG_TELEGRAM_CHAT = "-100"\n', encoding="utf-8"
    )
    monkeypatch.setenv("CANHDONG_GRAFANA_CONTACTS_FILE", str(file))
    file.chmod(0o644)
    code, _, err = run("dashboards", "publish")
    assert (code, "chmod 600" in err) == (WRONG_USE, True)
    file.chmod(0o600)
    code, out, err = run("dashboards", "publish")
    assert code == DONE
    assert "123:bí-mật" not in out + err
    points = grafana.org("htx-a").alerting.points
    assert points["cd_telegram"]["settings"] == {"bottoken": "123:bí-mật", "chatid": "-100"}
    assert grafana.org("htx-b").alerting.points == {}
    assert run("dashboards", "diff")[0] == DONE
    file.write_text("[htx-a\n", encoding="utf-8")
    assert run("dashboards", "diff")[0] == WRONG_USE
    file.write_text('NAME = "x"\n', encoding="utf-8")
    assert run("dashboards", "diff")[0] == WRONG_USE


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("GRAFANA_URL", "", "CANHDONG_GRAFANA_URL"),
        ("GRAFANA_URL", "http://grafana.example.vn", "TLS"),
        ("GRAFANA_USER", "", "CANHDONG_GRAFANA_USER"),
        ("GRAFANA_API_URL", "http://api.example.vn", "CANHDONG_GRAFANA_API_URL"),
        ("GRAFANA_INFLUX_URL", "http://10.1.2.3:8086", "CANHDONG_GRAFANA_INFLUX_URL"),
        ("GRAFANA_CA_FILE", "/nowhere.pem", "CANHDONG_GRAFANA_CA_FILE"),
        ("TELEMETRY_URL", "sqlite:///x.sqlite", "SQLite"),
    ],
)
def test_a_wrong_setting_is_told_in_one_line(  # noqa: PLR0917 - fixtures and cases
    run: Run, monkeypatch: pytest.MonkeyPatch, grafana: FakeGrafana, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"CANHDONG_{name}", value)
    code, out, err = run("dashboards", "publish")
    assert (code, out) == (WRONG_USE, "")
    assert words in err
    assert len(err.splitlines()) == 1
    assert grafana.seen == []


def test_a_reader_that_is_missing_is_made_by_who_may_or_told(
    run: Run, grafana: FakeGrafana, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, influxd: Influxd
) -> None:
    assert run("dashboards", "publish")[0] == DONE
    file = tmp_path / "secrets" / "canhdong_read_htx-b"
    lost = file.read_text(encoding="utf-8")
    file.unlink()
    code, _, err = run("dashboards", "diff")
    assert (code, "canhdong storage init" in err) == (WRONG_USE, True), "looking makes nothing"
    with monkeypatch.context() as without:
        without.delenv("CANHDONG_INFLUX_ADMIN_USER")
        without.delenv("CANHDONG_INFLUX_ADMIN_PASSWORD")
        code, _, err = run("dashboards", "publish")
        assert (code, "canhdong storage init" in err) == (WRONG_USE, True)
    grafana.writes.clear()
    assert run("dashboards", "publish")[0] == DONE
    assert grafana.writes == [f"PUT /api/datasources/uid/{TELEMETRY}"]
    password = grafana.org("htx-b").secrets[TELEMETRY]["password"]
    assert password != lost.strip()
    assert asked(influxd, "canhdong_read_htx-b", password, "SHOW MEASUREMENTS", "canhdong_htx-b")[0] == 200
    assert asked(influxd, "canhdong_read_htx-b", lost.strip(), "SHOW MEASUREMENTS", "canhdong_htx-b")[0] == 401


def test_a_title_that_is_taken_ends_with_exit_code_1_and_words(run: Run, grafana: FakeGrafana) -> None:
    run("dashboards", "publish")
    boards = grafana.org("htx-a").boards
    boards["theirs"] = boards.pop("cd_fleet_vi")
    code, out, err = run("dashboards", "publish")
    assert code == FAILED
    assert "failed" in out
    assert "rename, move or remove it" in err
    assert "1 failed" in err


def test_render_writes_what_is_committed(run: Run, tmp_path: Path) -> None:
    assert run("dashboards", "render", "--out", str(tmp_path / "out"))[0] == DONE
    assert {it.value for it in Audience} == {file.stem for file in (tmp_path / "out" / "alerts").iterdir()}
    assert run("dashboards", "render", "--out", str(tmp_path / "out"), "--check")[:2] == (DONE, "")
    (tmp_path / "out" / "vi" / "fleet.json").unlink()
    assert run("dashboards", "render", "--out", str(tmp_path / "out"), "--check")[:2] == (FAILED, "vi/fleet.json\n")
    assert run("dashboards", "render", "--out", str(tmp_path / "out"))[:2] == (DONE, "vi/fleet.json\n")
