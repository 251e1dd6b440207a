"""What a column of a table is, by its name: a parameter of a case, a figure, or what goes with one.

Names are those of `benchsuite export --to csv` and csv-values, and what else people write. A unit may stand
in brackets behind a name, `rate (MB/s)`. A name that can mean two things means none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from fractions import Fraction

from benchsuite.facts import COUNTERS, PERCENTILES, STAGES
from benchsuite.model import OPEN_LOOP, Case

# What a figure of a request is in, after its factor
SECONDS, RATE, BITS, CYCLES, CYCLES_PER_BYTE = (
    "seconds",
    "requests per second",
    "bits per second",
    "cycles",
    "cycles per byte",
)

PARAMETERS = {each.name: each.name for each in fields(Case)} | {
    "request_size_bytes": "request_size",
    "size": "request_size",
    "size_bytes": "request_size",
    "aad_size_bytes": "aad_size",
    "aad": "aad_size",
    "tag_size_bytes": "tag_size",
    "qlen": "q_len",
    "queue_depth": "q_len",
    "iodepth": "q_len",
    "threads": "workers",
    "operation": "op",
    "direction": "op",
    "alg": "algorithm",
    "cipher": "algorithm",
}
STRONG = ("backend", "request_size", "q_len")  # a table with one of them is meant for benchsuite

SPREADS = ("values", "processes", "spread_fraction", "process_spread_fraction")
REQUESTS, WALL, CYCLES_OF_ALL = "requests", "wall_seconds", "cycles"
ARRIVED = ("offered", "dropped", "arriving_seconds", "latency_seconds", "carrying_seconds")  # of a value
ARRIVING = ("lat_mean_seconds", "offered_per_second", "carried_per_second", "dropped_fraction")  # of a case
BESIDE = {
    REQUESTS,
    WALL,
    CYCLES_OF_ALL,
    "user_seconds",
    "system_seconds",
    "timestamps_seconds",
    "cpu_fraction",
    "timestamps_fraction",
    "submit_fraction",
    "poll_fraction",
    "poll_wait_fraction",
    "joules_per_request",
    "version",
    "simulated",
    "status",
    "reason",
    "notes",
    "cycles_source",
    "process",
    "clock",
    "confidence",
    *(f"{stage}_{key}_seconds" for stage in STAGES for key in PERCENTILES),
    *COUNTERS,
    *SPREADS,
    *ARRIVED,
    *ARRIVING,
}
_SAME = {"iterations": REQUESTS, "seconds": WALL, "elapsed_seconds": WALL, "elapsed": WALL}
SAID_TWICE = {"name", "value", "crossing_seconds", "crossing_fraction"}  # the other columns say it, too

_TIMES = {"s": "1", "ms": "1e-3", "us": "1e-6", "µs": "1e-6", "μs": "1e-6", "ns": "1e-9"}
_PREFIXES = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9}
_ONE = ("request", "op", "operation")
_UNIT = re.compile(r"(.*?)\s*[\[(]([^\])]{1,30})[\])]$")
TWO_MEANINGS = "of one request or of all? name it ns_per_request, or wall_seconds beside requests"
BITS_OR_BYTES = "bits or bytes? name it Mbps, or MB/s"


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of a request: its number, times `factor`, is what `kind` says."""

    kind: str
    factor: Fraction = Fraction(1)


def _figures() -> Iterator[tuple[str, Measured]]:
    """With names in which case matters: a B is a byte and a b is a bit."""
    yield "cycles/byte", Measured(CYCLES_PER_BYTE)
    yield "cpb", Measured(CYCLES_PER_BYTE)
    for one in _ONE:
        yield f"cycles/{one}", Measured(CYCLES)
        yield f"seconds/{one}", Measured(SECONDS)
        yield from ((f"{unit}/{one}", Measured(SECONDS, Fraction(each))) for unit, each in _TIMES.items())
    for prefix, factor in _PREFIXES.items():
        for unit in ("bps", "b/s", "bit/s", "bits/s"):
            yield prefix + unit, Measured(BITS, Fraction(factor))
        for unit in ("Bps", "B/s", "byte/s", "bytes/s"):
            yield prefix + unit, Measured(BITS, Fraction(8 * factor))
        for unit in ("op/s", "ops/s", "operations/s", "req/s", "request/s", "requests/s"):
            yield prefix + unit, Measured(RATE, Fraction(factor))
    for power, prefix in enumerate("KMG", 1):
        yield f"{prefix}iB/s", Measured(BITS, Fraction(8 * 1024**power))


