"""AirData CSV, GPX and DJI subtitles, written out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

T0_MS = 1_785_542_400_000  # 2026-08-01T00:00:00Z
LAT, LON = 9.18, 105.15
STEP_DEG = 1e-5

FEET = ("feet", "mph")
METRES = ("meters", "m/s")


def airdata(
    n: int = 20,
    units: tuple[str, str] = METRES,
    *,
    start_ms: int = 300,
    satellites: Sequence[int] = (),
    height: str = "height_above_takeoff",
) -> str:
    """A flight north at 100 ms per row; values are 10 (length) and 5 (speed) in the given units."""
    length, speed = units
    head = (
        f"time(millisecond),datetime(utc),latitude,longitude,{height}({length}),speed({speed}),mileage({length}),"
        f"satellites,gpslevel, compass_heading(degrees),battery_percent,flycState,message"
    )
    rows = []
    for i in range(n):
        stamp = datetime.fromtimestamp((T0_MS + start_ms + 100 * i) // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        seen = satellites[i] if i < len(satellites) else 18
        rows.append(
            f'{100 * i},{stamp},{LAT + i * STEP_DEG:.7f},{LON},10,5,{i},{seen},5,-90,97,P-GPS,"one, two"' if i else
            f"0,{stamp},{LAT},{LON},10,5,{i},{seen},5,-90,97,Motors_Started,"
        )  # fmt: skip
    return "\n".join([head, *rows]) + "\n"


def gpx(segments: Sequence[Sequence[int]], *, timed: bool = True, version: str = "1.1", extra: str = "") -> str:
    """A GPX with one track per item, whose segments have so many points each, one per second to the north."""
    body = []
    i = 0
    for counts in segments:
        body.append("<trk><name>Ruộng A</name>")
        for count in counts:
            body.append("<trkseg>")
            for _ in range(count):
                when = datetime.fromtimestamp(T0_MS // 1000 + i, UTC).isoformat()
                time = f"<time>{when}</time>" if timed else ""
                body.append(f'<trkpt lat="{LAT + i * STEP_DEG:.7f}" lon="{LON}"><ele>3</ele>{time}{extra}</trkpt>')
                i += 1
            body.append("</trkseg>")
        body.append("</trk>")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<gpx version="{version}" creator="Test Receiver 1">\n{chr(10).join(body)}\n</gpx>\n'


def srt(n: int = 8, line: str = "[latitude: {lat:.6f}] [longitude: {lon:.6f}] [rel_alt: 5.100 abs_alt: 12.400]") -> str:
    """Subtitles of n seconds, a block each, on the way north; ``line`` tells the position."""
    blocks = []
    for i in range(n):
        when = datetime.fromtimestamp(T0_MS // 1000 + i, UTC).strftime("%Y-%m-%d %H:%M:%S")
        told = line.format(lat=LAT + i * STEP_DEG, lon=LON)
        blocks.append(
            f"{i + 1}\n00:00:{i:02d},000 --> 00:00:{i + 1:02d},000\n"
            f'<font size="28">FrameCnt: {30 * i + 1}, DiffTime: 33ms\n{when}.{125:03d}\n[iso: 100] {told} </font>\n'
        )
    return "\n".join(blocks) + "\n"
