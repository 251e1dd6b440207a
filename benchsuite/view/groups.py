"""Cases that have parameters in common, as one row each: how many, and from where to where their rates go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import geometric_mean, median
from typing import Any

from benchsuite import doubts
from benchsuite.confidence import weakest
from benchsuite.model import PARAMETERS, RateUnit
from benchsuite.remarks import tag_of
from benchsuite.selection.keys import grouped, value_of, values_of
from benchsuite.sheet.numbers import NONE, percent_cell, significant
from benchsuite.sheet.page import RIGHT, Cell, Column, Noted, Part, Said, Table, Version
from benchsuite.sheet.printable import clean
from benchsuite.stats import Summary
from benchsuite.view.columns import too_narrow
from benchsuite.view.parameters import parameter_of
from benchsuite.view.rows import Row

_ALWAYS = ("request_size", "q_len")  # told of the best, also with their usual values


@dataclass(frozen=True)
class CaseGroup:
    """Cases with these values of the parameters that they are grouped by; their rates are told in `unit`."""

    values: tuple[str, ...]
    unit: RateUnit
    rows: list[Row]

    @cached_property
    def measured(self) -> list[tuple[Row, Summary]]:
        return [(row, row.figures) for row in self.rows if row.figures]

    @cached_property
    def rates(self) -> list[float]:
        return [figures.rate for _, figures in self.measured]

    @cached_property
    def best(self) -> Row | None:
        """The case with the highest rate; of open loops, with the lowest latency."""
        if not self.measured:
            return None
        return max(self.measured, key=lambda each: self.unit.goodness(each[1].rate))[0]

    @property
    def best_is(self) -> str:
        """What the figure of the best is among all."""
        return "lowest" if self.unit.falls else "highest"

    @cached_property
    def spread(self) -> float | None:
        """The median of the cases' spreads."""
        found = [figures.spread for _, figures in self.measured if figures.spread is not None]
        return median(found) if found else None

    @property
    def confidence(self) -> str:
        """How sure its figures are at worst, of those that are a model's; "" where none is."""
        return weakest(row.confidence for row, _ in self.measured if row.simulated) if self.simulated else ""

    @property
    def simulated(self) -> bool:
        """Whether any of its figures are a model's."""
        return any(row.simulated for row, _ in self.measured)

    @cached_property
    def notes(self) -> list[str]:
        """Notes that all with a figure have; that some are simulated is always said."""
        if not self.measured:
            return []
        results = [row.result for row, _ in self.measured]
        modelled = [doubts.simulated_note(*results)] if self.simulated else []
        common = set.intersection(*(set(row.notes) for row, _ in self.measured))
        kept = [note for note in self.measured[0][0].notes if note in common]
        return modelled + [note for note in kept if not doubts.says_simulated(note)]


def groups(rows: Sequence[Row], keys: Sequence[str]) -> list[CaseGroup]:
    """Groups in the order in which their first cases come; one for each unit of rates."""
    found = grouped(rows, lambda row: (row.result.case.rate_unit.name, *values_of(row.result, keys)))
    return [CaseGroup(named[1:], of[0].result.case.rate_unit, of) for named, of in found.items()]


def table_part(
    found: Sequence[CaseGroup], keys: Sequence[str], differing: Sequence[str], notes: bool = False
) -> Iterator[Version]:
    """A table of groups for each unit of rates. differing: parameters in which cases differ, by which the
    best is told. notes: those that all cases of a group have become foot-notes."""
    for layout in _LAYOUTS:
        yield _version(found, keys, differing, layout, notes)
    yield Version(said=list(_said(found, keys, differing, notes)))


@dataclass(frozen=True, slots=True)
class _Layout:
    """The extent of a table: what there is room for."""

    best: bool = True  # in words
    sure: bool = True
    mean: bool = True

    @property
    def left_out(self) -> str:
        gone = ["what is best"] * (not self.best) + ["the spread"] * (not self.sure)
        return too_narrow(gone + ["the mean"] * (not self.mean))


_LAYOUTS = (
    _Layout(),
    _Layout(sure=False),
    _Layout(sure=False, mean=False),
    _Layout(best=False),
    _Layout(best=False, sure=False, mean=False),
)


def _version(
    found: Sequence[CaseGroup], keys: Sequence[str], differing: Sequence[str], layout: _Layout, notes: bool
) -> Version:
    by_unit = grouped(found, lambda group: (group.unit.name,))
    tables = [
        Table(
            _heads(of, keys, layout),
            [_row(group, of, keys, differing, layout, notes) for group in of],
            f"By {', '.join(keys)}" + (f", {of[0].unit.about}" if len(by_unit) > 1 else "") + ":",
        )
        for of in by_unit.values()
    ]
    return Version(tables, remark=layout.left_out)


def _heads(found: Sequence[CaseGroup], keys: Sequence[str], layout: _Layout) -> list[Column]:
    unit = found[0].unit.name
    heads = [Column(f"\n{key}", RIGHT if _number(key) else "left") for key in keys]
    heads += [Column("\ncases", RIGHT)]
    heads += [Column("not\nmeasured", RIGHT)] * any(len(of.measured) < len(of.rows) for of in found)
    heads += [Column(f"lowest\n{unit}", RIGHT)]
    heads += [Column(f"mean\n{unit}", RIGHT, f"geometric mean {unit}")] * layout.mean
    heads += [Column(f"highest\n{unit}", RIGHT)]
    heads += [Column("spread\n±%", RIGHT)] * (layout.sure and any(of.spread is not None for of in found))
    return heads + [Column(f"\n{found[0].best_is} with")] * layout.best


