"""The page of supported formats is made from the code."""

from __future__ import annotations

from pathlib import Path

from ingest import supported_formats
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


def test_the_page_is_written(tmp_path: Path) -> None:
    supported_formats.write(tmp_path / "page.md")
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == supported_formats.page()
