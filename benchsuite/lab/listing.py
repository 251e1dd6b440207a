"""The kernels that `--kernel` can name."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from benchsuite.lab import arch, archive, cache

place = cache.place


@dataclass(slots=True)
class Listed:
    release: str
    version: str  # of the package
    size: str  # MiB to download; "" where the archive no longer has it
    marks: list[str] = field(default_factory=list)


def kernels() -> list[Listed]:
    """Kernels of the archive, where there is one, and of the cache; from old to new."""
    here = arch.this()
    known = archive.packages(here) if archive.available() else []
    found = {
        cache.name(package.release, package.version): Listed(
            package.release, package.version, str(package.size >> 20)
        )
        for package in known
    }
    for path in cache.kernels():
        _mark_cached(found, path)
    if known:
        own = archive.own_series(here, known)
        for package, mark in ((own[0], "oldest"), (own[-1], "newest, the default")):
            found[cache.name(package.release, package.version)].marks.append(mark)
    return sorted(found.values(), key=lambda kernel: archive.age(kernel.release))


def _mark_cached(found: dict[str, Listed], path: Path) -> None:
    release, archived, version = path.name.partition("_")
    if archived:  # others are .deb files of the user's, known by their content
        found.setdefault(path.name, Listed(release, version, "")).marks.append("in the cache")
