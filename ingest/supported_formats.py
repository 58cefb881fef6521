"""docs/supported-formats.md, made from the readers of logs, the codecs of payloads and the mappings of sensors.

``python -m ingest.supported_formats`` writes it; a test fails where it is stale.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

from ingest import codecs, flightlogs, sensors
from ingest.quantities import UNITS

PATH: Final = Path(__file__).resolve().parents[1] / "docs" / "supported-formats.md"
_INTRODUCTION: Final = """\
# Supported formats

Made from the code by `python -m ingest.supported_formats`: change the docstring of the reader or codec, not this page.

## Logs of flights and work

`canhdong log`, `canhdong area` and `canhdong replay` read these; `canhdong log FILE` tells what a file holds. The
format is found by the content of a file, not by its name. A zip that holds a single log is read like the log itself.
Times are UTC, positions WGS 84. Bad rows are counted by reason, damage is named with its byte or line. Where a log does
not tell when the implement was on, nothing counts as treated, unless you say so with `--assume-on`.
"""
_CODECS: Final = """\
## Payloads over MQTT

`canhdong ingest` takes these. `+` stands for one level of the topic.
"""
_SENSORS: Final = """\
## Field sensors behind LoRaWAN network servers

ChirpStack and The Things Stack hand over what the decoder set there made of the bytes: use the maker's own. The model
is told by the name that the server gives (tag `model`, device profile, version), marks and case aside; else by fields
that stand together with no other model. What no table knows is kept as a dead letter (`mapping`), not guessed.
"""
_ROLE: Final = re.compile(r":(?:mod|class|func|data|meth):`~?([^`]+)`")
_LEAD: Final = re.compile(r"^(Used|Not told|Spraying|Source)(?=:)", re.MULTILINE)


def page() -> str:
    """The text of the page."""
    readers, payloads = _modules(flightlogs), _modules(codecs)
    parts = [
        _INTRODUCTION,
        _table(("format", "file endings", "what"), [_row(m, m.EXTENSIONS) for m in readers]),
        *(_section(m) for m in readers),
        _CODECS,
        _table(("format", "topics", "what"), [_row(m, m.TOPICS) for m in payloads]),
        *(_section(m) for m in payloads),
        _SENSORS,
        _table(("sensor", "name holds", "or fields"), [_told_by(sensor) for sensor in sensors.sensors()]),
        *(_family(name, m) for name, m in sensors.families().items()),
    ]
    return "\n".join(parts)


def write(path: Path = PATH) -> None:
    """Write the page."""
    path.write_text(page(), encoding="utf-8")


def _modules(package: ModuleType) -> list[ModuleType]:
    """The modules of a package that describe a format, by its name."""
    names = (m.name for m in pkgutil.iter_modules(package.__path__))
    found = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return sorted((m for m in found if hasattr(m, "FORMAT")), key=lambda m: str(m.FORMAT))


def _row(module: ModuleType, words: Sequence[str]) -> tuple[str, str, str]:
    """A format's row in the table at the top."""
    title = _text(module).partition("\n\n")[0].replace("\n", " ")
    return f"[{module.FORMAT}](#{module.FORMAT})", " ".join(f"`{w}`" for w in words), title


def _section(module: ModuleType) -> str:
    """A format's own heading and text."""
    return f"### {module.FORMAT}\n\n{_text(module)}\n"


def _told_by(sensor: sensors.Sensor) -> tuple[str, str, str]:
    """How a sensor is told: its row in the table of sensors."""
    sets = ", or ".join(" ".join(f"`{name}`" for name in sorted(one)) for one in sensor.signature)
    fields = f"{sets}; and no strange field" if sets and sensor.closed else sets
    return sensor.name, " ".join(f"`{model}`" for model in sensor.models), fields or "by its name only"


def _family(name: str, module: ModuleType) -> str:
    """A family's heading and text, and what its fields become."""
    rows = [(sensor.name, *_becomes(field, it)) for sensor in module.SENSORS for field, it in sensor.fields.items()]
    table = _table(("sensor", "field", "sent in", "quantity", "kept in"), rows)
    return f"### Sensors: {name}\n\n{_text(module)}\n\n{table}"


def _becomes(name: str, field: sensors.Field) -> tuple[str, str, str, str]:
    return f"`{name}`", field.unit, f"`{field.quantity}`", UNITS[field.quantity]


def _text(module: ModuleType) -> str:
    """A module's docstring as Markdown."""
    text = _ROLE.sub(r"`\1`", inspect.cleandoc(module.__doc__ or "")).replace("``", "`")
    return _LEAD.sub(r"**\1**", text)


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    write()
