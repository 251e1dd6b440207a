"""From which size one backend is faster than another, under every load; of many backends, which of them are
at all, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.compare.crossovers import FLOOR, Meeting, meetings
from benchsuite.crossover import FASTER, SLOWER, brief, shown
from benchsuite.findings.figures import Figures, Range, Sample, ratio
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Names, Numbers, finding, rate, ratio_numbers, times
from benchsuite.units import listed, many

KIND = "crossover"
_FEW = 3  # challengers that are told one by one
_FEW_LOADS = 4  # workloads of a challenger, likewise


def find(figures: Figures) -> list[Finding]:
    cases = [each for each in figures.result.cases if each.case.backend != FLOOR and not figures.paired]
    by_challenger: dict[str, list[Meeting]] = {}
    for each in meetings(cases, figures.base or None):
        by_challenger.setdefault(each.challenger, []).append(each)
    gains = _gains(figures, by_challenger)
    work = figures.differing.but("backend", "request_size")
    sure = {(each.sample.backend, work(each.sample.case)) for each in gains if each.gain.more}
    ahead = {
        name: [each for each in met if _ahead(each) and (name, work(each.case)) in sure]
        for name, met in by_challenger.items()
    }
    overtaking = {name: of for name, of in ahead.items() if of}
    if len(overtaking) > _FEW or len(by_challenger) > 2 * _FEW:
        return _many(figures, by_challenger, overtaking, gains)
    order = sorted(overtaking, key=lambda name: _meet(overtaking[name]), reverse=True)
    return [_one(figures, by_challenger[name], overtaking[name]) for name in order]


def _ahead(meeting: Meeting) -> bool:
    """Whether the challenger is ahead from some size on, or at several neighbouring ones: at one alone it may
    be by chance."""
    faster = [span for span in meeting.found.spans if span.verdict == FASTER]
    return meeting.found.start is not None or any(span.first < span.last for span in faster)


def _meet(met: Sequence[Meeting]) -> int:
    """How many of them end with the challenger ahead."""
    return sum(each.found.start is not None for each in met)


def _samples(figures: Figures, met: Sequence[Meeting]) -> list[Sample]:
    """What meetings rest on."""
    work = figures.differing.but("backend", "request_size")
    works = {work(each.case) for each in met}
    names = {name for each in met for name in (each.base, each.challenger)}
    return [each for each in figures.working if each.backend in names and work(each.case) in works]


def _one(figures: Figures, met: Sequence[Meeting], ahead: Sequence[Meeting]) -> Finding:
    """A challenger, in words for every work and load. ahead: where it is faster."""
    base, challenger = met[0].base, met[0].challenger
    names = Names(each.case for each in met)
    where: dict[str, list[str]] = {}  # works and loads, by what is said of them
    for each in [*ahead, *(each for each in met if each not in ahead)]:
        where.setdefault(brief(each.found), []).append(_workload(names, each))
    said = [" ".join(filter(None, (text, listed(works, _FEW_LOADS)))) for text, works in where.items()]
    rest = f"; of {len(said) - _FEW_LOADS} more the table tells" * (len(said) > _FEW_LOADS)
    text = f"{challenger} is faster than {base} {', '.join(said[:_FEW_LOADS])}{rest}"
    best = max(ahead, key=lambda each: len(each.found.spans))
    numbers: Numbers = {"base": base, "challenger": challenger}
    if best.found.start is not None:
        numbers["start_bytes"] = best.found.start
    if best.found.at is not None:
        numbers["interpolated_bytes"] = best.found.at
    return finding(KIND, text, numbers, figures, _samples(figures, met))


def _workload(names: Names, meeting: Meeting) -> str:
    """`for aes-128-cbc at q_len 16`; "" where there is only one."""
    work = f"for {names.algorithm(meeting.case)}" if names.works else ""
    load = names.load(meeting.case)
    return " ".join(filter(None, (work, f"at {load}" if load else "")))


@dataclass(frozen=True, slots=True)
class _Gain:
    """A sample against the base's of the same case. gain: how many times as fast."""

    sample: Sample
    base: Sample
    gain: Range


def _many(
    figures: Figures,
    all_met: dict[str, list[Meeting]],
    overtaking: dict[str, list[Meeting]],
    gains: Sequence[_Gain],
) -> list[Finding]:
    """Which overtake at all; the fastest; the best at the smallest and at the largest size."""
    if not gains:
        return []
    found = [_which(figures, all_met, overtaking, gains)]
    if fast := [each for each in gains if each.gain.more]:
        found += [_fastest(figures, gains), _by_size(figures, fast)]
    return found


