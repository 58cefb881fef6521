"""The page of supported formats is made from the code."""

from __future__ import annotations

from pathlib import Path

from ingest import sensors, supported_formats
from ingest.codecs import native_json
from ingest.flightlogs import readers


def test_the_page_is_fresh() -> None:
    kept = supported_formats.PATH.read_text(encoding="utf-8")
    assert kept == supported_formats.page(), "run: python -m ingest.supported_formats"


def test_every_format_has_a_heading_and_a_row() -> None:
    page = supported_formats.page()
    for name in [*(reader.FORMAT for reader in readers()), native_json.FORMAT]:
        assert f"### {name}\n" in page
        assert f"| [{name}](#{name}) |" in page
    assert "``" not in page
    assert ":mod:" not in page


def test_every_sensor_has_a_row_and_every_field_says_what_it_becomes() -> None:
    page = supported_formats.page()
    for name in sensors.families():
        assert f"### Sensors: {name}\n" in page
    for sensor in sensors.sensors():
        assert f"| {sensor.name} | `{sensor.models[0]}`" in page
    assert "| Milesight EM500-UDL | `distance` | mm | `distance` | m |\n" in page
    assert "| SenseCAP S2120 | `4101` | Pa | `air_pressure` | hPa |\n" in page
    assert "| Milesight EM500-PP | `em500pp` | by its name only |\n" in page


def test_the_page_is_written(tmp_path: Path) -> None:
    supported_formats.write(tmp_path / "page.md")
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == supported_formats.page()
