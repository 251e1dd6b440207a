"""What differs between CPU architectures. The guest runs the host's programs, so it has the host's."""

from __future__ import annotations

import platform
from dataclasses import dataclass

from benchsuite.model import CouldNotMeasure


@dataclass(frozen=True, slots=True)
class Arch:
    qemu: str
    machine: str  # QEMU's
    console: str
    debian: str  # in the names of packages


ARCHES = {
    "x86_64": Arch("qemu-system-x86_64", "pc", "ttyS0", "amd64"),
    "aarch64": Arch("qemu-system-aarch64", "virt,gic-version=max", "ttyAMA0", "arm64"),
}


def this() -> Arch:
    machine = platform.machine()
    if machine in ARCHES:
        return ARCHES[machine]
    raise CouldNotMeasure(f"the lab knows {' and '.join(ARCHES)} machines; this is a {machine}")
