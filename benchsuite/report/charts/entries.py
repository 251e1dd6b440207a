"""The cases of all results as one list, and who stands for a line in every plot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, NamedTuple

from benchsuite import stats
from benchsuite.compare import tagged
from benchsuite.compare.crossovers import FLOOR, usual_base
from benchsuite.compare.labels import shown
from benchsuite.compare.matching import side_of
from benchsuite.confidence import simulated
from benchsuite.formats.figure import ELAPSED
from benchsuite.model import PARAMETERS, Case, CaseResult, Result
from benchsuite.sheet.printable import clean
from benchsuite.stats import Summary
from benchsuite.sweeps import AXES, Differing, Sweep, sweeps
from benchsuite.view.rows import Row, rows

_SAID = ("q_len", "request_size")  # where it varies, also if it is the usual
UNNAMED, SIZELESS = "a case", "Work without a size"


@dataclass(frozen=True, slots=True)
class Source:
    """A result file. label: short, and no other's."""

    label: str
    path: str
    result: Result


@dataclass(frozen=True, slots=True)
class Contender:
    """Who does the work: a backend of one result; of one measured in pairs, on one side. It looks the same in
    every plot: `style` is its number."""

    source: int
    backend: str
    side: str  # "A", "B", or ""
    label: str  # says "simulated" where its times are a model's, and of which clock they are if not elapsed
    style: int
    mark: str = ""  # what of the label must never be cut off


@dataclass(frozen=True, slots=True)
class Entry:
    """A case of one of the results."""

    contender: Contender
    row: Row

    @property
    def case(self) -> Case:
        return self.row.result.case

    @property
    def figures(self) -> Summary | None:
        return self.row.figures

    @property
    def kind(self) -> str:
        kind = simulated([self.row.confidence])
        return (kind or "measured") + clock_mark(self.row.result) if self.figures else kind or "none"


def clock_mark(result: CaseResult) -> str:
    """ " (user CPU time)": said wherever a time is not elapsed time; else ""."""
    words = clean(stats.clock_in_words(result)).partition(" (")[0]
    return "" if stats.clock(result) == ELAPSED else f" ({words})"


@dataclass(frozen=True, slots=True)
class Data:
    """Everything that a report is made of. base: the backend the others are held against ("" of none)."""

    sources: tuple[Source, ...]
    entries: tuple[Entry, ...]
    contenders: tuple[Contender, ...]
    varying: tuple[str, ...]  # parameters in which cases differ
    base: str
    sweeps: tuple[Sweep, ...] = ()  # what measured cases go along
    told: Mapping[str, frozenset[Case]] = field(default_factory=dict)  # see _told_apart

    @property
    def measured(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.figures]

    def name(self, case: Case, *but: str, op: bool = True) -> str:
        """The case in words. Not said: what all cases share, what is usual and tells it from no other of its
        family, what `but` names; the operation only where `op` says so."""
        said = {*_SAID, *case.unusual, *self._telling(case)}.difference(but)
        keys = [key for key in self.varying if key in said]
        return clean(case.words(keys, algorithm="algorithm" not in but, op=op)) or UNNAMED

    def _telling(self, case: Case) -> Iterator[str]:
        return (key for key, families in self.told.items() if _family(case, key) in families)

    def base_of(self, contender: Contender) -> Contender | None:
        """Whom a line is held against: the base of the same result, else the first there is. The floor does
        no crypto, and is held against nobody."""
        if contender.backend in (self.base, FLOOR):
            return None
        of_base = [each for each in self.contenders if each.backend == self.base]
        own = [each for each in of_base if each.source == contender.source]
        return next(iter(own or of_base), None)


class _Key(NamedTuple):
    source: int
    backend: str
    side: str


