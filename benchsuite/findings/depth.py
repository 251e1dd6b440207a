"""How many requests must be outstanding before a backend is fully used, and what more of them cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.compare.crossovers import FLOOR
from benchsuite.findings.figures import Figures, Line, Range, Sample, all_of, ratio
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Names, Numbers, duration, finding, times, without
from benchsuite.knee import Knee, knee
from benchsuite.units import listed

KIND = "depth"
Q_LEN = "q_len"
_FEW = 3  # lines that are told one by one


@dataclass(frozen=True, slots=True)
class _Filled:
    """A line along q_len. gain: of the throughput at the knee over that of the least depth."""

    line: Line
    knee: Knee
    full: Sample  # at the knee
    gain: Range

    @property
    def gains(self) -> bool:
        return not self.knee.flat and self.gain.more

    @property
    def depth(self) -> int:
        return self.knee.depth if self.gains else self.line.samples[0].case.q_len


def find(figures: Figures) -> list[Finding]:
    lines = [line for line in figures.lines(Q_LEN) if line.backend != FLOOR]
    filled = [each for line in lines if (each := _filled(line))]
    if not filled:
        return []
    names = Names((each.line.common for each in filled), Q_LEN)
    if len(filled) <= _FEW:
        return [_one(figures, each, names) for each in sorted(filled, key=lambda each: not each.gains)]
    return [_many(figures, filled)]


def _filled(line: Line) -> _Filled | None:
    found = knee([(each.case.q_len, each.rate) for each in line.samples])
    if found is None:
        return None
    full = next(each for each in line.samples if each.case.q_len == found.depth)
    gain = ratio(line.samples[0], full)
    return _Filled(line, found, full, gain) if gain else None


def _one(figures: Figures, filled: _Filled, names: Names) -> Finding:
    first, last = filled.line.samples[0], filled.line.samples[-1]
    who = names.of(filled.line.common) if names.keys else filled.line.backend
    numbers: Numbers = {"case": filled.full.case.name, "q_len": filled.depth, "ratio": filled.gain.value}
    if not filled.gains:
        text = f"More than {first.case.q_len} outstanding gains {who} nothing"
        fall = ratio(last, first)
        if fall and fall.more:
            text += f"; at q_len {last.case.q_len} a request even takes {times(fall)} as long"
    elif filled.knee.rising:
        text = (
            f"The rate of {who} still rises at q_len {filled.depth}, to {times(filled.gain)} that of "
            f"q_len {first.case.q_len}"
        )
    else:
        text = (
            f"From q_len {filled.depth} on {who} has its full rate, {times(filled.gain)} that of "
            f"q_len {first.case.q_len}"
        )
    text += _latency(filled, numbers) + without(filled.line.lost, [last.case])
    return finding(KIND, text, numbers, figures, filled.line.samples)


def _latency(filled: _Filled, numbers: Numbers) -> str:
    """What the largest depth costs in latency."""
    at, last = (filled.line.samples[0] if not filled.gains else filled.full), filled.line.samples[-1]
    there, beyond = (each.figures.latency.get("lat") for each in (at, last))
    if not there or not beyond or at is last:
        return ""
    numbers |= {
        "p50_seconds": there.p50 / 1e9,
        "most_q_len": last.case.q_len,
        "most_p50_seconds": beyond.p50 / 1e9,
    }
    if beyond.p50 <= there.p50 * 1.1:
        return ""
    took, takes = duration(there.p50 / 1e9), duration(beyond.p50 / 1e9)
    return f"; a request takes {took} there (p50), {takes} at q_len {last.case.q_len}"


def _many(figures: Figures, filled: Sequence[_Filled]) -> Finding:
    """Backends by the depth that they need; where there is one, its workloads."""
    names = Names((each.line.common for each in filled), Q_LEN)
    several = len({each.line.backend for each in filled}) > 1
    found: dict[str, list[_Filled]] = {}
    for each in filled:
        common = each.line.common
        name = each.line.backend if several else names.of(common) if names.works else names.load(common)
        found.setdefault(name, []).append(each)
    rising = [name for name, of in found.items() if any(each.gains and each.knee.rising for each in of)]
    flat = [name for name, of in found.items() if not any(each.gains for each in of)]
    depths = {name: max(each.depth for each in of) for name, of in found.items() if name not in rising + flat}
    parts = []
    if depths:
        least, most = min(depths.values()), max(depths.values())
        last = [name for name in depths if depths[name] == most]
        if least == most:
            verb = "reach" if len(last) > 1 else "reaches"
            parts.append(f"{listed(last)} {verb} the full rate at q_len {most}")
        else:
            of = f"{len(depths)} of {len(found)} {'backends' if several else 'workloads'}"
            verb = "reach" if len(depths) > 1 else "reaches"
            parts.append(f"{of} {verb} the full rate at q_len {least} to {most}, {listed(last)} last")
    if rising:
        parts.append(f"{listed(rising)} still {_gain(rising)} at the largest q_len")
    if flat:
        parts.append(f"{listed(flat)} {_gain(flat)} nothing from depth")
    text = "; ".join(parts)
    numbers: Numbers = {"gain_nothing": len(flat), "full": len(depths), "rising": len(rising)}
    rested = all_of([each.line for each in filled])
    return finding(KIND, text, numbers, figures, rested)


def _gain(names: Sequence[str]) -> str:
    return "gain" if len(names) > 1 else "gains"
