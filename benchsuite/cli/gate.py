"""`benchsuite gate`: may this pass?"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import click

from benchsuite.cli import outputs
from benchsuite.cli.errors import INTERRUPTED, say
from benchsuite.cli.options import backend_option, complete_backend, complete_profile, override_option
from benchsuite.cli.pairs import interrupted, measure_watched, still_open
from benchsuite.cli.remark_options import remarks
from benchsuite.cli.verdict_options import (
    by_verdict,
    check_keys,
    comparison_format,
    measuring_options,
    ordered,
    rule_options,
    show,
)
from benchsuite.compare.comparison import Comparison
from benchsuite.compare.outcome import Outcome, outcome
from benchsuite.compare.verdicts import UNDECIDED
from benchsuite.host.placement import Cpus
from benchsuite.model import Plan
from benchsuite.report import github, junit, pull_request, render_comparisons
from benchsuite.runs.comparisons import make_rule
from benchsuite.runs.gate import ALPHA, Baseline, check_against, hold
from benchsuite.runs.outputs import write
from benchsuite.runs.pairs import How, named_sides, side_by_side
from benchsuite.runs.plan import make_plan
from benchsuite.selection.keys import all_tags, check_tag_keys
from benchsuite.sheet.numbers import percent
from benchsuite.units import many

SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, slots=True)
class Reports:
    """Files to write, besides what is printed."""

    junit: Path | None
    markdown: Path | None
    json: Path | None
    github: bool

    def check(self, overwrite: bool, **taken: Path | None) -> None:
        """Refuses files that cannot be written, before a minute is spent. taken: files of other options."""
        named = {"--junit": self.junit, "--markdown": self.markdown, "--json": self.json}
        outputs.check_apart({**taken, **named})
        for option, path in named.items():
            if path is not None:
                outputs.check(path, overwrite, option)

    def write(self, comparison: Comparison, result: Outcome, plan: Plan, keys: tuple[str, ...]) -> None:
        texts: dict[Path | None, Callable[[], str]] = {
            self.junit: lambda: junit.render(comparison, result, plan.profile),
            self.markdown: lambda: pull_request.render(comparison, result, plan.profile),
            self.json: lambda: render_comparisons([comparison], "json", None, keys, result),
        }
        for path, text in texts.items():
            if path is not None:
                write(path, text().encode())
        if self.github:
            click.echo(github.render(comparison, result), nl=False)
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
    help="Measure these cases for the baseline and keep the reason in it; its other cases stay as they are.",
)
@click.option(
    "--undecided",
    type=click.Choice(["pass", "fail"]),
    help="What undecided counts as.  [default: exit status 4]",
)
@backend_option("Run on this backend instead of the profile's.")
@override_option("Replace a parameter in every matrix of the profile.")
@rule_options(percent(ALPHA))
@by_verdict
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
    cpus: Cpus | None,
    real_time: bool,
    output: Path | None,
    overwrite: bool,
    quiet: bool,
    tags: tuple[str, ...],
    note: str,
    anonymous: bool,
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
    rule, said = make_rule(threshold, smallest, alpha), remarks(tags, note, anonymous)
    check_keys(keys, sort)
    about_baseline = {"--partial": partial, "--any-machine": any_machine}
    check_against(baseline, paired, environment, bool(backends), reason, about_baseline)
    reports = Reports(junit, markdown, json, github)
    reports.check(overwrite, **{"--baseline": baseline, "-o": output})
    pair = named_sides(paired, "--paired") if paired else None
    plan = make_plan(profile_name, overrides, paired[1:] if paired else backends, filters, len(cpus or ()))
    path = outputs.for_result(output, f"gate-{plan.profile}", overwrite)
    how = How(
        rule,
        budget,
        deadline,
        real_time,
        one_sided=True,
        environment=environment,
        cpus=cpus,
        remarks=said,
        undecided=undecided,
    )
    held = hold(plan, Baseline(baseline, reason, any_machine, partial), on) if baseline else None
    then = held.then.cases if held and held.then else []
    check_tag_keys(keys, [*said.tags, *all_tags(then)], "--group-by")
    if held:
        done = measure_watched(held.pairing, held.baseline.how(how), path, quiet)
        comparison = held.comparison(done)
    else:
        done = measure_watched(side_by_side(plan, pair, on), how, path, quiet)
        comparison = done.comparison()
    result = outcome(comparison, undecided, done.interrupted)
    if done.interrupted:
        result = replace(result, exit_status=INTERRUPTED)
    if comparison.lines:
        show([ordered(comparison, sort)], style, keys, result)
        reports.write(comparison, result, plan, keys)
    if done.interrupted:
        say(interrupted(comparison, path, f"nothing was accepted as {baseline}; " if reason else ""))
        return INTERRUPTED
    if held and reason:
        rounds, renewed = held.accept(done)
        cases = many(len(done.pairing.tasks), "case")
        say(f"\naccepted: {baseline} ({cases}, {rounds} rounds of each at least{renewed.in_words})")
        return 0
    left_out = done.pairing.left_out
    rest = f"; {many(len(left_out), 'case')} not measured, for want of a baseline" if left_out else ""
    say(f"\n{result.kind}: {result.sentence}{rest} ({done.seconds:.0f} s)\n{outputs.in_words(path)}")
    if result.kind == UNDECIDED:
        say(still_open(comparison))
    if result.exit_status == 1 and baseline:
        say(f"to accept this: the same command with --accept 'why' puts it in {baseline}")
    return result.exit_status
