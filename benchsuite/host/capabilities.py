"""What this machine can measure: cycle counters, AF_ALG, /dev/crypto, tcrypt, virtual machines, and
whether there is room for the result. What can be tried is tried."""

from __future__ import annotations

import errno
import os
import re
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from benchsuite.host.check import BAD, NOTE, OK, WARN, Check
from benchsuite.host.energy import POWERCAP, sensors
from benchsuite.host.files import Tree
from benchsuite.units import several

LITTLE_ROOM = 100 * 10**6  # bytes
NO_ROOM = 10**6
_TICKS = {"tsc": "time stamp counter", "cntvct": "ARM system counter, of some MHz"}
_CAP_SYS_MODULE, _CAP_SYS_ADMIN, _CAP_PERFMON = 16, 21, 38


def _capable(tree: Tree, *capabilities: int) -> bool:
    """Has this process any of them?"""
    match = re.search(r"^CapEff:\s*([0-9a-f]{1,16})$", tree.text("proc/self/status") or "", re.MULTILINE)
    return match is not None and any(int(match[1], 16) >> capability & 1 for capability in capabilities)


def cycles(tree: Tree, source: str | None) -> Check:
    """source: what the native core got when it tried (bs_cycles_source), if it was asked."""
    paranoid = tree.number("proc/sys/kernel/perf_event_paranoid")
    if paranoid is None:
        setting, cure = "the kernel has no perf events", "boot a kernel with CONFIG_PERF_EVENTS"
    else:
        setting = f"kernel.perf_event_paranoid = {paranoid}"
        cure = "sudo sysctl kernel.perf_event_paranoid=1"
    free = paranoid is not None and (paranoid <= 1 or _capable(tree, _CAP_SYS_ADMIN, _CAP_PERFMON))
    if free:
        # Allowed and yet not there: no counter. Loosening the setting further cures nothing.
        cure = "measure on bare metal, or give the virtual machine a PMU (QEMU: -cpu host,pmu=on)"
    if source == "perf" or (source is None and free):
        return Check("cycles", OK, setting if source is None else f"perf events ({setting})")
    if source is None and paranoid is not None and paranoid == 2:
        return Check("cycles", NOTE, setting, "cycles spent in the kernel are not counted", cure)
    if source is None:
        return Check("cycles", WARN, setting, "cycles cannot be counted", cure)
    if source == "perf-user":
        return Check(
            "cycles", NOTE, f"user space only ({setting})", "cycles spent in the kernel are not counted", cure
        )
    if source in _TICKS:
        why = "cycles are those of a clock at constant rate, and follow the frequency as seconds do"
        return Check("cycles", WARN, f"{_TICKS[source]} ({setting})", why, cure)
    return Check("cycles", WARN, f"none ({setting})", "there are no cycles per byte, only seconds", cure)


def energy(tree: Tree) -> Check:
    """Sensors from which joules are known."""
    found = sensors(tree)
    readable = [each for each in found if each.read(tree) is not None]
    if readable:
        return Check("energy", OK, several([each.name for each in readable], 4))
    if not found:
        why = "energy per Gbit is not told"
        return Check("energy", NOTE, "no sensor (RAPL, or hwmon's of power)", why)
    files = several([f"/{path}" for each in found for path in each.paths], 4)
    return Check(
        "energy",
        NOTE,
        f"{several([each.name for each in found], 4)}: only root may read them",
        "energy per Gbit is not told",
        "sudo chmod a+r " + (f"/{POWERCAP}/intel-rapl:*/energy_uj" if found[0].kind == "RAPL" else files),
    )


