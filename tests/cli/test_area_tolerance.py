"""`canhdong area --tolerance`: expected areas and grades in JSON, table and CSV."""

from __future__ import annotations

import csv as reader
from pathlib import Path

import pytest

from cli.main import main
from core.model.enums import Mode
from tests.cli.test_area_tables import area, columns, csv, field, flown, parquet


def test_json_has_the_expected_area_with_its_bounds_and_the_grades(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fixes, plots = parquet(tmp_path, flown(slice(0, 6), "a")), field(tmp_path)
    plain, told = area(capsys, fixes, "--plots", plots), area(capsys, fixes, "--plots", plots, "--tolerance")
    keys = {"net_expected_m2", "net_low_m2", "net_high_m2"}
    assert not keys & set(plain["plots"][0])
    assert "trust" not in plain
    for row in (told["plots"][0], told["total"]):
        assert row["net_low_m2"] < row["net_expected_m2"] < row["net_high_m2"] <= row["area_m2"]
    assert told["plots"][0]["net_m2"] == plain["plots"][0]["net_m2"]
    assert told["trust"]["grade"] == "D"
    assert told["trust"]["gnss"]["unknown"] == 1.0
    assert told["trust"]["completeness"] == {
        "grade": "D",
        "expected": 0,
        "missing": 0,
        "share": None,
        "reason": "no_ledger",
    }


def test_the_mode_of_the_fixes_says_which_way_the_receiver_errs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    plots, expected = field(tmp_path), {}
    for mode in (Mode.AUTO, Mode.MANUAL):
        fixes = flown(slice(0, 6), "a")
        path = tmp_path / f"{mode.word}.parquet"
        pq.write_table(pa.table(columns(fixes) | {"mode": [mode.word] * len(fixes)}), path)
        expected[mode] = area(capsys, path, "--plots", plots, "--tolerance")["plots"][0]["net_expected_m2"]
    assert expected[Mode.AUTO] < expected[Mode.MANUAL]


def test_the_table_names_figures_and_grades_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fixes, plots = csv(tmp_path, flown(slice(0, 6), "a")), field(tmp_path)
    assert main(["area", str(fixes), "--plots", str(plots), "--tolerance"]) == 0
    out = capsys.readouterr().out
    for words in (
        "Net expected",
        "Diện tích phun thực ước tính",
        "Độ tin cậy",
        "không có sổ nhận dữ liệu",
        "no ledger",
    ):
        assert words in out
    assert main(["area", str(fixes), "--plots", str(plots)]) == 0
    assert "Net expected" not in capsys.readouterr().out


def test_figures_are_written_as_csv_under_the_same_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fixes, plots, out = parquet(tmp_path, flown(slice(0, 6), "a")), field(tmp_path), tmp_path / "out.csv"
    told = area(capsys, fixes, "--plots", plots, "--tolerance", "--csv", out)
    with out.open(encoding="utf-8", newline="") as lines:
        (row,) = reader.DictReader(lines)
    assert set(row) == set(told["plots"][0])
    for name in ("net_m2", "net_expected_m2", "net_low_m2", "net_high_m2"):
        assert float(row[name]) == pytest.approx(told["plots"][0][name])
    assert row["mass_kg"] == ""
