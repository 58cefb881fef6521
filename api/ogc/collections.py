"""The collections: what each is called in both languages, what its features say, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from shapely.geometry.base import BaseGeometry

from api.ogc.parameters import Query

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """A feature: ``identifier`` is unique in its collection, ``geometry`` in WGS 84, None where there is none."""

    identifier: str
    geometry: BaseGeometry | None
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """Some features of an answer; ``matched`` is how many there are in all, None where nobody counted."""

    features: Sequence[Feature]
    matched: int | None
    more: bool


@dataclass(frozen=True, slots=True)
class Extent:
    """The box of all features, and the first and last ms where they have times."""

    box: Box
    window_ms: tuple[int, int] | None = None


class Source(Protocol):
    """Where the features of a collection come from. Every question names the cooperatives that may be seen."""

    def page(self, cooperatives: Sequence[str], query: Query) -> Page:
        """The features after ``query.after``, at most ``query.limit``, in the order of their identifiers."""
        ...

    def feature(self, cooperatives: Sequence[str], identifier: str) -> Feature | None:
        """One feature; None where there is none that may be seen."""
        ...

    def extent(self, cooperatives: Sequence[str]) -> Extent | None:
        """What all of them span; None where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Property:
    """What a property is: its JSON type, what it means (with the unit), and whether it can be asked for by value."""

    kind: str
    english: str
    vietnamese: str
    queryable: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection's name, texts and properties."""

    identifier: str
    english: str
    vietnamese: str
    about: str
    geometry: str
    properties: Mapping[str, Property] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """In both languages."""
        return f"{self.vietnamese} / {self.english}"

    @property
    def queryables(self) -> tuple[str, ...]:
        """Names of the properties that can be asked for by value."""
        return tuple(name for name, it in self.properties.items() if it.queryable)


_OPERATIONS: Final = ("unknown", "spray", "spread", "sow")
_COOPERATIVE: Final = {"cooperative": Property("string", "Whose it is", "Hợp tác xã", queryable=True)}
_NAME: Final = {"name": Property("string", "Name", "Tên")}
_FLOWN: Final = {
    "flight": Property("string", "Flight", "Chuyến bay", queryable=True),
    "device": Property("string", "Drone", "Máy bay", queryable=True),
    "operation": Property("string", "Operation", "Công việc", queryable=True, choices=_OPERATIONS),
    "start": Property("string", "Begin of the flight, UTC", "Bắt đầu chuyến bay, giờ UTC"),
    "end": Property("string", "End of the flight, UTC", "Kết thúc chuyến bay, giờ UTC"),
    "day": Property("string", "Local day (Asia/Ho_Chi_Minh)", "Ngày (giờ Việt Nam)"),
}
_AREA: Final = {
    "area_m2": Property("number", "Area, m²", "Diện tích, m²"),
    "area_ha": Property("number", "Area, ha", "Diện tích, ha"),
}
_PLOT: Final = {"plot": Property("string", "Plot", "Thửa ruộng", queryable=True)}

COLLECTIONS: Final[tuple[Collection, ...]] = (
    Collection(
        "plots",
        "Plots",
        "Thửa ruộng",
        "Parcels of land with their newest boundary.",
        "MultiPolygon",
        _COOPERATIVE
        | _PLOT
        | _NAME
        | {
            "crop": Property("string", "Crop", "Cây trồng", queryable=True),
            "season": Property("string", "Season", "Mùa vụ", queryable=True),
            "kind": Property("string", "Kind of land", "Loại đất", queryable=True),
            "cadastral": Property("string", "Cadastral reference", "Số thửa, tờ bản đồ"),
            "source_crs": Property("string", "CRS of the source", "Hệ tọa độ của nguồn"),
            "declared_area_m2": Property("number", "Area that the source states, m²", "Diện tích theo nguồn, m²"),
        }
        | _AREA,
    ),
    Collection(
        "flights",
        "Flights",
        "Chuyến bay",
        "Paths flown, from take-off to landing.",
        "MultiLineString",
        _COOPERATIVE
        | _FLOWN
        | {
            "job": Property("string", "Job", "Công việc được giao", queryable=True),
            "fixes": Property("integer", "Number of fixes", "Số điểm định vị"),
            "length_m": Property("number", "Length of the path, m", "Quãng đường, m"),
        },
    ),
    Collection(
        "swaths",
        "Swaths",
        "Vệt phun",
        "The strip of ground that each pass with the implement on has treated.",
        "Polygon",
        _COOPERATIVE | _FLOWN | {"part": Property("integer", "Number of the pass", "Lượt bay số")} | _AREA,
    ),
    Collection(
        "coverage",
        "Treated ground",
        "Diện tích đã phun",
        "Ground that a flight has treated: within plots, there more than once, and outside all plots.",
        "MultiPolygon",
        _COOPERATIVE
        | _FLOWN
        | _PLOT
        | {
            "kind": Property(
                "string",
                "covered, overlap (treated more than once) or off-target (outside all plots)",
                "covered: đã phun; overlap: phun chồng; off-target: ngoài thửa",
                queryable=True,
                choices=("covered", "overlap", "off-target"),
            )
        }
        | _AREA,
    ),
    Collection(
        "missed",
        "Missed parts",
        "Phần bỏ sót",
        "Parts of plots, wider than 0.6 m, that a flight has left untreated.",
        "Polygon",
        _COOPERATIVE | _FLOWN | _PLOT | {"part": Property("integer", "Number of the part", "Phần số")} | _AREA,
    ),
    Collection(
        "sites",
        "Sensitive sites",
        "Nơi nhạy cảm",
        "Houses, schools, roads, canals, ponds, hives and organic land, with the distances to keep from them.",
        "Geometry",
        _COOPERATIVE
        | {
            "site": Property("string", "Site", "Nơi", queryable=True),
            "kind": Property("string", "What it is", "Loại", queryable=True),
        }
        | _NAME
        | {
            "buffer_m": Property("number", "Distance to keep all round, m", "Khoảng cách mọi phía, m"),
            "downwind_m": Property("number", "Distance to keep downwind, m", "Khoảng cách phía cuối gió, m"),
            "source": Property("string", "Who set these distances", "Căn cứ"),
        },
    ),
)
BY_NAME: Final = {it.identifier: it for it in COLLECTIONS}
