"""What verification is asked for, and what it has found right or wrong."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

PREPARING = 2.0  # seconds for the requests of a load, on a slow machine


@dataclass(slots=True)
class Survey:
    """What was checked of an algorithm, and found right: see survey.py."""

    requests: int = 0
    vectors: int = 0
    refused: list[str] = field(default_factory=list)  # why something was left out
    chosen: str = ""  # the backends that `auto` took


@dataclass(frozen=True, slots=True)
class StressLoad:
    """How a driver is loaded: see stress.py. sessions: per worker; q_len: per session."""

    workers: int
    sessions: int = 4
    q_len: int = 16
    seconds: float = 1.0
    seed: int = 0


def default_workers() -> int:
    """Workers of a load: enough for two to meet in the driver, also where there is one CPU."""
    return max(2, min(4, len(os.sched_getaffinity(0))))


@dataclass(slots=True)
class Stressed:
    """What a driver under load was given, and what was wrong with it."""

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
