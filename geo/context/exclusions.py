"""Products that may not be used on a kind of plot at all: in rice-shrimp fields the receptor lives in the plot."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from core.model.context import Exclusion, Objection
from core.model.coverage import JobPlot
from core.model.land import Plot
from core.model.work import Job, Product


def planned(job: Job, products: Sequence[Product], plots: Mapping[str, Plot]) -> list[Exclusion]:
    """What speaks against a job as it is ordered, plot by plot in its order. See :func:`treated`."""
    found = (_exclusion(job, job.day, plots.get(name), name, products, math.nan) for name in job.plots)
    return [e for e in found if e is not None]


def treated(
    rows: Iterable[JobPlot], jobs: Mapping[str, Job], products: Sequence[Product], plots: Mapping[str, Plot]
) -> list[Exclusion]:
    """What speaks against the work that was done, by job and plot; rows without treated ground are passed over.

    A job that nobody registered, or that names no product, has no product to judge: nothing is said of it. Where the
    product is not on the list of that day, or the plot's kind is not known although the product is banned from some,
    that is said too: nobody can tell whether a rule was broken.
    """
    found: list[Exclusion] = []
    for row in sorted(rows, key=lambda r: (r.day, r.job, r.coverage.plot)):
        job, name, net = jobs.get(row.job), row.coverage.plot, row.coverage.net_m2
        exclusion = _exclusion(job, row.day, plots.get(name), name, products, net) if job and net > 0.0 else None
        found += [exclusion] if exclusion else []
    return found


def _exclusion(  # noqa: PLR0917 - one row's parts
    job: Job, day: str, plot: Plot | None, name: str, products: Sequence[Product], net_m2: float
) -> Exclusion | None:
    if not job.product:
        return None
    kind = plot.kind if plot else ""
    product = _listed(job, day, products)
    objection = _objection(product, kind)
    if objection is None:
        return None
    version = product.list_version if product else ""
    return Exclusion(job.job, day, name, kind, job.product, version, objection, net_m2)


def _listed(job: Job, day: str, products: Sequence[Product]) -> Product | None:
    """The product as the list of that day has it: the cooperative's own entry first, then the newest national one."""
    fitting = [
        p
        for p in products
        if p.product == job.product and p.cooperative in {"", job.cooperative} and p.listed_on(day) and not p.retired
    ]
    return max(fitting, key=lambda p: (p.cooperative != "", p.listed_from, p.list_version), default=None)


def _objection(product: Product | None, kind: str) -> Objection | None:
    if product is None:
        return Objection.PRODUCT_UNKNOWN
    if product.banned:
        return Objection.BANNED
    if not product.banned_kinds:
        return None
    if not kind.strip():
        return Objection.KIND_UNKNOWN
    banned = {k.strip().casefold() for k in product.banned_kinds}
    return Objection.BANNED_KIND if kind.strip().casefold() in banned else None
