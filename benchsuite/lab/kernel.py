"""Which kernel: from what a user says (`--kernel`) to an image and its modules."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchsuite.lab import archive, cache
from benchsuite.lab.arch import Arch
from benchsuite.lab.programs import Failed, output
from benchsuite.model import BenchsuiteError, CouldNotMeasure
from benchsuite.units import nearest, shown

# Without these nothing is read or heard of the guest.
REQUIRED = {
    "virtio_pci": "VIRTIO_PCI",
    "virtio_console": "VIRTIO_CONSOLE",
    "9pnet_virtio": "NET_9P_VIRTIO",
    "9p": "9P_FS",
    "overlay": "OVERLAY_FS",
}
OLDEST, NEWEST = "oldest", "newest"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Kernel:
    """`modules` is the directory .../lib/modules/RELEASE."""

    release: str
    image: Path
    modules: Path

    def needs(self, module: str) -> list[Path] | None:
        """The files to insert for it, in order; empty where it is built in. None: there is no such module."""
        try:
            # Of this kernel only: the host's own configuration of modprobe is not asked.
            text = output(
                "modprobe",
                "-C",
                "/dev/null",
                "-d",
                self.modules.parents[2],
                "-S",
                self.release,
                "--show-depends",
                module,
            )
        except Failed:
            return None
        return [Path(line.split(maxsplit=1)[1].strip()) for line in text.splitlines() if "insmod" in line]

    def base(self) -> dict[str, list[Path]]:
        """The files of each of the REQUIRED modules. Raises BenchsuiteError where one is missing."""
        if not (self.modules / "modules.dep").is_file():
            raise BenchsuiteError(
                f"kernel {self.release}: {self.modules} has no modules.dep; "
                f"run: depmod -b {self.modules.parents[2]} {self.release}"
            )
        found = {module: self.needs(module) for module in REQUIRED}
        missing = [f"CONFIG_{REQUIRED[module]}" for module, files in found.items() if files is None]
        if missing:
            raise BenchsuiteError(
                f"kernel {self.release} cannot be used in the lab: it is without {', '.join(missing)}\n"
                "build it with them (y or m); of Debian's kernels take the generic, not the cloud one"
            )
        return {module: files or [] for module, files in found.items()}


def choose(wanted: str | None, arch: Arch, tell: Tell) -> Kernel:
    """wanted: None (the newest of the distribution's series), `oldest` or `newest` of it, a release or the
    beginning of one (6.12), a .deb, a directory, or an image. tell: takes a line when something
    is being fetched. Raises BenchsuiteError or CouldNotMeasure."""
    if wanted and ("/" in wanted or Path(wanted).exists()):
        return _of_path(Path(wanted).absolute())
    if wanted and (found := cache.fetched(wanted) or cache.fetched(f"{wanted}-{arch.debian}")):
        return _of_directory(found)
    if not archive.available():
        raise CouldNotMeasure(
            "there is no apt here to get a Debian kernel with; "
            f"give one as --kernel PATH (an image, a directory or a .deb){_cached()}"
        )
    if wanted in (None, NEWEST) and (usual := archive.standard(arch)) and (found := cache.fetched(*usual)):
        return _of_directory(found)  # without a look at the whole archive
    return _of_directory(_fetch(_pick(wanted, arch), tell))


def _cached() -> str:
    names = [path.name.partition("_")[0] for path in cache.kernels() if "_" in path.name]
    return f", or as one of the cache: {', '.join(names)}" if names else ""


def _pick(wanted: str | None, arch: Arch) -> archive.Package:
    known = archive.packages(arch)
    if not known:
        raise CouldNotMeasure(
            f"the package archive of this host has no Debian kernel (linux-image-VERSION-{arch.debian}): "
            f"sudo apt-get update, or give one as --kernel PATH{_cached()}"
        )
    if wanted in (None, OLDEST, NEWEST):
        own = archive.own_series(arch, known)
        return own[0] if wanted == OLDEST else own[-1]
    assert wanted
    meant = [package for package in known if re.match(rf"{re.escape(wanted)}([-.+]|$)", package.release)]
    if meant:
        return meant[-1]
    releases = [package.release for package in known]
    alike = nearest(wanted, releases)
    raise BenchsuiteError(
        f"--kernel {shown(wanted)}: no such kernel in the package archive"
        + (f"; {alike} perhaps?" if alike else f", which has {releases[0]} to {releases[-1]}")
        + "\n`benchsuite lab kernels` lists them; a file or directory is given with a slash, ./bzImage"
    )


def _fetch(package: archive.Package, tell: Tell) -> Path:
    if found := cache.fetched(package.release, package.version):
        return found
    with cache.workshop() as work:
        if found := cache.fetched(package.release, package.version):
            return found  # another process had it fetched meanwhile
        tell(f"fetching {package.name} {package.version} ({package.size >> 20} MiB), once")
        return cache.unpack(
            archive.download(package, work), cache.name(package.release, package.version), work
        )


def _of_path(path: Path) -> Kernel:
    if path.is_dir():
        return _of_directory(path)
    if not path.is_file():
        raise BenchsuiteError(f"--kernel {path}: there is no such file or directory")
    if path.suffix == ".deb":
        return _of_directory(cache.of_package(path))
    return _of_image(path)


def _of_directory(path: Path) -> Kernel:
    """The kernel in a directory, as its package unpacks it: boot/vmlinuz-RELEASE and lib/modules/RELEASE."""
    images = sorted(path.glob("boot/vmlinu[xz]-*"))
    found = []
    for image in images:
        release = image.name.partition("-")[2]
        modules = [
            place for base in ("lib", "usr/lib") if (place := path / base / "modules" / release).is_dir()
        ]
        found += [Kernel(release, image, place) for place in modules[:1]]
    if len(found) == 1:
        return found[0]
    if not found:
        raise BenchsuiteError(
            f"--kernel {path}: this directory has no boot/vmlinuz-VERSION with lib/modules/VERSION\n"
            "give the image of a build tree itself: .../arch/x86/boot/bzImage"
        )
    raise BenchsuiteError(
        f"--kernel {path}: there are several kernels in it; name one image: "
        + ", ".join(str(kernel.image.relative_to(path)) for kernel in found)
    )


def _of_image(path: Path) -> Kernel:
    release = _release(path)
    # Where `make modules_install INSTALL_MOD_PATH=` may have put them: the build tree's root is among these.
    places = [*list(path.parents)[:5], Path("/"), Path("/usr")]
    for place in places:
        if (modules := place / "lib" / "modules" / release).is_dir():
            return Kernel(release, path, modules)
    raise BenchsuiteError(
        f"--kernel {path}: it is {release}, and there is no lib/modules/{release} at or above it, nor in /\n"
        f"in a build tree: make modules_install INSTALL_MOD_PATH={path.parent}"
    )


def _release(image: Path) -> str:
    """From the header of an x86 image, else from a name as vmlinuz-RELEASE."""
    with image.open("rb") as file:
        head = file.read(0x10000)
    if head[0x202:0x206] == b"HdrS":
        (offset,) = struct.unpack_from("<H", head, 0x20E)
        text = head[offset + 0x200 :].partition(b"\0")[0]
        if words := text.decode("ascii", "replace").split():
            return words[0]
    elif head[:4] == b"\x7fELF":
        raise BenchsuiteError(f"--kernel {image}: an ELF file does not boot; take arch/x86/boot/bzImage")
    named = re.fullmatch(r"vmlinu[xz]-(\d.+)", image.name)
    if named and (head[0x38:0x3C] == b"ARM\x64" or head[:2] == b"\x1f\x8b"):
        return named[1]
    raise BenchsuiteError(f"--kernel {image}: this is no kernel image (bzImage, or vmlinuz-VERSION)")
