"""Commands of the registry: what they keep, what they refuse, and that nothing is overwritten."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli import wiring
from cli.main import DONE, FAILED, WRONG_USE, main
from core.model.land import Device, Plot
from core.model.work import Job, Product
from tests.support import rectangle

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on a registry of its own in which cooperative ``htx`` is: exit code, stdout, stderr."""
    monkeypatch.setenv("CANHDONG_DATA_DIR", str(tmp_path / "data"))

    def command(*argv: str) -> tuple[int, str, str]:
        try:
            code = main(list(argv))
        except SystemExit as ended:
            code = int(str(ended.code))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    command("cooperative", "add", "htx", "--name", "Hợp tác xã", "--m2-per-cong", "south-large")
    return command


def rows(run: Run, *argv: str) -> list[dict[str, Any]]:
    """What ``KIND list --json`` shows."""
    code, out, err = run(*argv, "--json")
    assert code == DONE, err
    (found,) = json.loads(out).values()
    return list(found)


CASES = [
    (
        ["member", "htx", "tv-1"],
        ["--name", "Nguyễn Văn A"],
        ["--phone", "0900"],
        {"name": "Nguyễn Văn A", "phone": "0900"},
    ),
    (
        ["pilot", "htx", "pc-1"],
        ["--name", "Trần B", "--licence", "L1"],
        ["--licence-until", "2027-01-31"],
        {"licence": "L1", "licence_until": "2027-01-31"},
    ),
    (["drone", "htx", "d9"], ["--model", "T40"], ["--serial", "SN", "--swath", "7"], {"model": "T40", "swath_m": 7.0}),
    (
        ["sensor", "htx", "s9"],
        ["--lat", "9.28", "--lon", "105.7"],
        ["--name", "Trạm"],
        {"lat_deg": 9.28, "name": "Trạm"},
    ),
    (["implement", "htx", "i1"], ["--op", "spray"], ["--tank", "40", "--drone", "d1"], {"op": "spray", "tank_l": 40.0}),
    (
        ["calibration", "htx", "c1"],
        ["--drone", "d1", "--op", "spray", "--day", "2026-03-01", "--swath", "7.2"],
        ["--cv", "21"],
        {"swath_m": 7.2, "cv_pct": 21.0},
    ),
    (
        ["mount", "htx", "s1", "water_level", "2026-01-01"],
        ["--offset", "-0.4", "--unit", "m"],
        ["--offset", "-0.35"],
        {"offset": -0.35, "unit": "m"},
    ),
    (
        ["site", "htx", "ao"],
        ["--kind", "pond", "--lon", "105.7", "--lat", "9.28"],
        ["--name", "Ao tôm"],
        {"buffer_m": 10.0, "downwind_m": 50.0, "boundary": "POINT (105.7 9.28)"},
    ),
    (
        ["product", "thuoc-a", "TT75"],
        ["--name", "Thuốc A", "--from", "2026-02-10", "--actives", "abamectin, emamectin"],
        ["--drones", "có"],
        {"actives": ["abamectin", "emamectin"], "drones": True, "listed_from": "2026-02-10"},
    ),
]


@pytest.mark.parametrize(("words", "first", "second", "shown"), CASES, ids=[c[0][0] for c in CASES])
def test_a_record_is_added_changed_listed_and_retired(
    run: Run, words: list[str], first: list[str], second: list[str], shown: dict[str, Any]
) -> None:
    run("drone", "add", "htx", "d1")
    run("sensor", "add", "htx", "s1")
    kind, *key = words
    owner = ["htx"] if key[0] == "htx" else []
    assert "version 1" in run(kind, "add", *key, *first)[2]
    assert "version 2" in run(kind, "add", *key, *second)[2]
    assert "version 2" in run(kind, "add", *key, *second)[2]
    found = [r for r in rows(run, kind, "list", *owner) if r["version"] == 2]
    assert {name: found[0][name] for name in shown} == shown
    code, out, _ = run(kind, "list", *owner)
    assert code == DONE
    assert key[-1] in out
    assert "Phiên bản / Version" in out
    code, _, err = run(kind, "retire", *key, "--expect", "1")
    assert (code, "stands in version 2" in err) == (FAILED, True)
    assert "version 3" in run(kind, "retire", *key)[2]
    assert [r for r in rows(run, kind, "list", *owner) if r["version"] > 1] == []
    assert [r["retired"] for r in rows(run, kind, "list", *owner, "--retired") if r["version"] == 3] == [True]
    assert "version 4" in run(kind, "add", *key, *second)[2]


