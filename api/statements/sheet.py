"""A statement as it is read: every figure as text with its unit, in one language. Page and paper only lay it out.

Everything comes from the signed document, nothing is looked up: an old statement reads the same for ever.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, Final

from api.statements.words import StatementWords
from core.localtime import ZONE
from core.statement import Document, StatementKind

Texts = dict[str, Any]
"""Texts, and lists and objects of texts."""

_DASH: Final = "–"
_STAMPS: Final = ("before", "worst", "mean", "after")


def sheet(document: Document, words: StatementWords) -> Texts:
    """The whole sheet."""
    subject, number = document["subject"], document["statement"]
    pairs = zip(document["computed"]["treatments"], document["told"]["treatments"], document["grades"], strict=True)
    return {
        "language": words.language,
        "title": words["statement"],
        "kind": words[f"of_{subject['kind']}"],
        "label": subject["label"],
        "facts": _facts(document, words),
        "season": [_season(it, words) for it in document["computed"]["season"] or []],
        "treatments": [_treatment(document, *it, words) for it in pairs],
        "nothing": "" if document["computed"]["treatments"] else words["no_treatments"],
        "definitions": [_definition(key, text, words) for key, text in document["definitions"].items()],
        "evidence": _evidence(document, words),
        "check": f"{words['check_how']} {words['check_what']}",
        "signatures": [words[f"signature_{who}"] for who in ("pilot", "farmer", "cooperative")],
        "number": f"{words['version_word']} {number['version']}",
        "words": {key: words[key] for key in _LABELS},
    }


_LABELS: Final = (
    "plot",
    "area",
    "net_logged",
    "net_expected",
    "net_interval",
    "covered",
    "missed",
    "overlap",
    "gross",
    "dose",
    "volume",
    "off_target",
    "total",
    "trust",
    "weather",
    "warnings",
    "definitions",
    "evidence",
    "season_sum",
    "figures",
    "interval",
    "times",
    "coordinates",
    "page",
    "grade",
    "wind",
    "temperature",
    "humidity",
    "rain",
    "window",
)


def number(value: float | None, digits: int = 2) -> str:
    """A figure with a fixed number of decimals; a dash where it is not known."""
    return _DASH if value is None or not math.isfinite(value) else f"{value:,.{digits}f}"


def amount(value: float | None, unit: str, digits: int = 1) -> str:
    """A figure and its unit; a dash alone where it is not known."""
    return _DASH if value is None else f"{number(value, digits)} {unit}"


def area(row: Document, key: str, words: StatementWords) -> Texts:
    """An area in hectares and in công."""
    return {"ha": amount(row[f"{key}_ha"], "ha", 3), "cong": amount(row[f"{key}_cong"], words["cong"], 2)}


def _range(row: Document, key: str) -> str:
    low, high = row[f"{key}_low_ha"], row[f"{key}_high_ha"]
    return _DASH if low is None else f"{number(low, 3)} – {number(high, 3)} ha"


def _facts(document: Document, words: StatementWords) -> list[list[str]]:
    subject, issued = document["subject"], document["statement"]
    days = subject["first_day"], subject["last_day"]
    facts = [[words["cooperative"], document["cooperative"]["name"]]]
    if subject["kind"] == StatementKind.PLOT:
        facts += [[words["plot"], _plot_name(document)], [words["season_days"], f"{_day(days[0])} – {_day(days[1])}"]]
    else:
        word = "flight" if subject["kind"] == StatementKind.FLIGHT else "job"
        facts += [[words[word], subject["label"]], [words["day"], _day(days[0])]]
    drones = [_drone(it) for it in document["told"]["drones"]]
    facts += [[words["drone"], "; ".join(drones)]] if drones else []
    replaces = f", {words['replaces']}" if issued["replaces"] else ""
    facts.append(
        [
            words["issued"],
            f"{_time(issued['issued_local'])} ({words['version_word']}\u00a0{issued['version']}{replaces})",
        ]
    )
    return facts


def _drone(it: Document) -> str:
    model = it["model"] if it["model"] not in it["name"] else ""
    return " · ".join(text for text in (it["name"] or it["device"], model, it["registration"]) if text)


def _plot_name(document: Document) -> str:
    subject = document["subject"]
    return subject["label"] if subject["label"] == subject["name"] else f"{subject['label']} ({subject['name']})"


def _treatment(document: Document, it: Document, told: Document, grade: Document, words: StatementWords) -> Texts:
    language, of_plot = words.language, document["subject"]["kind"] == StatementKind.PLOT
    spread = it["operation"]["code"] != "spray" and it["amounts"]["meter_kg"] is not None
    completeness = told["completeness"]
    letters = [*it["trust"], {"name": {language: words["completeness"]}} | completeness]
    return {
        "heading": f"{_day(it['day'])} · {it['operation'][language]} · {it['job']}",
        "facts": _treatment_facts(it, told, words),
        "rows": [_row(row, words, spread=spread) for row in it["plots"]],
        "total": _total(it, words, spread=spread) if len(it["plots"]) > 1 else None,
        "off_target": None if of_plot else _off_target(it["totals"], words, spread=spread),
        "amounts": _amounts(it["amounts"], words, of_plot=of_plot),
        "grade": {"letter": grade["grade"], "words": grade["words"][language]},
        "trust": [[r["name"][language], r["grade"], r["why"][language]] for r in letters],
        "weather": _weather(told["weather"], words),
        "warnings": [text[language] for text in it["warnings"]],
    }


def _treatment_facts(it: Document, told: Document, words: StatementWords) -> list[list[str]]:
    language = words.language
    minutes = (_moment(it["end"]) - _moment(it["start"])).total_seconds() / 60.0
    when = f"{_clock(it['start_local'])} – {_clock(it['end_local'])} ({number(minutes, 1)} {words['minutes']}, UTC+7)"
    facts = [[words["operation"], it["operation"][language]], [words["time"], when]]
    if told["order"]:
        order = told["order"]
        parts = (order["product"], amount(order["dose"], order["dose_unit"]) if order["dose"] is not None else "")
        facts.append([words["order"], ", ".join(t for t in parts if t) or _DASH])
    facts.append([words["treated_distance"], f"{number(it['totals']['treated_distance_m'], 0)} m"])
    used = it["fixes"]
    facts.append([words["fixes"], f"{used['used']:,} / {used['archived']:,} ({number(used['used_pct'], 1)} %)"])
    return facts


def _row(row: Document, words: StatementWords, *, spread: bool) -> Texts:
    given, dose = ("mass_kg", "dose_kgpha") if spread else ("volume_l", "dose_lpha")
    unit = "kg" if spread else "L"
    return {
        "name": row["name"] or row["plot"],
        "plot": row["plot"],
        **{key: area(row, key, words) for key in ("area", "net", "missed", "overlap", "gross")},
        "expected": area(row, "net_expected", words),
        "interval": _range(row, "net"),
        "covered": f"{number(row['covered_pct'], 1)} %",
        "amount": amount(row[given], unit),
        "dose": amount(row[dose], f"{unit}/ha"),
        "cv": _DASH if row["dose_cv_pct"] is None else f"{words['cv']} {number(row['dose_cv_pct'], 0)} %",
    }


def _total(it: Document, words: StatementWords, *, spread: bool) -> Texts:
    totals = it["totals"]
    net, whole = totals["plots_net_m2"], totals["plots_area_m2"]
    given = [row["mass_kg" if spread else "volume_l"] for row in it["plots"]]
    told = None if None in given else math.fsum(given)
    return {
        "name": words["total"],
        "plot": "",
        **{key: area(totals, f"plots_{key}", words) for key in ("area", "net", "missed", "overlap", "gross")},
        "expected": area(totals, "plots_net_expected", words),
        "interval": _range(totals, "plots_net"),
        "covered": f"{number(100.0 * net / whole if whole else None, 1)} %",
        "amount": amount(told, "kg" if spread else "L"),
        "dose": "",
        "cv": "",
    }


def _off_target(totals: Document, words: StatementWords, *, spread: bool) -> Texts:
    """Ground beside the plots, and how much of it on the way home and in a failsafe, where there is any."""
    kinds = [key for key in ("off_transit", "off_failsafe") if totals[f"{key}_m2"]]
    parts = [f"{words[key]}: {amount(totals[f'{key}_ha'], 'ha', 3)}" for key in kinds]
    given = totals["off_target_mass_kg"] if spread else totals["off_target_volume_l"]
    return area(totals, "off_target", words) | {"amount": amount(given, "kg" if spread else "L"), "parts": parts}


def _amounts(it: Document, words: StatementWords, *, of_plot: bool) -> list[list[str]]:
    where = f" ({words['whole_flights'].lower()})" if of_plot else ""
    rows = []
    for unit, word in (("l", "L"), ("kg", "kg")):
        if it[f"meter_{unit}"] is not None or it[f"tank_{unit}"] is not None:
            for way in ("meter", "tank"):
                value = it[f"{way}_{unit}"]
                rows.append([words[way] + where, words["untold"] if value is None else amount(value, word)])
            apart = it[f"difference_{unit}_pct"]
            rows += [] if apart is None else [[words["difference"], f"{apart:+.1f} %".replace("-", "−")]]
    return rows


def _weather(it: Document | None, words: StatementWords) -> Texts | None:
    """The four stamps as rows: window with its reasons, wind, gusts, temperature, humidity, rain."""
    if it is None:
        return None
    rows = []
    for name in _STAMPS:
        stamp = it[name]
        causes = ", ".join(words[f"cause_{r['cause']}"] for r in stamp["reasons"])
        state = words[f"window_{stamp['window']}"] + (f": {causes}" if causes else "")
        origin_deg = stamp["wind_from_deg"]
        origin = "" if origin_deg is None else f", {words['wind_origin']} {number(origin_deg, 0)}°"
        rows.append(
            [
                words[f"stamp_{name}"],
                state,
                amount(stamp["wind_mps"], "m/s") + origin,
                amount(stamp["gust_mps"], "m/s"),
                amount(stamp["temperature_c"], "°C"),
                amount(stamp["humidity_pct"], "%", 0),
                amount(stamp["rain_mmph"], "mm/h"),
            ]
        )
    stations = {s["station"]: s for name in _STAMPS for s in it[name]["stations"]}
    told = ", ".join(f"{name} ({amount(s['distance_m'], 'm', 0)})" for name, s in sorted(stations.items()))
    headings = [words[key] for key in ("time", "window", "wind", "gust", "temperature", "humidity", "rain")]
    note = f"{words['minutes_without']}: {it['minutes_without']} / {it['minutes']}"
    return {"headings": headings, "rows": rows, "note": f"{words['station']}: {told or _DASH}. {note}."}


def _season(it: Document, words: StatementWords) -> list[list[str]]:
    net, expected = area(it, "net", words), area(it, "net_expected", words)
    rows = [
        [words["operation"], it["operation"][words.language]],
        [words["season_count"], str(it["treatments"])],
        [words["net_logged"], f"{net['ha']} ({net['cong']})"],
        [words["net_expected"], f"{expected['ha']} ({expected['cong']}); {words['interval']}: {_range(it, 'net')}"],
        [words["turns"], number(it["turns"])],
        [words["worst_pct"], number(it["worst_pct"], 1)],
    ]
    for key, unit in (("volume_l", "L"), ("mass_kg", "kg")):
        if it[key] is not None:
            rows.append([words["volume" if unit == "L" else "mass"], amount(it[key], unit)])
    return rows


def _definition(key: str, text: Document, words: StatementWords) -> list[str]:
    return [words["season_sum"] if key == "season" else words[key], text[words.language]]


def _evidence(document: Document, words: StatementWords) -> list[list[str]]:
    inputs = document["inputs"]
    rows = [
        [f"{words['archive']} {it['archive_version']}", f"{it['flight']}: {it['input_hash']}"]
        for it in inputs["flights"]
    ]
    rows += [[f"{words['plot']} {it['plot']}", f"{words['plot_version']} {it['version']}"] for it in inputs["plots"]]
    return [
        *rows,
        [words["inputs_hash"], inputs["hash"]],
        [words["digest"], document["statement"]["digest"]],
        [words["algorithm"], inputs["algorithm"]],
        [words["signed_by"], document["issuer"]["key"]["kid"]],
        [f"1 {words['cong']}", f"{number(document['cooperative']['m2_per_cong'], 0)} m²"],
        [words["times"], ZONE.key],
        [words["place"], words["coordinates"]],
    ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _day(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%d/%m/%Y")


def _time(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%d/%m/%Y %H:%M")


def _clock(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%H:%M:%S")
