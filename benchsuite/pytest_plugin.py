"""The pytest plugin: a profile's cases as pytest-benchmark's benchmarks.

    pytest --benchsuite-profile ci [--benchmark-json out.json] [--benchmark-compare ...]

Each case is an item `benchsuite::NAME` beside the tests that pytest collects; -k chooses among them, and
--benchmark-only leaves the other tests out. The chosen cases are measured together when the first of them is
run, as `benchsuite run` measures them: verified, in fresh worker processes, interleaved. Every value is a
round of pytest-benchmark, whose times are seconds of one request; `extra_info` has Mbps.

A case that cannot run here is skipped with the reason; one that fails is a failed test.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from benchsuite.model import CaseResult, Plan, Result

NODE = "benchsuite"
CANNOT = ("unavailable", "unsupported")  # kinds of failure that are no fault of what is tested

_SESSION = pytest.StashKey["_Session"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("benchsuite", "crypto benchmarks")
    group.addoption(
        "--benchsuite-profile",
        metavar="PROFILE",
        help="Measure a profile of benchsuite, by name or path, as benchmarks of pytest-benchmark.",
    )
    group.addoption(
        "--benchsuite-backend",
        action="append",
        default=[],
        metavar="[LABEL=]NAME[:SETTING]",
        help="Measure on this backend instead of the profile's; may be given more than once.",
    )
    group.addoption(
        "--benchsuite-set",
        action="append",
        default=[],
        metavar="KEY=V[,V...]",
        help="Replace a parameter of the profile; several values sweep.",
    )
    group.addoption(
        "--benchsuite-budget", metavar="SECONDS", help="Take at most this long, e.g. 60s, for all cases."
    )
    group.addoption(
        "--benchsuite-tag",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="Keep this with the result; may be given more than once.",
    )
    group.addoption("--benchsuite-note", default="", metavar="TEXT", help="Keep this with the result.")
    group.addoption(
        "--benchsuite-output", metavar="FILE", help="Also keep the result for benchsuite's own commands."
    )


def pytest_configure(config: pytest.Config) -> None:
    name = config.getoption("benchsuite_profile")
    if not name:
        return
    if not config.pluginmanager.hasplugin("benchmark"):
        raise pytest.UsageError(
            "--benchsuite-profile needs pytest-benchmark: pip install it, and leave -p no:benchmark out"
        )
    from benchsuite.model import BenchsuiteError

    try:
        config.stash[_SESSION] = _Session(config, name)
    except BenchsuiteError as error:
        raise pytest.UsageError(f"benchsuite: {error}") from None


@pytest.hookimpl(tryfirst=True)  # before -k, -m and --benchmark-only choose
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    ours = config.stash.get(_SESSION, None)
    if ours is None:
        return
    found = list(ours.items(session))
    for item in found:
        config.hook.pytest_itemcollected(item=item)
    # They come from no file that pytest went over: it is told, so that its counts are right.
    config.hook.pytest_collectreport(report=pytest.CollectReport(NODE, "passed", None, list(found)))
    items += found


def pytest_collection_finish(session: pytest.Session) -> None:
    ours = session.config.stash.get(_SESSION, None)
    if ours is not None:
        ours.chosen = [item.index for item in session.items if isinstance(item, CaseItem)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What the figures answer, below pytest-benchmark's table."""
    ours = config.stash.get(_SESSION, None)
    if ours is not None and ours.findings:
        terminalreporter.section("benchsuite: findings")
        for text in ours.findings:
            terminalreporter.line(f"- {text}")


class _Cases(pytest.Collector):
    """The parent of the items: there is no file."""

    def collect(self) -> list[pytest.Item]:
        return []


class CaseItem(pytest.Function):
    """One case. `index` is its number in the plan."""

    index: int

    def reportinfo(self) -> tuple[str, int, str]:
        return NODE, 0, self.name  # there is no file, but pytest's warnings want a line


