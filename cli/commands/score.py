"""``canhdong score``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cli import fieldfiles, output
from cli.score_tables import document, print_score

if TYPE_CHECKING:
    from core.model.land import Plot


class Command:
    """Compare the sprayed area of a simulated run with what was really treated.

    RUN is a file of `canhdong simulate --out`, whose truth lies beside it. The area is computed from the telemetry that
    arrived, as the platform does; an error is what is computed minus what is true. A plot counts where at least a
    twentieth of it was treated; what falls on others is in the totals.
    """

    name: ClassVar[str] = "score"
    vietnamese: ClassVar[str] = "So diện tích phun tính được với thực tế của một lần mô phỏng."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("run", type=Path, metavar="RUN", help="file of a simulated run")
        parser.add_argument("--plots", type=Path, metavar="FILE", help="field file (default: the run's own plots)")
        fieldfiles.add_options(parser)
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read, compute, compare, print."""
        from simulators.replaying.decoding import decoded  # noqa: PLC0415
        from simulators.scoring.score import score  # noqa: PLC0415
        from storage.runs import read_run, read_truth  # noqa: PLC0415

        def warn(problem: str) -> None:
            output.note(f"warning: {args.run}: {problem}")

        truth = read_truth(args.run)
        run = decoded(read_run(args.run, warn), warn)
        plots: list[Plot] = list(run.plots) if args.plots is None else list(fieldfiles.read(args.plots, args).plots)
        if not plots:
            output.note("no plots: give --plots FILE; everything counts as off target")
        output.note(f"{len(truth):,} true strips of {run.name} (seed {run.seed}) over {len(plots)} plots ...")
        result = score(run, truth, plots)
        grazed = sum(len(job.plots) for job in result.jobs) - len(result.plots)
        if args.json:
            output.print_json({"run": run.name, "seed": run.seed, **document(result)})
        else:
            print_score(result)
            output.note(f"{len(result.plots)} plots worked in {result.flights} flights; {grazed} more were grazed")
        return 0
