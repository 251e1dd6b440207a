"""`benchsuite show`: a result file as text."""

from __future__ import annotations

from pathlib import Path

import click

from benchsuite.cli.options import check_formats, format_options, print_result


@click.command()
@click.argument("result", type=click.Path(path_type=Path))
@format_options
def command(result: Path, formats: tuple[str, ...], across: str | None, hz: int) -> None:
    """Print RESULT, a file that `benchsuite run` wrote."""
    from benchsuite import store

    check_formats(formats, across)
    print_result(store.load(result), formats, hz, across)
