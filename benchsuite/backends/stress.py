"""`benchsuite verify --stress`: a driver in real traffic. Many sessions, each with its own key, many requests
outstanding on each, sizes, places and operations mixed, sessions opened and closed beside busy ones, and
every byte of every request checked.

Here the requests and what must become of them are made, by the reference; native/stress.c keeps the driver
busy with them, in an order that follows from the seed, as far as the timing of threads and driver lets it.
"""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from benchsuite import algorithms, backends
from benchsuite.algorithms import Algorithm
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.reference import Reference
from benchsuite.backends.session import Params, Session
from benchsuite.backends.survey import usable
from benchsuite.backends.verify import Checker
from benchsuite.model import DECRYPT
from benchsuite.native import Driver, ffi, lib, text_buffer, text_of

# Blocks, packets, around pages, and the largest that most drivers take at once.
SIZES = (
    1,
    15,
    16,
    17,
    64,
    100,
    255,
    256,
    1420,
    1488,
    1500,
    4080,
    4095,
    4096,
    4097,
    8192,
    16384,
    32768,
    65536,
)
RANDOM_SIZES = 21  # beside those, small ones more often
LARGEST_RANDOM = 16000
AAD_SIZES = (12, 20, 0, 1, 65)  # beside the algorithm's own
EVERY_FORGED = 5  # every so manieth authenticated decryption must fail
EVERY_EDGE_IV = 8  # every so manieth IV of a plain cipher is about to overflow as a counter
MOST_KEYS = 32
CHURN = 1000  # requests in a session's life, on average
STALL_NS = 5_000_000_000
MOST_FAULTS = 8  # told one by one
SLOT_OVERHEAD = 20 * 1024  # bytes of a request's memory beside four times its payload
PREPARING = 2.0  # seconds for the requests, on a slow machine


@dataclass(frozen=True, slots=True)
class Load:
    """How a driver is loaded. sessions: per worker; q_len: per session."""

    workers: int
    sessions: int = 4
    q_len: int = 16
    seconds: float = 1.0
    seed: int = 0


@dataclass(slots=True)
class Stressed:
    """What a driver was given, and what was wrong with it."""

    requests: int = 0
    bytes: int = 0
    forged: int = 0  # of the requests, those with a wrong tag
    busy: int = 0  # offers that the driver did not take
    sessions: int = 0  # opened
    high_water: int = 0  # most requests outstanding at once, of all sessions together
    seconds: float = 0.0
    facts: dict[str, str] = field(default_factory=dict)  # of one session: see bs_session_facts
    faults: int = 0
    kind: str = ""  # of the first one: a key of model.FAILURES
    told: list[str] = field(default_factory=list)  # the first faults, a sentence each


def default_workers() -> int:
    """Enough for two to meet in the driver, also where there is one CPU."""
    return max(2, min(4, len(os.sched_getaffinity(0))))


class Known(NamedTuple):
    """A request and its outcome. tag: what must come out, or what decryption is given."""

    source: bytes
    result: bytes
    iv: bytes
    aad: bytes
    tag: bytes
    status: int


class Table:
    """One key's requests, and the params of the sessions that may get them."""

    def __init__(self, params: Params, sizes: list[int], chance: random.Random) -> None:
        self.params = params
        self.reference = Reference(params.algorithm, params.key, params.mac_key)
        self.known = [self._make(size, i, chance) for i, size in enumerate(sizes)]

    def _make(self, size: int, index: int, chance: random.Random) -> Known:
        algorithm = self.params.algorithm
        iv = chance.randbytes(algorithm.iv_size)
        if algorithm.kind == "cipher" and index % EVERY_EDGE_IV == 0:
            iv = iv[: chance.choice((0, 8, 12))].ljust(algorithm.iv_size, b"\xff")[: algorithm.iv_size]
        aad, plain = chance.randbytes(self.params.aad_size), chance.randbytes(size)
        text, tag = self.reference.encrypt(iv, aad, plain)
        if self.params.op != DECRYPT:
            return Known(plain, text, iv, aad, tag, 0)
        if algorithm.authenticated and index % EVERY_FORGED == 0:
            return _forged(Known(text, plain, iv, aad, tag, -errno.EBADMSG), chance)
        return Known(text, plain, iv, aad, tag, 0)


def _forged(known: Known, chance: random.Random) -> Known:
    """One bit of the tag, the text or the AAD is another."""

    def flipped(data: bytes) -> bytes:
        at = chance.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]

    where = chance.choice(["tag", "tag", "source", *(["aad"] if known.aad else [])])
    return known._replace(**{where: flipped(getattr(known, where))})


