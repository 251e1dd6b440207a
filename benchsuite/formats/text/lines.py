"""A text cut into lines, each with its number and without what a log puts before what was printed.

    [    5.029222] tcrypt: test 0 ...                        dmesg, a serial console; also -r, -x, -T, -H
    Nov 21 13:09:00 host kernel: tcrypt: test 0 ...          journalctl -k, syslog
    2026-11-21T13:09:00.123456Z tcrypt: test 0 ...           journalctl -o short-iso, CI services
    {"MESSAGE": "tcrypt: test 0 ...", ...}                   journalctl -o json; docker's files
    6,1234,5029222,-;tcrypt: test 0 ...                      /dev/kmsg
    "stdout": "tcrypt: test 0 ...\\ntcrypt: test 1 ...",      ansible

The rest is in characters.py and prefixes.py. Whatever the text is, nothing here raises anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import NamedTuple

from benchsuite.formats.text import characters, prefixes

LONGEST = 4000  # characters of a line that are looked at: what prints figures prints less

_MOST_WRAPPED = 3  # lines that were one

_ANSI = re.compile(r"\x1b(?:[\]_PX^][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|\[[0-9;?]*[ -/]*[@-~]|[@-_])")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_KMSG = re.compile(r"\d+,\d+,(\d+),[^;]{0,40};")  # priority, sequence number, microseconds, flags
_KMSG_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
_MESSAGES = ("MESSAGE", "log", "msg", "message")
_IN_JSON = re.compile(rf'"(?:{"|".join(_MESSAGES)})" ?:')
_ENTRY = re.compile(rf"\s*\{{.*{_IN_JSON.pattern}.*\}}\s*$")
_LAVA = re.compile(r"""- \{.*\bmsg: (?:("(?:[^"\\]|\\.)*")|'((?:[^']|'')*)'|([^'"}][^}]*))\}\s*$""")
_STRING = re.compile(r'\s*(?:"[\w.-]{1,40}": *|- )?("(?:[^"\\]|\\.)*"),?\s*$')


class Line(NamedTuple):
    number: int  # of the line in the text, from 1
    text: str  # what was printed
    raw: str  # with what stood before it
    time: float | None = None  # seconds since the machine started, where the log says
    source: str = ""  # the host, container or job that it is from, where the log says


def split(text: str) -> list[Line]:
    """The lines on which something was printed. A record of /dev/kmsg or of the journal may hold several."""
    raws: list[str] = []
    rows: list[prefixes.Row] = []
    for number, row in enumerate(characters.rows(text), 1):
        for part in _parts(row):
            cut = _ANSI.sub("", part[: 2 * LONGEST]) if "\x1b" in part else part[: 2 * LONGEST]
            raw = _printable(cut).rstrip()[:LONGEST]
            if raw.strip():
                raws.append(raw)
                plain = _printable(characters.plain(cut[:LONGEST]))
                rows.append(prefixes.Row(number, plain[:LONGEST]))
    prefixes.stripped(rows)
    return [
        Line(row.number, row.text, raw, row.time, row.source)
        for row, raw in zip(rows, raws, strict=True)
        if row.text
    ]


def _printable(row: str) -> str:
    """The row with blanks in place of what does not print; a tab stays."""
    return row if row.isascii() and row.isprintable() else _UNPRINTABLE.sub(" ", row)


def unwrapped(
    lines: Sequence[Line], begins: Callable[[str], object], whole: Callable[[str], object]
) -> tuple[list[Line], set[int]]:
    """The lines, with what a mail program or a terminal has wrapped put together again; and the numbers of
    the lines that were added to those before them. What `begins` and is not `whole` is joined to the next
    line, or the next two, where that makes it so."""
    found: list[Line] = []
    added: set[int] = set()
    at = 0
    while at < len(lines):
        line, more = lines[at], 0
        if begins(line.text) and not whole(line.text):
            rest = list(takewhile(lambda each: not begins(each.text), lines[at + 1 : at + _MOST_WRAPPED]))
            line, more = _joined([line, *rest], whole)
            added.update(each.number for each in lines[at + 1 : at + 1 + more])
        found.append(line)
        at += 1 + more
    return found, added


def _joined(parts: Sequence[Line], whole: Callable[[str], object]) -> tuple[Line, int]:
    """(the first with as many of the others as make it whole, how many they are)."""
    for glue in (" ", ""):  # a mail program wraps between words, a terminal anywhere
        for count in range(2, len(parts) + 1):
            text = glue.join(part.text for part in parts[:count])
            if whole(text):
                raw = glue.join(part.raw for part in parts[:count])
                return parts[0]._replace(text=text, raw=raw), count - 1
    return parts[0], 0


def plain(text: str) -> list[Line]:
    """The lines as they stand: in a table what looks like a prefix is a cell."""
    rows = (
        (number, _UNPRINTABLE.sub(" ", row.rstrip("\r"))) for number, row in enumerate(text.split("\n"), 1)
    )
    return [Line(number, row.strip(), row) for number, row in rows if row.strip()]


def _parts(row: str) -> list[str]:
    """A terminal shows what follows a carriage return in place of what came before; a log has both."""
    if match := _KMSG.match(row):
        whole = _KMSG_ESCAPE.sub(lambda found: chr(int(found[1], 16)), row[match.end() :])
        seconds = f"[{int(match[1][:15]) / 1e6:.6f}] "
        return [seconds + part for part in re.split(r"[\r\n]+", whole)]
    if row.startswith("{") and _IN_JSON.search(row):
        return _message(row)
    if row.startswith("- {") and (match := _LAVA.match(row)):
        return _string(match[1], row) if match[1] else [(match[2] or match[3]).replace("''", "'")]
    if row.rstrip("\r, ").endswith('"') and (match := _STRING.match(row)):
        return _string(match[1], row)
    if "<" in row:
        row = characters.ENDS.sub("\r", row)
    return row.rstrip("\r").split("\r") if "\r" in row else [row]


def _string(quoted: str, row: str) -> list[str]:
    """The string of a program whose output is kept as JSON or YAML."""
    try:
        return re.split(r"[\r\n]+", str(json.loads(quoted)))
    except ValueError:
        return [row]


def are_json(text: str) -> bool:
    """Whether each line of a log is JSON of its own, with a message in it."""
    found = [row for row in text[: 10 * LONGEST].split("\n") if row.strip()][:2]
    return bool(found) and all(_ENTRY.match(row) and '"benchmarks"' not in row for row in found)


def _message(row: str) -> list[str]:
    """The message in an entry of the journal or of a container's log; what is no text is a list of bytes."""
    try:
        entry = json.loads(row)
        message = next(entry[key] for key in _MESSAGES if key in entry)
        text = bytes(message).decode("utf-8", "replace") if isinstance(message, list) else str(message)
    except (ValueError, TypeError, KeyError, RecursionError, StopIteration):
        return [row]
    return re.split(r"[\r\n]+", text)
