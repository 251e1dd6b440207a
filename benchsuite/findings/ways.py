"""Backends that do the same work: which is the cheapest way to it, and how much longer the others take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from benchsuite.crossover import Span
from benchsuite.findings.figures import Figures, Range, Sample, ratio
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Names, Numbers, finding, number, span_of_times, times
from benchsuite.model import LOAD, Case, CaseResult, Load
from benchsuite.units import listed

KIND = "ways"
_FEW = 4  # backends beside the base that are told one by one
_FEW_WORKS = 2


@dataclass(frozen=True, slots=True)
class _Cell:
    """A sample beside the base's of the same case. longer: how many times as long it takes."""

    sample: Sample
    longer: Range

    @property
    def apart(self) -> bool:
        return self.longer.more or self.longer.fewer


def find(figures: Figures) -> list[Finding]:
    if figures.paired:
        return []
    loads: dict[Load, list[list[Sample]]] = {}
    for members in figures.contests:
        loads.setdefault(members[0].case.load, []).append(members)
    names = Names(Case("", "", **{key: getattr(load, key) for key in LOAD}) for load in loads)
    found = [each for load, of in loads.items() if (each := _under(figures, load, of, names))]
    return sorted(found, key=lambda each: each.cases, reverse=True)


def _under(figures: Figures, load: Load, contests: Sequence[list[Sample]], names: Names) -> Finding | None:
    """The finding of all works under a load. contests: by work, the samples of its backends."""
    samples = [each for members in contests for each in members]
    counts: dict[str, int] = {}
    for each in samples:
        counts[each.backend] = counts.get(each.backend, 0) + 1
    base = figures.base if figures.base in counts else max(counts, key=lambda name: counts[name])
    cells = _cells(contests, base)
    if not cells or len(cells) > _FEW:
        return None
    under = names.load(contests[0][0].case)
    parts = [_one(base, *next(iter(cells.items())))] if len(cells) == 1 else _several(base, cells)
    if len(cells) > 1 and (cheapest := _cheapest(contests)):
        parts = [f"{'the' if under else 'The'} cheapest way {cheapest}", *parts]
    lost = [each for each in figures.lost if each.case.load == load and each.case.backend not in counts]
    if len(cells) == 1 and (work := _only_work(figures, samples)):
        parts[0] = f"for {work} {parts[0]}" if under else f"For {work} {parts[0]}"
    text = (f"At {under} " if under else "") + ". ".join(parts) + _missing(lost)
    numbers: Numbers = {"base": base, "backends": len(counts)}
    for name, of in cells.items():
        numbers[f"{name} least_ratio"] = min(each.longer.value for each in of)
        numbers[f"{name} most_ratio"] = max(each.longer.value for each in of)
    return finding(KIND, text, numbers, figures, samples)


def _only_work(figures: Figures, samples: Sequence[Sample]) -> str:
    """The algorithm that several backends do, where the result has others as well; else ""."""
    done = {each.case.algorithm for each in samples}
    others = any(each.case.algorithm not in done for each in figures.working)
    return done.pop() if others and len(done) == 1 else ""


def _cells(contests: Sequence[list[Sample]], base: str) -> dict[str, list[_Cell]]:
    """What stands beside the base, by backend; not all of it where that is too much to tell."""
    found: dict[str, list[_Cell]] = {}
    for members in contests:
        if len(found) > _FEW:
            break
        own = next((each for each in members if each.backend == base), None)
        for each in members:
            if own and each is not own and (longer := ratio(each, own)):
                found.setdefault(each.backend, []).append(_Cell(each, longer))
    return found


