"""What the instrument itself takes: the engine, whose floor is requests that nobody performs, and the way
through queues and threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.compare.crossovers import FLOOR
from benchsuite.findings.figures import Figures, Range, Sample, ratio
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Names, Numbers, duration_known, durations, finding, percent
from benchsuite.model import LOAD, Case

KIND = "instrument"


@dataclass(frozen=True, slots=True)
class _Floor:
    """The engine beside real work. share: of the work's time."""

    floor: Sample
    work: Sample
    share: Range


def find(figures: Figures) -> list[Finding]:
    floors, ways = _floors(figures), _queues(figures)
    found = [_engine(figures, floors)] if floors else []
    return found + [_queue(figures, *way) for way in ways[:1]]


def _floors(figures: Figures) -> list[_Floor]:
    if len(figures.working) == len(figures.samples):
        return []
    found = []
    for members in figures.groups(figures.samples, "backend"):
        floor = next((each for each in members if each.backend == FLOOR), None)
        for each in members:
            if floor and each is not floor and _comparable(each) and (share := ratio(floor, each)):
                found.append(_Floor(floor, each, share))
    return found


def _comparable(sample: Sample) -> bool:
    return sample.case.workers == 1 and not sample.simulated


def _direct(case: Case) -> bool:
    """Whether requests take no queue and no thread."""
    return not case.batch and bool(case.cbimm)


def _engine(figures: Figures, floors: Sequence[_Floor]) -> Finding:
    """Apart for requests on the direct path and for such as go through queues."""
    parts = []
    numbers: Numbers = {}
    for direct, words in ((True, "called directly"), (False, "through queues and threads")):
        of = [each for each in floors if _direct(each.floor.case) == direct]
        if of:
            most = max(of, key=lambda each: each.share.value)
            cost = durations(each.floor.time.value for each in of)
            key = "direct" if direct else "queued"
            numbers[f"{key}_seconds"] = most.floor.time.value
            whose = f"{most.work.backend}'s"
            if most.share.value < 1:
                upto = "at most " * (len(of) > 1)
                parts.append(f"{cost} of a request {words}, {upto}{percent(most.share.value)} of {whose}")
                numbers[f"{key}_fraction"] = most.share.value
            else:  # which cannot be: the engine is a part of the work
                parts.append(f"{cost} of a request {words} (too disturbed to tell its share of {whose})")
    text = f"The engine itself takes {', and '.join(parts)}"
    rested = [sample for each in floors for sample in (each.floor, each.work)]
    return finding(KIND, text, numbers, figures, rested, len({each.floor.case for each in floors}))


def _queues(figures: Figures) -> list[tuple[Sample, Sample]]:
    """Pairs of the same work directly and through queues, where a work has just these two loads."""
    found = []
    for members in figures.groups(figures.working, *LOAD):
        direct = [each for each in members if _direct(each.case) and _comparable(each)]
        queued = [each for each in members if not _direct(each.case) and _comparable(each)]
        if len(members) == 2 and direct and queued:
            found.append((direct[0], queued[0]))
    return found


def _queue(figures: Figures, direct: Sample, queued: Sample) -> Finding:
    names = Names((direct.case, queued.case))
    cost, longer = queued.time.less(direct.time), ratio(queued, direct)
    who = f"{direct.backend}'s {direct.case.words()}"
    way = f"The way through queues and threads ({names.load(queued.case)})"
    if longer and longer.more and cost.low > 0:
        text = f"{way} costs a request of {who} {duration_known(cost)}, {percent(longer.value - 1)} more"
    elif longer and longer.fewer:
        text = f"{way} saves {percent(1 - longer.value)} of the time of {who}"
    else:
        text = f"{way} costs {who} nothing that these values tell"
    return finding(KIND, text, {"seconds_per_request": cost.value}, figures, [direct, queued])
