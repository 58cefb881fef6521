"""tipg (https://developmentseed.org/tipg/), an OGC API over the tables of a PostGIS, in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

WANTED: Final = ("tipg>=1.6,<2", "uvicorn>=0.32")
_HOME: Final = Path("build/bench-api/tipg")
_PATIENCE_S: Final = 600


def environment() -> Path | None:
    """The Python of an environment that has tipg, made where there is none; None where it cannot be installed."""
    python = _HOME / "bin/python"
    install = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *WANTED)
    try:
        if not python.exists():
            subprocess.run((sys.executable, "-m", "venv", str(_HOME)), check=True, timeout=_PATIENCE_S)
        if subprocess.run((str(python), "-c", "import tipg"), check=False, capture_output=True).returncode:
            subprocess.run(install, check=True, timeout=_PATIENCE_S)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"tipg could not be installed: {error}", file=sys.stderr)
        return None
    return python.absolute()


def paths(window: str) -> tuple[str, str]:
    """The plots of a window, and the statement, out of the plain route's own tables."""
    plots = f"/collections/public.plain_plot/items?bbox={window}&limit=1000&f=geojson"
    return plots, "/collections/public.plain_statement/items/1?f=geojson"


def start(python: Path, url: str, port: int) -> subprocess.Popen[bytes]:
    """Serve the tables of a database; ``url`` is SQLAlchemy's."""
    known = {
        "DATABASE_URL": url.replace("postgresql+psycopg://", "postgresql://"),
        "TIPG_DB_SCHEMAS": '["public"]',
        "TIPG_DB_ONLY_SPATIAL_TABLES": "false",
    }
    served = ("-m", "uvicorn", "tipg.main:app", "--host", "127.0.0.1", "--port", str(port))
    quiet = ("--log-level", "warning", "--no-access-log")
    return subprocess.Popen((str(python), *served, *quiet), env=os.environ | known)
