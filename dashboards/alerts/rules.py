"""The alert rules: what is watched, from when on it is wrong, and for how long before anybody is told.

A rule speaks both languages at once: whoever gets a message has chosen none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from dashboards import words as w
from dashboards.language import Language, Text
from dashboards.model.rules import Ago, Condition, Evaluator, Expression, Group, QueryModel, Rule, Step
from dashboards.names import Name, uid
from dashboards.queries import watching
from dashboards.sources import EXPRESSIONS, SOURCE_OF, Audience

INTERVAL_S: Final = 60
FOLDER: Final = "Cánh Đồng"
GROUP: Final = "canhdong"
_NOW: Final = Ago(from_=0, to=0)
HOUR_S: Final = 3_600
DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Watch:
    """What a rule watches.

    ``above`` and ``below`` are its limit; ``moving`` adds "and was moving when last heard". ``over_s`` is the range
    that the query sees, ``lasting`` how long it has to be wrong.
    """

    name: str
    audience: Audience
    title: Text
    told: Text
    query: str
    over_s: int
    lasting: str
    board: Name
    severity: str = "warning"
    above: float | None = None
    below: float | None = None
    moving: bool = False


def watches() -> tuple[Watch, ...]:
    """Everything that is watched."""
    return (*_in_flight(), *_in_fields(), *_platform())


def of(audience: Audience) -> tuple[Rule, ...]:
    """The rules of one audience."""
    return tuple(_rule(watch) for watch in watches() if watch.audience is audience)


def file(told: tuple[Rule, ...], audience: Audience) -> dict[str, object]:
    """Rules as file provisioning takes them."""
    rules = tuple(_in_file(rule) for rule in told)
    group = Group(org_id=1, name=f"{GROUP} {audience}", folder=FOLDER, interval=f"{INTERVAL_S}s", rules=rules)
    return {"apiVersion": 1, "groups": (group,) if rules else ()}


def _in_file(rule: Rule) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(rule)
    return {name: value for name, value in told.items() if name != "ruleGroup"}


def _in_flight() -> tuple[Watch, ...]:
    kinds = (
        ("outside", "outside-plot", w.RULE_OUTSIDE, w.RULE_OUTSIDE_TOLD, "warning"),
        ("buffer", "in-buffer", w.RULE_BUFFER, w.RULE_BUFFER_TOLD, "critical"),
        ("weather", "bad-weather", w.RULE_WEATHER, w.RULE_WEATHER_TOLD, "warning"),
        ("tank", "tank-mismatch", w.RULE_TANK, w.RULE_TANK_TOLD, "warning"),
    )
    silent = Watch(
        "silent",
        Audience.COOPERATIVE,
        w.RULE_SILENT,
        w.RULE_SILENT_TOLD,
        watching.heard("fix", "lat", 2),
        15 * 60,
        "1m",
        Name.FLEET,
        "critical",
        below=1.0,
        moving=True,
    )
    return (
        silent,
        *(
            Watch(
                name,
                Audience.COOPERATIVE,
                title,
                told,
                watching.standing(kind),
                DAY_S,
                "0s",
                Name.FLEET,
                severity,
                above=0.5,
            )
            for name, kind, title, told, severity in kinds
        ),
    )


def _in_fields() -> tuple[Watch, ...]:
    own = Audience.COOPERATIVE
    salt, water = watching.last("salinity"), watching.last("water_level")
    silent = watching.heard("reading", "value", 6 * 60)
    clock = watching.clock_wrong()
    return (
        Watch("salinity", own, w.RULE_SALINITY, w.RULE_SALINITY_TOLD, salt, 3 * HOUR_S, "10m", Name.SENSORS, above=4.0),
        Watch("water", own, w.RULE_WATER, w.RULE_WATER_TOLD, water, 3 * HOUR_S, "30m", Name.SENSORS, below=-0.15),
        Watch("stale", own, w.RULE_STALE, w.RULE_STALE_TOLD, silent, 7 * DAY_S, "5m", Name.SENSORS, below=1.0),
        Watch("clock", own, w.RULE_CLOCK, w.RULE_CLOCK_TOLD, clock, 30 * DAY_S, "0s", Name.QUALITY, above=0.5),
    )


def _platform() -> tuple[Watch, ...]:
    own = Audience.OPERATOR
    letters, spool = watching.dead_letters(), watching.spool_growth()
    return (
        Watch("letters", own, w.RULE_LETTERS, w.RULE_LETTERS_TOLD, letters, HOUR_S, "5m", Name.PLATFORM, above=0.5),
        Watch("spool", own, w.RULE_SPOOL, w.RULE_SPOOL_TOLD, spool, 900, "10m", Name.PLATFORM, "critical", above=1e6),
    )


def _rule(watch: Watch) -> Rule:
    source = SOURCE_OF[watch.audience]
    steps = [_query("A", source, watch.query, watch.over_s), _expression("B", "reduce", "A", reducer="last")]
    if watch.moving:
        moving = [_query("E", source, watching.moving(), watch.over_s), _expression("F", "reduce", "E", reducer="last")]
        steps += [*moving, _expression("C", "math", f"$B < {watch.below:g} && $F > 1")]
    else:
        steps.append(_threshold(watch))
    return Rule(
        uid=f"cd_rule_{watch.name}",
        title=f"{watch.title.vi} / {watch.title.en}",
        rule_group=GROUP,
        condition="C",
        for_=watch.lasting,
        no_data_state="OK",
        exec_err_state="Error",
        labels={"severity": watch.severity, "board": watch.board.value},
        annotations={
            "summary": f"{watch.told.vi} / {watch.told.en}",
            "__dashboardUid__": uid(watch.board, Language.VI),
            "__panelId__": "1",
        },
        data=tuple(steps),
    )


def _threshold(watch: Watch) -> Step:
    kind, limit = ("lt", watch.below) if watch.below is not None else ("gt", watch.above)
    if limit is None:
        raise ValueError(f"rule {watch.name} has no limit")
    evaluator = Evaluator(type=kind, params=(limit,))
    return _expression("C", "threshold", "B", conditions=(Condition(evaluator=evaluator),))


def _query(ref: str, source: str, query: str, over_s: int) -> Step:
    model = QueryModel(ref_id=ref, raw_query=True, query=query, result_format="time_series")
    return Step(
        ref_id=ref,
        query_type="",
        datasource_uid=source,
        relative_time_range=Ago(from_=over_s, to=0),
        model=model,
    )


def _expression(
    ref: str, kind: str, expression: str, *, reducer: str = "", conditions: tuple[Condition, ...] = ()
) -> Step:
    model = Expression(ref_id=ref, type=kind, expression=expression, reducer=reducer, conditions=conditions)
    return Step(ref_id=ref, query_type="", datasource_uid=EXPRESSIONS, relative_time_range=_NOW, model=model)
