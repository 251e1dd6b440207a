"""The first section of the page: what its figures answer."""

from __future__ import annotations

from benchsuite.findings import findings
from benchsuite.report.charts.entries import Data
from benchsuite.report.html.markup import Html, element
from benchsuite.report.html.sections import Section, section


def findings_section(data: Data) -> Section | None:
    """The findings of every result, under its name where there are several; None without any."""
    parts: list[Html] = []
    for source in data.sources:
        found = findings(source.result)
        if found and len(data.sources) > 1:
            parts.append(element("h3", source.label))
        if found:
            parts.append(element("ul", *(element("li", each.text) for each in found), class_="findings"))
    return section("findings", "Findings", "", *parts) if parts else None
