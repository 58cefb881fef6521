"""A registry whose plots, devices and calibrations were read once: what the pieces of a batch ask for every flight."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, Final, TypeVar, cast

import shapely

from core.model.fleet import Calibration
from core.model.land import Device, Plot
from core.model.versions import Versioned
from core.registry import Registry
from geo.archivesource import Opener, opened

R = TypeVar("R", bound=Versioned)
Box = tuple[float, float, float, float]
_KEPT: Final = 16


class KnownLand:
    """A registry in front of another one, as that was when this was made; what it does not know the other answers.

    Answers for one cooperative only come from memory, and are those that the registry would give. Safe from several
    threads, where the registry is.
    """

    def __init__(self, registry: Registry, cooperative: str) -> None:
        self._registry = registry
        self._cooperative = cooperative
        self._devices = {it.device: it for it in registry.records(Device, cooperative, retired=True)}
        self._calibrations = registry.records(Calibration, cooperative)
        newest = registry.records(Plot, cooperative, retired=True)
        self._histories = {
            it.plot: [it] if it.version == 1 else registry.history(Plot, cooperative, it.plot) for it in newest
        }
        self._versions = [it for history in self._histories.values() for it in history]
        self._bounds = shapely.bounds([it.boundary for it in self._versions]).reshape(-1, 4)

    def __getattr__(self, name: str) -> Any:
        """Everything else is the registry's."""
        return getattr(self._registry, name)

    def record(self, kind: type[R], cooperative: str, *key: str, version: int | None = None) -> R:
        """See :class:`core.registry.Registry`."""
        if kind is Device and cooperative == self._cooperative and version is None and key[0] in self._devices:
            return cast("R", self._devices[key[0]])
        return self._registry.record(kind, cooperative, *key, version=version)

    def records(self, kind: type[R], cooperative: str, **which: Any) -> list[R]:
        """See :class:`core.registry.Registry`."""
        if kind is Calibration and cooperative == self._cooperative and not which:
            return cast("list[R]", self._calibrations)
        return self._registry.records(kind, cooperative, **which)

    def history(self, kind: type[R], cooperative: str, *key: str) -> list[R]:
        """See :class:`core.registry.Registry`."""
        if kind is Plot and cooperative == self._cooperative and key[0] in self._histories:
            return cast("list[R]", self._histories[key[0]])
        return self._registry.history(kind, cooperative, *key)

    def plots(self, cooperative: str, bbox: Box | None = None, at_ms: int | None = None) -> list[Plot]:
        """See :class:`core.registry.Registry`."""
        if cooperative != self._cooperative or bbox is None:
            return self._registry.plots(cooperative, bbox, at_ms)
        west, south, east, north = bbox
        bounds = self._bounds
        meets = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
        found = [self._versions[k] for k in meets.nonzero()[0].tolist()]
        return [it for it in found if not it.retired and it is self._standing(it.plot, at_ms)]

    def _standing(self, plot: str, at_ms: int | None) -> Plot | None:
        """The last version of a plot, or the last that was valid at a time."""
        valid = [it for it in self._histories[plot] if at_ms is None or it.valid_from_ms <= at_ms]
        return valid[-1] if valid else None


_KNOWN: OrderedDict[tuple[Opener, str, str], Registry] = OrderedDict()
_READING: Final = threading.Lock()


def known_land(opener: Opener, cooperative: str, run: str) -> Registry:
    """The registry of this process's ports, its land read once for a run of a batch; without a run, the registry.

    ``run`` names the run: another one reads anew.
    """
    registry = opened(opener).registry
    if not run:
        return registry
    key = opener, cooperative, run
    with _READING:
        if key not in _KNOWN:
            _KNOWN[key] = cast("Registry", KnownLand(registry, cooperative))
            while len(_KNOWN) > _KEPT:
                _KNOWN.popitem(last=False)
        return _KNOWN[key]
