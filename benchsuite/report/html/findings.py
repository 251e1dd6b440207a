"""The first section of the page: what its figures answer, with the way to the plots that show it."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.findings import Finding, findings
from benchsuite.report.charts.entries import Data
from benchsuite.report.html.markup import BLANK, Html, element
from benchsuite.report.html.sections import Section, section

# Where a kind is seen: the first of these sections that the page has.
SEEN = {
    "verdicts": ("verdicts",),
    "scaling": ("mbps-by-workers",),
    "switches": ("mbps-by-batch",),
    "ways": ("ratio", "mbps-by-size"),
    "crossover": ("crossover", "mbps-by-size"),
    "depth": ("mbps-by-q_len", "operations-by-q_len"),
    "prices": ("mbps-by-size",),
    "algorithms": ("mbps-by-size", "single", "operations"),
}


def findings_section(data: Data, sections: Sequence[Section]) -> Section | None:
    """The findings of every result, under its name where there are several; None without any. sections: those
    of the page."""
    titles = {each.identity: each.title for each in sections}
    parts: list[Html] = []
    for source in data.sources:
        found = findings(source.result)
        if found and len(data.sources) > 1:
            parts.append(element("h3", source.label))
        if found:
            parts.append(element("ul", *(_item(each, titles) for each in found), class_="findings"))
    return section("findings", "Findings", "", *parts) if parts else None


def _item(finding: Finding, titles: dict[str, str]) -> Html:
    seen = next((name for name in SEEN.get(finding.kind, ()) if name in titles), None)
    link = [BLANK, element("a", titles[seen], href=f"#{seen}")] if seen else []
    return element("li", finding.text, *link)
