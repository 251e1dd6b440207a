"""What the kernel's tcrypt module leaves in the kernel log.

    tcrypt: testing speed of async cbc(aes) (cbc-aes-aesni) encryption
    tcrypt: test 0 (128 bit key, 16 byte blocks): 2248916 operations in 1 seconds (35982656 bytes)
    tcrypt: test 1 (128 bit key, 64 byte blocks): 1 operation in 2759 cycles (64 bytes)

Lines may come from dmesg, `dmesg -r`, journalctl, a serial console or /dev/kmsg, with whatever time stamp or
name stands before them, with other lines between, and cut off anywhere. Up to Linux 6.1 a header is split
over two lines, and a result may stand on a line after its item; both are understood.

A figure is worth nothing under a wrong name, so an item counts only where its number follows the last one
of its section. Where lines were lost, a header may have been among them, and items are `unclear` until the
next one; unless the lines in between are there, only damaged, or the time stamps leave room for no other.

Older kernels print less: `testing speed of sha1` or `testing speed of async sha1` of a hash, and of a cipher
`testing speed of cbc(aes) encryption` (2.6 and 3.x, no driver) or `testing speed of aes CBC encryption` (to
2.6.18). Without a driver only a hash that is known counts: a longer name may have been cut off.

Source: the format strings of crypto/tcrypt.c in Linux 2.6.14 to 6.12, and logs of Linux 6.1 and 6.12.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, repeat

ASYNC, SYNC, MULTIBUFFER = "async", "sync", "multibuffer"
ENCRYPTION, DECRYPTION = "encryption", "decryption"


@dataclass(slots=True)  # not frozen, which would take as long as reading it
class Record:
    """One item with its result; every number is as printed. `style` is "seconds" or "cycles"."""

    algorithm: str  # `cbc(aes)`
    driver: str  # `cbc-aes-aesni`; "" in logs of old kernels that do not say
    direction: str  # ENCRYPTION, DECRYPTION, or "" of a hash
    form: str  # ASYNC, SYNC, MULTIBUFFER, or "" where the header has no such word (AEADs)
    index: int  # the number of the test in its section
    key_bits: int | None  # of the whole key with what is appended to it; None of a hash
    size: int  # bytes of an operation; of a hash in all
    update: int | None  # of a hash: bytes per update ...
    updates: int | None  # ... and how many
    style: str
    operations: int  # in `seconds`; 1 where cycles were counted
    seconds: int | None  # None where cycles were counted; 1 where figures are per second
    cycles: int | None  # of one operation
    bytes: int | None  # in `seconds`, or of one operation; None where it is not printed
    cycles_per_byte: int | None  # only a hash has it, and not with several buffers
    line: str  # item and result as printed, without what the log put before them
    places: tuple[int, ...] = field(default=(), compare=False)  # of its item and its result among the lines

    @property
    def per_second(self) -> bool:
        """Whether what was counted is told only as a rate: of a hash."""
        return self.update is not None and self.style == "seconds" and self.form != MULTIBUFFER

    @property
    def one_update(self) -> bool:
        """Not a hash, or one whose data came in a single piece."""
        return self.update is None or self.update == self.size


@dataclass(frozen=True, slots=True)
class Problem:
    """What tcrypt says went wrong. algorithm and direction are "" where that is not known."""

    text: str
    algorithm: str
    direction: str


@dataclass(slots=True)
class Log:
    """Everything in the order of the log. `unclear` are lines that look like tcrypt's and could not be
    used, among them items whose result is missing."""

    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    lost: bool = False  # the log says that messages are missing


_N = r"(-?\d{1,20})"
_HEADER = re.compile(r"\btesting speed of (.*)")
_HEADER_END = re.compile(r"(?:\(\S+\) ?)?(?:en|de)cryption$")
_ECB_OR_CBC = re.compile(r"(\S+) (ECB|CBC)")  # before algorithms were written as cbc(aes)
_HASH = re.compile(
    r"(?:hmac\((?=.*\)$))?(?:md[45]|sha(?:1|224|256|384|512)|rmd(?:128|160|256|320)|wp(?:256|384|512)"
    r"|tgr(?:128|160|192)|sm3|crct10dif|crc32c|michael_mic|vmac\(aes\)|ghash(?:-generic)?|poly1305)\)?"
)
_ITEM = re.compile(rf"\btest *{_N} \( *{_N} bit key, *{_N} byte blocks\):(?P<rest>.*)")
_HASH_ITEM = re.compile(
    rf"\btest *{_N} \( *{_N} byte blocks, *{_N} bytes per update, *{_N} updates\):(?P<rest>.*)"
)
_RESULTS = {
    "seconds": re.compile(rf"(?<!\S){_N} operations? in +{_N} seconds? \( *{_N} bytes\)"),
    "cycles": re.compile(rf"(?<!\S){_N} operation in +{_N} cycles(?: \( *{_N} bytes\))?"),
    "hash seconds": re.compile(rf"(?<!\S){_N} opers/sec, *{_N} bytes/sec"),
    "hash cycles": re.compile(rf"(?<!\S){_N} cycles/operation, *{_N} cycles/byte"),
}
_PROBLEM = re.compile(
    r"(?:(?:alg: )?(?:aead|hash|skcipher): )?"
    r"[Ff]ailed to (?:load transform|setauthsize|allocate request) for (?P<name>[^\s:]+).*"
    r"|setkey\(\) failed flags=.*"
    r"|(?P<direction>encryption|decryption)\(\) failed (?:flags|return code)=.*"
    r"|hashing failed ret=.*"
    r"|calculating auth failed \(.*"
    r"|concurrent request \d+ error .*"
    r"|template \(\d+\) too big for .*"
    r"|associate data length \(\d+\) too big"
    r"|digestsize\(\d+\) > \d+"
    r"|ahash request allocation failure"
    r"|one or more tests failed!"
)
_HASHES_AT_ONCE = (0, 2, 5, 8, 12, 16, 21)  # multibuffer: of the hash tests, those with a single update
_MOST_ITEMS = 1000  # of a section; more than the kernel has by far
_DAMAGED = re.compile(r"\btest *(\d{1,4}) ?\(")
_OTHERS = re.compile(r"\s*\[ *\d{1,9}\.\d{1,9}\]")  # another message of the kernel on the same line
_LOST = re.compile(r"printk messages dropped|Missed \d+ kernel messages")
_LIKE_OURS = re.compile(
    r"\btcrypt: *\S|\btest *\d+ \( *\d+ b|\d operations? in +\d+(?!\d| ?us)|\d opers/sec|\d cycles/operation"
)

_KMSG = re.compile(r"\d+,\d+,\d+,[^;]*;")  # priority, sequence number, microseconds, flags
_ESCAPED = re.compile(r"\\x([0-9a-f]{2})")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def plain(line: str) -> list[str]:
    """A line of a log as the lines that were printed: /dev/kmsg escapes line ends inside a record."""
    line = line.rstrip("\r\n")
    if line.isprintable() and not line[:1].isdecimal():
        return [line.rstrip()]
    if match := _KMSG.match(line):
        line = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), line[match.end() :])
    return [_COLOUR.sub("", part).rstrip() for part in re.split(r"[\r\n]+", line)]


@dataclass(frozen=True, slots=True)
class _Section:
    algorithm: str
    driver: str
    direction: str
    form: str


# Style, operations, seconds, cycles, bytes, cycles per byte: as in a Record.
_Counts = tuple[str, int, int | None, int | None, int | None, int | None]


@dataclass(slots=True)
class _Item:
    """An item that waits for its result."""

    section: _Section
    index: int
    key_bits: int | None
    size: int
    update: int | None
    updates: int | None
    text: str
    place: int


def _section(text: str) -> _Section | None:
    """From what follows `testing speed of`; None where that was cut."""
    words, direction = text.strip(" *"), ""
    for each in (ENCRYPTION, DECRYPTION):
        if words.endswith(f" {each}"):
            words, direction = words.removesuffix(each).rstrip(), each
    driver = ""
    if words.endswith(")") and (begin := _last_group(words)):
        words, driver = words[: begin - 1], words[begin + 1 : -1]
    if direction and not driver and (old := _ECB_OR_CBC.fullmatch(words)):
        words = f"{old[2].lower()}({old[1]})"
    form, _, name = words.rpartition(" ")
    if form not in ("", ASYNC, SYNC, MULTIBUFFER) or not _is_name(name):
        return None
    if not (driver or direction or _HASH.fullmatch(name)):
        return None
    return _Section(name, driver, direction, form) if not driver or _is_name(driver) else None


def _last_group(text: str) -> int:
    """Where the last balanced group of a text that ends with ")" begins, if after a blank; else 0."""
    depth = 0
    for at in range(len(text) - 1, 0, -1):
        depth += (text[at] == ")") - (text[at] == "(")
        if depth == 0:
            return at if text[at - 1] == " " else 0
    return 0


def _is_name(text: str) -> bool:
    """Whether it may be the name of an algorithm or a driver: one word, its parentheses closed."""
    return bool(text) and not re.search(r"\s", text) and text.count("(") == text.count(")")


def _fits(section: _Section, first: int, second: int, updates: int | None) -> bool:
    """Whether the numbers of an item can be right, and the item is of the section's kind."""
    if updates is None:  # bits of the key, bytes
        return bool(section.direction) and first >= 0 and second > 0
    return not section.direction and 0 < second <= first and updates == first // second


