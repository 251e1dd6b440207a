"""The kinds of questions that are looked for, and which answers are told.

A result asks what its cases go along: a kind whose findings tell of at least a fifth of them leads. Of the
kinds that lead the first finding of each is told, then the second, and so on; then likewise of the rest,
while they are no more than MOST sentences. Among equals they come in the order in which they stand here.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, zip_longest

from benchsuite import stats
from benchsuite.findings import (
    algorithms,
    course,
    crossovers,
    depth,
    directions,
    instrument,
    kernel,
    key_lengths,
    load,
    prices,
    scaling,
    single,
    switches,
    verdicts,
    ways,
)
from benchsuite.findings.figures import Figures
from benchsuite.findings.finding import Finding
from benchsuite.model import Result

MOST = 5  # sentences on a result
LEADS = 0.2  # of the cases with a figure

# A kind is a file with a function of the figures, which gives its findings, the most important first.
KINDS: tuple[Callable[[Figures], list[Finding]], ...] = (
    verdicts.find,
    course.find,
    load.find,
    scaling.find,
    switches.find,
    ways.find,
    crossovers.find,
    kernel.find,
    depth.find,
    prices.find,
    algorithms.find,
    directions.find,
    key_lengths.find,
    instrument.find,
    single.find,
)


def findings(result: Result) -> list[Finding]:
    """The answers of a result, the most important first; [] where its figures tell none. The backends of its
    cases are what they are called (compare.labels.shown)."""
    with stats.remembering():
        figures = Figures(result)
        kinds = [found for find in KINDS if (found := find(figures))]
    fewest = LEADS * (len(figures.samples) + len(figures.opened.samples))
    leading = [found for found in kinds if sum(each.cases for each in found) >= fewest]
    kinds = leading + [found for found in kinds if found not in leading]
    told: set[int] = set()
    left = MOST
    for each in (*_by_turns(leading), *_by_turns(kinds[len(leading) :])):
        left -= each.text.count(". ") + 1
        if left >= 0:
            told.add(id(each))
    return [each for found in kinds for each in found if id(each) in told]


def _by_turns(kinds: list[list[Finding]]) -> list[Finding]:
    return [each for each in chain(*zip_longest(*kinds)) if each]
