"""Which figures of a case are repetitions, and which are of another run: another driver, version, build or
machine, or what stands under another heading.

What tells runs of a program apart is decided for the program and not for each case, so that a run is never
torn over two backends: where two versions have one case in common, every case of both has the version in its
backend. (A driver is of an algorithm: it is decided for each case.) What is the same in all that is known is
a repetition, another value of the case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from benchsuite.formats.figure import Figure
from benchsuite.imports import context
from benchsuite.model import BenchsuiteError, Case

Member = tuple[str, Figure, str]  # program, figure, name of the file
Group = tuple[Case, list[Member], str]  # the labels by which it is told apart
Run = tuple[str, str, str, int]  # file, program, view, start
Key = Callable[[Member], tuple[str, ...]]

MOST_VARIANTS = 1000  # of one case: drivers or versions
MOST_LABELS = 100  # of one case: more are no names of runs
_LONGEST_NAME = 40
UNKNOWN = "other"  # of what has nothing where others have something


@dataclass(frozen=True, slots=True)
class _Dimension:
    """What may differ between runs: a place of the figures' variant, or a kind of their context."""

    name: str
    place: int = -1

    def of(self, figure: Figure) -> str:
        if self.place >= 0:
            return figure.variant[self.place] if self.place < len(figure.variant) else ""
        return next((text for kind, text in figure.context if kind == self.name), "")

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


def groups(members: Sequence[Member]) -> list[Group]:
    """In the order in which the cases first appear."""
    by_case: dict[Case, list[Member]] = {}
    for member in members:
        by_case.setdefault(member[1].case, []).append(member)
    apart = _Apart(members, list(by_case.values()))
    return [group for case, found in by_case.items() for group in apart.of_case(case, found)]


