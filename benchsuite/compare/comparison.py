"""Two sides compared, as data: a line for each case, groups, warnings. What view/ puts into words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from math import exp

from benchsuite import stats
from benchsuite.compare import dropped, verdicts
from benchsuite.compare.again import Again, again
from benchsuite.compare.evidence import Estimate, one
from benchsuite.compare.groups import Group, group, groups
from benchsuite.compare.matching import Couple, Matched, estimate
from benchsuite.compare.rounds import per_round
from benchsuite.compare.verdicts import UNDECIDED, Rule, Verdict
from benchsuite.facts import Fact
from benchsuite.model import METRICS, WALL, BenchsuiteError, Case, CaseResult, CouldNotMeasure
from benchsuite.selection.keys import values
from benchsuite.sheet.numbers import percent

# By how much two runs of the same thing may differ because they were not one run; measured, see METHODOLOGY.
APART, ANCHORED = 0.10, 0.02
COMPARED, NOT_MEASURED, NOT_COMPARED = "compared", "not measured", "not compared"
BUDGET = "budget"  # a key of model.FAILURES


@dataclass(frozen=True, slots=True)
class Party:
    """One side. versions: `backend = version` of what was measured."""

    label: str
    about: str = ""  # of where it comes from
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A case on both sides, and its verdict. status is COMPARED, or why there is no verdict: a key of
    model.FAILURES or NOT_MEASURED, with the reason and on which side, or NOT_COMPARED, of times of two
    clocks. Without a verdict there is an estimate where the two may be one clock."""

    couple: Couple
    metric: str
    status: str = COMPARED
    reason: str = ""
    verdict: Verdict | None = None
    estimate: Estimate | None = None

    @property
    def case(self) -> Case:
        return self.couple.case

    @property
    def tags(self) -> dict[str, str]:
        """The tags of both sides, `6.12 to 6.14` where these differ."""
        then, now = self.couple.base.tags, self.couple.other.tags
        pairs = {key: (then.get(key, "none"), now.get(key, "none")) for key in {**then, **now}}
        return {key: a if a == b else f"{a} to {b}" for key, (a, b) in pairs.items()}

    @property
    def kind(self) -> str:
        """The kind of the verdict. A case for which only the time was too short is undecided, too; "" of one
        that could not be measured."""
        if self.verdict:
            return self.verdict.kind
        couple = self.couple
        sides = couple.base, couple.other, *(couple.anchors or ())
        if not (couple.together or couple.anchors) or any(side.failure for side in sides):
            return ""
        short = self.status in (BUDGET, COMPARED) or not all(side.runs for side in sides)
        return UNDECIDED if short else ""

    @property
    def single(self) -> bool:
        """Whether it is undecided because a side has one value, of which no noise can be told."""
        return bool(self.kind == UNDECIDED and self.verdict and self.verdict.rounds < 2)

    @property
    def simulated(self) -> bool:
        return stats.simulated(self.couple.base) or stats.simulated(self.couple.other)

    @property
    def ratio(self) -> float | None:
        """The ratio of the rates, also where there is no verdict on it."""
        if self.verdict:
            return self.verdict.ratio
        return exp(-self.estimate.change) if self.estimate else None

    @property
    def open_loop(self) -> bool:
        """Whether its figures are latencies, which fall where it gets better."""
        return self.couple.other.case.load.open_loop

    @property
    def dropped(self) -> tuple[float | None, float | None]:
        """Dropped shares of base and other; None of a closed loop, and without a figure."""
        return dropped.share(self.couple.base), dropped.share(self.couple.other)

    @property
    def base_seconds(self) -> float | None:
        return seconds(self.couple.base)

    @property
    def other_seconds(self) -> float | None:
        return seconds(self.couple.other)


