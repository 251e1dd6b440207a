"""`benchsuite import`: what other programs printed, as a result."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from benchsuite.cli import outputs
from benchsuite.cli.errors import say
from benchsuite.cli.options import check_formats, format_options, listing, output_options, print_result
from benchsuite.cli.remark_options import remark_options, remarks
from benchsuite.cli.types import Rate
from benchsuite.collecting import without_collecting
from benchsuite.files import check_size, read
from benchsuite.sheet.printable import clean
from benchsuite.units import many

if TYPE_CHECKING:
    from benchsuite.imports import Imported

_LONGEST_ROW = 200
_SHOWN = 5  # lines of a kind, unless all are asked for


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True)
)
@output_options("Result file.  [default: results/FILE-TIME.json]")
@click.option(
    "-s",
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=V",
    help="Say what the file does not: a parameter of every case, as q_len=40 or backend=openssl-4.",
)
@click.option(
    "--cycles-mhz",
    type=Rate(0.001, 1e6),
    help="Rate of the counter that tcrypt and imb-perf take cycles from; `dmesg | grep tsc` there has it.",
)
@click.option(
    "--sizes",
    metavar="N,N,...",
    help="Bytes of the columns of a table without a header, as `openssl speed -multi` prints it.",
)
@click.option(
    "--all",
    "show_all",
    is_flag=True,
    help="Print every case, and every line that gave no figure, not only a few.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print no figures; what was not understood is still said.")
@remark_options
@format_options
@click.pass_context
@without_collecting()
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    output: Path | None,
    overwrite: bool,
    settings: tuple[str, ...],
    cycles_mhz: float | None,
    sizes: str | None,
    show_all: bool,
    quiet: bool,
    tags: tuple[str, ...],
    note: str,
    anonymous: bool,
    formats: tuple[str, ...],
    across: str | None,
    hz: int,
) -> None:
    """Read figures that another program printed from FILE (- is standard input) into a result file, to show,
    compare and report them like any other. The format is recognised; several may be in one file, with
    anything between: a kernel log, a console, a CI job's output, a mail, a web page. Of several files, a
    case that is in more than one has the values of all.

    Runs in one file that differ by version, build, machine or the heading above them are kept apart: what
    differs is added to their backend, as openssl-speed:Before. What comes again and does not is a repetition,
    another value of its case, and is said.

    \b
    ocf-bench          OCF-Linux's kernel module, from the kernel log
    tcrypt             the kernel's tcrypt, from dmesg, journalctl -k or a console
    openssl-speed      openssl speed, also with -mr and -multi; and LibreSSL's
    cryptsetup         cryptsetup benchmark
    kcapi-speed        libkcapi's kcapi-speed, also with -r
    cryptodev-speed    speed and its relatives of cryptodev-linux
    dpdk-crypto-perf   dpdk-test-crypto-perf, also with --csv-friendly
    kunit              the kernel's KUnit benchmarks, lib/crypto and lib/crc
    imb-perf           imb-perf of intel-ipsec-mb
    go-testing         go test -bench, also with -json
    wolfcrypt          wolfCrypt's benchmark, also with -csv
    bssl-speed         bssl speed of BoringSSL and AWS-LC, also with -json
    mbedtls            programs/test/benchmark of mbed TLS and PolarSSL
    botan-speed        botan speed, also with --format=json and --format=table
    pytest-benchmark   its JSON
    csv                a table of anyone's, columns named as in docs/import.md

    Every figure keeps the line it is from. Lines that gave none are counted, shown and kept.

    \b
    Examples:
      dmesg | benchsuite import - -o results/tcrypt.json
      benchsuite import speed.txt --set backend=openssl-4.0
    """
    from benchsuite import imports, store
    from benchsuite.anonymous import result_without_names

    check_formats(formats, across)
    said = remarks(tags, note, anonymous)
    changed = imports.settings_of(settings)
    columns = imports.sizes_of(sizes) if sizes is not None else ()
    name = "imported" if str(files[0]) == "-" else files[0].stem
    path = outputs.for_result(output, name, overwrite)
    given_hz = hz if ctx.get_parameter_source("hz") is ParameterSource.COMMANDLINE else None
    known = imports.Known(given_hz, cycles_mhz * 1e6 if cycles_mhz else None, columns)
    named = [("standard input" if str(file) == "-" else str(file), file) for file in files]
    contents = [(name, _bytes(file, name)) for name, file in named]
    imported = imports.read(contents, known, changed)
    said.put_on(imported.result)
    result = imported.result
    if anonymous:
        lines = (line for _, data in contents for line in data.decode("utf-8", "replace").splitlines())
        result = result_without_names(result, lines)
    if path:
        store.save(result, path)
    if not quiet:
        print_result(result, formats, hz, across, listing(output, show_all))
    _tell(imported, show_all)
    say(outputs.in_words(path))


def _bytes(file: Path, name: str) -> bytes:
    from benchsuite.imports import TEXT

    if str(file) != "-":
        return read(file, TEXT)
    data = sys.stdin.buffer.read(TEXT.most + 1)
    check_size(data, TEXT, name)
    return data


def _tell(imported: Imported, show_all: bool) -> None:
    """What was found, and every kind of line that gave no figure."""
    for file in imported.files:
        figures = ", ".join(f"{count} of {program}" for program, count in file.counts.items())
        say(f"\n{clean(file.name)}: figures: {figures}; in {many(file.lines, file.unit)}")
        if file.labels:
            say(_cut(f"runs are told apart by: {', '.join(map(clean, file.labels))}"))
        if file.again:
            again = [f"  {clean(name)}: lines {clean(numbers)}" for name, numbers in file.again.items()]
            total = many(sum(file.counts.values()), "figure")
            why = "the same case comes again, and nothing tells its runs apart"
            _list(f"{total} make {many(file.cases, 'case')}, because {why}", again, show_all)
        unclear = [
            f"  line {each.number}: {clean(each.text)} ({each.why})"
            if each.number
            else f"  {clean(each.text)}"
            for each in file.unclear
        ]
        _list(f"{many(len(unclear), file.unit)} of a benchmark gave no figure", unclear, show_all)
        other = [f"  line {line.number}: {clean(line.raw)}" for line in file.other]
        _list(f"{many(len(other), file.unit)} not understood", other, show_all)
    if imported.cycles_only:
        say(
            f"{many(imported.cycles_only, 'case')} counted in CPU cycles, so without seconds: give "
            "--cycles-mhz, or to compare logs of one machine any rate, as 1000"
        )


def _list(title: str, rows: list[str], show_all: bool) -> None:
    if not rows:
        return
    shown = rows if show_all else rows[:_SHOWN]
    rest = len(rows) - len(shown)
    say(f"{title}{f', the first {len(shown)} (--all shows all)' if rest else ''}:")
    for row in shown:
        say(_cut(row))


def _cut(row: str) -> str:
    return row if len(row) <= _LONGEST_ROW else f"{row[: _LONGEST_ROW - 3]}..."