def test_a_cooperative_is_changed_in_versions_and_its_cong_has_a_name(run: Run) -> None:
    assert rows(run, "cooperative", "list")[0]["m2_per_cong"] == 1_296.0
    assert "version 2" in run("cooperative", "add", "htx", "--organisation", "H01.0123456789")[2]
    (found,) = rows(run, "cooperative", "list")
    assert (found["name"], found["m2_per_cong"], found["organisation"]) == ("Hợp tác xã", 1_296.0, "H01.0123456789")
    assert run("cooperative", "add", "htx", "--organisation", "quá dài")[0] == WRONG_USE
    assert "version 3" in run("cooperative", "retire", "htx")[2]
    assert rows(run, "cooperative", "list") == []


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["member", "add", "nobody", "m1", "--name", "A"], "no cooperative 'nobody'"),
        (["member", "add", "htx", "m1"], "a new member needs --name"),
        (["pilot", "retire", "htx", "p1"], "has no pilot 'p1'"),
        (["pilot", "list", "nobody"], "there is no cooperative 'nobody'"),
        (["pilot", "add", "htx", "p1", "--name", "A", "--licence-until", "31/12/2027"], "write YYYY-MM-DD"),
        (["drone", "add", "htx", "D 1"], "is no identifier"),
        (["drone", "add", "htx", "d1", "--swath", "0"], "is not above nought"),
        (["sensor", "add", "htx", "s1", "--lat", "105.7"], "outside ±90 degrees"),
        (["implement", "add", "htx", "i1", "--op", "spray", "--drone", "d9"], "has no device 'd9'"),
        (
            ["calibration", "add", "htx", "c", "--drone", "d9", "--op", "sow", "--day", "2026-01-01", "--swath", "7"],
            "'d9'",
        ),
        (["site", "add", "htx", "x", "--kind", "pond"], "needs a place"),
        (["site", "add", "htx", "x", "--kind", "pond", "--lat", "9"], "both --lon and --lat"),
        (["site", "add", "htx", "x", "--kind", "pond", "--shape", "POINT (579454 1026862)"], "longitude first"),
        (["site", "add", "htx", "x", "--kind", "hive", "--lon", "105", "--lat", "9", "--buffer", "5"], "--source"),
        (["site", "add", "htx", "x", "--kind", "volcano"], "choose from house"),
        (["product", "add", "a/b", "TT75"], "is no name"),
    ],
)
def test_what_is_wrong_is_one_line_and_keeps_nothing(run: Run, argv: list[str], words: str) -> None:
    code, _, err = run(*argv)
    assert code in {FAILED, WRONG_USE}
    assert words in err.strip().splitlines()[-1]
    with wiring.stores() as stores:
        assert stores.registry.records(Device, "htx", retired=True) == []


def test_a_drone_is_no_sensor(run: Run) -> None:
    run("drone", "add", "htx", "d1")
    assert run("sensor", "retire", "htx", "d1")[0] == FAILED
    assert rows(run, "sensor", "list", "htx") == []
    assert [r["device"] for r in rows(run, "drone", "list", "htx")] == ["d1"]


def test_what_counted_on_a_day_is_listed(run: Run) -> None:
    run("pilot", "add", "htx", "p1", "--name", "A", "--since", "2026-01-01")
    run("pilot", "add", "htx", "p1", "--licence", "L2", "--since", "2026-06-01")
    assert [r["licence"] for r in rows(run, "pilot", "list", "htx", "--on", "2026-05-31")] == [""]
    assert [r["licence"] for r in rows(run, "pilot", "list", "htx", "--on", "2026-06-01")] == ["L2"]
    assert rows(run, "pilot", "list", "htx", "--on", "2025-12-31") == []


