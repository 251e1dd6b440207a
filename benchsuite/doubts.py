"""What makes a figure doubtful: the notes that a reader has to know before believing it."""

from __future__ import annotations

from statistics import median

from benchsuite import costs
from benchsuite.facts import Fact
from benchsuite.formats.figure import ELAPSED
from benchsuite.model import CaseResult, CouldNotMeasure
from benchsuite.sheet.numbers import percent
from benchsuite.stats import (
    Summary,
    clock,
    clock_in_words,
    deterministic,
    facts,
    precision,
    simulated,
    simulated_in_words,
    summary,
)

# Beyond these a figure carries a note.
SPREAD_LIMIT = 0.10
PROCESS_LIMIT = 0.05
FEWEST_VALUES = 5
TIMESTAMP_LIMIT = 0.01
SHORTEST_VALUE = 0.02
OTHER_WORK_LIMIT = 0.25  # CPUs kept busy by something else
LATE_LIMIT = 0.01  # of what arrived
OWN_LIMIT = 0.05  # of the latency, that is the generator's own
PRECISION_LIMIT = 0.01  # what an imported figure's printed digits, or its clock, leave open

_MODEL = "those of a model, no device was measured"
_ONE = "one value: a virtual clock gives the same figure every time"
_FEW = f"fewer than {FEWEST_VALUES} values: the median and the spread mean little"
_SPREAD = f"spread above {percent(SPREAD_LIMIT)}: the machine was not quiet, or the work varies"
_PROCESSES = (
    "worker processes differ from each other by more than values within one: "
    "the figure depends on memory layout or on the CPU that was given, so measure more processes"
)
_SHORT = f"values shorter than {SHORTEST_VALUE * 1000:.0f} ms: start and stop weigh in the figure"
_TIMESTAMPS = f"time-stamping took more than {percent(TIMESTAMP_LIMIT)} of the time measured"
_DROPS = "requests were refused at crypto_q_max and dispatched again"
_HIGH_WATER = "the driver never held q_len requests at once: the queue depth asked for was not reached"
_BARRIER = (
    "tcrypt submits q_len requests, then waits for all of them: a barrier, where other backends "
    "keep q_len outstanding"
)
_TSC = "cycles are ticks of the time-stamp counter, at its constant rate, not cycles the CPU counted"
_CNTVCT = (
    "cycles are ticks of the ARM system counter, at its constant rate of some MHz, not cycles the CPU counted"
)
_USER_CYCLES = "cycles are those of user mode only: the kernel's share is not counted"
_ROUNDED = (
    f"printed with so few digits, or by so coarse a clock, that more than {percent(PRECISION_LIMIT)} is open"
)
_CLOCK = "its time is {}: it compares only with its like"
_LATE = (
    "the generator of arrivals was late itself, and part of the latency is its own: "
    "the machine is not quiet, or has too few CPUs"
)
_OVERLOADED = (
    "more arrived than was carried: the queue and the latency grow as long as it lasts, which is "
    "no steady state"
)
_SHARED_CORE = "two of the CPUs it was placed on are threads of one core, and share its speed"
_ENERGY = "energy is that of {}, the idle machine's share included"
_BUSY = (
    "the CPUs were busy with work that was not the worker's own "
    "(other programs, or kernel threads serving it)"
)


def simulated_note(*results: CaseResult) -> str:
    """A note on figures of a model, to be read below a table."""
    times = "the times are" if all(map(simulated, results)) else "some times are"
    return f"{simulated_in_words(*results)}: {times} {_MODEL}"


def says_simulated(note: str) -> bool:
    """Whether a note is one that `simulated_note` makes."""
    return note.endswith(_MODEL)


def notes(result: CaseResult) -> list[str]:
    """What a reader has to know before believing the figures of a case; [] is a case without
    doubts. The sentences hold no figures of the case, so equal doubts are equal strings."""
    simulation = [simulated_note(result)] if simulated(result) else []
    try:
        figures = summary(result)
    except CouldNotMeasure:
        return simulation
    virtual, counted = deterministic(result), figures.cycles_per_request is not None
    doubts = {
        _ONE: virtual and figures.values == 1,
        _FEW: not virtual and figures.values < FEWEST_VALUES,
        _SPREAD: (figures.spread or 0) > SPREAD_LIMIT,
        _PROCESSES: (figures.process_spread or 0) > max(PROCESS_LIMIT, 2 * (figures.spread or 0)),
        # A value is calibrated to the minimum, not above it: allow for the noise around it.
        _SHORT: not virtual and median(value.wall for value in result.values) < 0.9 * SHORTEST_VALUE,
        _TIMESTAMPS: figures.timestamps > TIMESTAMP_LIMIT,
        _DROPS: figures.counters.get("drops", 0) > 0,
        _HIGH_WATER: _queue_not_filled(result, figures),
        _BARRIER: "barrier" in facts(result, Fact.WAY),
        _LATE: _generator_late(figures),
        _OVERLOADED: figures.overloaded and not figures.dropped,  # which is told beside it
        _TSC: counted and "tsc" in figures.cycles_source,
        _CNTVCT: counted and "cntvct" in figures.cycles_source,
        _USER_CYCLES: counted and "perf-user" in figures.cycles_source,
        _SHARED_CORE: bool(facts(result, Fact.SHARED_CORE)),
        _BUSY: not virtual and _other_work(result) > OTHER_WORK_LIMIT,
    }
    applying = [note for note, applies in doubts.items() if applies]
    if sensors := costs.joules_of(result):
        applying.append(_ENERGY.format(sensors))
    # What was imported may say what is found here, too.
    return list(dict.fromkeys(simulation + applying + imported_notes(result)))


def imported_notes(result: CaseResult) -> list[str]:
    """The `notes` that stay with a figure wherever it is set beside another: how exactly it was printed,
    of which clock it is, and what else its source says of it."""
    said = [note for notes in facts(result, Fact.IMPORTED_NOTES) for note in notes.splitlines()]
    rounded = [_ROUNDED] * (precision(result) > PRECISION_LIMIT)
    unsaid = clock(result) != ELAPSED and not any("CPU time" in note for note in said)
    by_clock = [_CLOCK.format(clock_in_words(result))] if unsaid else []
    return list(dict.fromkeys(rounded + by_clock + said))


def _queue_not_filled(result: CaseResult, figures: Summary) -> bool:
    """Only an asynchronous driver in a closed loop is expected to hold what q_len asks for; high_water is per
    worker."""
    asynchronous = "asynchronous" in facts(result, Fact.DRIVER) and not figures.open_loop
    return asynchronous and figures.counters.get("high_water", 0) < result.case.q_len


def _generator_late(figures: Summary) -> bool:
    """Few arrivals are enough, if it was late by so much that the others waited for it, too."""
    return (figures.late or 0) > LATE_LIMIT or (figures.generators_own or 0) > OWN_LIMIT


def _other_work(result: CaseResult) -> float:
    """CPUs that work other than the workers' kept busy, on average. Time outside the values
    (start, set-up, verification), and values whose CPU seconds nobody counted, are taken to be the worker's
    own, so this errs towards none. So is all the time of an open loop, whose workers wait for arrivals."""
    elapsed = other = 0.0
    for run in result.runs:
        span = run.ended - run.started
        timed = run.warmups + run.values
        untimed = max(0.0, span - sum(value.wall for value in timed))
        own = untimed + sum(
            (value.wall if value.cpu is None else value.cpu)
            + value.wall * result.case.workers * bool(value.offered)
            for value in timed
        )
        elapsed += span
        other += max(0.0, run.machine_busy - own)
    return other / elapsed if elapsed > 0 else 0.0
