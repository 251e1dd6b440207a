"""How far throughput grows with workers, and whether the engine itself does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.compare.crossovers import FLOOR
from benchsuite.findings.figures import NOTABLE, Figures, Line, Range, Sample, all_of, ratio
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Names, Numbers, finding, percent, ratio_numbers, times, without
from benchsuite.knee import knee
from benchsuite.units import listed

KIND = "scaling"
WORKERS = "workers"


@dataclass(frozen=True, slots=True)
class _Scaled:
    """A line along workers. gain: of the throughput of the most workers over that of the fewest."""

    line: Line
    gain: Range

    @property
    def first(self) -> Sample:
        return self.line.samples[0]

    @property
    def last(self) -> Sample:
        return self.line.samples[-1]

    @property
    def factor(self) -> float:
        return self.last.case.workers / self.first.case.workers

    @property
    def share(self) -> float:
        """The gain as a fraction of what it would be if workers did not disturb each other."""
        return self.gain.value / self.factor


def find(figures: Figures) -> list[Finding]:
    scaled = [each for line in figures.lines(WORKERS) if (each := _scaled(line))]
    working = [each for each in scaled if each.line.backend != FLOOR]
    floor = [each for each in scaled if each.line.backend == FLOOR]
    most = max((each.last.case.workers for each in working), default=0)
    alike = [each for each in working if each.last.case.workers == most]
    alike = sorted(alike, key=lambda each: each.share, reverse=True)
    found = [_of_work(figures, alike)] if alike else []
    if floor:
        found.append(_of_floor(figures, floor[0], alike))
    return found


def _scaled(line: Line) -> _Scaled | None:
    gain = ratio(line.samples[0], line.samples[-1])
    return _Scaled(line, gain) if gain else None


def _of_work(figures: Figures, scaled: Sequence[_Scaled]) -> Finding:
    names = Names((each.line.common for each in scaled), WORKERS)
    best, worst = scaled[0], scaled[-1]
    text = f"{_carry(best, _who(figures, best), names.of(best.line.common))}{_levels_off(best)}"
    worse = [each for each in scaled[1:] if each.gain.high < best.gain.low / (1 + NOTABLE)]
    alike = [each for each in scaled[1:] if each not in worse]
    if alike:
        several = listed([names.of(each.line.common) for each in alike])
        text += f"; {several} {'scale' if len(alike) > 1 else 'scales'} about as well"
    if worse:
        between = f", with {len(worse) - 1} more between them" if len(worse) > 1 else ""
        text += f"; {names.of(worst.line.common)} scales worse, {times(worst.gain)}{between}"
    lost = [case for each in scaled for case in each.line.lost]
    text += without(lost, [best.last.case])
    numbers: Numbers = {
        "workers": best.last.case.workers,
        "of_workers": best.first.case.workers,
        "case": best.last.case.name,
        **ratio_numbers(best.gain),
        "ideal_fraction": best.share,
        "least_case": worst.last.case.name,
        "least_ratio": worst.gain.value,
    }
    return finding(KIND, text, numbers, figures, all_of([each.line for each in scaled]))


def _who(figures: Figures, scaled: _Scaled) -> str:
    """CPUs, where every worker can have one."""
    workers = scaled.last.case.workers
    return f"{workers} {'CPUs' if workers <= figures.cpus else 'workers'}"


def _carry(scaled: _Scaled, who: str, work: str) -> str:
    first = scaled.first.case.workers
    one = "one alone" if first == 1 else str(first)
    if scaled.gain.more:
        return f"{who} carry {times(scaled.gain)} the {work} of {one}, {percent(scaled.share)} of the ideal"
    if scaled.gain.fewer:
        return f"{who} carry less {work} than {one}: {times(scaled.gain)} as much"
    if scaled.gain.high < 1 + NOTABLE:
        return f"{who} carry no more {work} than {one}: {times(scaled.gain)} as much"
    return (
        f"Whether {who} carry more {work} than {one}, these values do not tell: {times(scaled.gain)} as much"
    )


def _levels_off(scaled: _Scaled) -> str:
    found = knee([(each.case.workers, each.rate) for each in scaled.line.samples])
    if not scaled.gain.more or found is None or found.rising or found.flat:
        return ""
    return f" (nearly all of it with {found.depth} already)"


def _of_floor(figures: Figures, floor: _Scaled, scaled: Sequence[_Scaled]) -> Finding:
    workers = floor.last.case.workers
    than = "one" if floor.first.case.workers == 1 else str(floor.first.case.workers)
    text = f"The engine alone carries {times(floor.gain)} the requests of {than} with {workers} workers"
    best = scaled[0] if scaled and scaled[0].last.case.workers == workers else None
    if best and floor.gain.low > best.gain.high / (1 + NOTABLE):
        text += ", so it is not what limits the work above"
    elif best and floor.gain.high < best.gain.low:
        text += ", less than the work above: requests that nobody performs show what workers share sooner"
    return finding(
        KIND,
        text,
        {"workers": workers, "of_workers": floor.first.case.workers, **ratio_numbers(floor.gain)},
        figures,
        floor.line.samples,
    )
