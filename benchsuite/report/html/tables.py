"""Tables: a caption, a header for each column, numbers with their whole value for sorting and CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

from benchsuite.report.html.markup import Html, element, joined
from benchsuite.sheet.numbers import NONE, brief

LONG = 40  # letters, of which a text may go over several lines
SOME = 18  # and of which it may do so where there is little room


@dataclass(frozen=True, slots=True)
class Cell:
    """text is shown; value, where it is a number, is what sorts and what a CSV gets."""

    text: object
    value: float | None = None
    class_: str | None = None


def real(value: float | None, digits: int = 4) -> Cell:
    """A number; "-" where there is none."""
    if value is None or not isfinite(value):
        return Cell(NONE, None, "none")
    return Cell(brief(value, digits), value)


def whole(value: int) -> Cell:
    return Cell(str(value), value)


def table(
    caption: str, headers: Sequence[str], rows: Iterable[Sequence[object]], name: str, class_: str = ""
) -> Html:
    """The first cell of a row is its header. `name`: of the CSV file, without its ending."""
    head = element("tr", *(element("th", header, scope="col") for header in headers))
    body = joined(*(_row(cells) for cells in rows))
    grid = element(
        "table",
        element("caption", caption, class_="hidden"),
        element("thead", head),
        element("tbody", body),
        data_csv=name,
        class_=class_ or None,
    )
    return element("div", grid, class_="scroll", tabindex=0, role="region", aria_label=caption)


def _row(cells: Sequence[object]) -> Html:
    return element("tr", *(_cell(cell, index == 0) for index, cell in enumerate(cells)))


def _cell(cell: object, first: bool) -> Html:
    made = cell if isinstance(cell, Cell) else Cell(cell)
    value = None if made.value is None else f"{made.value:.10g}"
    letters = 0 if isinstance(made.text, Html) else len(str(made.text))
    class_ = made.class_ or ("long" if letters > LONG else "some" if letters > SOME else None)
    if first:
        return element("th", made.text, scope="row", data_v=value, class_=class_)
    return element("td", made.text, data_v=value, class_=class_)
