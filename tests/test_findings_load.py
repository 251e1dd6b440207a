"""Findings on open loops: the knee where there is one, and that no rate is made of a latency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from findings_fixture import offered, over, planted, result

from benchsuite.findings import Finding, findings
from benchsuite.findings.figures import Figures
from benchsuite.findings.registry import KINDS
from benchsuite.model import Case, CaseResult
from benchsuite.report.charts.entries import Data, collect
from benchsuite.report.charts.loads import loads
from benchsuite.report.charts.rates import rates
from benchsuite.report.html.page import render
from benchsuite.report.plots.plan import plans

GCM = Case("software", "aes-128-gcm", request_size=1420)
LOADS = (10, 30, 50, 70, 80, 90, 95)
KNEE = (1.0, 1.1, 1.2, 1.5, 1.9, 5.0, 14.0)  # times the latency at the least load


def at(times: Sequence[float], base: Case = GCM, **how: float) -> list[CaseResult]:
    """Shares of a capacity of a million requests per second; 20 microseconds p99 at the least."""
    return [
        offered(replace(base, rate_percent=load), load * 1e4, 5e-6 * each, p99=2e-5 * each, **how)
        for load, each in zip(LOADS, times, strict=True)
    ]


def of_load(cases: Sequence[CaseResult]) -> list[Finding]:
    return [each for each in findings(result(cases)) if each.kind == "load"]


def test_the_knee_is_named_with_what_is_beyond() -> None:
    (found,) = of_load(at(KNEE))
    assert found.text == (
        "software, aes-128-gcm encrypt, 1420 B: up to 80% of its capacity (800000 requests/s) p99 stays "
        "within 2 times what it is at 10% (20.0 \u00b5s); at 90% it is 5.00 times, at 95% it is 14.0 times."
    )
    assert found.figures["near_offered_per_second"] == pytest.approx(8e5)
    assert found.figures["beyond_offered_per_second"] == pytest.approx(9e5)


def test_no_knee_is_named_where_there_is_none() -> None:
    (flat,) = of_load(at([1.0, 1.1, 1.0, 1.2, 1.3, 1.4, 1.5]))
    assert "up to 95% of its capacity" in flat.text and "stays within 1.50 times" in flat.text
    for alternating in ([1, 5, 1, 6, 1, 7, 9], [9, 1, 1, 1, 1, 1, 9]):
        (found,) = of_load(at(alternating))
        assert "these values do not tell" in found.text and "up to" not in found.text.split(":")[1]


def test_drops_end_what_is_near_whatever_the_latency() -> None:
    cases = at([1.0] * 7)
    cases[5:] = [
        offered(replace(GCM, rate_percent=load), load * 1e4, 5e-6, p99=2e-5, dropped=lost)
        for load, lost in ((90, 0.02), (95, 0.07))
    ]
    (found,) = of_load(cases)
    assert "up to 80% of its capacity" in found.text
    assert found.text.endswith("at 90% 2% are dropped, at 95% 7% are dropped.")


def test_many_workloads_are_one_sentence() -> None:
    cases = [each for q_len in (1, 2, 4) for each in at(KNEE, replace(GCM, q_len=q_len))]
    cases += at([1, 1, 1, 9, 9, 9, 9], replace(GCM, q_len=8), dropped=0.0)
    (found,) = of_load(cases)
    assert found.text == (
        "4 of 4 workloads stay within 2 times their least latency up to 50% (software, aes-128-gcm encrypt, "
        "1420 B, q_len 8) or more, at most 80%."
    )


def test_few_sampled_requests_leave_the_mean() -> None:
    (found,) = of_load(at(KNEE, sampled=50))
    assert "mean stays within 2 times" in found.text


def test_backends_at_one_rate_are_held_against_each_other() -> None:
    cases = [
        offered(replace(GCM, backend=backend, rate=rate), rate, mean)
        for backend, mean in (("software", 5e-6), ("other", 15e-6))
        for rate in (1000, 2000)
    ]
    (found,) = of_load(cases)
    assert found.text.startswith("At 2000 requests/s of aes-128-gcm encrypt, 1420 B other takes")
    assert found.figures["ratio"] == pytest.approx(3, rel=0.05)
    shares = [offered(replace(each.case, rate=0, rate_percent=50), 1000, 5e-6) for each in cases[::2]]
    assert not of_load(shares), "shares of different capacities are no common load"


def test_closed_loops_are_told_as_if_there_were_no_others() -> None:
    """Means of latency make no depth, crossover, price or scaling."""
    closed = over("request_size", (64, 256, 1024), replace(GCM, backend="other"), lambda n: 1e-6 + 1e-9 * n)
    closed += over("q_len", (2, 4, 8), GCM, lambda n: 1e-6 / n)
    opened = [
        offered(replace(each.case, backend=backend, rate=1000), 1000, 1e-3 / (n + 1))
        for backend in ("software", "other")
        for n, each in enumerate(closed)
    ]

    def told(cases: Sequence[CaseResult]) -> list[str]:
        found = [each for find in KINDS for each in find(Figures(result(cases)))]
        return [each.text for each in found if each.kind != "load"]

    assert told(closed) and told([*closed, *opened]) == told(closed)
    assert told(opened) == []


def test_one_open_loop_is_told_by_its_latency() -> None:
    (found,) = findings(result([offered(replace(GCM, rate=1000), 1000, 5e-6)]))
    assert found.text.startswith("At 1000 requests/s of aes-128-gcm encrypt, 1420 B, software answers in 5.0")
    (found,) = findings(result([offered(replace(GCM, rate=1), 1, 5e-6)]))
    assert found.text.startswith("At 1.0 requests/s of ")
    assert planted(GCM, 1e-6).case.rate == 0 and not of_load([planted(GCM, 1e-6)])


# Charts of them.


def drawn(cases: Sequence[CaseResult]) -> Data:
    return collect([("a.json", result(cases))])


def test_mean_and_tail_are_drawn_along_the_load_and_drops_where_there_are_any() -> None:
    found = drawn(at(KNEE))
    (mean,) = rates(found)
    (tail,) = loads(found)
    assert (mean.name, tail.name) == ("Mean latency by rate_percent", "p99 latency by rate_percent")
    assert [dot.figure.middle for dot in tail.curves[0].dots] == pytest.approx([20 * each for each in KNEE])
    assert mean.axis.linear and not mean.quantity.linear and tuple(mean.xs) == LOADS
    *_, drops = loads(drawn(at(KNEE, dropped=0.03)))
    assert drops.name == "Dropped by rate_percent" and drops.quantity.linear
    assert {round(dot.figure.middle) for dot in drops.curves[0].dots} == {3}
    names = [plan.name for plan in plans(found)]
    assert {"mean-latency-by-rate_percent", "p99-latency-by-rate_percent"} <= {
        name.partition("-aes")[0] for name in names
    }


def test_latency_has_neither_knee_nor_crossover_nor_ideal() -> None:
    for key in ("request_size", "q_len", "workers"):
        cases = [
            offered(replace(GCM, backend=backend, rate=1000, **{key: value}), 1000, 5e-6 * value * slow)
            for backend, slow in (("software", 1.0), ("other", 0.5))
            for value in (16, 64, 256)
        ]
        (panel,) = rates(drawn(cases))
        assert not panel.meetings
        assert not any(curve.mark or curve.remark or curve.ideal for curve in panel.curves)
        assert "A ring marks" not in render(drawn(cases))


def test_an_open_loop_by_itself_is_in_a_strip() -> None:
    page = render(drawn([offered(replace(GCM, rate=1000), 1000, 5e-6)]))
    assert 'id="single-latency"' in page and 'id="single"' not in page
