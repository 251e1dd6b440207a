"""`benchsuite run`: from a profile to a result file."""

from __future__ import annotations

from pathlib import Path

import click

from benchsuite import backends, store
from benchsuite.cli import auto_options, outputs
from benchsuite.cli.errors import INTERRUPTED, say, sigterm_as_ctrl_c
from benchsuite.cli.options import (
    OF_FIGURES,
    all_option,
    backend_option,
    check_formats,
    complete_profile,
    cpus_option,
    deadline_option,
    filter_option,
    format_options,
    listing,
    order_options,
    output_options,
    override_option,
    print_result,
    time_options,
)
from benchsuite.cli.progress import Progress, clock
from benchsuite.cli.remark_options import remark_options, remarks
from benchsuite.cli.types import Duration
from benchsuite.host import placement
from benchsuite.host.placement import Cpus
from benchsuite.model import BenchsuiteError, Failure, Plan
from benchsuite.remarks import tag_of
from benchsuite.runner import rounds
from benchsuite.runs.auto import decide, question
from benchsuite.runs.lasting import lasting, too_short
from benchsuite.runs.outputs import kept
from benchsuite.runs.plan import check_backends, make_plan, with_wishes, within_budget
from benchsuite.runs.run import INTERRUPTED as BY_CTRL_C
from benchsuite.runs.run import OUT_OF_BUDGET, Ended, Run, Settings
from benchsuite.selection.keys import check_tag_keys
from benchsuite.units import format_duration, many


@click.command()
@click.argument("profile_name", metavar="PROFILE", shell_complete=complete_profile)
@backend_option("Run on this backend instead of the profile's; several are compared in one run.")
@override_option("Replace a parameter in every matrix of the profile; several values sweep.")
@filter_option()
@output_options("Result file.  [default: results/PROFILE-TIME.json]")
@click.option("--resume", is_flag=True, help="Go on with a run that was cut short.")
@click.option(
    "--budget", type=Duration(), help="Take at most this long, e.g. 60s: fewer values, then fewer processes."
)
@deadline_option()
@cpus_option()
@auto_options.wish_options
@remark_options
@time_options
@click.option("-n", "--dry-run", is_flag=True, help="Only list the cases and the time they would take.")
@click.option("-q", "--quiet", is_flag=True, help="No progress; the report only.")
@click.option("-v", "--verbose", is_flag=True, help="Every candidate that the auto backend asked.")
@order_options(*OF_FIGURES)
@all_option
@format_options
def command(
    profile_name: str,
    backends: tuple[str, ...],
    overrides: tuple[str, ...],
    filters: tuple[str, ...],
    output: Path | None,
    overwrite: bool,
    resume: bool,
    budget: float | None,
    deadline: float | None,
    cpus: Cpus | None,
    require: str,
    prefer: str,
    tags: tuple[str, ...],
    note: str,
    anonymous: bool,
    duration: float | None,
    log_interval: float | None,
    ramp: float | None,
    dry_run: bool,
    quiet: bool,
    verbose: bool,
    sort: str,
    keys: tuple[str, ...],
    show_all: bool,
    formats: tuple[str, ...],
    across: str | None,
    hz: int,
) -> int:
    """Measure PROFILE, the name of a profile (`benchsuite list profiles`) or the path of one.

    Every case is verified against the reference first, then measured in several fresh worker processes,
    interleaved with the others. A case that crashes, hangs or fails becomes a row with its
    reason, and the rest still runs.

    \b
    Examples:
      benchsuite run quick
      benchsuite run sizes --backend software --set algorithm=aes-256-gcm
      benchsuite run hardware --filter algorithm=aes-128-cbc
      benchsuite run ocf-bench --format ocf-bench
      benchsuite run sizes -b software -b new=software:/opt/ssl/libcrypto.so.3
      benchsuite run smp --time 10m --ramp 5s --log-interval 1s

    A label before a backend, as new= above, is what tables, reports and exports
    call it. Without one a library is called by its version.
    """
    check_formats(formats, across, keys, sort)
    said = remarks(tags, note, anonymous)
    if not resume:  # which has the tags of before
        check_tag_keys(keys, said.tags, "--group-by")
    if across and tag_of(across):
        raise BenchsuiteError(
            f"--across {across}: a run has one value of each tag: `benchsuite edit` merges several"
        )
    overrides = lasting(overrides, duration, log_interval, ramp)
    plan = make_plan(profile_name, overrides, backends, filters, len(cpus or ()))
    plan = with_wishes(plan, require, prefer)
    plan = within_budget(plan, budget)
    if cpus:
        placement.check(cpus)
    if dry_run:
        return _list_cases(plan, verbose)
    check_backends(case.backend for case in plan.cases)
    if hint := too_short(plan):
        say(hint)
    path = _output(output, plan, overwrite, resume)
    run, progress = Run(plan, path, resume, said, cpus), Progress(quiet, verbose)
    sigterm_as_ctrl_c()
    try:
        ended = run.perform(Settings(budget, deadline), progress)
    finally:
        progress.close()
    print_result(ended.result, formats, hz, across, listing(ended.path or path, show_all, sort, keys))
    return _tell(ended, plan)


