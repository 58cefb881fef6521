"""Whether a job may be done as it is ordered: what is there, what counts on the day, what nobody has a record of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from core.errors import ConfigError, NotFound
from core.model.context import Objection
from core.model.enums import Operation
from core.model.fleet import Pilot
from core.model.land import DeviceKind, Plot
from core.model.work import Job, Product
from core.registry import Registry
from geo.context.exclusions import listed, planned

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
    named = listed(registry, job.cooperative, job.product)
    yield from _refusals(job, named, plots)
    counting = [it for it in named if it.listed_on(job.day)]
    if not counting:
        lists = ", ".join(it.list_version for it in named) or "none"
        yield f"no list that counts on {job.day} names the product {job.product!r} (lists that name it: {lists})"
        return
    for product in counting:
        if product.drones is not True and job.op is Operation.SPRAY:
            told = "is not registered for drones" if product.drones is False else "has no record for drones"
            yield f"{product.name!r} {told} in the list {product.list_version}"
        crops = {p.crop for p in plots if p.crop}
        unnamed = crops - {use.crop for use in product.uses} if product.uses else set[str]()
        if unnamed:
            yield f"the list {product.list_version} names {product.name!r} not for {', '.join(sorted(unnamed))}"


def _refusals(job: Job, named: list[Product], plots: list[Plot]) -> Iterator[str]:
    """Plots whose kind nobody told although the product is banned from some kinds; raises where it is banned."""
    found = planned(job, named, {p.plot: p for p in plots})
    label = named[0].name if named else job.product
    for it in found:
        if it.objection is Objection.BANNED:
            raise ConfigError(f"the list {it.list_version} bans {label!r}")
    refused = [it for it in found if it.objection is Objection.BANNED_KIND]
    if refused:
        kinds = " or ".join(dict.fromkeys(it.plot_kind for it in refused))
        shown = ", ".join(it.plot for it in refused[:_SHOWN])
        raise ConfigError(f"{label!r} may not be used on {kinds} plots: {shown}")
    unknown = [it for it in found if it.objection is Objection.KIND_UNKNOWN]
    if unknown:
        shown = ", ".join(it.plot for it in unknown[:_SHOWN])
        yield (
            f"the list {unknown[0].list_version} bans {label!r} from some kinds of plots, and nobody told the kind of "
            f"{len(unknown)}: {shown}"
        )
