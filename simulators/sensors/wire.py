"""Readings of one uplink on the wire: the maker's object in the envelope of the network server, or a SenML pack."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import ConfigError
from core.model.samples import Reading
from ingest import codecs
from ingest.codecs import senml
from ingest.uplink import Uplink
from simulators.sensors.makers import decoded
from simulators.sensors.models import MODELS, SENML, SERVERS


def encode(wire: str, external: str, readings: Sequence[Reading]) -> tuple[str, bytes]:
    """Topic and payload of one uplink; the same readings are the same bytes.

    Args:
        wire: ``senml`` or ``codec/model``, as in :class:`core.model.traffic.Stream`.
        external: The name of the device there: its devEUI of 16 hex digits.
        readings: All of one instant, in the platform's units; NaN says that the probe failed.

    Raises:
        ConfigError: There is no such codec or model, there are no readings, or they are of several instants.
    """
    codec, _, name = wire.partition("/")
    if not readings or any(reading.ts_ms != readings[0].ts_ms for reading in readings):
        raise ConfigError(f"an uplink of {external} needs readings of one instant, not {len(readings)} of several")
    if codec == SENML:
        return senml.encode(external, readings)
    model = MODELS.get(name)
    if codec not in SERVERS or model is None:
        raise ConfigError(f"nobody here speaks {wire!r}: it is {SENML}, or one of {', '.join(SERVERS)} with a model")
    told = decoded(codec, name, {reading.quantity: reading.value for reading in readings})
    uplink = Uplink(external, model.brand, model.name, model.version, readings[0].ts_ms, model.port, told)
    topic, payload = codecs.codec(codec).encode(uplink)
    return topic, payload
