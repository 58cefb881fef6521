"""The API sees tenants and never the ports of the stores: what a route cannot name, it shows to nobody."""

from __future__ import annotations

import ast

import pytest

from tests.support.shared import ROOT

FILLED = {"app.py", "tenancy.py"}
"""The one opens nothing and hands the ports over; the other opens them, to a principal."""
DESKS = {
    "books.py": "Books",
    "filedesk.py": "FileDesk",
    "plotmap.py": "PlotMap",
    "staff.py": "Staff",
    "statements/desk.py": "StatementDesk",
    "surroundings.py": "Surroundings",
}
"""What :mod:`api.tenancy` opens for one principal, by file: nobody else makes one."""
PARTS = {
    "complaints.py": {"Complaints"},
    "filedesk.py": {"FileParts"},
    "live/desk.py": {"LiveDesk"},
    "ogc/sources.py": {"sources", "Listed", "Drawn"},
    "results.py": {"Results"},
    "statements/desk.py": {"Issuer", "Pictures"},
    "statements/issuing.py": {"Papers"},
    "surroundings.py": {"Sides"},
}
"""What holds ports and is held by a house, a desk, or a part, by file. No route names them."""
WORKERS = {
    "identity/doorkeeper.py",  # finds out who the principal is
    "identity/enrolment.py",  # makes principals
    "identity/sign_on.py",  # finds out who the principal is, by a provider's word
    "live/feeder.py",  # fills the live desk, and answers nobody
}
DOORS = FILLED | set(DESKS) | set(PARTS) | WORKERS
FILES = {str(path.relative_to(ROOT / "api")): path for path in sorted((ROOT / "api").rglob("*.py"))}
WALKED = {name: path for name, path in FILES.items() if name not in DOORS}
PORTS = {
    "core.registry": {"Registry"},
    "core.ports": {"TelemetryStore", "DeadLetters"},
    "core.accounts": {"AccountStore"},
    "core.alerts": {"AlertLog"},
    "core.answers": {"AnswerStore"},
    "core.archive": {"FlightArchive"},
    "core.contexts": {"Contexts"},
    "core.intake": {"IntakeStore", "AccountSource", "Spool"},
    "core.live": {"LiveRing"},
    "core.shapes": {"ShapeStore"},
    "core.statement": {"StatementStore"},
    "core.uploads": {"UploadStore"},
    "geo.archivesource": {"Ports", "ArchivedFlights"},
    "geo.exporting": {"FlightFiles"},
    "ingest.uploads.desk": {"Uploading", "FilledTelemetry"},
} | {f"api.{name.removesuffix('.py').replace('/', '.')}": names for name, names in PARTS.items()}
"""The ports of stores, and what holds some, by module."""
HIDDEN = {
    *(
        "_registry",
        "_store",
        "_accounts",
        "_results",
        "_live",
        "_issuer",
        "_complaints",
        "_files",
        "_answers",
        "_sides",
        "_shapes",
    ),
    *("registry", "store", "accounts", "archive", "ports", "papers", "parts", "uploading", "ring", "hub"),
}
"""What only the object itself touches; and nobody but :mod:`api.tenancy` calls ``sources``."""
OPEN = {("metrics.py", "hub")}
"""Counts listeners of all cooperatives together."""


def breaches(source: str, name: str = "") -> set[str]:
    """What a source names that it must not."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {alias.name for alias in node.names}
            found |= {f"{node.module}.{it}" for it in names & PORTS.get(node.module, set())}
            if node.module.split(".")[0] == "storage":
                found.add(node.module)
            found |= {f"{node.module}.{it}" for it in names if f"{node.module}.{it}" in PORTS}
        elif isinstance(node, ast.Import):
            found |= {it.name for it in node.names if it.name in PORTS or it.name.split(".")[0] == "storage"}
        elif isinstance(node, ast.Attribute) and node.attr in HIDDEN and not _own(node):
            found |= {node.attr} if (name, node.attr) not in OPEN else set()
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sources":
            found.add(node.func.attr)
    return found


def _own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def made(source: str) -> set[str]:
    """Desks that a source makes."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    names = {it.id if isinstance(it, ast.Name) else getattr(it, "attr", "") for it in calls}
    return names & set(DESKS.values())


@pytest.mark.parametrize("name", WALKED)
def test_nothing_but_the_doors_names_a_store(name: str) -> None:
    assert breaches(WALKED[name].read_text(encoding="utf-8"), name) == set()


@pytest.mark.parametrize("part", ["statements", "exports", "uploads", "live", "sensorthings", "routes", "ogc"])
def test_every_part_is_walked(part: str) -> None:
    assert any(name.startswith(f"{part}/") for name in WALKED)


def test_doors_exist_and_are_needed() -> None:
    """What names no store any more is walked like everything else."""
    assert set(FILES) >= DOORS
    idle = {name for name in DOORS if not breaches(FILES[name].read_text(encoding="utf-8"), name)}
    assert idle == set()


def test_desks_are_made_in_one_place() -> None:
    makers = {name: made(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
    assert {name for name, desks in makers.items() if desks} == {"tenancy.py"}
    assert makers["tenancy.py"] == set(DESKS.values())


@pytest.mark.parametrize(("name", "desk"), DESKS.items())
def test_no_desk_opens_without_a_principal(name: str, desk: str) -> None:
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"))
    (found,) = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == desk)
    init = [node for node in found.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    told: dict[str, ast.expr | None] = {it.arg: it.annotation for it in init[0].args.args} if init else {}
    fields = [it for it in found.body if isinstance(it, ast.AnnAssign) and it.value is None]
    told |= {it.target.id: it.annotation for it in fields if isinstance(it.target, ast.Name)}
    principal = told.get("principal")
    assert isinstance(principal, ast.Name)
    assert principal.id == "Principal"


@pytest.mark.parametrize(
    "source",
    [
        "from core.registry import Registry",
        "from core.ports import Clock, TelemetryStore",
        "from core.uploads import Upload, UploadStore",
        "from geo.archivesource import Ports",
        "from api.complaints import Complaints",
        "from api.live.desk import LiveDesk",
        "import core.registry",
        "from core import registry",
        "from storage.urls import open_registry",
        "house.sources(who, 'x')",
        "tenant._registry.plots('x')",
        "tenant.files.parts.uploading.uploads.upload('x', 1)",
        "tenant.surroundings.registry.plots('x')",
        "desk.papers.kept.issued(subject)",
    ],
)
def test_a_breach_is_found(source: str) -> None:
    assert breaches(source)


def test_a_desk_made_elsewhere_is_found() -> None:
    assert made("from api import filedesk\nfiledesk.FileDesk(None, None, 'x', None, None)") == {"FileDesk"}
