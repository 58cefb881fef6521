"""Commands that write to and read from the stores: what they keep, what they print, how they end."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import mapping

from cli import wiring
from cli.main import DONE, FAILED, WRONG_USE, main
from core.model.land import DeviceKind
from core.ports import DeadLetter
from geo.recompute import recompute
from tests.support import rectangle

START_MS = 1_795_507_200_000
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on stores of its own; exit code, stdout, stderr."""
    monkeypatch.setenv("CANHDONG_DATA_DIR", str(tmp_path / "data"))

    def command(*argv: str) -> tuple[int, str, str]:
        code = main(list(argv))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


def told(answer: tuple[int, str, str]) -> Any:
    code, out, err = answer
    assert code == DONE, err
    return json.loads(out)


def plots_file(folder: Path) -> Path:
    plot = rectangle.plot("htx-1")
    feature = {"type": "Feature", "properties": {"plot": plot.plot, "crop": "lúa"}, "geometry": mapping(plot.boundary)}
    path = folder / "plots.geojson"
    collection = {"type": "FeatureCollection", "features": [feature]}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    return path


def test_registering_tells_the_topic(run: Run) -> None:
    assert run("cooperative", "add", "htx-1", "--name", "Hợp tác xã Một", "--m2-per-cong", "1296")[0] == DONE
    code, out, err = run("drone", "add", "htx-1", "d1", "--model", "T40", "--swath", "7")
    assert (code, out) == (DONE, "")
    assert "canhdong/v1/htx-1/drones/d1/telemetry" in err
    assert "sensors/w1/telemetry" in run("sensor", "add", "htx-1", "w1", "--lat", "9.28", "--lon", "105.72")[2]
    with wiring.stores() as stores:
        (cooperative,) = stores.registry.cooperatives()
        assert (cooperative.name, cooperative.m2_per_cong) == ("Hợp tác xã Một", 1296.0)
        assert stores.registry.device("htx-1", "d1").swath_m == 7.0
        assert stores.registry.device("htx-1", "w1").kind is DeviceKind.SENSOR


def test_what_cannot_be_registered(run: Run) -> None:
    with pytest.raises(SystemExit, match="2"):
        run("cooperative", "add", "HTX Một")
    assert run("cooperative", "add", "province")[0] == WRONG_USE
    assert run("cooperative", "add", "htx-1")[0] == DONE
    code, _, err = run("cooperative", "add", "htx-1", "--name", "Other", "--expect", "0")
    assert code == FAILED
    assert "already" in err
    code, _, err = run("drone", "add", "nobody", "d1")
    assert code == FAILED
    assert "nobody" in err
    assert "Traceback" not in err


def test_plots_come_in_as_versions(run: Run, tmp_path: Path) -> None:
    run("cooperative", "add", "htx-1")
    path = plots_file(tmp_path)
    assert "1 plots" in run("plots", "import", "--cooperative", "htx-1", str(path))[2]
    text = path.read_text(encoding="utf-8").replace("lúa", "tôm")
    path.write_text(text, encoding="utf-8")
    assert "1 stand in a later version" in run("plots", "import", "--cooperative", "htx-1", str(path))[2]
    code, _, err = run("plots", "import", "--cooperative", "htx-1", str(tmp_path / "nothing.gpkg"))
    assert code == FAILED
    assert "nothing.gpkg" in err


