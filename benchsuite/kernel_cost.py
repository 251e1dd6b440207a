"""The cost of entering the kernel: a request through AF_ALG or /dev/crypto, less the same request where
the kernel measured it itself (tcrypt), one at a time and by the same kernel driver.

Nothing is subtracted where different drivers did the work: that would be their difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchsuite import stats
from benchsuite.facts import Fact
from benchsuite.model import Case, CaseResult, Work
from benchsuite.stats import Summary

INSIDE = "tcrypt"  # the backend that measures inside the kernel


@dataclass(frozen=True, slots=True)
class KernelCost:
    """Seconds of a request that entering the kernel takes, and as a fraction of its time (below 0: noise);
    None of both where another driver served it, which `note` says. inside: what was subtracted."""

    seconds: float | None
    fraction: float | None
    note: str = ""
    inside: CaseResult | None = None


def kernel_costs(measured: Iterable[tuple[CaseResult, Summary | None]]) -> list[KernelCost | None]:
    """One per case, in their order; None where there is nothing to hold it against."""
    listed = list(measured)
    crossing = [bool(figures) and _crosses(case) for case, figures in listed]
    if not any(crossing):
        return [None] * len(listed)
    inside: dict[Work, list[tuple[CaseResult, Summary]]] = {}
    for case, figures in listed:
        if figures and case.driver == INSIDE and _one_at_a_time(case.case):
            inside.setdefault(_work(case.case), []).append((case, figures))
    return [
        _cost(case, figures, inside) if figures and crosses and inside else None
        for (case, figures), crosses in zip(listed, crossing, strict=True)
    ]


def _crosses(case: CaseResult) -> bool:
    """Whether its requests enter the kernel, one at a time, and it is known who serves them there."""
    return case.driver != INSIDE and bool(_drivers(case)) and _one_at_a_time(case.case)


def _one_at_a_time(case: Case) -> bool:
    return not case.load.needs("cbimm", "crypto_q_max")


def _work(case: Case) -> Work:
    """The work as tcrypt has it, which leaves no choice between in place and out of place."""
    return case.work.without("in_place")


def _drivers(case: CaseResult) -> list[str]:
    """Kernel drivers that served it; one, unless workers found different ones."""
    return stats.facts(case, Fact.KERNEL_DRIVER)


def _cost(
    case: CaseResult, figures: Summary, inside: dict[Work, list[tuple[CaseResult, Summary]]]
) -> KernelCost | None:
    drivers, beside = _drivers(case), inside.get(_work(case.case), [])
    if not beside:
        return None
    same = [other for other in beside if len(drivers) == 1 and _drivers(other[0]) == drivers]
    if not same:
        others = sorted({driver for other, _ in beside for driver in _drivers(other)})
        names = f"{' and '.join(drivers)} here, {' and '.join(others) or 'an unknown one'} with tcrypt"
        return KernelCost(None, None, f"no cost of crossing: the kernel drivers differ ({names})")
    # Whole seconds of operations say more than the cycles of eight.
    kernel, other = max(same, key=lambda each: each[1].wall)
    seconds = figures.seconds - other.seconds
    return KernelCost(seconds, seconds / figures.seconds, inside=kernel)
