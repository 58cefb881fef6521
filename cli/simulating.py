"""What commands that simulate share: a bar while drones fly, files that are not replaced unasked, dates."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cli import output
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.model.traffic import Stream
    from simulators.world import Made, World


def refuse_to_replace(path: Path, *, force: bool) -> None:
    """Stop before long work where its file could not be written.

    Raises:
        ConfigError: The file or the truth beside it is there and may not be replaced, or its folder is not there.
    """
    from storage.runs import truth_path  # noqa: PLC0415

    for file in (path, truth_path(path)):
        if file.is_dir():
            raise ConfigError(f"{file} is a folder: give a file's name")
        if file.exists() and not force:
            raise ConfigError(f"{file} is there already; --force replaces it")
    if not path.parent.is_dir():
        raise ConfigError(f"{path}: there is no folder {path.parent}")


def made(world: World) -> list[Made]:
    """Everything that a world sends, with a bar on stderr (plain lines where that is no terminal)."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import track  # noqa: PLC0415

    console = Console(stderr=True)
    total = world.parts
    parts = world.made()
    if console.is_terminal:
        return list(track(parts, "đang bay / flying", total=total, console=console))
    found: list[Made] = []
    for part in parts:
        found.append(part)
        if 10 * len(found) // total > 10 * (len(found) - 1) // total:
            output.note(f"flying: {len(found)} of {total} drones and days")
    return found


def whole_days_back(streams: Sequence[Stream], speed: float) -> int:
    """Milliseconds to add to every time, whole days, so that the run ends less than a day before its end is sent.

    ``speed`` is how many times faster than time it is sent; 0 is at once.
    """
    from simulators.sending.outgoing import span_ms  # noqa: PLC0415
    from simulators.world import DAY_MS  # noqa: PLC0415

    first_ms, last_ms = span_ms(streams)
    sent_ms = time.time_ns() // 1_000_000 + (int((last_ms - first_ms) / speed) if speed else 0)
    return (sent_ms - last_ms) // DAY_MS * DAY_MS
