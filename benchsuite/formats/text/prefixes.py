"""What stands before what was printed: a log's time and host, a CI service's job, a container's or a host's
name, the numbers of lines, the marks of a quotation or a list.

What has a form of its own is taken off each line (`own`). A number or a name has not: it is a prefix where
the lines around agree that it is one (`common`), for it may as well be what was printed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d+)?"
_ISO = rf"\d{{4}}[-/]\d\d[-/]\d\d[T ]{_CLOCK}(?: ?Z| ?[+-]\d\d:?\d\d)?"
_HOST = r"(?P<source>\S{1,100}) (?:kernel|[\w.@/-]+\[\d+\]): "  # and the process
_SECONDS = re.compile(r"\[[ +]*(\d{1,12}\.\d{1,9})(?: *<[ +]*[\d.]+>)?\] ?")
_GAP = " " * 4
_JOB = re.compile(rf"(?P<source>\S.{{0,100}}?) {{4,9}}\S.{{0,100}}? {{4,9}}(?={_ISO} )")  # gh run view --log
_OWN = (
    re.compile(r"<\d{1,3}>"),
    _SECONDS,
    re.compile(r"\[ *[TC]\d{1,9}\] ?"),  # printk.caller
    re.compile(rf"\[[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} +\d+ {_CLOCK} \d{{4}}\] ?"),  # dmesg -T
    re.compile(r"\[[A-Z][a-z]{2}\d\d? \d\d:\d\d\] ?"),  # dmesg -H
    re.compile(r"(?:kern|user|daemon|syslog) *: *\w{4,6} *: ?"),  # dmesg -x
    re.compile(rf"[A-Z][a-z]{{2}} +\d+ {_CLOCK} (?:{_HOST})?"),  # syslog, journalctl; ts
    re.compile(
        rf"[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} +\d+ {_CLOCK} \d{{4}} (?:\w+\.\w+ [\w.@/-]+(?:\[\d+\])?: )?"
    ),  # logread
    re.compile(rf"\d {_ISO} (?P<source>\S{{1,100}}) \S+ \S+ \S+ (?:-|\[[^\]]{{0,200}}\]) "),  # RFC 5424
    re.compile(rf"[A-Z][a-z]{{2}} (?={_ISO} )|[A-Z]{{3,4}} {_HOST}"),  # with-unit
    re.compile(r"MESSAGE="),  # verbose
    re.compile(rf"{_ISO} (?:\d\d[OE][+ ])?(?:{_HOST})?"),  # journalctl, GitHub, GitLab
    re.compile(rf"\[{_ISO}\] ?"),
    _JOB,
    re.compile(rf"\[{_CLOCK}\](?:[WEF ]?: *(?:\[Step \d+/\d+\] ?)?)? ?"),
    re.compile(rf"\d\d-\d\d {_CLOCK} +\d+ +\d+ [VDIWEF] [^:]{{1,40}}: "),  # logcat
    re.compile(rf"{_CLOCK} (?:-> )?"),
    re.compile(r"##\[\w{1,20}\]|section_(?:start|end):\d{1,12}:\S{1,100}"),
    re.compile(r"#\d{1,4} \d{1,6}\.\d{1,3} "),  # docker build
    re.compile(r"\[[\w-]{1,40}:(?:L\d{1,6}:\d{1,6}s|\d{1,6})\] "),  # Drone, Woodpecker
    re.compile(r"\[pod/(?P<source>[^\]]{1,100})\] "),
    re.compile(r"\[(?P<source>[\w.-]{1,60})\] (?:out|err): "),
    re.compile(r"\[\d{1,6},\d{1,6}\]<std(?:out|err)>: ?|\[(?:std)?(?:out|err)\] ?"),
    re.compile(r"\[?(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR)\]?(?: -|:)? (?=\S)|- (?=[A-Z]{4,7} - )"),
    re.compile(r"(?:> ?)+|(?:\| )+"),  # quoted in a mail
    re.compile(r"(?:[•‣◦▪●] *|[*-] {1,99})(?=\S)|\*$"),  # in a list
)
# Whether there is any. A job's name may be any text, so it is looked for only where there is its gap.
_ANY_OWN = re.compile("|".join(each.pattern.replace("(?P<source>", "(?:") for each in _OWN if each != _JOB))
_MOST_OWN = 8  # priority, date, time, caller: never more before one line


@dataclass(slots=True)
class Row:
    """A line while what stands before it is taken off."""

    number: int  # of the line in the text, from 1
    text: str
    time: float | None = None
    source: str = ""  # the host, container or job that it is from


def stripped(rows: Sequence[Row]) -> None:
    """Takes off all that is known to stand before a line."""
    for row in rows:
        own(row)
    for _ in range(3):
        if not common(rows):
            break
        for row in rows:
            own(row)


def own(row: Row) -> None:
    text = row.text.strip()
    for _ in range(_MOST_OWN):
        if not _ANY_OWN.match(text) and not (_GAP in text and _JOB.match(text)):
            break
        for prefix in _OWN:
            if match := prefix.match(text):
                if prefix is _SECONDS:
                    row.time = float(match[1])
                elif prefix.groupindex:
                    row.source = match["source"] or row.source
                text = text[match.end() :].lstrip()
                break
        else:
            break
    row.text = text


# Numbers of lines: each one more than the one before, or as many more as there are lines between.
_NUMBERS = (
    re.compile(r"(\d{1,6})[.)](?: |$)"),
    re.compile(r"(\d{1,6}) ?[|│](?: |$)"),
    re.compile(r"(\d{1,6}):(?: |$)"),
)
_BARE_NUMBERS = (  # by `cat -n` or an editor, by grep -n: all lines have one, or it is none
    re.compile(r"(\d{1,6})(?: +|$)"),
    re.compile(r"(\d{1,6})[:-]"),
)
_NO_NAME = r"(?!(?:aes|3?des|sha|md|hmac|cmac|rsa|dsa|ecdsa|ed|x|chacha|aria|camellia|sm)[\d-])"  # algorithms
_WORD = re.compile(r"[^\d\s]")
_SERVICE = re.compile(rf"(?i:{_NO_NAME})([A-Za-z0-9][\w.-]{{0,60}}) *\|(?: (?!\s*untested)|$)")
_NUMBERED_SERVICE = re.compile(r".*[_-]\d+")
_NODE = re.compile(rf"{_NO_NAME}(\d{{1,4}}|default|[a-z](?=[\w-]*[\d.-])[\w.-]{{0,60}}):(?: |$)")
_LOGGER = re.compile(r"(?!#)(\S{1,100}) [\w.@/-]+: ")  # of a process that gives no number
_NO_SERVICE = {"hash", "skcipher", "aead", "rng"}  # kinds that kcapi-speed lists
_FEWEST = 3
_NEARLY_ALL = 0.9


def common(rows: Sequence[Row]) -> bool:
    """Takes off the numbers and names before lines that agree; whether there were any."""
    rows = [row for row in rows if row.text]
    return any([*(_numbers(rows, style) for style in _NUMBERS), _bare_numbers(rows), _names(rows)])


def _numbers(rows: list[Row], style: re.Pattern[str]) -> bool:
    found = False
    for block in _blocks(rows, style):
        if len(block) >= min(_FEWEST, max(len(rows), 2)):
            for row, match in block:
                row.text, found = row.text[match.end() :].strip(), True
    return found


def _blocks(rows: list[Row], style: re.Pattern[str]) -> list[list[tuple[Row, re.Match[str]]]]:
    """The lines that follow each other with numbers that do."""
    blocks: list[list[tuple[Row, re.Match[str]]]] = []
    begun = False
    for row in rows:
        match = style.match(row.text)
        if match is None:
            begun = False
            continue
        if begun:
            last, before = blocks[-1][-1]
            more = int(match[1]) - int(before[1])
            begun = more == 1 or more == row.number - last.number > 0
        if not begun:
            blocks.append([])
        blocks[-1].append((row, match))
        begun = True
    return blocks


def _bare_numbers(rows: list[Row]) -> bool:
    for style in _BARE_NUMBERS:
        found = [(row, match) for row in rows if (match := style.match(row.text))]
        if len(found) < max(_FEWEST, _NEARLY_ALL * len(rows)):
            continue
        steps = [int(after[1]) - int(before[1]) for (_, before), (_, after) in pairwise(found)]
        words = sum(bool(_WORD.match(row.text, match.end())) for row, match in found)
        rising = all(step > 0 for step in steps)
        one_by_one = rising and (style is not _BARE_NUMBERS[0] or all(step <= 3 for step in steps))
        if one_by_one and words > len(found) / 2:
            for row, match in found:
                row.text = row.text[match.end() :].strip()
            return True
    return False


def _names(rows: list[Row]) -> bool:
    """The names of containers (`web_1  | `) and of hosts (`node-1: `)."""
    services = [(row, match) for row in rows if "|" in row.text and (match := _SERVICE.match(row.text))]
    beside = Counter(
        before[1]
        for (row, before), (next_row, after) in pairwise(services)
        if before[1] == after[1] and next_row.number - row.number <= 2
    )
    counts = Counter(match[1] for _, match in services)
    numbered = {name for name in counts if _NUMBERED_SERVICE.fullmatch(name) and counts[name] > 1}
    if sum(counts[name] for name in numbered) < max(_FEWEST, _NEARLY_ALL * len(rows)):
        numbered &= set(beside)
    names = {name for name in beside if counts[name] >= max(_FEWEST, _NEARLY_ALL * len(rows))} | numbered
    names -= _NO_SERVICE
    for style in (_NODE, _LOGGER):
        if not names:
            services = [(row, match) for row in rows if (match := style.match(row.text))]
            counts = Counter(match[1] for _, match in services)
            names = {name for name, count in counts.items() if count > 1}
            if sum(counts[name] for name in names) < max(_FEWEST, _NEARLY_ALL * len(rows)):
                names = set()
    for row, match in services:
        if match[1] in names:
            row.text, row.source = row.text[match.end() :].strip(), match[1]
    return bool(names)
