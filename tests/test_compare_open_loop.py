"""Open loops compared: by mean latency and dropped share, and never with what has another load."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace

import pytest
from compare_fixture import CBC, GCM, measured, noisy, result

from benchsuite.compare import dropped
from benchsuite.compare.comparison import NOT_COMPARED, Comparison, Line, Party, judged, unjudged
from benchsuite.compare.crossovers import of_one
from benchsuite.compare.evidence import Estimate
from benchsuite.compare.matching import Couple, Matched, estimate, of_two
from benchsuite.compare.outcome import outcome
from benchsuite.compare.rounds import per_round
from benchsuite.compare.sequential import Sequential
from benchsuite.compare.verdicts import (
    FASTER,
    NOT_SLOWER,
    SAME,
    SLIGHTLY_SLOWER,
    SLOWER,
    Rule,
    chances,
    judge,
)
from benchsuite.compare.warnings import warnings
from benchsuite.model import (
    CPU,
    CYCLES,
    WALL,
    BenchsuiteError,
    Case,
    CaseResult,
    CouldNotMeasure,
    Measure,
    Plan,
    Value,
    WorkerRun,
)
from benchsuite.report import github, junit, pull_request
from benchsuite.runner.pair_client import Side
from benchsuite.runner.paired import Pair, Round
from benchsuite.runs.pairs import against, side_by_side
from benchsuite.view.comparison import record
from benchsuite.view.comparison_sheet import ComparisonSheet

OPEN = replace(GCM, rate=100_000, backlog=16)
SHARE = replace(GCM, rate_percent=70, backlog=16)
MICROSECOND = 1e-6


def loop(
    case: Case, latency: float, share: float = 0.0, rounds: int = 12, seed: int = 1, **facts: str
) -> CaseResult:
    """Values of an open loop: microseconds of mean latency, and what of a thousand was dropped."""
    rng = random.Random(f"{case.name} {seed}")
    found = CaseResult(case)
    for number in range(rounds):
        run = WorkerRun(number, facts=facts)
        of_round = latency * (1 + rng.gauss(0, 0.003)) * MICROSECOND
        for _ in range(4):
            lost = min(1000, round(1000 * share * (1 + rng.gauss(0, 0.02))))
            seconds = (1000 - lost) * of_round
            run.values.append(
                Value(1000 - lost, 0.01, 0.005, 0.001, None, 0.0, 1000, lost, 0.01, seconds, 0.01)
            )
        found.runs.append(run)
    return found


def change(base: CaseResult, other: CaseResult, together: bool = True) -> Estimate:
    return estimate(Couple(base, other, together), WALL)


def kind(base: tuple[float, float], other: tuple[float, float], together: bool = True) -> str:
    found = change(loop(OPEN, *base, seed=1), loop(OPEN, *other, seed=2), together)
    (verdict,) = judge([found], [Rule()])
    return verdict.kind


def compared(base: CaseResult, other: CaseResult) -> Comparison:
    matched = Matched([Couple(base, other, True)], [], [])
    (found,) = judged([(Party("a"), Party("b"), matched)], Rule(), None, None)
    return found


def test_the_value_is_the_mean_latency_and_not_the_time_between_arrivals() -> None:
    (figure,) = set(per_round(loop(OPEN, 5.0, rounds=1), WALL).values())
    assert figure == pytest.approx(-12.2, abs=0.05)  # log of 5 microseconds; 10 ms of 1000 would be -11.5


@pytest.mark.parametrize(
    ("base", "other", "expected"),
    [
        ((10, 0), (10, 0), SAME),
        ((10, 0), (11, 0), SLOWER),
        ((11, 0), (10, 0), FASTER),
        ((10, 0), (10, 0.02), SLOWER),
        ((10, 0.02), (10, 0), FASTER),
        ((10, 0), (7, 0.02), SLOWER),  # quicker, because more is dropped
        ((10, 0.02), (12, 0), SLOWER),
        ((10, 0), (10, 0.003), SLIGHTLY_SLOWER),
        ((10, 0.2), (10, 0.2), SAME),
        ((10, 0.2), (10, 0.3), SLOWER),
    ],
)
def test_both_questions_make_the_verdict(
    base: tuple[float, float], other: tuple[float, float], expected: str
) -> None:
    assert kind(base, other) == expected


def test_more_dropped_is_never_faster_however_quick_the_rest_is() -> None:
    for share in (0.0005, 0.001, 0.002, 0.005, 0.05, 0.5):
        base, other = loop(OPEN, 10), loop(OPEN, 5, share, seed=2)
        if dropped.share(other):
            more = change(base, other).dropped
            assert more and more.more.change > 0
            found = chances(change(base, other), Rule())
            if share > 0.001:
                assert found.faster > 0.5, share


def test_of_shares_that_are_all_0_nothing_is_in_doubt() -> None:
    found = change(loop(OPEN, 10), loop(OPEN, 10, seed=2)).dropped
    assert found and found.base == found.other == found.more.change == 0
    assert found.more.chance_above(0.001) > 0.99 and found.more.chance_below(0.005) < 1e-6


def test_a_round_in_which_everything_was_dropped_at_once_is_one_round() -> None:
    """Drops of a round belong together: one bad round of twelve shows nothing, whatever its count."""
    base, other = loop(OPEN, 10), loop(OPEN, 10, seed=2)
    bad = other.runs[5]
    bad.values = [
        replace(value, requests=500, dropped=500, latency=value.latency / 2) for value in bad.values
    ]
    found = change(base, other).dropped
    assert found and found.more.change == pytest.approx(0.5 / 12)
    assert found.more.chance_above(0.001) > 0.1


def test_rounds_that_agree_by_chance_are_no_truer_than_their_few_requests() -> None:
    def few(lost: int) -> CaseResult:
        value = Value(10 - lost, 0.01, 0.001, 0.0, None, 0.0, 10, lost, 0.01, 1e-4 * (10 - lost), 0.01)
        return CaseResult(OPEN, [WorkerRun(number, values=[value]) for number in range(3)])

    found = change(few(0), few(1)).dropped
    assert found and found.more.change == pytest.approx(0.1) and found.more.error > 0.05


def test_one_claim_of_two_has_half_of_what_a_case_may_err() -> None:
    found, rule = change(loop(OPEN, 10), loop(OPEN, 10.3, seed=2)), Rule()
    alone = replace(found, dropped=None)
    assert chances(found, rule).slower == pytest.approx(2 * chances(alone, rule).slower)


def test_how_often_unchanged_open_loops_are_called_otherwise() -> None:
    """Of cases whose drops come in bursts, as in real queues: no more often than alpha."""
    rng = random.Random("bursts")
    rule, wrong, tries = Rule(alpha=0.05), 0, 600

    def side() -> CaseResult:
        found = CaseResult(OPEN)
        for number in range(10):
            lost = rng.choice([0, 0, 0, 5, 20, 60])
            seconds = 1e-5 * (1 + rng.gauss(0, 0.02)) * (1000 - lost)
            value = Value(1000 - lost, 0.01, 0.005, 0.001, None, 0.0, 1000, lost, 0.01, seconds, 0.01)
            found.runs.append(WorkerRun(number, values=[value]))
        return found

    for _ in range(tries):
        (verdict,) = judge([change(side(), side())], [rule])
        wrong += verdict.kind in (SLOWER, SLIGHTLY_SLOWER, FASTER)
    assert wrong <= 2 * 0.05 * tries  # either direction has its own alpha


def test_a_gate_stops_for_a_share_and_goes_on_for_none() -> None:
    sequential = Sequential([Rule(), Rule()], one_sided=True)
    base = loop(OPEN, 10)
    sequential.look(0, change(base, loop(OPEN, 10, seed=2)))
    sequential.look(1, change(base, loop(OPEN, 9, 0.05, seed=3)))
    assert sequential.kinds() == [NOT_SLOWER, SLOWER] and sequential.open() == []


def test_machines_that_drift_carry_less_by_as_much() -> None:
    """Between two files up to 10% may be drift, of a share in an overload, too."""
    assert kind((10, 0.0), (10, 0.05), together=False) == SLOWER
    base, other = loop(OPEN, 10), loop(OPEN, 10, 0.05, seed=2)
    (verdict,) = judge([change(base, other, False)], [Rule(drift=0.1)])
    assert verdict.kind not in (SLOWER, SLIGHTLY_SLOWER, FASTER)


def test_every_report_says_what_was_dropped() -> None:
    comparison = compared(loop(OPEN, 10), loop(OPEN, 9, 0.02, seed=2))
    (line,) = comparison.lines
    assert line.verdict and line.verdict.by_share
    said = junit.sentence(line)
    assert said.startswith("slower (dropped share): mean latency -") and "dropped 0% to " in said
    gate = outcome(comparison)
    assert gate.exit_status == 1
    xml = ET.fromstring(junit.render(comparison, gate, "p"))
    assert [failure.get("message") for failure in xml.iter("failure")] == [said]
    assert "::error" in github.render(comparison, gate) and "dropped 0%25 to" in github.render(
        comparison, gate
    )
    assert "slower (dropped share)" in pull_request.render(comparison, gate, "p")
    data = ComparisonSheet([comparison]).data()["comparisons"][0]["lines"][0]
    assert data["base_dropped_fraction"] == 0 and data["other_dropped_fraction"] == pytest.approx(
        0.02, rel=0.1
    )
    assert data["base_bits_per_second"] is None and data["by_dropped"] is True
    assert data["base_latency_mean_seconds"] == pytest.approx(1e-5, rel=0.01)
    assert data["base_requests_per_second"] == pytest.approx(100_000)  # carried, and not 1 / latency


def test_without_a_drop_there_is_no_word_of_it() -> None:
    comparison = compared(loop(OPEN, 10), loop(OPEN, 12, seed=2))
    (line,) = comparison.lines
    assert junit.sentence(line).startswith("slower: mean latency +") and "dropped" not in junit.sentence(line)
    assert "% to " not in pull_request.render(comparison, outcome(comparison), "p")
    closed = record(compared(measured(CBC, noisy(1e-6)), measured(CBC, noisy(1e-6, seed=2))).lines[0])
    assert (
        closed["base_dropped_fraction"] is closed["by_dropped"] is closed["base_latency_mean_seconds"] is None
    )


def refused(base: CaseResult, other: CaseResult) -> Line:
    line = unjudged(Couple(base, other, True), WALL)
    assert line.status == NOT_COMPARED and line.estimate is None
    return line


def test_an_open_loop_and_a_closed_one_have_no_ratio() -> None:
    line = refused(measured(GCM, noisy(1e-6)), loop(OPEN, 10))
    assert line.reason.startswith("Base is a closed loop, Other is an open loop")


def test_loops_of_other_rates_have_no_ratio() -> None:
    assert (
        "100000 requests/s, Other 200000"
        in refused(loop(OPEN, 9), loop(replace(OPEN, rate=200_000), 9)).reason
    )
    assert "70% of its capacity" in refused(loop(OPEN, 9), loop(SHARE, 9)).reason
    assert not of_two(result(loop(OPEN, 9)), result(loop(replace(OPEN, rate=1), 9))).couples


@pytest.mark.parametrize(("rate", "said"), [("101000", False), ("103000", True), ("damaged", False)])
def test_shares_of_other_capacities_are_said_to_be_other_rates(rate: str, said: bool) -> None:
    base, other = (loop(SHARE, 10, offered_rate=each) for each in ("100000", rate))
    couple, files = Couple(base, other, False), (result(base), result(other))
    told = [text for text in warnings(*files, [couple]) if text.startswith("offered at other rates: ")]
    assert bool(told) == said and all("100000 and 103000 requests/s, 70% of" in text for text in told)
    more = loop(replace(SHARE, rate_percent=90), 10, offered_rate="140000")
    assert not any(text.startswith("offered") for text in warnings(*files, [Couple(base, more, False)]))
    anchors = measured(CBC, noisy(1e-6)), measured(CBC, noisy(1e-6))
    beside = warnings(*files, [replace(couple, anchors=anchors)])
    assert not any(text.startswith("offered") for text in beside)


def test_cycles_count_the_waiting_and_cpu_does_not() -> None:
    with pytest.raises(CouldNotMeasure, match="count the waiting for arrivals"):
        per_round(loop(OPEN, 10), CYCLES)
    (figure,) = per_round(loop(OPEN, 10, rounds=1), CPU).values()
    assert figure == pytest.approx(-12.02, abs=0.01)  # log of 6 ms over 1000
    idle = loop(OPEN, 10, rounds=1)
    idle.runs[0].values = [replace(value, user=0.0, system=0.0) for value in idle.values]
    with pytest.raises(CouldNotMeasure, match="waiting for arrivals took all"):
        per_round(idle, CPU)


def plan(case: Case, decide_on: str = WALL) -> Plan:
    return Plan("p", "", (case,), (Measure(decide_on=decide_on),))


def test_pairs_decided_on_cycles_are_refused_before_anything_is_measured() -> None:
    with pytest.raises(BenchsuiteError, match="decide on cpu or wall"):
        side_by_side(plan(OPEN, decide_on=CYCLES), None, None)
    side_by_side(plan(OPEN, decide_on=CYCLES), None, CPU)


def test_a_baseline_takes_shares_of_the_capacity_alone() -> None:
    with pytest.raises(BenchsuiteError, match='rate = "70%"'):
        against(plan(OPEN), None, None)
    (task,) = against(plan(SHARE), None, None).tasks
    assert not task.cases[0].load.open_loop and task.cases[1].rate_percent == 70


def test_crossovers_of_open_loops_are_where_the_latency_is_less() -> None:
    def sizes(backend: str, latencies: Sequence[float]) -> list[CaseResult]:
        pairs = zip((64, 1024, 16384), latencies, strict=True)
        return [loop(replace(OPEN, backend=backend, request_size=size), each) for size, each in pairs]

    found = of_one(result(*sizes("software", [1, 5, 70]), *sizes("sim:x", [9, 9, 9])), "software")
    assert "from 16384 B on" in found["sim:x"][0] or "from 16 KiB on" in found["sim:x"][0]


def rounds(cases: tuple[Case, Case], anchored: bool = False, count: int = 1) -> list[Round]:
    with Pair(Side(), Side(), urgent=False, slices=2, slice_time=0.002, anchored=anchored) as pair:
        found = [pair.round(cases, number, None) for number in range(count)]
    assert all(isinstance(each, Round) for each in found), found
    return [each for each in found if isinstance(each, Round)]


def test_both_sides_of_a_pair_are_offered_the_same_and_the_capacity_is_measured_once() -> None:
    found = rounds((SHARE, SHARE), count=2)
    told = [run.facts for each in found for run in each.runs]
    assert len({facts["offered_rate"] for facts in told}) == len({facts["capacity"] for facts in told}) == 1
    assert float(told[0]["offered_rate"]) == pytest.approx(0.7 * float(told[0]["capacity"]), rel=1e-4)
    for each in found:
        a, b = ([value.offered for value in run.values] for run in each.runs)
        assert a == b and all(value.latency > 0 for run in each.runs for value in run.values)


def test_beside_an_anchor_the_capacity_is_the_cases_own() -> None:
    found = rounds((replace(CBC, backend="null", rate=0), SHARE), anchored=True, count=2)
    for each in found:
        anchor, own = each.runs
        assert "capacity" not in anchor.facts and not any(value.offered for value in anchor.values)
        assert float(own.facts["capacity"]) > 0 and all(value.offered for value in own.values)


@pytest.mark.parametrize(
    ("cases", "message"),
    [
        ((GCM, OPEN), "only B is an open loop"),
        ((OPEN, GCM), "only A is an open loop"),
        ((OPEN, replace(OPEN, rate=7)), "arrive at other rates"),
    ],
)
def test_a_pair_of_other_loads_is_refused(cases: tuple[Case, Case], message: str) -> None:
    with pytest.raises(BenchsuiteError, match=message), Pair(Side(), Side(), urgent=False) as pair:
        pair.round(cases, 0, None)
