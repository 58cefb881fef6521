"""Panels of data quality, with the ledger behind it."""

from __future__ import annotations

from dashboards import links, palette, states
from dashboards import words as w
from dashboards.building.charts import Line, chart
from dashboards.building.numbers import Number, numbers
from dashboards.building.queries import series, table
from dashboards.building.tables import Column
from dashboards.building.tables import table as table_panel
from dashboards.building.timelines import history, timeline
from dashboards.model.panels import Panel
from dashboards.names import Name
from dashboards.queries import quality

_NONE = w.NO_QUALITY
_DEVICE = links.row_to(Name.QUALITY, w.ONLY_THIS_DEVICE, "device")
_SERIES = links.series_to(Name.QUALITY, w.ONLY_THIS_DEVICE, "device")
_SCORES = (
    ("correct", w.CORRECT, palette.BLUE),
    ("complete", w.COMPLETE, palette.AMBER),
    ("clean", w.CLEAN, palette.GREEN),
    ("live", w.LIVE, palette.PURPLE),
)
_COUNTS = (
    ("stored", w.STORED),
    ("duplicates", w.DUPLICATES),
    ("conflicts", w.CONFLICTS),
    ("rejected", w.REJECTED),
    ("late", w.LATE),
    ("expected", w.EXPECTED_COUNT),
    ("missing", w.MISSING),
    ("gaps", w.LEDGER_GAPS),
)


def scores() -> Panel:
    """The four scores of the cooperative."""
    return numbers(
        w.SCORES,
        w.SCORES_ABOUT,
        [table(quality.together())],
        [Number(name, title, "percent", decimals=1, limits=states.SHARE) for name, title, _ in _SCORES],
        no_value=_NONE,
        graph=True,
    )


def scores_by_day() -> Panel:
    """The four scores by day."""
    return chart(
        w.SCORES_BY_DAY,
        w.SCORES_BY_DAY_ABOUT,
        [series(quality.together(), "$col")],
        "percent",
        lines=[Line(name, title, color) for name, title, color in _SCORES],
        high=100.0,
        no_value=_NONE,
    )


def complete() -> Panel:
    """Completeness by device and day."""
    return _days(w.COMPLETE_BY_DEVICE, w.COMPLETE_BY_DEVICE_ABOUT, "complete")


def live() -> Panel:
    """Liveness by device and day."""
    return _days(w.LIVE_BY_DEVICE, w.LIVE_BY_DEVICE_ABOUT, "live")


def correct() -> Panel:
    """Correctness by device and day."""
    return _days(w.CORRECT_BY_DEVICE, w.CORRECT_BY_DEVICE_ABOUT, "correct")


def clean() -> Panel:
    """Cleanliness by device and day."""
    return _days(w.CLEAN_BY_DEVICE, w.CLEAN_BY_DEVICE_ABOUT, "clean")


def _days(title: w.Text, about: w.Text, score: str) -> Panel:
    return history(
        title,
        about,
        [series(quality.score_by_device(score), "$tag_device")],
        limits=states.SHARE,
        unit="percent",
        links=[_SERIES],
        interval="1d",
        no_value=_NONE,
    )


def devices() -> Panel:
    """The last day's scores of each device."""
    return table_panel(
        w.DEVICES,
        w.DEVICES_ABOUT,
        table(quality.last_by_device()),
        [
            Column("device", w.DEVICE, link=_DEVICE),
            *(
                Column(name, title, "percent", decimals=1, limits=states.SHARE, gauge=True)
                for name, title, _ in _SCORES
            ),
            Column("received", w.RECEIVED, decimals=0),
            Column("stored", w.STORED, decimals=0),
            Column("had", w.HAD, decimals=0),
            Column("expected", w.EXPECTED_COUNT, decimals=0),
        ],
        when=w.DAY,
        sort=w.COMPLETE,
        descending=False,
        no_value=_NONE,
    )


def worst() -> Panel:
    """The least complete days."""
    return table_panel(
        w.WORST_DAYS,
        w.WORST_DAYS_ABOUT,
        table(quality.worst_days()),
        [
            Column("complete", w.COMPLETE, "percent", decimals=1, limits=states.SHARE),
            Column("device", w.DEVICE, link=_DEVICE),
        ],
        when=w.DAY,
        sort=w.COMPLETE,
        descending=False,
        no_value=_NONE,
    )


def ledger() -> Panel:
    """The ledger's last page of each device."""
    return table_panel(
        w.LEDGER,
        w.LEDGER_ABOUT,
        table(quality.ledger()),
        [
            Column("device", w.DEVICE, link=_DEVICE),
            Column("received", w.RECEIVED, decimals=0),
            *(Column(name, title, decimals=0) for name, title in _COUNTS),
        ],
        when=w.HEARD,
        ago=True,
        no_value=_NONE,
    )


def missing() -> Panel:
    """What has not come, over time."""
    return _counted(w.MISSING_OVER_TIME, w.MISSING_OVER_TIME_ABOUT, "missing")


def rejected() -> Panel:
    """What was refused, over time."""
    return _counted(w.REJECTED_OVER_TIME, w.REJECTED_OVER_TIME_ABOUT, "rejected")


def _counted(title: w.Text, about: w.Text, count: str) -> Panel:
    """A count of the ledger by device over time."""
    return chart(
        title,
        about,
        [series(quality.ledger_over_time(count), "$tag_device")],
        "short",
        decimals=0,
        low=0.0,
        stepped=True,
        links=[_SERIES],
        no_value=_NONE,
    )


def clocks() -> Panel:
    """What clocks were found to be."""
    return table_panel(
        w.CLOCKS,
        w.CLOCKS_ABOUT,
        table(quality.clock_states()),
        [
            Column("device", w.DEVICE, link=_DEVICE),
            Column("clock", w.CLOCK, words=states.CLOCKS),
            Column("offset_s", w.CLOCK_OFFSET, "s", decimals=1),
        ],
        when=w.SINCE,
        no_value=w.CLOCKS_RIGHT,
    )


def clock_changes() -> Panel:
    """When clocks changed."""
    return timeline(
        w.CLOCK_CHANGES,
        w.CLOCK_CHANGES_ABOUT,
        [series(quality.clocks_over_time(), "$tag_device")],
        words=states.CLOCKS,
        no_value=w.CLOCKS_RIGHT,
    )
