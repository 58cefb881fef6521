"""Scenario files: those of the project are sound, and a mistake in one is told with its file and its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import ConfigError
from core.model.enums import Operation
from simulators import scenario as scenarios
from simulators import specs
from simulators.flying.aircraft import model

SMALL = """
title_vi = "Nhỏ"
title_en = "Small"
start = 2026-03-02T07:00:00+07:00

[[cooperatives]]
id = "a"
name = "HTX A"

[[cooperatives.fleets]]
model = "DJI Agras T40"
"""


def _load(folder: Path, text: str) -> specs.Scenario:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return scenarios.load(str(path))


# --- what comes with the project


@pytest.mark.parametrize("name", scenarios.names())
def test_shipped_scenarios_are_sound(name: str) -> None:
    scenario = scenarios.load(name)
    assert scenario.name == name
    assert scenario.title_vi
    assert scenario.title_en
    assert scenario.title_vi != scenario.title_en
    assert scenario.start.utcoffset() is not None, "a fixed instant, the same on every machine"
    assert scenarios.start_ms(scenario) > 1_700_000_000_000
    for cooperative in scenario.cooperatives:
        assert cooperative.name
        assert cooperative.fleets or cooperative.sensors
        for fleet in cooperative.fleets:
            assert scenarios.receiver(scenario, fleet.gnss)
            assert scenarios.network(scenario, fleet.network)
            assert model(fleet.model).name == fleet.model
            assert fleet.count >= 1
            assert Operation[fleet.op.upper()] in {Operation.SPRAY, Operation.SPREAD, Operation.SOW}
        for sensor in cooperative.sensors:
            assert scenarios.network(scenario, sensor.network)


def test_names_are_those_of_the_folder() -> None:
    names = scenarios.names()
    assert names == sorted(path.stem for path in scenarios.FOLDER.iterdir() if path.suffix == ".toml")
    wanted = {"demo", "cooperative-day", "bac-lieu", "storm-front", "network-collapse", "hostile-device", "month"}
    assert wanted <= set(names)


def test_bac_lieu_has_its_drones() -> None:
    assert sum(fleet.count for c in scenarios.load("bac-lieu").cooperatives for fleet in c.fleets) == 86


# --- what a file says


def test_a_small_file_gets_what_it_does_not_say(tmp_path: Path) -> None:
    scenario = _load(tmp_path, SMALL)
    assert scenario.name == "mine", "a file without a name is called like the file"
    assert scenarios.start_ms(scenario) == 1_772_409_600_000
    assert (scenario.days, scenario.seed) == (1, 1)
    assert scenario.cooperatives[0].fleets == [specs.Fleet()]
    assert _load(tmp_path, f'name = "other"\n{SMALL}').name == "other"


def test_a_file_goes_by_any_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _load(tmp_path, SMALL)
    monkeypatch.chdir(tmp_path)
    assert scenarios.load("mine.toml").name == "mine"
    (tmp_path / "demo").write_text("no TOML", encoding="utf-8")
    assert scenarios.load("demo").name == "demo", "the project's own goes first"


@pytest.mark.parametrize("name", ["rtk", "float", "dgps", "single", "none"])
def test_known_receivers_are_modes(tmp_path: Path, name: str) -> None:
    assert scenarios.receiver(_load(tmp_path, SMALL), name) == specs.Gnss(mode=name)  # type: ignore[arg-type]


def test_known_networks_get_worse(tmp_path: Path) -> None:
    scenario = _load(tmp_path, SMALL)
    good, fair, poor = (scenarios.network(scenario, name) for name in ("good", "fair", "poor"))
    for name in ("holes_per_h", "duplicate_pct", "reorder_pct", "latency_ms", "jitter_ms"):
        assert getattr(good, name) < getattr(fair, name) < getattr(poor, name)


def test_a_table_of_the_scenario_goes_before_the_known_one(tmp_path: Path) -> None:
    tables = '\n[gnss.rtk]\nmode = "rtk"\nslow_sd_m = 0.5\n\n[gnss.cheap]\nmode = "single"\n'
    tables += "\n[networks.good]\nlost_pct = 50.0\n"
    scenario = _load(tmp_path, SMALL + tables)
    assert scenarios.receiver(scenario, "rtk").slow_sd_m == 0.5
    assert scenarios.receiver(scenario, "cheap").mode == "single"
    assert scenarios.receiver(scenario, "float").mode == "float"
    assert scenarios.network(scenario, "good").lost_pct == 50.0
    assert scenarios.network(scenario, "poor") == scenarios.NETWORKS["poor"]


# --- mistakes

SENSOR = '[[cooperatives.sensors]]\nkind = "weather"\n'
TWICE = '[[cooperatives]]\nid = "a"\nname = "again"\n'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('model = "DJI Agras T40"', "colour = 1", ["colour", "cooperatives[0].fleets[0]"]),
        ('title_en = "Small"', "", ["title_en"]),
        ("+07:00", "", ["start = 2026-03-02T07:00:00", "offset"]),
        ("T07:00:00+07:00", "", ["start"]),
        ("2026-03-02T07:00:00+07:00", '"soon"', ["start"]),
        ("DJI Agras T40", "DJI Agras T4", ["cooperatives.a.fleets[1]", "DJI Agras T4'", "DJI Agras T40"]),
        ('model = "DJI Agras T40"', 'network = "5g"', ["cooperatives.a.fleets[1]", "'5g'", "fair, good, poor"]),
        ('model = "DJI Agras T40"', 'gnss = "ppk"', ["cooperatives.a.fleets[1]", "'ppk'", "rtk, single"]),
        ('model = "DJI Agras T40"', 'op = "harvest"', ["cooperatives[0].fleets[0].op"]),
        ('model = "DJI Agras T40"', "dose = -20.0", ["cooperatives.a.fleets[1].dose = -20", "above 0"]),
        ('model = "DJI Agras T40"', "dose = 0.0", ["dose = 0", "above 0"]),
        ('model = "DJI Agras T40"', "dose = nan", ["dose = nan", "above 0"]),
        ('model = "DJI Agras T40"', "swath_m = inf", ["swath_m = inf", "above 0, at most 100"]),
        ('model = "DJI Agras T40"', "rate_hz = 5000.0", ["rate_hz = 5000", "at most 100"]),
        ('model = "DJI Agras T40"', "count = -1", ["count = -1", "at least 0"]),
        ('model = "DJI Agras T40"', "response_s = -0.1", ["response_s = -0.1", "at least 0"]),
        ('model = "DJI Agras T40"', "antenna_ahead_m = nan", ["antenna_ahead_m = nan", "finite"]),
        ('model = "DJI Agras T40"', "ground_s = -60.0", ["ground_s = -60", "at least 0"]),
        ('model = "DJI Agras T40"', "speed_mps = [0.0, 5.0]", ["fleets[1].speed_mps[1] = 0", "at least 0.5"]),
        ('model = "DJI Agras T40"', "speed_mps = [7.0, 5.0]", ["speed_mps = [7.0, 5.0]", "slowest first"]),
        ('name = "HTX A"', 'name = "HTX A"\nfirst_sortie_s = -1.0', ["cooperatives.a.first_sortie_s = -1"]),
        ('name = "HTX A"', 'name = "HTX A"\nland = { count = 0 }', ["cooperatives.a.land.count = 0", "at least 1"]),
        ('name = "HTX A"', 'name = "HTX A"\nland = { poles = -1 }', ["cooperatives.a.land.poles = -1", "at least 0"]),
        ('name = "HTX A"', 'name = "HTX A"\nland = { obstacles = [[1.0, nan]] }', ["a.land.obstacles[1][2] = nan"]),
        ('id = "a"', 'id = "Hòa Bình"', ["cooperatives.Hòa Bình", "topic"]),
        ('title_vi = "Nhỏ"', 'title_vi = "Nhỏ"\nhours = 0', ["hours = 0", "above 0, at most 24"]),
        ('title_vi = "Nhỏ"', 'title_vi = "Nhỏ"\nhours = 25', ["hours = 25", "at most 24"]),
        ('title_vi = "Nhỏ"', 'title_vi = "Nhỏ"\ndays = 0', ["days = 0", "at least 1"]),
        ('title_vi = "Nhỏ"', 'title_vi = "Nhỏ"\nwork_every_days = 0', ["work_every_days = 0", "at least 1"]),
        ('title_vi = "Nhỏ"', 'title_vi = "Nhỏ"\nseed = -1', ["seed = -1", "at least 0"]),
        ('title_vi = "Nhỏ"', "title_vi = 5", ["title_vi"]),
        ("title_vi", "title_vi = =", ["line 2"]),
    ],
)
def test_a_mistake_is_told_with_file_and_place(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    assert old in SMALL
    with pytest.raises(ConfigError) as told:
        _load(tmp_path, SMALL.replace(old, new))
    for words in ["mine.toml: ", *said]:
        assert words in str(told.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (TWICE, ["cooperatives: at least one, each with an id of its own"]),
        (SENSOR + 'network = "lora"\n', ["cooperatives.a.sensors[1]", "'lora'"]),
        (SENSOR + "count = 0\n", ["cooperatives.a.sensors[1].count = 0", "at least 1"]),
        (SENSOR + "every_s = 0.0\n", ["cooperatives.a.sensors[1].every_s = 0", "above 0"]),
        (SENSOR + 'faults = [{ kind = "stuck", from_h = -1.0 }]', ["sensors[1].faults[1].from_h = -1"]),
        (SENSOR + 'faults = [{ kind = "bent" }]', ["sensors[0].faults[0].kind"]),
        ("[gnss.bad]\nslow_tau_s = 0.0\n", ["gnss.bad.slow_tau_s = 0", "above 0"]),
        ("[gnss.bad]\nfloat_share = 1.5\n", ["gnss.bad.float_share = 1.5", "at most 1"]),
        ("[networks.bad]\nlost_pct = 101.0\n", ["networks.bad.lost_pct = 101", "at most 100"]),
        ("[networks.bad]\noutages_h = [[9.0, nan]]\n", ["networks.bad.outages_h[1][2] = nan"]),
        ("[weather]\nwind_mps = -1.0\n", ["weather.wind_mps = -1"]),
        ("[[weather.fronts]]\nat_h = 9.0\nhours = 0.0\n", ["weather.fronts[1].hours = 0"]),
        ('[[hostile]]\ncooperative = "b"\n', ["hostile[1]", "'b'"]),
        ('[[hostile]]\ndevice = "a/b"\n', ["hostile[1]", "a/b"]),
        ("[[hostile]]\nacts_per_min = -1.0\n", ["hostile[1].acts_per_min = -1"]),
    ],
)
def test_a_wrong_table_is_told_with_its_place(tmp_path: Path, more: str, said: list[str]) -> None:
    with pytest.raises(ConfigError) as told:
        _load(tmp_path, f"{SMALL}\n{more}")
    for words in ["mine.toml: ", *said]:
        assert words in str(told.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"dose = -1.*no receiver.*no network"):
        _load(tmp_path, f'{SMALL}dose = -1.0\ngnss = "x"\nnetwork = "y"\n')


def test_no_cooperative_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="at least one"):
        _load(tmp_path, SMALL.partition("[[")[0] + "cooperatives = []\n")


@pytest.mark.parametrize("name", ["no-such", "", ".", "no/such.toml"])
def test_what_is_not_there_is_told_with_what_is(name: str) -> None:
    with pytest.raises(ConfigError, match=r"no scenario is called .*bac-lieu, .*demo"):
        scenarios.load(name)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"mine\.toml"):
        scenarios.load(str(path))
