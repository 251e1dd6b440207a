"""Sizes, durations and rates as people write them, and the arithmetic of ocf-bench.

Parsers and the arithmetic raise ValueError with a sentence that can be shown as it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

_SIZE = re.compile(r"([0-9]{1,15}) ?(?:([kmg])(?:i?b)?|b)?", re.IGNORECASE)
_SIZE_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_NUMBER = r"(?:[0-9]{1,15}(?:\.[0-9]{1,15})?|\.[0-9]{1,15})"
_DURATION = re.compile(f"({_NUMBER}) ?(ns|us|µs|μs|ms|s|m|min|h)?")
_PART = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?) ?(ns|us|µs|μs|ms|min|s|m|h)(?![a-zµμ])")
_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "min": 60.0,
    "h": 3600.0,
}


def parse_size(text: str) -> int:
    """Bytes of `1488`, `64KiB`, `64k`, `1M`: units are powers of 1024, with or without iB or B."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{shown(text)} is not a size: write bytes, or a number with k, M or G (64KiB)")
    return int(match[1]) * _SIZE_UNITS[(match[2] or "").lower()]


def format_size(size: int) -> str:
    """The shortest exact way to write a size: 1488, 64KiB, 1MiB."""
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size and size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def parse_duration(text: str) -> float:
    """Seconds of `60s`, `20ms`, `2m`, `1.5h`, `9m50s`, `1h 30m`; a plain number is seconds. Of several parts
    each is in a smaller unit than the one before."""
    text = text.strip()
    if match := _DURATION.fullmatch(text):
        return float(match[1]) * _SECONDS[match[2] or "s"]
    found = _parts(text)
    if found is None:
        raise ValueError(
            f"{shown(text)} is not a duration: write seconds, or numbers with units (90s, 9m50s, 1.5h)"
        )
    return found


def _parts(text: str) -> float | None:
    """Seconds of several numbers with units, the largest unit first; None of anything else."""
    seconds, at, before = 0.0, 0, math.inf
    while match := _PART.match(text, at):
        factor = _SECONDS[match[2]]
        if factor >= before:
            return None
        seconds, at, before = seconds + float(match[1]) * factor, match.end(), factor
        at += at < len(text) and text[at] == " "
    return seconds if seconds < math.inf and 0 < at == len(text) and text[-1] != " " else None


def format_duration(seconds: float) -> str:
    """Text that parse_duration reads: 20ms, 1.5s, 2m, 9m50s, 1h30m. Above a minute in whole units, where
    nothing is lost by it."""
    if seconds >= 60 and seconds == round(seconds):
        minutes, rest = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        parts = ((hours, "h"), (minutes, "m"), (rest, "s"))
        return "".join(f"{number}{unit}" for number, unit in parts if number)
    for unit, factor in (("h", 3600.0), ("m", 60.0), ("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if abs(seconds) >= factor:
            return f"{seconds / factor:g}{unit}"
    return f"{seconds * 1e9:g}ns" if seconds else "0s"


def jiffies(seconds: float, hz: int) -> int:
    """Whole ticks of a clock of `hz` per second. Counted from whole nanoseconds, because
    1.004 * 250 is just below 251 in binary fractions."""
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(f"{seconds} is not a time in seconds")
    return round(seconds * 1e9) * _positive(hz, "hz") // 10**9


def ocf_kbps(requests: int, size: int, jiffies: int, hz: int) -> int:
    """ocf-bench's rate in 10^3 bits per second, all in integers as it is computed there:
    requests * size * 8 / (jiffies * 1000 / HZ)."""
    milliseconds = _positive(jiffies, "jiffies") * 1000 // _positive(hz, "hz")
    if milliseconds == 0:
        raise ValueError(f"{jiffies} jiffies at HZ {hz} are less than a millisecond, ocf-bench's least time")
    return requests * size * 8 // milliseconds


def ocf_bench_line(requests: int, size: int, jiffies: int, *, hz: int, seconds: float) -> str:
    """The line ocf-bench leaves in the kernel log, `seconds` after the machine's start:
    `[  583.128741] OCF: 45133 requests of 1488 bytes in 251 jiffies (535.122 Mbps)`."""
    kbps = ocf_kbps(requests, size, jiffies, hz)
    whole, micros = divmod(round(seconds * 1e9) // 1000, 10**6)  # cut off, not rounded, as printk does
    return (
        f"[{whole:5d}.{micros:06d}] OCF: {requests} requests of {size} bytes in {jiffies} jiffies "
        f"({kbps // 1000}.{kbps % 1000:03d} Mbps)"
    )


def _positive(number: int, what: str) -> int:
    if number < 1:
        raise ValueError(f"{what} must be at least 1, not {number}")
    return number


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None. Of equals the one that begins alike."""
    from difflib import SequenceMatcher, get_close_matches  # only a mistake needs it

    word = word[:60]

    def likeness(other: str) -> tuple[float, int]:
        alike = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), len(word))
        return SequenceMatcher(None, other, word).ratio(), alike

    return max(get_close_matches(word, known, 100), key=likeness, default=None)


def meant(word: str, known: Sequence[str], most: int | None = None) -> str:
    """The end of a message on a word that is not known: the one that was probably meant, or what there is."""
    near = nearest(word, known)
    return f"did you mean {near!r}?" if near else f"there are {', '.join(known[:most]) or 'none'}"


def shown(text: str, most: int = 60) -> str:
    """Text of a user's, quoted, on one line and not too long for a message."""
    return repr(shortened(text, most))


def shortened(text: str, most: int) -> str:
    """The text; of one that is too long its beginning, with dots."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def several(names: Sequence[str], most: int = 3) -> str:
    """a, b, c; of many, the first and how many more."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def listed(names: Sequence[str], most: int = 3) -> str:
    """a, b and c; of many, the first and how many more."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def many(number: int, what: str, plural: str = "") -> str:
    """1 case, 2 cases."""
    return f"{number} {what if number == 1 else plural or what + 's'}"


def first_sentence(text: str) -> str:
    match = re.match(r".+?[.?!](?=\s|$)", text)
    return match[0] if match else text