class Tables:
    """The requests of all keys, and the C structures that show them to native/stress.c."""

    def __init__(self, driver: Driver, setting: str, algorithm: Algorithm, load: Load, more: Iterable[int]):
        self.driver, self.setting, self.algorithm = driver, setting, algorithm
        chance = random.Random(load.seed)
        wanted = usable(algorithm, {*SIZES, *(size for size in more if size <= SIZES[-1])})
        self.largest = wanted[-1]
        served = {op: self._served(op) for op in algorithm.ops}
        fixed = self._served_sizes(wanted)
        self.tables = []
        for i in range(min(load.workers * load.sessions, MOST_KEYS)):
            op = algorithm.ops[i % len(algorithm.ops)]
            aad_sizes = served[op]
            aad = aad_sizes[i // len(algorithm.ops) % len(aad_sizes)]
            sizes = [*fixed, *self._drawn(fixed, fixed != wanted, chance)]
            chance.shuffle(sizes)
            self.tables.append(Table(self._params(op, aad, chance), sizes, chance))
        self._alive: list[Any] = []
        self.c = ffi.new("bs_traffic[]", [self._traffic(table) for table in self.tables])

    def _drawn(self, fixed: list[int], only_fixed: bool, chance: random.Random) -> list[int]:
        """Sizes by chance; of a driver that does not serve all, of those that it is known to serve."""
        if only_fixed:
            return chance.choices(fixed, k=RANDOM_SIZES)
        drawn = [round(LARGEST_RANDOM ** chance.random()) for _ in range(RANDOM_SIZES)]
        return [usable(self.algorithm, [max(size, self.algorithm.min_size)])[0] for size in drawn]

    def _served_sizes(self, wanted: list[int]) -> list[int]:
        """Those that the driver does not refuse as a size; a wrong byte is for the load to find."""
        params = self._params(self.algorithm.ops[0], self.algorithm.aad_size, random.Random(1))
        session, checker = Session(params), Checker(params)
        try:
            checker.session(session, wanted)
        except MeasureError as error:
            if error.kind == "unsupported":
                raise
        finally:
            session.close()
        return [size for size in wanted if size not in checker.refused]

    def _params(self, op: str, aad_size: int, chance: random.Random) -> Params:
        return Params(
            self.driver,
            self.setting,
            self.algorithm,
            op,
            aad_size,
            self.largest,
            key=chance.randbytes(self.algorithm.key_size),
            mac=chance.randbytes(self.algorithm.mac_key_size),
        )

    def _served(self, op: str) -> list[int]:
        """The lengths of AAD that the driver takes; MeasureError("unsupported") if not even the usual one."""
        usual = self.algorithm.aad_size
        self._try(op, usual)
        found = [usual]
        for size in AAD_SIZES if self.algorithm.authenticated else ():
            try:
                self._try(op, size)
            except MeasureError as error:
                if error.kind != "unsupported":
                    raise
            else:
                found.append(size)
        return found

    def _try(self, op: str, aad_size: int) -> None:
        params = self._params(op, aad_size, random.Random(1))
        params.check()
        Session(params).close()

    def _traffic(self, table: Table) -> dict[str, Any]:
        known = ffi.new("bs_known[]", len(table.known))
        for c, one in zip(known, table.known, strict=True):
            # One block for all of it: an object per part would take longer than the parts.
            block = ffi.from_buffer(b"".join((one.source, one.result, one.iv, one.aad, one.tag, b"\0")))
            self._alive.append(block)
            at = ffi.cast("uint8_t *", block)
            c.src = at
            c.dst = at + len(one.source)
            c.iv = c.dst + len(one.result)
            c.aad = c.iv + len(one.iv)
            c.tag = c.aad + len(one.aad)
            c.size, c.status = len(one.source), one.status
        self._alive.append(known)
        return {"params": table.params.c, "known": known, "count": len(table.known)}


def _check_memory(load: Load, largest: int) -> None:
    needed = load.workers * load.sessions * load.q_len * (4 * largest + SLOT_OVERHEAD)
    available = backends._available_memory()
    if available is not None and needed > available:
        raise MeasureError(
            "unavailable",
            f"under load: so many requests need {needed / 1e9:.1f} GB of memory, {available / 1e9:.1f} GB "
            "are available; fewer --workers, --sessions or a smaller --q-len",
        )


def stress(
    backend: str, name: str, load: Load, sizes: Iterable[int], phase: Callable[[str], None]
) -> Stressed:
    """sizes: of a profile's requests, added to the mixture as far as they are not too large for it.
    MeasureError: "unsupported" when the backend has no such algorithm, or nothing that could be loaded;
    "unavailable" when the load cannot be had here."""
    from benchsuite.backends.stress_faults import tell

    found = backends.parse(backend)
    if found.driver is None or found.untouched:
        raise MeasureError("unsupported", "it has no driver that takes several requests at once")
    phase("preparing the load")
    tables = Tables(found.driver, found.setting, algorithms.find(name), load, sizes)
    _check_memory(load, tables.largest)
    phase("under load")
    result, faults = ffi.new("bs_stress_result *"), ffi.new("bs_stress_fault[]", MOST_FAULTS)
    text = text_buffer()
    c_load = {
        "workers": load.workers,
        "sessions": load.sessions,
        "q_len": load.q_len,
        "churn": CHURN,
        "time_ns": max(1, round(load.seconds * 1e9)),
        "stall_ns": STALL_NS,
        "seed": load.seed,
    }
    status = lib.bs_stress(
        found.driver.name.encode(),
        tables.c,
        len(tables.tables),
        ffi.new("bs_stress_load *", c_load),
        result,
        faults,
        MOST_FAULTS,
        text,
        len(text),
    )
    if status == -errno.EINTR:
        raise KeyboardInterrupt
    if status:
        raise MeasureError("unavailable", f"under load: {text_of(text)}")
    told = [tell(faults[i], tables.tables) for i in range(min(result.faults, MOST_FAULTS))]
    return Stressed(
        requests=result.requests,
        bytes=result.bytes,
        forged=result.refused,
        busy=result.busy,
        sessions=result.sessions,
        high_water=result.high_water,
        seconds=result.wall_ns / 1e9,
        facts=dict(line.split(": ", 1) for line in text_of(text).splitlines() if ": " in line),
        faults=result.faults,
        kind=told[0].kind if told else "",
        told=[fault.sentence for fault in told],
    )
