"""``canhdong settings``."""

from __future__ import annotations

import argparse
import re
from typing import Any, ClassVar

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from cli import output
from core.settings import ALL, load

_PASSWORD = re.compile(r"(://[^/@:]*:)[^/@]*(@)")
"""The password in a URL, with what stands around it."""


class Command:
    """Print every setting with its meaning and default, as a file of environment variables (.env.example).

    Stops with exit code 2 where a setting of the present environment is wrong.
    """

    name: ClassVar[str] = "settings"
    vietnamese: ClassVar[str] = "In mọi thiết lập, ý nghĩa và giá trị mặc định."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="the values in force as one JSON document; no secrets")

    def run(self, args: argparse.Namespace) -> int:
        """Print."""
        if args.json:
            output.print_json({name: shown for kind in ALL for name, shown in in_force(load(kind)).items()})
        else:
            print(example(), end="")
        return 0


def in_force(settings: BaseSettings) -> dict[str, Any]:
    """The values of one concern by environment variable; secrets only as whether they are set."""
    found: dict[str, Any] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = "(set)" if value.get_secret_value() else ""
        if isinstance(value, str) and name.endswith("_url"):
            value = _PASSWORD.sub(r"\1(set)\2", value)
        known = value is None or isinstance(value, str | int | float | tuple)
        found[f"CANHDONG_{name.upper()}"] = value if known else str(value)
    return found


def example() -> str:
    """The text of .env.example: what stands there is the default."""
    parts = ["# Every setting of canhdong with its default. Made by `canhdong settings`.\n"]
    for kind in ALL:
        parts.append(f"\n# {(kind.__doc__ or '').partition(chr(10))[0]}\n")
        for name, field in kind.model_fields.items():
            default = field.default
            text = "" if default is None or isinstance(default, SecretStr) else str(default)
            if isinstance(default, tuple):
                text = "[" + ", ".join(str(x) for x in default) + "]"
            parts.append(f"# {field.description}\n#CANHDONG_{name.upper()}={text}\n")
    return "".join(parts)
