"""A real PostgreSQL with PostGIS for tests, in a folder of its own, on a socket and a free port, ended by its pid."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import psycopg
import pytest
from sqlalchemy import URL

from tests.support.processes import free_port
from tests.support.servers import REQUIRED

_DEBIAN: Final = Path("/usr/lib/postgresql")
_ICU_SINCE: Final = 15
_TEMPLATE: Final = "canhdong_template"
OWNER: Final = "chu"
"""The role that owns the tables."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server; ``password`` is the owner's."""

    port: int
    password: str

    def url(self, database: str, user: str = OWNER, password: str = "") -> URL:
        return URL.create("postgresql", user, password or self.password, "127.0.0.1", self.port, database)

    def run(self, statement: str, database: str = "postgres") -> None:
        """A statement as the owner."""
        url = self.url(database).render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)

    def database(self, name: str, template: str = _TEMPLATE) -> URL:
        """A database of that name, made where it is not there yet, with PostGIS in it."""
        url = self.url("postgres").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if there is None:
                connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)


def _programs() -> Path:
    """Where initdb and postgres are, with PostGIS beside them; the test skips, or fails, where they are missing."""
    found = sorted(_DEBIAN.glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    words = "postgresql is not installed (make servers)"
    if found:
        control = Path("/usr/share/postgresql") / found[-1].parts[-3] / "extension/postgis.control"
        if control.exists():
            return found[-1].parent
        words = "PostGIS is not installed (make servers)"
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{words}, and {REQUIRED}=1 says that it must be")
    pytest.skip(words)


def _user() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as its own user."""
    return "postgres" if os.geteuid() == 0 else None


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server, ended at the end; its folder lies where another user may reach it."""
    programs = _programs()
    folder = Path(mkdtemp(prefix="canhdong-postgres-"))
    user, port, password = _user(), free_port(), secrets.token_urlsafe(12)
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    secret = folder / "secret"
    secret.write_text(password)
    secret.chmod(0o644)
    made = ["-D", str(folder / "data"), "-U", OWNER, f"--pwfile={secret}", "--auth=scram-sha-256", "-E", "UTF8"]
    # a locale that does not sort by code points, as on most servers, where there is one
    subprocess.run(
        [programs / "initdb", *made, "--no-sync", "--locale=C.UTF-8"], user=user, check=True, stdout=subprocess.DEVNULL
    )
    secret.unlink()
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": folder,
        "fsync": "off",
        "autovacuum": "off",
        "max_connections": 60,
    }
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *settings], user=user, stdout=log, stderr=log
        )
    server = Postgres(port, password)
    try:
        _await(process, server, folder / "log")
        server.database(_TEMPLATE, "template0")
        server.run("CREATE EXTENSION postgis", _TEMPLATE)
        yield server
    finally:
        process.terminate()
        process.wait(20.0)
        shutil.rmtree(folder, ignore_errors=True)


def _await(process: subprocess.Popen[bytes], server: Postgres, log: Path) -> None:
    deadline = time.monotonic() + 30.0
    while True:
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            assert process.poll() is None, log.read_text()[-2_000:]
            assert time.monotonic() < deadline, "postgres did not answer in time"
            time.sleep(0.05)
        else:
            return
