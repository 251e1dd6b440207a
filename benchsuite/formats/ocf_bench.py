"""The lines OCF-Linux's ocf-bench leaves in the kernel log, and those that `show --format ocf-bench` writes.

    OCF: testing ...
    OCF: 45133 requests of 1488 bytes in 251 jiffies (535.122 Mbps)

How long a jiffy was is not said. Its rate is, in integer arithmetic: the HZ by which the line's own requests
and jiffies give its Mbps is the kernel's. Older versions print no Mbps; then the time stamps of the two
lines tell, roughly enough to choose among the usual HZ.

Source: the format strings of ocf-bench.c of 2007 to 2012.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from fractions import Fraction

from benchsuite import units
from benchsuite.confidence import level_in
from benchsuite.facts import Fact
from benchsuite.formats.figure import EXACT, Figure, Known, Reading, timed
from benchsuite.formats.text.lines import Line, unwrapped
from benchsuite.model import ENCRYPT, Case

NAME = "ocf-bench"
ABOUT = "OCF-Linux's kernel module, from the kernel log"
MARKS = ("OCF:", "IXP:", "Crypto Speed tests")

_RESULT = re.compile(
    r"\b(OCF|IXP): (\d{1,10}) requests of (\d{1,10}) bytes in (-?\d{1,11}) jiffies"
    r"(?: \(((?:-?\d{1,10})\.(?:-?\d{1,10})) Mbps\))?"
)
_BEGINS = re.compile(r"\b(?:OCF|IXP): \d{1,10}(?: requests|$)")
_WHOLE = re.compile(_RESULT.pattern.removesuffix("?"))  # with its rate
_TESTING = re.compile(r"\b(OCF|IXP): testing (.*)")
_SIMULATED = re.compile(r" \(simulated\b[^()]*\)$")
_NOT_MEASURED = re.compile(r"\bOCF: (\S.*?): not measured: (.*)")
_ERROR = re.compile(r"Error in OCF processing: -?\d+|crypto_(?:newsession|dispatch) .*(?:fail|error)")
_OTHER = re.compile(r"\bCrypto Speed tests$")
_CASE = re.compile(r"(?P<backend>.+)/(?P<algorithm>[^/]+)/(?P<op>[^/]+)/(?P<rest>[a-z_]+=[^/]*)")

USUAL_HZ = (100, 250, 300, 1000, 1024, 24, 32, 48, 64, 128, 200, 256, 500, 512, 864, 1200)
_ALIKE = 0.2  # time stamps are taken outside what is timed
_WRAP = 2**32

OVERFLOWED = (
    "ocf-bench's own Mbps overflowed 32 bits, so the figure is from the requests and jiffies it printed"
)
FAILED = "requests failed while this was measured, and ocf-bench counts them as done"
ASSUMED = "q_len=40,batch=1,cbimm=1: ocf-bench's defaults, its line does not say"


def read(lines: Sequence[Line], known: Known) -> Reading:
    reading, testing, failed = Reading(), None, False
    lines, reading.used = unwrapped(lines, _BEGINS.search, _WHOLE.search)
    for line in lines:
        if match := _RESULT.search(line.text):
            reading.use([line])
            _result(reading, match, line, testing, known, failed)
            testing, failed = None, False
        elif match := _NOT_MEASURED.search(line.text):
            _not_measured(reading, match, line)
        elif _TESTING.search(line.text):
            reading.use([line])
            testing, failed = line, False
        elif _ERROR.search(line.text):
            reading.use([line])
            failed = True
        elif _OTHER.search(line.text):
            reading.use([line])
    return reading


def case_of(name: str) -> Case | None:
    """The case that model.Case.name is the name of; request_num is no part of it. None for any other text."""
    match = _CASE.fullmatch(name)
    if not match:
        return None
    kinds = {field.name: str(field.type) for field in fields(Case)}
    values: dict[str, object] = {key: match[key] for key in ("backend", "algorithm", "op")}
    for part in match["rest"].split(","):
        key, _, text = part.partition("=")
        if key in values or key not in kinds:
            return None
        if kinds[key] == "int":
            if not re.fullmatch(r"[0-9]{1,15}", text):
                return None
            values[key] = int(text)
        elif kinds[key] == "bool":
            values[key] = text == "true"
        else:
            values[key] = text
    return Case(**values) if "request_size" in values else None  # type: ignore[arg-type]


def _named(testing: Line | None) -> tuple[Case | None, str]:
    """The case that the line before the figure names, if it is one of ours, and how sure it is if it was
    simulated."""
    match = _TESTING.search(testing.text) if testing else None
    text = match[2].strip() if match else ""
    mark = _SIMULATED.search(text)
    return case_of(text[: mark.start()] if mark else text), level_in(mark[0]) if mark else ""


def _result(
    reading: Reading, match: re.Match[str], line: Line, testing: Line | None, known: Known, failed: bool
) -> None:
    which, requests, size, jiffies, mbps = match[1], int(match[2]), int(match[3]), int(match[4]), match[5]
    case, confidence = _named(testing)
    facts = {Fact.SIMULATED: "yes", Fact.CONFIDENCE: confidence} if confidence else {}
    printed_algorithm = ""
    if case is None or case.request_size != size:
        printed_algorithm = "AES-192-CBC with HMAC-SHA1"
        backend = NAME if which == "OCF" else f"{NAME}:ixp"
        case = Case(backend, "aes-192-cbc+hmac-sha1", ENCRYPT, size, q_len=40, batch=1, cbimm=1)
        facts = {Fact.IMPORTED_ASSUMED: ASSUMED}
    if size < 1 or requests < 1 or jiffies < 1:
        reading.doubt(line, "nothing was done, or no time passed")
        return
    hz, overflowed = _hz(requests, size, jiffies, mbps, known)
    if hz is None:
        hz = _hz_by_time(line, testing, jiffies)
    notes = [OVERFLOWED] * overflowed + [FAILED] * failed
    shown = match[0].partition(": ")[2]
    if hz is None:
        reason = "the line has jiffies, and nothing says how many a second has: give --hz"
        if mbps:
            reason = f"its Mbps agree with no usual HZ, so the time is not known: give --hz ({shown})"
        figure = Figure(case, _lines(testing, line), shown, (), reason, facts=facts)
    else:
        facts[Fact.IMPORTED_HZ] = str(hz)
        value = timed(requests, Fraction(jiffies, hz))
        if value is None:
            reading.doubt(line, "no computer does that")
            return
        figure = Figure(
            case,
            _lines(testing, line),
            shown,
            (value,),
            "",
            1 / jiffies,
            EXACT,
            algorithm=printed_algorithm,
            facts=facts,
            notes=tuple(notes),
        )
    reading.figures.append(figure)


def _lines(testing: Line | None, line: Line) -> tuple[Line, ...]:
    return (testing, line) if testing else (line,)


def _hz(requests: int, size: int, jiffies: int, mbps: str | None, known: Known) -> tuple[int | None, bool]:
    """(HZ, whether the printed rate overflowed 32 bits). What the user says goes before what fits."""
    if known.hz:
        plain = mbps is None or mbps == _printed(requests, size, jiffies, known.hz)
        return known.hz, not plain and mbps == _wrapped(requests, size, jiffies, known.hz)
    if mbps is None:
        return None, False
    for hz in USUAL_HZ:
        if mbps == _printed(requests, size, jiffies, hz):
            return hz, False
    for hz in USUAL_HZ:
        if mbps == _wrapped(requests, size, jiffies, hz):
            return hz, True
    return None, False


def _printed(requests: int, size: int, jiffies: int, hz: int) -> str:
    try:
        kbps = units.ocf_kbps(requests, size, jiffies, hz)
    except ValueError:
        return ""
    return f"{kbps // 1000}.{kbps % 1000:03d}"


def _wrapped(requests: int, size: int, jiffies: int, hz: int) -> str:
    """The rate as a 32-bit kernel prints it: bits modulo 2^32, the quotient taken for a signed number."""
    milliseconds = jiffies * 1000 // hz
    if milliseconds == 0:
        return ""
    kbps = requests * size * 8 % _WRAP // milliseconds
    kbps = kbps - _WRAP if kbps >= _WRAP // 2 else kbps
    whole, rest = abs(kbps) // 1000, abs(kbps) % 1000
    return f"{whole}.{rest:03d}" if kbps >= 0 else f"{-whole}.{-rest:03d}"


def _hz_by_time(line: Line, testing: Line | None, jiffies: int) -> int | None:
    """The usual HZ nearest to the jiffies over the seconds between the two lines, if one is near."""
    if testing is None or line.time is None or testing.time is None or line.time <= testing.time:
        return None
    rate = jiffies / (line.time - testing.time)
    nearest = min(USUAL_HZ[:4], key=lambda hz: abs(hz - rate))
    return nearest if abs(nearest - rate) <= _ALIKE * nearest else None


def _not_measured(reading: Reading, match: re.Match[str], line: Line) -> None:
    """A row of benchsuite's own that has no figure."""
    case = case_of(match[1])
    if case is None:
        reading.doubt(line, "it names no case")
        return
    reading.use([line])
    reason = match[2].strip()[:300] or "no reason is given"
    reading.figures.append(Figure(case, (line,), "not measured", (), reason))
