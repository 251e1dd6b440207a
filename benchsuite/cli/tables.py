"""Tables of lists, which fit the terminal."""

from __future__ import annotations

from collections.abc import Sequence

import click

from benchsuite.cli.options import terminal_width
from benchsuite.sheet.printable import wrap

_LONGEST_WORD = 32  # longer ones are broken


def table(rows: list[list[str]], headers: list[str], spare: str = "", align: Sequence[str] = ()) -> None:
    """Prints rows. spare: the column that is left out where a terminal is too narrow for all."""
    from tabulate import tabulate

    if width := terminal_width():
        narrow = fitting(rows, headers, width)
        if not narrow and spare:
            i = headers.index(spare)
            headers = headers[:i] + headers[i + 1 :]
            rows = [row[:i] + row[i + 1 :] for row in rows]
            narrow = fitting(rows, headers, width)
        rows = narrow or rows
    click.echo(
        tabulate(rows, headers=headers, tablefmt="plain", disable_numparse=True, colalign=align or None)
    )
    if spare and spare not in headers:
        click.echo(f"\nToo narrow for: {spare}.")


def fitting(rows: list[list[str]], headers: list[str], width: int) -> list[list[str]]:
    """Cells of several lines where the table is wider than that: the widest columns give way, down to their
    longest word. [] if that is not enough."""
    # tabulate keeps two columns beside a header
    columns = [[f"{header}__", *cells] for header, *cells in zip(headers, *rows, strict=True)]
    widths = [max(map(len, column)) for column in columns]
    words = [[len(word) for cell in column for word in cell.split()] for column in columns]
    least = [min(max(lengths), _LONGEST_WORD) for lengths in words]
    while sum(widths) + 2 * (len(widths) - 1) > width:
        able = [i for i, own in enumerate(widths) if own > least[i]]
        if not able:
            return []
        widths[max(able, key=lambda i: widths[i])] -= 1
    return [["\n".join(wrap(cell, own)) for cell, own in zip(row, widths, strict=True)] for row in rows]
