"""The lab: kernels found, fetched, kept. No machine is started; programs of the host are stood in for."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from benchsuite.lab import arch, archive, cache, kernel, listing, programs
from benchsuite.lab.arch import ARCHES
from benchsuite.lab.kernel import REQUIRED, Kernel
from benchsuite.model import BenchsuiteError, CouldNotMeasure

HERE = ARCHES["x86_64"]

# What apt-cache says on a Debian 12; the metapackages' versions decide what is usual.
PACKAGES = {
    "linux-image-6.1.0-9-amd64": "Version: 6.1.27-1\nSize: 1000\nDepends: kmod",
    "linux-image-6.1.0-47-amd64": "Version: 6.1.170-3\nSize: 1000\nDepends: kmod",
    "linux-image-6.1.0-56-amd64": "Version: 6.1.192-2\nSize: 1000\nDepends: kmod",
    "linux-image-6.1.0-56-cloud-amd64": "Version: 6.1.192-2\nSize: 1000\nDepends: kmod",
    "linux-image-6.1.0-56-rt-amd64": "Version: 6.1.192-2\nSize: 1000\nDepends: kmod",
    "linux-image-6.1.0-56-amd64-dbg": "Version: 6.1.192-2\nSize: 1000\nDepends: kmod",
    "linux-image-6.12.9+deb12-amd64": "Version: 6.12.9-1~deb12u1\nSize: 1000\nDepends: kmod",
    "linux-image-6.12.100+deb12-amd64": "Version: 6.12.100-1~deb12u1\nSize: 1000\nDepends: kmod",
    "linux-image-6.12-amd64": "Version: 6.12.100-1\nSize: 9\n"
    "Depends: linux-image-6.12.100+deb12-amd64 (= 6.12.100-1~deb12u1)",
    "linux-image-amd64": "Version: 6.1.192-2\nSize: 9\nDepends: linux-image-6.1.0-56-amd64 (= 6.1.192-2)",
}


class Host:
    """A host whose PATH has only what the test puts there, and an empty cache."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bin, self.cache = directory / "bin", directory / "cache"
        self.bin.mkdir()
        monkeypatch.setenv("PATH", str(self.bin))
        monkeypatch.setenv("BENCHSUITE_LAB_CACHE", str(self.cache))
        monkeypatch.setattr(programs, "SYSTEM", ())
        self.told: list[str] = []

    def program(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        path.chmod(0o755)

    def apt(self, packages: dict[str, str]) -> None:
        """apt-cache that knows these; apt-get that downloads a file with the package's name in it."""
        base = self.bin.parent / "packages"
        base.mkdir()
        for name, record in packages.items():
            (base / name).write_text(f"Package: {name}\n{record}\n\n")
        self.program(
            "apt-cache",
            f'cd "{base}"\ncase $1 in\npkgnames) ls ;;\n'
            'show) shift 2; cat "$@" 2>/dev/null || exit 100 ;;\nesac',
        )
        self.program("apt-get", 'echo "$3" >"${3%%=*}_${3#*=}_amd64.deb"')

    def unpacker(self) -> None:
        """dpkg-deb for what apt-get above brings, and depmod."""
        self.program(
            "dpkg-deb",
            'read -r package <"$2"; release=${package%%=*}; release=${release#linux-image-}\n'
            'mkdir -p "$3/boot" "$3/lib/modules/$release" "$3/usr/share/doc"\n'
            'echo image >"$3/boot/vmlinuz-$release"; echo map >"$3/boot/System.map-$release"',
        )
        self.program("depmod", 'echo >"$2/lib/modules/$3/modules.dep"')

    def choose(self, wanted: str | None) -> Kernel:
        return kernel.choose(wanted, HERE, self.told.append)

    def refuses(self, wanted: str | None, status: int = 2) -> str:
        with pytest.raises(BenchsuiteError) as error:
            self.choose(wanted)
        assert error.value.exit_status == status
        assert len(str(error.value).splitlines()) <= 2
        return str(error.value)

    def kept(self) -> list[str]:
        """Everything in the cache, but the lock."""
        return sorted(
            str(path.relative_to(self.cache)) for path in self.cache.rglob("*") if path.name != "lock"
        )


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, monkeypatch)


