"""`benchsuite run`: from a profile to a result file."""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

import click

from benchsuite import backends, host, native, profile, store
from benchsuite.cli import auto_options, outputs
from benchsuite.cli.errors import INTERRUPTED, say
from benchsuite.cli.options import (
    Duration,
    backend_option,
    check_backends,
    check_formats,
    complete_override,
    complete_profile,
    format_options,
    print_result,
)
from benchsuite.cli.progress import Progress, clock
from benchsuite.compare.filters import Filter, fits, parse
from benchsuite.model import BenchsuiteError, Failure, Plan, Result, WorkerRun
from benchsuite.runner import decisions, rounds
from benchsuite.units import many


@click.command()
@click.argument("profile_name", metavar="PROFILE", shell_complete=complete_profile)
@backend_option("Run on this backend instead of the profile's; several are compared in one run.")
@click.option(
    "-s",
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=V[,V...]",
    shell_complete=complete_override,
    help="Replace a parameter in every matrix of the profile; several values sweep.",
)
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="KEY=PATTERN[,...]",
    help="Only such cases of the profile: algorithm=aes-*,sha256 or request_size>=1024; all of several.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Result file.  [default: results/PROFILE-TIME.json]",
)
@click.option("--overwrite", is_flag=True, help="Replace the result file if there is one.")
@click.option("--resume", is_flag=True, help="Go on with a run that was cut short.")
@click.option(
    "--budget", type=Duration(), help="Take at most this long, e.g. 60s: fewer values, then fewer processes."
)
@click.option(
    "--deadline",
    type=Duration(),
    help="Give a worker process up after this long.  [default: by what is expected]",
)
@auto_options.wish_options
@click.option("-n", "--dry-run", is_flag=True, help="Only list the cases and the time they would take.")
@click.option("-q", "--quiet", is_flag=True, help="No progress; the report only.")
@click.option("-v", "--verbose", is_flag=True, help="Every candidate that the auto backend asked.")
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
    require: str,
    prefer: str,
    dry_run: bool,
    quiet: bool,
    verbose: bool,
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

    A label before a backend, as new= above, is what tables, reports and exports
    call it. Without one a library is called by its version.
    """
    check_formats(formats, across)
    wanted = tuple(parse(text) for text in filters)
    plan = auto_options.wish_plan(make_plan(profile_name, overrides, backends, wanted), require, prefer)
    plan = replace(plan, measures=rounds.within(plan, budget))
    if dry_run:
        return list_cases(plan, verbose)
    check_backends({case.backend for case in plan.cases})
    run = Run(plan, output or output_of(plan, resume), overwrite, resume)
    return run.perform(rounds.Settings(budget, deadline), Telling(quiet, verbose, formats, across, hz))


def make_plan(
    name: str, overrides: tuple[str, ...], names: tuple[str, ...], filters: tuple[Filter, ...] = ()
) -> Plan:
    """BenchsuiteError where the filters leave nothing."""
    plan = profile.expand(
        profile.load(profile.find(name)),
        list(overrides),
        list(names),
        list(backends.known()),
        lambda result: fits(result, filters),
    )
    for backend in {case.backend for case in plan.cases}:
        backends.parse(backend)  # an unknown one is an error before anything is measured
    if not plan.cases:
        raise BenchsuiteError("--filter: no case of the profile fits")
    fitted = (backends.fitted(case.backend, how) for case, how in zip(plan.cases, plan.measures, strict=True))
    return replace(plan, measures=tuple(fitted))


def list_cases(plan: Plan, verbose: bool) -> int:
    """What is simulated must be there; the rest may be, on the machine that is to run it."""
    check_backends({case.backend for case in plan.cases if backends.deterministic(case.backend)})
    for line in auto_options.lines(decisions.decide(plan.cases), verbose):
        say(line)
    for case, how in zip(plan.cases, plan.measures, strict=True):
        values = f"{how.processes} processes x {how.values} values of {how.min_time:g} s"
        click.echo(f"{plan.name(case)}  ({'simulated' if backends.deterministic(case.backend) else values})")
    click.echo(f"{many(len(plan.cases), 'case')}, about {clock(rounds.estimate(plan))}")
    return 0


def output_of(plan: Plan, resume: bool) -> Path:
    """Where a result goes that nobody gave a name; to resume, the newest that was cut short."""
    return outputs.cut_short(plan.profile) if resume else outputs.default(plan.profile)


class _Journalling:
    """Observer that keeps the journal, then tells the progress."""

    def __init__(self, journal: store.Journal, progress: Progress, plan: Plan) -> None:
        self.journal, self.progress, self.plan = journal, progress, plan

    def _precious(self, index: int) -> bool:
        return not backends.deterministic(self.plan.cases[index].backend)

    def starts(self, index: int, round_number: int) -> None:
        self.journal.start(index, round_number)
        self.progress.starts(index, round_number)

    def measured(self, index: int, run: WorkerRun) -> None:
        self.journal.run(index, run, self._precious(index))
        self.progress.measured(index, run)

    def failed(self, index: int, failure: Failure) -> None:
        if failure.kind != "budget":  # --resume gives it another turn
            self.journal.fail(index, failure, self._precious(index))
        self.progress.failed(index, failure)


def terminate(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@dataclass(frozen=True, slots=True)
class Telling:
    """What a person gets to see of a run."""

    quiet: bool
    verbose: bool
    formats: tuple[str, ...]
    across: str | None
    hz: int

    def show(self, result: Result) -> None:
        print_result(result, self.formats, self.hz, self.across)


class Run:
    """One execution, with its result file and journal."""

    def __init__(self, plan: Plan, output: Path, overwrite: bool, resume: bool) -> None:
        self.plan, self.output = plan, output
        cut_short = store.journal_path(output).exists()  # then making the journal says so
        outputs.check(output, overwrite or resume or cut_short, result=overwrite)
        if resume:
            resumed = store.resume(output, plan)
            self.journal, self.environment, self.results = resumed.journal, resumed.environment, resumed.cases
            self.decided = resumed.decided
        else:
            self.environment = host.environment(native.compiler()) | host.load("before")
            self.journal = store.Journal.create(output, plan, self.environment)
            self.results = plan.results()
            self.decided: dict[int, dict[str, str]] = {}

    def perform(self, settings: rounds.Settings, telling: Telling) -> int:
        done = {i: len(result.runs) for i, result in enumerate(self.results)}
        progress = Progress(self.plan, self.plan.measures, done, telling.quiet)
        complete = interrupted = False
        signal.signal(signal.SIGTERM, terminate)  # a cancelled CI job keeps what was finished, too
        try:
            observer = _Journalling(self.journal, progress, self.plan)
            self._decide(observer, settings.deadline, telling.verbose)
            complete = rounds.run(
                self.plan, self.plan.measures, self.results, observer, settings, decided=self.decided
            )
        except KeyboardInterrupt:
            interrupted = True
        except BenchsuiteError as error:  # the journal cannot be written, or no worker started
            progress.close()
            telling.show(self._result(False))
            return self._rescue(error)
        finally:
            progress.close()
        result = self._result(complete)
        try:
            store.save(result, self.output)
            if complete:
                self.journal.remove()
        finally:
            self.journal.close()
            telling.show(result)
        for text in sorted({backends.left_running(case.backend) for case in self.plan.cases} - {""}):
            say(f"\n{text}")
        if interrupted:
            return self._interrupted()
        say(f"\nresult: {self.output}")
        if not complete:
            say("the budget ran out before every case had its share; go on with the same command and")
            say(f"-o {self.output} --resume, or begin again with a larger --budget")
        return 0 if all(case.measured for case in self.results) else 3

    def _decide(self, observer: _Journalling, deadline: float | None, verbose: bool) -> None:
        """What `auto` takes for each of its cases, once for the whole run."""
        open_ = {
            index: decisions.question(result.case)
            for index, result in enumerate(self.results)
            if decisions.is_auto(result.case) and index not in self.decided and not result.failure
        }
        found = decisions.decide(open_.values(), deadline)
        taken = {case: decision for case, decision in found.items() if not isinstance(decision, Failure)}
        for line in auto_options.lines(taken, verbose):
            observer.progress.line(line)
        for index, question in open_.items():
            decision = found[question]
            if isinstance(decision, Failure):
                self.results[index].failure = decision
                observer.failed(index, decision)
            else:
                self.decided[index] = decision
                self.journal.decided(index, decision)

    def _result(self, complete: bool) -> Result:
        environment = self.environment | host.load("after")
        return Result(self.plan.profile, self.plan.why, environment, self.results, complete)

    def _interrupted(self) -> int:
        finished = sum(
            len(result.runs) >= how.processes
            for result, how in zip(self.results, self.plan.measures, strict=True)
        )
        say(
            f"\ninterrupted: {finished} of {len(self.results)} cases are finished; "
            f"everything measured is in {self.output}\n"
            f"go on with the same command and -o {self.output} --resume"
        )
        return INTERRUPTED

    def _rescue(self, error: BenchsuiteError) -> int:
        """The disk is full, say: what the journal could not take goes where there is room."""
        self.journal.close()
        try:
            path = store.rescue(self._result(False))
        except BenchsuiteError as also:
            raise BenchsuiteError(f"{error}\n{also}") from None
        raise BenchsuiteError(f"{error}\neverything measured so far is also in {path}") from None
