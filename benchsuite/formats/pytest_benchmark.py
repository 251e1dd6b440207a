"""The JSON of pytest-benchmark, also of `benchsuite export --to pytest-benchmark` and of our pytest plugin.

What benchsuite wrote has the case in `extra_info` and comes back as that case. Any other benchmark is a case
of the backend `pytest-benchmark` that is named by its test and has no payload, unless it says
`request_size` in its parameters or extra_info.

Source: the schema of pytest-benchmark 3 to 5, and files that it wrote.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from benchsuite.facts import Environment, Fact
from benchsuite.formats import naming
from benchsuite.formats.figure import EXACT, PER_SECOND, Figure, timed
from benchsuite.formats.text.lines import Line
from benchsuite.model import Case, Value

NAME = "pytest-benchmark"
ABOUT = "pytest-benchmark's JSON (--benchmark-json, --benchmark-save)"
EXPECTED = "an object with machine_info and benchmarks"

OWN = "benchsuite"  # the key in extra_info under which our export keeps the case
ARRIVED = "arrived"  # the key in there of an open loop's values, column by column
ARRIVED_KEYS = ("requests", "wall", "offered", "dropped", "arriving", "latency", "carrying")
CALL = "call"
_LONGEST_TEXT = 400
_MOST = 10**6  # values and benchmarks: more is no test session

NOT_ARRIVED = "a case with a rate, without what arrived in each value: was extra_info changed?"
ONE_NUMBER = "only the median of pytest-benchmark's rounds is in the file: --benchmark-save-data keeps all"


def is_one(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("benchmarks"), list) and "machine_info" in data


def read(data: dict[str, Any]) -> tuple[list[Figure], list[str]]:
    """(figures, what could not be read and why)."""
    figures, unclear = [], []
    for number, entry in enumerate(data["benchmarks"][:_MOST], 1):
        where = f"benchmarks[{number - 1}]"
        stats = entry.get("stats") if isinstance(entry, dict) else None
        if not isinstance(stats, dict) or not isinstance(entry.get("name"), str):
            unclear.append(f"{where}: no name or no stats")
            continue
        figures.append(_figure(entry, stats, Line(number, where, f"{where}: {_text(entry['name'])}")))
    return figures, unclear


def machine(data: dict[str, Any]) -> dict[str, str]:
    """Keys of a result's environment."""
    info = data.get("machine_info")
    info = info if isinstance(info, dict) else {}
    cpu = info.get("cpu")
    found = {
        Environment.CPU_MODEL_NAME: cpu.get("brand_raw") if isinstance(cpu, dict) else None,
        Environment.KERNEL_RELEASE: info.get("release") if info.get("system") == "Linux" else None,
        Environment.ARCHITECTURE: info.get("machine"),
        "python_version": info.get("python_version"),
    }
    return {key: _text(value) for key, value in found.items() if isinstance(value, str) and value.strip()}


def _figure(entry: dict[str, Any], stats: dict[str, Any], line: Line) -> Figure:
    extra = entry.get("extra_info")
    extra = extra if isinstance(extra, dict) else {}
    name = entry.get("fullname") if isinstance(entry.get("fullname"), str) else entry["name"]
    case = _own_case(extra.get(OWN)) or _foreign_case(entry, extra)
    values, whole = _values(stats)
    reason = "" if values else "its stats hold no usable time"
    if case.load.open_loop:  # times alone are no value of it
        values, whole = _arrived(extra.get(OWN)), True
        reason = "" if values else NOT_ARRIVED
    rounds = stats.get("rounds")
    facts = {Fact.PYTEST_ROUNDS: str(rounds)} if _is_count(rounds) else {}
    facts |= _own_facts(extra.get(OWN))
    number = stats.get("median")
    return Figure(
        case,
        (line,),
        f"median {number:.6g} s" if _is_number(number) else "stats",
        values,
        reason,
        0.0,
        EXACT if whole else PER_SECOND,
        algorithm=_text(name),
        facts=facts,
        notes=() if whole or not values else (ONE_NUMBER,),
    )


def _own_case(own: Any) -> Case | None:
    """The case that our export wrote; None for anything else."""
    case = own.get("case") if isinstance(own, dict) else None
    if not isinstance(case, dict):
        return None
    case = {
        key: value for key, value in case.items() if value is not None
    }  # null is what is usual: unlimited
    kinds = {field.name: str(field.type) for field in fields(Case)}
    checks = {"str": lambda value: isinstance(value, str), "bool": lambda value: isinstance(value, bool)}
    for key, value in case.items():
        if key not in kinds or not checks.get(kinds[key], _is_count)(value):
            return None
    return Case(**case) if {"backend", "algorithm"} <= case.keys() else None


def _arrived(own: Any) -> tuple[Value, ...]:
    """The values of an open loop that our export wrote; none where any of them cannot be."""
    columns = own.get(ARRIVED) if isinstance(own, dict) else None
    if not isinstance(columns, dict):
        return ()
    lists = [found for key in ARRIVED_KEYS if isinstance(found := columns.get(key), list)]
    if len(lists) != len(ARRIVED_KEYS) or len({len(each) for each in lists}) != 1:
        return ()
    found = [_value_of(dict(zip(ARRIVED_KEYS, row, strict=True))) for row in zip(*lists, strict=True)]
    return tuple(value for value in found if value) if all(found) else ()


def _value_of(row: dict[str, Any]) -> Value | None:
    counts = all(_is_count(row[key]) for key in ("requests", "offered", "dropped"))
    times = all(_is_number(row[key]) and row[key] > 0 for key in ("arriving", "latency", "carrying"))
    if not counts or not times or not _is_number(row["wall"]):
        return None
    if row["offered"] < row["requests"] + row["dropped"]:
        return None
    value = timed(row["requests"], row["wall"])
    return replace(value, **{key: row[key] for key in ARRIVED_KEYS[2:]}) if value else None


def _own_facts(own: Any) -> dict[str, str]:
    facts = own.get("facts") if isinstance(own, dict) else None
    if not isinstance(facts, dict):
        return {}
    return {str(key)[:100]: _text(value) for key, value in facts.items() if isinstance(value, str)}


def _foreign_case(entry: dict[str, Any], extra: dict[str, Any]) -> Case:
    params = entry.get("params")
    params = params if isinstance(params, dict) else {}
    sizes = [place["request_size"] for place in (params, extra) if _is_count(place.get("request_size"))]
    full = entry.get("fullname")
    name = full if isinstance(full, str) and full else entry["name"]
    return Case(NAME, naming.foreign(name.replace("/", ".")), CALL, sizes[0] if sizes else 0)


def _values(stats: dict[str, Any]) -> tuple[tuple[Value, ...], bool]:
    """(values, whether they are those of all rounds). `data` are seconds of one call, each the mean of
    `iterations` calls."""
    iterations = stats["iterations"] if _is_count(stats.get("iterations")) else 1
    data = stats.get("data")
    if isinstance(data, list) and data and all(_is_number(each) for each in data[:_MOST]):
        found = [timed(iterations, each * iterations) for each in data[:_MOST]]
        if all(found):
            return tuple(value for value in found if value), True
    for key in ("median", "mean", "min"):
        if _is_number(stats.get(key)) and (value := timed(iterations, stats[key] * iterations)):
            return (value,), False
    return (), False


def _is_number(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) < 1e300  # NaN is not


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _text(value: Any) -> str:
    return " ".join(str(value).split())[:_LONGEST_TEXT]