def _output(output: Path | None, plan: Plan, overwrite: bool, resume: bool) -> Path | None:
    """Where the result goes, seen to be possible; None where it is not kept."""
    output = output or (outputs.cut_short(plan.profile) if resume else outputs.default(plan.profile))
    path = kept(output)
    if path is None:
        if resume:
            raise BenchsuiteError(f"-o {output}: nothing is kept there, so there is nothing to resume")
        return None
    cut_short = store.journal_path(path).exists()  # then making the journal says so
    outputs.check(path, overwrite or resume or cut_short, result=overwrite)
    return path


def _list_cases(plan: Plan, verbose: bool) -> int:
    """Prints the plan. What is simulated must be there; the rest may be, on the machine that is to run it."""
    check_backends(case.backend for case in plan.cases if backends.of(case.backend).deterministic)
    decisions = decide(plan.cases)
    for line in auto_options.lines(decisions, verbose):
        say(line)
    for case, how in zip(plan.cases, plan.measures, strict=True):
        values = f"{many(how.processes, 'process', 'processes')} x {many(how.values, 'value')}"
        values += f" of {format_duration(how.min_time)}"
        click.echo(
            f"{plan.name(case)}  ({'simulated' if backends.of(case.backend).deterministic else values})"
        )
    click.echo(f"{many(len(plan.cases), 'case')}, about {clock(rounds.estimate(plan))}")
    nothing = sum(isinstance(decisions.get(question(case)), Failure) for case in plan.cases)
    if nothing:
        say(f"auto finds nothing here for {nothing} of them: these could not be measured")
    return 3 if nothing else 0


def _tell(ended: Ended, plan: Plan) -> int:
    """Says where the result is and what to do next; the exit status."""
    if ended.error:
        raise ended.error
    for text in sorted({backends.of(case.backend).left_running() for case in plan.cases} - {""}):
        say(f"\n{text}")
    if ended.why == BY_CTRL_C:
        finished = f"\ninterrupted: {ended.finished} of {len(plan.cases)} cases are finished"
        if not ended.path:
            say(f"{finished}; {outputs.in_words(None)}")
            return INTERRUPTED
        say(
            f"{finished}; everything measured is in {ended.path}\n"
            f"go on with the same command and -o {ended.path} --resume"
        )
        return INTERRUPTED
    say(f"\n{outputs.in_words(ended.path)}")
    if ended.why == OUT_OF_BUDGET and not ended.path:
        say("the budget ran out before every case had its share; begin again with a larger --budget")
    elif ended.why == OUT_OF_BUDGET:
        say("the budget ran out before every case had its share; go on with the same command and")
        say(f"-o {ended.path} --resume, or begin again with a larger --budget")
    return 0 if all(case.measured for case in ended.result.cases) else 3
