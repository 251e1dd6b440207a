"""`benchsuite lab`: the suite, or any command, in a virtual machine with another kernel."""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import click

from benchsuite import files
from benchsuite.cli import run as run_command
from benchsuite.cli.errors import say
from benchsuite.cli.outputs import cut_short
from benchsuite.cli.remark_options import COMMAND, command_line, remarks
from benchsuite.cli.types import Duration, Size
from benchsuite.host.placement import Cpus, check_count
from benchsuite.lab.lab import AUTO, MEMORY, OutOfTime, default_cpus
from benchsuite.lab.qemu import KVM, TCG
from benchsuite.model import BenchsuiteError, CouldNotMeasure, Plan
from benchsuite.runs.outputs import kept
from benchsuite.runs.plan import make_plan


@click.group(name="lab")
def command() -> None:
    """Run in a virtual machine with another kernel: no reboot, nothing installed, root not needed.

    The machine sees this one's files, with the same Python and benchsuite. What is written to the current
    directory, and to the directory of -o, is kept; everything else is gone with the machine. The
    command is root in there. Kernels are Debian's, fetched once, or your own.

    \b
    Examples:
      benchsuite lab run sizes -b afalg
      benchsuite lab run sizes -b afalg --kernel oldest
      benchsuite lab run sizes -b afalg --kernel ~/linux/arch/x86/boot/bzImage
      benchsuite lab exec -- cat /proc/crypto

    Without KVM the CPU is emulated, and figures compare only with those of the same boot.
    """


_ENOUGH = Size(256 << 20, math.inf, "too little for the machine; at least 256M")
OPTIONS = [
    click.Option(
        ["-k", "--kernel"],
        metavar="VERSION|PATH",
        help="A kernel of `benchsuite lab kernels`, the beginning of its name (6.12), oldest or newest; "
        "or the path of a .deb, an image with its modules, or a directory.  [default: newest]",
    ),
    click.Option(
        ["--timeout", "limit"],
        type=Duration(),
        default="30m",
        show_default=True,
        help="End the machine after this long.",
    ),
    click.Option(
        ["--vcpus"],
        type=click.IntRange(1, 64),
        help="CPUs of the machine, as many.  [default: as many as here, at most 4]",
    ),
    click.Option(["--memory"], type=_ENOUGH, default=MEMORY, help="Memory of the machine.  [default: 3G]"),
    click.Option(
        ["--accel", "accelerator"],
        type=click.Choice([AUTO, KVM, TCG]),
        default=AUTO,
        show_default=True,
        help="The host's CPU (kvm) or an emulated one (tcg).",
    ),
    click.Option(["--append"], default="", metavar="TEXT", help="More for the kernel's command line."),
    click.Option(
        ["--console"],
        type=click.Path(path_type=Path, dir_okay=False),
        help="Keep the kernel's log in this file.",
    ),
]
_NAMES = [option.name for option in OPTIONS]