def seconds(result: CaseResult) -> float | None:
    """Wall time of a request, of an open loop its mean latency, by the figures of the rounds that verdicts
    rest on; None where there are none."""
    try:
        return exp(one(per_round(result, WALL).values()).change)
    except CouldNotMeasure:
        return None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Comparison of the other side with the base. `cases` is what verdicts are corrected for: these lines,
    and those of other comparisons made with this one. paired: both were measured in one run, in
    alternation."""

    base: Party
    other: Party
    lines: list[Line]
    rule: Rule  # its drift is the largest of any line
    cases: int
    paired: bool = False
    anchored: str = ""  # the anchor's name, where there is one
    only_base: list[Case] = field(default_factory=list)
    only_other: list[Case] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)  # crossovers, and the like
    again: Again | None = None  # of what was looked at while it was measured

    @property
    def compared(self) -> list[Line]:
        return [line for line in self.lines if line.verdict]

    def counts(self) -> dict[str, int]:
        """Numbers of cases by verdict, or by status of those without one."""
        found: dict[str, int] = {}
        for line in self.lines:
            kind = line.kind or line.status
            found[kind] = found.get(kind, 0) + 1
        return found

    def overall(self) -> Group | None:
        members = [
            (line.estimate, line.verdict.kind) for line in self.lines if line.estimate and line.verdict
        ]
        return group((), members) if members else None

    def grouped(self, keys: Sequence[str]) -> list[Group]:
        return groups(
            (values(line.case, keys, line.tags), line.estimate, line.verdict.kind)
            for line in self.lines
            if line.estimate and line.verdict
        )

    @property
    def metrics(self) -> list[str]:
        return list(dict.fromkeys(line.metric for line in self.compared or self.lines))


def metric_of(couple: Couple, asked: str | None) -> str:
    """The metric that decides: as asked, else as the run did that measured the other side."""
    known = [name for name in stats.facts(couple.other, Fact.DECIDE_ON) if name in METRICS]
    return asked or (known[0] if known else WALL)


def unjudged(couple: Couple, metric: str) -> Line:
    """The line of a couple, with what there is to be judged, or why there is nothing."""
    try:
        found = estimate(couple, metric)
    except CouldNotMeasure as error:
        return Line(couple, metric, *_why_not(couple, str(error)))
    if reason := _other_load(couple):
        return Line(couple, metric, NOT_COMPARED, reason)
    agree = metric != WALL or stats.clocks_agree(map(stats.clock, (couple.base, couple.other)))
    if agree:
        return Line(couple, metric, estimate=found)
    return Line(
        couple, metric, NOT_COMPARED, _clocks(couple, agree), estimate=found if agree is None else None
    )


def _other_load(couple: Couple) -> str:
    """Why no figure of one side says anything of the other, by how requests come; "" where it may."""
    base, other = couple.base.case, couple.other.case
    if base.load.open_loop != other.load.open_loop and not couple.anchors:
        loops = ("an open loop" if case.load.open_loop else "a closed loop" for case in (base, other))
        return "Base is {}, Other is {}: a latency and a time per request have no ratio".format(*loops)
    rates = base.rate, base.rate_percent
    if rates != (other.rate, other.rate_percent):
        then, now = (_rate(case) for case in (base, other))
        return f"Base is offered {then}, Other {now}: latencies under other loads; compare at one rate"
    return ""


def _rate(case: Case) -> str:
    return f"{case.rate} requests/s" if case.rate else f"{case.rate_percent}% of its capacity"


def _clocks(couple: Couple, agree: bool | None) -> str:
    base, other = map(stats.clock_in_words, (couple.base, couple.other))
    means = "may have no meaning" if agree is None else "has no meaning"
    return f"Base is {base}, Other is {other}: a ratio of the two {means}; take both by the same clock"


def out_of_time(line: Line) -> Line:
    """The line; of a case that has no verdict for want of time, saying so."""
    if line.verdict or line.kind != UNDECIDED:
        return line
    what = "a verdict" if line.estimate else "a round"
    return replace(line, status=BUDGET, reason=f"the budget ran out before it had {what}", estimate=None)


def _why_not(couple: Couple, reason: str) -> tuple[str, str]:
    """Status and reason of a couple that cannot be compared."""
    anchors = zip(("the base's anchor", "the other's anchor"), couple.anchors or (), strict=False)
    for side, result in (("base", couple.base), ("other", couple.other), *anchors):
        if result.failure:
            return result.failure.kind, f"{side}: {result.failure.reason}"
    return NOT_MEASURED, reason


def rule_for(couple: Couple, rule: Rule, drift: float | None) -> Rule:
    """The rule for a couple. drift: as asked; None: by how the couple was measured."""
    if drift is None:
        drift = (ANCHORED if couple.anchors else APART) if couple.apart else 0.0
    return replace(rule, drift=drift)


def judged(
    matched: Sequence[tuple[Party, Party, Matched]],
    rule: Rule,
    asked: str | None,
    drift: float | None,
    given: Collection[str] = (),
) -> list[Comparison]:
    """Judge every pair of sides. What was looked at while it was measured is judged by the rule of the
    measuring, in place of which `given` names what counts of this one; the rest together: the more
    comparisons, the more chance has to be kept out."""
    rest = iter(_together([each for each in matched if each[2].looked is None], rule, asked, drift))
    return [
        next(rest) if each[2].looked is None else _again(*each, rule, asked, drift, given) for each in matched
    ]


def _again(
    base: Party,
    other: Party,
    matched: Matched,
    rule: Rule,
    asked: str | None,
    drift: float | None,
    given: Collection[str],
) -> Comparison:
    assert matched.looked
    if matched.looked.rule:
        rule = replace(matched.looked.rule, **{key: getattr(rule, key) for key in given})
        if rule.smallest >= rule.threshold:
            raise BenchsuiteError(
                f"--smallest {percent(rule.smallest)} is not below --threshold {percent(rule.threshold)}: "
                "one of them is the result's own, by which it was measured; give both"
            )
    couples = matched.couples
    metrics = [metric_of(couple, asked) for couple in couples]
    rules = [rule_for(couple, rule, drift) for couple in couples]
    usual = [metric_of(each, None) for each in couples], [rule_for(each, rule, None) for each in couples]
    found = again(couples, metrics, rules, matched.looked, (metrics, rules) != usual)
    lines = [unjudged(couple, metric) for couple, metric in zip(couples, metrics, strict=True)]
    lines = [
        out_of_time(replace(line, verdict=verdict if line.estimate else None))
        for line, verdict in zip(lines, found.verdicts, strict=True)
    ]
    return replace(compared(base, other, matched, lines, rule, drift, found.cases), again=found)


def _together(
    matched: Sequence[tuple[Party, Party, Matched]], rule: Rule, asked: str | None, drift: float | None
) -> list[Comparison]:
    all_lines = [
        [unjudged(couple, metric_of(couple, asked)) for couple in each.couples] for _, _, each in matched
    ]
    open_ = [line for lines in all_lines for line in lines if line.estimate and line.status == COMPARED]
    found = verdicts.judge(
        [line.estimate for line in open_ if line.estimate],
        [rule_for(line.couple, rule, drift) for line in open_],
    )
    by_line = {id(line): verdict for line, verdict in zip(open_, found, strict=True)}
    return [
        compared(
            base,
            other,
            each,
            [replace(line, verdict=by_line.get(id(line))) for line in lines],
            rule,
            drift,
            len(open_),
        )
        for (base, other, each), lines in zip(matched, all_lines, strict=True)
    ]


def compared(
    base: Party,
    other: Party,
    matched: Matched,
    lines: list[Line],
    rule: Rule,
    drift: float | None,
    cases: int,
) -> Comparison:
    rules = [rule_for(line.couple, rule, drift) for line in lines]
    anchors = [line.couple.anchors[0].case.backend for line in lines if line.couple.anchors]
    return Comparison(
        base,
        other,
        lines,
        max(rules, key=lambda each: each.drift, default=rule),
        cases,
        paired=bool(lines) and all(line.couple.together for line in lines),
        anchored=anchors[0] if anchors else "",
        only_base=matched.only_base,
        only_other=matched.only_other,
    )
