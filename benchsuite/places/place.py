"""The place where a worker process lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """command starts a worker there, which speaks on its standard input and output and ends with its input.
    Its variables and its directory are those of this process where they are None."""

    name: str  # what messages call it; "" needs no name
    command: tuple[str, ...]
    environment: Mapping[str, str] | None = None
    directory: str | None = None
    local: bool = True  # CPUs and files are those of this process
