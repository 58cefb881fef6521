"""What ``replay``, ``simulate`` and ``demo`` share: register what will publish, publish it, show how far it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from cli import output, wiring
from core.errors import ConfigError
from core.model.fleet import Mount
from core.model.land import Cooperative, Device, ForeignDevice, Plot
from core.model.traffic import Run, Stream
from core.ports import MessageBus
from core.registry import Registry

if TYPE_CHECKING:
    from simulators.sending.player import Progress, Published


def register(
    registry: Registry,
    cooperative: Cooperative,
    devices: Sequence[Device],
    plots: Sequence[Plot],
    *,
    aliases: Sequence[ForeignDevice] = (),
    mounts: Sequence[Mount] = (),
) -> None:
    """Make the registry know a cooperative and what is its own.

    The cooperative and its devices are kept as they are where the registry knows them. Whatever is given becomes the
    cooperative's, whoever it says that it belongs to.

    Args:
        registry: Where to.
        cooperative: Whose everything becomes.
        devices: Drones and sensors.
        plots: Its land.
        aliases: The names that its devices have in makers' formats.
        mounts: Where the zero of its sensors lies.

    Raises:
        Conflict: A name in a maker's format is another device's from the same time on.
    """
    owner = cooperative.cooperative
    if owner not in {c.cooperative for c in registry.cooperatives()}:
        registry.add_cooperative(cooperative)
    known = {device.device for device in registry.devices(owner)}
    registry.put_all([replace(d, cooperative=owner) for d in devices if d.device not in known])
    registry.put_all([replace(plot, cooperative=owner) for plot in plots])
    registry.put_all([replace(mount, cooperative=owner) for mount in mounts])
    for alias in aliases:
        registry.add_foreign(replace(alias, cooperative=owner))


def register_run(registry: Registry, run: Run, mounts: Sequence[Mount] = ()) -> None:
    """Make the registry know all cooperatives of a run, each with its own devices, plots, aliases and mounts.

    A cooperative that the run only names (of a device, say) is registered under its identifier.

    Raises:
        ConfigError: Something belongs to nobody.
        Conflict: See :func:`register`.
    """
    named = {c.cooperative: c for c in run.cooperatives}
    mine: list[Device | Plot | ForeignDevice | Mount] = [*run.devices, *run.plots, *run.aliases, *mounts]
    for it in mine:
        if not it.cooperative:
            raise ConfigError(f"{run.name or 'the run'}: it is not told whose this is: {it}")
        named.setdefault(it.cooperative, Cooperative(it.cooperative, it.cooperative))
    for owner, cooperative in named.items():
        register(
            registry,
            cooperative,
            [d for d in run.devices if d.cooperative == owner],
            [p for p in run.plots if p.cooperative == owner],
            aliases=[a for a in run.aliases if a.cooperative == owner],
            mounts=[m for m in mounts if m.cooperative == owner],
        )


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
    """A bar on stderr for :class:`simulators.sending.player.Progress`; plain lines where stderr is no terminal."""
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
    streams: Sequence[Stream],
    bus: MessageBus,
    cooperative: str,
    *,
    speed: float,
    stop: threading.Event,
    label: str,
    shift_ms: int | None = None,
) -> Published:
    """Play streams to the broker with a progress bar; dated back so that the run ends at the wall clock.

    ``cooperative`` is whose the streams are that do not say so; ``shift_ms`` is added to every time instead, where it
    is given.
    """
    from ingest.clock import SystemClock  # noqa: PLC0415
    from simulators.sending.player import play  # noqa: PLC0415

    with progress_bar(label) as show:
        return play(
            streams, bus, cooperative, speed=speed, clock=SystemClock(), stop=stop, progress=show, shift_ms=shift_ms
        )


def play_and_tell(
    streams: Sequence[Stream],
    cooperative: str,
    speed: float,
    stop: threading.Event,
    label: str,
    *,
    as_json: bool,
    shift_ms: int | None = None,
    more: Mapping[str, Any] | None = None,
) -> int:
    """Publish over a connection of its own and say what was published; 1 where it was stopped before the end.

    ``more`` is said before it, where JSON is asked for.
    """
    client_id = f"canhdong-{label}-{threading.get_native_id()}"
    with wiring.bus(client_id) as bus:
        published = publish(streams, bus, cooperative, speed=speed, stop=stop, label=label, shift_ms=shift_ms)
    if as_json:
        output.print_json(dict(more or {}) | asdict(published))
    else:
        output.note(_words(published))
    return 1 if stop.is_set() else 0


def _words(published: Published) -> str:
    counted = [f"{published.fixes:,} fixes", f"{published.events:,} events", f"{published.readings:,} readings"]
    if published.as_they_are:
        counted.append(f"{published.as_they_are:,} messages as they are")
    return (
        f"published {', '.join(counted[:-1])} and {counted[-1]} in {published.messages:,} messages "
        f"within {published.wall_s:.1f} s; the broker acknowledged them all"
    )