def try_afalg(kind: str, algorithm: str) -> int:
    """0, or the errno of opening it."""
    if not hasattr(socket, "AF_ALG"):
        return errno.EAFNOSUPPORT
    try:
        with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0) as alg:
            alg.bind((kind, algorithm))
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def afalg(tree: Tree, attempt: Callable[[str, str], int] = try_afalg) -> Check:
    """The kernel's crypto for user space, through a socket of its own family."""
    answers = {kind: attempt(kind, name) for kind, name in (("skcipher", "cbc(aes)"), ("hash", "sha256"))}
    why = "the kernel's crypto cannot be measured from user space"
    load = "sudo modprobe -a af_alg algif_skcipher algif_hash algif_aead"
    if not any(answers.values()):
        return Check("AF_ALG", OK, "cbc(aes) and sha256 can be opened")
    worst = next(code for code in answers.values() if code)
    if worst == errno.EAFNOSUPPORT:
        cure = f"{load}   # or a kernel with CONFIG_CRYPTO_USER_API_SKCIPHER, _HASH and _AEAD"
        return Check("AF_ALG", NOTE, "the kernel does not have it", why, cure)
    if worst in (errno.EPERM, errno.EACCES):
        cure = "outside of the container, or with --security-opt seccomp=unconfined"
        return Check("AF_ALG", NOTE, f"forbidden here ({os.strerror(worst)})", why, cure)
    missing = ", ".join(kind for kind, code in answers.items() if code)
    return Check("AF_ALG", NOTE, f"no {missing}: {os.strerror(worst)}", why, load)


def dev_crypto(tree: Tree) -> Check:
    found = _device(tree, "dev/crypto")
    if found == 0:
        return Check("/dev/crypto", OK, "can be opened")
    why = "the cryptodev backend cannot run"
    if found in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        cure = "build cryptodev-linux for this kernel, then: sudo modprobe cryptodev"
        return Check("/dev/crypto", NOTE, "not there", why, cure)
    return Check("/dev/crypto", WARN, os.strerror(found), why, "sudo chmod a+rw /dev/crypto")


def _device(tree: Tree, path: str) -> int:
    """0, or the errno of opening it."""
    try:
        os.close(os.open(tree.root / path, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def tcrypt(tree: Tree) -> Check:
    """The kernel's own benchmark is a module that runs while it is being loaded."""
    release = tree.text("proc/sys/kernel/osrelease")
    why = "the kernel's own benchmark cannot run"
    if tree.number("proc/sys/kernel/modules_disabled"):
        return Check(
            "tcrypt",
            NOTE,
            "the kernel loads no modules any more",
            why,
            "reboot; kernel.modules_disabled cannot be taken back",
        )
    modules = tree.text(f"lib/modules/{release}/modules.dep") or ""
    if "/tcrypt.ko" not in modules:
        cure = (
            "a kernel with CONFIG_CRYPTO_BENCHMARK=m (older ones: CONFIG_CRYPTO_TEST=m), or the lab's: "
            "benchsuite lab run"
        )
        return Check("tcrypt", NOTE, "no such module for this kernel", why, cure)
    if not _capable(tree, _CAP_SYS_MODULE):
        return Check(
            "tcrypt", NOTE, "the module is there, but loading it takes root", why, "sudo benchsuite run ..."
        )
    return Check("tcrypt", OK, "the module is there and can be loaded")


def fips(tree: Tree) -> Check:
    value = tree.number("proc/sys/crypto/fips_enabled")
    if value is None:
        return Check("FIPS mode", OK, "not in this kernel")
    if value == 0:
        return Check("FIPS mode", OK, "off")
    return Check(
        "FIPS mode",
        NOTE,
        "on",
        "DES, MD5, ChaCha20 and others are refused, and their cases have no figure",
        "boot with fips=0",
    )


def room(results: Path, free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free) -> Check:
    """Where the result file will land, or its nearest parent that is there already."""
    place = next(path for path in (results.absolute(), *results.absolute().parents) if path.is_dir())
    name = f"room in {results}"
    cure = "choose another place with -o"
    if not os.access(place, os.W_OK | os.X_OK):
        return Check(name, BAD, f"{place} cannot be written", "a result cannot be saved", cure)
    left = free(place)
    found = f"{left / 10**6:.0f} MB"
    if left < LITTLE_ROOM:
        why = "a result cannot be saved" if left < NO_ROOM else "a long run may fill it"
        return Check(
            name, BAD if left < NO_ROOM else WARN, found, why, f"df -h {place}; make room, or {cure}"
        )
    return Check(name, OK, found)
