"""`benchsuite gate`: may this pass?"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import click

from benchsuite import host, native, store
from benchsuite.cli import outputs
from benchsuite.cli.errors import INTERRUPTED, say
from benchsuite.cli.options import backend_option, complete_backend, complete_override, complete_profile
from benchsuite.cli.pairs import interrupted, measure_watched, output_of, still_open
from benchsuite.cli.verdict_options import check_keys as check_listing
from benchsuite.cli.verdict_options import (
    comparison_format,
    list_options,
    make_rule,
    measuring_options,
    ordered,
    rule_options,
    show,
)
from benchsuite.compare import baseline as baselines
from benchsuite.compare.comparison import Comparison
from benchsuite.compare.matching import only_backends_differ
from benchsuite.compare.outcome import Outcome, outcome
from benchsuite.compare.sides import backends as names_of
from benchsuite.compare.sides import party
from benchsuite.compare.verdicts import UNDECIDED
from benchsuite.compare.warnings import warnings
from benchsuite.model import BenchsuiteError, CouldNotMeasure, Plan, Result
from benchsuite.report import comparison_data, github, junit, pull_request
from benchsuite.runs.pairs import Ended, How, Work, against, covered, named_sides, side_by_side
from benchsuite.runs.plan import make_plan
from benchsuite.units import many
from benchsuite.view.comparison import some

ACCEPTED_ROUNDS = 16  # of every case of a baseline
FEWEST_ACCEPTED = 5
SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, slots=True)
class Reports:
    """Files to write, besides what is printed."""

    junit: Path | None
    markdown: Path | None
    json: Path | None
    github: bool

    def check(self, overwrite: bool, **taken: Path | None) -> None:
        """That they can be written, before a minute is spent on measuring. taken: files of other options."""
        named = {"--junit": self.junit, "--markdown": self.markdown, "--json": self.json}
        outputs.check_apart({**taken, **named})
        for option, path in named.items():
            if path is not None:
                outputs.check(path, overwrite, option)

    def write(self, comparison: Comparison, result: Outcome, plan: Plan, keys: tuple[str, ...]) -> None:
        texts = {
            self.junit: lambda: junit.render(comparison, result, plan.profile),
            self.markdown: lambda: pull_request.render(comparison, result, plan.profile),
            self.json: lambda: comparison_data.as_json(
                [comparison], width=None, keys=keys, gate=comparison_data.gate_record(result)
            ),
        }
        for path, text in texts.items():
            if path is not None:
                outputs.write(path, text().encode())
        if self.github:
            click.echo(github.annotations(comparison, result), nl=False)
            if summary := os.environ.get(SUMMARY):
                with Path(summary).open("a", encoding="utf-8") as file:
                    file.write(pull_request.render(comparison, result, plan.profile) + "\n")


@click.command()
@click.argument("profile_name", metavar="PROFILE", shell_complete=complete_profile)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Compare with this baseline, which --accept has made.",
)
@click.option(
    "--paired",
    nargs=2,
    metavar="A B",
    shell_complete=complete_backend,
    help="Compare backend B with backend A, in alternation.",
)
@click.option(
    "--baseline-env",
    "environment",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Compare with the benchsuite of another virtual environment (side A), in alternation.",
)
@click.option(
    "--accept",
    "reason",
    metavar="REASON",
    help="Measure the baseline anew and keep the reason in it; what has changed is shown.",
)
@click.option(
    "--undecided",
    type=click.Choice(["pass", "fail"]),
    help="What undecided counts as.  [default: exit status 4]",
)
@backend_option("Run on this backend instead of the profile's.")
@click.option(
    "-s",
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=V[,V...]",
    shell_complete=complete_override,
    help="Replace a parameter in every matrix of the profile.",
)
@rule_options("1%")
@list_options
@click.option("--junit", type=click.Path(path_type=Path), help="Write JUnit XML to this file.")
@click.option(
    "--markdown", type=click.Path(path_type=Path), help="Write a pull request comment to this file."
)
@click.option("--json", type=click.Path(path_type=Path), help="Write everything as JSON to this file.")
@click.option("--github", is_flag=True, help="Annotations for GitHub Actions, and the summary of the step.")
@click.option("--any-machine", is_flag=True, help="Take a baseline from another machine, too.")
@click.option(
    "--bisect", is_flag=True, help="End as git bisect run expects it: 125 for a commit that cannot be told."
)
@click.option("--partial", is_flag=True, help="Take a baseline that has not all of the cases, too.")
@comparison_format
@measuring_options
def command(
    profile_name: str,
    baseline: Path | None,
    paired: tuple[str, str] | None,
    environment: Path | None,
    reason: str | None,
    undecided: str | None,
    backends: tuple[str, ...],
    overrides: tuple[str, ...],
    threshold: float,
    smallest: float,
    alpha: float,
    on: str | None,
    filters: tuple[str, ...],
    sort: str,
    keys: tuple[str, ...],
    junit: Path | None,
    markdown: Path | None,
    json: Path | None,
    github: bool,
    any_machine: bool,
    bisect: bool,
    partial: bool,
    style: str,
    budget: float,
    deadline: float | None,
    real_time: bool,
    output: Path | None,
    overwrite: bool,
    quiet: bool,
) -> int:
    """Measure PROFILE until it is clear whether any of its cases has become slower, and say so by the exit
    status.

    Everything is measured in alternating slices of milliseconds: both sides of --paired, or each case beside
    an anchor, to which the baseline holds it, too. A case that is clear takes half a second; the rest of the
    budget goes to those that are not. Verdicts are corrected for the number of cases. What is slower by more
    than --smallest fails, unless it is shown to be below --threshold: then it passes with a warning.

    \b
    Examples:
      benchsuite gate ci --paired old=software new=software:/build/libcrypto.so.3
      benchsuite gate ci --baseline baseline.json --accept 'first baseline'
      benchsuite gate ci --baseline baseline.json --junit gate.xml
      benchsuite gate ci --baseline-env /opt/released --threshold 3%
    """
    rule = make_rule(threshold, smallest, alpha)
    check_listing(keys, sort)
    _check_sides(baseline, paired, environment, backends, reason, partial, any_machine)
    reports = Reports(junit, markdown, json, github)
    reports.check(overwrite, **{"--baseline": baseline, "-o": output})
    pair = named_sides(paired, "--paired") if paired else None
    plan = make_plan(profile_name, overrides, paired[1:] if paired else backends, filters)
    path = output_of(plan, "gate", output, overwrite)
    how = How(rule, budget, deadline, real_time, one_sided=True, environment=environment)
    if baseline is None:
        done = measure_watched(side_by_side(plan, pair, on), how, path, quiet)
        comparison = done.comparison()
    else:
        how = replace(how, rounds=ACCEPTED_ROUNDS) if reason else how
        then = _baseline(baseline, reason, any_machine)
        work = _with_baseline(against(plan, then, on), baseline, reason, partial)
        done = measure_watched(work, how, path, quiet)
        comparison = _against(done, then, baseline)
    result = outcome(comparison, undecided, done.interrupted)
    if done.interrupted:
        result = replace(result, exit_status=INTERRUPTED)
    if comparison.lines:
        show([ordered(comparison, sort)], style, keys, gate=comparison_data.gate_record(result))
        reports.write(comparison, result, plan, keys)
    if done.interrupted:
        say(interrupted(comparison, path, f"nothing was accepted as {baseline}; " if reason else ""))
        return INTERRUPTED
    if reason and baseline:
        return _accept(done, baseline, reason)
    left_out = done.work.left_out
    rest = f"; {many(len(left_out), 'case')} not measured, for want of a baseline" if left_out else ""
    say(f"\n{result.kind}: {result.sentence}{rest} ({done.seconds:.0f} s)\nresult: {path}")
    if result.kind == UNDECIDED:
        say(still_open(comparison))
    if result.exit_status == 1 and baseline:
        say(f"to accept this: the same command with --accept 'why' writes {baseline} anew")
    return result.exit_status


def _check_sides(
    baseline: Path | None,
    paired: tuple[str, str] | None,
    environment: Path | None,
    backends: tuple[str, ...],
    reason: str | None,
    partial: bool,
    any_machine: bool,
) -> None:
    if baseline is None and paired is None and environment is None:
        raise BenchsuiteError("what to compare with? --baseline FILE, --paired A B or --baseline-env DIR")
    if baseline is not None and (paired or environment):
        raise BenchsuiteError("--baseline is a way by itself: leave --paired and --baseline-env out")
    if paired and backends:
        raise BenchsuiteError("--paired names the backends: leave --backend out")
    if reason is not None and baseline is None:
        raise BenchsuiteError("--accept needs the file: --baseline FILE")
    for option, given in (("--partial", partial), ("--any-machine", any_machine)):
        if given and baseline is None:
            raise BenchsuiteError(f"{option} is about a baseline: leave it out, or give --baseline FILE")
    if reason is not None and not reason.strip():
        raise BenchsuiteError("--accept '': give the reason; it is kept in the baseline")


def _baseline(path: Path, reason: str | None, any_machine: bool) -> Result | None:
    """None: there is none yet, and one is to be made."""
    if reason is None:
        return baselines.load(path, host.environment(native.compiler()), any_machine)
    store.check_writable(path, "--baseline")
    return baselines.load(path, {}, True) if path.exists() else None


def _with_baseline(work: Work, path: Path, reason: str | None, partial: bool) -> Work:
    """BenchsuiteError for a baseline by which the gate would pass without a look at some of its cases."""
    there = sum(couple is not None for couple in work.couples)
    if reason or there == len(work.couples):
        return work
    if not there:
        raise BenchsuiteError(
            f"--baseline {path}: has none of the profile's cases{_other_backends(work)}; "
            "--accept 'reason' makes it anew"
        )
    if not partial:
        missing = some([result.name for result in work.uncovered])
        raise BenchsuiteError(
            f"--baseline {path}: has {there} of the {many(len(work.couples), 'case')}, without {missing}\n"
            "--accept 'reason' makes it anew, --partial compares what it has, --filter chooses"
        )
    return covered(work)


def _other_backends(work: Work) -> str:
    """Said where it has the same work by another backend, or under another label."""
    labels = work.labels()
    ours, theirs = (labels.called(cases) for cases in (work.uncovered, work.then))
    if not only_backends_differ(ours, theirs):
        return ""
    return (
        f": it has the same work by {names_of(theirs)}, not by {names_of(ours)}\n"
        "-b LABEL=... gives this the label of that"
    )


def _against(done: Ended, then: Result | None, path: Path) -> Comparison:
    """What was measured now against the baseline."""
    work = done.work
    labels = work.labels()
    now, before = (labels.called(cases) for cases in ([task.results[1] for task in work.tasks], work.then))
    found = done.measuring.comparison(party(str(path), before), party(names_of(now), now))
    if then is None:
        return found
    return replace(found, warnings=warnings(then, done.result, [line.couple for line in found.lines]))


def _accept(done: Ended, path: Path, reason: str) -> int:
    """CouldNotMeasure where there is too little of it: a baseline that cannot be relied on is none."""
    tasks = done.work.tasks
    for task in tasks:
        for result in task.results:
            if result.failure:
                raise CouldNotMeasure(f"not accepted: {result.name}: {result.failure.reason}")
    fewest = min(task.rounds for task in tasks)
    if fewest < FEWEST_ACCEPTED:
        raise CouldNotMeasure(
            f"not accepted: {fewest} rounds of some cases within the budget, it takes {FEWEST_ACCEPTED}\n"
            "give it a larger --budget, or less to measure with --filter"
        )
    baselines.accept(done.result, path, reason)
    say(f"\naccepted: {path} ({many(len(tasks), 'case')}, {fewest} rounds of each at least)")
    return 0
