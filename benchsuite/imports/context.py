"""What the lines around figures say of the run that they are from: its host, processor, kernel and build, the
command, the heading it stands under. Two runs of which that differs are no repetitions (cases.py).

    Before:                                          a heading; so is `## build A`, `=== AES-NI off ===`
    root@gateway:~# taskset -c 4 openssl speed ...   a host and a command
    compiler: gcc -O3 ...                            a build
"""

from __future__ import annotations

import re
from bisect import bisect, bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from benchsuite.facts import Fact
from benchsuite.formats.figure import Figure
from benchsuite.formats.openssl import run as openssl
from benchsuite.formats.text import kernel_log
from benchsuite.formats.text.lines import Line
from benchsuite.model import DECRYPT, ENCRYPT, Case

Context = tuple[tuple[str, str], ...]

ASSUMED = Fact.IMPORTED_ASSUMED
VIEW, HOST, CPU, KERNEL, COMMAND = "view", "host", "cpu", "kernel", "command"
BUILD = ("compiler", "options", "built on", "CPUINFO")
CHANGED = "$"  # the form of a command that changes what is measured
HEADING = "heading "  # and its form
UNMARKED = "line"  # of a line that only stands right before a run
KNOWN = (CPU, KERNEL, *BUILD)  # what differs between files, too

_MOST_STARTS = 10**9  # of a program in a file
_MOST_TOGETHER = 3  # headings of a form that follow each other
_MOST_WORDS = 6  # of a line that names what follows without any mark
_PROMPT = re.compile(
    r"\[?[\w.-]{1,40}@(?P<host>[\w.-]{1,60})[ :][^$#%>]{0,80}[$#%>](?: +(?P<command>\S.{0,500}))?$"
    r"|(?:[\w~/.-]{0,60}\$|\+) +(?P<bare>\S.{0,500})$"
)
_COMMAND = re.compile(r"(?:\S+ +){0,6}\S*(?:openssl|libressl)\S* +speed\b")
# Commands after which the same program measures something else; with tcrypt, loading is measuring.
_CHANGES = re.compile(
    r"(?:sudo +)?(?:(?:modprobe|insmod|rmmod) (?!.*tcrypt)|export |unset |cpupower |cpufreq-set |sysctl -w "
    r"|git (?:checkout|switch|apply|am|revert|stash|reset)\b|echo .{1,80}> ?/(?:sys|proc)/)"
)
_KERNEL_BUILD = re.compile(r" #(\d{1,6})(?:-\S{1,40})? (?:SMP|PREEMPT|[A-Z][a-z]{2} )")
_UNAME = re.compile(r"Linux (?P<host>[\w.-]{1,60}) \d")
_BUILD = re.compile(rf"({'|'.join(BUILD)}): ?(.{{1,400}})$")
_BEGINS = (*kernel_log.BEGINS, *BUILD, "+")  # one of the ways in which a line with a fact begins
_PAYLOAD_OPTIONS = {"-evp", "-hmac", "-cmac", "-aead", "-decrypt", "-elapsed", "-mr"}  # the figures have it

