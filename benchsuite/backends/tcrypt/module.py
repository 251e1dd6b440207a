"""Loading tcrypt, and what the kernel log says meanwhile.

The module works while it is being loaded and then refuses to stay, with EAGAIN: that is its success. What it
found is in the kernel log alone. While it works nothing can stop it: a modprobe that is killed has gone only
when the kernel is done.
"""

from __future__ import annotations

import errno
import os
import re
import subprocess
from contextlib import suppress
from pathlib import Path

from benchsuite.backends.errors import MeasureError

KMSG = "/dev/kmsg"
_MODULES = Path("/proc/modules")
_MODULES_DISABLED = Path("/proc/sys/kernel/modules_disabled")
_STATUS = Path("/proc/self/status")
_CAP_SYS_MODULE = 16
_MODPROBES = ("/usr/sbin/modprobe", "/sbin/modprobe")
_KERNELS_OWN = Path("/proc/sys/kernel/modprobe")
_RECORD_SIZE = 65536  # more than the kernel ever gives
_FIRST_LOOK, _LAST_LOOK = 0.005, 0.5  # seconds between two looks at whether it is done
_ON_PURPOSE = os.strerror(errno.EAGAIN)

_HINTS = {
    errno.EPERM: "it takes root (CAP_SYS_MODULE), and a kernel that is not locked down",
    errno.EKEYREJECTED: "the kernel loads only modules with a signature it knows (Secure Boot)",
    errno.ENOEXEC: "it is a module of another kernel",
}


def _modprobe() -> str:
    """Path of modprobe: where distributions have it, or where the kernel is told it is. Not by $PATH: it is
    run as root."""
    own = ""
    with suppress(OSError):
        own = _KERNELS_OWN.read_text().strip()
    for path in (*_MODPROBES, *([own] if own.startswith("/") and own.endswith("/modprobe") else [])):
        if os.access(path, os.X_OK):
            return path
    raise MeasureError("unavailable", "there is no modprobe here (Debian: apt install kmod)")


def _environment() -> dict[str, str]:
    return os.environ | {"LC_ALL": "C"}  # its messages are read


def check() -> None:
    """MeasureError("unavailable") where tcrypt cannot be loaded."""
    modprobe = _modprobe()
    found = subprocess.run(
        [modprobe, "-n", "-q", "tcrypt"], stdin=subprocess.DEVNULL, capture_output=True, env=_environment()
    )
    if found.returncode:
        raise MeasureError(
            "unavailable",
            f"Linux {os.uname().release} has no module tcrypt: it takes a kernel with "
            "CONFIG_CRYPTO_BENCHMARK=m (older ones: CONFIG_CRYPTO_TEST=m); `benchsuite lab run` tries one",
        )
    with suppress(OSError):
        if _MODULES_DISABLED.read_text().strip() == "1":
            raise MeasureError(
                "unavailable", "the kernel loads no modules any more (kernel.modules_disabled)"
            )
    if not _may_load_modules():
        raise MeasureError("unavailable", "loading a kernel module takes root (CAP_SYS_MODULE)")


def _may_load_modules() -> bool:
    with suppress(OSError):
        if found := re.search(r"^CapEff:\s*([0-9a-f]+)$", _STATUS.read_text(), re.MULTILINE):
            return bool(int(found[1], 16) >> _CAP_SYS_MODULE & 1)
    return os.geteuid() == 0


def _state() -> str:
    """State of the module: "Loading" while it works, "Live" where it stayed (in FIPS mode), "" where it is
    not."""
    with suppress(OSError):
        for line in _MODULES.read_text().splitlines():
            if line.startswith("tcrypt "):
                return "Live" if "Live" in line.split() else "Loading"
    return ""


def at_work() -> str:
    """A sentence where tcrypt is at work in the kernel, whoever loaded it; else ""."""
    if _state() != "Loading":
        return ""
    return (
        "tcrypt is still measuring in the kernel, where nothing can stop it, and disturbs whatever is "
        "measured meanwhile: wait until it has gone from /proc/modules"
    )


def _unload() -> None:
    subprocess.run([_modprobe(), "-r", "tcrypt"], stdin=subprocess.DEVNULL, capture_output=True)


