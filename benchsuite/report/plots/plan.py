"""The plots there are, and the names of their files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from benchsuite.model import LATENCY, REQUESTS
from benchsuite.report.charts import costs, ladders, panels, strips
from benchsuite.report.charts.entries import Data
from benchsuite.report.charts.ladders import Ladder
from benchsuite.report.charts.loads import loads
from benchsuite.report.charts.measures import mbps, mean_latency
from benchsuite.report.charts.panels import Panel
from benchsuite.report.charts.rates import rates
from benchsuite.report.charts.strips import Strip
from benchsuite.report.charts.timelines import Timeline, timelines

LONGEST = 120  # letters of a file name without its ending


@dataclass(frozen=True, slots=True)
class Plan:
    """A file: `name` without its ending; its beginning is its kind. of: a panel or a timeline, or a strip or
    ladder, whose values are in `unit`. base: the backend whose line is drawn bold."""

    name: str
    title: str
    of: Panel | Strip | Ladder | Timeline
    kind: str
    unit: str = ""
    base: str = ""


def plans(data: Data) -> list[Plan]:
    """The plots in the order of the page. Each name is there once, also where case does not count."""
    taken: set[str] = set()
    return [replace(plan, name=_unique(plan.name, taken)) for plan in _plans(data)]


def _plans(data: Data) -> Iterator[Plan]:
    drawn = rates(data)
    for panel in (part for whole in _panels(data, drawn) for part in panels.split(whole, data.base)):
        prefix = f"{panel.quantity.identity}-by-{panel.axis.called}"
        yield Plan(_name(prefix, panel), _title(panel.name, panel), panel, prefix, base=data.base)
    for prefix, rows, name, unit in (
        ("latency", strips.latencies(data), "Latency percentiles", "µs"),
        ("mbps", strips.single(data, drawn, mbps), "Mbps", "Mbps"),
        ("mean-latency", strips.single(data, drawn, mean_latency), "Mean latency", LATENCY.name),
    ):
        for strip in rows:
            yield Plan(_name(prefix, strip), _title(name, strip), strip, prefix, unit)
    for ladder in ladders.ladders(data):
        kind = "operations-per-second"
        name = f"{kind}-{ladder.part[0]}".removesuffix("-1")
        yield Plan(name, _title("Operations per second", ladder), ladder, kind, REQUESTS.name)
    for timeline in timelines(data):
        title = f"Over time: {timeline.heading}"
        yield Plan(_name("over-time", timeline), title, timeline, "over-time")


def _panels(data: Data, drawn: Sequence[Panel]) -> Iterator[Panel]:
    yield from drawn
    yield from loads(data)
    yield from costs.costs(data)
    yield from costs.freed(data)


def _title(name: str, of: Panel | Strip | Ladder) -> str:
    return f"{name}: {of.heading}" + (f" ({of.simulated})" if of.simulated else "")


def _name(prefix: str, of: Panel | Strip | Timeline) -> str:
    """mbps-by-size-aes-128-cbc-encrypt-q_len-16, with -2 after it for the second part."""
    number, _ = of.part
    text = f"{prefix} {of.title}" + (f" {number}" if number > 1 else "")
    return re.sub(r"[^A-Za-z0-9._+]+", "-", text).strip("-.")[:LONGEST]


def _unique(name: str, taken: set[str]) -> str:
    number, found = 2, name
    while found.lower() in taken:
        found, number = f"{name}-{number}", number + 1
    taken.add(found.lower())
    return found