def product_file(folder: Path, text: str, encoding: str = "utf-8-sig") -> str:
    path = folder / "products.csv"
    path.write_text(text, encoding=encoding)
    return str(path)


LIST = """Mã;Tên thương phẩm;Hoạt chất;Cây trồng;Dịch hại;Liều;Đơn vị;Thời gian cách ly;Máy bay;Cấm
a-50ec;A 50EC;abamectin + emamectin;lúa;rầy nâu;0,5;L/ha;14;có;không
a-50ec;A 50EC;abamectin + emamectin;xoài;bọ trĩ;0,3;L/ha;21;có;không
b;B;fipronil;;;;;;không;có
;;;;;;;;;
c;C;x;lúa;;0;L/ha;;;
d;D;x;lúa;;1;L/ha;hai tuần;;
"""


def test_a_list_of_products_is_taken_and_bad_rows_are_named(run: Run, tmp_path: Path) -> None:
    file = product_file(tmp_path, LIST)
    told = ["product", "import", file, "--list", "75/2025/TT-BNNMT", "--from", "2026-02-10"]
    code, _, err = run(*told, "--dry-run")
    assert (code, rows(run, "product", "list")) == (FAILED, [])
    assert "line 6: '0' is not above nought" in err
    assert "line 7: phi_days 'hai tuần' is no number of days" in err
    assert run(*told)[0] == FAILED
    with wiring.stores() as stores:
        a, b = stores.registry.records(Product, "")
    assert (a.list_version, a.name, a.actives, a.drones) == (
        "75-2025-TT-BNNMT",
        "A 50EC",
        ("abamectin", "emamectin"),
        True,
    )
    assert [(u.crop, u.pest, u.dose, u.phi_days) for u in a.uses] == [
        ("lúa", "rầy nâu", 0.5, 14),
        ("xoài", "bọ trĩ", 0.3, 21),
    ]
    assert (b.banned, b.drones, b.uses) == (True, False, ())
    assert a.phi_days("xoài") == 21
    run(*told)
    assert [r["version"] for r in rows(run, "product", "list")] == [1, 1]


@pytest.mark.parametrize(
    ("text", "encoding", "words"),
    [
        ("a,b\n1,2\n", "utf-8", "line 1: no column is called product or name"),
        ("product\na\n", "utf-8", "no list is named"),
        ("product,list_version\na,TT75\n", "utf-8", "no first day"),
        ("product,name\na,Thuốc\n", "utf-16", "byte 0 is not UTF-8"),
        (
            "product,list_version,listed_from,name\na,T,2026-01-01,A\na,T,2026-01-01,B\n",
            "utf-8",
            "line 3: 'a' is described",
        ),
    ],
)
def test_a_list_that_cannot_be_read_says_where(run: Run, tmp_path: Path, text: str, encoding: str, words: str) -> None:
    code, _, err = run("product", "import", product_file(tmp_path, text, encoding))
    assert code in {FAILED, WRONG_USE}
    assert words in err


@pytest.fixture
def planned(run: Run) -> Run:
    """With three plots, a drone, two pilots and a product of two lists."""
    run("drone", "add", "htx", "d1", "--registration", "VN-1", "--registration-until", "2026-06-30")
    run("pilot", "add", "htx", "p1", "--name", "A", "--licence", "L1", "--licence-until", "2027-01-01")
    run("pilot", "add", "htx", "p2", "--name", "B")
    old = ["--from", "2025-01-01", "--until", "2026-02-09", "--drones", "no"]
    run("product", "add", "thuoc", "25-2024", "--name", "Thuốc", *old)
    run("product", "add", "thuoc", "75-2025", "--name", "Thuốc", "--from", "2026-02-10", "--drones", "yes")
    run("product", "add", "thuoc", "75-2025", "--banned-kinds", "rice-shrimp")
    run("product", "add", "cam", "75-2025", "--from", "2026-02-10", "--banned", "yes")
    with wiring.stores() as stores:
        for name, kind in (("t1", "rice"), ("t2", "rice-shrimp"), ("t3", "")):
            plot = rectangle.plot("htx", name)
            stores.registry.put(Plot(name, plot.boundary, cooperative="htx", crop="lúa", kind=kind))
    return run


