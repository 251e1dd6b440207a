"""QEMU's command line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchsuite.lab.arch import Arch
from benchsuite.lab.guest import Share
from benchsuite.lab.kernel import Kernel
from benchsuite.lab.programs import Failed, output
from benchsuite.model import CouldNotMeasure

KVM, TCG = "kvm", "tcg"

# An oops is the end of the machine, and the end comes at once; the log has warnings with their traces.
_KERNEL = "panic=-1 oops=panic loglevel=5"


@dataclass(frozen=True, slots=True)
class Machine:
    arch: Arch
    kernel: Kernel
    accelerator: str  # KVM or TCG
    cpus: int
    memory: int  # bytes
    append: str = ""  # to the kernel's command line


def version(arch: Arch) -> str:
    """`7.2.22`. Raises CouldNotMeasure where there is no QEMU, or a broken one."""
    try:
        text = output(arch.qemu, "--version")
    except Failed as error:
        raise CouldNotMeasure(f"{arch.qemu} does not run: {error}") from None
    match = re.search(r"version (\S+)", text)
    return match[1] if match else "of unknown version"


def command(machine: Machine, initrd: Path, console: Path) -> list[str]:
    """A machine that only boots: initrd is its first root file system, console the file that takes what
    the kernel prints."""
    accelerator = ["-accel", KVM, "-cpu", "host"]
    parameters = f"console={machine.arch.console} {_KERNEL}"
    if machine.accelerator == TCG:
        accelerator = ["-accel", "tcg,thread=multi", "-cpu", "max"]
        # The emulated counter is the host's own, the same for all CPUs, which the kernel cannot know:
        # it would take the HPET, at over a microsecond per look at the clock.
        parameters += " tsc=reliable"
    return [
        machine.arch.qemu,
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-no-reboot",
        "-machine",
        machine.arch.machine,
        *accelerator,
        "-smp",
        str(machine.cpus),
        "-m",
        f"{machine.memory >> 20}M",
        "-kernel",
        str(machine.kernel.image),
        "-initrd",
        str(initrd),
        "-append",
        f"{parameters} {machine.append}".rstrip(),
        "-chardev",
        f"file,id=console,path={_value(console)}",
        "-serial",
        "chardev:console",
    ]


def devices(ports: Mapping[str, int], shares: Sequence[Share]) -> list[str]:
    """What a guest with a command has beside: ports, name to the descriptor of a socket, as /dev/vport0pN
    in this order; the host's root, for reading; the shares; an accelerator for crypto."""
    options = ["-device", "virtio-serial-pci,id=ports"]
    for number, (name, descriptor) in enumerate(ports.items(), 1):
        options += ["-chardev", f"socket,id={name},fd={descriptor}"]
        options += ["-device", f"virtserialport,bus=ports.0,nr={number},chardev={name},name={name}"]
    for share in (Share("root", Path("/"), False), *shares):
        access = "" if share.writable else ",readonly=on"
        files = f"local,id={share.tag},path={_value(share.path)},security_model=none,multidevs=remap{access}"
        options += ["-fsdev", files]
        options += ["-device", f"virtio-9p-pci,fsdev={share.tag},mount_tag={share.tag}"]
    options += ["-object", "cryptodev-backend-builtin,id=crypto"]
    return [*options, "-device", "virtio-crypto-pci,cryptodev=crypto"]


def _value(path: Path) -> str:
    """QEMU's way to write a comma."""
    return str(path).replace(",", ",,")
