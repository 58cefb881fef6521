"""``canhdong load``."""

from __future__ import annotations

import argparse
import os
from contextlib import closing
from typing import TYPE_CHECKING, ClassVar

from cli import lifecycle, output, publishing, wiring

if TYPE_CHECKING:
    from simulators.loading.fleet import Plan
    from simulators.loading.load import Moment, Report

_PER_PROCESS = 25_000.0
"""Fixes a second for which another process is started, while there are cores."""


class Command:
    """Send the telemetry of thousands of drones, to see what a broker and an ingester can take.

    Several processes publish with QoS 1. The drones (load-00001 ...) fly lines and spray; they and their cooperatives
    (load-01 ...) are registered first, and their fixes are stored like any others: do not do this to a platform that
    people work with. Ends with 1 where the broker did not acknowledge every message.
    """

    name: ClassVar[str] = "load"
    vietnamese: ClassVar[str] = "Gửi dữ liệu của hàng nghìn máy bay mô phỏng để thử tải hệ thống."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--drones", type=int, default=1_000, metavar="N", help="how many drones (%(default)s)")
        parser.add_argument(
            "--rate", type=float, default=5.0, metavar="HZ", help="fixes a second of each (%(default)s)"
        )
        parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="for how long (%(default)s)")
        parser.add_argument("--batch", type=int, default=10, metavar="N", help="fixes in a message (%(default)s)")
        parser.add_argument("--processes", type=int, metavar="N", help="how many send (as needed, one a core at most)")
        parser.add_argument("--cooperatives", type=int, default=1, metavar="N", help="whose drones (%(default)s)")
        parser.add_argument("--no-register", action="store_true", help="the registry knows them already")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Register, send, tell."""
        from simulators.loading.load import run_load  # noqa: PLC0415

        plan = _plan(args)
        address = wiring.broker_address()
        if not args.no_register:
            _register(plan)
        output.note(
            f"load: {plan.drones:,} drones at {plan.rate_hz:g} Hz from {plan.processes} processes to {address}, "
            f"{plan.per_s:,.0f} fixes/s for {plan.seconds:g} s"
        )
        report = run_load(plan, address, stop=lifecycle.stop_on_signals(), progress=_show)
        for fault in report.faults:
            output.note(f"canhdong load: {fault}")
        if args.json:
            output.print_json(told(report))
        else:
            output.note(words(report))
        return 1 if report.unacknowledged or report.faults else 0


def _plan(args: argparse.Namespace) -> Plan:
    from ingest.clock import SystemClock  # noqa: PLC0415
    from simulators.loading.fleet import Plan  # noqa: PLC0415

    rate = float(args.rate) if 0.0 < args.rate < float("inf") else 0.0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = max(1, round(args.drones * rate / _PER_PROCESS))
    processes = min(cores, wanted, args.drones) if args.processes is None else args.processes
    boot = f"load-{SystemClock().now_ms() // 1_000:x}"
    return Plan(args.drones, args.rate, args.seconds, args.batch, args.cooperatives, processes, boot)


def _register(plan: Plan) -> None:
    devices = plan.devices()
    with closing(wiring.registry()) as registry:
        for owner in plan.owners():
            mine = [device for device in devices if device.cooperative == owner.cooperative]
            publishing.register(registry, owner, mine, [])


def _show(moment: Moment) -> None:
    cpu = " ".join(f"{value:.0f}%" for value in moment.cpu_pct)
    late = f", {moment.late_s:.1f} s behind" if moment.late_s >= 0.1 else ""  # noqa: PLR2004 - nobody counts less
    output.note(
        f"load: {moment.second:4d} s  {moment.offered_per_s:9,.0f} fixes/s offered  "
        f"{moment.acknowledged_per_s:9,.0f} acknowledged  CPU {cpu}{late}"
    )


def told(report: Report) -> dict[str, object]:
    """The report for programs."""
    return {
        "asked_per_s": round(report.asked_per_s, 1),
        "offered_per_s": round(report.offered_per_s, 1),
        "acknowledged_per_s": round(report.acknowledged_per_s, 1),
        "offered": report.offered,
        "acknowledged": report.acknowledged,
        "messages": report.messages,
        "unacknowledged_messages": report.unacknowledged,
        "acknowledgement_p50_ms": round(report.p50_ms, 1),
        "acknowledgement_p99_ms": round(report.p99_ms, 1),
        "latest_s": round(report.latest_s, 3),
        "wall_s": round(report.wall_s, 3),
        "cpu_pct": [round(value, 1) for value in report.cpu_pct],
        "kept_up": report.kept_up,
        "faults": list(report.faults),
    }


def words(report: Report) -> str:
    """The report for people."""
    cpu = " ".join(f"{value:.0f}%" for value in report.cpu_pct)
    pace = "kept up:" if report.kept_up else "fell behind:"
    reached = min(report.offered_per_s, report.acknowledged_per_s)
    offered = f"{report.offered:,} fixes in {report.messages:,} messages ({report.offered_per_s:,.0f} fixes/s)"
    taken = f"{report.acknowledged:,} within {report.wall_s:.1f} s ({report.acknowledged_per_s:,.0f} fixes/s)"
    lines = [
        f"{pace} asked {report.asked_per_s:,.0f}/s, reached {reached:,.0f}/s",
        f"offered {offered}, acknowledged {taken}",
        f"acknowledgement within {report.p50_ms:.1f} ms (p50), {report.p99_ms:.1f} ms (p99)",
        f"{report.latest_s:.2f} s behind the schedule at worst; CPU of the processes: {cpu}",
    ]
    if report.unacknowledged:
        lines.append(f"{report.unacknowledged:,} messages were not acknowledged")
    return "\n".join(f"load: {line}" for line in lines)