class _Apart:
    def __init__(self, members: Sequence[Member], cases: Sequence[list[Member]]) -> None:
        width = max((len(figure.variant) for _, figure, _ in members), default=0)
        kinds = dict.fromkeys(kind for _, figure, _ in members for kind, _ in figure.context)
        self._known = [_Dimension(f"variant {at}", at) for at in range(width)]
        self._known += [_Dimension(kind) for kind in context.KNOWN if kind in kinds]
        headings = [kind for kind in kinds if kind.startswith(context.HEADING)]
        labels = [context.VIEW, context.HOST, *headings, context.COMMAND]
        self._labels = [_Dimension(kind) for kind in labels if kind in kinds]
        self._of_runs(members)
        self._of_cases: dict[Case, list[_Dimension]] = {}
        self._of_programs: dict[str, dict[_Dimension, None]] = {}
        self._of_files: dict[tuple[str, str], dict[_Dimension, dict[str, None]]] = {}
        for found in cases:
            self._decide(found)
        for found in cases:
            self._decide_labels(found)
        self._name(members)

    def _of_runs(self, members: Sequence[Member]) -> None:
        """What each run has where its figures agree, for those that do not say."""
        values: dict[tuple[Run, _Dimension], set[str]] = {}
        for member in members:
            for dimension in self._known:
                if value := dimension.of(member[1]):
                    values.setdefault((_run(member), dimension), set()).add(value)
        # By program: what differs within a run is not of the run.
        self._torn = {(run[1], dimension) for (run, dimension), found in values.items() if len(found) > 1}
        self._shared = {key: min(found) for key, found in values.items()}

    def _value(self, member: Member, dimension: _Dimension) -> str:
        value = dimension.of(member[1])
        if value or (member[0], dimension) in self._torn:
            return value
        return self._shared.get((_run(member), dimension), "")

    def _decide(self, found: list[Member]) -> None:
        """By what is known: the places of the variant that differ, and as much else as is needed."""
        chosen: list[_Dimension] = []
        for dimension in self._known:
            parts = [found] if dimension.place >= 0 else self._split(found, chosen)
            if any(dimension.differs({self._value(member, dimension) for member in part}) for part in parts):
                chosen.append(dimension)
        self._of_cases[found[0][1].case] = chosen
        for program in {program for program, _, _ in found}:
            for dimension in chosen:
                if (program, dimension) not in self._torn:
                    self._of_programs.setdefault(program, {})[dimension] = None

    def _decide_labels(self, found: list[Member]) -> None:
        """What is the same in all that is known, in one file: by what else is said of it."""
        for part in self._split(found, self._of_cases[found[0][1].case]):
            for members in _by(part, lambda member: (member[2], member[0])):
                self._decide_label(members)

    def _decide_label(self, members: list[Member]) -> None:
        """Only the headings of runs that have a case in common are of use in a name."""
        of_file = self._of_files.setdefault((members[0][2], members[0][0]), {})
        parts = [members]
        for dimension in self._labels:
            values = [list(dict.fromkeys(dimension.of(figure) for _, figure, _ in part)) for part in parts]
            differing = [each for each in values if dimension.differs(set(each)) and len(each) <= MOST_LABELS]
            for each in differing:
                of_file.setdefault(dimension, {}).update(dict.fromkeys(each))
            if differing:
                parts = [each for part in parts for each in _by(part, _of(dimension))]

    def _split(self, members: list[Member], dimensions: Sequence[_Dimension]) -> list[list[Member]]:
        return _by(members, lambda member: tuple(self._value(member, each) for each in dimensions))

    def _name(self, members: Sequence[Member]) -> None:
        """The names of what each dimension has: in all files, or in one."""
        values: dict[tuple[str, _Dimension], dict[str, None]] = {}
        for member in members:
            for dimension in self._known:
                if value := self._value(member, dimension):
                    values.setdefault(("", dimension), {})[value] = None
        for (file, _), found in self._of_files.items():
            for dimension, labels in found.items():
                kept = {value: None for value in labels if value or dimension.explicit}
                values.setdefault((file, dimension), {}).update(kept)
        self._names = {key: key[1].names(found) for key, found in values.items()}

    def of_case(self, case: Case, found: list[Member]) -> list[Group]:
        named: dict[tuple[str, str], list[Member]] = {}
        for member in found:
            named.setdefault(self._setting(case, member), []).append(member)
            if len(named) > MOST_VARIANTS:
                raise BenchsuiteError(
                    f"{member[2]}: more than {MOST_VARIANTS} drivers or versions of {case.name[:100]}: "
                    "no machine has so many; cut out what belongs together"
                )
        joined = "," if ":" in case.backend else ":"
        return [
            (replace(case, backend=f"{case.backend}{joined}{setting}") if setting else case, group, told)
            for (setting, told), group in named.items()
        ]

    def _setting(self, case: Case, member: Member) -> tuple[str, str]:
        """(what is added to the backend, the labels in it); "" where nothing tells figures apart."""
        program, figure, file = member
        chosen = {*self._of_cases[case], *self._of_programs.get(program, ())}
        words = [
            self._names.get(("", each), {}).get(self._value(member, each), "")
            for each in self._known
            if each in chosen
        ]
        told = []
        for each, values in self._of_files.get((file, program), {}).items():
            if (value := each.of(figure)) in values:
                words.append(self._names[file, each].get(value, ""))
                told.append(value)
        setting = " ".join(filter(None, words)) or (UNKNOWN if words else "")
        return setting, "; ".join(filter(None, told))


def _run(member: Member) -> Run:
    program, figure, file = member
    return file, program, dict(figure.context).get(context.VIEW, ""), figure.start


def _of(dimension: _Dimension) -> Key:
    return lambda member: (dimension.of(member[1]),)


def _by(members: Iterable[Member], key: Key) -> list[list[Member]]:
    found: dict[tuple[str, ...], list[Member]] = {}
    for member in members:
        found.setdefault(key(member), []).append(member)
    return list(found.values())
