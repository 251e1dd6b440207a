"""Lines of one start of `openssl speed`, taken one by one: of what has a payload, and of the start itself."""

from __future__ import annotations

import re
from collections import deque

from benchsuite.formats import naming
from benchsuite.formats.openssl import version as openssl_version
from benchsuite.formats.openssl.decimals import is_cut, millionths
from benchsuite.formats.openssl.key_names import begins_row, of_header
from benchsuite.formats.openssl.public_key import CUT_OFF
from benchsuite.formats.openssl.run import Run, Timing, Total
from benchsuite.formats.openssl.whole_lines import MULTI_BLOCK, is_head
from benchsuite.formats.text.characters import WIDE
from benchsuite.formats.text.lines import Line
from benchsuite.model import ENCRYPT

NUMBER = r"\d{1,9}(?:\.\d{1,6})?"
_CELL = r"-?(?:\d{1,15}\.\d\d|inf|nan|1\.#[A-Z]{1,6})k?"
_DOING = re.compile(
    rf"Doing (?P<name>\S.{{0,60}}?)(?: ops)? (?:for (?P<nominal>{NUMBER})s|(?P<times>\d{{1,18}}) times) "
    r"on (?P<size>\d{1,9}) size blocks: *"
    rf"(?P<count>\d{{1,18}}) (?P<what>\S.{{0,60}}?) in (?P<seconds>{NUMBER})s"
)
_START = re.compile(rf"\+D(?P<kind>[TN]):(?P<name>[^:]{{1,60}}):(?P<until>{NUMBER}):(?P<size>\d{{1,9}})$")
_RESULT = re.compile(rf"\+R:(\d{{1,18}}):([^:]{{1,60}}):({NUMBER})$")
_SIZES = re.compile(r"(?P<got>Got: )?\+H(?P<sizes>(?::\d{1,9}){1,16})(?: from \d{1,4})?$")
_TOTAL = re.compile(
    r"(?P<got>Got: )?\+F:\d{1,4}:(?P<name>[^:]{1,60})(?P<rates>(?::[-\w.]{1,24}){1,16})"
    r"(?: from (?P<child>\d{1,4}))?$"
)
_TYPE = re.compile(r"type(?P<sizes>(?: +\d{1,9} bytes){1,16})$")
_ROW = re.compile(rf"(?P<name>[^\W_].{{0,60}}?)(?P<rates>(?: +{_CELL}){{1,16}})$")
_WHERE = re.compile(r"(?<=\dk) +\(([\w][^()]{0,60})\)$")  # on which core: sbc-bench adds it
_CELLS = re.compile(rf" (?:{_CELL[:-1]})(?= |$)")
_ELAPSED = "You have chosen to measure elapsed time instead of user CPU time"
_FORKED = re.compile(r"Forked child (\d{1,4})$")
_ENGINE = re.compile(r'[Ee]ngine "([\w.-]{1,40})" set\.$')
_NUMBERS = "The 'numbers' are in 1000s of bytes per second processed"
_OTHER = re.compile(
    rf"built on: |options: ?bn\(|compiler: |CPUINFO: |{_NUMBERS}"
    r"|To get the most accurate results, try to run this|program when this computer is idle"
    r"|available timing options: |timing function used: |First we calculate the approximate speed"
    r"|To get meaningful results, run this program on idle system"
)
_LOST = re.compile(r"(?:Unknown type|Don't understand line) '(?P<line>.{1,200})' from child \d{1,4}$")

NO_COUNT = "it was cut off before its count"
NO_START = "the line that says what it is of is missing"
BROKEN_ROW = "a row of a table that is cut off or broken"
NOT_SUMMED = "openssl speed itself did not understand it"


def count_in(text: str) -> re.Match[str] | None:
    """The count of a line for people, which is a whole one: `begins` and `take` are given it."""
    return _DOING.match(text) if text.startswith("Doing ") else None


def take(run: Run, line: Line, parts: tuple[Line, ...], count: re.Match[str] | None) -> bool:
    """Whether the line is one of the program's, of what has a payload. `parts`: the lines it was made of."""
    text, in_table, run.in_table = line.text, run.in_table, False
    if count:
        _take_count(run, count, parts)
        return True
    return (
        _take_machine_count(run, line, text)
        or _take_header(run, text)
        or _take_total(run, line, text, in_table)
        or _take_circumstance(run, line, text)
    )


def _sized(run: Run, *sizes: int) -> None:
    run.aead = run.aead or not openssl_version.ONLY_AEAD.isdisjoint(sizes)


def begins(run: Run, text: str, count: re.Match[str] | None) -> bool:
    """Whether a line is the first of another start of the program: it prints each of these once."""
    if count:
        key = count["name"], int(count["size"])
        return run.done or (not run.multi and key in run.counts)
    if text.startswith(_ELAPSED) or _ENGINE.match(text):
        return run.done or (run.begun and not run.multi)
    if match := _FORKED.match(text):
        return int(match[1]) in run.forked or (match[1] == "0" and run.done)
    if match := _START.match(text):
        return run.done or _is_first_again(run, match["name"], int(match["size"]))
    if run.done and text.startswith(("Doing ", "+DTP:", "+DNP:", "type ", _NUMBERS, "+H:")):
        return not text.startswith(("Doing ", "type ")) or is_head(text) or bool(_TYPE.match(text))
    return False


