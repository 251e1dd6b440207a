"""Comparisons with the same base: a row for each of its cases.

What does not fit on a terminal goes in this order: operations are abbreviated, then the interval and the
rates are left out. Of several comparisons verdicts then become marks, and comparisons are dealt out to
several tables. Where even that is too wide each case is a paragraph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from math import inf
from typing import Any

from benchsuite.compare.comparison import Comparison, Line
from benchsuite.compare.groups import Group
from benchsuite.compare.outcome import Outcome
from benchsuite.compare.verdicts import FASTER, NOT_SLOWER, SAME, SLIGHTLY_SLOWER, SLOWER, UNDECIDED, Rule
from benchsuite.model import PARAMETERS, Case, CaseResult, common_tags
from benchsuite.remarks import TAG
from benchsuite.selection.keys import all_tags, follow_from_others
from benchsuite.sheet.numbers import NONE
from benchsuite.sheet.page import (
    LEFT,
    RIGHT,
    Cell,
    Column,
    Noted,
    Page,
    Part,
    Said,
    Sheet,
    Table,
    Version,
    paragraphs,
)
from benchsuite.sheet.printable import clean
from benchsuite.view import comparison as words
from benchsuite.view.bands import dealt, many_bands
from benchsuite.view.blocks import Block, blocks
from benchsuite.view.columns import parameter_head, parameters_said, too_narrow
from benchsuite.view.heading import shared_by_all
from benchsuite.view.parameters import parameter_of, split_parameters
from benchsuite.view.remarks import tags_line

_OF_LINE = (
    "status",
    "reason",
    "metric",
    "verdict",
    "ratio",
    "low",
    "high",
    "rounds",
    "more_rounds",
    "undecided_because",
    "base_bits_per_second",
    "other_bits_per_second",
    "simulated",
    "base_requests_per_second",
    "other_requests_per_second",
    "base_clock",
    "other_clock",
    "base_confidence",
    "other_confidence",
    "base_latency_mean_seconds",
    "other_latency_mean_seconds",
    "base_dropped_fraction",
    "other_dropped_fraction",
    "by_dropped",
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """The extent of a table: what there is room for."""

    short: bool = False
    interval: bool = True
    rates: bool = True
    marks: bool = False  # for verdicts, in place of words; notes in one column
    bands: int = 1  # tables that the comparisons are dealt out to

    def left_out(self, several: bool) -> str:
        gone = ["the interval"] * (not self.interval and not several) + ["the rates"] * (not self.rates)
        said = [f"Verdicts: {_MARKED}."] * self.marks
        return " ".join(filter(None, [too_narrow(gone + ["verdicts in words"] * self.marks), *said]))


_LAYOUTS = (
    _Layout(),
    _Layout(short=True),
    _Layout(short=True, interval=False),
    _Layout(short=True, interval=False, rates=False),
)

_Lines = dict[int, Line]  # of one base case, by the number of the comparison


class ComparisonSheet(Sheet):
    """keys: parameters to group by, besides all cases together. outcome: a gate's."""

    def __init__(
        self, comparisons: Sequence[Comparison], keys: Sequence[str] = (), outcome: Outcome | None = None
    ) -> None:
        self.comparisons, self.keys, self.outcome = comparisons, keys, outcome
        self.several = len(comparisons) > 1
        found: dict[int, _Lines] = {}  # by base case
        for number, comparison in enumerate(comparisons):
            for line in comparison.lines:
                found.setdefault(id(line.couple.base), {})[number] = line
        self.rows = list(found.values())
        self.cases = [line.case for lines in self.rows for line in lines.values()]
        self.shared, self.differing = self._parameters()

    def _parameters(self) -> tuple[dict[str, str], list[str]]:
        """Parameters that all cases share, and those in which they differ; none in which the sides do."""
        couples = [line.couple for lines in self.rows for line in lines.values()]
        pairs = [(couple.base.case, couple.other.case) for couple in couples]
        between = {key for a, b in pairs for key in PARAMETERS if getattr(a, key) != getattr(b, key)}
        shared, differing = split_parameters([CaseResult(case) for case in self.cases])
        shared = {key: value for key, value in shared.items() if key not in between}
        return shared, [key for key in differing if key not in between] or ["algorithm"] * bool(couples)

    def page(self, document: bool) -> Page:
        top = [*self._heading(), *shared_by_all(self.shared)]
        parts = [self._versions(block) for block in blocks(self.rows, self.differing, _base_case)]
        below = [part for each in enumerate(self.comparisons) for part in self._below(*each, document)]
        return Page(top, parts, below, indent=4)

    def _heading(self) -> list[str]:
        headings = [words.heading(comparison) for comparison in self.comparisons]
        others = [text.removeprefix("Other: ") if self.several else text for _, text in headings]
        named = [f"{self._letter(number)}{text}" for number, text in enumerate(others)]
        return [*(base for base, _ in headings[:1]), *named, *self._tags()]

    def _tags(self) -> list[str]:
        """A line on the tags that both sides of all cases have; none where there are none."""
        couples = [line.couple for lines in self.rows for line in lines.values()]
        cases = [case for couple in couples for case in (couple.base, couple.other)]
        return tags_line(common_tags(cases))

    def _letter(self, number: int) -> str:
        """`[B] ` before what is said of one of several comparisons."""
        return f"[{letter(number)}] " if self.several else ""

    def _versions(self, block: Block[_Lines]) -> Iterator[Version]:
        legend = words.legend(self.comparisons[0], not self.several)
        for layout in self._layouts():
            tables = [self._table(block, layout, each) for each in self._bands(layout)]
            yield Version(tables, [], legend, layout.left_out(self.several))
        yield Version([], list(self._paragraphs(block)), legend)

    def _layouts(self) -> Iterator[_Layout]:
        yield from _LAYOUTS
        if len(self.comparisons) > _MOST_IN_WORDS:
            yield _Layout(short=True, interval=False, marks=True)
            yield (marked := _Layout(short=True, interval=False, rates=False, marks=True))
            for bands in many_bands(len(self.comparisons)):
                yield replace(marked, bands=bands)

    def _bands(self, layout: _Layout) -> list[list[int]]:
        """The numbers of the comparisons in each table."""
        return dealt(range(len(self.comparisons)), layout.bands)

    def _table(self, block: Block[_Lines], layout: _Layout, numbers: Sequence[int]) -> Table:
        dropped = follow_from_others(block.differing, self.cases) if layout.short else []
        keys = [key for key in block.differing if key not in dropped]
        heads = [*map(parameter_head, keys)]
        heads += [Column(f"Base\n{block.unit.name}", RIGHT)] * layout.rates
        for number in numbers:
            heads += self._heads(number, block.unit.name, layout)
        rows = [self._row(lines, keys, layout, numbers) for lines in block.members]
        if not self.several and any(words.dropped(line) for of in block.members for line in of.values()):
            heads.insert(-1, Column("\ndropped", RIGHT))
            for row, lines in zip(rows, block.members, strict=True):
                row.insert(-1, words.dropped(next(iter(lines.values()))) or NONE)
        if layout.marks:
            notes = [_noted(lines, numbers) for lines in block.members]
            if any(note.notes for note in notes):
                heads = [*heads, Column("\nnote")]
                rows = [[*row, note] for row, note in zip(rows, notes, strict=True)]
        return Table(heads, rows, block.title)

    def _heads(self, number: int, unit: str, layout: _Layout) -> list[Column]:
        if layout.marks:
            return [Column(f"[{letter(number)}]\nratio", RIGHT)]
        if self.several:
            return [Column(f"[{letter(number)}]\nratio", RIGHT), Column("\nverdict")]
        figures = [f"Other\n{unit}"] * layout.rates + ["\nratio"] + ["\n95%"] * layout.interval
        return [*(Column(header, RIGHT) for header in figures), Column("\nverdict")]

    def _row(self, lines: _Lines, keys: list[str], layout: _Layout, numbers: Sequence[int]) -> list[Cell]:
        first = next(iter(lines.values()))
        row: list[Cell] = [parameter_of(first.case, key, layout.short) for key in keys]
        row += [words.rate(first.couple.base, first.base_seconds)] * layout.rates
        for number in numbers:
            line = lines.get(number)
            if layout.marks:
                row.append(f"{self._figures(line, layout)[0]} {_mark(line)}" if line else "")
                continue
            row += (
                [*self._figures(line, layout), Noted(words.said(line), self._remarks(line))]
                if line
                else ["", ""]
            )
        return row

    def _figures(self, line: Line, layout: _Layout) -> list[str]:
        ratio = NONE if line.ratio is None else words.ratio(line.ratio)
        if self.several:
            return [ratio]
        rates = [words.rate(line.couple.other, line.other_seconds)] * layout.rates
        within = [words.interval(line.verdict) if line.verdict else NONE] * layout.interval
        return [*rates, ratio, *within]

    def _paragraphs(self, block: Block[_Lines]) -> Iterator[Said]:
        if block.title:
            yield Said(block.title, 4)
        for lines in block.members:
            yield Said(parameters_said(next(iter(lines.values())).case, block.differing), 4)
            for number, line in lines.items():
                share = words.dropped(line)
                dropped = f", dropped {share}" if share and not self.several else ""
                said = " ".join([*self._figures(line, _Layout(rates=False)), words.said(line) + dropped])
                yield Said(f"  {self._letter(number)}{said}", 4, self._remarks(line))

    def _remarks(self, line: Line) -> list[str]:
        """Foot-notes; of several comparisons what is dropped has no column."""
        share = words.dropped(line) if self.several else ""
        return words.remarks(line) + [f"dropped: {share}"] * bool(share)

    def _below(self, number: int, comparison: Comparison, document: bool) -> Iterator[Part]:
        """Parts on one comparison: its sum, its groups, its remarks and warnings."""
        yield paragraphs([self._letter(number) + words.summary(comparison)], 4)
        if comparison.compared:
            yield from (_grouped(comparison, key) for key in self.keys)
        warning = "- Warning:" if document else "!"
        texts = [f"- {clean(text)}" for text in comparison.remarks]
        yield paragraphs([*texts, *(f"{warning} {text}" for text in words.warnings(comparison))], 2)

    def table(self) -> Iterator[list[Any]]:
        """A row for each case and comparison."""
        names = [field.name for field in fields(Case)]
        couples = [line.couple for lines in self.rows for line in lines.values()]
        tags = all_tags(case for couple in couples for case in (couple.base, couple.other))
        sides = [f"{side}_{TAG}{key}" for side in ("base", "other") for key in tags]
        yield ["base", "other", "name", "base_name", *names, *_OF_LINE, "warnings", "notes", *sides]
        for comparison in self.comparisons:
            warnings = "; ".join(words.warnings(comparison))
            for plain in map(words.record, comparison.lines):
                yield [
                    *(comparison.base.label, comparison.other.label, plain["name"], plain["base_name"]),
                    *(plain["parameters"][name] for name in names),
                    *(plain[key] for key in _OF_LINE),
                    *(warnings, "; ".join(plain["notes"])),
                    *(plain[side].get(key, "") for side in ("base_tags", "other_tags") for key in tags),
                ]

    def data(self) -> dict[str, Any]:
        """Comparisons for programs.

            {"benchsuite_compare": 1,
             "rule": {"threshold", "smallest", "alpha", "missed"},
             "cases": how many verdicts are corrected for,
             "gate": {"outcome", "exit_status", "sentence"} or null,
             "comparisons": [{"base": {"label", "about", "versions"}, "other": {...}, "paired", "anchored",
                 "drift", "measured_by": the rule, where it was measured by another than "rule", or null,
                 "lines": [{"name", "base_name", "parameters", "status", "reason", "metric", "verdict",
                            "ratio", "low", "high", "rounds", "more_rounds", "undecided_because",
                            "base_bits_per_second", "other_bits_per_second", "simulated",
                            "base_requests_per_second", "other_requests_per_second", "base_clock",
                            "other_clock", "base_confidence", "other_confidence",
                            "base_latency_mean_seconds", "other_latency_mean_seconds",
                            "base_dropped_fraction", "other_dropped_fraction", "by_dropped", "notes",
                            "base_tags", "other_tags"}],
                 "groups": [{"by": [...], "values": [...], "cases", "ratio", "low", "high", "verdicts"}],
                 "only_base": [names], "only_other": [names], "warnings": [...], "remarks": [...]}]}

        A verdict is "slower", "slower, below the threshold", "undecided", "same", "not slower" (by the
        threshold), "faster", or null where there is none. Ratios are of rates, other to base: above 1 is
        faster. Without a size there are no bits per second, nor of an open loop: its ratio is of mean
        latencies, base to other, what it dropped is a fraction of what arrived, and by_dropped is whether
        the verdict rests on that; its requests per second are those that were carried. A clock is
        what the time is of: elapsed, user CPU, not known. A confidence is how sure a simulated figure is,
        null of one that was measured. Keys are only added; one that is removed or means something else raises
        `benchsuite_compare`.
        """
        first = self.comparisons[0] if self.comparisons else None
        gate = self.outcome
        return {
            "benchsuite_compare": 1,
            "rule": _rule(first.rule if first else None),
            "cases": first.cases if first else 0,
            "gate": gate
            and {"outcome": gate.kind, "exit_status": gate.exit_status, "sentence": gate.sentence},
            "comparisons": [self._comparison(each) for each in self.comparisons],
        }

    def _comparison(self, comparison: Comparison) -> dict[str, Any]:
        overall, again = comparison.overall(), comparison.again
        groups = [_group([], overall)] if overall else []
        for by in (key.split(",") for key in self.keys):
            groups += [_group(by, each) for each in comparison.grouped(by)]
        return {
            "base": asdict(comparison.base),
            "other": asdict(comparison.other),
            "paired": comparison.paired,
            "anchored": comparison.anchored or None,
            "drift": comparison.rule.drift,
            "measured_by": _rule(again.kept) if again and again.kept else None,
            "lines": [words.record(line) for line in comparison.lines],
            "groups": groups,
            "only_base": [case.name for case in comparison.only_base],
            "only_other": [case.name for case in comparison.only_other],
            "warnings": comparison.warnings,
            "remarks": comparison.remarks,
        }


