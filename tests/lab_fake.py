"""A program in QEMU's place, and a host with it: the lab's own code is tested without a machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchsuite.lab import arch

QEMU = arch.this().qemu

# What the console keeps of a module that reads from nowhere.
CRASHED = """\x1bc\x1b[?7lSeaBIOS (version 1.16)\r
[    0.044000] tsc: Detected 2596.119 MHz processor\r
[   13.337231] WARNING: CPU: 0 PID: 157 at crypto/testmgr.c:5907 alg_test.cold+0x7c/0xf5\r
[   20.100001] BUG: kernel NULL pointer dereference, address: 0000000000000010\r
[   20.100002] #PF: supervisor read access in kernel mode\r
[   20.100003] Oops: 0000 [#1] PREEMPT SMP NOPTI\r
[   20.100004] Call Trace:\r
[   20.100005]  ? perhaps+0x1/0x2\r
[   20.100006]  surely+0x1/0x2\r
[   20.200000] Kernel panic - not syncing: Fatal exception\r
"""

# It has the ports' descriptors from the command line, as the real one.
FAKE = f"""#!{sys.executable} -IS
import os, re, sys, time
arguments = " ".join(sys.argv[1:])
if "--version" in arguments:
    print("QEMU emulator version 9.8.7 (Fake)")
    sys.exit()
console = open(re.search(r"id=console,path=(\\S+)", arguments)[1], "w")
ports = {{name: int(fd) for name, fd in re.findall(r"socket,id=(\\w+),fd=(\\d+)", arguments)}}
def say(port, text):
    os.write(ports[port], text.encode())
def mark():
    initrd = open(re.search(r"-initrd (\\S+)", arguments)[1], "rb").read()
    return re.search(rb"^mark=(\\S+)", initrd, re.M)[1].decode()
"""


class Fake:
    """A host with a QEMU of the test's, and a kernel for it."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.bin = directory, directory / "bin"
        self.bin.mkdir()
        self.temporary = directory / "tmp"
        self.temporary.mkdir()
        self.environment = {
            **os.environ,
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "TMPDIR": str(self.temporary),
            "BENCHSUITE_LAB_CACHE": str(directory / "cache"),
        }
        modules = directory / "kernel/lib/modules/6.9.1"
        (directory / "kernel/boot").mkdir(parents=True)
        (directory / "kernel/boot/vmlinuz-6.9.1").touch()
        modules.mkdir(parents=True)
        (modules / "modules.dep").touch()
        for name in ("modprobe", "depmod"):
            self.program(name, "#!/bin/sh\necho builtin it")
        self.arguments = ["lab", "exec", "--kernel", str(directory / "kernel"), "--accel", "tcg"]

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(f"{text}\n")
        (self.bin / name).chmod(0o755)

    def qemu(self, script: str) -> None:
        self.program(QEMU, FAKE + script)
