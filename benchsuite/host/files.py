"""Reading /proc and /sys: what is not there is None, never an error. The root can be another
directory, which is how tests make machines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/")


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a machine. Paths are relative to its root: `proc/cpuinfo`."""

    root: Path = ROOT

    @property
    def real(self) -> bool:
        """Is it the machine we run on, so that commands and system calls tell of the same one?"""
        return self.root == ROOT

    def text(self, path: str) -> str | None:
        """The stripped text; None for a file that is missing, unreadable or empty."""
        try:
            return (self.root / path).read_text(encoding="utf-8", errors="replace").strip() or None
        except (OSError, ValueError):
            return None

    def number(self, path: str) -> int | None:
        return integer(self.text(path) or "")

    def names(self, path: str) -> list[str]:
        try:
            return sorted(entry.name for entry in (self.root / path).iterdir())
        except OSError:
            return []

    def exists(self, path: str) -> bool:
        return (self.root / path).exists()


def boot_id(root: Path = ROOT) -> str:
    """Different after every boot; "" where the kernel does not tell."""
    return Tree(root).text("proc/sys/kernel/random/boot_id") or ""


def integer(text: str) -> int | None:
    """A decimal number such as the kernel prints."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None


def decimal(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,18})?", text) else None
