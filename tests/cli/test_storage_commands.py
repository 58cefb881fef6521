"""``storage init`` and ``cooperative add`` on a real InfluxDB: what is made, what is printed, and what never is."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.main import DONE, FAILED, WRONG_USE, main
from tests.support.influx import ADMIN, PASSWORD, WRITER, Influxd, running_influxd

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    with running_influxd(tmp_path_factory.mktemp("influxd")) as server:
        yield server


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("CANHDONG_DATA_DIR", str(tmp_path))

    def command(*argv: str) -> tuple[int, str, str]:
        code = main(list(argv))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


@pytest.fixture
def influx(influxd: Influxd, monkeypatch: pytest.MonkeyPatch) -> Influxd:
    """Telemetry goes to the server; who may make databases is not yet told."""
    monkeypatch.setenv("CANHDONG_TELEMETRY_URL", f"influxdb://127.0.0.1:{influxd.port}")
    monkeypatch.setenv("CANHDONG_INFLUX_USER", WRITER)
    monkeypatch.setenv("CANHDONG_INFLUX_PASSWORD", PASSWORD)
    return influxd


@pytest.fixture
def admin(influx: Influxd, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Influxd:
    file = tmp_path / "admin-password"
    file.write_text(PASSWORD + "\n", encoding="utf-8")
    monkeypatch.setenv("CANHDONG_INFLUX_ADMIN_USER", ADMIN)
    monkeypatch.setenv("CANHDONG_INFLUX_ADMIN_PASSWORD_FILE", str(file))
    return influx


def databases(server: Influxd) -> set[str]:
    return {name for (name,) in server.ask("SHOW DATABASES")["series"][0]["values"] if name != "_internal"}


def secrets(folder: Path) -> list[str]:
    found = sorted((folder / "secrets").iterdir())
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in found)
    return [file.read_text(encoding="utf-8").strip() for file in found]


def test_every_cooperative_and_the_platform_get_a_database_once(admin: Influxd, run: Run, tmp_path: Path) -> None:
    for name in ("htx-a", "htx-b"):
        assert run("cooperative", "add", name)[0] == DONE
    code, out, err = run("storage", "init", "--json")
    assert code == DONE, err
    rows = json.loads(out)["databases"]
    names = {f"canhdong_{it}" for it in ("htx-a", "htx-b", "platform", "province")}
    assert {it["database"]: it["new"] for it in rows} == {name: "htx" not in name for name in names}
    assert names <= databases(admin)
    kept = secrets(tmp_path)
    assert len(set(kept)) == 4
    code, again, printed = run("storage", "init")
    assert code == DONE
    assert "canhdong_read_htx-a" in again
    assert secrets(tmp_path) == kept, "doing it again makes no new ones"
    assert not any(secret in text for secret in [*kept, PASSWORD] for text in (out, err, again, printed))


def test_a_new_cooperative_gets_its_database_where_that_may_be_made(admin: Influxd, run: Run, tmp_path: Path) -> None:
    code, out, err = run("cooperative", "add", "htx-moi")
    assert (code, out) == (DONE, "")
    assert "canhdong_htx-moi" in err
    assert "canhdong_htx-moi" in databases(admin)
    (secret,) = secrets(tmp_path)
    assert secret not in err
    found = admin.ask("SHOW MEASUREMENTS", "canhdong_htx-moi", "canhdong_read_htx-moi", secret)
    assert "error" not in found


def test_without_an_administrator_it_is_registered_and_told_what_is_to_be_done(influx: Influxd, run: Run) -> None:
    code, _, err = run("cooperative", "add", "htx-cho")
    assert code == DONE
    assert "canhdong storage init" in err
    assert "canhdong_htx-cho" not in databases(influx)
    code, _, err = run("storage", "init")
    assert code == WRONG_USE
    assert "CANHDONG_INFLUX_ADMIN_USER" in err


def test_a_server_that_is_away_keeps_nobody_from_registering(
    admin: Influxd, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANHDONG_TELEMETRY_URL", "influxdb://127.0.0.1:9")
    code, _, err = run("cooperative", "add", "htx-xa")
    assert code == DONE
    assert "canhdong storage init" in err
    assert run("storage", "init")[0] == FAILED


def test_an_administrator_that_is_none_is_named_and_nothing_is_made(
    admin: Influxd, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANHDONG_INFLUX_ADMIN_USER", WRITER)
    before = databases(admin)
    code, _, err = run("storage", "init")
    assert code == FAILED
    assert WRITER in err
    assert PASSWORD not in err
    assert databases(admin) == before


def test_an_sqlite_file_needs_no_init(run: Run) -> None:
    code, _, err = run("storage", "init")
    assert code == WRONG_USE
    assert "SQLite" in err


@pytest.mark.parametrize("name", ["platform", "province"])
@pytest.mark.parametrize("command", [["cooperative", "add", "{}"], ["simulate", "--cooperative", "{}"]])
def test_no_cooperative_goes_by_a_name_of_the_platforms_own_data(run: Run, name: str, command: list[str]) -> None:
    """It would see, and write into, what belongs to all."""
    code, _, err = run(*(word.format(name) for word in command))
    assert code == WRONG_USE
    assert name in err