def _gains(figures: Figures, all_met: dict[str, list[Meeting]]) -> list[_Gain]:
    found = []
    for members in figures.contests:
        base = next((each for each in members if each.backend == figures.base), None)
        for each in members if base else []:
            if base and each.backend in all_met and (gain := ratio(base, each)):
                found.append(_Gain(each, base, gain))
    return found


def _which(
    figures: Figures,
    all_met: dict[str, list[Meeting]],
    overtaking: dict[str, list[Meeting]],
    gains: Sequence[_Gain],
) -> Finding:
    """How many overtake the base, where the best of them begin to, and who never does."""
    best: dict[str, _Gain] = {}
    for each in gains:
        name = each.sample.backend
        if name in overtaking and (name not in best or best[name].gain.value < each.gain.value):
            best[name] = each
    order = sorted(best, key=lambda name: best[name].gain.value, reverse=True)
    names = Names(each.case for met in all_met.values() for each in met)
    said = [
        f"{name} {_soonest(overtaking[name], names)}, up to {times(best[name].gain)}" for name in order[:_FEW]
    ]
    never = [name for name in all_met if name not in overtaking and any(map(_slower, all_met[name]))]
    largest = shown(max(each.found.spans[-1].last for met in all_met.values() for each in met))
    text = f"{len(order)} of {many(len(all_met), 'backend')} overtake {figures.base} somewhere: "
    text += "; ".join(said) + (f"; and {len(order) - _FEW} more" if len(order) > _FEW else "")
    if not order:
        text = f"None of {many(len(all_met), 'backend')} overtakes {figures.base} up to {largest}"
        text += "" if never else " as far as these values tell"
    elif never:
        text += f". {listed(never)} never {'does' if len(never) == 1 else 'do'} up to {largest}"
    numbers: Numbers = {"base": figures.base, "backends": len(all_met), "overtaking": len(order)}
    return finding(KIND, text, numbers, figures, [each.sample for each in gains])


def _soonest(met: Sequence[Meeting], names: Names) -> str:
    """`from 310 B on at q_len 16`: under the least load under which it stays ahead, else is ahead at all."""
    lasting = [each for each in met if each.found.start is not None]
    first = min(lasting or met, key=lambda each: (each.case.q_len, each.found.start or 0))
    work, load = f"({first.case.algorithm}) " * names.works, names.load(first.case)
    return work + brief(first.found) + (f" at {load}" if load else "")


def _slower(meeting: Meeting) -> bool:
    return any(span.verdict == SLOWER for span in meeting.found.spans)


def _fastest(figures: Figures, gains: Sequence[_Gain]) -> Finding:
    best = max((each for each in figures.working if each.case.request_size), key=lambda each: each.rate)
    work = best.case.words(("request_size", "q_len"))
    text = f"The fastest is {best.backend} with {rate(best)} of {work}"
    numbers: Numbers = {"case": best.case.name, "seconds_per_request": best.time.value}
    over = next((each for each in gains if each.sample is best and each.gain.more), None)
    if over:
        text += f", {times(over.gain)} {figures.base}'s"
        numbers |= ratio_numbers(over.gain)
    return finding(KIND, text, numbers, figures, [best, *([over.base] if over else [])])


def _by_size(figures: Figures, gains: Sequence[_Gain]) -> Finding:
    """Who gains most at the smallest size at which anybody does, and at the largest."""
    sizes = sorted({each.sample.case.request_size for each in gains})
    picked = [
        max(
            (each for each in gains if each.sample.case.request_size == size),
            key=lambda each: each.gain.value,
        )
        for size in dict.fromkeys((sizes[0], sizes[-1]))
    ]
    names = Names(each.sample.case for each in gains)
    parts = [
        f"at {shown(each.sample.case.request_size)} {each.sample.backend} gains most over {figures.base}, "
        f"{times(each.gain)}{f' in {names.algorithm(each.sample.case)}' * names.works} "
        f"at q_len {each.sample.case.q_len}"
        for each in picked
    ]
    text = "; ".join(parts)
    numbers: Numbers = {"case": picked[0].sample.case.name, **ratio_numbers(picked[0].gain)}
    rested = [sample for each in picked for sample in (each.sample, each.base)]
    return finding(KIND, text[0].upper() + text[1:], numbers, figures, rested)
