"""Which figures of a case are repetitions, and which are of another run: another driver, version, build or
machine, or what stands under another heading.

What tells runs of a program apart is decided for the program and not for each case, so that a run is never
torn over two backends: where two versions have one case in common, every case of both has the version in its
backend. (A driver is of an algorithm: it is decided for each case.) What is the same in all that is known is
a repetition, another value of the case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchsuite.formats.figure import Figure
from benchsuite.imports import context
from benchsuite.model import BenchsuiteError, Case

Member = tuple[str, Figure, str]  # program, figure, name of the file
Group = tuple[Case, list[Member], str]  # the labels by which it is told apart
Run = tuple[str, str, str, int]  # file, program, view, start

MOST_VARIANTS = 1000  # of one case: drivers or versions
MOST_LABELS = 100  # of one case: more are no names of runs
_LONGEST_NAME = 40
UNKNOWN = "other"  # of what has nothing where others have something


@dataclass(frozen=True, slots=True, eq=False)
class _Dimension:
    """What may differ between runs: a place of the figures' variant, or a kind of their context."""

    name: str
    place: int = -1

    def of(self, source: _Source) -> str:
        if self.place >= 0:
            return source.variant[self.place] if self.place < len(source.variant) else ""
        return source.context.get(self.name, "")

    @property
    def explicit(self) -> bool:
        """Whether it differs, too, where one run has it and another has not."""
        return self.name.startswith(context.HEADING)

    def differs(self, values: set[str]) -> bool:
        return len(values if self.explicit else values - {""}) > 1

    def names(self, values: Iterable[str]) -> dict[str, str]:
        """A short name for each value: what not all of them have."""
        values = list(dict.fromkeys(values))
        if self.place >= 0:
            return {value: value for value in values}
        parts = [re.split("; " if self.explicit else " ", value) for value in values]
        shared = set.intersection(*map(set, parts)) if len(parts) > 1 else set()
        own = ["-".join(part for part in each if part not in shared) for each in parts]
        short = [_slug(each) for each in own]
        if len(set(short)) < len(set(own)):  # they differ where they were cut off
            short = [_slug(each) for each in _ends(own)]
        number = "build" if self.name in context.BUILD else "run"
        if self.name == "built on" or len(set(short)) < len(values):
            short = [f"{number}-{at}" for at in range(1, len(values) + 1)]
        return {
            value: name or f"{number}-{at}"
            for at, (value, name) in enumerate(zip(values, short, strict=True), 1)
        }


def _slug(text: str) -> str:
    slug = re.sub(r"[^\w.+()=-]+|(?<=-)-+", "-", text)[:_LONGEST_NAME].strip("-.")
    return slug[1:-1] if re.fullmatch(r"\([^()]+\)", slug) else slug


def _ends(texts: list[str]) -> list[str]:
    """Without the words that all begin with."""
    words = [text.split() for text in texts]
    same = next((at for at, each in enumerate(zip(*words, strict=False)) if len(set(each)) > 1), 0)
    return [" ".join(each[same:]) for each in words]


class _Source:
    """What many figures have in common: all by which they may be told apart from others of the same case."""

    def __init__(self, program: str, file: str, figure: Figure) -> None:
        self.program, self.file = program, file
        self.variant, self.context = figure.variant, dict(figure.context)
        self.run: Run = file, program, self.context.get(context.VIEW, ""), figure.start
        self.values: dict[_Dimension, str] = {}  # what it has of each dimension, "" where it has nothing


def groups(members: Sequence[Member]) -> list[Group]:
    """In the order in which the cases first appear."""
    sources: dict[tuple[object, ...], _Source] = {}
    by_case: dict[Case, list[tuple[_Source, Member]]] = {}
    for member in members:
        program, figure, file = member
        key = program, file, figure.variant, figure.context, figure.start
        if (source := sources.get(key)) is None:
            source = sources[key] = _Source(program, file, figure)
        by_case.setdefault(figure.case, []).append((source, member))
    of_cases = {case: [source for source, _ in found] for case, found in by_case.items()}
    apart = _Apart(list(sources.values()), of_cases)
    return [group for case, found in by_case.items() for group in apart.of_case(case, found)]


