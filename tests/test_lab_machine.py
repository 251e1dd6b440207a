"""The lab's machine: its files, its command line, its output and its end, with programs in QEMU's place."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import PATIENCE
from hypothesis import given, settings
from hypothesis import strategies as st
from lab_fake import CRASHED, Fake

from benchsuite.lab import accelerator, guest, initramfs, qemu, vm
from benchsuite.lab.arch import ARCHES
from benchsuite.lab.console import Console
from benchsuite.lab.guest import Share
from benchsuite.lab.kernel import Kernel
from benchsuite.lab.qemu import KVM, TCG, Machine

KERNEL = Kernel("6.9.1", Path("/k/boot/vmlinuz-6.9.1"), Path("/k/lib/modules/6.9.1"))
MACHINE = Machine(ARCHES["x86_64"], KERNEL, TCG, 2, 1 << 30)


def unpack(data: bytes) -> Iterator[tuple[str, int, bytes]]:
    """Name, mode and content of each entry of a cpio archive, read from the format's description."""
    at = 0
    while True:
        assert at % 4 == 0 and data[at : at + 6] == b"070701"
        fields = [int(data[at + 6 + 8 * i : at + 14 + 8 * i], 16) for i in range(13)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        name = data[at + 110 : at + 110 + name_size]
        assert name.endswith(b"\0")
        begin = (at + 110 + name_size + 3) // 4 * 4
        if name == b"TRAILER!!!\0":
            assert begin == len(data)
            return
        yield name[:-1].decode(), mode, data[begin : begin + size]
        at = (begin + size + 3) // 4 * 4


_NAMES = st.lists(st.text("abcé", min_size=1, max_size=5), min_size=1, max_size=4).map("/".join)


@settings(deadline=None)
@given(st.dictionaries(_NAMES, st.binary(max_size=9)))
def test_an_archive_holds_its_files(contents: dict[str, bytes]) -> None:
    files = {name: (0o100644, content) for name, content in contents.items()}
    found = list(unpack(initramfs.archive(files, ("proc",))))
    assert found[0] == ("proc", 0o040755, b"")
    assert {name: content for name, mode, content in found if mode == 0o100644} == contents
    names = [name for name, _, _ in found]
    assert len(names) == len(set(names))
    for position, name in enumerate(names):  # the kernel makes no parents
        assert "/" not in name or name.rpartition("/")[0] in names[:position]


def test_the_trial_has_a_shell_and_what_it_is_linked_with() -> None:
    found = {name: mode for name, mode, _ in unpack(initramfs.of_trial())}
    assert {"init", "bin/sh", "dev"} <= set(found)
    linked = subprocess.run(["ldd", "/bin/sh"], capture_output=True, text=True).stdout
    assert set(re.findall(r"/(\S+) \(0x", linked)) <= set(found)


def test_what_is_shared(tmp_path: Path) -> None:
    inner, other = tmp_path / "a" / "b", tmp_path / "c"
    inner.mkdir(parents=True)
    other.mkdir()
    (tmp_path / "link").symlink_to(other)
    writable = [tmp_path / "a", inner, tmp_path / "link", Path("/")]
    found = guest.shares(writable, [other, Path("/run"), Path("/usr")])
    assert found == [
        Share("write0", tmp_path / "a", True),
        Share("write1", other, True),
        Share("read2", Path("/run"), False),  # elsewhere the root shows it
    ]


def test_the_users_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "PATH": "/opt/bin:relative",
        "HOME": "/h",
        "CI": "1",
        "BENCHSUITE_X": "y",
        "LC_ALL": "C",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "BENCHSUITE_LAB": "old",
        "TMPDIR": "/host",
    }
    found = guest.environment("QEMU 1", given)
    bin = str(Path(sys.executable).parent)
    assert found["PATH"].startswith(f"{bin}:/opt/bin:/usr/local/sbin:") and "relative" not in found["PATH"]
    assert found["BENCHSUITE_LAB"] == "QEMU 1" and found["TMPDIR"].startswith("/run")
    assert found["HOME"] == "/h" and found["CI"] == "1" and found["BENCHSUITE_X"] == "y"
    assert "secret" not in found.values()


_WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@settings(deadline=None, max_examples=30)
@given(words=st.lists(_WORDS, max_size=4), value=_WORDS)
def test_a_command_arrives_as_it_was_given(words: list[str], value: str) -> None:
    shown = "[sys.argv[1:], os.environ['V'], os.getcwd(), len(os.environ)]"
    report = f"import json, os, sys; print(json.dumps({shown}))"
    text = guest.settings(
        [sys.executable, "-I", "-S", "-c", report, *words], Path("/usr"), {"V": value}, [], KERNEL, "m"
    )
    done = subprocess.run(
        ["sh", "-c", f"{text}\ncommand_of_user"], capture_output=True, timeout=PATIENCE, check=True
    )
    seen, variable, directory, count = json.loads(done.stdout)
    assert (seen, variable, directory) == (words, value, "/usr") and count <= 2  # LC_CTYPE is Python's own


def test_settings_name_what_the_scripts_read() -> None:
    text = guest.settings(["true"], Path("/"), {}, [Share("write0", Path("/a b"), True)], KERNEL, "mark")
    assert "    share write0 cache=mmap,rw '/a b'\n" in text
    scripts = "".join((initramfs.SCRIPTS / name).read_text() for name in ("init.sh", "guest.sh"))
    own = set(re.findall(r"^ *(?:for )?(\w+)(?:=| in )|read -r (\w+)|(\w+)=\$!", scripts, re.MULTILINE))
    read = set(re.findall(r"\$\{?([a-z]\w*)", scripts))
    defined = set(re.findall(r"^(\w+)=", text, re.MULTILINE)) | {"base"}
    assert read <= defined | {name for names in own for name in names}