def letter(number: int) -> str:
    """B for the first other, then C and so on, as the base is A; after Z numbers."""
    return chr(ord("B") + number) if number < 25 else str(number + 2)


_MOST_IN_WORDS = 3  # comparisons beside each other, of which a paragraph can be read
_MARKS = {FASTER: "+", SLOWER: "-", SLIGHTLY_SLOWER: "~", SAME: "=", NOT_SLOWER: "≥", UNDECIDED: "?"}
_MARKED = ", ".join(f"{mark}\u00a0{kind.replace(',', '')}" for kind, mark in _MARKS.items())


def _mark(line: Line) -> str:
    """The verdict as one character; a blank where there is none."""
    return _MARKS.get(line.verdict.kind, "?") if line.verdict else " "


def _noted(lines: _Lines, numbers: Sequence[int]) -> Noted:
    """The notes on all that stands in a row, each once."""
    texts: list[str] = []
    for number in numbers:
        if line := lines.get(number):
            texts += words.remarks(line)
            texts += [f"[{letter(number)}] dropped: {share}" for share in [words.dropped(line)] if share]
    return Noted("", list(dict.fromkeys(texts)))


def _base_case(lines: _Lines) -> Case:
    return next(iter(lines.values())).couple.base.case


def _grouped(comparison: Comparison, key: str) -> Part:
    """Ratios by group. key: several parameters are joined by commas."""
    names = [key, "cases", "mean ratio", "95%", "verdicts"]
    rows = [
        [
            words.group_name(each),
            str(each.cases),
            words.ratio(each.ratio),
            words.interval(each),
            words.kinds(each, comparison.rule.threshold),
        ]
        for each in comparison.grouped(key.split(","))
    ]
    heads = [Column(name, RIGHT if name in names[1:4] else LEFT) for name in names]
    said = [
        f"{group}: {ratio} ({within}), {cases} cases, {kinds}" for group, cases, ratio, within, kinds in rows
    ]
    return [Version([Table(heads, rows)]), *paragraphs([f"By {key}:", *said], 2)]


def _rule(rule: Rule | None) -> dict[str, float | None]:
    return {key: getattr(rule, key, None) for key in ("threshold", "smallest", "alpha", "missed")}


def _group(by: list[str], group: Group) -> dict[str, Any]:
    return {
        "by": by,
        "values": list(group.values),
        "cases": group.cases,
        "ratio": group.ratio,
        "low": group.low,
        "high": None if group.high == inf else group.high,
        "verdicts": group.kinds,
    }
