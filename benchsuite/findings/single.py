"""The one figure of a result that has no more: this machine's rate."""

from __future__ import annotations

from benchsuite.findings.figures import Figures
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Numbers, finding, percent
from benchsuite.model import LOAD, MBPS
from benchsuite.sheet.numbers import significant

KIND = "single"


def find(figures: Figures) -> list[Finding]:
    if len(figures.samples) != 1 or figures.opened.samples:
        return []
    (sample,) = figures.samples
    case, time = sample.case, sample.time
    load = case.words([key for key in case.unusual if key in LOAD], algorithm=False)
    work = case.words(("request_size",)) + (f", at {load}" if load else "")
    said = f"{significant(sample.rate)} {case.rate_unit.name}"
    if case.rate_unit is MBPS:
        said += f" ({significant(1 / time.value)} requests/s)"
    half = (time.high - time.low) / 2 / time.value
    known = f", known to ±{percent(half)}" if half > 0 and not sample.few else ""
    text = f"{sample.backend} carries {said} of {work}{known}"
    numbers: Numbers = {
        "seconds_per_request": time.value,
        "low_seconds_per_request": time.low,
        "high_seconds_per_request": time.high,
    }
    return [finding(KIND, text, numbers, figures, [sample])]