@command.command(name="exec", params=[*OPTIONS], context_settings={"allow_interspersed_args": False})
@click.argument("words", metavar="COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
def execute(words: tuple[str, ...], **given: Any) -> int:
    """Run COMMAND in the lab. Its exit status becomes that of `benchsuite lab exec`.

    \b
    Examples:
      benchsuite lab exec uname -r
      benchsuite lab exec --kernel 6.12 -- sh -c 'modprobe tcrypt mode=0; dmesg'
    """
    return _in_lab(words, [], given)


@command.command(name="run", params=[*run_command.command.params, *OPTIONS])
def run(**given: Any) -> int:
    """Measure PROFILE in the lab: `benchsuite run`, with all its options, on another kernel.

    \b
    Examples:
      benchsuite lab run quick
      benchsuite lab run sizes -b afalg --kernel oldest -o oldest.json

    The result says which machine it is from. A machine that crashes leaves the journal: the same command
    with --resume and -o goes on, and says what ran when it crashed.
    """
    inner = {name: value for name, value in given.items() if name not in _NAMES}
    # What is wrong with them is said before a machine is started.
    remarks(given["tags"], given["note"], given["anonymous"])
    plan = _plan(inner, given["vcpus"] or default_cpus())
    output: Path | None = kept(inner["output"])
    if output:
        files.check_writable(output)
    elif not inner["output"] and Path.cwd() == Path("/"):
        raise BenchsuiteError(
            "the result would be lost with the machine: go to a directory, or choose a file with -o"
        )
    began = time.time()
    try:
        return _in_lab([*_same(), "run", *words(inner)], [output.absolute().parent] if output else [], given)
    except (KeyboardInterrupt, CouldNotMeasure) as end:
        ended_by_us = isinstance(end, (KeyboardInterrupt, OutOfTime))
        if path := _left(plan, inner["output"], began, ended_by_us):
            say(f"lab: what was measured is kept; go on with the same command and -o {path} --resume")
        raise


def _plan(given: dict[str, Any], vcpus: int) -> Plan:
    """The plan as the machine will have it."""
    cpus: Cpus | None = given["cpus"]
    if cpus:
        check_count(cpus, vcpus, f"--vcpus {max(cpus) + 1} gives it more")
    chosen = given["overrides"], given["backends"], given["filters"]
    return make_plan(given["profile_name"], *chosen, len(cpus or ()))


def _same() -> list[str]:
    """The benchsuite that runs here, wherever it was found."""
    program = f"import sys; sys.path[:] = {sys.path!r}; from benchsuite.__main__ import main; main()"
    return [sys.executable, "-c", program]


def _left(plan: Plan, output: Path | None, began: float, ended_by_us: bool) -> Path | None:
    """The result whose journal the machine has left. Where it was us who ended the machine, the case that was
    running is not to blame, and has another turn when the run goes on."""
    from benchsuite import store
    from benchsuite.store import journal_path

    try:
        output = output or cut_short(plan.profile)
        if journal_path(output).stat().st_mtime < began:
            return None
        if ended_by_us:
            store.resume(output, boot="").journal.close()
    except (BenchsuiteError, OSError):
        return None
    return output


def words(parameters: dict[str, Any]) -> list[str]:
    """Parameters of `benchsuite run` as a command line."""
    options, arguments = [], []
    for param in run_command.command.params:
        value = parameters[param.name or ""]
        many = value if isinstance(value, tuple) else (value,)
        if isinstance(param, click.Argument):
            arguments += [str(one) for one in many]
        elif isinstance(param, click.Option) and param.is_flag:
            options += [param.opts[-1]] * bool(value)
        else:
            options += [f"{param.opts[-1]}={one}" for one in many if one is not None]
    return [*options, "--", *arguments]


@command.command()
def kernels() -> None:
    """List the kernels of the package archive and of the cache."""
    from tabulate import tabulate

    from benchsuite.lab import listing

    rows = [
        [kernel.release, kernel.version, kernel.size, ", ".join(kernel.marks)] for kernel in listing.kernels()
    ]
    click.echo(
        tabulate(rows, headers=["KERNEL", "PACKAGE", "MIB", ""], tablefmt="plain", disable_numparse=True)
    )
    click.echo(f"\nthe cache: {listing.place()}")


def _in_lab(words: Sequence[str], writable: list[Path], given: dict[str, Any]) -> int:
    from benchsuite.lab import Lab, Settings

    settings = Settings(
        given["kernel"],
        given["limit"],
        given["vcpus"] or 0,
        given["memory"],
        given["accelerator"],
        given["append"],
        given["console"],
    )
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _terminate)
    os.environ[COMMAND] = command_line()  # which the guest is given, for its results
    lab = Lab(settings, lambda text: say(f"lab: {text}"))
    sys.stdout.flush()
    return lab.run(words, [Path.cwd(), *writable], sys.stdout.buffer, sys.stderr.buffer)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
