"""A text cut into lines, each with its number and without what a log puts before what was printed.

    [    5.029222] tcrypt: test 0 ...                        dmesg, a serial console; also -r, -x, -T, -H
    Nov 21 13:09:00 host kernel: tcrypt: test 0 ...          journalctl -k, syslog
    2026-11-21T13:09:00.123456Z tcrypt: test 0 ...           journalctl -o short-iso, CI services
    {"MESSAGE": "tcrypt: test 0 ...", ...}                   journalctl -o json
    6,1234,5029222,-;tcrypt: test 0 ...                      /dev/kmsg

Whatever the text is, nothing here raises anything.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

LONGEST = 4000  # characters of a line that are looked at: what prints figures prints less

_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[@-_])")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_KMSG = re.compile(r"\d+,\d+,(\d+),[^;]{0,40};")  # priority, sequence number, microseconds, flags
_KMSG_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")

_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d+)?"
_ISO = rf"\d{{4}}-\d\d-\d\d[T ]{_CLOCK}(?:Z|[+-]\d\d:?\d\d)?"
_PROCESS = r"[\w.@/-]+(?:\[\d+\])?: "
_SECONDS = re.compile(r"\[[ +]*(\d{1,12}\.\d{1,9})(?: *<[ +]*[\d.]+>)?\] ?")
_PREFIXES = (
    re.compile(r"<\d{1,3}>"),
    _SECONDS,
    re.compile(r"\[ *[TC]\d{1,9}\] ?"),  # printk.caller
    re.compile(rf"\[[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} +\d+ {_CLOCK} \d{{4}}\] ?"),  # dmesg -T
    re.compile(r"\[[A-Z][a-z]{2}\d\d? \d\d:\d\d\] ?"),  # dmesg -H
    re.compile(r"(?:kern|user|daemon|syslog) *: *\w{4,6} *: ?"),  # dmesg -x
    re.compile(rf"[A-Z][a-z]{{2}} +\d+ {_CLOCK} \S+ {_PROCESS}"),  # syslog, journalctl
    re.compile(rf"{_ISO} (?:\S+ {_PROCESS})?"),
    re.compile(rf"\[{_ISO}\] ?"),
    re.compile(r"(?:> ?)+"),  # quoted in a mail
)


@dataclass(frozen=True, slots=True)
class Line:
    number: int  # of the line in the text, from 1
    text: str  # what was printed
    raw: str  # with what stood before it
    time: float | None = None  # seconds since the machine started, where the log says


def split(text: str) -> list[Line]:
    """The lines on which something was printed. A record of /dev/kmsg or of the journal may hold several."""
    found: list[Line] = []
    for number, row in enumerate(text.split("\n"), 1):
        for part in _parts(row):
            raw = _UNPRINTABLE.sub(" ", _ANSI.sub("", part[: 2 * LONGEST])).rstrip()[:LONGEST]
            line = _line(number, raw)
            if line.text:
                found.append(line)
    return found


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
    if row.startswith("{") and '"MESSAGE"' in row:
        return _message(row)
    return row.rstrip("\r").split("\r")


def _message(row: str) -> list[str]:
    """Of an entry of the journal; what is no text is there as a list of bytes."""
    try:
        message = json.loads(row)["MESSAGE"]
        text = bytes(message).decode("utf-8", "replace") if isinstance(message, list) else str(message)
    except (ValueError, TypeError, KeyError, RecursionError):
        return [row]
    return re.split(r"[\r\n]+", text)


def _line(number: int, raw: str) -> Line:
    text, time = raw.strip(), None
    for _ in range(5):  # priority, date, time, caller: never more before one line
        for prefix in _PREFIXES:
            if match := prefix.match(text):
                time = float(match[1]) if prefix is _SECONDS else time
                text = text[match.end() :].lstrip()
                break
        else:
            break
    return Line(number, text, raw, time)
