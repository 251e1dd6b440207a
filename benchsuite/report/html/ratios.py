"""Ratios as a heat map, and the verdicts and crossovers as tables."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, log2
from typing import Any

from benchsuite.compare.comparison import Line
from benchsuite.compare.verdicts import FASTER, NOT_SLOWER, SAME, SLIGHTLY_SLOWER, SLOWER
from benchsuite.crossover import FASTER as QUICKER
from benchsuite.crossover import UNDECIDED
from benchsuite.model import LATENCY, MBPS, PARAMETERS, RATE_UNITS, REQUESTS, RateUnit
from benchsuite.report.charts.compared import Compared
from benchsuite.report.charts.entries import Data, clock_mark
from benchsuite.report.charts.panels import Panel
from benchsuite.report.html.markup import BLANK, Html, element, joined
from benchsuite.report.html.sections import Shown, said_simulated
from benchsuite.report.html.tables import Cell, real, table, whole
from benchsuite.sheet.footnotes import Footnotes
from benchsuite.sheet.printable import clean
from benchsuite.stats import simulated_in_words
from benchsuite.sweeps import axis_of
from benchsuite.view.comparison import dropped, notes, said

OP = "op"
_NOTE = "verdict-note-{}"
_STEPS = (1.02, 1.1, 1.5, 3.0)  # ratios at which the colour is a shade stronger
_SIGNS = {FASTER: "▲", SLOWER: "▼", SLIGHTLY_SLOWER: "▽", SAME: "=", NOT_SLOWER: "≥"}
SIGNS = (
    "above 1 is faster. ▲ faster, ▼ slower, ▽ slower but below the threshold, = the same, "
    "≥ not slower by the threshold, ? undecided."
)
_OF_UNIT = {MBPS: "", REQUESTS: ", without a size", LATENCY: ", open loop"}
_WORDS = {kind: kind for kind in _SIGNS} | {SAME: "the same"}


def maps(found: Sequence[Compared], data: Data) -> list[Shown]:
    """A heat map for every comparison that has a ratio."""
    pairs = [
        (each, lines)
        for each in found
        for unit in RATE_UNITS
        if (lines := [line for line in each.comparison.compared if line.case.rate_unit is unit])
    ]
    return [
        Shown(each.title, _map(each, lines, data, number)) for number, (each, lines) in enumerate(pairs, 1)
    ]


def _map(compared: Compared, lines: Sequence[Line], data: Data, number: int) -> Html:
    """lines: those of one unit of rates. What has no size has its operations side by side."""
    unit = lines[0].case.rate_unit
    sized = all(line.case.request_size for line in lines)
    heading = compared.title + _OF_UNIT[unit]
    keys = filter(None, ("request_size" if sized else OP, axis_of(line.case for line in lines)))
    by = max(keys, key=lambda key: len({getattr(line.case, key) for line in lines}))
    columns = list(dict.fromkeys(getattr(line.case, by) for line in lines))
    columns = columns if by == OP else sorted(columns)
    rows: dict[str, dict[Any, Cell]] = {}
    for line in lines:
        rows.setdefault(_name(line, data, by, compared.between), {})[getattr(line.case, by)] = _heat(line)
    sides = [side for line in lines for side in (line.couple.base, line.couple.other)]
    modelled = simulated_in_words(*sides)
    body = [[name, *(cells.get(column, Cell("")) for column in columns)] for name, cells in rows.items()]
    headers = ["workload", *(column if by == OP else PARAMETERS[by].at(column) for column in columns)]
    title = heading + (f" ({modelled})" if modelled else "")
    return element(
        "figure",
        element("figcaption", element("h3", heading, said_simulated(modelled))),
        table(
            f"Ratio of {'mean latencies' if unit.falls else 'rates'}: {title}",
            headers,
            body,
            f"ratio {heading}",
            "heat",
        ),
        class_="panel wide",
        id=f"ratio-{number}",
        data_group=compared.title,
    )


def _name(line: Line, data: Data, but: str, with_backend: bool) -> str:
    """A workload in words. Where backends of one result are compared the title names them."""
    name = data.name(line.case, but, op=but != OP)
    backend = clean(line.case.backend)
    return f"{backend}: {name}" if with_backend and backend else name


def _heat(line: Line) -> Cell:
    verdict = line.verdict
    if verdict is None or not (isfinite(verdict.ratio) and verdict.ratio > 0):
        return Cell("")
    sign = _SIGNS.get(verdict.kind, "?")
    text = f"{verdict.ratio:.2f}" if verdict.ratio >= 0.095 else f"{verdict.ratio:.2g}"
    if verdict.ratio >= 100:
        text = f"{verdict.ratio:.0f}"
    spoken = element("span", _WORDS.get(verdict.kind, "undecided"), class_="hidden")
    shown = joined(text, BLANK, element("span", sign, aria_hidden="true"), spoken)
    distance = abs(log2(verdict.ratio))
    shade = sum(distance >= log2(step) for step in _STEPS)
    side = "up" if verdict.ratio > 1 else "down"
    return Cell(shown, verdict.ratio, f"{side}{shade}" if shade else None)


def _interval(line: Line) -> tuple[float | None, float | None]:
    """The interval of the ratio; none where one round cannot have any."""
    if line.verdict is None or not isfinite(line.verdict.high):
        return None, None
    return line.verdict.low, line.verdict.high


def verdicts(found: Sequence[Compared], data: Data) -> Html | None:
    """Every case of every comparison."""
    footnotes = Footnotes()
    listed = [line for each in found for line in each.comparison.lines]
    units = [unit for unit in RATE_UNITS if any(line.couple.base.case.rate_unit is unit for line in listed)]
    rows = [
        [
            _name(line, data, "", each.between),
            _said(line, footnotes),
            real(line.ratio),
            *map(real, _interval(line)),
            each.comparison.other.label,
            each.comparison.base.label,
            *(_rate(line, side, unit) for unit in units for side in ("other", "base")),
            _kind(line),
        ]
        for each in found
        for line in each.comparison.lines
    ]
    if not rows:
        return None
    rates = [f"{side} {unit.name}" for unit in units for side in ("other", "base")]
    if any(dropped(line) for line in listed):
        rates += ["other dropped %", "base dropped %"]
        for row, line in zip(rows, listed, strict=True):
            base, other = line.dropped
            row[-1:-1] = [real(None if share is None else 100 * share) for share in (other, base)]
    headers = ["workload", "verdict", "ratio", "low", "high", "other", "base", *rates, "kind"]
    listed_notes = [element("li", text, id=_NOTE.format(number)) for text, number in footnotes.texts.items()]
    below = element("ol", *listed_notes, class_="notes") if listed_notes else None
    return joined(table("Verdicts", headers, rows, "verdicts", "named"), below)


def _rate(line: Line, side: str, unit: RateUnit) -> Cell:
    result, seconds = getattr(line.couple, side), getattr(line, f"{side}_seconds")
    return real(result.case.rate_of(seconds) if seconds and result.case.rate_unit is unit else None)


def _said(line: Line, footnotes: Footnotes) -> Cell:
    """The verdict with the reason, and links to what the sources of imported figures say of them."""
    text = said(line) + (f": {clean(line.reason)}" if line.reason else "")
    numbers = sorted(footnotes.number(note) for note in notes(line))
    links: list[object] = [
        part
        for number in numbers
        for part in (BLANK, element("a", f"[{number}]", href=f"#{_NOTE.format(number)}"))
    ]
    return Cell(joined(text, *links) if links else text)


def _kind(line: Line) -> str:
    if line.verdict is None:
        return "none"
    modelled = simulated_in_words(line.couple.base, line.couple.other)
    return (modelled or "measured") + clock_mark(line.couple.other)


def crossovers(panels: Sequence[Panel]) -> Html | None:
    """A table of the sizes from which a contender is faster than the base."""
    rows = []
    for meeting in (meeting for panel in panels for meeting in panel.meetings):
        found = meeting.found
        faster = [str(span) for span in found.spans if span.verdict == QUICKER]
        undecided = [str(span) for span in found.spans if span.verdict == UNDECIDED]
        rows.append(
            [
                meeting.workload,
                meeting.words,
                whole(found.start) if found.start is not None else Cell("never"),
                real(found.at, 3),
                ", ".join(faster) or "-",
                ", ".join(undecided) or "-",
                meeting.challenger.label,
                meeting.base.label,
                meeting.simulated or "measured",
            ]
        )
    if not rows:
        return None
    headers = [
        "workload",
        "in words",
        "faster from (B)",
        "lines meet at (B)",
        "faster at",
        "undecided at",
        "challenger",
        "base",
        "kind",
    ]
    return table("Crossover sizes", headers, rows, "crossover", "named")
