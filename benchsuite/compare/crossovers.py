"""From which size one backend beats another, and whether that has moved between two results."""

from __future__ import annotations

from collections.abc import Iterable

from benchsuite import stats
from benchsuite.crossover import Crossover, Point, crossover, sentence
from benchsuite.model import DIGEST, Case, CaseResult, CouldNotMeasure, Result

Meetings = dict[tuple[Case, str, str], Crossover]  # workload (no backend, no size), base, challenger


def meetings(result: Result, base: str | None = None) -> Meetings:
    """Of every other backend with `base` (None: the first of the result), where they have several sizes in
    common."""
    backends = list(dict.fromkeys(case.case.backend for case in result.cases))
    first = base or (backends[0] if backends else "")
    workloads: dict[Case, dict[str, list[CaseResult]]] = {}
    for case in result.cases:
        workload = case.case.without("backend", "request_size")
        workloads.setdefault(workload, {}).setdefault(case.case.backend, []).append(case)
    found: Meetings = {}
    for challenger in backends:
        for workload, of in workloads.items():
            if (
                challenger != first
                and first in of
                and challenger in of
                and _comparable(of, first, challenger)
            ):
                meeting = crossover(_points(of[first]), _points(of[challenger]))
                if meeting and (len(meeting.spans) > 1 or meeting.spans[0].first != meeting.spans[0].last):
                    found[workload, first, challenger] = meeting
    return found


def _comparable(of: dict[str, list[CaseResult]], *backends: str) -> bool:
    return bool(stats.clocks_agree(case for backend in backends for case in of[backend]))


def _points(cases: Iterable[CaseResult]) -> list[Point]:
    points = []
    for case in cases:
        try:
            seconds, (low, high) = stats.summary(case).seconds, stats.interval(case)
        except CouldNotMeasure:
            continue
        if case.case.request_size:
            points.append(Point(case.case.request_size, seconds, low, high))
    return points


def of_one(result: Result, base: str | None) -> dict[str, list[str]]:
    """By challenger, sentences."""
    found: dict[str, list[str]] = {}
    for (workload, first, challenger), meeting in meetings(result, base).items():
        text = f"{name(workload)}: {sentence(meeting, first, challenger)}{_mark(result, first, challenger)}"
        found.setdefault(challenger, []).append(text)
    return found


def moved(base: Result, other: Result) -> list[str]:
    """Sentences on the crossovers that are not the same in both."""
    before, after = meetings(base), meetings(other)
    texts = []
    for key in before.keys() & after.keys():
        workload, first, challenger = key
        then, now = (sentence(each[key], first, challenger) for each in (before, after))
        if then != now:
            mark = _mark(other, first, challenger)
            texts.append(f"crossover, {name(workload)}: {then} in Base; {now} in Other{mark}")
    return sorted(texts)


def _mark(result: Result, *backends: str) -> str:
    """What must not be forgotten of a figure that is a model's."""
    of_them = (case for case in result.cases if case.case.backend in backends)
    return " (simulated)" if any(map(stats.simulated, of_them)) else ""


def name(workload: Case) -> str:
    """In words: what is usual is not said."""
    usual = Case("", "")
    text = workload.algorithm if workload.op == DIGEST else f"{workload.algorithm} {workload.op}"
    keys = ("q_len", "batch", "cbimm", "workers", "iv", "crypto_q_max")
    return text + "".join(
        f", {key} {getattr(workload, key)}" for key in keys if getattr(workload, key) != getattr(usual, key)
    )
