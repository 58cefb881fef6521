"""A list of products from CSV: rows of one product are its uses; a bad row is named by its line."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cli import arguments
from core.errors import ConfigError
from core.model.samples import NAN
from core.model.work import Product, ProductUse

_NAMES: Final = {
    "product": ("product", "mã", "mã sản phẩm"),
    "name": ("name", "tên thương phẩm", "tên"),
    "actives": ("actives", "hoạt chất", "tên hoạt chất"),
    "formulation": ("formulation", "dạng", "dạng thành phẩm"),
    "toxicity": ("toxicity", "nhóm độc"),
    "crop": ("crop", "cây trồng"),
    "pest": ("pest", "dịch hại", "đối tượng phòng trừ"),
    "dose": ("dose", "liều", "liều lượng"),
    "dose_unit": ("dose_unit", "đơn vị", "đơn vị liều"),
    "phi_days": ("phi_days", "phi", "thời gian cách ly", "thời gian cách ly (ngày)"),
    "drones": ("drones", "máy bay", "dùng cho máy bay"),
    "banned": ("banned", "cấm"),
    "banned_kinds": ("banned_kinds", "cấm dùng cho loại ruộng"),
    "list_version": ("list_version", "danh mục"),
    "listed_from": ("listed_from", "từ ngày"),
    "listed_until": ("listed_until", "đến ngày"),
}
_COLUMNS: Final = {spelt: name for name, spellings in _NAMES.items() for spelt in spellings}
_LONGEST_PHI_DAYS: Final = 3_650


@dataclass(frozen=True, slots=True)
class ProductList:
    """What a file holds: products, and what was wrong with rows in words."""

    products: list[Product]
    faults: list[str]


def read_products(path: Path, cooperative: str, list_version: str, listed_from: str, listed_until: str) -> ProductList:
    """Read a list.

    Args:
        path: A CSV file in UTF-8.
        cooperative: Whose products, "" for the nation's.
        list_version: The list's name where no column tells it, as with the days after it.
        listed_from: Its first day, ISO 8601.
        listed_until: Its last day, "" while it counts.

    Raises:
        ConfigError: The file cannot be read, or has no column that names the product.
    """
    common = {"list_version": list_version, "listed_from": listed_from, "listed_until": listed_until}
    products: dict[tuple[str, str], Product] = {}
    faults: list[str] = []
    for line, row in _rows(path):
        told = {name: row.get(name) or common.get(name, "") for name in _NAMES}
        try:
            made = _product(told, cooperative)
        except (ValueError, argparse.ArgumentTypeError) as error:
            faults.append(f"{path}, line {line}: {error}")
            continue
        key = (made.product, made.list_version)
        known = products.get(key)
        if known is not None and replace(made, uses=()) != replace(known, uses=()):
            faults.append(f"{path}, line {line}: {made.product!r} is described otherwise on a line before")
            continue
        products[key] = replace(made, uses=known.uses + made.uses) if known else made
    return ProductList(list(products.values()), faults)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The number of each row's first line in the file, and its cells by our names of the columns."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: byte {error.start} is not UTF-8; save the list as CSV UTF-8") from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    heading = [_COLUMNS.get(" ".join(cell.split()).casefold(), "") for cell in next(reader, [])]
    if "product" not in heading and "name" not in heading:
        raise ConfigError(f"{path}, line 1: no column is called product or name (Tên thương phẩm)")
    before = reader.line_num
    for cells in reader:
        line, before = before + 1, reader.line_num
        if any(cell.strip() for cell in cells):
            named = zip(heading, (cell.strip() for cell in cells), strict=False)
            yield line, {name: cell for name, cell in named if name}


def _product(told: dict[str, str], cooperative: str) -> Product:
    """One row as a product with one use."""
    name = told["name"] or told["product"]
    if not name:
        raise ValueError("the product has no name")
    if not told["list_version"]:
        raise ValueError("no list is named; give --list or a column list_version")
    if not told["listed_from"]:
        raise ValueError("no first day of the list; give --from or a column listed_from")
    use = _use(told)
    return Product(
        product=arguments.name(told["product"] or name.replace("/", "-")),
        list_version=arguments.name(told["list_version"].replace("/", "-")),
        name=name,
        cooperative=cooperative,
        actives=arguments.listed(told["actives"].replace(";", ",").replace("+", ",")),
        formulation=told["formulation"],
        toxicity=told["toxicity"],
        uses=(use,) if use else (),
        drones=arguments.yes_or_no(told["drones"]) if told["drones"] else None,
        banned=arguments.yes_or_no(told["banned"]) if told["banned"] else False,
        banned_kinds=arguments.listed(told["banned_kinds"].replace(";", ",")),
        listed_from=arguments.day(told["listed_from"]),
        listed_until=arguments.day(told["listed_until"]) if told["listed_until"] else "",
    )


def _use(told: dict[str, str]) -> ProductUse | None:
    if not told["crop"]:
        return None
    phi = None
    if told["phi_days"]:
        if not told["phi_days"].isdigit() or int(told["phi_days"]) > _LONGEST_PHI_DAYS:
            raise ValueError(f"phi_days {told['phi_days']!r} is no number of days")
        phi = int(told["phi_days"])
    dose = arguments.positive(told["dose"].replace(",", ".")) if told["dose"] else NAN
    return ProductUse(told["crop"], told["pest"], dose, told["dose_unit"], phi)
