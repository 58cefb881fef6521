"""``canhdong context show``: what surrounded a flight or a job, in both languages and as JSON; its rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from shapely import Point

from cli import following, wiring
from cli.main import main
from core.errors import ConfigError
from core.model.enums import Operation
from core.model.land import Device, DeviceKind, Site, SiteKind
from core.model.samples import Reading
from core.model.work import Job, Product
from core.settings import GeoSettings, load
from geo.recompute import recompute
from tests.cli.conftest import Run
from tests.support import rectangle

HTX, DAY = "htx", "2026-11-20"
START_MS = 1_795_143_600_000
FLIGHT = "d1-20261120T030000Z"


@pytest.fixture
def flown(run: Run) -> Run:
    """With one flight over the rectangle beside a pond, in strong wind, with a banned product."""
    with wiring.stores() as stores:
        registry = stores.registry
        registry.put(rectangle.plot(HTX))
        registry.add_device(Device("d1", HTX, DeviceKind.DRONE))
        registry.add_device(Device("tram", HTX, DeviceKind.SENSOR, lon_deg=105.72, lat_deg=9.285))
        registry.put(Site("ao", HTX, SiteKind.POND, Point(105.72499, 9.2851), name="Ao tôm"))
        registry.put(Product("cam", "75", "Cấm", banned=True))
        registry.put(Job("dot-1", HTX, Operation.SPRAY, DAY, ("rect-1",), product="cam"))
        told = [("wind_speed", 5.0, "m/s"), ("air_temperature", 30.0, "Cel"), ("air_humidity", 60.0, "%RH")]
        readings = [
            Reading("tram", START_MS + minute * 60_000, name, value, unit)
            for minute in range(-10, 10)
            for name, value, unit in told
        ]
        table = rectangle.flight("d1", START_MS).with_columns(job="dot-1")
        stores.telemetry.write(HTX, [*table.rows(), *readings], START_MS)
        done = recompute(stores.telemetry, registry, HTX, "d1", START_MS, START_MS + 60_000)
        for follower in following.followers(stores, load(GeoSettings)):
            follower.follow(done)
    return run


@pytest.mark.parametrize("named", [FLIGHT, "last"])
def test_a_flight_is_told_in_both_languages(flown: Run, named: str) -> None:
    code, out, _ = flown("context", "show", named)
    assert code == 0
    for words in (
        "không nên phun / red",
        "gió mạnh / strong wind",
        "tram, 5",
        "ao (ao / pond)",
        "lúc bắt đầu / at the",
    ):
        assert words in " ".join(out.split()), words


def test_a_flight_as_one_document(flown: Run) -> None:
    _, told, _ = flown("context", "show", FLIGHT, "--json")
    assert (told["flight"], told["job"], told["stamps"]["mean"]["verdict"]["window"]) == (FLIGHT, "dot-1", "red")
    (pond,) = told["sites"]
    assert (pond["site"], pond["kind"], pond["source"], pond["reasons"]) == ("ao", "pond", "suggested", ["no-data"])
    assert pond["in_buffer_l"] > 0.0
    assert pond["downwind_l"] is None
    assert sum(minute["in_buffer_l"] for minute in pond["minutes"]) == pytest.approx(pond["in_buffer_l"])
    assert {minute["upwind"] for minute in pond["minutes"]} == {None}


def test_a_job_says_what_speaks_against_its_product(flown: Run) -> None:
    _, out, _ = flown("context", "show", "dot-1")
    assert "sản phẩm bị cấm / product is banned" in " ".join(out.split())
    _, told, _ = flown("context", "show", "dot-1", "--json", "--day", DAY)
    ((job,), (exclusion,)) = told["jobs"], told["jobs"][0]["exclusions"]
    assert (exclusion["plot"], exclusion["objection"], exclusion["violation"]) == ("rect-1", "banned", True)
    assert [flight["flight"] for flight in job["flights"]] == [FLIGHT]


@pytest.mark.parametrize("words", [["none"], ["dot-1", "--day", "2026-11-21"], [FLIGHT, "--cooperative", "htx-b"]])
def test_what_nobody_knows_is_said(flown: Run, words: list[str]) -> None:
    code, out, err = flown("context", "show", *words)
    assert (code != 0, out) == (True, "")
    assert words[0] in err or words[-1] in err


def test_the_file_of_rules_is_named_where_it_is_wrong(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "phun.toml"
    monkeypatch.setenv("CANHDONG_SPRAY_RULES_FILE", str(file))
    for text, words in (
        (None, "No such file"),
        ("[limits", "is no TOML"),
        ("[limits]\nwind = 1", "limits.wind is not"),
    ):
        if text is not None:
            file.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match=words) as error:
            following.spray_rules(load(GeoSettings).spray_rules_file)
        assert str(file) in str(error.value)
    file.write_text("[limits]\nstrong_mps = 3.5", encoding="utf-8")
    assert following.spray_rules(load(GeoSettings).spray_rules_file).of("").strong_mps == 3.5
    assert main(["settings", "--json"]) == 0
