"""Several texts in one, taken apart before a reader sees them: what two hosts, containers or jobs logged in
turn, two files side by side (`diff -y`, `paste`), and the two sides of a `diff -u`.

    testing speed of cbc(aes) (cbc(aes-generic)) encryption | testing speed of cbc(aes) (cbc-aes-ce) encr...
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from benchsuite.formats import characters, prefixes
from benchsuite.formats.lines import Line

View = tuple[str, list[Line]]  # what it is called, "" where there is only one; its lines

MOST_SOURCES = 64  # more names before lines are no machines
LEFT, RIGHT = "left", "right"
OLD, NEW = "old", "new"

_GUTTER = re.compile(r" {1,99}[|<>/\\] {1,99}| {3,99}")
_MOST_GUTTERS = 20
_ONLY_LEFT = re.compile(r" {2,99}[<(|]$")
_ONLY_RIGHT = re.compile(r"\s{8,}>\s")
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")
_FILE = re.compile(r"(?:---|\+\+\+) (?:[ab]/)?(\S{1,200})")


def views(lines: Sequence[Line]) -> list[View]:
    """At least one. A line may be in two of them."""
    for apart in (_by_source, _diff, _side_by_side):
        if len(found := apart(lines)) > 1:
            return found
    return [("", list(lines))]


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
    """What both sides have is in both."""
    if not any(_HUNK.match(line.text) for line in lines):
        return []
    old: list[Line] = []
    new: list[Line] = []
    names = {"-": OLD, "+": NEW}
    for line in lines:
        sign = line.raw[:1]
        if _FILE.match(line.raw):
            name = _FILE.match(line.raw)
            names[sign] = name[1] if name else names[sign]
        elif sign in "+-" and (one := _again(line, line.raw[1:])).text:
            (old if sign == "-" else new).append(one)
        elif not _HUNK.match(line.text):
            old.append(line)
            new.append(line)
    if names["-"] == names["+"]:
        names = {"-": OLD, "+": NEW}
    return [(names["-"], old), (names["+"], new)]


def _again(line: Line, part: str) -> Line:
    row = prefixes.Row(line.number, characters.plain(part), line.time)
    prefixes.own(row)
    return replace(line, text=row.text, time=row.time)


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
            left.append(replace(line, text=_ONLY_LEFT.sub("", line.text)))
    return [(LEFT, left), (RIGHT, right)]


def _halves(line: Line) -> tuple[Line, Line] | None:
    """The line as two, if both begin with the same word and have half of their words in common."""
    for number, gutter in enumerate(_GUTTER.finditer(line.text)):
        if number == _MOST_GUTTERS:
            break
        first, second = line.text[: gutter.start()], _again(line, line.text[gutter.end() :])
        one, other = _kinds(first), _kinds(second.text)
        if one[:1] != other[:1] or not any(char.isalpha() for char in one[0]):
            continue
        if len(one) > 1 and 2 * len(set(one) & set(other)) >= min(len(set(one)), len(set(other))):
            return replace(line, text=first.rstrip()), second
    return None


def _kinds(text: str) -> list[str]:
    """Its words; of numbers only that they are some."""
    return re.sub(r"\d+(?:\.\d+)?", "0", text).split()