@pytest.fixture
def debian(host: Host) -> Host:
    host.apt(PACKAGES)
    host.unpacker()
    return host


def test_generic_kernels_from_old_to_new(debian: Host) -> None:
    assert [package.release for package in archive.packages(HERE)] == [
        "6.1.0-9-amd64",
        "6.1.0-47-amd64",
        "6.1.0-56-amd64",
        "6.12.9+deb12-amd64",
        "6.12.100+deb12-amd64",
    ]


@pytest.mark.parametrize(
    ("wanted", "release"),
    [
        (None, "6.1.0-56-amd64"),
        ("newest", "6.1.0-56-amd64"),
        ("oldest", "6.1.0-9-amd64"),
        ("6.1", "6.1.0-56-amd64"),
        ("6.12", "6.12.100+deb12-amd64"),
        ("6", "6.12.100+deb12-amd64"),
        ("6.12.9", "6.12.9+deb12-amd64"),
        ("6.1.0-47", "6.1.0-47-amd64"),
        ("6.1.0-47-amd64", "6.1.0-47-amd64"),
    ],
)
def test_what_a_word_means(wanted: str | None, release: str, debian: Host) -> None:
    chosen = debian.choose(wanted)
    assert chosen.release == release
    assert chosen.image.name == f"vmlinuz-{release}" and chosen.image.is_file()
    assert (chosen.modules / "modules.dep").is_file() and chosen.modules.name == release
    assert len(debian.told) == 1 and release in debian.told[0]

    debian.program("apt-get", "exit 1")  # what is in the cache needs no archive
    assert debian.choose(wanted) == chosen and len(debian.told) == 1


def test_a_cached_kernel_needs_no_apt(debian: Host) -> None:
    chosen = debian.choose("6.1.0-47")
    for name in ("apt-cache", "apt-get"):
        (debian.bin / name).unlink()
    assert debian.choose("6.1.0-47-amd64") == chosen
    message = debian.refuses(None, status=3)
    assert "no apt" in message and "--kernel PATH" in message and "6.1.0-47-amd64" in message


def test_a_newer_package_of_the_same_kernel_is_fetched(debian: Host, tmp_path: Path) -> None:
    first = debian.choose(None)
    for name in ("linux-image-6.1.0-56-amd64", "linux-image-amd64"):
        path = tmp_path / "packages" / name
        path.write_text(path.read_text().replace("6.1.192-2", "6.1.192-3"))
    assert debian.choose(None).image != first.image


def test_an_unknown_version(debian: Host) -> None:
    message = debian.refuses("6.1.0-57-amd64")
    assert "6.1.0-56-amd64 perhaps" in message and "lab kernels" in message
    assert "6.1.0-9-amd64 to 6.12.100+deb12-amd64" in debian.refuses("zzz")
    assert "lab kernels" in debian.refuses("6.1.0-4")  # no part of a name is cut


def test_a_host_without_debian_kernels(host: Host) -> None:
    host.apt({"bash": "Version: 5\nSize: 1"})
    message = host.refuses(None, status=3)
    assert "apt-get update" in message and "--kernel PATH" in message


def test_a_download_that_fails_leaves_nothing(debian: Host) -> None:
    debian.program("apt-get", "echo 'E: Failed to fetch it  404  Not Found' >&2; exit 100")
    message = debian.refuses("oldest", status=3)
    assert "404" in message and "apt-get update" in message
    assert debian.kept() == []


@pytest.mark.parametrize("culprit", ["dpkg-deb", "depmod"])
def test_an_unpacking_that_fails_leaves_nothing(culprit: str, debian: Host) -> None:
    program = debian.bin / culprit
    program.write_text(program.read_text() + "echo 'no space left' >&2; exit 2\n")
    assert "no space left" in debian.refuses("oldest")
    assert debian.kept() == []


