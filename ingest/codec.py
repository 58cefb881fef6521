"""What a codec is: one file in ``ingest/codecs`` that turns payloads of one format into samples.

A codec is a module (found by its name, or a stranger's by its dotted path) with

``FORMAT``      its name, which the registry's device table and the dead letters use: the module's name.
``TOPICS``      the MQTT filters that it reads.
``FOREIGN``     True where its payloads name devices by identifiers of their own (a devEUI, a serial number): the
                samples then carry that external identifier as ``device``, and the registry's device table says whose
                it is.
``decode(topic, payload, received_ms)``  payload to :class:`Decoded`; raises :class:`core.errors.PayloadError` where
                nothing of the payload can be used.

and, where it needs them,

``recognises(payload)``  whether a payload is of this format; asked only where several codecs read the same topic.
``session(memory)``      instead of ``decode``: makes an object with a method ``decode`` of the same shape, for formats
                whose messages need what earlier ones said. ``memory`` is a mapping from text to text that outlives the
                process; the session keeps in it all that it must not forget.
``encode(samples)``      samples to a payload, where we also speak the format. Foreign codecs return topic and payload;
                those of LoRaWAN servers write an :class:`ingest.uplink.Uplink`.

Its proof is a folder ``tests/golden/codecs/<codec>/<case>`` (CONTRIBUTING.md tells how).
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Protocol

import msgspec

from core.ports import Sample


class Fault(msgspec.Struct, frozen=True, gc=False):
    """One row of a payload that could not be read: its place, a stable reason, words, and the row itself."""

    index: int
    reason: str
    message: str
    payload: bytes


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """What a payload held.

    ``places[i]`` is the row of ``samples[i]``; ``unknown`` counts the samples that came with unknown fields.
    ``replies`` are messages (topic, payload) that the sender is owed, such as a request to tell everything again.
    """

    samples: list[Sample]
    faults: list[Fault] = []
    places: Sequence[int] = ()
    unknown: int = 0
    replies: list[tuple[str, bytes]] = []


class Decoder(Protocol):
    """What decodes: a codec's module, or a session of it."""

    def decode(self, topic: str, payload: bytes, received_ms: int) -> Decoded:
        """Payload to samples.

        Raises:
            PayloadError: Nothing of the payload can be used.
        """
        ...


Memory = MutableMapping[str, str]
"""What a session must not forget, from text to text; kept over restarts by whoever made the session."""
