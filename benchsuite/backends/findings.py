"""What verification is asked for, and what it has found right or wrong."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field

PREPARING = 2.0  # seconds for the requests of a load, on a slow machine
UNDER_LOAD = "under load"  # the phase in which a driver has its requests
CONFIDENCE = 0.99
PATIENCE = 5.0  # seconds until a request that has not come back is lost


@dataclass(slots=True)
class Wanted:
    """What a profile's cases have, and is verified. sizes: of requests, each with its odd neighbours; None:
    all that survey_sizes.py knows. aad_sizes, tag_sizes: beside the usual ones."""

    sizes: list[int] | None = None
    aad_sizes: list[int] = field(default_factory=list)
    tag_sizes: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Survey:
    """What was checked of an algorithm, and found right: see survey.py."""

    requests: int = 0
    vectors: int = 0
    refused: list[str] = field(default_factory=list)  # why something was left out
    chosen: str = ""  # the backends that `auto` took


@dataclass(frozen=True, slots=True)
class StressLoad:
    """How a driver is loaded: see stress.py. sessions: per worker; q_len: per session. soak: a steady load
    for hours. wanted: beside the usual. only_sizes: of requests, and no others. patience: seconds until a
    request is lost."""

    workers: int
    sessions: int = 4
    q_len: int = 16
    seconds: float = 1.5
    seed: int = 0
    soak: bool = False
    wanted: Wanted = field(default_factory=Wanted)
    only_sizes: tuple[int, ...] = ()
    patience: float = PATIENCE


def default_workers() -> int:
    """Workers of a load: enough for two to meet in the driver, also where there is one CPU."""
    return max(2, min(4, len(os.sched_getaffinity(0))))


def excluded(requests: int) -> int:
    """N where so many requests were right: if each fails independently, fewer than 1 in N do, with 99%
    confidence. (1 - 1/N)^requests is 1%."""
    return math.floor(requests / -math.log(1 - CONFIDENCE))


@dataclass(slots=True)
class SoFar:
    """How far a load is. resident: bytes of memory of the process that it is in."""

    requests: int
    sessions: int
    faults: int
    resident: int


@dataclass(slots=True)
class Stressed:
    """What a driver under load was given, and what was wrong with it."""

    algorithms: list[str] = field(default_factory=list)  # at once
    requests: int = 0
    bytes: int = 0
    refused: int = 0  # of the requests, those that had to be refused
    busy: int = 0  # offers that the driver did not take
    sessions: int = 0  # opened
    high_water: int = 0  # most requests outstanding at once, of all sessions together
    drains: int = 0  # times that a session got nothing more until all was back
    rests: int = 0  # times that it then got nothing for a while
    longest: int = 0  # most requests of one session
    resident: int = 0  # bytes that resident memory grew by, beyond what is ours
    seconds: float = 0.0
    excluded: int = 0  # see excluded(); 0: nothing is
    interrupted: bool = False
    left_out: list[str] = field(default_factory=list)  # what the driver does not take
    facts: dict[str, str] = field(default_factory=dict)  # of one session: see bs_session_facts
    faults: int = 0
    kind: str = ""  # of the first one: a key of model.FAILURES
    told: list[str] = field(default_factory=list)  # the first faults, a sentence each
    wrong_sizes: list[int] = field(default_factory=list)  # of the requests that these are about
    # theirs, and those of the requests before
    wrong_algorithms: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The smallest load that was found to show a fault again. workers: 0 where no load is needed. times: how
    often it did, of `tries`, in `seconds` each; 0: neither this one, which showed it first, nor a smaller one
    did. size: the only one of its requests; None: many. command: to show it again."""

    algorithms: list[str]
    workers: int = 0
    sessions: int = 0
    q_len: int = 0
    size: int | None = None
    seconds: float = 0.0
    seed: int = 0
    times: int = 1
    tries: int = 1
    interrupted: bool = False
    command: str = ""
