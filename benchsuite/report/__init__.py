"""Reports of results and comparisons: as text in the format asked for (here), as a page (html), as plots for
papers (plots; charts is what both draw), and of a gate as CI servers read them (junit, github,
pull_request)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchsuite import stats
from benchsuite.compare.comparison import Comparison
from benchsuite.compare.labels import shown
from benchsuite.compare.outcome import Outcome
from benchsuite.model import BenchsuiteError, Result
from benchsuite.remarks import tag_of
from benchsuite.report import ocf_bench
from benchsuite.sheet import as_csv, as_json, as_markdown, as_text
from benchsuite.sheet.page import Sheet
from benchsuite.view.by_backend_sheet import ByBackendSheet
from benchsuite.view.by_tag import by_tag
from benchsuite.view.cases_sheet import CasesSheet
from benchsuite.view.comparison_sheet import ComparisonSheet
from benchsuite.view.listing import Listing
from benchsuite.view.summary_sheet import SummarySheet

# A writer of sheets is a file in sheet/, and a line here. width: in columns, None for any.
WRITERS: dict[str, Callable[[Sheet, int | None], str]] = {
    "table": lambda sheet, width: as_text.write(sheet.page(document=False), width),
    "json": lambda sheet, width: as_json.write(sheet.data()),
    "csv": lambda sheet, width: as_csv.write(sheet.table()),
    "markdown": lambda sheet, width: as_markdown.write(sheet.page(document=True)),
}
_usual, *_others = WRITERS
FORMATS = (_usual, "ocf-bench", *_others)  # of cases

# A sheet that puts the cases of a result side by side is a file in view/, and a line here. By a tag they
# stand as if its values were backends.
ACROSS: dict[str, Callable[[Result, Listing], Sheet]] = {"backend": ByBackendSheet}


def render(
    result: Result,
    format: str,
    width: int | None,
    hz: int = 250,
    across: str | None = None,
    listing: Listing | None = None,
) -> str:
    """The whole text, its last line ended, to be written as it is. `width` is that of the terminal
    in columns, None for as wide as it needs; `hz` is what ocf-bench's jiffies are counted in; `across` is a
    key of ACROSS, or a tag. Raises BenchsuiteError for a format there is not, and cases that do not differ in
    the tag alone."""
    listing = listing or Listing()
    check(format, across, listing.keys)
    tag = tag_of(across or "")
    (result,) = shown(result, but=[tag] if tag else ())
    result = listing.arranged(by_tag(result, tag) if tag else result)
    if format not in WRITERS:
        return ocf_bench.render(result, hz)
    with stats.remembering():
        return WRITERS[format](_sheet(result, across, listing), width)


def _sheet(result: Result, across: str | None, listing: Listing) -> Sheet:
    if across:
        return ACROSS.get(across, ByBackendSheet)(result, listing)
    return (SummarySheet if listing.summarised(len(result.cases)) else CasesSheet)(result, listing)


def check(format: str, across: str | None, keys: Sequence[str] = ()) -> None:
    """BenchsuiteError for a format or a side-by-side there is not, or not both together."""
    if format not in FORMATS:
        raise BenchsuiteError(f"no format {format!r}: expected one of {', '.join(FORMATS)}")
    if across and across not in ACROSS and not tag_of(across):
        raise BenchsuiteError(
            f"--across: cases stand side by side by {', '.join(ACROSS)} or tag.KEY, not by {across!r}; "
            "benchsuite compare RESULT --across takes any parameter"
        )
    if across and keys:
        raise BenchsuiteError(
            "--group-by: --across puts cases side by side, not groups; the means of their ratios are what "
            "compare --across KEY --group-by KEY prints"
        )
    option = "--across" if across else "--group-by" if keys else ""
    if option and format not in WRITERS:
        raise BenchsuiteError(
            f"{option}: format {format} has one case a line; take one of {', '.join(WRITERS)}"
        )


def render_comparisons(
    comparisons: Sequence[Comparison],
    format: str,
    width: int | None,
    keys: Sequence[str] = (),
    outcome: Outcome | None = None,
) -> str:
    """The whole text of comparisons with the same base. keys: parameters to group by. outcome: a gate's."""
    return WRITERS[format](ComparisonSheet(comparisons, keys, outcome), width)