def collect(named: Sequence[tuple[str, Result]], base: str = "") -> Data:
    """named: path and result, at least one. base: a backend; "" chooses software, or the first that does
    something."""
    names = [name for name, _ in named]
    named = list(zip(names, shown(*(result for _, result in named)), strict=True))
    by_tags = [name for name, _ in tagged.names(named)]
    labels = _labels(names) if by_tags == names else by_tags
    sources = tuple(
        Source(label, clean(name), result) for label, (name, result) in zip(labels, named, strict=True)
    )
    found: list[tuple[_Key, Row]] = []
    for index, source in enumerate(sources):
        found += [
            (_Key(index, row.result.case.backend, side_of(row.result)), row) for row in rows(source.result)
        ]
    base = base or usual_base(row.result for _, row in found)
    contenders = _contenders(found, sources, base)
    entries = tuple(Entry(contenders[key], row) for key, row in found)
    cases = [entry.case for entry in entries]
    given = ("aad_size", "tag_size", "in_place") if _decided(cases) else ()
    varying = tuple(key for key in Differing(cases).keys if key not in given)
    along = tuple(sweeps(entry.case for entry in entries if entry.figures))
    told = _told_apart(cases, varying)
    return Data(sources, entries, tuple(contenders.values()), varying, base, along, told)


def _family(case: Case, key: str) -> Case:
    return case.without("backend", key, *AXES)


def _told_apart(cases: Sequence[Case], varying: Sequence[str]) -> dict[str, frozenset[Case]]:
    """Families by the key in which their cases differ: it is said of each of them, be it usual or not."""
    found: dict[str, frozenset[Case]] = {}
    for key in varying:
        if not PARAMETERS[key].head:
            values: dict[Case, set[Any]] = {}
            for case in cases:
                values.setdefault(_family(case, key), set()).add(getattr(case, key))
            found[key] = frozenset(family for family, several in values.items() if len(several) > 1)
    return found


def by_style(contender: Contender) -> int:
    """The order of contenders, the same in every plot."""
    return contender.style


def _contenders(
    found: list[tuple[_Key, Row]], sources: tuple[Source, ...], base: str
) -> dict[_Key, Contender]:
    """The base first: it is in most plots, and has the plainest look."""
    sure: dict[_Key, list[str]] = {}
    for key, row in found:
        sure.setdefault(key, []).append(row.confidence)
    sides: dict[tuple[int, str], set[str]] = {}
    for key, _ in found:
        sides.setdefault(key[:2], set()).add(key.side)
    clocks: dict[_Key, set[str]] = {}
    for key, row in found:
        if row.figures:
            clocks.setdefault(key, set()).add(clock_mark(row.result))
    keys = sorted(dict.fromkeys(key for key, _ in found), key=lambda key: (key.backend != base, key.side))
    contenders: dict[_Key, Contender] = {}
    for key in keys:
        label = clean(key.backend) or "(no name)"
        label += f", side {key.side}" if len(sides[key[:2]]) > 1 else ""
        label += f", {sources[key.source].label}" if len(sources) > 1 else ""
        modelled = simulated(level for level in sure[key] if level)
        mark = (f" ({modelled})" if modelled else "") + _common(clocks.get(key, {""}))
        contenders[key] = Contender(*key, label + mark, len(contenders), mark)
    return contenders


def _common(marks: set[str]) -> str:
    """One mark for cases that may have different ones."""
    return next(iter(marks)) if len(marks) == 1 else " (not all elapsed time)"


def _labels(names: Sequence[str]) -> list[str]:
    """The shortest of: the name of the file, its path, its path and a number, that tells all apart."""
    stems = [clean(PurePath(name).stem) for name in names]
    paths = [clean(name) for name in names]
    for labels in (stems, paths):
        if len(set(labels)) == len(labels) and all(labels):
            return labels
    return [f"{path} ({number})" for number, path in enumerate(paths, 1)]


def _decided(cases: Sequence[Case]) -> bool:
    """True where the algorithm and the operation decide the rest of what a request is made of."""
    kinds = {(case.algorithm, case.op, case.aad_size, case.tag_size, case.in_place) for case in cases}
    return len(kinds) == len({kind[:2] for kind in kinds})
