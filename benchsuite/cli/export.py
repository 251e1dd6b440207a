"""`benchsuite export`: a result file in the format of another tool."""

from __future__ import annotations

from pathlib import Path

import click

from benchsuite.cli.options import OF_FIGURES, filter_option, output_options, sort_option
from benchsuite.collecting import without_collecting
from benchsuite.exports import EXPORTS

_FORMATS = "\n".join(f"      {name:18}{each.about}" for name, each in EXPORTS.items())


@click.command(
    help=f"""Write RESULT, a file that `run` or `import` wrote, for another tool.

    \b
    Formats:
{_FORMATS}

    \b
    Examples:
      benchsuite export results/quick.json --to pytest-benchmark -o quick.pytest
      benchsuite export results/quick.json --to openmetrics > bench.prom
    """
)
@click.argument("result", type=click.Path(path_type=Path))
@click.option(
    "-t", "--to", "name", required=True, type=click.Choice(list(EXPORTS)), help="The format; see above."
)
@filter_option()
@sort_option(*OF_FIGURES[:2])
@output_options("A file.  [default: standard output]")
@without_collecting()
def command(
    result: Path, name: str, filters: tuple[str, ...], sort: str, output: Path | None, overwrite: bool
) -> None:
    from benchsuite import store
    from benchsuite.cli import outputs
    from benchsuite.cli.errors import say
    from benchsuite.exports import render
    from benchsuite.runs.outputs import write
    from benchsuite.selection.filters import only
    from benchsuite.selection.keys import check as check_keys
    from benchsuite.view.listing import ORDERS, Listing

    if output is not None:
        outputs.check(output, overwrite)
    check_keys((), sort, ORDERS)
    loaded = Listing(sort).arranged(only(store.load(result), filters, str(result)))
    text = render(loaded, name).encode("utf-8", "replace")
    if left_out := EXPORTS[name].left_out(loaded):
        say(f"{left_out} of {len(loaded.cases)} cases have no {EXPORTS[name].needs} and are not in it")
    if output is None:
        click.echo(text, nl=False)
    else:
        write(output, text)
