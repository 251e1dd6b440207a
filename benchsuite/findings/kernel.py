"""What a request pays for entering the kernel, by each way in."""

from __future__ import annotations

from dataclasses import dataclass

from benchsuite.findings.figures import Figures, Range, Sample
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Numbers, durations, finding, percent
from benchsuite.kernel_cost import INSIDE, kernel_costs

KIND = "kernel"


@dataclass(frozen=True, slots=True)
class _Crossing:
    outside: Sample
    inside: Sample
    cost: Range


def find(figures: Figures) -> list[Finding]:
    if not any(each.result.driver == INSIDE for each in figures.samples):
        return []
    by_result = {id(each.result): each for each in figures.samples}
    costs = kernel_costs((each.result, each.figures) for each in figures.samples)
    ways: dict[str, list[_Crossing]] = {}
    for outside, cost in zip(figures.samples, costs, strict=True):
        inside = by_result.get(id(cost.inside)) if cost else None
        if inside:
            crossing = _Crossing(outside, inside, outside.time.less(inside.time))
            ways.setdefault(outside.backend, []).append(crossing)
    told = {name: [each for each in of if each.cost.low > 0] for name, of in ways.items()}
    parts = [f"{durations(each.cost.value for each in of)} through {name}" for name, of in told.items() if of]
    open_ = [name for name, of in told.items() if not of]
    if not parts:
        return []
    text = f"Entering the kernel costs a request {', '.join(parts)}"
    crossings = [each for of in told.values() for each in of]
    worst = max(crossings, key=lambda each: each.cost.value / each.outside.time.value)
    size = worst.outside.case.request_size
    share = percent(worst.cost.value / worst.outside.time.value)
    text += f"; that is up to {share} of its time ({worst.outside.backend} at {size} B)"
    if open_:
        text += f"; through {', '.join(open_)} no cost is told apart from noise"
    numbers: Numbers = {}
    for name, of in told.items():
        if of:
            numbers[f"{name} least_seconds"] = min(each.cost.value for each in of)
            numbers[f"{name} most_seconds"] = max(each.cost.value for each in of)
    rested = [sample for each in crossings for sample in (each.outside, each.inside)]
    return [finding(KIND, text, numbers, figures, rested)]