def test_the_area_of_a_flight_is_shown(run: Run, tmp_path: Path) -> None:
    run("cooperative", "add", "htx-1")
    run("drone", "add", "htx-1", "d1")
    run("plots", "import", "--cooperative", "htx-1", str(plots_file(tmp_path)))
    assert told(run("coverage", "show", "--json")) == {"flights": []}
    code, _, err = run("coverage", "show", "last")
    assert code == FAILED
    assert "no flight 'last'" in err
    table = rectangle.flight("d1", START_MS)
    with wiring.stores() as stores:
        stores.telemetry.write("htx-1", list(table.rows()), START_MS)
        recompute(stores.telemetry, stores.registry, "htx-1", "d1", START_MS, int(table.ts_ms[-1]))
    (flight,) = told(run("coverage", "show", "--json"))["flights"]
    for wanted in ("last", flight["flight"]):
        figures = told(run("coverage", "show", wanted, "--json"))
        assert figures["net_m2"] == pytest.approx(rectangle.AREA_M2, abs=0.5)
        (plot,) = figures["plots"]
        assert plot["covered_pct"] == pytest.approx(100.0, abs=0.01)
        assert plot["dose_cv"] == pytest.approx(0.0, abs=0.05)
        reach = plot["expected"]
        assert reach["net_low_m2"] <= reach["net_expected_m2"] <= reach["net_high_m2"]
        assert figures["trust"]["grade"] in "ABCD"
        assert (figures["off_transit_m2"], figures["no_area"]) == (0.0, "")
    code, out, _ = run("coverage", "show", "last")
    assert code == DONE
    assert "0.8400" in out
    assert "8.40" in out
    assert run("coverage", "show", flight["flight"], "--cooperative", "other")[0] == FAILED
    for words in ("Net expected", "Diện tích phun thực ước tính", "Độ tin cậy", "Trust"):
        assert words in out


def test_a_flight_without_an_area_is_shown_with_the_reason(run: Run) -> None:
    run("cooperative", "add", "htx-1")
    run("drone", "add", "htx-1", "d1")
    table = rectangle.flight("d1", START_MS).with_columns(swath_m=math.nan)
    with wiring.stores() as stores:
        stores.telemetry.write("htx-1", list(table.rows()), START_MS)
        recompute(stores.telemetry, stores.registry, "htx-1", "d1", START_MS, int(table.ts_ms[-1]))
    figures = told(run("coverage", "show", "last", "--json"))
    assert (figures["net_m2"], figures["no_area"], figures["plots"]) == (None, "no-swath", [])
    code, _, err = run("coverage", "show", "last")
    assert code == DONE
    assert "chưa biết bề rộng vệt phun" in err
    assert "the swath width is not known" in err


def test_dead_letters_are_read_back_with_their_reason(run: Run) -> None:
    assert told(run("deadletter", "list", "--json")) == {"counts": {}, "letters": []}
    with wiring.stores() as stores:
        stores.dead_letters.add(
            [DeadLetter(START_MS, "canhdong/v1/x/drones/d/telemetry", b"\xff{", "schema", "no JSON")]
        )
    document = told(run("deadletter", "list", "--json"))
    assert document["counts"] == {"schema": 1}
    (letter,) = document["letters"]
    assert (letter["reason"], letter["message"], letter["payload"]) == ("schema", "no JSON", "\\xff{")
    assert told(run("deadletter", "list", "--after", str(letter["number"]), "--json"))["letters"] == []
    assert "no JSON" in run("deadletter", "list")[1]


@pytest.mark.parametrize(
    "argv",
    [
        ("replay", "x.gpx", "--speed", "-1"),
        ("simulate", "--speed", "nan"),
        ("simulate", "--drones", "0"),
        ("replay", "x.gpx", "--cooperative", "Một"),
        ("area", "x.gpx", "--swath", "0"),
    ],
)
def test_impossible_wishes_are_wrong_use(run: Run, argv: tuple[str, ...]) -> None:
    code, out, err = run(*argv)
    assert (code, out) == (WRONG_USE, "")
    assert len(err.strip().splitlines()) == 1


def test_a_broker_that_is_not_there_is_a_failure_in_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANHDONG_MQTT_URL", "mqtt://127.0.0.1:1")
    for name in ("ingest", "geo"):
        code, _, err = run(name)
        assert code == FAILED
        assert "no broker answers at mqtt://127.0.0.1:1" in err
        assert "Traceback" not in err