def _is_first_again(run: Run, name: str, size: int) -> bool:
    return bool(
        run.timings
        and not run.multi
        and not any(run.starts.values())
        and (run.timings[0].name, run.timings[0].size) == (name, size)
    )


def closes(text: str) -> bool:
    """Whether a line is of the tables at the end."""
    return bool(
        text.startswith(("+F", "+H", "Got: ", _NUMBERS))
        or _TYPE.match(text)
        or of_header(text)
        or begins_row(text)
        or (_ROW.match(text) and "k" in text)
    )


def _take_count(run: Run, count: re.Match[str], parts: tuple[Line, ...]) -> None:
    name, nominal, _, size, done, what, seconds = count.groups()
    alarm = millionths(nominal) if nominal else None
    multi_block = what.removesuffix("'s").removesuffix(" ops") == MULTI_BLOCK
    timing = Timing(name, int(size), alarm, int(done), seconds, multi_block, parts)
    run.human = True
    run.counts.add((name, timing.size))
    _sized(run, timing.size)
    run.timings.append(timing)


def _take_machine_count(run: Run, line: Line, text: str) -> bool:
    if match := _START.match(text):
        nominal = millionths(match["until"]) if match["kind"] == "T" else None
        _sized(run, int(match["size"]))
        run.starts.setdefault(match["name"], deque()).append((line, int(match["size"]), nominal))
        if nominal:
            run.nominal[(match["name"], int(match["size"]))] = nominal
    elif match := _RESULT.match(text):
        waiting = run.starts.get(match[2])
        if waiting:
            _, size, nominal = waiting.popleft()
            run.timings.append(Timing(match[2], size, nominal, int(match[1]), match[3], False, (line,)))
        else:
            run.doubts.append((line, NO_START))
    else:
        return False
    return True


def _take_header(run: Run, text: str) -> bool:
    if match := _SIZES.match(text):
        run.sizes = tuple(map(int, match["sizes"].split(":")[1:]))
    elif match := _TYPE.match(text):
        run.sizes, run.in_table = tuple(int(word) for word in match["sizes"].split() if word != "bytes"), True
    else:
        return False
    _sized(run, *run.sizes)
    return True


def _take_total(run: Run, line: Line, text: str, in_table: bool) -> bool:
    where = ""
    if match := _WHERE.search(text):
        text, where = text[: match.start()], match[1]
    if (match := _TOTAL.match(text)) and is_cut(match["rates"]):
        run.doubts.append((line, CUT_OFF))
    elif match:
        total = Total(match["name"], tuple(match["rates"].split(":")[1:]), line, True, run.sizes)
        (run.parts if match["got"] else run.totals).append(total)
        run.children = max(run.children, int(match["child"] or -1) + 1)
    elif (match := _ROW.match(text)) and (cells := _cells(run, match, in_table)):
        run.in_table = in_table
        run.totals.append(Total(match["name"], cells, line, False, run.sizes, where))
    elif _is_broken(run, text, in_table):
        run.in_table = in_table
        run.doubts.append((line, BROKEN_ROW))
    else:
        return False
    return True


def _cells(run: Run, match: re.Match[str], in_table: bool) -> tuple[str, ...]:
    """The cells of a row; () where it is none: rates up to 10 kB/s have no k, and many a line ends in
    numbers. -multi with -mb has a column too many, of zero."""
    cells = tuple(match["rates"].split())
    if cells[-1] == "0.00" and run.children and len(cells) == len(run.sizes) + 1:
        cells = cells[:-1]
    marked, fits = sum(cell.endswith("k") for cell in cells), len(cells) == len(run.sizes)
    if in_table:
        plain = fits and len(cells) > 1 and not match["name"].endswith((":", "=", ","))
        row = bool(marked) or match["rates"].startswith(WIDE) or plain
    else:
        row = marked > 1 or bool(marked and (fits or _is_expected(run, match["name"])))
    return cells if row else ()


def _is_broken(run: Run, text: str, in_table: bool) -> bool:
    """Whether it is what is left of a row."""
    cells = len(_CELLS.findall(text))
    return bool(cells) and (in_table or (cells > 1 and _is_expected(run, _CELLS.split(text)[0])))


def _is_expected(run: Run, name: str) -> bool:
    """Whether a row by itself can be the program's: more of it was seen, or the algorithm is well known."""
    if run.sizes or run.version or run.options is not None:
        return True
    algorithm = naming.of_openssl(name)
    return naming.ours(algorithm) is not None or naming.operation(algorithm) != ENCRYPT


def _take_circumstance(run: Run, line: Line, text: str) -> bool:
    if match := _FORKED.match(text):
        run.children = max(run.children, int(match[1]) + 1)
        run.forked.add(int(match[1]))
    elif version := openssl_version.in_line(text):
        run.version = version
    elif match := _ENGINE.match(text):
        run.engine = match[1]
    elif text.startswith(_ELAPSED):
        run.elapsed = True
    elif match := _LOST.match(text):
        if any(map(str.isdigit, match["line"])):
            run.doubts.append((line, NOT_SUMMED))
    else:
        return bool(_OTHER.match(text))
    return True
