"""Which simulated devices would serve a rate: each one that does the algorithm is simulated at one size, at
many depths of its queue, on its virtual clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from benchsuite import backends, percentiles, sim
from benchsuite.algorithms import ALGORITHMS, Algorithm, find
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.simulated import SimulatedEngine
from benchsuite.confidence import LEVELS
from benchsuite.facts import Fact
from benchsuite.model import BenchsuiteError, Case, Load
from benchsuite.units import listed

DEPTHS = (1, 2, 4, 8, 16, 32, 64, 128)
WAYS: tuple[dict[str, int], ...] = ({}, {"batch": 1}, {"batch": 1, "cbimm": 0})  # the first is the plainest
SURE = ("measured", "table", "constant")
SURELY, CLAIMED, GUESSED, SHORT = "surely", "by a claim", "by a guess", "not"
_ESP = "rfc4106-"
_LIMITS = {
    Fact.USED_UNITS: "units",
    Fact.USED_BUS: "bus",
    Fact.USED_SERIAL: "serial",
    Fact.USED_HOST: "host CPU",
}
_LENGTHS = {"128", "192", "256", "384", "512"}  # in which all algorithms are alike
_BUSY = 0.95  # from where on a part is what limits


@dataclass(frozen=True, slots=True)
class Spot:
    """A device under a load. Times are virtual seconds."""

    load: Load
    mbps: float
    p50: float
    p99: float
    cpu: float  # of the modelled host: 1 is one CPU that is busy
    limit: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A device that does the algorithm. at: the least depth that reaches the rate asked for, or the highest
    rate that it has. best: that with the highest rate."""

    device: str
    title: str
    algorithm: str  # as the device does it
    confidence: str
    serves: str
    at: Spot
    best: Spot


@dataclass(frozen=True, slots=True)
class Answer:
    """candidates: the most suitable first. others: devices that do not do it, with those of their algorithms
    that are nearest to it."""

    algorithm: str
    op: str
    size: int
    mbps: float | None
    candidates: tuple[Candidate, ...]
    others: dict[str, tuple[str, ...]]

    def of(self, serves: str) -> list[Candidate]:
        return [each for each in self.candidates if each.serves == serves]


def names(asked: str) -> list[str]:
    """The algorithms that are meant: the one of that name, and IPsec's template of it, or what the template
    is of. BenchsuiteError for a name that nobody knows."""
    name = find(asked).name
    alike = (name, _ESP + name, name.removeprefix(_ESP))
    return list(dict.fromkeys(each for each in alike if each in ALGORITHMS))


