"""Writes small task data sets: XML by hand, time logs byte by byte."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.model.flightlog import FlightLog
from ingest.flightlogs import isoxml

DAY = 17_014  # 2026-08-01 in days since 1980-01-01
T0_MS = 1_785_542_400_000  # 2026-08-01T00:00:00Z
NOON_MS = 43_200_000
LAT, LON = 9.285, 105.725
STEP_DEG = 1e-5  # 1.106 m to the north at this latitude
CODES = {"A": "i", "B": "i", "C": "i", "D": "B", "E": "H", "F": "H", "G": "B", "H": "I", "I": "H"}
Values = Mapping[int, int]
Files = dict[str, str | bytes]
Channel = tuple[int, str] | tuple[int, str, int]


def record(ms: int, values: Values, *, day: int = DAY, **position: int) -> bytes:
    """One binary record; position attributes by letter, in the order of the alphabet."""
    head = struct.pack("<IH", ms, day)
    place = b"".join(struct.pack("<" + CODES[a], position[a]) for a in sorted(position))
    return head + place + bytes([len(values)]) + b"".join(struct.pack("<Bi", i, v) for i, v in values.items())


def track(rows: Sequence[Values], *, start_ms: int = NOON_MS, day: int = DAY, **more: int) -> bytes:
    """Records one second and one step to the north apart."""
    return b"".join(
        record(start_ms + 1000 * i, values, day=day, A=round((LAT + i * STEP_DEG) * 1e7), B=round(LON * 1e7), **more)
        for i, values in enumerate(rows)
    )


def header(channels: Sequence[Channel], ptn: str = 'A="" B="" D="1"') -> str:
    """The XML of a time log; a third member of a channel is a fixed value."""
    lines = [f'<DLV A="{c[0]:04X}" B="{c[2] if len(c) > 2 else ""}" C="{c[1]}"/>' for c in channels]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<TIM A="" D="4">\n<PTN {ptn}/>\n' + "\n".join(lines) + "\n</TIM>\n"


def device(
    elements: str,
    *,
    name: str = "DVC-1",
    designator: str = "Máy phun 16 m",
    client_name: str = "A00C830085600000",
) -> str:
    """A device description; ``elements``: DET, DPT, DPD and DVP elements."""
    return f'<DVC A="{name}" B="{designator}" C="1" D="{client_name}" F="0" G="0">{elements}</DVC>'


def sections(count: int, width_mm: int, *, first: int = 10, parent: int = 2) -> str:
    """Section elements DET-11 ... from left to right, with fixed offsets and widths."""
    lines: list[str] = []
    for i in range(count):
        side_mm = round((i - (count - 1) / 2) * width_mm)
        lines.append(
            f'<DET A="DET-{first + 1 + i}" B="{first + 1 + i}" C="4" D="S{i}" E="{i + 2}" F="{parent}">'
            f'<DOR A="{1000 + 2 * i}"/><DOR A="{1001 + 2 * i}"/></DET>'
            f'<DPT A="{1000 + 2 * i}" B="0043" C="{width_mm}" D="w"/>'
            f'<DPT A="{1001 + 2 * i}" B="0087" C="{side_mm}" D="y"/>'
        )
    return "".join(lines)


def sprayer(count: int = 4, width_mm: int = 2000, more: str = "", refs: str = "") -> str:
    """A sprayer: device DET-1, boom DET-2 with sections DET-11 ..."""
    return device(
        f'<DET A="DET-1" B="1" C="1" D="Sprayer" E="0" F="0"/><DET A="DET-2" B="2" C="2" D="Boom" E="1" F="1">{refs}'
        f"</DET>{sections(count, width_mm)}{more}"
    )


def field(plot: str, rings: str, declared: str = "0", designator: str = "Ruộng") -> str:
    """A part field."""
    return f'<PFD A="{plot}" C="{designator}" D="{declared}">{rings}</PFD>'


def polygon(*rings: str, kind: str = "1") -> str:
    """A PLN."""
    return f'<PLN A="{kind}">{"".join(rings)}</PLN>'


def ring(corners: Sequence[tuple[float, float]], kind: str = "1") -> str:
    """An LSG; corners are latitude and longitude."""
    points = "".join(f'<PNT A="2" C="{lat:.9f}" D="{lon:.9f}"/>' for lat, lon in corners)
    return f'<LSG A="{kind}">{points}</LSG>'


def square(size_deg: float, lat: float = LAT, lon: float = LON) -> list[tuple[float, float]]:
    """Corners of a square around a point, not closed."""
    h = size_deg / 2.0
    return [(lat - h, lon - h), (lat - h, lon + h), (lat + h, lon + h), (lat + h, lon - h)]


def task(logs: Sequence[str] = ("TLG00001",), start: str = "2026-08-01T12:00:00", inside: str = "") -> str:
    """A task with one time and its logs; ``inside`` stands within the time."""
    tlg = "".join(f'<TLG A="{name}" C="1"/>' for name in logs)
    return f'<TSK A="TSK-1" B="Phun" G="4"><TIM A="{start}" D="4">{inside}</TIM>{tlg}</TSK>'


def taskdata(*content: str, version: int = 4) -> str:
    """A TASKDATA.XML."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<ISO11783_TaskData VersionMajor="{version}" VersionMinor="0" DataTransferOrigin="2">{"".join(content)}'
        "</ISO11783_TaskData>"
    )


def as_folder(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write a task data set as a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def as_zip(path: Path, files: Mapping[str, str | bytes], before: bytes = b"") -> Path:
    """Write a task data set as a zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    path.write_bytes(before + stream.getvalue())
    return path


def simple(rows: Sequence[Values], channels: Sequence[Channel], *content: str) -> Files:
    """A set with one log: the content of the TASKDATA.XML defaults to a sprayer and a task."""
    return {
        "TASKDATA.XML": taskdata(*(content or (sprayer(), task()))),
        "TLG00001.XML": header(channels),
        "TLG00001.BIN": track(rows),
    }


STATES: Channel = (161, "DET-2")
TWO_LEFT, ALL_FOUR, NONE_ON = 0b0101 - (1 << 8), 0b01010101 - (1 << 8), -(1 << 8)
"""States of four sections, the other twelve not installed."""
CONNECTOR = '<DET A="DET-5" B="5" C="6" F="1"><DOR A="90"/></DET><DPT A="90" B="0087" C="300"/>'
TRACTOR = device(
    '<DET A="DET-91" B="1" C="1" F="0"/><DET A="DET-92" B="2" C="6" F="1"><DOR A="1"/></DET>'
    '<DPT A="1" B="0087" C="-200"/>'
    '<DET A="DET-93" B="3" C="7" F="1"><DOR A="2"/></DET><DPT A="2" B="0087" C="50"/>',
    name="DVC-9",
    designator="Tractor",
    client_name="A002F00000000000",
)


def only(tmp_path: Path, files: Files) -> FlightLog:
    """The log of a set of one."""
    (log,) = isoxml.read(as_zip(tmp_path / "set.zip", files)).logs
    return log