_SIDES = re.compile(
    r"()((?:before|after|old|new|baseline|patched|unpatched|with|without|stock|vanilla|original|master)\b.{0,80})$",
    re.IGNORECASE,
)
_HEADINGS = (
    (re.compile(r"(#{1,6}) *([^#\s].{0,100}?)[# ]*$"), ""),
    (re.compile(r"(={2,}|-{2,}|\*{2,}|~{2,}|_{2,}|\+{2,}|>{2,}) *([^\s=*~+>-].{0,100}?)[ =*~_+>:-]*$"), ""),
    (re.compile(r"()\[(?!/?(?:code|quote|b|i|u|spoiler|size|url|img)\b)([^\]/]{1,60})\]$"), "["),
    (re.compile(r"(<h[1-6]>)([^<]{1,100})</h"), ""),
    (re.compile(r"()::group::(.{1,100})$"), "::"),
    (
        re.compile(
            r"()((?:test(?:ing|ed)? )?(?:variant|config(?:uration)?|platform|board|device|target|machine"
            r"|system|cpu|processor|soc|driver|engine|provider|mode|build|setup|scenario|sample output)"
            r"(?: name| type| under test)?: *\S.{0,100}?):?$",
            re.IGNORECASE,
        ),
        "key:",
    ),
    (re.compile(r"()\W*((?:\S{1,40} )?(?:en|de)crypt(?:ion|ing)?)\W*$", re.IGNORECASE), "way"),
    (re.compile(r"()((?!\S+[:=]\S)\S.{0,160}):$"), ":"),
    (_SIDES, ":"),
)
_MAIL = re.compile(r"From \S+ |(?:Return-Path|Received|Delivered-To|Message-ID|From|Date|Subject): ", re.I)
_DIRECTION = re.compile(r"\b(encrypt|decrypt)(?:ion|ing|s)?\b", re.IGNORECASE)
_KERNELS = re.compile(r"\[ (?:cut here|end trace)")
_UNDERLINE = re.compile(r"([=-])\1{2,}$")
_REPETITION = re.compile(  # `Run 2 of 5` is no other thing than `Run 1 of 5`
    r"\W*(?:(?:run|trial|iter(?:ation)?|pass|round|attempt|rep(?:etition|eat)?|loop|sample|try|take)"
    r"\W*(?:no\.? ?|number )?\d+(?:\W*(?:of|/)\W*\d+)?"
    r"|(?:first|second|third|fourth|fifth|\d+(?:st|nd|rd|th)) (?:run|time|try|pass|test|iteration))?"
    r"\W*\d*\W*",
    re.IGNORECASE,
)
_NO_LABEL = re.compile(
    r"\d\d:\d\d|\d+m\d|[%@<>|;=]|^[{}]|[{]$|\d ?[kKMG]i?[Bb]\b"
    r"|^(?:real|user|sys|done|ok|exit|total|failed|error)\b"
    r"|: |\.$|^\S*[$#]$|\.\.\. ?(?:ok|done|pass(?:ed)?)?!*$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _State:
    """What is in force at a line."""

    known: dict[str, str] = field(default_factory=dict)
    headings: dict[str, list[str]] = field(default_factory=dict)  # by form, the outer before the inner
    last: str = ""  # the form of the last heading, if nothing was measured since

    def heading(self, form: str, text: str) -> None:
        """Replaces those of its form, and all inside of them; but one after another is a part of it."""
        forms = list(self.headings)
        inner = forms[forms.index(form) + 1 :] if form in forms else []
        if form.startswith("#"):
            inner = [each for each in forms if each.startswith(form) and each != form]
        for each in inner:
            if each != CHANGED:  # that is so to the end
                del self.headings[each]
        if self.last == form and form[0] not in "#<":
            self.headings[form] = [*self.headings[form][-_MOST_TOGETHER:], text]
        else:
            self.headings[form] = [text]
        self.last = form

    @property
    def context(self) -> Context:
        headings = ((HEADING + form, "; ".join(texts)) for form, texts in self.headings.items())
        return (*self.known.items(), *headings)


@dataclass(frozen=True, slots=True)
class _Said:
    """What one line says."""

    line: Line
    facts: tuple[tuple[str, str], ...]
    heading: tuple[str, str] | None = None
    label: str = ""


def around(lines: Sequence[Line], unused: set[int]) -> list[_Said]:
    """What the lines say of the runs near them, without those that say nothing; the last one is always there.
    `unused` are the numbers of lines that no reader took: only those can be headings."""
    found = []
    head = -1 if not lines or not _MAIL.match(lines[0].text) else lines[0].number
    for line, after in zip_longest(lines, lines[1:]):
        head = line.number if line.number <= head + 1 else -1  # a mail's, to its first empty line
        facts = () if head == line.number else _facts(line)
        heading, label = None, ""
        if facts:
            changed = next((text for kind, text in facts if kind == COMMAND and _CHANGES.match(text)), "")
            heading = (CHANGED, changed) if changed else None
        elif line.number in unused and head != line.number:
            heading, label = _heading(line, after), _words(line)
        if facts or heading or label or after is None:
            found.append(_Said(line, facts, heading, label))
    return found


def give(figures: Sequence[Figure], view: str, said: Sequence[_Said]) -> None:
    """Gives the figures of one program their context, and numbers their starts through."""
    marks = [each.line.number for each in said if each.heading or COMMAND in dict(each.facts)]
    starts = _started(figures, marks)
    spans: dict[int, tuple[int, int]] = {}
    for figure, start in zip(figures, starts, strict=True):
        for number in [line.number for line in figure.lines] or [0]:
            first, last = spans.get(start, (number, number))
            spans[start] = (min(first, number), max(last, number))
    seen = {VIEW: view} if view else {}
    contexts = {
        start: tuple((seen | dict(context)).items()) for start, context in _contexts(spans, said).items()
    }
    for figure, start in zip(figures, starts, strict=True):
        figure.start, figure.context = start, contexts[start]
        _direct(figure)


def _direct(figure: Figure) -> None:
    """Gives a figure whose direction is not printed that of its innermost heading: `**Decrypt**`."""
    assumed = figure.facts.get(ASSUMED, "")
    if figure.case.op != ENCRYPT or not assumed.startswith(openssl.ASSUMED_OP):
        return
    headings = [text for kind, text in figure.context if kind.startswith(HEADING)]
    words = {word.lower() for text in headings[-1:] for word in _DIRECTION.findall(text)}
    words = words or {word.lower() for text in headings for word in _DIRECTION.findall(text)}
    if words == {"decrypt"}:
        rest = assumed.removeprefix(openssl.ASSUMED_OP).lstrip(", ")
        said = f"op={DECRYPT}: a heading says so; {rest}"
        figure.case = replace(figure.case, op=DECRYPT)
        figure.facts = figure.facts | {ASSUMED: said}  # others may share them


def hosts(lines: Iterable[Line]) -> set[str]:
    """The names of machines that a text has."""
    names = {line.source for line in lines} | {
        text for line in lines for kind, text in _facts(line) if kind == HOST
    }
    return names - {""}


def is_label(line: Line, texts: set[str]) -> bool:
    """Whether the line is the heading, or the other label, that one of the texts is from."""
    heading = _heading(line, None)
    return line.text in texts or (heading is not None and heading[1] in texts)


def _started(figures: Sequence[Figure], marks: list[int]) -> list[int]:
    """The start of each figure. Where a reader cannot tell starts apart, what comes again, or after a heading
    or a command, is of the next one. What it took for one start is of two where a case comes again after a
    heading."""
    told: dict[int, list[Figure]] = {}
    for figure in figures:
        if figure.start:
            told.setdefault(figure.start, []).append(figure)
    later = {start: _later(found, marks) for start, found in told.items()}
    seen: set[Case] = set()
    begun, passed = 1, 0
    found = []
    for figure in figures:
        before = bisect(marks, figure.lines[0].number) if figure.lines else passed
        if figure.start:
            more = bisect(later[figure.start], before)
            found.append(figure.start + more * _MOST_STARTS)
            continue
        if figure.case in seen or before != passed:
            seen, begun, passed = set(), begun + 1, before
        seen.add(figure.case)
        found.append(-begun)
    return found


def _later(figures: list[Figure], marks: list[int]) -> list[int]:
    """Finds in one start, as a reader has it, the numbers of the marks after which all comes again."""
    parts: dict[int, set[Case]] = {}
    for figure in figures:
        if figure.lines:
            parts.setdefault(bisect(marks, figure.lines[0].number), set()).add(figure.case)
    seen: set[Case] = set()
    found = []
    for mark in sorted(parts):
        if seen & parts[mark]:
            found.append(mark)
            seen = set()
        seen |= parts[mark]
    return found


def _contexts(spans: dict[int, tuple[int, int]], said: Sequence[_Said]) -> dict[int, Context]:
    """Context of each start: what is in force at its first figure, and what it says itself of its build."""
    state = _State()
    found: dict[int, Context] = {}
    builds: dict[str, list[tuple[int, str]]] = {}
    waiting = sorted(spans, key=lambda start: spans[start], reverse=True)
    within = -1  # the last line of the starts so far
    label, said_at, headed_at = "", 0, 0
    for each in said:
        number = each.line.number
        while waiting and spans[waiting[-1]][0] <= number:
            if label and (not state.last or said_at > headed_at + 1 or _SIDES.match(label)):
                state.heading(UNMARKED, label)
            found[start := waiting.pop()] = state.context
            within = max(within, spans[start][1])
            state.known.pop(COMMAND, None)
            state.last = label = ""
        for kind, text in each.facts:
            if kind in BUILD:
                builds.setdefault(kind, []).append((number, text))
            else:
                state.known[kind] = text
        if number > within and (each.heading or each.label):
            label, said_at = each.label, number
            if each.heading:
                headed_at = number
                state.heading(*each.heading)
    ends = sorted(last for _, last in spans.values())
    return {start: (*found.get(start, ()), *_build(builds, spans[start], ends)) for start in spans}


def _build(builds: dict[str, list[tuple[int, str]]], span: tuple[int, int], ends: list[int]) -> Context:
    """Printed after the counts and before the table, or before both. `ends` are the last lines of starts."""
    first, last = span
    at = bisect_left(ends, first)
    before = ends[at - 1] if at else -1
    found = []
    for kind, said in builds.items():
        number, text = said[max(bisect(said, last, key=lambda each: each[0]) - 1, 0)]
        if before < number <= last:
            found.append((kind, text))
    return tuple(found)


def _facts(line: Line) -> Context:
    """What a line says of the machine, or of how a program was called; most say nothing, and soon."""
    text = line.text
    if text.startswith(_BEGINS) or "@" in text or "$" in text or " speed" in text:
        return tuple(_each_fact(line))
    return ()


def _each_fact(line: Line) -> Iterator[tuple[str, str]]:
    text = line.text
    for key, value in kernel_log.of_line(line).items():
        built = _KERNEL_BUILD.search(text) if key == kernel_log.RELEASE else None
        yield (CPU if key == kernel_log.CPU else KERNEL), f"{value} build-{built[1]}" if built else value
    if text.startswith("Linux ") and (match := _UNAME.match(text)):
        yield HOST, match["host"]
    if match := _BUILD.match(text):
        yield match[1], match[2]
    prompted = "@" in text or "$" in text or text.startswith("+")
    if prompted and (match := _PROMPT.match(text)):
        if match["host"]:
            yield HOST, match["host"]
        if command := match["command"] or match["bare"]:
            yield COMMAND, _circumstances(command)
    elif " speed" in text and _COMMAND.match(text):
        yield COMMAND, _circumstances(text)


def _circumstances(command: str) -> str:
    """A command without what it measures: with what program, on which CPU, for how long."""
    words = command.split()
    program = next((at for at, word in enumerate(words) if word == "speed"), len(words))
    kept, value = words[:program], False
    for word in words[program:]:
        if word.startswith("-"):
            value = word not in _PAYLOAD_OPTIONS
            kept += [word] if value else []
        elif value:
            kept.append(word)
            value = False
    return " ".join(kept)


def _heading(line: Line, after: Line | None) -> tuple[str, str] | None:
    """(its form, what it says)."""
    if _REPETITION.fullmatch(line.text):
        return None
    if line.time is None and after and (rule := _UNDERLINE.match(after.text)) and len(line.text) <= 100:
        return f"_{rule[1]}", line.text
    for pattern, form in _HEADINGS[: -1 if _words(line) else None]:
        if match := pattern.match(line.text):
            text = match[2].strip(" :*_`")
            if (line.time is not None and form) or _KERNELS.match(text):
                return None
            if re.search(r"[^\W\d_]", text) and not _REPETITION.fullmatch(text):
                return form or (match[1] if match[1][0] in "#<" else match[1][:2]), text
            return None
    return None


def _words(line: Line) -> str:
    """A line right before a run that says in a few words what it is."""
    few = len(line.text) <= 60 and 1 <= len(line.text.split()) <= _MOST_WORDS and line.time is None
    if not few or _NO_LABEL.search(line.text) or _REPETITION.fullmatch(line.text):
        return ""
    return line.text if len(line.text) > 1 and re.search(r"[^\W\d_]", line.text) else ""
