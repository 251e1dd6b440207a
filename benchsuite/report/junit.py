"""JUnit XML of a gate, as CI servers read it: a case is a test. Slower is a failure; slower, below the
threshold, a pass that says so; what could not be measured is an error; undecided is skipped, unless it counts
as a failure."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from benchsuite.compare.comparison import Comparison, Line
from benchsuite.compare.outcome import Outcome
from benchsuite.compare.verdicts import SLOWER, UNDECIDED
from benchsuite.model import WALL
from benchsuite.sheet.numbers import NONE
from benchsuite.sheet.printable import clean
from benchsuite.stats import simulated_in_words
from benchsuite.units import many
from benchsuite.view.comparison import (
    dropped,
    foreign_clock,
    heading,
    interval,
    legend,
    more_latency,
    ratio,
    said,
    warnings,
)

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(comparison: Comparison, outcome: Outcome, suite: str) -> str:
    """suite: the profile's name."""
    root = ET.Element("testsuites")
    failing_open = outcome.kind == UNDECIDED and outcome.exit_status == 1
    tests = ET.SubElement(root, "testsuite", name=_text(f"benchsuite gate {suite}"))
    counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    properties = ET.SubElement(tests, "properties")
    for name, value in [("outcome", f"{outcome.kind}: {outcome.sentence}"), *_properties(comparison)]:
        ET.SubElement(properties, "property", name=name, value=_text(value))
    for line in comparison.lines:
        counts["tests"] += 1
        kind = _add(tests, line, failing_open)
        if kind:
            counts[kind] += 1
    for name, count in counts.items():
        tests.set(name, str(count))
    tests.set("time", f"{sum(_seconds(line) for line in comparison.lines):.3f}")
    return _document(root)


def of_error(message: str) -> str:
    """The whole report of a gate that ended with an error before it had one."""
    root = ET.Element("testsuites")
    counts = {"tests": "1", "failures": "0", "errors": "1", "skipped": "0"}
    tests = ET.SubElement(root, "testsuite", {"name": "benchsuite gate", **counts})
    test = ET.SubElement(tests, "testcase", classname="benchsuite", name="gate")
    ET.SubElement(test, "error", type="error", message=_text(clean(message)))
    return _document(root)


def _document(root: ET.Element) -> str:
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _properties(comparison: Comparison) -> list[tuple[str, str]]:
    found = [("compared", text) for text in heading(comparison)] + [("legend", legend(comparison))]
    return found + [("warning", text) for text in warnings(comparison)]


def _add(tests: ET.Element, line: Line, failing_open: bool) -> str:
    """Adds the test of a case. The count it belongs to besides "tests"; "" of one that passes."""
    case = line.couple.other.case
    test = ET.SubElement(
        tests,
        "testcase",
        classname=_text(f"{case.backend}.{case.algorithm}"),
        name=_text(case.name),
        time=f"{_seconds(line):.3f}",
    )
    kind = line.kind
    message = _text(sentence(line))
    if not kind:
        ET.SubElement(test, "error", type=_text(line.status), message=message)
        return "errors"
    if kind == SLOWER or (kind == UNDECIDED and failing_open):
        ET.SubElement(test, "failure", type=kind, message=message)
        return "failures"
    if kind == UNDECIDED:
        ET.SubElement(test, "skipped", message=message)
        return "skipped"
    ET.SubElement(test, "system-out").text = message
    return ""


def sentence(line: Line) -> str:
    """`slower: 0.951 of the rate (95%: 0.944..0.957), 12 rounds`; of an open loop
    `slower (dropped share): mean latency +0.4% (95%: -0.1%..+0.9%), 12 rounds; dropped 0% to 1.2%`."""
    if line.verdict is None:
        return f"{said(line)}: {clean(line.reason)}"
    verdict = line.verdict
    modelled = f", {simulated_in_words(line.couple.base, line.couple.other)}" * line.simulated
    within = f" (95%: {interval(verdict)})" if interval(verdict) != NONE else ""
    change = f"{ratio(verdict.ratio)} of the rate{within}"
    if line.open_loop and line.metric == WALL:
        bounds = f"{more_latency(verdict.high)}..{more_latency(verdict.low)}"
        change = f"mean latency {more_latency(verdict.ratio)}" + (f" (95%: {bounds})" if within else "")
    rounds = many(verdict.rounds, "round") + (f"; dropped {dropped(line)}" if dropped(line) else "")
    clock = f", by {foreign_clock(line)}" * bool(foreign_clock(line))
    return f"{said(line)}: {change}, {rounds}{clock}{modelled}"


def _seconds(line: Line) -> float:
    """Seconds that the values of both sides took."""
    return sum(value.wall for result in (line.couple.base, line.couple.other) for value in result.values)


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
