"""`benchsuite show`: a result file as text."""

from __future__ import annotations

from pathlib import Path

import click

from benchsuite.cli.options import (
    OF_FIGURES,
    all_option,
    check_formats,
    format_options,
    list_options,
    listing,
    print_result,
)
from benchsuite.collecting import without_collecting


@click.command()
@click.argument("result", type=click.Path(path_type=Path))
@list_options(*OF_FIGURES)
@all_option
@format_options
@without_collecting()
def command(
    result: Path,
    filters: tuple[str, ...],
    sort: str,
    keys: tuple[str, ...],
    show_all: bool,
    formats: tuple[str, ...],
    across: str | None,
    hz: int,
) -> None:
    """Print RESULT, a file that `benchsuite run` wrote. Of many cases a table is a summary, unless --all are
    asked for; programs get all of them (-f csv, -f json).

    \b
    Examples:
      benchsuite show hardware.json --filter 'backend=sim:qat-*' --sort rate
      benchsuite show results/hardware.json --group-by algorithm,request_size
      benchsuite show sizes.json --across backend --filter 'request_size>=1024'
    """
    from benchsuite import store
    from benchsuite.selection.filters import only
    from benchsuite.selection.keys import all_tags, check_tag_keys

    check_formats(formats, across, keys, sort)
    loaded = store.load(result)
    check_tag_keys(keys, all_tags(loaded.cases), "--group-by")
    found = only(loaded, filters, str(result))
    print_result(found, formats, hz, across, listing(result, show_all, sort, keys, filters))
