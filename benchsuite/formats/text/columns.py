"""Several texts in one, taken apart before a reader sees them: what two hosts, containers or jobs logged in
turn, two files side by side (`diff -y`, `paste`), and the two sides of a `diff -u`.

    testing speed of cbc(aes) (cbc(aes-generic)) encryption | testing speed of cbc(aes) (cbc-aes-ce) encr...
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from benchsuite.formats.text import characters, prefixes
from benchsuite.formats.text.lines import Line

View = tuple[str, list[Line]]  # what it is called, "" where there is only one; its lines

MOST_SOURCES = 64  # more names before lines are no machines
LEFT, RIGHT = "left", "right"
OLD, NEW = "old", "new"

_GUTTER = re.compile(r" {1,99}[|<>/\\] {1,99}| {3,99}")
_MAY_BE_GUTTER = re.compile(r" [|<>/\\] |   ")
_MOST_GUTTERS = 20
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_ONLY_LEFT = re.compile(r" {2,99}[<(|]$")
_ONLY_RIGHT = re.compile(r"\s{8,}>\s")
_HUNK = re.compile(r"@@ -\d{1,9}(?:,(?P<old>\d{1,9}))? \+\d{1,9}(?:,(?P<new>\d{1,9}))? @@")
_QUOTED = re.compile(r"(?:>+ ?)*(?: {0,8}\| )?")  # in a mail that answers
_FILE = re.compile(r"(?:---|\+\+\+) (?:[ab]/)?(\S{1,200})")


def views(lines: Sequence[Line]) -> list[View]:
    """At least one. A line may be in two of them."""
    if found := _by_source(lines):
        return found
    found = []
    for name, part in _diff(lines) or [("", list(lines))]:
        found += (not name and _side_by_side(part)) or [(name, part)]
    return found


def _by_source(lines: Sequence[Line]) -> list[View]:
    names = list(dict.fromkeys(line.source for line in lines if line.source))
    if not 2 <= len(names) <= MOST_SOURCES:
        return []
    found: dict[str, list[Line]] = {name: [] for name in names}
    now = names[0]
    for line in lines:
        now = line.source or now
        found[now].append(line)
    return list(found.items())


def _diff(lines: Sequence[Line]) -> list[View]:
    """What is around the hunks, and the sides: what both have is in both."""
    if not any("@@ -" in line.raw for line in lines):
        return []
    rows = [_QUOTED.sub("", line.raw, count=1) for line in lines]
    if not any(map(_HUNK.match, rows)):
        return []
    around: list[Line] = []
    old: list[Line] = []
    new: list[Line] = []
    names = {"-": OLD, "+": NEW}
    left = {"-": 0, "+": 0}  # lines of the hunk that are still to come
    before = 0
    for line, row in zip(lines, rows, strict=True):
        sign = row[:1]
        left = {each: count - (line.number - before - 1) for each, count in left.items()}  # blank ones
        before = line.number
        if match := _HUNK.match(row):
            left = {"-": int(match["old"] or 1), "+": int(match["new"] or 1)}
        elif max(left.values()) <= 0:
            if name := _FILE.match(row):
                names[sign] = name[1]
            else:
                around.append(line)
        elif sign in "+-":
            left[sign] -= 1
            if (one := _again(line, row[1:])).text:
                (old if sign == "-" else new).append(one)
        else:
            left = {each: count - 1 for each, count in left.items()}
            old.append(line)
            new.append(line)
    if names["-"] == names["+"]:
        names = {"-": OLD, "+": NEW}
    return [("", around), (names["-"], old), (names["+"], new)]


def _again(line: Line, part: str) -> Line:
    row = prefixes.Row(line.number, characters.plain(part), line.time)
    prefixes.own(row)
    return line._replace(text=row.text, time=row.time)


def _side_by_side(lines: Sequence[Line]) -> list[View]:
    """Where two lines in a row are each twice the same kind of line."""
    halves = [_halves(line) for line in lines]
    begun = [a is not None and b is not None for a, b in pairwise(halves)]
    if not any(begun):
        return []
    left: list[Line] = []
    right: list[Line] = []
    for line, found in zip(lines, halves, strict=True):
        if found:
            left.append(found[0])
            right.append(found[1])
        elif _ONLY_RIGHT.match(line.raw):
            right.append(line)
        else:
            left.append(line._replace(text=_ONLY_LEFT.sub("", line.text)))
    return [(LEFT, left), (RIGHT, right)]


def _halves(line: Line) -> tuple[Line, Line] | None:
    """The line as two, if both begin with the same word and have half of their words in common."""
    if not _MAY_BE_GUTTER.search(line.text) or not _begins_again(line.text):
        return None
    for number, gutter in enumerate(_GUTTER.finditer(line.text)):
        if number == _MOST_GUTTERS:
            break
        first, second = line.text[: gutter.start()], _again(line, line.text[gutter.end() :])
        one, other = _kinds(first), _kinds(second.text)
        if one[:1] != other[:1] or not any(char.isalpha() for char in one[0]):
            continue
        if len(one) > 1 and 2 * len(set(one) & set(other)) >= min(len(set(one)), len(set(other))):
            return line._replace(text=first.rstrip()), second
    return None


def _begins_again(text: str) -> bool:
    """Whether what a line begins with is in it once more."""
    kinds = _NUMBER.sub("0", text)
    return kinds.count(kinds.split(maxsplit=1)[0]) > 1


def _kinds(text: str) -> list[str]:
    """Its words; of numbers only that they are some."""
    return _NUMBER.sub("0", text).split()
