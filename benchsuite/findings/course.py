"""How a rate went while it was measured: where a time series was kept, whether it was steady, or fell, and
what the machine told beside it."""

from __future__ import annotations

from benchsuite.course import Change, Course, course
from benchsuite.findings.figures import Figures, Sample
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Names, Numbers, duration, finding, number, percent
from benchsuite.series import VIRTUAL
from benchsuite.sheet.numbers import significant
from benchsuite.units import many

KIND = "course"
_FEW = 3  # changes that are told one by one


def find(figures: Figures) -> list[Finding]:
    with_series = [each for each in figures.samples for run in each.result.runs if run.series]
    found = [(sample, of) for sample in dict.fromkeys(with_series) if (of := _course(sample))]
    if not found:
        return []
    changed = [(sample, of, of.change) for sample, of in found if of.change]
    names = Names(sample.case for sample in figures.samples)
    changed.sort(key=lambda each: each[2].ratio)
    told = [_changed(figures, names, sample, change) for sample, _, change in changed[:_FEW]]
    if more := changed[_FEW:]:
        text = f"The rates of {many(len(more), 'more case')} changed for good, too"
        told.append(finding(KIND, text, {"cases": len(more)}, figures, [sample for sample, *_ in more]))
    steady = [(sample, of) for sample, of in found if of.steady]
    restless = [(sample, of) for sample, of in found if not of.change and not of.steady]
    told += [_steady(figures, names, steady)] if steady else []
    return told + ([_restless(figures, names, restless)] if restless else [])


def _course(sample: Sample) -> Course | None:
    """The course of the process in which the rate changed most; else of the least steady."""
    found = [
        of
        for run in sample.result.runs
        if run.values and run.series and run.series.clock != VIRTUAL and (of := course(run.series))
    ]
    changes = [of for of in found if of.change]
    if changes:
        return max(changes, key=lambda of: abs(1 - of.change.ratio) if of.change else 0.0)
    return max(found, key=lambda of: of.within, default=None)


def _whose(names: Names, sample: Sample) -> str:
    return names.of(sample.case) if names.keys else f"{sample.backend}'s {sample.case.words()}"


def _changed(figures: Figures, names: Names, sample: Sample, change: Change) -> Finding:
    before, after = change.before, change.after
    went = "fell" if change.ratio < 1 else "rose"
    case = sample.case
    rates = " to ".join(
        significant(case.rate_of(1 / side.rate), 3) if side.rate else "0" for side in (before, after)
    )
    text = (
        f"The rate of {_whose(names, sample)} {went} by {percent(abs(1 - change.ratio))} after "
        f"{duration(change.at)}, from {rates} {case.rate_unit.name}{_cause(change)}"
    )
    numbers: Numbers = {
        "case": case.name,
        "after_seconds": change.at,
        "ratio": change.ratio,
        "before_requests_per_second": before.rate,
        "after_requests_per_second": after.rate,
    }
    for word, side in (("before", before), ("after", after)):
        for key, figure in (
            ("cpus", side.cpus),
            ("frequency_hz", side.frequency),
            ("temperature_celsius", side.temperature),
            ("throttle_events", side.throttles),
        ):
            if figure is not None:
                numbers[f"{word}_{key}"] = figure
    return finding(KIND, text, numbers, figures, [sample])


def _cause(change: Change) -> str:
    """What went with it, as far as the machine tells."""
    before, after = change.before, change.after
    went = "fell" if change.ratio < 1 else "rose"
    if change.slower_clock and before.frequency and after.frequency:
        clocks = f"{before.frequency / 1e9:.3g} to {after.frequency / 1e9:.3g} GHz"
        said = f", while the CPU's frequency {went} from {clocks}"
        return said + (f": throttled{_signs(change)}" if change.throttled and change.ratio < 1 else "")
    if change.less_cpu and before.cpus is not None and after.cpus is not None:
        cpus = f"{number(before.cpus)} CPUs before and {number(after.cpus)} after"
        reason = "other work took the CPU" if change.ratio < 1 else "other work left the CPU"
        return f": {reason}, and the process had {cpus}"
    if before.frequency is None:
        return "; the process had as much of the CPU as before, and this machine does not tell its frequency"
    return "; neither the CPU's frequency nor its share of the process changed with it"


def _signs(change: Change) -> str:
    """What shows it, in brackets."""
    signs = []
    if change.after.throttles:
        signs.append(many(int(change.after.throttles), "throttle event"))
    if change.after.slowed:
        signs.append(f"slowed down by {many(int(change.after.slowed), 'step')}")
    if change.after.temperature is not None:
        signs.append(f"{change.after.temperature:.0f} °C")
    return f" ({', '.join(signs)})" if signs else ""


def _steady(figures: Figures, names: Names, steady: list[tuple[Sample, Course]]) -> Finding:
    within = max(of.within for _, of in steady)
    seconds = min(of.seconds for _, of in steady)
    who = _whose(names, steady[0][0]) if len(steady) == 1 else many(len(steady), "case")
    text = f"The rate of {who} is steady" if len(steady) == 1 else f"The rates of {who} are steady"
    text += f" over {duration(seconds)} within {percent(within)}"
    numbers: Numbers = {"seconds": seconds, "within": within, "cases": len(steady)}
    return finding(KIND, text, numbers, figures, [sample for sample, _ in steady])


def _restless(figures: Figures, names: Names, restless: list[tuple[Sample, Course]]) -> Finding:
    sample, worst = max(restless, key=lambda each: each[1].within)
    text = (
        f"The rate of {_whose(names, sample)} varies by up to ±{percent(worst.within)} between intervals of "
        f"{duration(worst.interval)}, without a lasting change over {duration(worst.seconds)}"
    )
    if len(restless) > 1:
        text += f"; {many(len(restless) - 1, 'other case')} {'vary' if len(restless) > 2 else 'varies'}, too"
    numbers: Numbers = {"case": sample.case.name, "seconds": worst.seconds, "within": worst.within}
    return finding(KIND, text, numbers, figures, [each for each, _ in restless])
