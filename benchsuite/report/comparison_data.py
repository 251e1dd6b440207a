"""A comparison for programs: JSON and CSV.

    {"benchsuite_compare": 1,
     "rule": {"threshold", "smallest", "alpha", "missed"}, "cases": how many verdicts are corrected for,
     "gate": {"outcome", "exit_status", "sentence"} or null,
     "comparisons": [{"base": {"label", "about", "versions"}, "other": {...}, "paired", "anchored", "drift",
                      "measured_by": the rule, where it was measured by another than "rule", or null,
                      "lines": [{"name", "base_name", "parameters", "status", "reason", "metric", "verdict",
                                 "ratio", "low", "high", "rounds", "more_rounds", "undecided_because",
                                 "base_bits_per_second", "other_bits_per_second", "simulated",
                                 "base_requests_per_second", "other_requests_per_second", "base_clock",
                                 "other_clock", "notes"}],
                      "groups": [{"by": [...], "values": [...], "cases", "ratio", "low", "high", "verdicts"}],
                      "only_base": [names], "only_other": [names], "warnings": [...], "remarks": [...]}]}

A verdict is "slower", "slower, below the threshold", "undecided", "same", "not slower" (by the threshold),
"faster", or null where there is none. Ratios are of rates, other to base: above 1 is faster. Without a size
there are no bits per second. A clock is what the time is of: elapsed, user CPU, not known. Keys are only
added; one that is removed or means something else raises `benchsuite_compare`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from math import inf
from typing import Any

from benchsuite.compare.comparison import Comparison
from benchsuite.compare.groups import Group
from benchsuite.compare.outcome import Outcome
from benchsuite.compare.verdicts import Rule
from benchsuite.model import Case
from benchsuite.report.delimited import cell
from benchsuite.view.comparison import record, warnings

_COLUMNS = (
    "status",
    "reason",
    "metric",
    "verdict",
    "ratio",
    "low",
    "high",
    "rounds",
    "more_rounds",
    "undecided_because",
    "base_bits_per_second",
    "other_bits_per_second",
    "simulated",
    "base_requests_per_second",
    "other_requests_per_second",
    "base_clock",
    "other_clock",
)


def as_json(
    comparisons: Sequence[Comparison], *, width: int | None, keys: Sequence[str], gate: Any = None
) -> str:
    """ASCII only: everything else, and whatever a terminal would act on, is escaped. gate: what a gate
    adds."""
    first = comparisons[0] if comparisons else None
    report = {
        "benchsuite_compare": 1,
        "rule": _rule(first.rule if first else None),
        "cases": first.cases if first else 0,
        "gate": gate,
        "comparisons": [_comparison(each, keys) for each in comparisons],
    }
    return json.dumps(report, indent=2, allow_nan=False) + "\n"


def gate_record(outcome: Outcome) -> dict[str, Any]:
    return {"outcome": outcome.kind, "exit_status": outcome.exit_status, "sentence": outcome.sentence}


def _comparison(comparison: Comparison, keys: Sequence[str]) -> dict[str, Any]:
    overall = comparison.overall()
    groups = [_group([], overall)] if overall else []
    for key in keys:
        groups += [_group(key.split(","), each) for each in comparison.grouped(key.split(","))]
    return {
        "base": asdict(comparison.base),
        "other": asdict(comparison.other),
        "paired": comparison.paired,
        "anchored": comparison.anchored or None,
        "drift": comparison.rule.drift,
        "measured_by": _rule(comparison.again.kept) if comparison.again and comparison.again.kept else None,
        "lines": [record(line) for line in comparison.lines],
        "groups": groups,
        "only_base": [case.name for case in comparison.only_base],
        "only_other": [case.name for case in comparison.only_other],
        "warnings": comparison.warnings,
        "remarks": comparison.remarks,
    }


def _rule(rule: Rule | None) -> dict[str, float | None]:
    return {key: getattr(rule, key, None) for key in ("threshold", "smallest", "alpha", "missed")}


def _group(by: list[str], group: Group) -> dict[str, Any]:
    return {
        "by": by,
        "values": list(group.values),
        "cases": group.cases,
        "ratio": group.ratio,
        "low": group.low,
        "high": None if group.high == inf else group.high,
        "verdicts": group.kinds,
    }


def as_csv(comparisons: Sequence[Comparison], *, width: int | None, keys: Sequence[str]) -> str:
    """A row for each case and comparison, RFC 4180; text cannot be taken for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    names = [field.name for field in fields(Case)]
    writer.writerow(["base", "other", "name", "base_name", *names, *_COLUMNS, "warnings", "notes"])
    for comparison in comparisons:
        noted = "; ".join(warnings(comparison))
        for line in comparison.lines:
            plain = record(line)
            items = [comparison.base.label, comparison.other.label, plain["name"], plain["base_name"]]
            items += [plain["parameters"][name] for name in names]
            items += [plain[column] for column in _COLUMNS] + [noted, "; ".join(plain["notes"])]
            writer.writerow([cell(item) for item in items])
    return text.getvalue()