def _counts(kind: str, item: _Item, first: int, second: int, octets: int | None) -> _Counts | None:
    """A result's numbers in their places; None where they do not agree with each other and with the item:
    characters get lost on a serial line. Sums may have overflown the kernel's 32 bits."""
    of_hash = item.update is not None and item.section.form != MULTIBUFFER
    if first < 0 or second < 0 or of_hash != kind.startswith("hash"):
        return None
    if kind == "seconds":
        right = (first * item.size - (octets or 0)) % 2**32 == 0 and second > 0
        return ("seconds", first, second, None, octets, None) if right else None
    if kind == "cycles":
        right = first == 1 and octets in (None, item.size)  # copied without it
        return ("cycles", first, None, second, octets, None) if right else None
    if kind == "hash seconds":
        right = (second - first * item.size) % 2**32 < item.size
        return ("seconds", first, 1, None, second, None) if right else None
    return ("cycles", 1, None, first, None, second) if second == first // item.size else None


def _cut_short(record: Record) -> bool:
    """Whether its bytes are missing: from all where figures were copied, from one where a log was cut."""
    return record.bytes is None and (record.update is None or record.form == MULTIBUFFER)


class _Parser:
    def __init__(self) -> None:
        self.log = Log()
        self._now: _Section | None = None
        self._next = 0  # the number the next item must have
        self._again = False  # after a problem the number may come a second time, with another key
        self._waiting: _Item | None = None
        self._place = 0  # of the line
        self._time: float | None = None
        self._damaged: list[int] = []  # numbers on unusable lines since the last item
        self._item_at: float | None = None  # when the last item began, in seconds
        self._period: int | None = None  # seconds of an item
        self._begun = False  # this line is a header
        self._first = False  # the line before is one: an extract may begin with any item

    def line(self, line: str, place: int, time: float | None) -> None:
        self._place, self._time = place, time
        self._first, self._begun = self._begun, False
        if "testing speed of " in line and (match := _HEADER.search(line)):
            self._begin(_section(match[1]), line)
        elif match := _ITEM.search(line) or _HASH_ITEM.search(line):
            self._item(match, line)
        elif self._result(line, line):
            pass
        elif match := _PROBLEM.search(line):
            self._problem(match)
        elif _LOST.search(line):
            self.log.lost = True
            self._begin(None)
        elif _LIKE_OURS.search(line):
            self._set_aside(line)

    def end(self) -> Log:
        self._forget_waiting()
        bare = [each for each in self.log.records if each.cycles is not None and _cut_short(each)]
        if len(bare) == 1:
            self.log.records.remove(bare[0])
            self.log.unclear.append(bare[0].line)
        return self.log

    def _begin(self, section: _Section | None, line: str = "") -> None:
        self._forget_waiting()
        self._now, self._next, self._again = section, 0, False
        self._begun = section is not None
        self._damaged, self._item_at = [], self._time
        if section is None and line:
            self.log.unclear.append(line.strip())

    def _forget_waiting(self) -> None:
        if self._waiting:
            self.log.unclear.append(self._waiting.text)
        self._waiting = None

    def _set_aside(self, line: str) -> None:
        self.log.unclear.append(line.strip())
        self._damaged += [number for each in _DAMAGED.findall(line) if (number := int(each)) >= self._next]

    def _item(self, match: re.Match[str], line: str) -> None:
        self._forget_waiting()
        index, first, second = int(match[1]), int(match[2]), int(match[3])
        updates = int(match[4]) if match.re is _HASH_ITEM else None
        follows = index == self._next or (self._again and index == self._next - 1) or self._follows(index)
        follows = follows or (self._first and self._time is None)
        if self._now is None or not follows or not _fits(self._now, first, second, updates):
            self._now = None  # a header may have been among what is missing
            self.log.unclear.append(line.strip())
            return
        self._next, self._again = index + 1, False
        if updates is not None and self._now.form == MULTIBUFFER:
            self._next = next((number for number in _HASHES_AT_ONCE if number > index), index + 1)
        self._damaged, self._item_at = [], self._time
        text, rest = line[match.start() : match.start("rest")], match["rest"]
        if updates is None:
            self._waiting = _Item(self._now, index, first, second, None, None, text, self._place)
        else:
            self._waiting = _Item(self._now, index, None, first, second, updates, text, self._place)
        if rest.strip() and not self._result(rest, line) and not _OTHERS.match(rest):
            self.log.unclear.append(line.strip())
            self._waiting = None

    def _follows(self, index: int) -> bool:
        """Whether the items before this one are missing, but no header can be. With a header, at least the
        item that was last and all before this one would have run since."""
        if self._now is None or not self._next <= index < _MOST_ITEMS:
            return False
        if self._damaged == list(range(self._next, index)):
            return True
        if self._time is None or self._item_at is None or not self._period:
            return False
        missing = index - max(self._next - 1, 0)
        took = (self._time - self._item_at) / self._period
        return 0.97 * missing < took < min(1.03 * missing + 0.45, index + 0.5)

    def _result(self, text: str, line: str) -> bool:
        for kind, pattern in _RESULTS.items():
            if match := pattern.search(text):
                record = self._record(kind, match)
                if record:
                    self.log.records.append(record)
                    self._period = None if record.per_second else record.seconds
                else:
                    self._forget_waiting()
                    self._set_aside(line)
                self._waiting = None
                return True
        return False

    def _record(self, kind: str, match: re.Match[str]) -> Record | None:
        """None where nothing waits for such a result."""
        item, octets = self._waiting, match[3] if match.re.groups > 2 else None
        if item is None:
            return None
        counts = _counts(kind, item, int(match[1]), int(match[2]), int(octets) if octets else None)
        if counts is None:
            return None
        section = item.section
        return Record(
            section.algorithm,
            section.driver,
            section.direction,
            section.form,
            item.index,
            item.key_bits,
            item.size,
            item.update,
            item.updates,
            *counts,
            f"{item.text.rstrip()} {match[0]}",
            (item.place,) if item.place == self._place else (item.place, self._place),
        )

    def _problem(self, match: re.Match[str]) -> None:
        """It ends the item that waits: that is what went wrong."""
        now = self._now
        algorithm = match["name"] or (now.algorithm if now else "")
        direction = match["direction"] or (now.direction if now and not match["name"] else "")
        self.log.problems.append(Problem(match[0].strip(), algorithm, direction))
        self._waiting, self._again = None, True


def continues(text: str, more: str) -> bool:
    """Whether a line is the end of the one before it, which a mail program has wrapped: together they are an
    item with its result, or a header, and neither alone."""
    whole, item = f"{text} {more}", _ITEM.search(text) or _HASH_ITEM.search(text)
    if item and item["rest"].strip():
        found = [pattern.search(whole, item.start("rest")) for pattern in _RESULTS.values()]
        return any(match and match.start() < len(text) < match.end() for match in found)
    header = _HEADER.search(text)
    return bool(header and _HEADER_END.match(more) and _section(f"{header[1]} {more}"))


def parse(lines: Iterable[str], times: Iterable[float | None] = ()) -> Log:
    """Whatever the lines are, this raises nothing. `times` are the time stamps of the lines, in seconds."""
    parser = _Parser()
    for place, (line, time) in enumerate(zip(lines, chain(times, repeat(None)), strict=False)):
        for part in plain(line):
            parser.line(part, place, time)
    return parser.end()