class _Session:
    def __init__(self, config: pytest.Config, name: str) -> None:
        from benchsuite import files
        from benchsuite.remarks import Remarks, check_note, parse_tags
        from benchsuite.runs.outputs import kept
        from benchsuite.runs.plan import check_backends, make_plan

        self.config = config
        self.budget = _seconds(config.getoption("benchsuite_budget"))
        named = config.getoption("benchsuite_output")
        self.output = kept(Path(named)) if named else None
        if self.output:
            files.check_writable(self.output)
        self.remarks = Remarks(
            parse_tags(config.getoption("benchsuite_tag"), "--benchsuite-tag"),
            check_note(config.getoption("benchsuite_note"), "--benchsuite-note"),
            (shlex.join(["pytest", *config.invocation_params.args]),),
        )
        self.plan: Plan = make_plan(
            name, config.getoption("benchsuite_set"), config.getoption("benchsuite_backend")
        )
        check_backends(case.backend for case in self.plan.cases)
        self.chosen: list[int] = []
        self.findings: list[str] = []
        self.results: dict[int, CaseResult] | None = None

    def items(self, session: pytest.Session) -> Iterator[pytest.Item]:
        parent = _Cases.from_parent(session, name=NODE, nodeid=NODE)
        for index, case in enumerate(self.plan.cases):
            clock = _Clock()
            item = CaseItem.from_parent(
                parent, name=self.plan.name(case), callobj=_function(self, index, clock)
            )
            item.index = index
            item.add_marker(pytest.mark.benchmark(timer=clock.measured_seconds))
            # Of a case that failed, which says more.
            item.add_marker(pytest.mark.filterwarnings("ignore:Benchmark fixture was not used"))
            yield item

    def result(self, index: int) -> CaseResult:
        if self.results is None:
            self.results = self._measure()
        return self.results[index]

    def _measure(self) -> dict[int, CaseResult]:
        from dataclasses import replace

        from benchsuite.compare.labels import shown
        from benchsuite.findings import findings
        from benchsuite.model import BenchsuiteError
        from benchsuite.runs.plan import within_budget
        from benchsuite.runs.run import INTERRUPTED, Observer, Run, Settings

        plan = replace(
            self.plan,
            cases=tuple(self.plan.cases[i] for i in self.chosen),
            measures=tuple(self.plan.measures[i] for i in self.chosen),
        )
        try:
            run = Run(within_budget(plan, self.budget), remarks=self.remarks)
            ended = run.perform(Settings(self.budget), Observer())
            self._save(ended.result)
            if ended.error:
                raise ended.error
        except BenchsuiteError as error:
            pytest.exit(f"benchsuite: {error}", returncode=error.exit_status)
        if ended.why == INTERRUPTED:
            raise KeyboardInterrupt
        (result,) = shown(ended.result)
        self.findings = [each.text for each in findings(result)]
        return dict(zip(self.chosen, result.cases, strict=True))

    def _save(self, result: Result) -> None:
        if self.output:
            from benchsuite import store

            store.save(result, self.output)


def _seconds(text: str | None) -> float | None:
    from benchsuite.model import BenchsuiteError
    from benchsuite.units import parse_duration

    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        raise BenchsuiteError(f"--benchsuite-budget: {error}") from None


class _Clock:
    """pytest-benchmark's timer for a case: it reads what the worker processes have measured."""

    def __init__(self) -> None:
        self.now = 0.0

        def measured_seconds() -> float:
            return self.now

        self.measured_seconds = measured_seconds

    def set(self, seconds: float) -> None:
        self.now = seconds


def _function(session: _Session, index: int, clock: _Clock) -> Any:
    """The test function of a case."""

    def case(benchmark: Any) -> None:
        from benchsuite.exports.pytest_benchmark import extra_info

        if benchmark.disabled:
            benchmark.skipped = True
            pytest.skip("benchmarks are disabled (--benchmark-disable, or pytest-xdist)")
        result = session.result(index)
        if not result.measured:
            benchmark.skipped = True
            _without_figure(result)
        values = iter([value.per_request for value in result.values])
        benchmark.extra_info.update(extra_info(result))
        # A round starts at 0 and ends at the seconds that a request took: pytest-benchmark sees just them.
        benchmark.pedantic(
            lambda: clock.set(next(values)), setup=lambda: clock.set(0.0), rounds=len(result.values)
        )

    return case


def _without_figure(result: CaseResult) -> None:
    if result.failure is None:
        pytest.fail("the budget ran out before it was measured", pytrace=False)
    reason = f"{result.failure.kind}: {result.failure.reason}"
    if result.failure.kind in CANNOT:
        pytest.skip(reason)
    pytest.fail(reason, pytrace=False)
