"""A PostgreSQL with PostGIS for one run, with its stock settings, in a folder of its own, ended by its pid."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import psycopg
from sqlalchemy import URL

from bench.servers import free_port

_DEBIAN: Final = Path("/usr/lib/postgresql")
_EXTENSIONS: Final = Path("/usr/share/postgresql")
_PATIENCE_S: Final = 30.0
_OWNER: Final = "bench"


def programs() -> Path | None:
    """The folder of initdb and postgres, where PostGIS is installed beside them."""
    found = sorted(_DEBIAN.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found or not (_EXTENSIONS / found[-1].parts[-3] / "extension/postgis.control").exists():
        return None
    return found[-1].parent


@contextmanager
def postgis(binaries: Path) -> Iterator[URL]:
    """Run a server until the block ends; gives the URL of its database ``postgres``.

    Args:
        binaries: What :func:`programs` has found.

    Raises:
        RuntimeError: The server ends by itself, or does not answer.
    """
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    folder = Path(mkdtemp(prefix="canhdong-bench-postgres-"))
    try:
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        port, password = free_port(), secrets.token_urlsafe(12)
        _make(binaries, folder, password, user)
        with _running(binaries, folder, port, user) as process:
            url = URL.create("postgresql", _OWNER, password, "127.0.0.1", port, "postgres")
            _await(process, url)
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def database(url: URL, name: str) -> URL:
    """A new database on the server, with PostGIS in it."""
    _run(url, f'CREATE DATABASE "{name}"')
    _run(made := url.set(database=name), "CREATE EXTENSION postgis")
    return made


def _make(binaries: Path, folder: Path, password: str, user: str | None) -> None:
    """Make the data folder, with a password for its one role."""
    secret = folder / "secret"
    secret.write_text(password, encoding="utf-8")
    secret.chmod(0o644)
    made = ["-D", str(folder / "data"), "-U", _OWNER, f"--pwfile={secret}", "--auth=scram-sha-256", "-E", "UTF8"]
    command = [str(binaries / "initdb"), *made, "--no-sync", "--locale=C.UTF-8"]
    subprocess.run(command, user=user, check=True, stdout=subprocess.DEVNULL)
    secret.unlink()


@contextmanager
def _running(binaries: Path, folder: Path, port: int, user: str | None) -> Iterator[subprocess.Popen[bytes]]:
    options = ["-h", "127.0.0.1", "-p", str(port), "-k", str(folder)]
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), *options]
    with subprocess.Popen(command, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)  # which ends the server at once, whoever is connected
            process.wait(_PATIENCE_S)


def _await(process: subprocess.Popen[bytes], url: URL) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            _run(url, "SELECT 1")
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > until_s:
                raise RuntimeError(f"postgres does not answer: {error}") from error
            time.sleep(0.05)
        else:
            return


def _run(url: URL, statement: str) -> None:
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(statement.encode())
