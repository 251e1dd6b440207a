"""Whether KVM works here: found out by starting a guest with it, and remembered until the next boot.
/dev/kvm may open and the guest hang all the same, in a virtual machine without nested ones for example."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from benchsuite import files
from benchsuite.host.files import boot_id
from benchsuite.lab import cache, initramfs, qemu
from benchsuite.lab.programs import find
from benchsuite.lab.qemu import KVM, TCG, Machine

DEVICE = Path("/dev/kvm")
LIMIT = 6.0  # seconds for the trial; a guest that works is there in one or two
_VERDICTS = "kvm.json"


def choose(machine: Machine, version: str) -> tuple[str, str]:
    """KVM or TCG, and in the latter case why: a phrase. machine: what the trial starts, with any accelerator;
    version: QEMU's."""
    if not DEVICE.exists():
        return TCG, f"there is no {DEVICE}"
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        return TCG, f"{DEVICE} is not for this user (group kvm)"
    asked = f"{boot_id()} {machine.arch.qemu} {version}"
    remembered = _remembered()
    if asked not in remembered:
        remembered = {asked: trial(machine)}  # of earlier boots nothing is worth keeping
        _remember(remembered)
    why = remembered[asked]
    return (TCG, f"KVM does not work here: {why}") if why else (KVM, "")


def trial(machine: Machine, limit: float = LIMIT) -> str:
    """Starts the kernel with KVM: "" where it lives, else what happened."""
    machine = replace(machine, accelerator=KVM, cpus=1, memory=512 << 20, append="")
    with tempfile.TemporaryDirectory(prefix="benchsuite-lab-") as name:
        initrd, console = Path(name, "initrd"), Path(name, "console")
        initrd.write_bytes(initramfs.of_trial())
        command = qemu.command(machine, initrd, console)
        try:
            done = subprocess.run(
                [find(command[0]), *command[1:]],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=limit,
            )
        except subprocess.TimeoutExpired:
            return f"a guest hung for {limit:g} s"
        if console.exists() and initramfs.ALIVE in console.read_text(errors="replace"):
            return ""
        said = done.stderr.strip().splitlines() or [f"QEMU ended with status {done.returncode}"]
        return said[0].removeprefix(f"{machine.arch.qemu}: ")


def _remembered() -> dict[str, str]:
    try:
        found = json.loads((cache.place() / _VERDICTS).read_text())
    except (OSError, ValueError):
        return {}
    whole = isinstance(found, dict) and all(isinstance(why, str) for why in found.values())
    return found if whole else {}


def _remember(verdicts: dict[str, str]) -> None:
    files.replace(cache.place() / _VERDICTS, f"{json.dumps(verdicts)}\n".encode())
