"""The comparisons of a report: every result against the first, and the backends of a result side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchsuite.compare.comparison import Comparison, Party
from benchsuite.compare.crossovers import FLOOR
from benchsuite.compare.matching import Matched, is_paired, of_two
from benchsuite.compare.verdicts import Rule
from benchsuite.compare.warnings import INCOMPLETE, warnings
from benchsuite.model import Result
from benchsuite.report.charts.entries import Data
from benchsuite.runs.comparisons import OF_FILES, Judge, across, between, of_pairs
from benchsuite.sheet.printable import clean

JUDGE = Judge(Rule(alpha=OF_FILES))


@dataclass(frozen=True, slots=True)
class Compared:
    """title: `other against base`. between: results, not backends of one."""

    title: str
    comparison: Comparison
    between: bool


def compared(data: Data) -> list[Compared]:
    """Comparisons of results, or of backends, that have at least a case in common."""
    found = list(_between(data))
    if len(data.sources) > 1 and not found:  # results of different backends: what they share is the work
        cases = [case for source in data.sources for case in source.result.cases]
        return list(_within(data, replace(data.sources[0].result, cases=cases), ""))
    for source in data.sources:
        found += _within(data, source.result, source.label if len(data.sources) > 1 else "")
    return found


def notices(data: Data) -> list[str]:
    """Reasons why the results are hard to compare, or to believe, each once. That one is not complete is in
    its heading."""
    first = data.sources[0]
    found = []
    for source in data.sources:
        prefix = f"{source.label}: " if len(data.sources) > 1 else ""
        texts = [text for text in warnings(source.result, source.result, []) if text != INCOMPLETE]
        found += [prefix + clean(text) for text in texts]
    for other in data.sources[1:]:
        couples = of_two(first.result, other.result).couples
        texts = [clean(text) for text in warnings(first.result, other.result, couples)]
        said = f"{first.label} (base) and {other.label} (other): "
        found += [said + text for text in texts if not text.startswith(("base: ", "other: "))]
    return list(dict.fromkeys(found))


def _between(data: Data) -> Iterator[Compared]:
    sources = [(source.label, source.result) for source in data.sources]
    yield from _titled(between(sources, JUDGE, [Party(source.label) for source in data.sources]), True)


def _within(data: Data, result: Result, label: str) -> Iterator[Compared]:
    where = f" in {label}" if label else ""
    if is_paired(result):

        def sides(pairs: Matched) -> tuple[Party, Party]:
            a, b = _sides(data, pairs)
            return Party(a + where), Party(b + where)

        yield from _titled([of_pairs(result, JUDGE, sides)], False)
    elif data.base in {case.case.backend for case in result.cases}:

        def name(backend: str) -> Party:
            return Party(_named(data, backend) + where)

        yield from _titled(across(result, "backend", data.base, JUDGE, name, but=FLOOR), False)


def _sides(data: Data, pairs: Matched) -> tuple[str, str]:
    """What they are called, by their backends where these tell one from the other."""
    a, b = ({getattr(couple, side).case.backend for couple in pairs.couples} for side in ("base", "other"))
    if len(a) == len(b) == 1 and a != b:
        return _named(data, *a), _named(data, *b)
    return "side A", "side B"


def _named(data: Data, backend: str) -> str:
    marks = {contender.mark for contender in data.contenders if contender.backend == backend}
    return clean(backend) + next(iter(sorted(marks, key=len, reverse=True)), "")


def _titled(comparisons: list[Comparison], between: bool) -> Iterator[Compared]:
    for each in comparisons:
        if each.lines:
            yield Compared(f"{each.other.label} against {each.base.label}", each, between)
