"""The Python API: runs, comparisons and gates as objects to hold, for notebooks and harnesses.

docs/python.md shows it. Nothing is printed. A mistake is a BenchsuiteError with the sentence that the command
line would print; parameters are called as its options are. Ctrl-C ends a measurement, and leaves what was
measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any, Self

from benchsuite import model, store
from benchsuite.arguments import (
    Cases,
    Chosen,
    Seconds,
    Texts,
    Values,
    check_numbers,
    check_one_of,
    cpus_of,
    limit_of,
    overrides_of,
    remarks_of,
    seconds_of,
    source_of,
    texts_of,
    two_backends,
)
from benchsuite.compare import comparison
from benchsuite.compare.labels import shown
from benchsuite.compare.outcome import Outcome, outcome
from benchsuite.compare.verdicts import COUNTS_AS
from benchsuite.findings import Finding, findings
from benchsuite.host.placement import Cpus
from benchsuite.model import METRICS, BenchsuiteError, Case, CaseResult, CouldNotMeasure, NotAvailable, Plan
from benchsuite.runs import comparisons, outputs, pairs
from benchsuite.runs.comparisons import OF_FILES, SMALLEST, THRESHOLD, Judge, make_rule
from benchsuite.runs.gate import ALPHA, Baseline, check_against, hold
from benchsuite.runs.lasting import lasting
from benchsuite.runs.pairs import Observer as PairsObserver
from benchsuite.runs.plan import check_backends, make_plan, with_wishes, within_budget
from benchsuite.runs.run import INTERRUPTED, Observer, Run, Settings
from benchsuite.selection.filters import parse
from benchsuite.selection.keys import check_tag_keys, parameter

__all__ = [
    "BenchsuiteError",
    "Case",
    "CaseResult",
    "Comparison",
    "CouldNotMeasure",
    "Finding",
    "Gate",
    "NotAvailable",
    "Observer",
    "PairsObserver",
    "Result",
    "cases",
    "gate",
    "load",
    "run",
]


@dataclass(slots=True, repr=False)
class Result(model.Result):
    """What was measured: `cases`, `environment`, `complete`. path: of its file, None where it is in none.
    interrupted: by Ctrl-C."""

    path: Path | None = None
    interrupted: bool = False

    @classmethod
    def of(cls, result: model.Result, path: Path | None, interrupted: bool = False) -> Self:
        own = {field.name: getattr(result, field.name) for field in fields(model.Result)}
        return cls(**own, path=path, interrupted=interrupted)

    @property
    def measured(self) -> list[CaseResult]:
        """The cases that have a figure."""
        return [case for case in self.cases if case.measured]

    @property
    def findings(self) -> list[Finding]:
        """What the figures answer, the most important first: each has its `text`, and `figures` for
        programs."""
        return findings(*shown(self))

    def table(self, format: str = "table", across: str | None = None) -> str:
        """The figures as text: a table, markdown, csv or json. across="backend" puts backends side by
        side."""
        from benchsuite.report import render

        return render(self, format, None, across=across)

    def rows(self) -> list[dict[str, Any]]:
        """A dictionary for each case, the columns of `show -f csv`: units are in their names, None is a
        figure that there is not."""
        from benchsuite.view.cases_sheet import CasesSheet

        return _dictionaries(CasesSheet(shown(self)[0]).table())

    def compare(
        self,
        other: model.Result | None = None,
        *,
        across: str | None = None,
        base: str | None = None,
        filter: Texts = (),
        threshold: float | None = None,
        smallest: float | None = None,
        alpha: float | None = None,
        on: str | None = None,
        drift: float | None = None,
    ) -> Comparison:
        """This result, as the base, and another; or the cases of this one that differ in a parameter
        (across), with one of its values as the base; or both sides of one that was measured in pairs."""
        asked = {"threshold": threshold, "smallest": smallest, "alpha": alpha}
        given = {key: value for key, value in asked.items() if value is not None}
        check_numbers(given | ({} if drift is None else {"drift": drift}))
        rule = make_rule(**({"threshold": THRESHOLD, "smallest": SMALLEST, "alpha": OF_FILES} | given))
        check_one_of("on", on, METRICS)
        sources = [(_name(each), each) for each in (self, other) if each is not None]
        filters = [parse(text) for text in texts_of("filter", filter)]
        judge = Judge(rule, on, drift, tuple(given))
        return Comparison(comparisons.comparisons(sources, judge, filters, across, base))

    def report(
        self, path: str | PathLike[str], *others: model.Result, title: str = "", overwrite: bool = False
    ) -> Path:
        """Writes a page with plots, ratios and tables, to be opened in a browser; others are compared with
        this one."""
        from benchsuite.report.charts.entries import collect
        from benchsuite.report.html.page import render

        outputs.check(path := Path(path), overwrite, "path")
        data = collect([(_name(each), each) for each in (self, *others)])
        outputs.write(path, render(data, title).encode(), "path")
        return path

    def save(self, path: str | PathLike[str], overwrite: bool = False) -> Path:
        """Writes the result to a file, for load() and all commands."""
        outputs.check(path := Path(path), overwrite, "path", result=overwrite)
        store.save(self, path)
        self.path = path
        return path

    def __repr__(self) -> str:
        state = "" if self.complete else ", interrupted" if self.interrupted else ", not complete"
        return f"<Result of {self.profile}: {len(self.measured)} of {len(self.cases)} cases measured{state}>"

    def _repr_html_(self) -> str:
        return _html(self.table())


class Comparison:
    """Cases side by side, with verdicts. parts: one of `base` and `other`, or with across one for each of the
    other values."""

    def __init__(self, parts: Sequence[comparison.Comparison]) -> None:
        self.parts = list(parts)

    @property
    def verdicts(self) -> dict[str, str]:
        """By the name of the other side's case: "slower", "slower, below the threshold", "undecided", "same",
        "not slower", "faster"; "" where there is none."""
        lines = [line for part in self.parts for line in part.lines]
        return {line.couple.other.case.name: line.kind for line in lines}

    def table(self, format: str = "table", group_by: Texts = ()) -> str:
        """The comparison as text: a table, markdown, csv or json."""
        from benchsuite.report import WRITERS, render_comparisons

        check_one_of("format", format, WRITERS)
        for key in (keys := texts_of("group_by", group_by)):
            for part in key.split(","):
                parameter(part, "group_by", tags=True)
        check_tag_keys(
            keys, (tag for part in self.parts for line in part.lines for tag in line.tags), "group_by"
        )
        return render_comparisons(self.parts, format, None, keys, self._outcome())

    def rows(self) -> list[dict[str, Any]]:
        """A dictionary for each case and other side, the columns of `compare -f csv`."""
        from benchsuite.view.comparison_sheet import ComparisonSheet

        return _dictionaries(ComparisonSheet(self.parts).table())

    def _outcome(self) -> Outcome | None:
        return None

    def __repr__(self) -> str:
        counts = {kind: list(self.verdicts.values()).count(kind) for kind in self.verdicts.values()}
        said = ", ".join(f"{count} {kind or 'without a verdict'}" for kind, count in counts.items())
        return f"<{type(self).__name__}: {said or 'no case'}>"

    def _repr_html_(self) -> str:
        return _html(self.table())


class Gate(Comparison):
    """What a gate came to. outcome: its kind, exit_status and sentence. result: what was measured, both sides
    of each case. accepted: it was made the baseline."""

    def __init__(
        self, part: comparison.Comparison, outcome: Outcome, result: Result, accepted: bool = False
    ) -> None:
        super().__init__([part])
        self.outcome, self.result, self.accepted = outcome, result, accepted

    @property
    def passes(self) -> bool:
        return self.accepted or (self.outcome.exit_status == 0 and not self.result.interrupted)

    def _outcome(self) -> Outcome:
        return self.outcome

    def __repr__(self) -> str:
        return f"<Gate: {self.outcome.kind}: {self.outcome.sentence}>"


def run(
    profile: Cases,
    *,
    backend: Texts = (),
    set: Values | None = None,
    filter: Texts = (),
    require: str = "",
    prefer: str = "",
    budget: Seconds | None = None,
    deadline: Seconds | None = None,
    cpus: Chosen | None = None,
    output: str | PathLike[str] | None = None,
    overwrite: bool = False,
    resume: bool = False,
    tags: Mapping[str, object] | None = None,
    note: str = "",
    anonymous: bool = False,
    time: Seconds | None = None,
    log_interval: Seconds | None = None,
    ramp: Seconds | None = None,
    observer: Observer | None = None,
) -> Result:
    """Measures a profile, or cases, as `benchsuite run` does: each verified, then in several fresh worker
    processes, interleaved. budget, deadline: seconds, or "2m". cpus: for the workers, as "0,2-5" or a
    list of numbers, the i-th worker on the i-th. output: a result file, which is kept up to
    date by a journal while it is measured; None: the result is in memory only. tags, note: kept with the
    result, to be shown, filtered by (tag.KEY=...) and grouped by. time, log_interval, ramp: how long each
    case is measured, what a time series (WorkerRun.series) has an entry for, what comes before the first
    value. observer: is told of every step. BenchsuiteError says what is wrong; a case that fails is a case
    with a failure."""
    if resume and output is None:
        raise BenchsuiteError("resume: which run? give the file that it was writing: output=FILE")
    said = remarks_of("run", tags, note, anonymous)
    limits = Settings(limit_of("budget", budget), limit_of("deadline", deadline))
    chosen = cpus_of(cpus)
    asked = (limit_of("time", time), limit_of("log_interval", log_interval), limit_of("ramp", ramp))
    overrides = lasting(overrides_of(set), *asked)
    names, filters = texts_of("backend", backend), texts_of("filter", filter)
    plan = make_plan(source_of(profile), overrides, names, filters, len(chosen or ()))
    plan = within_budget(with_wishes(plan, require, prefer), limits.budget)
    check_backends(case.backend for case in plan.cases)
    path = outputs.kept(None if output is None else Path(output))
    if resume and path is None:
        raise BenchsuiteError(f"output: {output} keeps nothing, so there is nothing to resume")
    if path:
        outputs.check(path, overwrite or resume or store.journal_path(path).exists(), "output", overwrite)
    ended = Run(plan, path, resume, said, chosen).perform(limits, observer or Observer())
    if ended.error:
        raise ended.error
    return Result.of(ended.result, ended.path, ended.why == INTERRUPTED)


def load(path: str | PathLike[str]) -> Result:
    """The result in a file that `run`, `import` or save() wrote."""
    return Result.of(comparisons.load(Path(path)), Path(path))


def cases(
    profile: Cases, *, backend: Texts = (), set: Values | None = None, filter: Texts = ()
) -> list[Case]:
    """The cases of a profile, in their order. run() takes them, too, and measures them as `set` says."""
    return list(_plan(profile, set, backend, filter).cases)


def gate(
    profile: Cases,
    *,
    paired: tuple[str, str] | None = None,
    baseline: str | PathLike[str] | None = None,
    baseline_env: str | PathLike[str] | None = None,
    accept: str | None = None,
    undecided: str | None = None,
    backend: Texts = (),
    set: Values | None = None,
    filter: Texts = (),
    threshold: float = THRESHOLD,
    smallest: float = SMALLEST,
    alpha: float = ALPHA,
    on: str | None = None,
    any_machine: bool = False,
    partial: bool = False,
    budget: Seconds = 60.0,
    deadline: Seconds | None = None,
    cpus: Chosen | None = None,
    real_time: bool = True,
    output: str | PathLike[str] | None = None,
    overwrite: bool = False,
    tags: Mapping[str, object] | None = None,
    note: str = "",
    anonymous: bool = False,
    observer: PairsObserver | None = None,
) -> Gate:
    """Measures until it is clear whether anything has become slower, as `benchsuite gate` does: backend B
    against A (paired), this benchsuite against that of another virtual environment (baseline_env), or the
    cases against a baseline's, which accept="the reason" makes of them. CouldNotMeasure where there is too
    little to be accepted."""
    check_numbers({"threshold": threshold, "smallest": smallest, "alpha": alpha})
    rule = make_rule(threshold, smallest, alpha)
    check_one_of("on", on, METRICS)
    check_one_of("undecided", undecided, COUNTS_AS)
    budget, deadline = seconds_of("budget", budget), limit_of("deadline", deadline)
    file, environment = (None if path is None else Path(path) for path in (baseline, baseline_env))
    about_baseline = {"--partial": partial, "--any-machine": any_machine}
    check_against(file, paired, environment, bool(backend), accept, about_baseline)
    sides = pairs.named_sides(two_backends(paired), "paired") if paired else None
    chosen = cpus_of(cpus)
    plan = _plan(profile, set, paired[1:] if paired else backend, filter, chosen)
    path = outputs.kept(None if output is None else Path(output))
    if path:
        outputs.check(path, overwrite, "output", result=True)
    said = remarks_of("gate", tags, note, anonymous)
    how = pairs.How(
        rule,
        budget,
        deadline,
        real_time,
        one_sided=True,
        environment=environment,
        cpus=chosen,
        remarks=said,
        undecided=undecided,
    )
    watch = observer or PairsObserver()
    held = hold(plan, Baseline(file, accept, any_machine, partial), on) if file else None
    if held:
        ended = pairs.measure(held.pairing, held.baseline.how(how), path, watch)
        found = held.comparison(ended)
    else:
        ended = pairs.measure(pairs.side_by_side(plan, sides, on), how, path, watch)
        found = ended.comparison()
    accepted = bool(held and accept and not ended.interrupted and held.accept(ended))
    end = outcome(found, undecided, ended.interrupted)
    return Gate(found, end, Result.of(ended.result, path, ended.interrupted), accepted)


def _plan(
    profile: Cases, values: Values | None, backend: Texts, filter: Texts, cpus: Cpus | None = None
) -> Plan:
    overrides, names, filters = overrides_of(values), texts_of("backend", backend), texts_of("filter", filter)
    return make_plan(source_of(profile), overrides, names, filters, len(cpus or ()))


def _name(result: model.Result) -> str:
    if not isinstance(result, model.Result):
        raise BenchsuiteError(f"{result!r} is no Result: run() gives one, and load() reads one from a file")
    path = result.path if isinstance(result, Result) else None
    return str(path) if path else result.profile


def _dictionaries(table: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    head, *rows = table
    return [dict(zip(head, row, strict=True)) for row in rows]


def _html(text: str) -> str:
    return f"<pre>{escape(text)}</pre>"