def test_what_a_killed_one_left_is_removed(debian: Host) -> None:
    left = debian.cache / ".work-killed" / "half"
    left.mkdir(parents=True)
    chosen = debian.choose("oldest")
    assert not left.exists() and chosen.image.is_file()
    assert [path.name for path in cache.kernels()] == ["6.1.0-9-amd64_6.1.27-1"]


def test_the_list(debian: Host, tmp_path: Path) -> None:
    debian.choose("6.12.9")
    old = debian.cache / "kernels" / "6.1.0-3-amd64_6.1.8-1"
    old.mkdir()
    listed = {found.release: found for found in listing.kernels()}
    assert list(listed) == [
        "6.1.0-3-amd64",
        "6.1.0-9-amd64",
        "6.1.0-47-amd64",
        "6.1.0-56-amd64",
        "6.12.9+deb12-amd64",
        "6.12.100+deb12-amd64",
    ]
    assert listed["6.1.0-3-amd64"].marks == ["in the cache"] and listed["6.1.0-3-amd64"].size == ""
    assert listed["6.12.9+deb12-amd64"].marks == ["in the cache"]
    assert listed["6.1.0-9-amd64"].marks == ["oldest"]
    assert listed["6.1.0-56-amd64"].marks == ["newest, the default"]


def tree(path: Path, *releases: str, base: str = "lib") -> Path:
    for release in releases:
        (path / "boot").mkdir(parents=True, exist_ok=True)
        (path / "boot" / f"vmlinuz-{release}").write_bytes(bzimage(release))
        (path / base / "modules" / release).mkdir(parents=True)
    return path


def bzimage(release: str) -> bytes:
    """The part of an x86 image's header that says what it is."""
    head = bytearray(0x1000)
    head[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", head, 0x20E, 0x300)
    text = f"{release} (me@host) #1 SMP\0".encode()
    head[0x500 : 0x500 + len(text)] = text
    return bytes(head)


@pytest.mark.parametrize("base", ["lib", "usr/lib"])
def test_a_directory(base: str, host: Host, tmp_path: Path) -> None:
    path = tree(tmp_path / "mine", "6.9.1", base=base)
    chosen = host.choose(str(path))
    assert chosen == Kernel("6.9.1", path / "boot/vmlinuz-6.9.1", path / base / "modules/6.9.1")


def test_directories_that_are_no_one_kernel(host: Host, tmp_path: Path) -> None:
    assert "bzImage" in host.refuses(str(tmp_path))
    message = host.refuses(str(tree(tmp_path / "two", "6.9.1", "6.9.2")))
    assert "boot/vmlinuz-6.9.1, boot/vmlinuz-6.9.2" in message


def test_an_image_of_a_build_tree(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = tmp_path / "linux/arch/x86/boot/bzImage"
    image.parent.mkdir(parents=True)
    image.write_bytes(bzimage("6.9.0-rc1+"))
    monkeypatch.chdir(image.parent)
    message = host.refuses("./bzImage")
    assert "6.9.0-rc1+" in message and "make modules_install" in message
    modules = tmp_path / "linux/lib/modules/6.9.0-rc1+"
    modules.mkdir(parents=True)
    assert host.choose("./bzImage") == Kernel("6.9.0-rc1+", image, modules)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("vmlinux", b"\x7fELF" + bytes(100), "bzImage"),
        ("notes.txt", b"hello", "no kernel image"),
        ("empty", b"", "no kernel image"),
        ("cut", bzimage("6.9")[:0x210], "no kernel image"),
        ("kernel.deb", b"hello", "unpacked"),
    ],
)
def test_files_that_are_no_kernel(name: str, content: bytes, said: str, host: Host, tmp_path: Path) -> None:
    host.program("dpkg-deb", "echo 'not a Debian archive' >&2; exit 2")
    (tmp_path / name).write_bytes(content)
    assert said in host.refuses(str(tmp_path / name))
    assert "no such file" in host.refuses(str(tmp_path / "nothing"))


