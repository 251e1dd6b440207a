"""The kernels in the package archive that apt is configured for on this host."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchsuite.lab.arch import Arch
from benchsuite.lab.programs import Failed, look, output
from benchsuite.model import CouldNotMeasure

UNPACKED = 6  # times the size of a package, with room to spare


@dataclass(frozen=True, slots=True)
class Package:
    """`linux-image-6.1.0-47-amd64`, 6.1.170-3, bytes to download."""

    name: str
    version: str
    size: int

    @property
    def release(self) -> str:
        """What `uname -r` says under it."""
        return self.name.removeprefix("linux-image-")


def series(release: str) -> str:
    """6.1 of 6.1.0-47-amd64."""
    return ".".join(release.split(".")[:2])


def age(release: str) -> list[int]:
    """Sorts releases from old to new: 6.1.0-9 before 6.1.0-47 before 6.12.100+deb12."""
    return [int(number) for number in re.findall(r"\d+", re.sub(r"-[a-z].*", "", release))]


def available() -> bool:
    return look("apt-cache") is not None


def packages(arch: Arch) -> list[Package]:
    """Generic kernels, from old to new. Cloud ones have no 9P and no virtio-crypto, real-time ones are
    another subject. Raises CouldNotMeasure where there is no apt."""
    try:
        known = output("apt-cache", "pkgnames", "linux-image-").split()
        generic = re.compile(rf"linux-image-\d[\d.]+[^-]*(-\d[^-]*)?-{arch.debian}")
        names = sorted(name for name in known if generic.fullmatch(name))
        records = output("apt-cache", "show", "--no-all-versions", *names) if names else ""
    except Failed as error:
        raise CouldNotMeasure(f"apt cannot tell which kernels there are: {error}") from None
    found = []
    for record in records.split("\n\n"):
        fields = dict(re.findall(r"^(Package|Version|Size|Depends): (.+)$", record, re.MULTILINE))
        # A metapackage has its kernel as a dependency; a name that others only mention has no file.
        if "Size" in fields and "linux-image-" not in fields.get("Depends", ""):
            found.append(Package(fields["Package"], fields["Version"], int(fields["Size"])))
    return sorted(found, key=lambda package: age(package.release))


def standard(arch: Arch) -> tuple[str, str] | None:
    """Release and version of the kernel that the distribution would install; None where it does not say."""
    try:
        record = output("apt-cache", "show", "--no-all-versions", f"linux-image-{arch.debian}")
    except Failed:
        return None
    match = re.search(r"^Depends: (?:.*, )?linux-image-(\S+) \(= (\S+)\)", record, re.MULTILINE)
    return (match[1], match[2]) if match else None


def own_series(arch: Arch, known: list[Package]) -> list[Package]:
    """Kernels of the series that the distribution would install; of the newest where it does not say.
    known: at least one, from old to new."""
    usual = standard(arch)
    wanted = series(usual[0] if usual else known[-1].release)
    return [package for package in known if series(package.release) == wanted] or known


def download(package: Package, directory: Path) -> Path:
    """The .deb, put into `directory`; apt verifies it. Raises CouldNotMeasure."""
    free = shutil.disk_usage(directory).free
    needed = UNPACKED * package.size
    if free < needed:
        raise CouldNotMeasure(
            f"{directory} has {free >> 20} MiB free, and {package.name} needs {needed >> 20}; "
            "set BENCHSUITE_LAB_CACHE to a directory with room"
        )
    with tempfile.TemporaryDirectory(dir=directory, prefix=".download-") as place:
        try:
            output(
                "apt-get", "download", "-qq", f"{package.name}={package.version}", cwd=Path(place), limit=1800
            )
            (deb,) = Path(place).glob("*.deb")
        except (Failed, ValueError) as error:
            raise CouldNotMeasure(
                f"{package.name} {package.version} could not be downloaded: {error}\n"
                "is the network there, and are the package lists of today? sudo apt-get update"
            ) from None
        return deb.rename(directory / deb.name)
