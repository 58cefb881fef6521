"""Products that may not be used on a kind of plot at all: in rice-shrimp fields the receptor lives in the plot."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from core.model.context import Exclusion, Objection
from core.model.coverage import JobPlot
from core.model.land import Plot
from core.model.work import Job, Product
from core.registry import Registry


def listed(registry: Registry, cooperative: str, product: str) -> list[Product]:
    """What all lists ever said of a product: the cooperative's own and the national ones."""
    return [p for owner in (cooperative, "") for p in registry.records(Product, owner) if p.product == product]


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
    listed = _listed(job, day, products)
    found = [(o, p.list_version) for p in listed if (o := _objection(p, kind)) is not None]
    if listed and not found:
        return None
    objection, version = min(found, key=lambda it: _GRAVEST.index(it[0]), default=(Objection.PRODUCT_UNKNOWN, ""))
    return Exclusion(job.job, day, name, kind, job.product, version, objection, net_m2)


_GRAVEST = (Objection.BANNED, Objection.BANNED_KIND, Objection.PRODUCT_UNKNOWN, Objection.KIND_UNKNOWN)


def _listed(job: Job, day: str, products: Sequence[Product]) -> list[Product]:
    """The product as the lists of that day have it: the newest of the cooperative's own and of the national ones.

    Both count: a cooperative's entry may add to what the country bans, and take nothing from it.
    """
    fitting = [
        p
        for p in products
        if p.product == job.product and p.cooperative in {"", job.cooperative} and p.listed_on(day) and not p.retired
    ]
    newest = {p.cooperative: p for p in sorted(fitting, key=lambda p: (p.listed_from, p.list_version))}
    return [newest[owner] for owner in sorted(newest, reverse=True)]


def _objection(product: Product, kind: str) -> Objection | None:
    if product.banned:
        return Objection.BANNED
    if not product.banned_kinds:
        return None
    if not kind.strip():
        return Objection.KIND_UNKNOWN
    banned = {k.strip().casefold() for k in product.banned_kinds}
    return Objection.BANNED_KIND if kind.strip().casefold() in banned else None
