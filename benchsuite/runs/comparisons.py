"""Which comparisons a set of results gives: every other one against the first, the values of a parameter
within one, or both sides of one that was measured in pairs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchsuite import store
from benchsuite.compare import crossovers, matching
from benchsuite.compare.comparison import Comparison, Party, judged
from benchsuite.compare.kept import kept
from benchsuite.compare.labels import label_of, shown
from benchsuite.compare.matching import Matched, is_paired, of_two, only_backends_differ, sides
from benchsuite.compare.sides import backends, of_file, party
from benchsuite.compare.tagged import names
from benchsuite.compare.verdicts import Rule
from benchsuite.compare.warnings import warnings
from benchsuite.model import BenchsuiteError, Result
from benchsuite.remarks import tag_of
from benchsuite.selection.filters import Filter, chosen, nothing_fits
from benchsuite.selection.keys import all_tags, check_tag_keys, parameter, value_of
from benchsuite.sheet.numbers import percent

Source = tuple[str, Result]  # what a result is called, and it
THRESHOLD, SMALLEST = Rule().threshold, Rule().smallest
OF_FILES = 0.05  # alpha: a file has few rounds, and the drift of two is the larger danger


@dataclass(frozen=True, slots=True)
class Judge:
    """How verdicts are come to. on: a metric, None: what the measuring decided on. drift: by how much results
    may differ because of when they were measured, None: by how they were. given: what of the rule counts in
    place of the rule by which pairs were measured."""

    rule: Rule
    on: str | None = None
    drift: float | None = None
    given: Collection[str] = ()

    def judge(self, matched: Sequence[tuple[Party, Party, Matched]]) -> list[Comparison]:
        return judged(matched, self.rule, self.on, self.drift, self.given)


def make_rule(threshold: float, smallest: float, alpha: float) -> Rule:
    """BenchsuiteError where they contradict each other."""
    if not 0 <= smallest < threshold:
        raise BenchsuiteError(
            f"--smallest {percent(smallest)} must be below --threshold {percent(threshold)}, for what lies "
            "between them may go either way: give both"
        )
    if not 0 < alpha < 0.5:
        raise BenchsuiteError(f"--alpha {percent(alpha)}: expected a chance above 0 and below 50%")
    return Rule(threshold=threshold, smallest=smallest, alpha=alpha)


def load(path: str | Path) -> Result:
    """A result to be compared. BenchsuiteError for one that is not sound."""
    result = store.load(path)
    kept(result.environment, str(path))
    return result


def comparisons(
    sources: Sequence[Source],
    judge: Judge,
    filters: Sequence[Filter] = (),
    key: str | None = None,
    base: str | None = None,
) -> list[Comparison]:
    """All that the results give. filters: their cases that are looked at. key: compare the cases of the one
    result that differ in this parameter, base: the value that the others are held against. BenchsuiteError
    where there is nothing to compare."""
    tag, given = tag_of(key or ""), [result for _, result in sources]
    labelled = shown(*_tags_fit(sources, filters), but=[tag] if tag else ())
    sources = [(name, chosen(each, filters)) for (name, _), each in zip(sources, labelled, strict=True)]
    for (name, result), whole in zip(sources, given, strict=True):
        if whole.cases and not result.cases:
            raise nothing_fits(whole.cases, filters, name)
    if base is not None and key is None:
        raise BenchsuiteError("--base is for --across: the first file is the base")
    if key is not None:
        return _across(sources, key, base, judge, given[0])
    if len(sources) == 1:
        return [_of_one(*sources[0], judge, bool(filters))]
    called = zip(names(sources), (result for _, result in sources), strict=True)
    found = between(sources, judge, [of_file(name, result, said) for (name, said), result in called])
    if not any(each.lines for each in found):
        first, *others = (name for name, _ in sources)
        raise BenchsuiteError(
            f"{first} has no case in common with {' or '.join(others)}\n"
            f"{_not_the_same([result for _, result in sources])}"
        )
    return found


def _tags_fit(sources: Sequence[Source], filters: Sequence[Filter]) -> list[Result]:
    """The results with cases whose tags fit: what is left out need not be told apart from the rest."""
    on_tags = [each for each in filters if each.tag]
    return [chosen(result, on_tags) for _, result in sources]


def between(sources: Sequence[Source], judge: Judge, parties: Sequence[Party]) -> list[Comparison]:
    """Every other result against the first; parties: of each."""
    (first, *others) = (result for _, result in sources)
    matched = [
        (parties[0], party, of_two(first, other)) for party, other in zip(parties[1:], others, strict=True)
    ]
    return [
        replace(
            each,
            warnings=warnings(first, other, [line.couple for line in each.lines]),
            remarks=crossovers.moved(first, other),
        )
        for each, other in zip(judge.judge(matched), others, strict=True)
    ]


def across(
    result: Result, key: str, base: str | None, judge: Judge, name: Callable[[str], Party], but: str = ""
) -> list[Comparison]:
    """Every value of a parameter, but for one that is not wanted, against the base (None: the first). name:
    what a value is called."""
    first = base if base is not None else next((value_of(case, key) for case in result.cases), "")
    found = {value: each for value, each in matching.across(result, key, base).items() if value != but}
    said = crossovers.of_one(result, base) if key == "backend" else {}
    matched = [(name(first), name(value), each) for value, each in found.items()]
    return [
        replace(
            each,
            remarks=said.get(value, []),
            warnings=warnings(result, result, [line.couple for line in each.lines]),
        )
        for value, each in zip(found, judge.judge(matched), strict=True)
    ]


def of_pairs(result: Result, judge: Judge, name: Callable[[Matched], tuple[Party, Party]]) -> Comparison:
    """Side B against side A of what was measured in pairs. name: what they are called."""
    matched = sides(result)
    (found,) = judge.judge([(*name(matched), matched)])
    return replace(found, warnings=warnings(result, result, matched.couples))


def _not_the_same(results: Sequence[Result]) -> str:
    """Why no case of one is in another."""
    others = [case for other in results[1:] for case in other.cases]
    if only_backends_differ(results[0].cases, others):
        return (
            f"it has the same work by {backends(results[0].cases)}, not by {backends(others)}: what is to be "
            "compared needs the same label when it is measured, -b LABEL=..."
        )
    return "cases are the same when all their parameters are; --across KEY compares within one file"


def _across(
    sources: Sequence[Source], key: str, base: str | None, judge: Judge, whole: Result
) -> list[Comparison]:
    """whole: the result as it is, not filtered."""
    if len(sources) != 1:
        raise BenchsuiteError(f"--across compares within one result, not {len(sources)}: name one file")
    ((where, result),) = sources
    check_tag_keys([parameter(key, "--across", tags=True)], all_tags(whole.cases), "--across")
    base = label_of(base, [result]) if base is not None and key == "backend" else base

    def name(value: str) -> Party:
        cases = [case for case in result.cases if value_of(case, key) == value]
        return party(value if key == "backend" else f"{key}={value}" if value else f"no {key}", cases)

    found = across(result, key, base, judge, name)
    if not any(each.lines for each in found):
        raise BenchsuiteError(f"{where}: {_nothing_across(result, key, whole)}: nothing to compare")
    return [replace(each, base=replace(each.base, about=where)) for each in found]


def _nothing_across(result: Result, key: str, whole: Result) -> str:
    """Why no two cases can be compared across a parameter."""
    (named,) = shown(whole, but=[tag] if (tag := tag_of(key)) else ())
    left, there = ({value_of(case, key): None for case in each.cases} for each in (result, named))
    if len(left) == 1 < len(there):
        return f"--filter leaves one {key} of {len(there)}, {next(iter(left))}"
    of = " of those that --filter leaves" * (len(result.cases) < len(whole.cases))
    return f"no two cases{of} differ in {key} alone"


def _of_one(where: str, result: Result, judge: Judge, filtered: bool) -> Comparison:
    """A paired result again."""
    if not is_paired(result):
        raise BenchsuiteError(
            f"{where}: one result, and not measured in pairs: name a second file, or --across backend"
        )

    def name(matched: Matched) -> tuple[Party, Party]:
        halves = [couple.base for couple in matched.couples], [couple.other for couple in matched.couples]
        a, b = (backends(cases) for cases in halves)
        if a == b:  # two environments, say
            a, b = f"{a}, side A", f"{b}, side B"
        return party(a, halves[0], where), party(b, halves[1])

    found = of_pairs(result, judge, name)
    if result.cases and not found.lines:
        cure = "--filter by what they share, not by backend" if filtered else "measure it again"
        raise BenchsuiteError(f"{where}: no case with both of its sides: {cure}")
    return found
