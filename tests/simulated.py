"""What the tests of simulated devices share: a device's file written, a case run on it in this process, and
the theory of closed queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from math import factorial, prod
from pathlib import Path
from typing import Any

from benchsuite import backends
from benchsuite.backends.simulated import SimulatedEngine
from benchsuite.model import Case, Value

ALGORITHM = "aes-128-cbc"
_number = count()


def toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)


def device_text(
    *,
    setup_us: float = 1.0,
    rate_mbps: float = 1e7,
    mode: str = "interrupt",
    depth: int = 4096,
    top: Mapping[str, Any] | None = None,
    **sections: Mapping[str, Any],
) -> str:
    """A device's file. Costs that are not given are 0, and a byte takes next to nothing."""
    if mode != "sync":
        sections["ring"] = {"depth": depth} | dict(sections.get("ring", {}))
    sections["completion"] = {"mode": mode} | dict(sections.get("completion", {}))
    lines = [
        f"{key} = {toml(value)}" for key, value in ({"title": "a test device"} | dict(top or {})).items()
    ]
    for section, keys in sections.items():
        lines += [f"[{section}]", *(f"{key} = {toml(value)}" for key, value in keys.items())]
    rate = {"name": ALGORITHM, "setup_us": setup_us, "rate_mbps": rate_mbps}
    return (
        "\n".join([*lines, "[[algorithm]]", *(f"{key} = {toml(value)}" for key, value in rate.items())])
        + "\n"
    )


def write(folder: Path, text: str) -> Path:
    path = folder / f"device{next(_number)}.toml"
    path.write_text(text)
    return path


@dataclass(frozen=True)
class Run:
    value: Value
    counters: dict[str, int]
    simulation: dict[str, Any]
    facts: dict[str, str]

    @property
    def rate(self) -> float:
        """Requests a microsecond."""
        return self.value.requests / self.value.wall / 1e6


def run(backend: str, requests: int, **changes: Any) -> Run:
    """One value of a case on the virtual clock."""
    engine = backends.open_case(Case(backend, **({"algorithm": ALGORITHM, "request_size": 16} | changes)))
    assert isinstance(engine, SimulatedEngine)
    try:
        value = engine.run(requests)
        return Run(value, engine.counters(), engine.simulation(), engine.facts())
    finally:
        engine.close()


def mbps_of(backend: str, requests: int = 5000, **changes: Any) -> float:
    return float(changes["request_size"] * 8 * run(backend, requests, **changes).rate)


@dataclass(frozen=True)
class Station:
    """Of a closed network: what a request needs of it in all, and its servers; 0: everybody has one."""

    demand: float
    servers: int = 1

    def weight(self, customers: int) -> float:
        """Buzen's factor for so many at this station."""
        if not self.servers:
            return self.demand**customers / factorial(customers)
        return self.demand**customers / prod(min(i, self.servers) for i in range(1, customers + 1))


def closed_throughput(stations: Sequence[Station], customers: int) -> float:
    """Exact, where service times are exponential (or there is no queue): by convolution, which gives what
    mean value analysis gives."""
    constants = [1.0] + [0.0] * customers
    for station in stations:
        weights = [station.weight(k) for k in range(customers + 1)]
        constants = [sum(constants[n - k] * weights[k] for k in range(n + 1)) for n in range(customers + 1)]
    return constants[customers - 1] / constants[customers]
