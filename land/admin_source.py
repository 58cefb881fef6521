"""Every administrative unit of Vietnam as the package ``vietnamadminunits`` (MIT) lists them, and which became which.

The package has two sets: the 63 provinces, 696 districts and 10,035 communes that ended with 30 June 2025, and the 34
provinces and 3,321 communes (xã, phường, đặc khu) since. Its data files are read in place; the package itself is never
imported, since that loads geopy, shapely, unidecode and 4 MB of JSON (0.5 to 0.8 s).
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from importlib.util import find_spec, module_from_spec
from typing import Any, Final, TypeAlias

from core.errors import ConfigError
from core.model.admin import AdminLevel, AdminUnit, Extent, Succession

PACKAGE: Final = "vietnamadminunits"

REFORM: Final = date(2025, 7, 1)
"""The first day of the 34 provinces (Resolution 202/2025/QH15): names and codes start afresh, districts are gone."""

EARLIEST: Final = date(2025, 3, 1)
"""The earliest date that the table answers for, and ``valid_from`` of every unit before the reform.

No source tells since when each of those units stands. The set itself tells its date: Phú Mỹ is a city in it, which it
became on 1 March 2025 (Resolution 1365/NQ-UBTVQH15), the last change before the reform.
"""

INCOMPLETE_SINCE: Final = date(2026, 4, 30)
"""From this day on names are missing: Đồng Nai, then Quảng Ninh (1 September 2026) and Bắc Ninh (20 September 2026)
became cities, and some xã with them phường (Resolutions 30, 36 and 39/2026/QH16). No version of the package has that.
"""

_OLD: Final = "select distinct {} from admin_units_legacy where {} is not null order by 1"
_NEW: Final = "select distinct {} from admin_units order by 1"
_KEYS_OLD: Final = "select provinceKey, districtKey, wardKey, districtCode, wardCode from admin_units_legacy"
_KEYS_NEW: Final = "select provinceKey, wardKey, provinceCode, wardCode from admin_units"

Key: TypeAlias = str
"""How the package names an old commune: the keys of its province, its district and itself, joined by strokes."""


@dataclass(frozen=True, slots=True)
class AdminTable:
    """All units and all successions.

    Five island districts had no communes and became communes (đặc khu). Their succession has the level of the district,
    and ``new`` is the code of a commune; all others stay on one level.
    """

    units: tuple[AdminUnit, ...]
    successions: tuple[Succession, ...]
    source: str


def read_table() -> AdminTable:
    """Read the installed package.

    Raises:
        ConfigError: The package is absent, or holds other data than this module knows.
    """
    data = _folder()
    source = f"{PACKAGE} {version(PACKAGE)}"
    try:
        with as_file(data / "dataset.db") as path, closing(_opened(path.as_uri())) as dataset:
            units = (*_units_before(dataset), *_units_since(dataset))
            codes = _Codes.of(dataset)
        merged = json.loads((data / "converter_2025.json").read_bytes())
        return AdminTable(units, tuple(_successions(merged, codes)), source)
    except (OSError, sqlite3.Error, KeyError, ValueError) as error:
        raise ConfigError(
            f"{source} does not hold the data that are known of 1.0.4 ({error!r}): pip install {PACKAGE}==1.0.4"
        ) from error


def _folder() -> Traversable:
    spec = find_spec(PACKAGE)
    if spec is None:
        raise ConfigError(f"administrative units come from the package {PACKAGE}: pip install 'canhdong[land]'")
    return files(module_from_spec(spec)) / "data"


def _opened(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True)  # a container's site-packages may be read-only


def _units_before(dataset: sqlite3.Connection) -> Iterator[AdminUnit]:
    for level, columns in (
        (AdminLevel.PROVINCE, ("provinceCode", "province", "''")),
        (AdminLevel.DISTRICT, ("districtCode", "district", "provinceCode")),
        (AdminLevel.COMMUNE, ("wardCode", "ward", "districtCode")),
    ):
        for code, name, parent in dataset.execute(_OLD.format(", ".join(columns), columns[0])):
            yield AdminUnit(code, level, name, EARLIEST, REFORM, parent)


def _units_since(dataset: sqlite3.Connection) -> Iterator[AdminUnit]:
    for level, columns in (
        (AdminLevel.PROVINCE, "provinceCode, province, ''"),
        (AdminLevel.COMMUNE, "wardCode, ward, provinceCode"),
    ):
        for code, name, parent in dataset.execute(_NEW.format(columns)):
            yield AdminUnit(code, level, name, REFORM, None, parent)


@dataclass(frozen=True, slots=True)
class _Codes:
    """The codes behind the package's keys. ``old`` also has the level: an island district stands for itself."""

    old: dict[Key, tuple[AdminLevel, str]]
    new: dict[tuple[str, str], str]
    provinces_old: dict[str, str]
    provinces_new: dict[str, str]

    @classmethod
    def of(cls, dataset: sqlite3.Connection) -> _Codes:
        old = {
            f"{province}_{district}_{ward or ''}": (
                (AdminLevel.COMMUNE, code) if code else (AdminLevel.DISTRICT, district_code)
            )
            for province, district, ward, district_code, code in dataset.execute(_KEYS_OLD)
        }
        rows = list(dataset.execute(_KEYS_NEW))
        return cls(
            old,
            {(province, ward): code for province, ward, _, code in rows},
            dict(dataset.execute("select distinct provinceKey, provinceCode from admin_units_legacy")),
            {province: code for province, _, code, _ in rows},
        )


def _successions(merged: dict[str, Any], codes: _Codes) -> Iterator[Succession]:
    """Provinces first, then communes; an old unit that has one successor went into it whole."""
    for new, olds in merged["DICT_PROVINCE"].items():
        for old in olds:
            yield Succession(
                AdminLevel.PROVINCE, codes.provinces_old[old], codes.provinces_new[new], REFORM, Extent.WHOLE
            )
    pairs = sorted({(*codes.old[key], codes.new[new]) for key, new in _merged_communes(merged)})
    count = Counter((level, old) for level, old, _ in pairs)
    for level, old, code in pairs:
        yield Succession(level, old, code, REFORM, Extent.WHOLE if count[level, old] == 1 else Extent.PART)


def _merged_communes(merged: dict[str, Any]) -> Iterator[tuple[Key, tuple[str, str]]]:
    """Each old commune's key with the keys (province, commune) of each new one that got all or some of it."""
    for province, communes in merged["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for commune, keys in communes.items():
            yield from ((key, (province, commune)) for key in keys)
    for province, divided in merged["DICT_PROVINCE_WARD_DIVIDED"].items():
        for key, parts in divided.items():
            yield from ((key, (province, part["newWardKey"])) for part in parts)
