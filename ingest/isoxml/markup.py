"""XML without surprises: no entities from outside, and faults named with their line."""

from __future__ import annotations

from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import ParseError

from core.errors import FlightLogError


def parse_xml(content: bytes, name: str) -> Node:
    """The root of an XML file, without name spaces.

    Raises:
        FlightLogError: It is not well-formed (with line and column), or it declares entities or an unknown encoding.
    """
    from defusedxml import DefusedXmlException  # noqa: PLC0415 - an optional package
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415

    try:
        root: Node = fromstring(content)
    except ParseError as error:
        line, column = error.position
        cause = str(error).partition(": line ")[0]
        raise FlightLogError(f"{name}: line {line}, column {column + 1}: no well-formed XML: {cause}") from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise FlightLogError(f"{name}: refused XML: {error}") from error
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    return root
