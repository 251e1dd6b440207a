"""pytest-benchmark: its JSON, for `pytest-benchmark compare`, `--benchmark-compare` and services.

A case is a benchmark, its values are the rounds; `iterations` is the fewest requests that a value had, and
times are seconds of one request, of an open loop
the mean latency. `extra_info` has Mbps (of what has a size), requests per second, the
`clock` where that is not elapsed time, `simulated` and how sure that is where the times are a model's, `tags`
where there are any, and under `benchsuite` the case, by which `benchsuite import` knows it again. A case
without a figure has no place there and is left out.
"""

from __future__ import annotations

import datetime
import json
from statistics import mean, median, stdev
from typing import Any

from benchsuite import doubts, stats
from benchsuite.facts import Environment, Fact
from benchsuite.formats.figure import ELAPSED
from benchsuite.formats.pytest_benchmark import ARRIVED, ARRIVED_KEYS, OWN
from benchsuite.model import CaseResult, Result
from benchsuite.version import __version__

SCHEMA = "5.0.0"  # of pytest-benchmark, whose keys these are


def render(result: Result) -> str:
    names: dict[str, int] = {}
    benchmarks = []
    for case in result.cases:
        if case.measured:
            names[case.case.name] = names.get(case.case.name, 0) + 1
            benchmarks.append(_benchmark(case, names[case.case.name]))
    data = {
        "machine_info": _machine(result.environment),
        "commit_info": {
            "id": "unknown",
            "time": None,
            "author_time": None,
            "dirty": False,
            "project": "benchsuite",
            "branch": "(unknown)",
        },
        "benchmarks": benchmarks,
        "datetime": _date(result),
        "version": SCHEMA,
    }
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


def extra_info(case: CaseResult) -> dict[str, Any]:
    """Facts beside the times: figures that pytest-benchmark does not have, and the case."""
    figures = stats.summary(case)
    found: dict[str, Any] = {"requests_per_second": figures.requests_per_second}
    if figures.mbps is not None:
        found = {"Mbps": round(figures.mbps, 3), **found}
    if figures.open_loop:
        found |= {
            "lat_mean_seconds": figures.latency_mean,
            "offered_per_second": figures.offered_per_second,
            "carried_per_second": figures.carried_per_second,
            "dropped_fraction": figures.dropped,
        }
    if figures.cpu is not None:
        found["cpu_percent"] = round(100 * figures.cpu, 1)
    if figures.cycles_per_byte is not None:
        found["cycles_per_byte"] = round(figures.cycles_per_byte, 3)
    if "lat" in figures.latency:
        latency = figures.latency["lat"]
        found["latency_seconds"] = {
            "p50": latency.p50 / 1e9,
            "p99": latency.p99 / 1e9,
            "max": latency.max / 1e9,
        }
    if stats.clock(case) != ELAPSED:
        found["clock"] = stats.clock(case)
    if stats.simulated(case):
        found["simulated"] = stats.simulated_in_words(case)
    if notes := doubts.notes(case):
        found["notes"] = notes
    if case.tags:
        found["tags"] = case.tags
    facts = case.runs[0].facts | ({Fact.SIMULATED: "yes"} if stats.simulated(case) else {})
    measured = case.case.on(case.label or case.backend)
    found[OWN] = {"version": __version__, "case": measured.told(), "facts": facts}
    if figures.open_loop:
        found[OWN][ARRIVED] = {key: [getattr(value, key) for value in case.values] for key in ARRIVED_KEYS}
    return found


def _benchmark(case: CaseResult, repetition: int) -> dict[str, Any]:
    name = case.case.name + (f" #{repetition}" if repetition > 1 else "")
    return {
        "group": None,
        "name": name,
        "fullname": f"benchsuite::{name}",
        "params": None,
        "param": None,
        "extra_info": extra_info(case),
        "options": {"disable_gc": False, "timer": "benchsuite", "warmup": False},
        "stats": figures(
            [value.per_request for value in case.values], min(value.requests for value in case.values)
        ),
    }


def figures(data: list[float], iterations: int) -> dict[str, Any]:
    """pytest-benchmark's statistics of these seconds, by its own definitions."""
    ordered = sorted(data)
    middle, spread = mean(data), stdev(data) if len(data) > 1 else 0.0
    q1, q3 = _quartile(ordered), _upper_quartile(ordered)
    low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
    outside = sum(each < middle - spread or each > middle + spread for each in data)
    beyond = sum(each < low or each > high for each in data)
    return {
        "min": ordered[0],
        "max": ordered[-1],
        "mean": middle,
        "stddev": spread,
        "rounds": len(data),
        "median": median(data),
        "iqr": q3 - q1,
        "q1": q1,
        "q3": q3,
        "iqr_outliers": beyond,
        "stddev_outliers": outside,
        "outliers": f"{outside};{beyond}",
        "ld15iqr": next(each for each in ordered if each >= low),
        "hd15iqr": next(each for each in reversed(ordered) if each <= high),
        "ops": len(data) / sum(data),
        "total": sum(data),
        "data": data,
        "iterations": iterations,
    }


def _quartile(ordered: list[float]) -> float:
    """The median of the lower half; of an odd number the weighted mean of the two beside it."""
    n, rest = divmod(len(ordered), 4)
    if len(ordered) == 1:
        return ordered[0]
    if rest == 1:
        return 0.25 * ordered[n - 1] + 0.75 * ordered[n]
    if rest == 3:
        return 0.75 * ordered[n] + 0.25 * ordered[n + 1]
    return median(ordered[: len(ordered) // 2])


def _upper_quartile(ordered: list[float]) -> float:
    n, rest = divmod(len(ordered), 4)
    if len(ordered) == 1:
        return ordered[0]
    if rest == 1:
        return 0.75 * ordered[3 * n] + 0.25 * ordered[3 * n + 1]
    if rest == 3:
        return 0.25 * ordered[3 * n + 1] + 0.75 * ordered[3 * n + 2]
    return median(ordered[len(ordered) // 2 :])


def _machine(environment: dict[str, Any]) -> dict[str, Any]:
    """The keys of its machine_info that a result knows."""
    known = {
        "node": environment.get(Environment.HOSTNAME),
        "machine": environment.get(Environment.ARCHITECTURE),
        "system": "Linux" if environment.get(Environment.KERNEL_RELEASE) else None,
        "release": environment.get(Environment.KERNEL_RELEASE),
        "python_version": str(environment.get(Environment.PYTHON_VERSION) or "").partition(" ")[0] or None,
        "cpu": {
            "brand_raw": environment.get(Environment.CPU_MODEL_NAME),
            "count": environment.get(Environment.CPU_COUNT),
        },
    }
    return {key: value for key, value in known.items() if value is not None}


def _date(result: Result) -> str:
    """When the first worker started; the epoch where nobody knows."""
    started = min((run.started for case in result.cases for run in case.runs if run.started), default=0.0)
    try:
        return datetime.datetime.fromtimestamp(started, datetime.UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return datetime.datetime.fromtimestamp(0, datetime.UTC).isoformat()
