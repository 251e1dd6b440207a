"""What every format prints: one row per case, foot-notes, what the cases share, and text made safe.

Keys read from Result.environment, each optional: `cpu_model_name`, `benchsuite_kernel_release`,
`benchsuite_fips` (of the kernel), `benchsuite_lab` and, for ocf-bench, `benchsuite_boot_time` (seconds since
the epoch).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from benchsuite import stats
from benchsuite.compare.labels import measured
from benchsuite.model import PARAMETERS, Case, CaseResult, CouldNotMeasure, Result, spelled
from benchsuite.report.kernel_cost import Crossing, crossings
from benchsuite.stats import Summary
from benchsuite.units import first_sentence

MEASURED, NOT_MEASURED = "measured", "not measured"
NONE = "-"
EMULATED = "the CPU is emulated (a lab without KVM): figures compare only with others of the same boot"
MOST_DEVICES = 4  # simulated ones that a heading names
PERCENTILES = ("p50", "p90", "p99", "p99_9", "max")


@dataclass(frozen=True, slots=True)
class Row:
    """A case as it is printed. `figures` is None where `status` is not "measured"; then `status`
    is the kind of failure ("not measured" for a case the run did not come to) and `reason` says why."""

    result: CaseResult
    status: str
    reason: str
    figures: Summary | None
    notes: list[str]
    simulated: bool
    crossing: Crossing | None = None

    @property
    def remarks(self) -> list[str]:
        """What becomes foot-notes: why there is no figure, and the notes."""
        return ([] if self.figures else [f"{self.status}: {self.reason}"]) + self.notes


def rows(result: Result) -> list[Row]:
    around = [EMULATED] if emulated(result) else []
    listed = [_row(case, around) for case in result.cases]
    found = crossings((row.result, row.figures) for row in listed)
    return [_with_crossing(row, crossing) for row, crossing in zip(listed, found, strict=True)]


def _with_crossing(row: Row, crossing: Crossing | None) -> Row:
    notes = [clean(crossing.note)] if crossing and crossing.note else []
    return replace(row, crossing=crossing, notes=row.notes + notes)


def emulated(result: Result) -> bool:
    """Whether it comes from a lab whose CPU is not the host's."""
    return "tcg" in str(result.environment.get("benchsuite_lab", "")).split(", ")


def _row(case: CaseResult, around: list[str]) -> Row:
    chosen = [f"auto chose {clean(backend)}" for backend in stats.facts(case, "chosen")]
    notes, simulated = around + chosen + [clean(text) for text in stats.notes(case)], stats.simulated(case)
    try:
        return Row(case, MEASURED, "", stats.summary(case), notes, simulated)
    except CouldNotMeasure as error:
        status = clean(case.failure.kind) if case.failure else NOT_MEASURED
        return Row(case, status, clean(str(error)), None, notes, simulated)


@dataclass(slots=True)
class Footnotes:
    """Numbers texts in the order they come; the same text has the same number."""

    texts: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        return self.texts.setdefault(text, len(self.texts) + 1)


def clean(text: str) -> str:
    """Text from a result on one line, without anything a terminal would act on: control and
    format characters, line ends and runs of blanks become one blank."""
    if text.isprintable():  # quicker, and nearly always so
        return " ".join(text.split())
    return " ".join("".join(" " if _unprintable(char) else char for char in text).split())


def _unprintable(char: str) -> bool:
    return unicodedata.category(char)[0] == "C" or char in "\u2028\u2029"


def parameter(value: Any) -> str:
    """A parameter of a case as a profile would spell it."""
    return clean(spelled(value))


def parameter_of(case: Case, key: str) -> str:
    """Likewise, for people: a size there is not is NONE."""
    value = getattr(case, key)
    return NONE if key == "request_size" and not value else parameter(value)


def split_parameters(cases: list[CaseResult]) -> tuple[dict[str, str], list[str]]:
    """Parameters all cases share, with their value, and those in which they differ. A single case,
    or equal ones, still differ in backend and algorithm, so that a row says what it is of."""
    shared, differing = {}, []
    for key in PARAMETERS:
        found = {parameter_of(case.case, key) for case in cases}
        if len(found) == 1:
            shared[key] = found.pop()
        elif found:
            differing.append(key)
    if cases and not differing:
        differing = ["backend", "algorithm"]
        shared = {key: value for key, value in shared.items() if key not in differing}
    return {key: value for key, value in shared.items() if value != NONE}, differing