_BY_NAME = dict(_figures())
_BARE = {unit: Measured(SECONDS, Fraction(each)) for unit, each in _TIMES.items() if unit != "s"}
_BY_LOWER: dict[str, set[Measured]] = {}
for _name, _measured in _BY_NAME.items():
    _BY_LOWER.setdefault(_name.lower(), set()).add(_measured)
# Whoever writes mbps without a capital means Mbps; of mb/s that is not so sure.
_BY_LOWER |= {f"{prefix}bps".lower(): {_BY_NAME[f"{prefix}bps"]} for prefix in _PREFIXES}
_CAPITALS = {f"{prefix}BPS" for prefix in _PREFIXES if prefix}


@dataclass(slots=True)
class Columns:
    """The columns of a table, by their places in a row."""

    names: list[str]
    parameters: dict[str, int] = field(default_factory=dict)  # field of Case -> place
    figures: dict[int, Measured] = field(default_factory=dict)
    beside: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    unclear: dict[str, str] = field(default_factory=dict)  # name -> why it is not taken

    @property
    def taken(self) -> int:
        return len(self.parameters) + len(self.figures) + len(self.beside)

    @property
    def measures(self) -> bool:
        """Whether a row can have a figure."""
        return bool(self.figures) or {REQUESTS, WALL} <= self.beside.keys()

    @property
    def strong(self) -> bool:
        return any(key in self.parameters for key in STRONG)


def columns(cells: list[str]) -> Columns:
    found = Columns([cell.strip() for cell in cells])
    words = {_SAME.get(_word(name), _word(name)) for name in found.names}
    for place, name in enumerate(found.names):
        word = _SAME.get(_word(name), _word(name))
        if word in OPEN_LOOP and words.isdisjoint((*ARRIVED, *ARRIVING)):  # another table's `rate` is a speed
            found.unknown.append(name)
        elif word in PARAMETERS and PARAMETERS[word] not in found.parameters:
            found.parameters[PARAMETERS[word]] = place
        elif word in BESIDE and word not in found.beside and (word != CYCLES_OF_ALL or REQUESTS in words):
            found.beside[word] = place
        elif word not in SAID_TWICE and name:
            _figure(found, place, name, REQUESTS in words)
    return found


def _figure(found: Columns, place: int, name: str, of_all: bool) -> None:
    inside = _UNIT.fullmatch(name)
    for text in (name, inside[2] if inside else ""):
        key = _key(text)
        meant = {_BY_NAME[key]} if key in _BY_NAME else _BY_LOWER.get(key.lower(), set())
        if not meant and key.lower() == CYCLES_OF_ALL:
            meant = {Measured(CYCLES)}
        if len(meant) > 1 or key in _CAPITALS:
            found.unclear[name] = BITS_OR_BYTES
            return
        if not meant and key in _BARE:
            if of_all:
                found.unclear[name] = TWO_MEANINGS
                return
            meant = {_BARE[key]}
        if len(meant) == 1:
            [found.figures[place]] = meant
            return
    if inside and _word(inside[1]) in PARAMETERS and PARAMETERS[_word(inside[1])] not in found.parameters:
        found.parameters[PARAMETERS[_word(inside[1])]] = place  # size (bytes)
    else:
        found.unknown.append(name)


def _word(name: str) -> str:
    """`Request size` is request_size."""
    return re.sub(r"[\s_.-]+", "_", name.strip().lower())


def _key(name: str) -> str:
    """`seconds_per_request` is seconds/request, `MB/sec` is MB/s."""
    text = re.sub(r"[\s_-]+per[\s_-]+|\s*/\s*", "/", name.strip())
    return re.sub(r"/sec(?:ond)?s?$", "/s", re.sub(r"\s+", "_", text))
