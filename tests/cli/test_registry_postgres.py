"""The registry's commands on a real PostgreSQL, as a province would set it up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.main import DONE, FAILED, WRONG_USE, main
from tests.support.postgres import running_postgres

Run = Callable[..., tuple[int, str, str]]


def test_a_province_sets_its_registry_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*argv: str) -> tuple[int, str, str]:
        code = main(list(argv))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    with running_postgres() as server:
        url = server.database("tinh")
        secret = tmp_path / "secret"
        secret.write_text(server.password + "\n")
        monkeypatch.setenv("CANHDONG_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("CANHDONG_REGISTRY_URL", f"postgresql://{url.username}@127.0.0.1:{url.port}/tinh")
        code, _, err = run("cooperative", "list")
        assert code == FAILED
        assert "password" in err
        monkeypatch.setenv("CANHDONG_REGISTRY_PASSWORD_FILE", str(secret))
        code, _, err = run("cooperative", "list")
        assert (code, "run canhdong registry migrate" in err) == (WRONG_USE, True)
        for _ in range(2):
            code, _, err = run("registry", "init")
            assert (code, "14,149 administrative units" in err) == (DONE, True)
        assert run("registry", "migrate")[0] == DONE
        assert run("registry", "seed-demo", "--plots", "6")[0] == DONE
        plots = json.loads(run("plots", "list", "--json")[1])["plots"]
        assert len(plots) == 6
        code, _, err = run("plots", "export", str(tmp_path / "p.gpkg"), "--crs", "EPSG:5897")
        assert code == DONE, err
        assert "0 stand in a later version" in run("plots", "import", str(tmp_path / "p.gpkg"))[2]
