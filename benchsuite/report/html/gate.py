"""The first thing on the page of a gate: whether it passed, and why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchsuite.compare.gated import Gated, gated
from benchsuite.compare.outcome import PASS, REGRESSION
from benchsuite.report.charts.compared import Compared
from benchsuite.report.charts.entries import Data
from benchsuite.report.html.markup import BLANK, Html, element, joined
from benchsuite.report.html.sections import Section, section
from benchsuite.sheet.printable import clean
from benchsuite.view.comparison import change

MOST = 10  # cases that are named
_CLASSES = {PASS: "passed", REGRESSION: "failed"}
_WORDS = {PASS: "Passed", REGRESSION: "Failed, a regression"}


def outcome(data: Data, compared: Sequence[Compared]) -> Section | None:
    """None where no gate has measured any of the results."""
    lines = [line for each in compared for line in each.comparison.lines]
    ratios = {
        name: f": {change(line)}"
        for line in lines
        if line.ratio
        for name in (line.couple.other.name, line.couple.other.measured_name)
    }
    found = [(source.label, gate) for source in data.sources if (gate := gated(source.result))]
    if not found:
        return None
    said = [
        _said(gate, label if len(data.sources) > 1 else "", {} if gate.baseline else ratios)
        for label, gate in found
    ]
    return section("gate", "Gate", "", *said)


def _said(gate: Gated, label: str, ratios: Mapping[str, str]) -> Html:
    if gate.accepted:
        text = joined(element("strong", "A baseline"), f", accepted: {clean(gate.accepted)}.")
        return element("div", element("p", _before(label), text), class_="gate")
    kind = _WORDS.get(gate.outcome.kind, gate.outcome.kind.capitalize())
    verdict = joined(element("strong", kind), f": {gate.outcome.sentence}.")
    return element(
        "div",
        element("p", _before(label), verdict),
        _cases("Slower", gate.slower, ratios),
        _cases("Undecided", gate.undecided, ratios),
        class_=f"gate {_CLASSES.get(gate.outcome.kind, 'open')}",
        role="note",
    )


def _before(label: str) -> Html | None:
    return joined(element("strong", f"{label}:"), BLANK) if label else None


def _cases(what: str, names: Sequence[str], ratios: Mapping[str, str]) -> Html | None:
    if not names:
        return None
    more = [element("li", f"and {len(names) - MOST} more")] if len(names) > MOST else []
    listed = [element("li", clean(name), ratios.get(name)) for name in names[:MOST]]
    return joined(element("p", f"{what}:"), element("ul", *listed, *more))
