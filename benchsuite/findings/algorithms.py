"""Algorithms beside each other, at the largest and at the smallest size that they share: what a CPU carries
of each, and how many CPUs fill a line."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite import stats
from benchsuite.crossover import Span
from benchsuite.findings.figures import LOOSE, Figures, Sample
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Names, Numbers, finding
from benchsuite.sheet.numbers import significant
from benchsuite.sweeps import Values

KIND = "algorithms"
FEWEST = 3  # that are a choice
LINE = 10e9  # bits per second of the line that is filled
_WORK = ("algorithm", "aad_size", "tag_size", "in_place")
_BLOCK = 16  # sizes that are the same but for the rounding to a cipher's block
_ON_THE_CPU = ("software", "python")  # drivers whose work is the CPU's, also where others took it away
_BUSY, _ASLEEP = 0.9, 0.1  # of a CPU: what takes less of it is not limited by it, or hardly ran


def find(figures: Figures) -> list[Finding]:
    loads: dict[Values, dict[int, list[Sample]]] = {}  # by load and operation, then by size
    load = figures.differing.but(*_WORK, "request_size")
    for members in figures.groups(figures.working, *_WORK):
        case = members[0].case
        loads.setdefault(load(case), {}).setdefault(_rounded(case.request_size), []).extend(members)
    contests = [[of[size] for size in sorted(of) if _choice(of[size])] for of in loads.values()]
    largest = max(contests, key=lambda of: sum(map(len, of)), default=[])
    if not largest:
        return []
    names = Names((each.case for of in contests for members in of for each in members), *_WORK)
    # The first stands for all that are beside each other.
    ends = [(largest[-1], sum(len(members) for of in contests for members in of))]
    ends += [(largest[0], len(largest[0]))] * (len(largest) > 1)
    return [found for members, cases in ends if (found := _beside(figures, members, names, cases))]


def _rounded(size: int) -> int:
    """The size; a larger one rounded up to the block of a cipher."""
    return size if size <= 4 * _BLOCK else -(-size // _BLOCK) * _BLOCK


def _choice(members: Sequence[Sample]) -> bool:
    return len({each.case.algorithm for each in members}) >= FEWEST


def _beside(figures: Figures, members: Sequence[Sample], names: Names, cases: int) -> Finding | None:
    per_byte = [each.time.times(1 / (each.case.request_size or 1)) for each in members]
    order = sorted(zip(members, per_byte, strict=True), key=lambda each: each[1].value)
    (first, time), (second, next_), (last, longest) = order[0], order[1], order[-1]
    if not stats.clocks_agree(each.clock for each in members) or not longest.over(time).more:
        return None
    case = first.case
    rising = sorted(each.case.request_size for each in members)
    where = f"At {Span('', rising[0], rising[-1])} " if case.request_size else ""
    apart = next_.over(time).more
    best = case.algorithm if apart else f"{case.algorithm} or {second.case.algorithm}"
    text = f"{where}{best} is the fastest of {len(order)} algorithms, {_carries(first)}"
    text += f", and {last.case.algorithm} the slowest, {_carries(last)}"
    need = [_cpus(each) for each in (first, last)]
    if need[0] and need[1]:
        text += f": 10 Gbit/s take {significant(need[0], 2)} and {significant(need[1], 2)} CPUs"
    text += f" ({case.op})" if "op" in names.keys else ""
    numbers: Numbers = {
        "fastest": case.name,
        "slowest": last.case.name,
        "fastest_seconds_per_request": first.time.value,
        "slowest_seconds_per_request": last.time.value,
    }
    return finding(KIND, text, numbers, figures, members, cases)


def _per_cpu(sample: Sample) -> float | None:
    """Bits per second of a CPU; None where that is not told, or not what limits."""
    found = sample.figures
    busy = _ASLEEP if sample.result.driver in _ON_THE_CPU else _BUSY
    if found.bits_per_second is None or found.cpu is None or found.cpu < busy or sample.simulated:
        return None
    # A single busy CPU: the rate is the table's.
    return found.bits_per_second / (found.cpu if abs(found.cpu - 1) > LOOSE else 1)


def _carries(sample: Sample) -> str:
    by_cpu = _per_cpu(sample)
    if by_cpu is None:
        return f"{significant(sample.rate, 3)} {sample.case.rate_unit.name}"
    return f"{significant(by_cpu / 1e6, 3)} Mbps a CPU"


def _cpus(sample: Sample) -> float | None:
    """CPUs that fill the line."""
    by_cpu = _per_cpu(sample)
    return None if by_cpu is None else LINE / by_cpu
