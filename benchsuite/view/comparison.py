"""Comparisons in words: verdicts, the legend, warnings; and their lines as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import inf
from typing import Any

from benchsuite import doubts, stats
from benchsuite.compare.comparison import NOT_COMPARED, Comparison, Line
from benchsuite.compare.groups import Group
from benchsuite.compare.verdicts import DRIFT, NOISE, NOT_SLOWER, UNDECIDED, Rule, Verdict
from benchsuite.facts import Fact
from benchsuite.formats.figure import ELAPSED
from benchsuite.model import CPU, CYCLES, WALL, CaseResult
from benchsuite.sheet.numbers import NONE, percent, significant
from benchsuite.sheet.printable import clean
from benchsuite.units import many, several

_METRICS = {WALL: "wall time", CPU: "CPU time", CYCLES: "cycles"}


def ratio(value: float) -> str:
    if value == inf:
        return "inf"
    return f"{value:.0f}" if value >= 100 else f"{value:.3f}" if value >= 0.01 else f"{value:.2g}"


def more_latency(of: float) -> str:
    """The ratio of a latency as its change: `+5.2%`."""
    return "from 0" if of == 0 else f"{100 * (1 / of - 1):+.1f}%"


def change(line: Line) -> str:
    """How the figures differ: `0.951 times the rate`; of an open loop `mean latency +5.2%`."""
    if line.ratio is None:
        return NONE
    if not line.open_loop or line.metric != WALL:
        return f"{ratio(line.ratio)} times the rate"
    share = dropped(line)
    return f"mean latency {more_latency(line.ratio)}" + (f", dropped {share}" if share else "")


def dropped(line: Line) -> str:
    """The dropped shares of both sides; "" where nothing was dropped on either."""
    base, other = line.dropped
    if not base and not other:
        return ""
    return f"{dropped_share(base)} to {dropped_share(other)}"


def dropped_share(found: float | None) -> str:
    return NONE if found is None else percent(found, 3)


def interval(of: Verdict | Group) -> str:
    if of.low == 0 and of.high == inf:
        return NONE
    return f"{ratio(of.low)}..{ratio(of.high)}"


def said(line: Line) -> str:
    """The verdict in words; of a case without one, what became of it (the reason is a foot-note)."""
    if line.verdict is None:
        return f"{line.kind} ({clean(line.status)})" if line.kind else clean(line.status)
    if line.single:
        return f"{UNDECIDED} (one {_figure(line)})"
    if line.verdict.kind != UNDECIDED:
        kind = in_words(line.verdict.kind, line.verdict.threshold)
        return f"{kind} (dropped share)" if line.verdict.by_share else kind
    if line.verdict.why == DRIFT:
        return f"{UNDECIDED} (drift)"
    if line.verdict.more is None:
        return f"{UNDECIDED} ({NOISE})"
    return f"{UNDECIDED} (+{many(line.verdict.more, 'round')})"


def in_words(kind: str, threshold: float) -> str:
    return f"{kind} by {percent(threshold)}" if kind == NOT_SLOWER else kind


def remarks(line: Line) -> list[str]:
    """Texts that become foot-notes."""
    reason = [f"{clean(line.status)}: {clean(line.reason)}"] if line.verdict is None else []
    sides = line.couple.base, line.couple.other
    return reason + [doubts.simulated_note(*sides)] * line.simulated + notes(line)


def notes(line: Line) -> list[str]:
    """Notes that the sources of imported figures make on them, and on which side."""
    base, other = map(doubts.imported_notes, (line.couple.base, line.couple.other))
    both = [text for text in base if text in other]
    sides = [
        f"{side}: {text}"
        for side, texts in (("Base", base), ("Other", other))
        for text in texts
        if text not in both
    ]
    return [clean(text) for text in both + sides]


def foreign_clock(line: Line) -> str:
    """The clock of imported times that are not elapsed time, in words; "" for any other ratio."""
    other = line.couple.other
    return clean(stats.clock_in_words(other)) if line.metric == WALL and stats.clock(other) != ELAPSED else ""


def rate(result: CaseResult, seconds: float | None) -> str:
    """The rate in the case's unit, for a table."""
    return significant(None if seconds is None else result.case.rate_of(seconds))


