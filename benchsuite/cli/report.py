"""`benchsuite report`: results as a page to look at, and as plots for papers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchsuite.cli.options import filter_option, output_options

if TYPE_CHECKING:
    from benchsuite.report.charts.entries import Data

DEFAULT = Path("report.html")


@click.command()
@click.argument("results", metavar="RESULT...", nargs=-1, required=True, type=click.Path(path_type=Path))
@output_options("The page.  [default: report.html, unless plots are asked for]")
@click.option(
    "--png", type=click.Path(path_type=Path), metavar="DIR", help="Also every plot as a PNG file in DIR."
)
@click.option(
    "--svg",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also every plot as an SVG file in DIR, with text as text.",
)
@click.option(
    "--plots",
    "patterns",
    multiple=True,
    metavar="NAME[,...]",
    help="Only plots of this name or kind, as 'mbps-by-size*' or latency; `list` prints the names.",
)
@click.option("--missing", is_flag=True, help="Only plots whose files are not there yet: go on after an end.")
@click.option(
    "--base",
    metavar="BACKEND",
    help="What other backends are held against.  [default: software, if it is there]",
)
@click.option("--title", default="", help="Of the page.  [default: the profiles]")
@filter_option()
def command(
    results: tuple[Path, ...],
    output: Path | None,
    png: Path | None,
    svg: Path | None,
    patterns: tuple[str, ...],
    missing: bool,
    base: str | None,
    title: str,
    filters: tuple[str, ...],
    overwrite: bool,
) -> int:
    """Make a page of RESULTs, files that `run` or `import` wrote: plots, ratios, tables, all in one file.

    The page asks for nothing from any network. The first RESULT is what the others are compared with.

    \b
    Examples:
      benchsuite report results/sizes.json -o sizes.html
      benchsuite report before.json after.json -o change.html
      benchsuite report results/hardware.json --svg figures --png figures
      benchsuite report sizes.json --png figures --plots 'mbps-by-size*'
    """
    from benchsuite.cli import outputs, plots
    from benchsuite.cli.errors import say
    from benchsuite.report.charts.timelines import timelines
    from benchsuite.runs.outputs import write

    folders = {kind: folder for kind, folder in (("png", png), ("svg", svg)) if folder is not None}
    names = [part.strip() for text in patterns for part in text.split(",") if part.strip()]
    if plots.LIST in names:
        names.remove(plots.LIST)
        plots.show(plots.chosen(_data(results, filters, base), names))
        return 0
    _check(folders, names, missing)
    page = output or (None if folders else DEFAULT)
    if page is not None:
        outputs.check(page, overwrite)
    data = _data(results, filters, base)
    if folders:
        plots.make(plots.chosen(data, names), folders, overwrite, missing)
    if page is not None:
        from benchsuite.report.html.page import render

        write(page, render(data, title).encode())
        say(f"report: {page}")
    if data.measured:
        return 0
    if timelines(data):
        say("no case has a figure: what was noted until they were cut short is drawn")
        return 0
    say("no case has a figure: there is nothing to plot")
    return 3


def _check(folders: dict[str, Path], patterns: list[str], missing: bool) -> None:
    for given, option in ((patterns, "--plots"), (missing, "--missing")):
        if given and not folders:
            raise click.UsageError(f"{option} chooses plots: say with --png DIR or --svg DIR where they go")


def _data(results: tuple[Path, ...], filters: tuple[str, ...], base: str | None) -> Data:
    from benchsuite.compare.labels import label_of, shown
    from benchsuite.model import BenchsuiteError
    from benchsuite.report.charts.entries import collect
    from benchsuite.runs.comparisons import load
    from benchsuite.selection.filters import chosen, nothing_fits, parse
    from benchsuite.units import meant

    wanted = [parse(text) for text in filters]
    labelled = shown(*map(load, results))
    loaded = [(str(path), chosen(each, wanted)) for path, each in zip(results, labelled, strict=True)]
    if filters and not any(result.cases for _, result in loaded):
        raise nothing_fits((case for each in labelled for case in each.cases), wanted, "the results")
    backends = list(dict.fromkeys(case.case.backend for _, result in loaded for case in result.cases))
    base = base and label_of(base, labelled)
    if base is not None and base not in backends:
        raise BenchsuiteError(f"--base: no case with backend {base!r}: {meant(base, backends, 8)}")
    return collect(loaded, base or "")
