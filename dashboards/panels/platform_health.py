"""Panels of the platform's own health."""

from __future__ import annotations

from dashboards import palette, states
from dashboards import words as w
from dashboards.building.charts import Line, bars, chart
from dashboards.building.numbers import Number, numbers
from dashboards.building.queries import series, table
from dashboards.building.tables import Column
from dashboards.building.tables import table as table_panel
from dashboards.building.timelines import history
from dashboards.model.fields import Thresholds, steps
from dashboards.model.panels import Panel
from dashboards.queries import ingesters
from dashboards.sources import PLATFORM

_NONE = w.NO_INGESTER
SPOOL = steps(palette.GOOD, (10e6, palette.CAUTION), (100e6, palette.BAD))
LATENCY = steps(palette.GOOD, (200.0, palette.CAUTION), (1_000.0, palette.BAD))


def summary() -> Panel:
    """The platform in one look."""
    return numbers(
        w.PLATFORM_NOW,
        w.PLATFORM_NOW_ABOUT,
        [
            table(ingesters.total_rate("messages"), PLATFORM),
            table(ingesters.total_rate("stored"), PLATFORM, "B"),
            table(ingesters.total_level("spool_bytes"), PLATFORM, "C"),
            table(ingesters.dead_letters_now(), PLATFORM, "D"),
            table(ingesters.slowest_store(), PLATFORM, "E"),
            table(ingesters.missing_now(), PLATFORM, "F"),
        ],
        [
            Number("messages", w.MESSAGES_PER_S, w.PER_S, decimals=1),
            Number("stored", w.FIXES_PER_S, w.PER_S, decimals=1),
            Number("spool_bytes", w.SPOOL, "decbytes", limits=SPOOL),
            Number("dead_letters", w.DEAD_LETTERS, decimals=0, limits=states.ANY_IS_BAD),
            Number("store_ms", w.STORE_LATENCY, "ms", decimals=0, limits=LATENCY),
            Number("missing", w.MISSING_TODAY, decimals=0),
        ],
        no_value=_NONE,
    )


def _rates(title: w.Text, about: w.Text, field: str) -> Panel:
    return chart(
        title,
        about,
        [series(ingesters.rate(field), "$tag_slot", PLATFORM)],
        w.PER_S,
        low=0.0,
        interval="10s",
        no_value=_NONE,
    )


def _levels(title: w.Text, about: w.Text, field: str, unit: str, limits: Thresholds | None = None) -> Panel:
    return chart(
        title,
        about,
        [series(ingesters.level(field), "$tag_slot", PLATFORM)],
        unit,
        limits=limits,
        low=0.0,
        interval="10s",
        no_value=_NONE,
    )


def messages() -> Panel:
    """Messages a second."""
    return _rates(w.MESSAGES_PER_S, w.MESSAGES_ABOUT, "messages")


def fixes() -> Panel:
    """Samples stored a second."""
    return _rates(w.FIXES_PER_S, w.FIXES_ABOUT, "stored")


def spool() -> Panel:
    """What still waits in spools."""
    return _levels(w.SPOOL, w.SPOOL_ABOUT, "spool_bytes", "decbytes", SPOOL)


def waiting() -> Panel:
    """What is not in a spool yet."""
    return _levels(w.WAITING, w.WAITING_ABOUT, "waiting", "short")


def store() -> Panel:
    """How long writes take."""
    return chart(
        w.STORE_LATENCY,
        w.STORE_LATENCY_ABOUT,
        [
            series(ingesters.level("store_ms"), "$tag_slot", PLATFORM),
        ],
        "ms",
        limits=LATENCY,
        low=0.0,
        interval="10s",
        no_value=_NONE,
    )


def faults() -> Panel:
    """What was not stored, a second."""
    return chart(
        w.FAULTS,
        w.FAULTS_ABOUT,
        [
            series(ingesters.rate_of_all(field), "$col", PLATFORM, ref)
            for ref, field in zip("ABCD", ("rejected", "duplicates", "conflicts", "late"), strict=True)
        ],
        w.PER_S,
        lines=(
            Line("rejected", w.REJECTED, palette.VERMILION),
            Line("duplicates", w.DUPLICATES, palette.SKY),
            Line("conflicts", w.CONFLICTS, palette.PURPLE),
            Line("late", w.LATE, palette.AMBER),
        ),
        low=0.0,
        interval="10s",
        no_value=_NONE,
    )


def dead_letters() -> Panel:
    """Dead letters that were not replayed."""
    return chart(
        w.DEAD_LETTERS,
        w.DEAD_LETTERS_ABOUT,
        [series(ingesters.dead_letters(), "$tag_reason", PLATFORM)],
        "short",
        decimals=0,
        low=0.0,
        stepped=True,
        no_value=w.NO_DEAD_LETTER,
    )


def dead_letters_by_reason() -> Panel:
    """Dead letters by reason, now."""
    return bars(
        w.DEAD_LETTERS_BY_REASON,
        w.DEAD_LETTERS_BY_REASON_ABOUT,
        table(ingesters.dead_letters_by_reason(), PLATFORM),
        "short",
        label="reason",
        lines=(Line("letters", w.DEAD_LETTERS, palette.VERMILION),),
        decimals=0,
        no_value=w.NO_DEAD_LETTER,
    )


def ledger() -> Panel:
    """What the ledgers miss today."""
    return chart(
        w.LEDGER_TODAY,
        w.LEDGER_TODAY_ABOUT,
        [series(ingesters.ledger(), "$col", PLATFORM)],
        "short",
        lines=(Line("missing", w.MISSING, palette.VERMILION), Line("gaps", w.LEDGER_GAPS, palette.AMBER)),
        decimals=0,
        low=0.0,
        interval="1m",
        no_value=_NONE,
    )


def devices() -> Panel:
    """Devices that were heard."""
    return chart(
        w.DEVICES_HEARD,
        w.DEVICES_HEARD_ABOUT,
        [series(ingesters.devices(), w.DEVICES, PLATFORM)],
        "short",
        lines=(Line(w.DEVICES, w.DEVICES, palette.BLUE),),
        decimals=0,
        low=0.0,
        interval="10s",
        no_value=_NONE,
    )


def slots() -> Panel:
    """Each slot's last report."""
    return table_panel(
        w.SLOTS,
        w.SLOTS_ABOUT,
        table(ingesters.slots(), PLATFORM),
        [
            Column("slot", w.SLOT),
            Column("messages", w.MESSAGES, decimals=0),
            Column("received", w.RECEIVED, decimals=0),
            Column("stored", w.STORED, decimals=0),
            Column("duplicates", w.DUPLICATES, decimals=0),
            Column("conflicts", w.CONFLICTS, decimals=0),
            Column("rejected", w.REJECTED, decimals=0),
            Column("late", w.LATE, decimals=0),
            Column("spool_bytes", w.SPOOL, "decbytes", limits=SPOOL),
            Column("waiting", w.WAITING, decimals=0),
        ],
        when=w.HEARD,
        ago=True,
        no_value=_NONE,
    )


def alive() -> Panel:
    """Which slots reported."""
    return history(
        w.SLOTS_ALIVE,
        w.SLOTS_ALIVE_ABOUT,
        [series(ingesters.reports(), "$tag_slot", PLATFORM)],
        limits=states.SILENCE,
        interval="1m",
        no_value=_NONE,
    )