@pytest.mark.parametrize("script", ["init.sh", "guest.sh"])
def test_the_scripts_are_shell(script: str) -> None:
    done = subprocess.run(["sh", "-n", initramfs.SCRIPTS / script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_command_line() -> None:
    emulated = qemu.command(MACHINE, Path("/w/initrd"), Path("/a,b/console"))
    assert "tcg,thread=multi" in emulated and "file,id=console,path=/a,,b/console" in emulated
    assert emulated[emulated.index("-m") + 1] == "1024M"
    parameters = emulated[emulated.index("-append") + 1]
    assert {"panic=-1", "oops=panic", "tsc=reliable"} <= set(parameters.split())
    real = qemu.command(Machine(ARCHES["x86_64"], KERNEL, KVM, 2, 1 << 30, "foo=bar"), Path("/i"), Path("/c"))
    parameters = real[real.index("-append") + 1]
    assert "host" in real and "tsc" not in parameters and parameters.endswith(" foo=bar")

    shared = qemu.devices({"out": 5, "err": 6}, [Share("write0", Path("/a,b"), True)])
    text = " ".join(shared)
    assert "path=/,security_model=none,multidevs=remap,readonly=on" in text
    assert "path=/a,,b,security_model=none,multidevs=remap -device" in text
    assert "socket,id=err,fd=6 -device virtserialport,bus=ports.0,nr=2,chardev=err" in text


def test_the_console_of_a_crash() -> None:
    console = Console.of(CRASHED.encode())
    assert console.end == (
        "kernel panic: Fatal exception (BUG: kernel NULL pointer dereference, address: 0000000000000010)"
    )
    assert console.tail().startswith("[   20.100001] BUG:") and console.tail().endswith("Fatal exception")
    assert "surely" in console.tail() and "perhaps" not in console.tail()
    assert "\x1b" not in console.text and "\r" not in console.text
    assert Console.of(b"[    1.0] all is well\n").end == "" and Console.of(b"").tail() == ""
    gave_up = (
        "benchsuite-lab: /x cannot be shared\n[  3.1] Kernel panic - not syncing: Attempted to kill init! x"
    )
    assert Console.of(gave_up.encode()).end == "/x cannot be shared"


@given(
    st.binary(), st.sampled_from([b"", b"end-0", b"end-", b"\0"]), st.binary(), st.lists(st.integers(1, 9))
)
def test_a_stream_is_what_was_before_its_mark(body: bytes, more: bytes, rest: bytes, cuts: list[int]) -> None:
    mark = b"end-0123456789abcdef"
    stream, out, data = vm.Stream(mark), b"", body + more + mark + rest
    for size in [*cuts, len(data)]:
        if not stream.ended:
            out += stream.feed(data[:size])
        data = data[size:]
    assert stream.ended and out == body + more and stream.rest() == b""
    cut = vm.Stream(mark)
    assert cut.feed(body + more) + cut.rest() == body + more


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    return Fake(tmp_path)


@pytest.fixture
def kvm(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """A /dev/kvm that opens."""
    device = fake.directory / "kvm"
    device.touch()
    monkeypatch.setattr(accelerator, "DEVICE", device)
    for name in ("PATH", "BENCHSUITE_LAB_CACHE"):
        monkeypatch.setenv(name, fake.environment[name])
    return fake


def test_a_guest_that_lives_is_kvm_and_remembered(kvm: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    kvm.qemu(f"console.write('panic ... {initramfs.ALIVE}')")
    assert accelerator.choose(MACHINE, "9.8.7") == (KVM, "")
    kvm.qemu("sys.exit(1)")
    assert accelerator.choose(MACHINE, "9.8.7") == (KVM, "")
    assert accelerator.choose(MACHINE, "9.9.0")[0] == TCG  # another QEMU may be another matter
    kvm.qemu(f"console.write('{initramfs.ALIVE}')")
    monkeypatch.setattr(accelerator, "boot_id", lambda: "another boot")
    assert accelerator.choose(MACHINE, "9.9.0") == (KVM, "")


def test_a_guest_that_dies_or_hangs_is_emulated(kvm: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    kvm.qemu("print(sys.argv[0].rpartition('/')[2] + ': no MSR', file=sys.stderr); os.abort()")
    assert accelerator.choose(MACHINE, "1") == (TCG, "KVM does not work here: no MSR")
    kvm.qemu("time.sleep(1000)")
    assert accelerator.trial(MACHINE, limit=0.5) == "a guest hung for 0.5 s"
    verdicts = kvm.directory / "cache" / "kvm.json"
    verdicts.write_text("{torn")
    kvm.qemu("sys.exit(5)")
    assert "status 5" in accelerator.choose(MACHINE, "1")[1]


class Stuck:
    """A process that no signal reaches."""

    pid = 4711

    def kill(self) -> None: ...

    def wait(self, timeout: float | None = None) -> int:
        assert timeout is not None, "for ever"
        raise subprocess.TimeoutExpired("qemu", timeout)


def test_a_machine_that_is_stuck_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []  # the ports: what is stuck closes nothing
    monkeypatch.setattr(
        vm.Guest, "_start", lambda guest, ports: held.extend(map(os.dup, ports.values())) or Stuck()
    )
    machine = vm.Guest(lambda ports: [], "mark", 0.1, tmp_path / "log")
    assert machine.run(io.BytesIO(), io.BytesIO(), lambda told: None) is None
    assert machine.timed_out and "4711" in machine.stuck and "stuck in the kernel" in machine.stuck
    for port in held:
        os.close(port)


def test_without_a_device_nothing_is_tried(kvm: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerator, "DEVICE", kvm.directory / "none")
    kvm.qemu("sys.exit('it was tried')")
    assert accelerator.choose(MACHINE, "1") == (TCG, f"there is no {kvm.directory / 'none'}")
