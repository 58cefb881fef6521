"""What the commands on uploads share: how an upload is shown, and how its flights are computed in this process."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from cli import following, output, wiring
from core.localtime import iso_utc
from core.settings import GeoSettings, IngestSettings, load
from core.uploads import Receipt, Upload


def compute(stores: wiring.Stores, upload: Upload) -> list[dict[str, Any]]:
    """Compute the flights of an upload here and now, as the geo service would."""
    from geo.archiving import archived  # noqa: PLC0415
    from geo.parameters import Parameters  # noqa: PLC0415
    from geo.recompute import recompute  # noqa: PLC0415

    gap_s = load(IngestSettings).flight_gap_s
    told: list[dict[str, Any]] = []
    follow = following.followers(stores, load(GeoSettings))
    with closing(wiring.archive()) as kept, closing(wiring.accounts()) as ledger:
        for device, start_ms, end_ms in upload.windows:
            where = (stores.telemetry, stores.registry, upload.cooperative, device)
            done = recompute(*where, start_ms, end_ms, gap_s, Parameters(), ledger)
            archived(kept, *where, (start_ms, end_ms), done.results, gap_s)
            for it in follow:
                it.follow(done)
            told += [{"flight": f.flight, "fixes": f.fixes, "net_m2": c.net_m2} for f, c in done.results]
    stores.uploads.told_upload(upload.cooperative, upload.number, told=True)
    return told


def shown(receipt: Receipt) -> dict[str, Any]:
    """What came of a file, as JSON says it."""
    it = receipt.upload
    return {
        "number": it.number or None,
        "same_as": receipt.same_as or None,
        "file": it.file,
        "format": it.format,
        "account": it.account,
        "time": iso_utc(it.at_ms),
        "sha256": it.sha256,
        "undone": iso_utc(it.undone_ms) if it.undone_ms else None,
        "computing": it.told,
        "logs": [
            {
                "name": log.name,
                "device": log.device,
                "outcome": log.outcome.value,
                "why": log.why,
                "fixes": log.fixes,
                "added": log.added,
            }
            for log in it.logs
        ],
        "problems": list(it.problems),
    }


def tell(receipt: Receipt) -> None:
    """What came of a file, for people."""
    it = receipt.upload
    if receipt.same_as:
        output.note(f"{it.file}: the same as upload {receipt.same_as}; nothing is kept twice")
        return
    head = f"upload {it.number}" if it.number else "nothing new"
    print(f"{it.file}: {head}{', taken back' if it.undone_ms else ''}")
    for log in it.logs:
        why = f" ({log.why})" if log.why else ""
        print(f"  {log.name}  {log.device or '?'}  {log.outcome.value}: {log.added} of {log.fixes} fixes are new{why}")