def heading(result: Result) -> list[str]:
    """Lines above a table: the profile, the machine, what was measured."""
    why = clean(first_sentence(result.why))
    lines = [f"Profile {clean(result.profile)}" + (f": {why}" if why else "")]
    machine = [
        before + clean(str(result.environment[key]))
        for before, key in (("", "cpu_model_name"), ("Linux ", "benchsuite_kernel_release"))
        if result.environment.get(key)
    ]
    if result.environment.get("benchsuite_fips") is True:
        machine.append("FIPS mode")
    measured = machine + versions(result.cases)
    if measured:
        lines.append(f"On {'; '.join(measured)}")
    if not result.complete:
        lines.append("Incomplete: the run ended before every case had its share of the measuring.")
    return lines


def versions(cases: Iterable[CaseResult]) -> list[str]:
    """`backend = version` for each backend that was measured; without the backend where there is
    only one, and it is called as it was measured. Of many simulated devices, how many."""
    cases = list(cases)
    devices = {case.case.backend for case in cases if stats.simulated(case)}
    many_devices = devices if len(devices) > MOST_DEVICES else set()
    found: dict[str, list[CaseResult]] = {}
    for case in cases:
        if case.case.backend not in many_devices:
            found.setdefault(clean(case.case.backend), []).append(case)
    texts = {backend: dict.fromkeys(map(clean, measured(each))) for backend, each in found.items()}
    named = {backend: " and ".join(said) for backend, said in texts.items() if said}
    more = [f"{len(many_devices)} simulated devices (benchsuite list devices)"] if many_devices else []
    if len(found) == 1 and not more and not any(case.origin for case in cases):
        return list(named.values())
    return [text if text == backend else f"{backend} = {text}" for backend, text in named.items()] + more


def without_common_notes(listed: list[Row]) -> tuple[list[Row], list[str]]:
    """The rows without the notes that all with a figure have, and those as sentences for below."""
    measured = [set(row.notes) for row in listed if row.figures]
    if len(measured) < 2:
        return listed, []
    common = set.intersection(*measured)
    kept = [replace(row, notes=[note for note in row.notes if note not in common]) for row in listed]
    ordered = [note for row in listed if row.figures for note in row.notes if note in common]
    return kept, [f"All rows: {note}." for note in dict.fromkeys(ordered)]


def closing(listed: list[Row]) -> str:
    """What time-stamping cost, and how many cases have no figure."""
    if not listed:
        return "No case in this result."
    measured = [row.figures for row in listed if row.figures]
    sentences = []
    if measured:
        share = max(figures.timestamps for figures in measured)
        if share:  # no stamps were taken of what is simulated or imported
            sentences.append(
                f"Time-stamping took {share * 100:.1f}% of the wall time{' at most' * (len(measured) > 1)}."
            )
    if len(measured) < len(listed):
        sentences.append(f"{len(listed) - len(measured)} of {len(listed)} cases not measured.")
    return " ".join(sentences)


def record(row: Row) -> dict[str, Any]:
    """A row as plain data in base units, every key always there (None: no such figure)."""
    figures = row.figures
    plain = asdict(figures) if figures else {}
    stage_latency, counters = plain.get("latency", {}), plain.get("counters", {})
    return {
        "name": row.result.case.name,
        "parameters": row.result.case.to_dict(),
        "status": row.status,
        "reason": row.reason,
        "simulated": row.simulated,
        "clock": stats.clock(row.result),
        "backend": row.result.backend,
        "version": stats.facts(row.result, "version"),
        "chosen": stats.facts(row.result, "chosen"),
        "figures": {
            "processes": plain.get("processes"),
            "values": plain.get("values"),
            "seconds_per_request": plain.get("seconds"),
            "bits_per_second": plain.get("bits_per_second"),
            "requests_per_second": plain.get("requests_per_second"),
            "spread_fraction": plain.get("spread"),
            "process_spread_fraction": plain.get("process_spread"),
            "cpu_fraction": plain.get("cpu"),
            "cycles_per_request": plain.get("cycles_per_request"),
            "cycles_per_byte": plain.get("cycles_per_byte"),
            "cycles_source": plain.get("cycles_source"),
            "timestamps_fraction": plain.get("timestamps"),
            "crossing_seconds": row.crossing.seconds if row.crossing else None,
            "crossing_fraction": row.crossing.fraction if row.crossing else None,
            "requests": plain.get("requests"),
            "wall_seconds": plain.get("wall"),
        },
        "latency": {
            stage: {f"{key}_seconds": _seconds(stage_latency, stage, key) for key in PERCENTILES}
            for stage in stats.STAGES
        },
        "counters": {key: counters.get(key) for key in stats.COUNTERS},
        "notes": row.notes,
    }


def _seconds(latency: dict[str, dict[str, int]], stage: str, key: str) -> float | None:
    return latency[stage][key] / 1e9 if stage in latency else None
