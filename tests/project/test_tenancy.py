"""The API sees tenants and never the ports of the stores: what a route cannot name, it shows to nobody."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.support.shared import ROOT

DOORS = {
    "app.py",  # hands the ports over
    "books.py",
    "filedesk.py",
    "results.py",
    "staff.py",
    "surroundings.py",
    "tenancy.py",
    "identity/doorkeeper.py",
    "identity/enrolment.py",
    "ogc/sources.py",
}
"""What fills ports, and what :mod:`api.tenancy` opens for one cooperative. Everything else in ``api`` is walked."""
LEFT_OUT = ("statements/", "exports/", "uploads/", "live/", "complaint", "sensorthings/")
"""Parts whose own desks are opened by :mod:`api.tenancy`, or that are handed their ports by ``cli``."""
FILES = {str(path.relative_to(ROOT / "api")): path for path in sorted((ROOT / "api").rglob("*.py"))}
WALKED = {name: path for name, path in FILES.items() if name not in DOORS and not name.startswith(LEFT_OUT)}
PORTS = {
    "core.registry": {"Registry"},
    "core.ports": {"TelemetryStore", "DeadLetters"},
    "core.accounts": {"AccountStore"},
    "core.archive": {"FlightArchive"},
    "core.intake": {"IntakeStore"},
}
"""Where the ports of stores are, by module."""
HIDDEN = {"_registry", "_store", "_accounts", "_results"}
"""What only the object itself touches; and nobody but :mod:`api.tenancy` calls ``sources``."""


def breaches(source: str) -> set[str]:
    """What a route's source names that it must not."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {alias.name for alias in node.names}
            found |= {f"{node.module}.{name}" for name in names & PORTS.get(node.module, set())}
            if node.module.split(".")[0] == "storage" or node.module == "api.results":
                found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {it.name for it in node.names if it.name in PORTS or it.name.split(".")[0] == "storage"}
        elif isinstance(node, ast.Attribute) and node.attr in HIDDEN and not _own(node):
            found.add(node.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sources":
            found.add(node.func.attr)
    return found


def _own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


@pytest.mark.parametrize("path", WALKED.values(), ids=WALKED.keys())
def test_nothing_but_the_doors_names_a_store(path: Path) -> None:
    assert breaches(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    "source",
    [
        "from core.registry import Registry",
        "from core.ports import Clock, TelemetryStore",
        "import core.registry",
        "from storage.urls import open_registry",
        "house.sources(who, 'x')",
        "tenant._registry.plots('x')",
    ],
)
def test_a_breach_is_found(source: str) -> None:
    assert breaches(source)