def _number(key: str) -> bool:
    return key in PARAMETERS and PARAMETERS[key].number


def value_in_words(group: CaseGroup, key: str) -> str:
    """The value of a parameter, or of a tag, that a group has in common."""
    first = group.rows[0].result
    return parameter_of(first.case, key) if tag_of(key) is None else clean(value_of(first, key)) or NONE


def _row(
    group: CaseGroup,
    beside: Sequence[CaseGroup],
    keys: Sequence[str],
    differing: Sequence[str],
    layout: _Layout,
    notes: bool,
) -> list[Cell]:
    missing = len(group.rows) - len(group.measured)
    row: list[Cell] = [value_in_words(group, key) for key in keys]
    row += [str(len(group.rows))]
    row += [str(missing or NONE)] * any(len(of.measured) < len(of.rows) for of in beside)
    lowest, mean, highest = _rates(group)
    row += [lowest, *[mean] * layout.mean]
    row += [highest]
    row += [_spread(group)] * (layout.sure and any(of.spread is not None for of in beside))
    row += [best_in_words(group, keys, differing)] * layout.best
    if notes:
        row[-1] = Noted(str(row[-1]), group.notes)
    return row


def _rates(group: CaseGroup) -> tuple[str, str, str]:
    if not group.rates:
        return NONE, NONE, NONE
    found = min(group.rates), geometric_mean(group.rates), max(group.rates)
    lowest, mean, highest = map(significant, found)
    return lowest, mean, highest


def _spread(group: CaseGroup) -> str:
    return percent_cell(group.spread, 1)


def best_in_words(group: CaseGroup, keys: Sequence[str], differing: Sequence[str]) -> str:
    """The best case, by what it does not share with its group."""
    if group.best is None:
        return NONE
    case = group.best.result.case
    told = [key for key in differing if key not in keys and key in (*_ALWAYS, *case.unusual)]
    words = case.words(told, algorithm="algorithm" in told, op="algorithm" in told and "op" in told)
    words = words.removeprefix(", ")
    return clean(", ".join(filter(None, [case.backend if "backend" in told else "", words]))) or NONE


def _said(
    found: Sequence[CaseGroup], keys: Sequence[str], differing: Sequence[str], notes: bool
) -> Iterator[Said]:
    yield Said(f"By {', '.join(keys)}:")
    for group in found:
        name = ", ".join(value_in_words(group, key) for key in keys)
        lowest, _, highest = _rates(group)
        cases = f"{len(group.measured)} of {len(group.rows)} cases measured"
        rates = f"{lowest} to {highest}\u00a0{group.unit.name}" if group.rates else "no figure"
        best = f", {group.best_is} with {best_in_words(group, keys, differing)}" if group.rates else ""
        yield Said(f"  {clean(name)}: {cases}, {rates}{best}", 4, group.notes if notes else ())


def parts(rows: Sequence[Row], groupings: Sequence[str], differing: Sequence[str]) -> list[Part]:
    """A part for each grouping: parameters, joined by commas."""
    return [
        table_part(groups(rows, keys), keys, differing) for keys in (each.split(",") for each in groupings)
    ]


_UNITS, _WHICH = ("bits", "requests"), ("lowest", "mean", "highest")
RECORD = (
    "cases",
    "measured",
    "simulated",
    "confidence",
    *(f"{which}_{unit}_per_second" for unit in _UNITS for which in _WHICH),
    "spread_fraction",
    "highest",
)


def record(group: CaseGroup) -> dict[str, Any]:
    """A group as plain data in base units, every key of RECORD always there. A mean is the geometric one;
    `highest` is the name of the case with the highest rate, of open loops with the lowest latency. None: no
    such figure."""
    plain: dict[str, Any] = {
        "cases": len(group.rows),
        "measured": len(group.measured),
        "simulated": group.simulated,
        "confidence": group.confidence or None,
    }
    for unit in _UNITS:
        found = [getattr(figures, f"{unit}_per_second") for _, figures in group.measured]
        figures = [figure for figure in found if figure is not None]
        three = (min(figures), geometric_mean(figures), max(figures)) if figures else (None, None, None)
        for which, figure in zip(_WHICH, three, strict=True):
            plain[f"{which}_{unit}_per_second"] = figure
    plain["spread_fraction"] = group.spread
    plain["highest"] = group.best.result.case.name if group.best else None
    return plain


def data(rows: Sequence[Row], groupings: Sequence[str]) -> list[dict[str, Any]]:
    """Groups for programs."""
    return [
        {"by": keys, "values": list(group.values), **record(group)}
        for keys in (each.split(",") for each in groupings)
        for group in groups(rows, keys)
    ]


def table(rows: Sequence[Row], groupings: Sequence[str]) -> Iterator[list[Any]]:
    """Groups as rows of a table for programs: a column for each parameter that any are grouped by, empty
    where a group is not."""
    every = list(dict.fromkeys(key for each in groupings for key in each.split(",")))
    yield [*every, *RECORD]
    for each in data(rows, groupings):
        named = dict(zip(each["by"], each["values"], strict=True))
        yield [*(named.get(key) for key in every), *(each[key] for key in RECORD)]