class Since:
    """The records of a kernel log that come after a mark of ours."""

    def __init__(self, mark: str) -> None:
        self.mark, self.marked = mark, False
        self._lines: list[str] = []
        self._sequence = 0

    def add(self, record: str) -> None:
        """One record as /dev/kmsg gives it. Where the kernel has overwritten some before they were read, the
        next one's number says how many; that is kept in the kernel's own words for it."""
        sequence = int(record.split(",", 2)[1])
        if self.marked:
            if sequence > self._sequence + 1:
                self._lines.append(f"** {sequence - self._sequence - 1} printk messages dropped **")
            self._lines.append(record.rstrip("\n"))
        self.marked |= self.mark in record
        self._sequence = sequence

    def text(self) -> str:
        if not self.marked:
            raise MeasureError(
                "error",
                f"our own mark did not come back from {KMSG}: "
                "either printk.devkmsg=off, or the kernel log is too small for what is written to it",
            )
        return "\n".join(self._lines)


class KernelLog:
    """What the kernel writes from now on."""

    def __init__(self, what: str) -> None:
        """what: of the line that is left in the log as our mark."""
        self._since = Since(f"{what} (mark {os.urandom(8).hex()})")
        try:
            self._file = os.open(KMSG, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            os.lseek(self._file, 0, os.SEEK_END)
            with open(KMSG, "wb", buffering=0) as log:  # noqa: PTH123
                log.write(f"benchsuite: {self._since.mark}\n".encode())
        except OSError as error:
            raise MeasureError(
                "unavailable",
                f"the kernel log, where tcrypt leaves its figures, cannot be used: {KMSG}: {error.strerror}",
            ) from None

    def read(self) -> None:
        """Takes in what there is so far."""
        while True:
            try:
                data = os.read(self._file, _RECORD_SIZE)
            except BlockingIOError:
                return
            except BrokenPipeError:  # overwritten before it was read
                continue
            self._since.add(data.decode(errors="replace"))

    def text(self) -> str:
        """The records since the mark, as /dev/kmsg has it."""
        return self._since.text()

    def close(self) -> None:
        os.close(self._file)


def load(arguments: list[str]) -> str:
    """Loads tcrypt with these parameters, which takes as long as it measures, and returns the kernel log of
    that time. MeasureError with the kernel's words where it refused."""
    if running := at_work():
        raise MeasureError("unavailable", running)
    if _state() == "Live":  # one that stayed would not be loaded again
        _unload()
    log = KernelLog(f"tcrypt {' '.join(arguments)}")
    process = subprocess.Popen(
        [_modprobe(), "tcrypt", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=_environment(),
    )
    try:
        look = _FIRST_LOOK
        while True:
            try:
                _, said = process.communicate(timeout=look)
                break
            except subprocess.TimeoutExpired:
                log.read()
                look = min(2 * look, _LAST_LOOK)
        log.read()
        text = log.text()
    finally:
        process.kill()
        log.close()
    _check_end(process.returncode, said.decode(errors="replace"), text)
    return text


def _check_end(status: int, said: str, log: str) -> None:
    if status == 0:
        _stayed(log)
    elif _ON_PURPOSE not in said:
        raise MeasureError("unavailable", refusal(said, log))


def _stayed(log: str) -> None:
    """A module that did not refuse to stay: in FIPS mode it does, and goes when it is told to."""
    if "testing speed of" not in log and not _state():
        raise MeasureError(
            "unavailable",
            "tcrypt is built into this kernel, where it measures only while the machine starts; "
            "it takes a kernel that has it as a module",
        )
    _unload()


def refusal(said: str, log: str) -> str:
    """Why the kernel did not load it: modprobe's last words, what the kernel log adds, and a hint."""
    words = [line.strip() for line in said.splitlines() if line.strip()]
    last = re.sub(r"^modprobe: (ERROR|FATAL): ", "", words[-1]) if words else "modprobe said nothing"
    hints = [hint for code, hint in _HINTS.items() if os.strerror(code) in last]
    locked = [line.partition(";")[2] for line in log.splitlines() if "Lockdown:" in line]
    return "; ".join([last, *locked, *hints])
