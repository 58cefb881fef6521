"""Whether a job may be done as it is ordered: what is there, what counts on the day, what nobody has a record of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from core.errors import ConfigError, NotFound
from core.model.enums import Operation
from core.model.fleet import Pilot
from core.model.land import DeviceKind, Plot
from core.model.work import Job, Product
from core.registry import Registry

_SHOWN: Final = 5


def checked_job(job: Job, registry: Registry) -> list[str]:
    """What somebody should know before the work is done.

    Raises:
        NotFound: A plot, the drone or the pilot is not registered.
        ConfigError: The list bans the product, or bans it on such plots; or there is nothing to do.
    """
    known = {plot.plot: plot for plot in registry.plots(job.cooperative)}
    missing = [plot for plot in job.plots if plot not in known]
    if missing:
        raise NotFound(f"cooperative {job.cooperative!r} has no plot {', '.join(map(repr, missing[:_SHOWN]))}")
    if not job.plots:
        raise ConfigError("a job needs a plot at least")
    return [
        *_of_drone(job, registry),
        *_of_pilot(job, registry),
        *_of_product(job, registry, [known[plot] for plot in job.plots]),
    ]


def _of_drone(job: Job, registry: Registry) -> Iterator[str]:
    if not job.device:
        return
    drone = registry.device(job.cooperative, job.device)
    if drone.kind is not DeviceKind.DRONE:
        raise NotFound(f"{job.device!r} is no drone")
    yield from _until(f"the registration of drone {job.device}", drone.registration, drone.registration_until, job.day)


def _of_pilot(job: Job, registry: Registry) -> Iterator[str]:
    if not job.pilot:
        return
    pilot = registry.record(Pilot, job.cooperative, job.pilot)
    if pilot.retired:
        raise NotFound(f"pilot {job.pilot!r} is retired")
    yield from _until(f"the licence of pilot {job.pilot}", pilot.licence, pilot.licence_until, job.day)


def _until(what: str, number: str, until: str, day: str) -> Iterator[str]:
    if not number:
        yield f"there is no record of {what}"
    elif until and until < day:
        yield f"{what} ended on {until}, before {day}"


def _of_product(job: Job, registry: Registry, plots: list[Plot]) -> Iterator[str]:
    if not job.product:
        return
    named = [
        it for owner in (job.cooperative, "") for it in registry.records(Product, owner) if it.product == job.product
    ]
    counting = [it for it in named if it.listed_on(job.day)]
    if not counting:
        lists = ", ".join(it.list_version for it in named) or "none"
        yield f"no list that counts on {job.day} names the product {job.product!r} (lists that name it: {lists})"
        return
    for product in counting:
        if product.banned:
            raise ConfigError(f"the list {product.list_version} bans {product.name!r}")
        refused = [p for p in plots if p.kind and p.kind in product.banned_kinds]
        if refused:
            kinds = " or ".join(dict.fromkeys(p.kind for p in refused))
            shown = ", ".join(p.plot for p in refused[:_SHOWN])
            raise ConfigError(f"{product.name!r} may not be used on {kinds} plots: {shown}")
        if product.drones is not True and job.op is Operation.SPRAY:
            told = "is not registered for drones" if product.drones is False else "has no record for drones"
            yield f"{product.name!r} {told} in the list {product.list_version}"
        crops = {p.crop for p in plots if p.crop}
        unnamed = crops - {use.crop for use in product.uses} if product.uses else set[str]()
        if unnamed:
            yield f"the list {product.list_version} names {product.name!r} not for {', '.join(sorted(unnamed))}"
