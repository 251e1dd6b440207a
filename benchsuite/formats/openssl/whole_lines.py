"""Lines of `openssl speed` made whole. It prints half a line, measures for some seconds, and prints the rest:

    Doing sha256 for 3s on 16 size blocks: [  123.456789] usb 1-1: new device
    1837204 sha256's in 3.00s

    Doing 256 bits sign ecdsa's for 10s:
    30000 256 bits ECDSA signs in 10.00s

and a terminal of 80 columns may have broken it anywhere. Its tables are pasted as those of Markdown, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from benchsuite.formats.text.lines import Line

_SECONDS = r"\d{1,9}(?:\.\d{1,6})?s"
_HEAD = re.compile(
    rf"Doing (?P<what>\S.{{0,70}}?)"
    rf"(?: for {_SECONDS}(?: on \d{{1,9}} size blocks)?| \d{{1,18}} times on \d{{1,9}} size blocks"
    r"|(?<='s)):"
)
_TAIL = re.compile(rf"\d{{1,18}} (?P<what>\S.{{0,70}}?) in {_SECONDS}$")
_ANY_TAIL = re.compile(rf" *\d{{1,18}} \S.{{0,70}}? in {_SECONDS}")
_TYPE = re.compile(r"type +\d{1,9}\b[\d bytes]*$")  # the header of a table, and the rest of one
_SIZES = re.compile(r"(?:bytes)?(?: *\d{1,9} ?bytes)*(?: *\d{1,9})?$")
_ROW = re.compile(r"[A-Za-z]\S{0,60}(?: [a-z][\w-]{0,20})?(?: +\d{1,12}\.\d{1,2}k)+$")
_CELLS = re.compile(r"\d{1,12}\.\d{1,2}k(?: +\d{1,12}\.\d{1,2}k)*$")
_MOST_WRAPPED = 3  # lines that were one of a table
_DOING = re.compile(r"(?=Doing \S)")
_DIGITS = re.compile(r" *\d")
_FURTHEST = 30  # lines between two halves
_FILLERS = {"", "ops", "op", "kem", "signature", "bit", "bits", "times"}
_WORDS = {"signs": "sign", "keygens": "keygen", "ml": "", "mlkem": "", "encaps": "encap", "decaps": "decap"}
_SIDES, _OPS_OF_RSA = {"private", "public"}, {"sign", "verify", "encrypt", "decrypt"}  # halves differ there
MULTI_BLOCK = "evp"  # what -mb calls the operations it counts


def whole(lines: Sequence[Line]) -> Iterator[tuple[Line, tuple[Line, ...]]]:
    """Each line, and the lines that it is from: several counts may begin on one, and one may be on two."""
    parts = [part for line in lines for part in _apart(_plain(line))]
    rests = _rests(parts) | _of_tables(parts)
    taken = {at for found in rests.values() for at in found[1]}
    for at, line in enumerate(parts):
        if at in rests:
            text, others = rests[at]
            rest = [parts[each] for each in others]
            raw = " ".join(each.raw for each in (line, *rest))
            yield Line(line.number, text, raw, line.time), (line, *rest)
        elif at not in taken:
            yield line, (line,)


def is_head(text: str) -> bool:
    """Whether it is a count's first half, without the count."""
    return bool(_HEAD.match(text))


def is_tail(text: str) -> bool:
    """Whether it is a count without what stands before it."""
    return bool(_TAIL.match(text))


def _plain(line: Line) -> Line:
    """A row of a table of Markdown as the program printed it."""
    if line.text[:1] == line.text[-1:] == "|":
        return line._replace(text=" ".join(line.text.replace("|", " ").split()))
    return line


def _apart(line: Line) -> list[Line]:
    if "Doing " not in line.text[1:]:
        return [line]
    found = [part.strip() for part in _DOING.split(line.text)]
    if not any(map(_HEAD.match, found[1:])):
        return [line]
    return [Line(line.number, part, part, line.time) for part in found if part]


def _rests(parts: Sequence[Line]) -> dict[int, tuple[str, tuple[int, ...]]]:
    """Finds for each first half, by its place, the whole text, and the places of the rest."""
    found: dict[int, tuple[str, tuple[int, ...]]] = {}
    waiting: dict[frozenset[str], int] = {}  # where the last one began: one before it was cut off
    for at, line in enumerate(parts):
        head = _HEAD.match(line.text)
        if head and not _ANY_TAIL.match(line.text, head.end()):
            if joined := _broken(parts, at, head.end()):
                found[at] = joined, (at + 1,)
            else:
                waiting[_key(head["what"])] = at
        elif not head and line.text.startswith("Doing ") and (joined := _broken(parts, at, -1)):
            found[at] = joined, (at + 1,)
        elif tail := _TAIL.match(line.text):
            key = _key(tail["what"])
            if key == _key(MULTI_BLOCK):
                several = [each for each in waiting if any("-hmac-" in word for word in each)]
                key = max(several, key=lambda each: waiting[each], default=key)
            begun = waiting.pop(key, None)
            if begun is not None and at - begun <= _FURTHEST:
                start = _HEAD.match(parts[begun].text)
                found[begun] = f"{start[0] if start else ''} {line.text}", (at,)
    return found


def _of_tables(parts: Sequence[Line]) -> dict[int, tuple[str, tuple[int, ...]]]:
    """Headers and rows that a mail program has wrapped, being wider than it takes."""
    found: dict[int, tuple[str, tuple[int, ...]]] = {}
    at = 0
    while at < len(parts):
        text, end = parts[at].text, at + 1
        rest = _SIZES if _TYPE.match(text) else _CELLS if text.endswith("k") and _ROW.match(text) else None
        while rest and end < min(at + _MOST_WRAPPED, len(parts)) and rest.match(parts[end].text):
            end += 1
        if end > at + 1:
            found[at] = " ".join(part.text for part in parts[at:end]), tuple(range(at + 1, end))
        at = end
    return found


def _broken(parts: Sequence[Line], at: int, colon: int) -> str:
    """The line with the next one, where the two are one line broken in the middle; else nothing. `colon`:
    where its head ends, if that is whole: then a whole count in the next line may be all that is missing."""
    if at + 1 == len(parts) or _HEAD.match(parts[at + 1].text):
        return ""
    if _TAIL.match(parts[at + 1].text) and not (colon > 0 and _DIGITS.match(parts[at].text, colon)):
        return ""
    for joint in ("", " "):
        text = f"{parts[at].text}{joint}{parts[at + 1].text}"
        head = _HEAD.match(text)
        if head and (tail := _ANY_TAIL.match(text, head.end())) and tail.end() == len(text):
            return text
    return ""


def _key(what: str) -> frozenset[str]:
    """What is counted, as both halves say it: `256 bits sign ecdsa's`, `256 bits ECDSA signs`."""
    words = re.sub(r"(?<=\d)-(?=bits?\b)|(?<=ml)-(?=kem)", " ", what.lower()).split()
    plain = {_WORDS.get(word, word) for word in (each.removesuffix("'s") for each in words)} - _FILLERS
    return frozenset(plain - _SIDES if plain & _OPS_OF_RSA else plain)
