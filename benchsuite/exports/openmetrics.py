"""openmetrics: OpenMetrics 1.0 text, for Prometheus (a scrape, the textfile collector, promtool's
create-blocks-from) and whatever else reads it.

A case's parameters and its tags (as tag_KEY) are the labels, beside the profile, and `clock` where an
imported time is not elapsed time. What has no size, as a signature, has no throughput in bits. Samples carry
the time at which the case's last worker ended, where that is known. Failed cases are there with
benchsuite_measured 0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from benchsuite import stats
from benchsuite.facts import Environment
from benchsuite.formats.figure import ELAPSED
from benchsuite.model import PARAMETERS, CaseResult, Result
from benchsuite.sheet.printable import clean
from benchsuite.stats import Summary
from benchsuite.view.parameters import parameter
from benchsuite.view.rows import Row, rows

_NO_LABEL = re.compile(r"[^A-Za-z0-9_]")
_QUANTILES = (("0.5", "p50"), ("0.9", "p90"), ("0.99", "p99"), ("0.999", "p99_9"), ("1", "max"))
_ENVIRONMENT = {
    "version": Environment.VERSION,
    "cpu": Environment.CPU_MODEL_NAME,
    "kernel": Environment.KERNEL_RELEASE,
    "hostname": Environment.HOSTNAME,
}


@dataclass(frozen=True, slots=True)
class _Sample:
    labels: str
    value: float
    time: float  # seconds since the epoch; 0 where that is not known


def render(result: Result) -> str:
    listed = list(_labelled(result))
    lines = [*_info(result)]
    for name, unit, about, samples in _families(listed):
        if samples:
            lines.append(f"# TYPE {name} gauge")
            lines += [f"# UNIT {name} {unit}"] * bool(unit)
            lines.append(f"# HELP {name} {about}")
            lines += [_line(name, sample) for sample in samples]
    return "\n".join((*lines, "# EOF")) + "\n"


def _families(listed: list[tuple[Row, str]]) -> Iterator[tuple[str, str, str, list[_Sample]]]:
    """(name, unit, what it is, samples), each family once."""
    yield (
        "benchsuite_measured",
        "",
        "1 where the case has a figure, 0 where it failed.",
        [_sample(row, labels, float(row.figures is not None)) for row, labels in listed],
    )
    yield (
        "benchsuite_simulated",
        "",
        "1 where the times are those of a model and no device was measured; confidence: how sure they are.",
        [
            _sample(row, f'{labels},confidence="{row.confidence}"', 1.0)
            for row, labels in listed
            if row.simulated
        ],
    )
    measured = [(row, labels, row.figures) for row, labels in listed if row.figures]
    yield (
        "benchsuite_throughput_bits_per_second",
        "",
        "Payload, by the median of the values.",
        _told(measured, lambda figures: figures.bits_per_second),
    )
    yield (
        "benchsuite_requests_per_second",
        "",
        "Requests (operations) that were done, by the median of the values; of an open loop, of all.",
        _told(measured, lambda figures: figures.requests_per_second),
    )
    yield (
        "benchsuite_request_seconds",
        "seconds",
        "Of one request, the median of the values; of an open loop, its mean latency.",
        _told(measured, lambda figures: figures.seconds),
    )
    yield (
        "benchsuite_request_interval_seconds",
        "seconds",
        "Between which that median lies, at 95%.",
        [
            _sample(row, f'{labels},bound="{bound}"', seconds)
            for row, labels, figures in measured
            for bound, seconds in zip(("low", "high"), figures.interval, strict=True)
        ],
    )
    yield (
        "benchsuite_offered_requests_per_second",
        "",
        "Requests that arrived at an open loop.",
        _told(measured, lambda figures: figures.offered_per_second),
    )
    yield (
        "benchsuite_dropped_ratio",
        "ratio",
        "Of what arrived at an open loop, what found no place.",
        _told(measured, lambda figures: figures.dropped),
    )
    yield (
        "benchsuite_cpu_ratio",
        "ratio",
        "CPU seconds of a second of wall time, user and system.",
        _told(measured, lambda figures: figures.cpu),
    )
    yield (
        "benchsuite_latency_seconds",
        "seconds",
        "Of sampled requests (of an open loop, of all), by stage; quantile 1 is the largest.",
        [
            _sample(row, f'{labels},stage="{stage}",quantile="{quantile}"', getattr(latency, key) / 1e9)
            for row, labels, figures in measured
            for stage, latency in figures.latency.items()
            for quantile, key in _QUANTILES
        ],
    )


def _told(
    measured: Iterable[tuple[Row, str, Summary]], of: Callable[[Summary], float | None]
) -> list[_Sample]:
    """Samples of a figure, of the cases that have it."""
    found = [(row, labels, of(figures)) for row, labels, figures in measured]
    return [_sample(row, labels, value) for row, labels, value in found if value is not None]


def _info(result: Result) -> Iterator[str]:
    labels = {"profile": result.profile, **_tags(result.tags)}
    if result.note:
        labels["note"] = result.note
    for label, key in _ENVIRONMENT.items():
        if result.environment.get(key):
            labels[label] = str(result.environment[key])
    yield "# TYPE benchsuite_result info"
    yield "# HELP benchsuite_result What was measured, and on what."
    yield f"benchsuite_result_info{{{_labels(labels.items())}}} 1"


def _labelled(result: Result) -> Iterator[tuple[Row, str]]:
    """The rows with their labels. Cases that differ in request_num alone have the same: they are numbered."""
    seen: Counter[str] = Counter()
    for row in rows(result):
        case = row.result.case
        clock = stats.clock(row.result)
        labels = _labels(
            [
                ("profile", result.profile),
                *((key, parameter(key, getattr(case, key))) for key in PARAMETERS),
                *[("clock", clock)] * (clock != ELAPSED),
                *_tags(row.result.tags).items(),
            ]
        )
        seen[labels] += 1
        yield row, labels if seen[labels] == 1 else f'{labels},repetition="{seen[labels]}"'


def _tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags as labels, whose names have letters, digits and _ alone; what is taken already is numbered."""
    found: dict[str, str] = {}
    for key, tag in tags.items():
        name = unique = f"tag_{_NO_LABEL.sub('_', key)}"
        number = 1
        while unique in found or unique in PARAMETERS:
            number += 1
            unique = f"{name}_{number}"
        found[unique] = tag
    return found


def _labels(pairs: Iterable[tuple[str, str]]) -> str:
    return ",".join(f'{key}="{_escape(text)}"' for key, text in pairs)


def _escape(text: str) -> str:
    return clean(text).replace("\\", "\\\\").replace('"', '\\"')


def _sample(row: Row, labels: str, value: float) -> _Sample:
    return _Sample(labels, value, _ended(row.result))


def _ended(case: CaseResult) -> float:
    return max((run.ended for run in case.runs), default=0.0)


def _line(name: str, sample: _Sample) -> str:
    time = f" {sample.time:.3f}" if sample.time > 0 else ""
    return f"{name}{{{sample.labels}}} {sample.value!r}{time}"