def heading(comparison: Comparison) -> list[str]:
    lines = []
    for role, party in (("Base", comparison.base), ("Other", comparison.other)):
        about = [clean(text) for text in (party.about, *party.versions) if text]
        lines.append(f"{role}: {clean(party.label)}" + (f" ({'; '.join(about)})" if about else ""))
    return lines


def legend(comparison: Comparison, intervals: bool = True) -> str:
    """A paragraph on how to read ratios and verdicts."""
    rule = comparison.rule
    on = " and ".join(
        dict.fromkeys(foreign_clock(line) or _METRICS[line.metric] for line in comparison.compared)
    )
    if not (on or any(line.status == NOT_COMPARED for line in comparison.lines)):
        on = " and ".join(_METRICS[metric] for metric in comparison.metrics) or _METRICS[WALL]
    sentences = [f"Ratio: {_of_what(comparison)}{f', by {on}' if on else ''}; above 1 is faster"]
    if any(line.open_loop for line in comparison.lines):
        sentences += ["an open loop is judged by its dropped share, too: more dropped is slower"]
    sentences += ["interval: 95% of that case by itself"] * intervals
    sentences += [corrected(rule, comparison.cases, bool(comparison.again))]
    text = "; ".join(sentences) + "."
    return " ".join([text, *how(comparison)])


def _of_what(comparison: Comparison) -> str:
    """The two figures of which the ratio is."""
    kinds = {line.open_loop and line.metric == WALL for line in comparison.lines}
    rates, latencies = "Other's rate to Base's", "Base's mean latency to Other's"
    if kinds == {True}:
        return latencies
    return f"{rates}, of an open loop {latencies}" if True in kinds else rates


def corrected(rule: Rule, cases: int, looked: bool) -> str:
    """The meaning of verdicts. looked: they were looked at while measuring went on."""
    said = f"verdicts: corrected for {many(cases, 'case')} at {percent(rule.alpha)}"
    none, much = percent(rule.smallest), percent(rule.threshold)
    if looked:
        return (
            f"{said}, however often they were looked at; slower is by more than {none}, the threshold {much}"
        )
    return f"{said}; up to {none} is no difference, {much} is one to be found"


def how(comparison: Comparison) -> list[str]:
    """Sentences on how the sides were measured and judged, where that limits what may be concluded."""
    return [*_single(comparison), *_otherwise(comparison), *_apart(comparison)]


def _otherwise(comparison: Comparison) -> list[str]:
    """Where verdicts are not those that were given when it was measured."""
    found = comparison.again
    if found and found.kept:
        rule = found.kept
        return [
            f"By another rule than it was measured by (smallest effect {percent(rule.smallest)}, threshold "
            f"{percent(rule.threshold)}, alpha {percent(rule.alpha)}), or by another metric or drift: "
            "verdicts may differ from those given then."
        ]
    if found and found.changed:
        return [
            f"{many(found.changed, 'verdict')} given when it was measured said something else: by another "
            "version of benchsuite, or the file was changed since."
        ]
    return []


def _figure(line: Line) -> str:
    """The thing that a side has one of, where noise cannot be told."""
    sides = line.couple.base, line.couple.other
    if any(stats.facts(side, Fact.IMPORTED_FROM) for side in sides):
        return "value"
    return "round" if stats.facts(line.couple.other, Fact.SIDE) else "process"


_CURES = {
    "value": "import several logs together (benchsuite import LOG LOG ...)",
    "round": "give it a larger --budget",
    "process": "measure in several (--set processes=5), or with --paired",
}


def _single(comparison: Comparison) -> list[str]:
    """Advice where a side has one figure, as in a single log of another program."""
    single = [line for line in comparison.lines if line.single]
    sentences = []
    for figure in dict.fromkeys(map(_figure, single)):
        couples = [line.couple for line in single if _figure(line) == figure]
        sides = [side for couple in couples for side in (couple.base, couple.other)]
        each = " each" * all(sum(bool(run.values) for run in side.runs) == 1 for side in sides)
        sentences.append(f"One {figure}{each}, so noise cannot be told from change: {_CURES[figure]}.")
    return sentences