def size_for(algorithm: str, size: int, rounded: bool) -> int:
    """The size as the algorithm takes it. BenchsuiteError where it does not, and it is not to be rounded."""
    of = ALGORITHMS[algorithm]
    nearest = max(of.min_size, -(-size // of.block) * of.block)
    if nearest == size or rounded:
        return nearest
    if size < of.min_size:
        raise BenchsuiteError(f"--size {size}: {of.name} takes at least {of.min_size} bytes")
    below = nearest - of.block
    raise BenchsuiteError(f"--size {size}: {of.name} takes multiples of {of.block}: try {below} or {nearest}")


def op_for(algorithm: str, op: str | None) -> str:
    """The operation that is asked for, or the algorithm's first. BenchsuiteError for one that it has not."""
    ops = ALGORITHMS[algorithm].ops
    if op is None or op in ops:
        return op or ops[0]
    raise BenchsuiteError(f"--op {op}: {algorithm} has the operation{'s' * (len(ops) > 1)} {listed(ops)}")


def answer(asked: Sequence[str], op: str, size: int, mbps: float | None, devices: Iterable[str]) -> Answer:
    """asked: names of algorithms, the one that is preferred first. devices: names, or paths of files."""
    found, others = [], {}
    for device in devices:
        served = sim.load(device)
        done = next((name for name in asked if served.rate(name, op, size)), "")
        if not done:
            others[served.name] = _nearest(asked[0], served.algorithms)
            continue
        found.append(_candidate(device, ALGORITHMS[done], op, size, mbps))
    return Answer(asked[0], op, size, mbps, tuple(sorted(found, key=_rank)), others)


def _candidate(device: str, algorithm: Algorithm, op: str, size: int, mbps: float | None) -> Candidate:
    served = sim.load(device)
    rate = served.rate(algorithm.name, op, size)
    assert rate is not None
    spots = list(_spots(device, algorithm, op, size))
    best = max(spots, key=lambda spot: (spot.mbps, -spot.load.q_len))
    least = best.mbps * 0.999 if mbps is None else mbps  # deeper queues that gain nothing are not better
    reach = [spot for spot in spots if spot.mbps >= least]
    at = min(reach, key=lambda spot: (spot.load.q_len, spot.cpu / spot.mbps), default=best)
    serves = SHORT if not reach else _surely(rate.confidence)
    return Candidate(served.name, served.title, algorithm.name, rate.confidence, serves, at, best)


def _surely(confidence: str) -> str:
    return SURELY if confidence in SURE else CLAIMED if confidence in ("statement", "headline") else GUESSED


def _rank(candidate: Candidate) -> tuple[int, float, int]:
    """Surely before by a guess, and of those alike the one that takes the least of a CPU for each bit."""
    order = (SURELY, CLAIMED, GUESSED, SHORT).index(candidate.serves)
    cost = candidate.at.cpu / candidate.at.mbps if candidate.serves != SHORT else -candidate.best.mbps
    return order, cost, LEVELS.index(candidate.confidence)


def _spots(device: str, algorithm: Algorithm, op: str, size: int) -> Iterator[Spot]:
    """The plainest way at every depth; the others, which may help the host, at the largest ones. They are
    tried whatever rate is asked for: the highest that a device has does not depend on that."""
    yield from (_spot(device, algorithm, op, size, depth, WAYS[0]) for depth in DEPTHS)
    if sim.load(device).value("completion", "mode") == "sync":
        return
    for way in WAYS[1:]:
        yield from (_spot(device, algorithm, op, size, depth, way) for depth in DEPTHS[-2:])


def _spot(device: str, algorithm: Algorithm, op: str, size: int, depth: int, way: Mapping[str, int]) -> Spot:
    aad = algorithm.aad_size if algorithm.authenticated else 0
    case = Case(f"sim:{device}", algorithm.name, op, size, depth, aad_size=aad)
    case = replace(case, **way)  # type: ignore[arg-type]
    engine = backends.open_case(case)
    assert isinstance(engine, SimulatedEngine)
    try:
        value = engine.run(0)
        facts, latency = engine.facts(), percentiles.latency([engine.latency()["lat"]])
    finally:
        engine.close()
    sync = sim.load(device).value("completion", "mode") == "sync"
    if latency is None:
        raise MeasureError("error", f"{device}: no request completed")
    cpu = (value.cpu or 0.0) / value.wall
    mbps = size * 8 / value.per_request / 1e6
    limit = "host CPU" if sync else _limit(facts)  # which is the unit itself
    return Spot(case.load, mbps, latency.p50 / 1e9, latency.p99 / 1e9, cpu, limit)


def _limit(facts: dict[str, str]) -> str:
    """The part that is always busy; where none is, requests wait for each other's round."""
    busy = {said: float(facts[key]) for key, said in _LIMITS.items()}
    worst = max(busy, key=lambda said: busy[said])
    return worst if busy[worst] >= _BUSY else "waiting"


def _nearest(asked: str, served: Sequence[str]) -> tuple[str, ...]:
    """Algorithms of a device that have most words in common with the one that is asked for."""
    wanted = _words(asked)
    alike = {name: len(wanted & _words(name)) for name in served if wanted & _words(name) - _LENGTHS}
    most = max(alike.values(), default=0)
    return tuple(name for name, common in alike.items() if common == most)


def _words(name: str) -> set[str]:
    return set(name.replace("+", "-").split("-"))
