"""A command in the lab, from its start to its exit status."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import benchsuite
from benchsuite.lab import accelerator, arch, guest, initramfs, kernel, qemu, vm
from benchsuite.lab.console import Console
from benchsuite.lab.qemu import TCG, Machine
from benchsuite.model import CouldNotMeasure
from benchsuite.units import format_duration, many

AUTO = "auto"
MEMORY = 3 << 30
UNTIL_BEGUN = 240.0  # seconds; an emulated machine takes 20 to 60 until its command begins


class OutOfTime(CouldNotMeasure):
    """The machine was ended because its time was over."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user chooses. kernel: as kernel.choose() takes it; cpus 0: as the host, at most four."""

    kernel: str | None = None
    limit: float = 1800.0  # seconds
    cpus: int = 0
    memory: int = MEMORY  # bytes
    accelerator: str = AUTO
    append: str = ""  # to the kernel's command line
    console: Path | None = None  # a file to keep the console's text in


def default_cpus() -> int:
    """CPUs of a machine for which nobody says how many."""
    return min(4, len(os.sched_getaffinity(0)))


class Lab:
    """A machine that was chosen and can be started. Raises BenchsuiteError where it cannot."""

    def __init__(self, settings: Settings, tell: Callable[[str], None]) -> None:
        """tell: takes lines for the person who waits."""
        self.settings, self.tell = settings, tell
        here = arch.this()
        version = qemu.version(here)
        cpus = settings.cpus or default_cpus()
        chosen = kernel.choose(settings.kernel, here, tell)
        self.machine = Machine(here, chosen, TCG, cpus, settings.memory, settings.append)
        name, self.why_slow = settings.accelerator, ""
        if name == AUTO:
            name, self.why_slow = accelerator.choose(self.machine, version)
        self.machine = replace(self.machine, accelerator=name)
        self.facts = f"QEMU {version}, {name}, {many(cpus, 'CPU')}, kernel {chosen.release}"

    def run(self, command: Sequence[str], writable: Iterable[Path], out: BinaryIO, err: BinaryIO) -> int:
        """Runs the command as root, in the directory we are in; its exit status. writable: directories whose
        writes reach the host. Raises CouldNotMeasure, with the end of the console, where there is none."""
        self.tell(self.facts + (f" ({self.why_slow})" if self.why_slow else ""))
        mark = f"end-{secrets.token_hex(16)}"
        with tempfile.TemporaryDirectory(prefix="benchsuite-lab-") as name:
            work = Path(name)
            shares = guest.shares(writable, self._read())
            (work / "initrd").write_bytes(self._initrd(command, shares, mark))

            def line(ports: dict[str, int]) -> list[str]:
                alone = qemu.command(self.machine, work / "initrd", work / "console")
                return alone + qemu.devices(ports, shares)

            for again in (True, False):  # a kernel that stands still while it boots is rare, and chance
                running = vm.Guest(line, mark, self.settings.limit, work / "qemu", UNTIL_BEGUN)
                try:
                    status = running.run(out, err, self._started)
                finally:
                    self._keep_console(work / "console")
                    if running.stuck:
                        self.tell(running.stuck)
                if not running.never_begun or not again:
                    break
                self.tell(
                    f"the machine had not begun after {format_duration(UNTIL_BEGUN)}: started once more"
                )
            if status is None:
                kind = OutOfTime if running.timed_out else CouldNotMeasure
                raise kind(self._why(running, work))
            return status

    def _read(self) -> list[Path]:
        """What the guest must see, wherever it is."""
        python = (sys.prefix, sys.base_prefix, *(path for path in sys.path if path.startswith("/")))
        package = Path(benchsuite.__file__).parent
        return [package, self.machine.kernel.modules, *(Path(p) for p in python if Path(p).exists())]

    def _initrd(self, command: Sequence[str], shares: list[guest.Share], mark: str) -> bytes:
        variables = guest.environment(self.facts, os.environ)
        kernel = self.machine.kernel
        return initramfs.of_host(kernel, guest.settings(command, Path.cwd(), variables, shares, kernel, mark))

    def _started(self, told: vm.Told) -> None:
        for note in told.notes:
            self.tell(note)

    def _keep_console(self, console: Path) -> None:
        if self.settings.console and console.exists():
            shutil.copy(console, self.settings.console)

    def _why(self, running: vm.Guest, work: Path) -> str:
        console = Console.of((work / "console").read_bytes() if (work / "console").exists() else b"")
        said = (work / "qemu").read_text(errors="replace").strip()
        when = "while the command ran" if running.told.started else "before the command began"
        if running.timed_out:
            reason = f"its limit of {format_duration(self.settings.limit)} passed {when} (--timeout)"
        elif running.never_begun:
            reason = f"twice it had not begun after {format_duration(UNTIL_BEGUN)}"
        elif console.end:
            reason = f"{console.end}, {when}"
        elif not console.text and said:
            reason = f"QEMU did not start it: {said.splitlines()[-1]}"
        else:
            reason = f"it ended {when}" + (f"; QEMU says: {said.splitlines()[-1]}" if said else "")
        tail = console.tail()
        return f"the lab's machine gave no result: {reason}" + (f"\nits console:\n{tail}" if tail else "")