def test_an_arm_image_is_known_by_its_name(host: Host, tmp_path: Path) -> None:
    image = tmp_path / "boot" / "vmlinuz-6.1.0-56-arm64"
    tree(tmp_path, "6.1.0-56-arm64")
    image.write_bytes(bytes(0x38) + b"ARM\x64" + bytes(100))
    assert host.choose(str(image)).release == "6.1.0-56-arm64"


def test_a_package_of_the_users(debian: Host, tmp_path: Path) -> None:
    deb = tmp_path / "my.deb"
    deb.write_text("linux-image-6.9.1-mine=1\n")
    chosen = debian.choose(str(deb))
    assert chosen.release == "6.9.1-mine"
    (debian.bin / "dpkg-deb").unlink()
    assert debian.choose(str(deb)) == chosen  # from the cache
    deb.write_text("linux-image-6.9.1-mine=2\n")
    assert "dpkg-deb" in debian.refuses(str(deb), status=3)  # another content is another kernel


def with_modprobe(host: Host, tmp_path: Path, script: str) -> Kernel:
    """`script` answers for the module $1."""
    host.program("modprobe", f'for module; do :; done; set -- "$module"; {script}')
    path = tree(tmp_path / "mine", "6.9.1")
    (path / "lib/modules/6.9.1/modules.dep").touch()
    return host.choose(str(path))


def test_modules_that_are_needed(host: Host, tmp_path: Path) -> None:
    script = (
        'case $1 in overlay) echo "builtin overlay";;'
        ' *) echo "insmod /m/virtio.ko.xz "; echo "insmod /m/$1.ko.xz ";; esac'
    )
    base = with_modprobe(host, tmp_path, script).base()
    assert list(base) == list(REQUIRED)
    assert base["overlay"] == [] and base["9p"] == [Path("/m/virtio.ko.xz"), Path("/m/9p.ko.xz")]


def test_a_kernel_that_cannot_be_used(host: Host, tmp_path: Path) -> None:
    script = 'case $1 in 9p*) echo "FATAL: not found" >&2; exit 1;; esac; echo "insmod /m/$1.ko"'
    chosen = with_modprobe(host, tmp_path, script)
    with pytest.raises(BenchsuiteError, match=r"without CONFIG_NET_9P_VIRTIO, CONFIG_9P_FS\n.*cloud"):
        chosen.base()
    (chosen.modules / "modules.dep").unlink()
    with pytest.raises(BenchsuiteError, match=f"depmod -b {tmp_path / 'mine'} 6.9.1"):
        chosen.base()


def test_programs_that_are_missing_are_named_with_their_package(host: Host) -> None:
    with pytest.raises(CouldNotMeasure, match=r"sudo apt-get install qemu-system-x86$"):
        programs.find("qemu-system-x86_64")
    with pytest.raises(CouldNotMeasure, match=r"sudo apt-get install kmod$"):
        programs.output("depmod", "-b", "x")


def test_root_takes_no_modprobe_that_others_can_replace(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("modprobe", "qemu-system-x86_64"):
        host.program(name, "echo mine")
    host.bin.chmod(0o777)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert programs.look("modprobe") == host.bin / "modprobe"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert programs.look("modprobe") is None
    assert programs.look("qemu-system-x86_64")  # a machine of one's own is no risk to the system


def test_programs_that_hang_or_fail(host: Host) -> None:
    host.program("slow", "exec sleep 60")
    with pytest.raises(programs.Failed, match="longer than"):
        programs.output("slow", limit=0.1)
    host.program("bad", "echo first >&2; echo last >&2; exit 3")
    with pytest.raises(programs.Failed, match=r"^last$"):
        programs.output("bad")


def test_a_cache_that_cannot_be_made(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("BENCHSUITE_LAB_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(CouldNotMeasure, match="BENCHSUITE_LAB_CACHE"):
        cache.place()


def test_where_the_cache_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BENCHSUITE_LAB_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.place() == tmp_path / "xdg/benchsuite/lab"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.place() == tmp_path / ".cache/benchsuite/lab"


def test_another_architecture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(CouldNotMeasure, match="riscv64"):
        arch.this()
