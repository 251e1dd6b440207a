"""Which cases are looked at: `algorithm=aes-*,sha256`, `request_size>=1024`, `tag.kernel=6.12`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from benchsuite.model import PARAMETERS, BenchsuiteError, Case, CaseResult, Result
from benchsuite.remarks import tag_of
from benchsuite.selection.keys import all_tags, check_tag_keys, parameter
from benchsuite.units import parse_size, shown

_PATTERN = re.compile(r"\s*(tag\.[A-Za-z0-9_.-]+|[A-Za-z_]+)\s*(>=|<=|!=|=|>|<)(.*)", re.DOTALL)
_NUMERIC: dict[str, Callable[[int, int], bool]] = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on a case: on a parameter of it, or on a tag. Words are patterns as a shell has them;
    several, of which one must fit. A tag may hold any character: its value as it is printed fits, too."""

    key: str
    relation: str
    words: tuple[str, ...]

    @property
    def tag(self) -> str | None:
        """The key of the tag that it is about; None where it is about a parameter."""
        return tag_of(self.key)

    def __call__(self, case: Case) -> bool:
        value = getattr(case, self.key)
        if self.relation in _NUMERIC:
            return _NUMERIC[self.relation](value, parse_size(self.words[0]))
        if self.key == "rate" and case.rate_percent:
            return self._fits(f"{case.rate_percent}%")  # as a profile has it
        return self._fits(PARAMETERS[self.key].spelled(value))

    def on_tags(self, tags: Mapping[str, str]) -> bool:
        """Whether tags fit. One that is missing has no value that could."""
        value = tags.get(self.tag or "")
        return self.relation == "!=" if value is None else self._fits(value)

    def _fits(self, text: str) -> bool:
        fits = any(text == word or fnmatchcase(text, word) for word in self.words)
        return fits == (self.relation == "=")


def parse(text: str) -> Filter:
    """Parse a condition; BenchsuiteError for what is none."""
    found = _PATTERN.fullmatch(text)
    if not found or not found[3].strip():
        raise BenchsuiteError(
            f"--filter {shown(text)}: expected KEY=PATTERN[,PATTERN...], KEY!=PATTERN, or KEY>=NUMBER "
            "(also <= > <), as in --filter algorithm=aes-*"
        )
    key, relation = parameter(found[1], "--filter", tags=True), found[2]
    words = tuple(word.strip() for word in found[3].split(","))
    if key == "rate" and relation in _NUMERIC and words[0].endswith("%"):  # as a profile has it
        key, words = "rate_percent", (words[0].removesuffix("%").rstrip(), *words[1:])
    if tag_of(key):
        if relation in _NUMERIC:
            raise BenchsuiteError(f"--filter {shown(text)}: a tag is text, no number; use {key}=PATTERN")
        whole = found[3].strip()
        return Filter(key, relation, words if len(words) == 1 else (*words, whole))
    if relation in _NUMERIC:
        if not isinstance(PARAMETERS[key].usual, int):
            raise BenchsuiteError(f"--filter {shown(text)}: {key} is no number; use {key}=PATTERN")
        try:
            parse_size(words[0])
        except ValueError as error:
            raise BenchsuiteError(f"--filter {shown(text)}: {error}") from None
        if len(words) > 1:
            raise BenchsuiteError(f"--filter {shown(text)}: one number, not {len(words)}")
    elif isinstance(PARAMETERS[key].usual, int):
        words = tuple(_plain_number(word) for word in words)
    return Filter(key, relation, words)


def _plain_number(word: str) -> str:
    """A number in plain digits, 1KiB as 1024, so that sizes may be written as in a profile."""
    try:
        return str(parse_size(word))
    except ValueError:  # a pattern, or a word such as true
        return word.lower()


def fits(result: CaseResult, filters: Sequence[Filter]) -> bool:
    """Whether a case fits all conditions. A backend may be named by its label as well as by what was
    measured."""
    names = {result.case.backend, result.backend, result.label} - {""}
    cases = [result.case.on(name) for name in names]
    return all(
        (all if each.relation == "!=" else any)(map(each, cases))
        if each.tag is None
        else each.on_tags(result.tags)
        for each in filters
    )


def only(result: Result, filters: Sequence[str], where: str) -> Result:
    """The result with those of its cases that fit the conditions, as users write them. BenchsuiteError for
    what is none, and where no case fits. where: what the result is called."""
    wanted = [parse(text) for text in filters]
    found = chosen(result, wanted)
    if result.cases and not found.cases:
        raise nothing_fits(result.cases, wanted, where)
    return found


def nothing_fits(cases: Iterable[CaseResult], filters: Sequence[Filter], where: str) -> BenchsuiteError:
    """The error where none of the cases fits. where: what their result is called."""
    try:
        check_tag_keys((each.key for each in filters), all_tags(cases), "--filter")
    except BenchsuiteError as error:
        return error
    return BenchsuiteError(f"--filter: no case of {where} fits")


def chosen(result: Result, filters: Sequence[Filter]) -> Result:
    """The result with those of its cases that fit."""
    return replace(result, cases=[case for case in result.cases if fits(case, filters)])
