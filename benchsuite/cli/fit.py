"""`benchsuite fit`: a simulated device from measurements."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchsuite.cli.options import output_options, terminal_width
from benchsuite.cli.types import Size
from benchsuite.sheet.numbers import percent, percent_cell

if TYPE_CHECKING:
    from benchsuite.fit import Fit, Residual, Sweep

SIZE = Size(1, 16 << 20, "not a size from 1 byte to 16 MiB")


@click.command()
@click.argument("result", type=click.Path(path_type=Path))
@output_options("The device's file, NAME.toml.", required=True)
@click.option("-b", "--backend", default="", metavar="NAME", help="Which, where RESULT has several.")
@click.option("-a", "--algorithm", default="", metavar="NAME", help="Likewise.")
@click.option("--op", type=click.Choice(["encrypt", "decrypt"]), help="Likewise.")
@click.option("--side", type=click.Choice(["A", "B"], case_sensitive=False), help="Of a result of --paired.")
@click.option("--from-size", type=SIZE, help="Only points from this size on.  [bytes, or such as 4KiB]")
@click.option("--to-size", type=SIZE, help="Only points up to this size.")
def command(
    result: Path,
    output: Path,
    backend: str,
    algorithm: str,
    op: str | None,
    from_size: int | None,
    to_size: int | None,
    side: str | None,
    overwrite: bool,
) -> None:
    """Fit a simulated device to RESULT, a sweep over sizes and q_len.

    Set-up time, rate, units that work side by side and depth of the ring, by least squares, in which single
    points far off (something else held the CPU) weigh little; then the device is simulated at every point,
    and the table says how far it is off.

    \b
    Example:
      benchsuite run queue-depth -b afalg --set request_size=64,8192 -o mine.json
      benchsuite fit mine.json -o mydevice.toml
      benchsuite run queue-depth -b sim:./mydevice.toml
    """
    from benchsuite import algorithms, fit, store
    from benchsuite.compare.labels import label_of, shown
    from benchsuite.fit.check import rms
    from benchsuite.runs.outputs import write
    from benchsuite.sheet.printable import wrap

    _check(output, overwrite)
    wanted = algorithms.find(algorithm).name if algorithm else ""
    (labelled,) = shown(store.load(result))
    backend = label_of(backend, [labelled]) if backend else ""
    sweep = fit.sweep(labelled, backend, wanted, op or "", from_size, to_size, side or "")
    found = fit.fit(sweep)
    sweep = fit.weighed(sweep, found.weights)
    write(output, fit.device_file(found, sweep, result.name).encode())
    residuals = fit.residuals(output, sweep.points)
    off = rms(residuals)
    write(output, fit.device_file(found, sweep, result.name, off).encode())
    _print(found, sweep, residuals)
    for text in (*sweep.left_out, *fit.warnings(found, sweep, off)):
        click.echo("\n".join(wrap(f"note: {text}", terminal_width(), 2)))
    path = output if output.is_absolute() else f"./{output}"
    click.echo(f"\n{output} is written: -b sim:{path} simulates it; what is assumed in it is called that.")


def _check(output: Path, overwrite: bool) -> None:
    from benchsuite.cli import outputs
    from benchsuite.model import BenchsuiteError

    if output.suffix != ".toml":
        raise BenchsuiteError(f"-o {output}: a device's file ends in .toml; use -o {output}.toml")
    outputs.check(output, overwrite)


def _print(found: Fit, sweep: Sweep, residuals: list[Residual]) -> None:
    from tabulate import tabulate

    from benchsuite.fit.check import rms
    from benchsuite.fit.sweep import dispatch, kept

    case = sweep.case
    what = "simulated" if sweep.simulated else "measured"
    click.echo(
        f"A simulated device, fitted to {len(sweep.points)} {what} points of {case.backend}, "
        f"{case.algorithm} {case.op} ({dispatch(case)})\n"
    )
    click.echo(tabulate(_parameters(found, sweep), tablefmt="plain", disable_numparse=True))
    rows = [
        [
            str(r.point.size),
            str(r.point.case.q_len),
            f"{r.point.mbps:.4g}",
            f"{r.mbps:.4g}",
            f"{100 * r.relative:+.2f}",
            "" if r.point.weight == 1 else percent_cell(r.point.weight, 0),
        ]
        for r in residuals
    ]
    headers = ["\nsize", "\nq_len", f"{what}\nMbps", "fitted (simulated)\nMbps", "residual\n%"]
    counting = [each for each in residuals if each.point in kept(sweep.points)]
    if any(point.weight < 1 for point in sweep.points):
        headers.append("weight\n%")
    else:
        rows = [row[:-1] for row in rows]
    click.echo()
    align = ["right"] * len(headers)
    click.echo(tabulate(rows, headers, tablefmt="plain", disable_numparse=True, colalign=align))
    worst = max(counting, key=lambda each: abs(each.relative))
    at = f"{worst.point.size} bytes, q_len {worst.point.case.q_len}"
    of = f" of the {len(counting)} points that count" if len(counting) < len(residuals) else ""
    click.echo(
        f"\nRMS residual{of} {percent(rms(residuals), 2)}, the largest {percent(worst.relative, 2)} at {at}."
    )


def _parameters(found: Fit, sweep: Sweep) -> list[list[str]]:
    """Name, value, and how far it is known."""
    from benchsuite.fit.bounds import UNITS
    from benchsuite.fit.warnings import units_told

    def off(name: str, value: float) -> str:
        return f"+- {percent(found.errors[name] / value, 2)}" if found.errors.get(name) and value else ""

    rows = [
        ["set-up", f"{found.setup_us:.4g} us", off("setup_us", found.setup_us)],
        ["rate", f"{found.rate_mbps:.4g} Mbps", off("per_byte_us", found.per_byte_us)],
    ]
    if found.synchronous:
        return [*rows, ["units", "1", "synchronous: the CPU is busy all the time, and a queue gains nothing"]]
    told = "" if UNITS in found.full else "assumed: they were never full"
    if not told and not units_told(found, sweep):
        told = "assumed: only one q_len was measured"
    rows.append(["units", str(found.units), told])
    rows.append(["outside the units", f"{found.latency_us:.4g} us", off("latency_us", found.latency_us)])
    if found.outside_us:
        rows.append(["", f"{found.outside_us * 1000:.4g} ns a byte", off("outside_us", found.outside_us)])
    if found.waiting_us:
        rows.append(["", f"{found.waiting_us:.4g} us", "waiting for an interrupt (coalesced)"])
    if found.serial_us:
        serial = off("serial_us", found.serial_us)
        rows.append(["one at a time", f"{found.serial_us:.4g} us", f"{serial} a request, whatever the size"])
    rows.append(["host's CPU", f"{found.host_us:.4g} us", "of the time outside the units, at least"])
    depth = str(found.depth) if found.depth else f"{sweep.depths[-1]}"
    rows.append(["ring depth", depth, "BUSY beyond" if found.depth else "or more: never BUSY"])
    sizes = (sweep.sizes[0], sweep.sizes[-1])
    knees = ", ".join(f"{found.knee(size):.1f} at {size} bytes" for size in sizes)
    return [*rows, ["full with a q_len of", knees, ""]]