def _apart(comparison: Comparison) -> list[str]:
    if comparison.paired or not any(line.couple.apart for line in comparison.lines):
        return []
    drift = percent(comparison.rule.drift)
    if comparison.anchored:
        return [
            f"Both were measured in pairs with {clean(comparison.anchored)}, at different times, and are "
            f"compared by their ratio to it; up to {drift} more may be drift."
        ]
    return [
        f"Measured at different times: up to {drift} more may be drift of the machine, and no number of "
        "values can tell; compare --paired measures without it."
    ]


def summary(comparison: Comparison) -> str:
    """`30 cases: 1 slower, 29 same; geometric mean 0.998 (0.995..1.001)`."""
    threshold = comparison.rule.threshold
    counts = ", ".join(f"{count} {in_list(kind, threshold)}" for kind, count in comparison.counts().items())
    overall = comparison.overall()
    mean = ""
    if overall and overall.cases > 1:
        within = interval(overall)
        mean = f"; geometric mean {ratio(overall.ratio)}" + (f" ({within})" if within != NONE else "")
    return (
        f"{many(len(comparison.lines), 'case')}: {counts}{mean}."
        if comparison.lines
        else "No case in common."
    )


def in_list(kind: str, threshold: float) -> str:
    """A kind or status beside others, without a comma of its own."""
    return clean(in_words(kind, threshold)).replace(",", "")


def unmatched(comparison: Comparison) -> list[str]:
    lines = []
    for role, cases in (("Base", comparison.only_base), ("Other", comparison.only_other)):
        if cases:
            lines.append(f"only in {role}: {some([case.name for case in cases])}")
    return lines


def some(names: Sequence[str]) -> str:
    """The first of the names, for people, and how many more."""
    return several([clean(name) for name in names])


def warnings(comparison: Comparison) -> list[str]:
    return [clean(text) for text in comparison.warnings] + unmatched(comparison)


def group_name(group: Group) -> str:
    return ", ".join(clean(value) for value in group.values)


def kinds(group: Group, threshold: float) -> str:
    return ", ".join(f"{count} {in_list(kind, threshold)}" for kind, count in group.kinds.items())


def record(line: Line) -> dict[str, Any]:
    """A line as plain data, every key always there. Rates are of wall time; null is a figure there is not.
    Of an open loop requests per second are those that were carried, and the ratio is of latencies."""
    verdict = line.verdict
    plain = asdict(verdict) if verdict else {}
    (base, then), (other, now) = (
        (line.couple.base, line.base_seconds),
        (line.couple.other, line.other_seconds),
    )
    dropped_base, dropped_other = line.dropped
    return {
        "name": line.couple.other.case.name,
        "base_name": line.couple.base.case.name,
        "parameters": line.case.told(),
        "status": line.status,
        "reason": line.reason,
        "metric": line.metric,
        "verdict": plain.get("kind"),
        "ratio": line.ratio,
        "low": plain.get("low"),
        "high": None if plain.get("high") == inf else plain.get("high"),
        "rounds": plain.get("rounds"),
        "more_rounds": plain.get("more"),
        "undecided_because": plain.get("why") or None,
        "base_bits_per_second": base.case.bits_per_second(then) if then else None,
        "other_bits_per_second": other.case.bits_per_second(now) if now else None,
        "simulated": line.simulated,
        "base_requests_per_second": _requests(base, then),
        "other_requests_per_second": _requests(other, now),
        "base_clock": stats.clock(base),
        "other_clock": stats.clock(other),
        "base_confidence": stats.confidence(base) or None,
        "other_confidence": stats.confidence(other) or None,
        "base_latency_mean_seconds": then if base.case.load.open_loop else None,
        "other_latency_mean_seconds": now if other.case.load.open_loop else None,
        "base_dropped_fraction": dropped_base,
        "other_dropped_fraction": dropped_other,
        "by_dropped": plain.get("by_share") if line.open_loop else None,
        "notes": notes(line),
        "base_tags": base.tags,
        "other_tags": other.tags,
    }


def _requests(result: CaseResult, seconds: float | None) -> float | None:
    """Requests per second that were done."""
    if not seconds:
        return None
    return stats.summary(result).carried_per_second if result.case.load.open_loop else 1 / seconds
