"""Up to which offered load an open loop answers about as soon as under the least, and what is beyond: from
where on it waits, and where requests are dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.compare.crossovers import FLOOR
from benchsuite.findings.figures import Figures, Range, Sample, ratio
from benchsuite.findings.finding import Finding
from benchsuite.findings.words import Names, Numbers, duration, finding, number, percent, times, without
from benchsuite.sheet.numbers import significant
from benchsuite.units import listed, many

KIND = "load"
NEAR = 2.0  # times the latency under the least load
LEAST_DROPPED = 0.001  # of what arrives: a share that is told
_SAMPLES = 1000  # of which p99 is more than the slowest few
_FEWEST = 3  # loads, below which there is no shape to speak of
_FEW = 3  # workloads that are told one by one
_KEYS = ("rate", "rate_percent")


@dataclass(frozen=True, slots=True)
class _Course:
    """A workload of a backend under rising loads. word: the latency that is looked at; seconds: of it, at
    each load. near: how many of the least loads have it near the first one; beyond: how many of the greatest
    have not."""

    samples: tuple[Sample, ...]
    word: str
    seconds: tuple[float, ...]
    near: int
    beyond: int

    @property
    def clear(self) -> bool:
        """Whether it is near up to a load, and at none beyond."""
        return self.near + self.beyond == len(self.samples)

    def times(self, place: int) -> float:
        """Latency at a load, in that under the least."""
        return self.seconds[place] / self.seconds[0]


def find(figures: Figures) -> list[Finding]:
    figures = figures.opened
    working = [each for each in figures.working if each.figures.open_loop]
    if figures.paired or not working:
        return []
    lines = [_rising(members) for members in figures.groups(working, *_KEYS)]
    courses = [_course(line) for line in lines if len(line) >= _FEWEST]
    names = Names((each.case for each in working), *_KEYS)
    if len(courses) > _FEW:
        courses.sort(key=lambda each: _load(each.samples[each.near - 1]))
        found = [_many(figures, courses, names)]
    else:
        found = [_one(figures, each, names) for each in courses]
    if not found and len(working) == 1:
        found = [_alone(figures, working[0])]
    return found + _beside(figures)


def _load(sample: Sample) -> float:
    """What was offered, in requests per second."""
    return sample.figures.offered_per_second or 0.0


def _dropped(sample: Sample) -> float:
    share = sample.figures.dropped or 0.0
    return share if share >= LEAST_DROPPED else 0.0


def _rising(members: Sequence[Sample]) -> tuple[Sample, ...]:
    return tuple(sorted(members, key=_load))


def _course(line: tuple[Sample, ...]) -> _Course:
    word, seconds = _latencies(line)
    far = [took > NEAR * seconds[0] or _dropped(each) > 0 for each, took in zip(line, seconds, strict=True)]
    far[0] = _dropped(line[0]) > 0
    near = next((place for place, each in enumerate(far) if each), len(line))
    beyond = next((place for place, each in enumerate(reversed(far)) if not each), len(line))
    if min(seconds) * NEAR < seconds[0]:  # something disturbed the one that the others are held against
        near = beyond = 0
    return _Course(line, word, seconds, near, beyond)


def _latencies(line: Sequence[Sample]) -> tuple[str, tuple[float, ...]]:
    """The p99, where enough requests were sampled for it; else the mean."""
    found = [each.figures.latency.get("lat") for each in line]
    enough = [each.p99 / 1e9 for each in found if each and each.count >= _SAMPLES and each.p99]
    if len(enough) == len(line):
        return "p99", tuple(enough)
    return "mean", tuple(each.time.value for each in line)


def _who(sample: Sample, names: Names) -> str:
    """Backend, work and size, and what else differs of the cases."""
    rest = (key for key in names.keys if key not in ("request_size", *_KEYS))
    return f"{sample.backend}, {sample.case.words(('request_size', *rest))}"


def _at(sample: Sample) -> str:
    """A load, in words: `80% of its capacity`, `200000 requests/s`."""
    share = sample.case.rate_percent
    return f"{share}%" if share else f"{_per_second(_load(sample))}"


def _per_second(rate: float) -> str:
    """1.3 million requests/s."""
    if rate >= 1e6:
        return f"{significant(rate / 1e6, 2)} million requests/s"
    return f"{rate:.0f} requests/s" if rate >= 10 else f"{significant(rate, 2)} requests/s"


def _one(figures: Figures, of: _Course, names: Names) -> Finding:
    first, last = of.samples[0], of.samples[-1]
    numbers: Numbers = {
        "case": first.case.name,
        "least_offered_per_second": _load(first),
        f"least_{of.word}_seconds": of.seconds[0],
        f"most_{of.word}_seconds": of.seconds[-1],
        "most_offered_per_second": _load(last),
        "most_dropped_fraction": max(each.figures.dropped or 0.0 for each in of.samples),
    }
    text = f"{_who(first, names)}: {_said(of, numbers)}"
    lost = [each for each in figures.lost if each.case.without(*_KEYS) == first.case.without(*_KEYS)]
    return finding(KIND, text + without(lost, [last.case]), numbers, figures, of.samples)


def _said(of: _Course, numbers: Numbers) -> str:
    first, last = of.samples[0], of.samples[-1]
    held = f"what it is at {_at(first)} ({duration(of.seconds[0])})"
    if of.near == len(of.samples):
        highest = max(map(of.times, range(len(of.samples))))
        numbers["near_offered_per_second"] = _load(last)
        return f"up to {_up_to(last)} {of.word} stays within {number(max(highest, 1.0))} times {held}"
    if of.clear and of.near > 0:
        at, beyond = of.samples[of.near - 1], of.samples[of.near]
        numbers |= {"near_offered_per_second": _load(at), "beyond_offered_per_second": _load(beyond)}
        if of.near == 1:
            text = f"{of.word} is near {held} at no higher load"
        else:
            text = f"up to {_up_to(at)} {of.word} stays within {NEAR:g} times {held}"
        return f"{text}; {_beyond(of)}"
    if first_drop := next((each for each in of.samples if _dropped(each)), None):
        return _drops(first_drop)
    spread = [each / of.seconds[0] for each in of.seconds]
    return (
        f"from which load on {of.word} grows, these values do not tell: from {_at(first)} to {_at(last)} it "
        f"goes up and down between {number(min(spread))} and {number(max(spread))} times {held}"
    )


def _up_to(sample: Sample) -> str:
    if sample.case.rate_percent:
        return f"{sample.case.rate_percent}% of its capacity ({_per_second(_load(sample))})"
    return _per_second(_load(sample))


def _beyond(of: _Course) -> str:
    """The first load beyond, and the last where that is another."""
    places = sorted({of.near, len(of.samples) - 1})
    said = []
    for place in places:
        sample = of.samples[place]
        grown = of.times(place) > NEAR
        waits = [f"it is {number(of.times(place))} times"] if grown else []
        waits += [f"{percent(_dropped(sample))} are dropped"] if _dropped(sample) else []
        said.append(f"at {_at(sample)} {' and '.join(waits)}")
    return ", ".join(said)


def _drops(sample: Sample) -> str:
    return f"loses {percent(_dropped(sample))} at {_at(sample)} already"


def _many(figures: Figures, courses: Sequence[_Course], names: Names) -> Finding:
    """Many workloads: how many keep their latency up to which load, and which loses it first."""
    clear = [each for each in courses if each.clear and each.near]
    parts = []
    numbers: Numbers = {"workloads": len(courses), "clear": len(clear)}
    if clear:
        worst, best = (pick(clear, key=_place) for pick in (min, max))
        text = (
            f"{len(clear)} of {many(len(courses), 'workload')} stay within {NEAR:g} times their least latency"
        )
        text += f" up to {_last_near(worst)} ({_who(worst.samples[0], names)})"
        parts.append(text + f" or more, at most {_last_near(best)}" * (_place(best) > _place(worst)))
    losing = [each for each in courses if _dropped(each.samples[-1])]
    if losing:
        most = max(losing, key=lambda each: _dropped(each.samples[-1]))
        sample = most.samples[-1]
        share = f"{percent(_dropped(sample))} at {_at(sample)}"
        parts.append(f"{len(losing)} drop requests, {_who(sample, names)} {share}")
    if len(clear) < len(courses):
        parts.append(f"of {len(courses) - len(clear)} these values do not tell")
    rested = [sample for each in courses for sample in each.samples]
    return finding(KIND, "; ".join(parts), numbers, figures, rested)


def _last_near(of: _Course) -> str:
    return _at(of.samples[of.near - 1])


def _place(of: _Course) -> tuple[int, float]:
    sample = of.samples[of.near - 1]
    return sample.case.rate_percent, _load(sample)


def _alone(figures: Figures, sample: Sample) -> Finding:
    """The one open loop of a result."""
    work = sample.case.words(("request_size",))
    found = sample.figures.latency.get("lat")
    slow = f", p99 {duration(found.p99 / 1e9)}" if found and found.count >= _SAMPLES else ""
    text = (
        f"At {_per_second(_load(sample))} of {work}, {sample.backend} answers in "
        f"{duration(sample.time.value)} on the mean{slow}"
    )
    text += f"; {percent(_dropped(sample))} of what arrives are dropped" if _dropped(sample) else ""
    numbers: Numbers = {
        "case": sample.case.name,
        "latency_mean_seconds": sample.time.value,
        "offered_per_second": _load(sample),
        "dropped_fraction": sample.figures.dropped or 0.0,
    }
    return finding(KIND, text, numbers, figures, [sample])


def _beside(figures: Figures) -> list[Finding]:
    """Backends under the same rate of requests: the highest at which neither drops any tells most."""
    found: dict[str, list[tuple[Sample, Sample, Range]]] = {}
    for members in figures.contests:
        own = next((each for each in members if each.backend == figures.base), None)
        for each in members:
            fair = own and each is not own and each.case.rate and not (_dropped(own) or _dropped(each))
            if fair and own and each.backend != FLOOR and (longer := ratio(each, own)):
                found.setdefault(each.backend, []).append((each, own, longer))
    return [_against(figures, of) for of in found.values()]


def _against(figures: Figures, of: Sequence[tuple[Sample, Sample, Range]]) -> Finding:
    each, own, longer = max(of, key=lambda pair: _load(pair[0]))
    at = f"At {_per_second(each.case.rate)} of {each.case.words(('request_size',))}"
    if longer.more or longer.fewer:
        text = f"{at} {each.backend} takes {times(longer)} as long as {own.backend} on the mean"
    else:
        text = f"{at} {listed([each.backend, own.backend])} are not told apart by their mean latency"
    numbers: Numbers = {
        "case": each.case.name,
        "base": own.backend,
        "ratio": longer.value,
        "low_ratio": longer.low,
        "high_ratio": longer.high,
    }
    rested = [sample for pair in of for sample in pair[:2]]
    return finding(KIND, text, numbers, figures, rested)
