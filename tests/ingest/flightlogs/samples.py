"""One or more files per log format, for the compliance suite: good ones, and damaged ones.

A new reader adds at least one of each: the suite fails where a reader has none. Files of ``tests.support.shared`` skip
where they are absent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.ingest.flightlogs.makers import dataflash, text, tlog, ulog
from tests.support.shared import shared

AGRAS = (
    "Time (UTC),Latitude,Longitude,Speed (m/s),Spray width (m),Flow (L/min),Spray state,Serial number\n"
    + "".join(f"2026-08-01T00:00:{i:02d}Z,{9.2 + i * 5e-5:.6f},105.7,5.5,6.5,3.2,on,R 838\n" for i in range(6))
)  # fmt: skip
XAG = "timestamp,lng,lat,spray_width(cm),flow(ml/min),work_type\n" + "".join(
    f"{1_785_542_400 + i},105.7,{9.3 + i * 5e-5:.6f},650,1800,播种\n" for i in range(6)
)
FIXES = "device,ts,lat,lon,on,height_m,height_ref,op,fix,speed_mps,flow_lpm,swath_m,heading_deg\n" + "".join(
    f"t40-{i % 2},{1_785_542_400_000 + 100 * i},{9.3 + i * 1e-5:.7f},105.7,true,3.1,crop,spray,rtk,5.5,3.2,7,180\n"
    for i in range(8)
)


@dataclass(frozen=True)
class Sample:
    """A file of a format: ``make`` puts it into a folder, or finds it among the shared data.

    ``fixes`` and ``rejected`` are what its logs hold together; −1 where only the reader's own tests say.
    """

    name: str
    format: str
    make: Callable[[Path], Path]
    fixes: int = -1
    rejected: int = -1

    @property
    def made(self) -> bool:
        """Whether the file is written by the tests, so it is small and always there."""
        return self.make.__name__ == "make"


@dataclass(frozen=True)
class Damaged:
    """A damaged file, and a pattern that an error or a problem must show: the byte or line, and the cause."""

    name: str
    format: str
    make: Callable[[Path], Path]
    says: str


def _written(name: str, data: str | bytes | bytearray) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else bytes(data))
        return path

    return make


def _found(name: str) -> Callable[[Path], Path]:
    return lambda _: shared(name)


def _cut(name: str, share: float) -> Callable[[Path], Path]:
    """The first part of a shared file."""

    def make(folder: Path) -> Path:
        whole = shared(name)
        path = folder / whole.name
        data = whole.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        return path

    return make


SAMPLES = [
    Sample("airdata made", "airdata-csv", _written("f.csv", text.airdata()), 20, 0),
    Sample("airdata real", "airdata-csv", _found("flightlogs/dji_sitrec_20231222_airdata.csv"), 6_074, 0),
    Sample("dataflash made", "ardupilot-dataflash", _written("f.bin", dataflash.flight().data), 19, 1),
    Sample("dataflash real", "ardupilot-dataflash", _found("flightlogs/dronekit_la_log171.bin"), 1_038, 161),
    Sample("tlog made", "mavlink-tlog", _written("f.tlog", tlog.Tlog().flight().data), 19, 1),
    Sample("tlog real", "mavlink-tlog", _found("flightlogs/dronekit_flight.tlog"), 2_684, 149),
    Sample("ulog made", "px4-ulog", _written("f.ulg", ulog.flight().data), 19, 1),
    Sample("ulog new names", "px4-ulog", _written("f.ulg", ulog.flight(new=True).data), 19, 1),
    Sample("ulog real", "px4-ulog", _found("flightlogs/px4_sample_log_small.ulg"), 32, 0),
    Sample("ulog without gps", "px4-ulog", _found("flightlogs/px4_sample_appended_multiple.ulg"), 0, 0),
    Sample("gpx made", "gpx", _written("f.gpx", text.gpx([[5, 4], [3]])), 12, 0),
    Sample("gpx real", "gpx", _found("flightlogs/gpxpy_cerknicko-jezero.gpx"), 296, 0),
    Sample("srt made", "dji-srt", _written("f.srt", text.srt()), 8, 0),
    Sample("srt mavic 2", "dji-srt", _found("flightlogs/dji_mavic_2_style.SRT"), 468, 0),
    Sample("agras", "dji-agras", _written("f.csv", AGRAS), 6, 0),
    Sample("xag", "xag", _written("xag.csv", XAG), 6, 0),
    Sample("fixes", "fix-csv", _written("fixes.csv", f"{FIXES}t40-0,1785542401000,0,0,1,,,,,,,,\n"), 8, 1),
    Sample("isoxml sprayer", "isoxml", _found("isoxml/isoxml-dotnet_Another-single-ACP.zip")),
    Sample("isoxml harvester", "isoxml", _found("isoxml/agrirouter_big_taskdata_forage_harvester.zip")),
]

DAMAGED = [
    Damaged("airdata cut", "airdata-csv", _written("f.csv", text.airdata()[:-70]), r"row cut off \(line 21\)"),
    Damaged(
        "dataflash cut",
        "ardupilot-dataflash",
        _cut("flightlogs/dronekit_la_log171.bin", 0.5),
        r"byte \d+: the file ends",
    ),
    Damaged(
        "dataflash made",
        "ardupilot-dataflash",
        _written("f.bin", dataflash.flight().data[:-9]),
        r"byte \d+: the file ends",
    ),
    Damaged("tlog cut", "mavlink-tlog", _cut("flightlogs/dronekit_flight.tlog", 0.3001), r"byte \d+: the file ends"),
    Damaged(
        "tlog made", "mavlink-tlog", _written("f.tlog", tlog.Tlog().flight().data[:-9]), r"byte \d+: the file ends"
    ),
    Damaged("ulog cut", "px4-ulog", _cut("flightlogs/px4_sample_log_small.ulg", 0.5), r"byte \d+: the file ends"),
    Damaged("ulog made", "px4-ulog", _written("f.ulg", ulog.flight().data[:-9]), r"byte \d+: the file ends"),
    Damaged("gpx cut", "gpx", _cut("flightlogs/gpxpy_cerknicko-jezero.gpx", 0.5), r"line \d+: .*last whole point"),
    Damaged("gpx made", "gpx", _written("f.gpx", text.gpx([[5]])[:-30]), r"line \d+: .*last whole point"),
    Damaged("srt broken", "dji-srt", _found("flightlogs/dji_broken_incomplete.SRT"), r"line 115: .*the file ends"),
    Damaged("srt made", "dji-srt", _written("f.srt", text.srt()[:-60]), r"line \d+: .*the file ends in the middle"),
    Damaged("agras", "dji-agras", _written("f.csv", AGRAS[:-30]), r"line 7"),
    Damaged("xag", "xag", _written("xag.csv", f"{XAG}x,105.7,9.3,650,1800,播种\n"), r"bad-time \(line 8"),
    Damaged("fixes", "fix-csv", _written("fixes.csv", FIXES[:-30]), r"another number of cells \(line 9\)"),
    Damaged("isoxml harvester", "isoxml", _found("isoxml/agrirouter_big_taskdata_forage_harvester.zip"), r"bytes? \d+"),
]
