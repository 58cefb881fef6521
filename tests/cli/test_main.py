"""The command line's frame: exit codes, help, one file per command."""

from __future__ import annotations

import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import cli.commands
from cli.command import commands
from cli.main import main

WRONG_USE = 2


def test_every_command_has_help_and_a_name_of_its_own() -> None:
    found = list(commands())
    modules = {type(c).__module__ for c in found if type(c).__module__ != "cli.registering"}
    assert len({c.name for c in found}) == len(found) >= len(list(pkgutil.iter_modules(cli.commands.__path__)))
    assert modules <= {f"cli.commands.{m.name}" for m in pkgutil.iter_modules(cli.commands.__path__)}
    assert all(inspect.getdoc(c) and c.vietnamese for c in found)


@pytest.mark.parametrize("command", [c.name for c in commands()])
def test_help_ends_with_0(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([*command.split(), "--help"])
    assert end.value.code == 0
    assert "usage: canhdong" in capsys.readouterr().out


@pytest.mark.parametrize("argv", [[], ["nothing"], ["area"], ["plots"], ["log", "--jsn"]])
def test_wrong_use_ends_with_2(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(argv)
    assert end.value.code == WRONG_USE


def test_work_that_fails_ends_with_1_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nothing = tmp_path / "no-log.bin"
    nothing.write_bytes(b"neither this nor that")
    assert main(["log", str(nothing)]) == 1
    printed = capsys.readouterr()
    assert "no-log.bin" in printed.err
    assert printed.out == ""


def test_the_frame_is_quick_to_start() -> None:
    """Heavy imports stand inside ``run``: help must not load geometry, MQTT or databases."""
    code = (
        "import sys, cli.main; cli.main._parser(); "
        "sys.exit(' '.join(m for m in ('paho', 'sqlalchemy', 'fastapi', 'pyproj', 'pyogrio') if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")