PLAN = ("job", "plan", "htx", "dot-1", "--op", "spray", "--day", "2026-03-01")


def test_a_job_is_planned_with_its_dose_per_hectare(planned: Run) -> None:
    told = ["--plots", "t1", "--product", "thuoc", "--dose", "2", "--unit", "L/cong", "--drone", "d1", "--pilot", "p1"]
    code, _, err = planned(*PLAN, *told)
    assert code == DONE, err
    assert "warning" not in err
    (job,) = rows(planned, "job", "list", "htx")
    assert job["dose"] == pytest.approx(2 * 10_000 / 1_296)
    assert (job["dose_unit"], job["plots"], job["device"], job["op"]) == ("L/ha", ["t1"], "d1", "spray")
    assert rows(planned, "job", "list", "htx", "--day", "2026-03-02") == []
    assert "version 2" in planned(*PLAN, *told, "--note", "hoãn")[2]
    assert planned("job", "retire", "htx", "dot-1")[0] == DONE
    assert rows(planned, "job", "list", "htx") == []
    with wiring.stores() as stores:
        assert [j.version for j in stores.registry.history(Job, "htx", "dot-1")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("day", "told", "warned"),
    [
        ("2026-07-01", ["--drone", "d1"], "the registration of drone d1 ended on 2026-06-30"),
        ("2027-01-02", ["--pilot", "p1"], "the licence of pilot p1 ended on 2027-01-01"),
        ("2026-03-01", ["--pilot", "p2"], "no record of the licence of pilot p2"),
        ("2026-02-09", ["--product", "thuoc"], "is not registered for drones in the list 25-2024"),
        ("2024-12-31", ["--product", "thuoc"], "no list that counts on 2024-12-31"),
        ("2026-03-01", ["--product", "lạ"], "lists that name it: none"),
        ("2026-03-01", ["--plots", "t3", "--product", "thuoc"], "nobody told the kind of 1: t3"),
    ],
)
def test_what_somebody_should_know_before_is_a_warning(planned: Run, day: str, told: list[str], warned: str) -> None:
    code, _, err = planned(*PLAN[:-1], day, "--plots", "t1", *told)
    assert code == DONE
    assert [line for line in err.splitlines() if line.startswith("warning: ") and warned in line], err
    assert [j["day"] for j in rows(planned, "job", "list", "htx")] == [day]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (["--plots", "t1,t9"], "has no plot 't9'"),
        (["--plots", "t1,t2", "--product", "thuoc"], "may not be used on rice-shrimp plots: t2"),
        (["--all-plots", "--product", "thuoc"], "may not be used on rice-shrimp plots: t2"),
        (["--plots", "t1", "--product", "cam"], "the list 75-2025 bans 'cam'"),
        (["--plots", "t1", "--dose", "2", "--unit", "L/mu"], "write mu-cn"),
        (["--plots", "t1", "--dose", "2", "--unit", "L"], "is no dose"),
        (["--plots", ","], "a job needs a plot"),
        (["--plots", "t1", "--pilot", "p9"], "has no pilot 'p9'"),
    ],
)
def test_a_job_that_may_not_be_done_is_refused(planned: Run, told: list[str], words: str) -> None:
    code, _, err = planned(*PLAN, *told)
    assert code in {FAILED, WRONG_USE}
    assert words in err
    assert rows(planned, "job", "list", "htx") == []


def test_the_demonstration_is_filled_in_again_without_a_change(run: Run) -> None:
    code, _, err = run("registry", "seed-demo", "--plots", "8", "--day", "2026-11-26")
    assert (code, "8 plots" in err) == (DONE, True)
    before = {kind: rows(run, kind, "list", "demo") for kind in ("member", "drone", "sensor", "pilot", "site", "job")}
    assert all(before.values())
    assert run("registry", "seed-demo", "--plots", "8", "--day", "2026-11-26")[0] == DONE
    assert {kind: rows(run, kind, "list", "demo") for kind in before} == before
    run("cooperative", "add", "demo", "--name", "Của người khác")
    code, _, err = run("registry", "seed-demo")
    assert (code, "nothing was filled in" in err) == (FAILED, True)
