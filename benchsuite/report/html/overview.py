"""The sections around the plots: at a glance, warnings, the machines, how to read it all."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.doubts import simulated_note
from benchsuite.facts import Fact
from benchsuite.formats.figure import ELAPSED
from benchsuite.knee import ENOUGH
from benchsuite.report.charts.entries import Data
from benchsuite.report.html.markup import BLANK, Html, element
from benchsuite.report.html.ratios import SIGNS
from benchsuite.report.html.sections import Section, section
from benchsuite.report.html.tables import table, whole
from benchsuite.sheet.numbers import percent
from benchsuite.sheet.printable import clean
from benchsuite.stats import clock, facts
from benchsuite.units import many
from benchsuite.view.heading import heading


def glance(data: Data, warnings: Sequence[str]) -> Section:
    """The section of what was measured, by whom, and what to beware of."""
    said = [element("p", *_said(data, index)) for index in range(len(data.sources))]
    rows = [
        [
            contender.label,
            ", ".join(_versions(data, contender.style)) or "-",
            *(whole(count) for count in _counts(data, contender.style)),
        ]
        for contender in data.contenders
    ]
    headers = ["backend", "version", "cases", "with figures", "without"]
    simulated = [entry.row.result for entry in data.entries if entry.row.simulated]
    return section(
        "glance",
        "At a glance",
        "",
        *said,
        element("p", f"Some figures: {simulated_note(*simulated)}.", class_="warning") if simulated else None,
        element("p", _clocks(data), class_="warning") if _clocks(data) else None,
        _warnings(warnings),
        table("Backends", headers, rows, "backends"),
    )


def _clocks(data: Data) -> str:
    """Which times are not elapsed times; "" where none is."""
    foreign = {entry.contender for entry in data.measured if clock(entry.row.result) != ELAPSED}
    found = [contender for contender in data.contenders if contender in foreign]
    if not found:
        return ""
    named = ", ".join(contender.label for contender in found)
    return f"Times that are not elapsed time: {named}. Such figures compare only with their like."


def _said(data: Data, index: int) -> list[object]:
    source = data.sources[index]
    lines = heading(source.result, all_of_it=True)
    before = [element("strong", f"{source.label}:"), BLANK] if len(data.sources) > 1 else []
    said: list[object] = [part for line in lines for part in (line, element("br"))]
    return [*before, *said[:-1]]


def _versions(data: Data, style: int) -> list[str]:
    found = [
        facts(entry.row.result, Fact.VERSION) for entry in data.entries if entry.contender.style == style
    ]
    return list(dict.fromkeys(clean(text) for texts in found for text in texts))


def _counts(data: Data, style: int) -> tuple[int, int, int]:
    own = [entry for entry in data.entries if entry.contender.style == style]
    measured = sum(entry.figures is not None for entry in own)
    return len(own), measured, len(own) - measured


def _warnings(texts: Sequence[str]) -> Html | None:
    if not texts:
        return None
    listed = element("ul", *(element("li", text) for text in texts))
    return element("div", element("h3", many(len(texts), "warning")), listed, class_="warning", role="note")


def reading(data: Data) -> Section:
    """The section that says how the figures come about."""
    base = clean(data.base) or "nothing"
    items = [
        "Mbps are 10^6 bits of payload per second, from the median of all values. What has no size, as a "
        "signature, is told in requests (operations) per second, likewise.",
        "Of an open loop, whose requests arrive by a clock, the figure is the mean latency, from the "
        "intended arrival to the completion: less is better. p99 and what was dropped stand beside it; "
        "their bands go from the best worker process to the worst.",
        "Bands and whiskers are the interval in which the true median lies with 95% by the ranks of the "
        "values, widened to the median of every worker process; of CPU per Gbit, from the cheapest process "
        "to the dearest.",
        f"The knee is the smallest q_len that reaches {percent(ENOUGH)} of the highest rate of its line.",
        "CPU per Gbit is the CPU time of all threads of the worker, user and system, over 10^9 bits of "
        "payload; CPU freed is the share of the base's that a path does not use.",
        f"Ratios are of rates to the base, which is {base} where backends are compared and the first result "
        f"where results are: {SIGNS}",
        "Crossovers are where the lines meet, straight between two measured sizes on logarithmic axes.",
        "Simulated figures are those of a model: the word stands wherever one is printed.",
    ]
    return section("reading", "How to read this", "", element("ul", *(element("li", text) for text in items)))
