"""Sparkplug B: births tell what data mean, until a death or the next birth."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import PayloadError
from core.model.samples import Reading
from ingest import sparkplug
from ingest.codec import Decoded
from ingest.codecs import sparkplug_b

NOW_MS = 1_764_000_000_000
T0 = 1_763_999_000_000
LEVEL: dict[str, Any] = {"name": "water_level", "alias": 8, "datatype": 10, "double_value": 0.5}
DATA: dict[str, Any] = {"alias": 8, "double_value": 0.75}


def payload(*metrics: dict[str, Any], timestamp: int = T0) -> bytes:
    message = sparkplug.Payload(timestamp=timestamp)
    for metric in metrics:
        message.metrics.add(**metric)
    return bytes(message.SerializeToString())


def bd_seq(number: int) -> dict[str, Any]:
    return {"name": "bdSeq", "datatype": 4, "long_value": number}


class Node:
    """A node, and what it says to a session."""

    def __init__(self, memory: dict[str, str] | None = None) -> None:
        self.memory: dict[str, str] = {} if memory is None else memory
        self.session = sparkplug_b.session(self.memory)

    def says(self, kind: str, *metrics: dict[str, Any], device: str = "", received_ms: int = NOW_MS) -> Decoded:
        topic = f"spBv1.0/htx/{kind}/tram1" + (f"/{device}" if device else "")
        return self.session.decode(topic, payload(*metrics), received_ms)

    def reads(self, *metrics: dict[str, Any], device: str = "") -> list[float]:
        found = self.says("DDATA" if device else "NDATA", *metrics, device=device)
        return [sample.value for sample in found.samples if isinstance(sample, Reading)]


def test_data_mean_what_the_last_birth_said() -> None:
    node = Node()
    node.says("NBIRTH", LEVEL)
    assert node.reads(DATA) == [0.75]
    node.says("NBIRTH", {"name": "salinity", "alias": 8, "datatype": 2, "int_value": 1})
    (reading,) = node.says("NDATA", {"alias": 8, "int_value": 65_524}).samples
    assert isinstance(reading, Reading)
    assert (reading.device, reading.quantity, reading.value, reading.ts_ms) == ("htx/tram1", "salinity", -12.0, T0)


def test_aliases_of_a_node_and_of_its_devices_are_apart() -> None:
    node = Node()
    node.says("NBIRTH", LEVEL)
    node.says("DBIRTH", {**LEVEL, "name": "flow"}, device="bom")
    (reading,) = node.says("DDATA", DATA, device="bom").samples
    assert isinstance(reading, Reading)
    assert (reading.device, reading.quantity) == ("htx/tram1/bom", "flow")
    assert node.reads(DATA, device="khac") == []


@pytest.mark.parametrize("kind", ["NBIRTH", "NDEATH"])
def test_a_birth_or_a_death_of_a_node_ends_its_devices(kind: str) -> None:
    node = Node()
    node.says("NBIRTH", bd_seq(1))
    node.says("DBIRTH", LEVEL, device="bom")
    assert node.reads(DATA, device="bom") == [0.75]
    node.says(kind, bd_seq(1))
    assert node.reads(DATA, device="bom") == []
    assert not [name for name in node.memory if name.count("/") == 2]


def test_a_death_of_a_device_leaves_the_node_and_other_devices() -> None:
    node = Node()
    node.says("NBIRTH", LEVEL)
    for device in ("bom", "bom2"):
        node.says("DBIRTH", LEVEL, device=device)
    node.says("DDEATH", device="bom")
    assert [node.reads(DATA, device=d) for d in ("bom", "bom2", "")] == [[], [0.75], [0.75]]


@pytest.mark.parametrize(
    ("born", "died", "reads"),
    [
        ([bd_seq(4)], [bd_seq(3)], [0.75]),
        ([bd_seq(0)], [bd_seq(255)], [0.75]),
        ([bd_seq(4)], [bd_seq(4)], []),
        ([bd_seq(4)], [], []),
        ([], [bd_seq(4)], []),
    ],
)
def test_the_late_will_of_an_earlier_connection_kills_nobody(
    born: list[dict[str, Any]], died: list[dict[str, Any]], reads: list[float]
) -> None:
    node = Node()
    node.says("NBIRTH", LEVEL, *born)
    again = Node(node.memory)
    again.says("NDEATH", *died)
    assert again.reads(DATA) == reads


def test_births_outlive_the_process_and_deaths_do_too() -> None:
    node = Node()
    node.says("NBIRTH", LEVEL, {**LEVEL, "name": "largest", "alias": 2**64 - 1})
    again = Node(dict(node.memory))
    assert again.reads(DATA, {**DATA, "alias": 2**64 - 1}) == [0.75, 0.75]
    again.says("NDEATH")
    assert again.memory == {}
    assert Node(again.memory).reads(DATA) == []


def test_a_memory_that_says_something_else_asks_for_births() -> None:
    found = Node({"htx/tram1": '{"8":["water_level",10]}'}).says("NDATA", DATA)
    assert [fault.reason for fault in found.faults] == ["alias"]
    assert found.replies


@pytest.mark.parametrize("metric", [DATA, {"name": "water_level", "double_value": 0.75}], ids=["alias", "name"])
def test_what_nobody_announced_is_kept_and_the_node_is_asked(metric: dict[str, Any]) -> None:
    found = Node().says("DDATA", metric, device="bom")
    (fault,) = found.faults
    assert (fault.reason, fault.index, bool(fault.payload)) == ("alias", 0, True)
    ((topic, body),) = found.replies
    asked = sparkplug.parse(body)
    assert topic == "spBv1.0/htx/NCMD/tram1"
    assert [(m.name, m.datatype, m.boolean_value) for m in asked.metrics] == [("Node Control/Rebirth", 11, True)]


def test_a_node_is_asked_again_only_after_a_while() -> None:
    node = Node()
    asked = [bool(node.says("NDATA", DATA, received_ms=NOW_MS + ms).replies) for ms in (0, 0, 1, 9_999, 10_000, 10_001)]
    assert asked == [True, True, False, False, True, False]
    node.says("NBIRTH", {**LEVEL, "alias": 9})
    assert node.says("NDATA", DATA, received_ms=NOW_MS + 10_002).replies


def test_births_are_never_answered() -> None:
    found = Node().says("NBIRTH", {"alias": 3, "datatype": 10, "double_value": 1.0}, {"name": "x", "double_value": 1.0})
    assert found.replies == []
    assert [fault.reason for fault in found.faults] == ["name"]
    assert found.unknown == 1


def test_nodes_that_were_never_born_leave_nothing_behind() -> None:
    node = Node()
    for device in range(50):
        node.says("DDATA", DATA, device=f"d{device}")
        node.says("DDEATH", device=f"d{device}")
    assert node.memory == {}


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ({"datatype": 1, "int_value": 128}, -128.0),
        ({"datatype": 1, "int_value": 2**32 - 12}, -12.0),
        ({"datatype": 2, "int_value": 65_524}, -12.0),
        ({"datatype": 3, "int_value": 2**31}, -(2.0**31)),
        ({"datatype": 4, "long_value": 2**64 - 12}, -12.0),
        ({"datatype": 5, "int_value": 244}, 244.0),
        ({"datatype": 6, "int_value": 65_524}, 65_524.0),
        ({"datatype": 7, "int_value": 2**32 - 12}, 2.0**32 - 12),
        ({"datatype": 8, "long_value": 2**64 - 2_048}, 2.0**64 - 2_048),
        ({"datatype": 9, "float_value": 0.5}, 0.5),
        ({"datatype": 10, "double_value": -0.1}, -0.1),
        ({"datatype": 11, "boolean_value": True}, 1.0),
        ({"datatype": 11, "boolean_value": False}, 0.0),
    ],
)
def test_numbers_of_every_type(metric: dict[str, Any], value: float) -> None:
    assert Node().reads({"name": "x", **metric}) == [value]


@pytest.mark.parametrize(
    ("metric", "unknown"),
    [
        ({"datatype": 12, "string_value": "một"}, 1),
        ({"datatype": 9, "float_value": float("nan")}, 1),
        ({"datatype": 10, "int_value": 1}, 1),
        ({"datatype": 16}, 1),
        ({"datatype": 99, "int_value": 1}, 1),
        ({"datatype": 10, "is_null": True}, 0),
    ],
    ids=["text", "NaN", "another field", "data set", "type of the future", "null"],
)
def test_what_is_no_number_is_counted(metric: dict[str, Any], unknown: int) -> None:
    found = Node().says("NDATA", {"name": "x", **metric})
    assert (found.samples, found.faults, found.unknown) == ([], [], unknown)


def test_the_time_is_the_metrics_or_the_payloads_or_that_of_reception() -> None:
    session = sparkplug_b.session({})
    metrics = ({**LEVEL, "timestamp": T0 - 5, "is_historical": True}, LEVEL)
    times = [s.ts_ms for s in session.decode("spBv1.0/g/NBIRTH/n", payload(*metrics), NOW_MS).samples]
    times += [s.ts_ms for s in session.decode("spBv1.0/g/NBIRTH/n", payload(LEVEL, timestamp=0), NOW_MS).samples]
    assert times == [T0 - 5, T0, NOW_MS]


@pytest.mark.parametrize("name", ["bdSeq", "Node Control/Rebirth", "Node Control/Scan Rate", "Device Control/Reboot"])
def test_controls_are_no_readings(name: str) -> None:
    found = Node().says("NBIRTH", {"name": name, "datatype": 4, "long_value": 3})
    assert (found.samples, found.faults, found.unknown) == ([], [], 0)


@pytest.mark.parametrize("name", ["mực nước", "a\nb", "q" * 65, "a;b"])
def test_a_name_that_is_none_is_a_fault(name: str) -> None:
    found = Node().says("NBIRTH", {**LEVEL, "name": name}, {**LEVEL, "name": "may bom (kW)"})
    assert [(fault.index, fault.reason) for fault in found.faults] == [(0, "name")]
    assert found.places == [1]


@pytest.mark.parametrize(
    "topic",
    [
        "x",
        "spBv1.0",
        "spBv1.0/g/NCMD/n",
        "spBv1.0/g/NDATA/n/d",
        "spBv1.0/g/DDATA/n",
        "spBv1.0/g/NDATA/",
        "spBv1.0//NDATA/n",
        "spBv1.0/g/DDATA/n/",
        "spBv1.0/STATE/host",
        "spAv1.0/g/NDATA/n",
    ],
)
def test_another_topic_is_refused(topic: str) -> None:
    with pytest.raises(PayloadError) as raised:
        sparkplug_b.session({}).decode(topic, payload(LEVEL), NOW_MS)
    assert raised.value.reason == "topic"


def test_a_payload_that_is_too_long_is_refused_unread() -> None:
    with pytest.raises(PayloadError) as raised:
        sparkplug_b.session({}).decode("spBv1.0/g/NDATA/n", bytes(sparkplug_b.MAX_BYTES + 1), NOW_MS)
    assert raised.value.reason == "size"
