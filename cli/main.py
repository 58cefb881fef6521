"""Entry point of ``canhdong``.

Exit codes: 0 the work is done, 1 the work failed, 2 wrong use (an option, an argument or a setting).
"""

from __future__ import annotations

import argparse
import inspect
import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import TypeAlias

from cli.command import Command, commands
from core.errors import CanhdongError, ConfigError

DONE, FAILED, WRONG_USE = 0, 1, 2
SubParsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no other name
Groups: TypeAlias = dict[tuple[str, ...], SubParsers]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="canhdong",
        description="Cánh Đồng: telemetry of spraying drones and field sensors in, sprayed area of every plot out.",
        epilog="Exit codes: 0 done, 1 the work failed, 2 wrong use. Settings: CANHDONG_* (see .env.example).",
    )
    parser.add_argument("--version", action="version", version=f"canhdong {version('canhdong')}")
    top = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    groups: Groups = {(): top}
    known = list(commands())
    for command in known:
        *group, leaf = command.name.split()
        _add(_group(groups, tuple(group), known), leaf, command)
    return parser


def _group(groups: Groups, words: tuple[str, ...], known: Sequence[Command]) -> SubParsers:
    """Where commands stand that begin with these words; made where it is not there yet."""
    if words not in groups:
        leaves = ", ".join(c.name for c in known if tuple(c.name.split()[: len(words)]) == words)
        parser = _group(groups, words[:-1], known).add_parser(words[-1], help=leaves)
        groups[words] = parser.add_subparsers(metavar="COMMAND", required=True)
    return groups[words]


def _add(where: SubParsers, name: str, command: Command) -> None:
    text = inspect.getdoc(command) or ""
    sub = where.add_parser(
        name,
        help=f"{text.partition(chr(10))[0]} {command.vietnamese}",
        description=f"{text}\n\n{command.vietnamese}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_arguments(sub)
    sub.set_defaults(command=command)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = _parser().parse_args(argv)
    logging.basicConfig(
        stream=sys.stderr,
        level=os.environ.get("CANHDONG_LOG_LEVEL", "INFO").upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)  # nobody asked how it sets itself up
    command: Command = args.command
    try:
        return command.run(args)
    except ConfigError as error:
        print(f"canhdong {command.name}: {error}", file=sys.stderr)
        return WRONG_USE
    except CanhdongError as error:
        print(f"canhdong {command.name}: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
