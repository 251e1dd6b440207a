"""Which `openssl` it was, as far as its output differs.

OpenSSL 1.1.1 was the first whose +F2 to +F5 are operations per second; before it, and in LibreSSL, they are
seconds of one. 1.1.0 was the first with a sixth size, 0.9.7 the first that began with 16 bytes.
"""

from __future__ import annotations

import re

_VERSION = re.compile(
    r"(?:version: (?P<short>\d\S{0,40})"
    r"|(?P<long>(?:OpenSSL|LibreSSL) \d\S{0,30}.{0,40}?)(?: +\(Library: .{0,60}\))?)$"
)
_NUMBER = re.compile(r"(LibreSSL )?(?:OpenSSL )?(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?")

LENGTHS = (16, 64, 256, 1024, 8192, 16384)
AEAD_LENGTHS = (2, 31, 136, 1024, 8192, 16384)
ONLY_AEAD = frozenset(AEAD_LENGTHS[:3])
MULTI_BLOCK_LENGTHS = (8192, 16384, 32768, 65536, 131072)


def in_line(text: str) -> str:
    """The version that a line says, or nothing."""
    match = _VERSION.match(text)
    return match["short"] or " ".join(match["long"].split()) if match else ""


def shown(version: str) -> str:
    return f"OpenSSL {version}" if version[:1].isdigit() else version


def short(version: str) -> str:
    """For a backend's name: `3.0.22`, `1.0.2g`, `LibreSSL-3.8.2`."""
    words = version.removeprefix("OpenSSL ").split()
    return "-".join(words[: 2 if words[:1] == ["LibreSSL"] else 1])


def has_seconds(version: str) -> bool | None:
    """Whether its +F2 to +F5 are seconds; None where the version is not known."""
    number = _number(version)
    return None if number is None else number < (1, 1, 1)


def lengths(version: str, count: int) -> tuple[int, ...]:
    """The sizes that so many figures of it are of where it was told none; () where it has not so many."""
    number = _number(version)
    if number and number < (0, 9, 7):
        return (8, *LENGTHS[1:5]) if count == 5 else ()
    few = number is None or number < (1, 1, 0)
    many = number is None or number >= (1, 1, 0)
    return LENGTHS[:count] if (count == 5 and few) or (count == 6 and many) else ()


def _number(version: str) -> tuple[int, int, int] | None:
    match = _NUMBER.match(version)
    if match is None:
        return None
    if match[1]:
        return 1, 0, 1  # LibreSSL went its own way after that one
    return int(match[2]), int(match[3]), int(match[4] or 0)
