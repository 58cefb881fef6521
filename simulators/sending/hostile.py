"""A device that sends what nobody should send, as messages byte for byte."""

from __future__ import annotations

import numpy as np

from core.errors import ConfigError
from core.model.land import DeviceKind
from core.model.traffic import RawMessage, Stream
from simulators.sending.hostileacts import ACTS, CONFLICT, DUPLICATE, EXPECTED, FLAGGED, NASTY, STORED, UNHEARD, Scene
from simulators.specs import Hostile

__all__ = ["CONFLICT", "DUPLICATE", "EXPECTED", "FLAGGED", "NASTY", "STORED", "UNHEARD", "hostile"]

_MINUTE_MS = 60_000.0


def hostile(  # noqa: PLR0917
    spec: Hostile, cooperative: str, other: str, start_ms: int, end_ms: int, rng: np.random.Generator
) -> Stream:
    """All that a hostile device sends from a time to another, in true time.

    It acts ``acts_per_min`` times a minute, in rounds of all kinds in an order of chance; one act may be several
    messages. :data:`EXPECTED` says by kind what ingest has to make of it, where the device is registered as a drone of
    its cooperative.

    Args:
        spec: The device, how often it acts, and how.
        cooperative: Whose device it is, where the spec does not say so.
        other: Whose topics it tries to write to; not its own cooperative.
        start_ms: From when on.
        end_ms: Until when.
        rng: The source of chance.

    Raises:
        ConfigError: There is no such kind of act, or both cooperatives are the same.
    """
    kinds = list(spec.kinds) or list(ACTS)
    unknown = sorted(set(kinds) - set(ACTS))
    if unknown:
        raise ConfigError(f"hostile {spec.device}: no kind {', '.join(unknown)}; there are {', '.join(ACTS)}")
    scene = Scene(spec.device, spec.cooperative or cooperative, other, rng)
    if scene.cooperative == other:
        raise ConfigError(f"hostile {spec.device}: name another cooperative than its own ({other}) to be attacked")
    sent: list[RawMessage] = []
    step_ms = _MINUTE_MS / spec.acts_per_min if spec.acts_per_min > 0.0 else float("inf")
    begin = float(start_ms) if spec.acts_per_min > 0.0 else float(end_ms)
    round_of: list[str] = []
    while begin < end_ms:
        round_of = round_of or [kinds[i] for i in rng.permutation(len(kinds)).tolist()]
        kind = round_of.pop()
        at_ms = min(int(begin + step_ms * float(rng.random())), end_ms)
        sent += [RawMessage(at_ms, topic, payload, retain) for topic, payload, retain in ACTS[kind](scene)]
        scene.number += 1
        scene.acted[kind] = scene.acted.get(kind, 0) + 1
        begin += step_ms
    return Stream(spec.device, DeviceKind.DRONE, sent, cooperative=scene.cooperative)
