"""What ``replay``, ``simulate`` and ``demo`` share: register what will publish, publish it, show how far it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cli import output, wiring
from core.errors import ConfigError
from core.model.land import Cooperative, Device, Plot
from core.ports import MessageBus
from core.registry import Registry

if TYPE_CHECKING:
    from simulators.player import Progress, Published, Stream


def register(registry: Registry, cooperative: Cooperative, devices: Sequence[Device], plots: Sequence[Plot]) -> None:
    """Make the registry know the cooperative and the devices (kept as they are where it knows them), and the plots."""
    if cooperative.cooperative not in {c.cooperative for c in registry.cooperatives()}:
        registry.add_cooperative(cooperative)
    owner = cooperative.cooperative
    known = {device.device for device in registry.devices(owner)}
    registry.put_all([replace(d, cooperative=owner) for d in devices if d.device not in known])
    registry.put_all([replace(plot, cooperative=owner) for plot in plots])


def checked_speed(speed: float) -> float:
    """A speed that time can run at; 0 means as fast as it goes.

    Raises:
        ConfigError: It is negative or not a number.
    """
    if not 0.0 <= speed < float("inf"):
        raise ConfigError(f"--speed {speed:g}: give how many times faster than real time, or 0 for as fast as it goes")
    return speed


@contextmanager
def progress_bar(label: str) -> Iterator[Any]:
    """A bar on stderr for :class:`simulators.player.Progress`; plain lines where stderr is no terminal."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f} samples"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    tenth = -1

    with Bar(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)

        def show(progress: Progress) -> None:
            nonlocal tenth
            bar.update(task, total=progress.total, completed=progress.sent)
            now = 10 * progress.sent // max(progress.total, 1)
            if not console.is_terminal and now > tenth:
                tenth = now
                output.note(f"{label}: {progress.sent:,} of {progress.total:,} samples")

        yield show


def publish(
    streams: Sequence[Stream], bus: MessageBus, cooperative: str, *, speed: float, stop: threading.Event, label: str
) -> Published:
    """Play streams to the broker with a progress bar; dated back so that the run ends at the wall clock."""
    from ingest.clock import SystemClock  # noqa: PLC0415
    from simulators.player import play  # noqa: PLC0415

    with progress_bar(label) as show:
        return play(streams, bus, cooperative, speed=speed, clock=SystemClock(), stop=stop, progress=show)


def play_and_tell(
    streams: Sequence[Stream], cooperative: str, speed: float, stop: threading.Event, label: str, *, as_json: bool
) -> int:
    """Publish over a connection of its own and say what was published; 1 where it was stopped before the end."""
    client_id = f"canhdong-{label}-{threading.get_native_id()}"
    with wiring.bus(client_id) as bus:
        published = publish(streams, bus, cooperative, speed=speed, stop=stop, label=label)
    if as_json:
        output.print_json(published)
    else:
        output.note(
            f"published {published.fixes:,} fixes, {published.events:,} events and {published.readings:,} readings "
            f"in {published.messages:,} messages within {published.wall_s:.1f} s; the broker acknowledged them all"
        )
    return 1 if stop.is_set() else 0