def _cheapest(contests: Sequence[list[Sample]]) -> str:
    """Who wins, by size where there are few works; "" where nobody is told apart."""
    winners = [_winner(members) for members in contests]
    if not any(winners):
        return ""
    if len(set(winners)) == 1:
        return f"is {winners[0]} in {_every(len(winners))}"
    works: dict[Case, list[list[Sample]]] = {}
    for members in contests:
        works.setdefault(members[0].case.without("backend", "request_size"), []).append(members)
    if len(works) > _FEW_WORKS:
        order = sorted(dict.fromkeys(filter(None, winners)), key=winners.count, reverse=True)
        said = listed([f"{name} in {winners.count(name)}" for name in order])
        return f"is {said} of {len(winners)} cases"
    if len(works) == 1:
        return f"is {_by_size(contests)}"
    names = Names(works)
    verbs = ["is", *["it is"] * (len(works) - 1)]
    told = zip(works.items(), verbs, strict=True)
    return "; ".join(f"to {names.algorithm(work)} {verb} {_by_size(of)}" for (work, of), verb in told)


def _every(cases: int) -> str:
    """All of so many cases."""
    return {1: "the one case", 2: "both cases"}.get(cases, f"all {cases} cases")


def _by_size(contests: Sequence[list[Sample]]) -> str:
    """`tcrypt at 16 to 256 B, software at 4096 B`."""
    rising = sorted(contests, key=lambda members: members[0].case.request_size)
    parts = []
    for winner, group in groupby(rising, key=_winner):
        sizes = [members[0].case.request_size for members in group]
        parts.append(f"{winner or 'none for sure'} at {Span('', sizes[0], sizes[-1])}")
    return ", ".join(parts)


def _winner(members: Sequence[Sample]) -> str:
    """The fastest, where it is told apart from the next; else ""."""
    first, second, *_ = sorted(members, key=lambda each: each.time.value)
    apart = ratio(second, first)
    return first.backend if apart and apart.more else ""


def _several(base: str, cells: dict[str, list[_Cell]]) -> list[str]:
    """`Held against software, afalg takes 1.03 to 21.1 times as long, cryptodev 1.1 to 3.37 times`: of those
    cases in which they are told apart."""
    apart = {name: told for name, of in cells.items() if (told := [each for each in of if each.apart])}
    same = [name for name in cells if name not in apart]
    spans = [(name, span_of_times(each.longer.value for each in of)) for name, of in apart.items()]
    if not spans:
        return [f"{listed(same)} are not told apart from {base}"]
    (first, span), *others = spans
    said = [
        f"Held against {base}, {first} takes {span} as long",
        *(f"{name} {text}" for name, text in others),
    ]
    rest = f"; {listed(same)} {'are' if len(same) > 1 else 'is'} not told apart from it" if same else ""
    return [", ".join(said) + rest]


def _one(base: str, name: str, cells: Sequence[_Cell]) -> str:
    """A backend against the base: the least and the most that it takes, and where, of those cases in which
    they are told apart."""
    apart = [each for each in cells if each.apart]
    if not apart:
        where = f" in any of {len(cells)} cases" if len(cells) > 1 else ""
        return f"{name} is not told apart from {base}{where}"
    least = min(apart, key=lambda each: each.longer.value)
    most = max(apart, key=lambda each: each.longer.value)
    open_ = len(cells) - len(apart)
    doubt = f", and in {open_} of {len(cells)} cases they are not told apart" if open_ else ""
    if least is most:
        where = f" at {load}" if len(cells) > 1 and (load := _names(cells).load(least.sample.case)) else ""
        return f"{name} takes {times(least.longer)} as long as {base}{where}{doubt}"
    low, high = (
        f"{number(each.longer.value)} times ({_where(_names(cells), each.sample.case)})"
        for each in (least, most)
    )
    return f"{name} takes {low} to {high} as long as {base}{doubt}"


def _names(cells: Sequence[_Cell]) -> Names:
    return Names((each.sample.case for each in cells), "backend")


def _where(names: Names, case: Case) -> str:
    """`at 16 B`; with the work where there are several."""
    return names.work(case) if names.works else f"at {names.load(case)}"


def _missing(lost: Sequence[CaseResult]) -> str:
    """A clause on backends that have no figure at all under a load."""
    if not lost:
        return ""
    kinds = dict.fromkeys(each.failure.kind if each.failure else "not measured" for each in lost)
    backends = listed(list(dict.fromkeys(each.case.backend for each in lost)))
    return f"; no figure of {backends} ({', '.join(kinds)})"
