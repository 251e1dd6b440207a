"""Lines above and below a table of cases.

Keys read from Result.environment, each optional: `cpu_model_name`, `benchsuite_kernel_release`,
`benchsuite_fips` (of the kernel).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from benchsuite import costs, stats
from benchsuite.compare.gated import gated
from benchsuite.compare.labels import measured
from benchsuite.confidence import LEVELS, UNSAID, simulated, weakest, words
from benchsuite.doubts import TIMESTAMP_LIMIT
from benchsuite.facts import Environment
from benchsuite.model import BenchsuiteError, CaseResult, Result
from benchsuite.sheet.numbers import percent
from benchsuite.sheet.printable import clean
from benchsuite.stats import Summary
from benchsuite.units import first_sentence
from benchsuite.view import remarks
from benchsuite.view.environment import environments
from benchsuite.view.rows import Row

MOST_DEVICES = 4  # simulated ones that a heading names


def heading(result: Result, all_of_it: bool = False) -> list[str]:
    """Lines above a table: the profile, the machine, what was measured, what is said of it. all_of_it: also
    by which command it was made."""
    why = clean(first_sentence(result.why))
    lines = [f"Profile {clean(result.profile)}" + (f": {why}" if why else "")]
    machines = dict.fromkeys(map(_machine, (each for _, each in environments(result))))
    measured = [text for text in (" and ".join(filter(None, machines)), *versions(result.cases)) if text]
    if measured:
        lines.append(f"On {'; '.join(measured)}")
    lines += remarks.lines(result, all_of_it)
    lines += _placed(result)
    watts = result.environment.get(Environment.IDLE_WATTS)
    if isinstance(watts, int | float) and any(costs.joules_of(case) for case in result.cases):
        lines.append(f"Idle before the run: {watts:.3g} W, by the sensors of the energy.")
    if not result.complete:
        lines.append("Incomplete: the run ended before every case had its share of the measuring.")
    return lines


def _machine(environment: dict[str, Any]) -> str:
    """The machine in a few words; "" where nothing is told of it."""
    said = [
        before + clean(str(environment[key]))
        for before, key in (("", Environment.CPU_MODEL_NAME), ("Linux ", Environment.KERNEL_RELEASE))
        if environment.get(key)
    ]
    return "; ".join(said + ["FIPS mode"] * (environment.get(Environment.FIPS) is True))


def _placed(result: Result) -> list[str]:
    """A line on the CPUs that the user chose."""
    chosen, shared, nodes = (
        clean(str(result.environment.get(key, "")))
        for key in (Environment.CPUS_CHOSEN, Environment.CPUS_OF_ONE_CORE, Environment.CPUS_BY_NODE)
    )
    if not chosen:
        return []
    line = f"Placed on CPUs {chosen} (--cpus), worker by worker"
    line += f"; on NUMA nodes {nodes}" if nodes else ""
    return [line + (f"; threads of one core: {shared}" if shared else "")]


def gate(result: Result) -> list[str]:
    """A line of what the gate said that measured the result; none where no gate did."""
    try:
        found = gated(result)
    except BenchsuiteError as error:  # damaged: the figures are there all the same
        return [clean(str(error))]
    return [clean(f"Gate: {found.words}.")] if found and not found.accepted else []


def shared_by_all(shared: dict[str, str]) -> list[str]:
    """A line of parameters, by key, that all cases share; none where there is none."""
    return ["All cases: " + ", ".join(f"{key}={value}" for key, value in shared.items())] if shared else []


def versions(cases: Iterable[CaseResult]) -> list[str]:
    """`backend = version` for each backend that was measured; without the backend where there is
    only one, and it is called as it was measured. Of many simulated devices, how many, and how sure."""
    found: dict[str, list[CaseResult]] = {}
    for case in cases:
        found.setdefault(case.case.backend, []).append(case)
    levels = {backend: set(map(stats.confidence, of)) for backend, of in found.items()}
    devices = {backend: sure - {""} for backend, sure in levels.items() if any(sure)}
    more = [_devices(devices.values())] if len(devices) > MOST_DEVICES else []
    few = [backend for backend in found if not more or backend not in devices]
    texts = {clean(backend): _versions(found[backend], levels[backend]) for backend in few}
    named = {backend: " and ".join(said) for backend, said in texts.items() if said}
    if len(few) == 1 and not more and not any(case.origin for case in found[few[0]]):
        return list(named.values())
    return [text if text == backend else f"{backend} = {text}" for backend, text in named.items()] + more


def _versions(cases: list[CaseResult], levels: set[str]) -> list[str]:
    """The versions of a backend; a simulated device's with how sure its figures are."""
    sure = simulated(levels).partition(", ")[2]
    return list(dict.fromkeys(clean(text) + (f" ({sure})" if sure else "") for text in measured(cases)))


def _devices(levels: Collection[set[str]]) -> str:
    """`35 simulated devices (12 from published figures, 23 a guess)`, by what their figures are at worst."""
    counts = Counter(map(weakest, levels))
    some = {level: f"{counts[level]} {words(level)}" for level in LEVELS if counts[level]}
    if UNSAID in some:
        some[UNSAID] = f"{counts[UNSAID]} of which it is not said"
    sure = words(next(iter(some))) if len(some) == 1 else ", ".join(some.values())
    return f"{len(levels)} simulated devices ({sure}; see benchsuite list devices)"


def closing(listed: list[Row]) -> str:
    """A line on what time-stamping cost, and how many cases have no figure."""
    if not listed:
        return "No case in this result."
    measured = [row.figures for row in listed if row.figures]
    sentences = [text] if (text := _time_stamping(measured)) else []
    if len(measured) < len(listed):
        sentences.append(f"{len(listed) - len(measured)} of {len(listed)} cases not measured.")
    return " ".join(sentences)


def _time_stamping(measured: list[Summary]) -> str:
    """What it cost; "" where no stamps were taken, as of what is simulated or imported."""
    shares = [figures.timestamps for figures in measured]
    most = max(shares, default=0.0)
    if not most:
        return ""
    if (over := sum(share > TIMESTAMP_LIMIT for share in shares)) == 0:
        return f"Time-stamping took {percent(most, 2)} of the wall time{' at most' * (len(shares) > 1)}."
    of = f" of {over} of the {len(shares)} cases" if len(shares) > 1 else ""
    return (
        f"Warning: time-stamping took {percent(most, 2)} of the wall time{of}, more than the "
        f"{percent(TIMESTAMP_LIMIT)} that is promised: the clock is slow, or the machine was disturbed while "
        "its cost was measured. `benchsuite doctor` says which; then measure again."
    )


def part_heading(title: str, part: tuple[int, int]) -> str:
    """Title of a chart that may be cut in parts. part: its number, and how many there are."""
    number, count = part
    return title + (f" ({number} of {count})" if count > 1 else "")
