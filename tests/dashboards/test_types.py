"""Rendered boards type-check against Grafana's own types, by tsc: @grafana/schema of npm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.dashboards.asking import boards
from tests.support.servers import REQUIRED, require_server

HERE: Final = Path(__file__).parent / "types"
KINDS: Final = {
    "barchart": "barchart",
    "geomap": "geomap",
    "stat": "stat",
    "state-timeline": "statetimeline",
    "status-history": "statushistory",
    "table": "table",
    "timeseries": "timeseries",
}
"""Panels, and what @grafana/schema calls their options."""
_RAW: Final = "./node_modules/@grafana/schema/dist/types/raw"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the types and tsc."""
    npm = require_server("npm")
    folder = tmp_path_factory.mktemp("types")
    for name in ("package.json", "package-lock.json", "plain.ts"):
        shutil.copy(HERE / name, folder / name)
    words = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    made = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=110, check=False)
    if made.returncode:
        told = f"npm could not install @grafana/schema: {made.stderr[-400:]}"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(told)
        pytest.skip(told)
    return folder


def checks(name: str, board: dict[str, Any]) -> Iterator[str]:
    """A board, and the options and drawing of each of its panels, as constants of Grafana's types."""
    yield f"export const {name}: Board = {json.dumps(board, ensure_ascii=False)};"
    for panel in board["panels"]:
        kind, told = KINDS[panel["type"]], f"{name}_{panel['id']}"
        yield f"export const {told}: Told<{kind}.Options> = {json.dumps(panel['options'], ensure_ascii=False)};"
        custom = panel["fieldConfig"]["defaults"].get("custom")
        if custom:
            yield f"export const {told}_drawn: Told<{kind}.FieldConfig> = {json.dumps(custom, ensure_ascii=False)};"


def compiled(folder: Path, lines: list[str]) -> str:
    """What tsc says of constants; "" where they are of their types."""
    imports = [f"import type * as {it} from '{_RAW}/composable/{it}/panelcfg/x/types.gen';" for it in KINDS.values()]
    (folder / "check.ts").write_text("\n".join(["import type { Board, Told } from './plain';", *imports, *lines]))
    words = [str(folder / "node_modules/.bin/tsc"), "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022"]
    words += ["--module", "preserve", "--moduleResolution", "bundler", "check.ts"]
    told = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=110, check=False)
    return f"{told.stdout}{told.stderr}"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_boards_are_of_grafanas_types(folder: Path, language: str) -> None:
    lines = [line for name, board in boards(language).items() for line in checks(name, board)]
    assert compiled(folder, lines) == ""


def test_what_is_not_of_the_types_is_found(folder: Path) -> None:
    board = boards()["fleet"]
    panel = board["panels"][0]
    for wrong in (
        panel | {"gridPoz": 1},
        panel | {"gridPos": {"x": "0"}},
        panel | {"options": panel["options"] | {"colorMode": "rainbow"}},
        panel | {"fieldConfig": {"defaults": {"unit": 3}, "overrides": []}},
    ):
        told = compiled(folder, list(checks("fleet", board | {"panels": [wrong]})))
        assert told.count("error TS") == told.count("TS2322") + told.count("TS2353") + told.count("TS2820") > 0, told
