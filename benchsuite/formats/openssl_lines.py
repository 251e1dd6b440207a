"""Lines of `openssl speed` made whole. It prints half a line, measures for some seconds, and prints the rest:

Doing sha256 for 3s on 16 size blocks: [  123.456789] usb 1-1: new device
1837204 sha256's in 3.00s
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from benchsuite.formats.lines import Line

_HEAD = re.compile(r"Doing (?P<name>\S.{0,60}?)(?: ops)? for [\d.]{1,9}s on \d{1,9} size blocks:")
_TAIL = re.compile(r"\d{1,18} (?P<name>\S.{0,60}?)(?:'s| ops) in [\d.]{1,12}s$")
_FURTHEST = 30  # lines between two halves


def whole(lines: Sequence[Line]) -> Iterator[tuple[Line, tuple[Line, ...]]]:
    """Each line, and the lines that it is from: several counts may begin on one, and one may be on two."""
    parts = [part for line in lines for part in _apart(line)]
    tails: dict[int, int] = {}
    for at, line in enumerate(parts):
        head = _HEAD.match(line.text)
        if head and not _TAIL.search(line.text, head.end()):
            for after in range(at + 1, min(at + 1 + _FURTHEST, len(parts))):
                tail = _TAIL.match(parts[after].text)
                if tail and tail["name"] == head["name"]:
                    tails[at] = after
                if tail or _HEAD.match(parts[after].text):
                    break
    taken = set(tails.values())
    for at, line in enumerate(parts):
        if at in tails:
            head, rest = _HEAD.match(line.text), parts[tails[at]]
            text = f"{head[0] if head else ''} {rest.text}"
            yield Line(line.number, text, f"{line.raw} {rest.raw}", line.time), (line, rest)
        elif at not in taken:
            yield line, (line,)


def _apart(line: Line) -> list[Line]:
    if line.text.count("Doing ") < 2:
        return [line]
    found = re.split(r"(?=Doing )", line.text)
    return [Line(line.number, part.strip(), part.strip(), line.time) for part in found if part.strip()]