class _Apart:
    def __init__(self, sources: Sequence[_Source], cases: Mapping[Case, list[_Source]]) -> None:
        width = max((len(source.variant) for source in sources), default=0)
        kinds = dict.fromkeys(kind for source in sources for kind in source.context)
        self._known = [_Dimension(f"variant {at}", at) for at in range(width)]
        self._known += [_Dimension(kind) for kind in context.KNOWN if kind in kinds]
        headings = [kind for kind in kinds if kind.startswith(context.HEADING)]
        labels = [context.VIEW, context.HOST, *headings, context.COMMAND]
        self._labels = [_Dimension(kind) for kind in labels if kind in kinds]
        self._look(sources)
        self._of_cases: dict[Case, tuple[_Dimension, ...]] = {}
        self._of_programs: dict[str, dict[_Dimension, None]] = {}
        self._of_files: dict[tuple[str, str], dict[_Dimension, dict[str, None]]] = {}
        for case, found in cases.items():
            self._decide(case, found)
        for case, found in cases.items():
            self._decide_labels(case, found)
        self._name(sources)
        self._settings: dict[tuple[_Source, tuple[_Dimension, ...]], tuple[str, str]] = {}

    def _look(self, sources: Sequence[_Source]) -> None:
        """Finds what each source has; where it does not say, what its run has if that agrees."""
        values: dict[tuple[Run, _Dimension], set[str]] = {}
        for source in sources:
            source.values = {each: each.of(source) for each in (*self._known, *self._labels)}
            for dimension in self._known:
                if value := source.values[dimension]:
                    values.setdefault((source.run, dimension), set()).add(value)
        # By program: what differs within a run is not of the run.
        self._torn = {(run[1], dimension) for (run, dimension), found in values.items() if len(found) > 1}
        for source in sources:
            for dimension in self._known:
                if not source.values[dimension] and (source.program, dimension) not in self._torn:
                    source.values[dimension] = min(values.get((source.run, dimension), {""}))

    def _decide(self, case: Case, found: list[_Source]) -> None:
        """By what is known: the places of the variant that differ, and as much else as is needed."""
        chosen: list[_Dimension] = []
        parts = [found]
        for dimension in self._known:
            among = [found] if dimension.place >= 0 else parts
            if any(dimension.differs({source.values[dimension] for source in part}) for part in among):
                chosen.append(dimension)
                parts = [each for part in parts for each in _by(part, [dimension])]
        self._of_cases[case] = tuple(chosen)
        for program in {source.program for source in found}:
            for dimension in chosen:
                if (program, dimension) not in self._torn:
                    self._of_programs.setdefault(program, {})[dimension] = None

    def _decide_labels(self, case: Case, found: list[_Source]) -> None:
        """What is the same in all that is known, in one file: by what else is said of it."""
        for part in _by(found, self._of_cases[case]) if self._labels else ():
            of_files: dict[tuple[str, str], list[_Source]] = {}
            for source in part:
                of_files.setdefault((source.file, source.program), []).append(source)
            for of_file, sources in of_files.items():
                self._decide_label(self._of_files.setdefault(of_file, {}), sources)

    def _decide_label(self, of_file: dict[_Dimension, dict[str, None]], sources: list[_Source]) -> None:
        """Only the headings of runs that have a case in common are of use in a name."""
        parts = [sources]
        for dimension in self._labels:
            values = [list(dict.fromkeys(source.values[dimension] for source in part)) for part in parts]
            differing = [each for each in values if dimension.differs(set(each)) and len(each) <= MOST_LABELS]
            for each in differing:
                of_file.setdefault(dimension, {}).update(dict.fromkeys(each))
            if differing:
                parts = [each for part in parts for each in _by(part, [dimension])]

    def _name(self, sources: Sequence[_Source]) -> None:
        """The names of what each dimension has: in all files, or in one."""
        values: dict[tuple[str, _Dimension], dict[str, None]] = {}
        for source in sources:
            for dimension in self._known:
                if value := source.values[dimension]:
                    values.setdefault(("", dimension), {})[value] = None
        for (file, _), found in self._of_files.items():
            for dimension, labels in found.items():
                kept = {value: None for value in labels if value or dimension.explicit}
                values.setdefault((file, dimension), {}).update(kept)
        self._names = {key: key[1].names(found) for key, found in values.items()}

    def of_case(self, case: Case, found: Iterable[tuple[_Source, Member]]) -> list[Group]:
        named: dict[tuple[str, str], list[Member]] = {}
        chosen = self._of_cases[case]
        for source, member in found:
            if (source, chosen) not in self._settings:
                self._settings[source, chosen] = self._setting(source, chosen)
            named.setdefault(self._settings[source, chosen], []).append(member)
            if len(named) > MOST_VARIANTS:
                raise BenchsuiteError(
                    f"{member[2]}: more than {MOST_VARIANTS} drivers or versions of {case.name[:100]}: "
                    "no machine has so many; cut out what belongs together"
                )
        joined = "," if ":" in case.backend else ":"
        return [
            (case.on(f"{case.backend}{joined}{setting}") if setting else case, group, told)
            for (setting, told), group in named.items()
        ]

    def _setting(self, source: _Source, of_case: tuple[_Dimension, ...]) -> tuple[str, str]:
        """(what is added to the backend, the labels in it); "" where nothing tells figures apart."""
        chosen = {*of_case, *self._of_programs.get(source.program, ())}
        words = [
            self._names.get(("", each), {}).get(source.values[each], "")
            for each in self._known
            if each in chosen
        ]
        told = []
        for each, values in self._of_files.get((source.file, source.program), {}).items():
            if (value := source.values[each]) in values:
                words.append(self._names[source.file, each].get(value, ""))
                told.append(value)
        setting = " ".join(filter(None, words)) or (UNKNOWN if words else "")
        return setting, "; ".join(filter(None, told))


def _by(sources: Iterable[_Source], dimensions: Sequence[_Dimension]) -> list[list[_Source]]:
    """The sources that have the same of all these dimensions, where there are several."""
    found: dict[tuple[str, ...], list[_Source]] = {}
    for source in sources:
        found.setdefault(tuple([source.values[each] for each in dimensions]), []).append(source)
    return [each for each in found.values() if len(each) > 1]
