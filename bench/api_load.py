"""Requests at fixed times whatever happened to those before, and what a server did with them.

A latency counts from the time at which the request was due, so that a server that falls behind cannot hide it.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

RATE: Final = 200
SECONDS: Final = 20
CONNECTIONS: Final = 32


@dataclass(slots=True)
class Answers:
    """Latencies in s by path, sizes in bytes by path, and how many went wrong."""

    took_s: dict[str, list[float]] = field(default_factory=dict)
    size: dict[str, int] = field(default_factory=dict)
    wrong: int = 0

    def of_ms(self, percent: float, path: str = "") -> float:
        """A percentile, of one path or of all."""
        some = self.took_s[path] if path else [t for each in self.took_s.values() for t in each]
        return round(float(np.percentile(some, percent)) * 1_000.0, 2)


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, headers: str
) -> tuple[bytes, int]:
    """Ask, and read the answer: its head, and the size of its body in bytes."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(size)
    return head, size


async def _once(port: int, path: str, headers: str) -> float:
    """How long one request takes, in s."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.perf_counter()
    await _answer(reader, writer, path, headers)
    writer.close()
    return time.perf_counter() - began


async def _ask(port: int, paths: Sequence[str], headers: str, known: Answers, *, number: int, began: float) -> None:
    """One connection's share of the requests, each at its time; every connection asks for all paths."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for at in range(number, RATE * SECONDS, CONNECTIONS):
        path = paths[(at + at // CONNECTIONS) % len(paths)]
        due = began + at / RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        head, size = await _answer(reader, writer, path, headers)
        known.took_s.setdefault(path, []).append(time.perf_counter() - due)
        known.size[path] = size
        known.wrong += not head.startswith(b"HTTP/1.1 200")
    writer.close()


async def _load(port: int, paths: Sequence[str], headers: str) -> Answers:
    known = Answers()
    began = time.perf_counter() + 0.5
    await asyncio.gather(*(_ask(port, paths, headers, known, number=n, began=began) for n in range(CONNECTIONS)))
    return known


def measured(port: int, pid: int, paths: Sequence[str], headers: str = "") -> dict[str, Any]:
    """What a server did at the rate; the very first answer of each path is told apart.

    Args:
        port: Where it answers.
        pid: Its process, whose CPU is told; that of a database behind it is not.
        paths: Plots, and a statement.
        headers: What each request carries, with its line ends.
    """
    first_ms = [round(asyncio.run(_once(port, path, headers)) * 1_000.0, 1) for path in paths]
    served_s, cpu_s, began = _cpu_s(pid), time.process_time(), time.perf_counter()
    known = asyncio.run(_load(port, paths, headers))
    wall_s = time.perf_counter() - began
    return {
        "first_ms": first_ms,
        "p50_ms": known.of_ms(50.0),
        "p95_ms": known.of_ms(95.0),
        "p99_ms": known.of_ms(99.0),
        "plots_p95_ms": known.of_ms(95.0, paths[0]),
        "statement_p95_ms": known.of_ms(95.0, paths[1]),
        "plots_bytes": known.size[paths[0]],
        "statement_bytes": known.size[paths[1]],
        "wrong": known.wrong,
        "requests_per_s": round(RATE * SECONDS / wall_s, 1),
        "server_cpu_ms_per_request": round((_cpu_s(pid) - served_s) / (RATE * SECONDS) * 1_000.0, 3),
        "generator_cpu_share": round((time.process_time() - cpu_s) / wall_s, 3),
        "load_1_min": round(os.getloadavg()[0], 2),
    }


def _cpu_s(pid: int) -> float:
    """What a process has computed so far, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
