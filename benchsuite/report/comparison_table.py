"""A comparison as a table for a terminal, or in Markdown.

What does not fit goes in this order: operations are abbreviated, then the interval and the rates are left
out; where even that is too wide each case is a paragraph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import tabulate

from benchsuite.compare.comparison import Comparison, Line
from benchsuite.compare.groups import Group
from benchsuite.model import PARAMETERS, Case, CaseResult, RateUnit
from benchsuite.report.markdown import escape
from benchsuite.report.table import SHORT_OPS
from benchsuite.sheet.footnotes import Footnotes
from benchsuite.sheet.printable import clean, wrap
from benchsuite.view import comparison as words
from benchsuite.view.blocks import Block, blocks
from benchsuite.view.columns import case_column
from benchsuite.view.numbers import NONE
from benchsuite.view.parameters import parameter_of, split_parameters


@dataclass(frozen=True, slots=True)
class _Layout:
    short: bool = False
    interval: bool = True
    rates: bool = True

    @property
    def left_out(self) -> str:
        gone = ["the interval"] * (not self.interval) + ["the rates"] * (not self.rates)
        return f"Too narrow for {' and '.join(gone)} (-f csv has all)." if gone else ""


_LAYOUTS = (
    _Layout(),
    _Layout(short=True),
    _Layout(short=True, interval=False),
    _Layout(short=True, interval=False, rates=False),
)


@dataclass(frozen=True, slots=True)
class _Table:
    title: str
    headers: list[str]
    numeric: list[bool]
    rows: list[list[str]]

    def draw(self) -> list[str]:
        drawn = tabulate.tabulate(
            self.rows,
            headers=self.headers,
            tablefmt="simple",
            disable_numparse=True,
            colalign=["right" if right else "left" for right in self.numeric],
        )
        return [line.rstrip() for line in drawn.splitlines()]

    def markdown(self) -> list[str]:
        title = [f"{escape(self.title)}\n"] * bool(self.title)
        lines = [[escape(" ".join(header.split())) for header in self.headers]]
        lines.append(["--:" if right else ":--" for right in self.numeric])
        lines += [[escape(cell) for cell in row] for row in self.rows]
        return title + [f"| {' | '.join(line)} |" for line in lines]


_Block = Block[dict[int, Line]]


class _Sheet:
    """Comparisons with the same base, as rows of base cases."""

    def __init__(self, comparisons: Sequence[Comparison]) -> None:
        self.comparisons = comparisons
        self.footnotes = Footnotes()
        self.rows: dict[int, dict[int, Line]] = {}  # by base case, by comparison
        for number, comparison in enumerate(comparisons):
            for line in comparison.lines:
                self.rows.setdefault(id(line.couple.base), {})[number] = line
        self.shared, self.differing = self._parameters()

    def _lines(self) -> list[Line]:
        return [line for of_row in self.rows.values() for line in of_row.values()]

    def _parameters(self) -> tuple[dict[str, str], list[str]]:
        """What all cases share, and in what they differ; without what the two sides differ in."""
        lines = self._lines()
        between = {
            key
            for line in lines
            for key in PARAMETERS
            if getattr(line.couple.base.case, key) != getattr(line.couple.other.case, key)
        }
        shared, differing = split_parameters([CaseResult(line.case) for line in lines])
        shared = {key: value for key, value in shared.items() if key not in between}
        return shared, [key for key in differing if key not in between] or ["algorithm"] * bool(lines)

    def blocks(self) -> list[_Block]:
        return blocks(list(self.rows.values()), self.differing, _base_case)

    def table(self, block: _Block, layout: _Layout) -> _Table:
        keys = [key for key in block.differing if not layout.short or self._tells(key)]
        headers = [case_column(key).header.rstrip("\n") for key in keys]
        numeric = [case_column(key).numeric for key in keys]
        if layout.rates:
            headers, numeric = [*headers, f"Base\n{block.unit.name}"], [*numeric, True]
        for number in range(len(self.comparisons)):
            more, right = self._headers(number, block.unit, layout)
            headers, numeric = headers + more, numeric + right
        rows = []
        short = {key: SHORT_OPS if key == "op" and layout.short else {} for key in keys}
        for of_row in block.members:
            first = next(iter(of_row.values()))
            cells = [short[key].get(text, text) for key in keys for text in [parameter_of(first.case, key)]]
            cells += [words.rate(first.couple.base, first.base_seconds)] * layout.rates
            for number in range(len(self.comparisons)):
                cells += self._cells(of_row.get(number), layout)
            rows.append(cells)
        return _Table(block.title, headers, numeric, rows)

    def _tells(self, key: str) -> bool:
        """Whether rows would be alike without it: not where the algorithm and operation decide it."""
        if key not in ("in_place", "aad_size", "op"):
            return True
        by = ("algorithm",) if key == "op" else ("algorithm", "op")
        pairs = {
            (tuple(getattr(line.case, other) for other in by), getattr(line.case, key))
            for line in self._lines()
        }
        return len(pairs) != len({others for others, _ in pairs})

    def _headers(self, number: int, unit: RateUnit, layout: _Layout) -> tuple[list[str], list[bool]]:
        if len(self.comparisons) > 1:
            return [f"[{letter(number)}]\nratio", "\nverdict"], [True, False]
        headers, numeric = ([f"Other\n{unit.name}"], [True]) if layout.rates else ([], [])
        headers, numeric = [*headers, "\nratio"], [*numeric, True]
        if layout.interval:
            headers, numeric = [*headers, "\n95%"], [*numeric, True]
        return [*headers, "\nverdict"], [*numeric, False]

    def _cells(self, line: Line | None, layout: _Layout) -> list[str]:
        several = len(self.comparisons) > 1
        if line is None:
            return ["", ""]
        cells = [] if several or not layout.rates else [words.rate(line.couple.other, line.other_seconds)]
        cells.append(NONE if line.ratio is None else words.ratio(line.ratio))
        if not several and layout.interval:
            cells.append(words.interval(line.verdict) if line.verdict else NONE)
        numbers = ",".join(str(self.footnotes.number(text)) for text in words.remarks(line))
        return [*cells, words.said(line) + (f" [{numbers}]" if numbers else "")]

    def paragraphs(self, block: _Block, width: int | None) -> list[str]:
        lines = []
        for of_row in block.members:
            first = next(iter(of_row.values()))
            name = ", ".join(
                case_column(key).phrase.format(text)
                for key in block.differing
                if (text := parameter_of(first.case, key)) != NONE
            )
            lines += wrap(name, width, 4)
            for number, line in of_row.items():
                cells = self._cells(line, _Layout(rates=False))
                label = f"[{letter(number)}] " if len(self.comparisons) > 1 else ""
                lines += wrap(f"  {label}{' '.join(cells)}", width, 4)
        return lines


def letter(number: int) -> str:
    """B for the first other, then C and so on, as the base is A; after Z numbers."""
    return chr(ord("B") + number) if number < 25 else str(number + 2)


def _base_case(of_row: dict[int, Line]) -> Case:
    return next(iter(of_row.values())).couple.base.case


def render_table(comparisons: Sequence[Comparison], *, width: int | None, keys: Sequence[str]) -> str:
    """keys: parameters to group by, besides all cases together. The comparisons have the same base."""
    sheet = _Sheet(comparisons)
    top = [line for text in _heading(comparisons) for line in wrap(text, width, 4)]
    if sheet.shared:
        top += wrap("All cases: " + ", ".join(f"{k}={v}" for k, v in sheet.shared.items()), width, 4)
    parts = [top]
    if sheet.rows:
        parts[0] += wrap(words.legend(comparisons[0], len(comparisons) == 1), width, 4)
        for block in sheet.blocks():
            parts += _fitting(sheet, block, width)
    notes = [f"[{n}] {text}" for text, n in sheet.footnotes.texts.items()]
    parts.append([line for text in notes for line in wrap(text, width, 4)])
    for number, comparison in enumerate(comparisons):
        label = f"[{letter(number)}] " if len(comparisons) > 1 else ""
        parts.append(wrap(label + words.summary(comparison), width, 4))
        for key in keys:
            parts.append(_grouped_within(comparison, key, width) if comparison.compared else [])
        texts = [f"- {clean(text)}" for text in comparison.remarks]
        texts += [f"! {text}" for text in words.warnings(comparison)]
        parts.append([line for text in texts for line in wrap(text, width, 2)])
    return "\n\n".join("\n".join(line.rstrip() for line in part) for part in parts if part) + "\n"


def _fitting(sheet: _Sheet, block: _Block, width: int | None) -> list[list[str]]:
    """The fullest table that fits, and what was left out of it."""
    title = wrap(block.title, width, 4) if block.title else []
    for layout in _LAYOUTS:
        drawn = sheet.table(block, layout).draw()
        if width is None or max(map(len, drawn)) <= width:
            return [title + drawn, wrap(layout.left_out, width) if layout.left_out else []]
    return [title + sheet.paragraphs(block, width)]


def _heading(comparisons: Sequence[Comparison]) -> list[str]:
    if len(comparisons) == 1:
        return words.heading(comparisons[0])
    lines = []
    for number, comparison in enumerate(comparisons):
        base, other = words.heading(comparison)
        lines += [] if number else [base]
        lines.append(f"[{letter(number)}] {other.removeprefix('Other: ')}")
    return lines


def _grouped_within(comparison: Comparison, key: str, width: int | None) -> list[str]:
    table = _grouped(comparison, key)
    drawn = table.draw()
    if width is None or max(map(len, drawn)) <= width:
        return drawn
    texts = [
        f"{name}: {ratio} ({interval}), {cases} cases, {kinds}"
        for name, cases, ratio, interval, kinds in table.rows
    ]
    return [line for text in [f"By {key}:", *texts] for line in wrap(text, width, 2)]


def _grouped(comparison: Comparison, key: str) -> _Table:
    """key: several parameters are joined by commas."""
    groups: list[Group] = comparison.grouped(key.split(","))
    rows = [
        [
            words.group_name(each),
            str(each.cases),
            words.ratio(each.ratio),
            words.interval(each),
            words.kinds(each, comparison.rule.threshold),
        ]
        for each in groups
    ]
    return _Table("", [key, "cases", "mean ratio", "95%", "verdicts"], [False, True, True, True, False], rows)


def render_markdown(comparisons: Sequence[Comparison], *, width: int | None, keys: Sequence[str]) -> str:
    sheet = _Sheet(comparisons)
    lines = [f"{escape(text)}\n" for text in _heading(comparisons)]
    if sheet.shared:
        lines.append(f"All cases: {', '.join(f'{k}={escape(v)}' for k, v in sheet.shared.items())}\n")
    if sheet.rows:
        lines.append(f"{escape(words.legend(comparisons[0], len(comparisons) == 1))}\n")
        for block in sheet.blocks():
            lines += [*sheet.table(block, _LAYOUTS[0]).markdown(), ""]
    lines += [f"{n}. {escape(text)}" for text, n in sheet.footnotes.texts.items()]
    lines += [""] * bool(sheet.footnotes.texts)
    for number, comparison in enumerate(comparisons):
        label = f"[{letter(number)}] " if len(comparisons) > 1 else ""
        lines += [escape(label + words.summary(comparison)), ""]
        for key in keys:
            lines += [*_grouped(comparison, key).markdown(), ""] if comparison.compared else []
        texts = [*comparison.remarks, *(f"Warning: {text}" for text in words.warnings(comparison))]
        lines += [f"- {escape(clean(text))}" for text in texts]
        lines += [""] * bool(texts)
    return "\n".join(lines).rstrip("\n") + "\n"
