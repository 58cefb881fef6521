"""MQTT topics of the platform: ``canhdong/v1/{cooperative}/{drones|sensors}/{device}/{leaf}``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.errors import ConfigError, PayloadError
from core.model.land import DeviceKind

LEAVES: Final = ("telemetry", "status", "events", "commands")

INTAKE: Final[tuple[str, ...]] = (
    "canhdong/v1/+/drones/+/telemetry",
    "canhdong/v1/+/drones/+/events",
    "canhdong/v1/+/sensors/+/telemetry",
)
"""The filters that ingest subscribes to."""

_COOPERATIVE: Final = r"[a-z0-9][a-z0-9-]{0,62}"
_DEVICE: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_TOPIC: Final = re.compile(rf"canhdong/v1/({_COOPERATIVE})/(drones|sensors)/({_DEVICE})/({'|'.join(LEAVES)})")


@dataclass(frozen=True, slots=True)
class Address:
    """Who a topic belongs to, and what it carries (``leaf``: telemetry, status, events or commands)."""

    cooperative: str
    kind: DeviceKind
    device: str
    leaf: str


@lru_cache(maxsize=4096)
def parse(topic: str) -> Address:
    """Read the address out of a device's topic.

    Raises:
        PayloadError: (``topic``) It is not a topic of a device.
    """
    found = _TOPIC.fullmatch(topic)
    if found is None:
        raise PayloadError("topic", f"not a device's topic: {topic[:200]!r}")
    cooperative, kind, device, leaf = found.groups()
    return Address(cooperative, DeviceKind(kind), device, leaf)


def device_topic(cooperative: str, kind: DeviceKind, device: str, leaf: str) -> str:
    """The topic of a device.

    Raises:
        ConfigError: An identifier cannot stand in a topic.
    """
    topic = f"canhdong/v1/{cooperative}/{kind.value}/{device}/{leaf}"
    if _TOPIC.fullmatch(topic) is None:
        raise ConfigError(f"cannot make a topic of cooperative {cooperative!r}, device {device!r}, leaf {leaf!r}")
    return topic


def alerts_topic(cooperative: str) -> str:
    """Where the platform tells a cooperative what somebody should look at.

    Raises:
        ConfigError: The identifier cannot stand in a topic.
    """
    return _of(cooperative, "alerts")


def dead_letter_topic(reason: str) -> str:
    """Where the platform tells of a message that was not taken in."""
    return f"canhdong/v1/deadletter/{reason}"


def closed_topic(cooperative: str) -> str:
    """Where ingest says that a flight of the cooperative has ended.

    Raises:
        ConfigError: The identifier cannot stand in a topic.
    """
    return _of(cooperative, "flights/closed")


def _of(cooperative: str, leaf: str) -> str:
    if re.fullmatch(_COOPERATIVE, cooperative) is None:
        raise ConfigError(f"cannot make a topic of cooperative {cooperative!r}")
    return f"canhdong/v1/{cooperative}/{leaf}"
