"""/proc/crypto: which drivers the kernel has for an algorithm, without asking it to make one.

Reading changes nothing. Opening an algorithm that is a template (`hmac(sha256)`) and is not listed
makes an instance that stays, and serves the whole system, so what only wants to know looks here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PATH = Path("/proc/crypto")


class KernelDriver(NamedTuple):
    """One block of /proc/crypto. Of several with the same `name` the kernel takes the highest priority."""

    name: str  # of the algorithm: `cbc(aes)`
    driver: str  # `cbc-aes-aesni`
    module: str
    priority: int
    kind: str  # "skcipher", "aead", "shash", "ahash", ...
    asynchronous: bool
    internal: bool  # a part of another driver; nobody else can have it
    tested: bool  # its self-test has passed


def parse(text: str) -> list[KernelDriver]:
    """The blocks in their order; one without a name and a driver is left out."""
    found = []
    for block in text.split("\n\n"):
        pairs = (line.partition(":") for line in block.splitlines())
        keys = {key.strip(): value.strip() for key, _, value in pairs}
        if not keys.get("name") or not keys.get("driver"):
            continue
        priority = re.fullmatch(r"-?[0-9]{1,10}", keys.get("priority", ""))
        found.append(
            KernelDriver(
                keys["name"],
                keys["driver"],
                keys.get("module", ""),
                int(priority[0]) if priority else 0,
                keys.get("type", ""),
                keys.get("async") == "yes",
                keys.get("internal") == "yes",
                keys.get("selftest", "passed") == "passed",
            )
        )
    return found


def read(path: Path = PATH) -> list[KernelDriver]:
    """[] where the kernel has none of this, or does not show it."""
    try:
        return parse(path.read_text(errors="replace"))
    except OSError:
        return []


def serving(name: str, listed: Iterable[KernelDriver]) -> list[KernelDriver]:
    """The drivers of an algorithm, the one the kernel would take first."""
    return sorted((each for each in listed if each.name == name), key=lambda each: -each.priority)
