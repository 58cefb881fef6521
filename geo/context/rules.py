"""What the weather is judged by: defaults, what a department sets instead, and what holds for single products.

Written as TOML, every key with its default:

    [limits]             # the fields of geo.context.window.Limits
    strong_mps = 4.0
    required = ["wind-unknown", "delta-t-unknown"]

    [search]             # the fields of geo.context.weather.Search
    max_distance_m = 10000.0

    [products."BVTV-1"]  # limits that differ for one product
    strong_mps = 3.0
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Any, Final

from core.errors import ConfigError
from core.model.context import Cause
from geo.context.weather import Search
from geo.context.window import Limits

_UNKNOWN: Final = frozenset((Cause.WIND_UNKNOWN, Cause.GUST_UNKNOWN, Cause.DELTA_T_UNKNOWN, Cause.RAIN_UNKNOWN))
_RISING: Final = (
    ("calm_mps", "light_mps", "fresh_mps", "strong_mps", "stop_mps"),
    ("gust_mps", "gust_stop_mps"),
    ("delta_t_red_low", "delta_t_low", "delta_t_marginal", "delta_t_high", "delta_t_red_high"),
    ("rain_mmph", "rain_red_mmph"),
)
_DEFAULT_LIMITS: Final = Limits()
_DEFAULT_SEARCH: Final = Search()


@dataclass(frozen=True, slots=True)
class SprayRules:
    """Limits of the spray window, how stations are looked for, and the limits of products that have their own."""

    limits: Limits = _DEFAULT_LIMITS
    search: Search = _DEFAULT_SEARCH
    products: Mapping[str, Limits] = field(default_factory=dict)

    def of(self, product: str) -> Limits:
        """The limits for a product; the common ones where it has none of its own, or is "" (nobody told)."""
        return self.products.get(product, self.limits)


def rules_from(document: Mapping[str, Any]) -> SprayRules:
    """Read rules; what they do not name has its default, and a product has the common limits there.

    Raises:
        ConfigError: A key is not known, a value is none of its kind, or limits do not rise; names the key.
    """
    _known(document, ("limits", "search", "products"), "")
    limits = _limits(_table(document, "limits", ""), _DEFAULT_LIMITS, "limits.")
    products = _table(document, "products", "")
    return SprayRules(
        limits,
        _search(_table(document, "search", "")),
        {name: _limits(_table(products, name, "products."), limits, f"products.{name}.") for name in products},
    )


def _table(document: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    found = document.get(name, {})
    if not isinstance(found, Mapping):
        raise ConfigError(f"{where}{name} must be a table of keys, not {found!r}")
    return found


def _known(document: Mapping[str, Any], names: tuple[str, ...], where: str) -> None:
    for key in document:
        if key not in names:
            raise ConfigError(f"{where}{key} is not known; there are: {', '.join(names)}")


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise ConfigError(f"{where} must be a number, not {value!r}")
    return float(value)


def _limits(told: Mapping[str, Any], common: Limits, where: str) -> Limits:
    _known(told, tuple(f.name for f in fields(Limits)), where)
    values: dict[str, Any] = {key: _number(v, where + key) for key, v in told.items() if key != "required"}
    if "required" in told:
        values["required"] = _causes(told["required"], where + "required")
    made = replace(common, **values)
    for names in _RISING:
        for low, high in pairwise(names):
            if getattr(made, low) > getattr(made, high):
                raise ConfigError(f"{where}{low} ({getattr(made, low):g}) is over {high} ({getattr(made, high):g})")
    return made


def _causes(told: object, where: str) -> frozenset[Cause]:
    words = sorted(_UNKNOWN)
    if not isinstance(told, list) or any(word not in words for word in told):
        raise ConfigError(f"{where} must be a list of {', '.join(words)}, not {told!r}")
    return frozenset(Cause(word) for word in told)


def _search(told: Mapping[str, Any]) -> Search:
    _known(told, tuple(f.name for f in fields(Search)), "search.")
    values = {key: _number(v, f"search.{key}") for key, v in told.items()}
    for key, value in values.items():
        if not 0.0 < value < math.inf:
            raise ConfigError(f"search.{key} must be over 0, not {value:g}")
    return replace(_DEFAULT_SEARCH, **values)
