"""What belongs together, what a round is worth, filters, warnings, crossovers."""

from __future__ import annotations

import re
from dataclasses import replace
from math import exp, log

import pytest
from compare_fixture import CBC, GCM, LIBRARY, SHA, failed, measured, noisy, paired, result, run
from hypothesis import given
from hypothesis import strategies as st

from benchsuite.compare import crossovers
from benchsuite.compare.comparison import (
    ANCHORED,
    APART,
    NOT_MEASURED,
    Party,
    judged,
    metric_of,
    rule_for,
    seconds,
    unjudged,
)
from benchsuite.compare.groups import groups
from benchsuite.compare.matching import Couple, across, estimate, is_paired, of_two, side_of, sides
from benchsuite.compare.rounds import per_round
from benchsuite.compare.sides import backends, of_file, of_pairs, party
from benchsuite.compare.verdicts import FASTER, SAME, SLOWER, UNDECIDED, Rule
from benchsuite.compare.warnings import other_machine, warnings
from benchsuite.model import (
    CPU,
    CYCLES,
    WALL,
    BenchsuiteError,
    Case,
    CaseResult,
    CouldNotMeasure,
    Result,
    Value,
)
from benchsuite.selection import filters
from benchsuite.selection.keys import parameter

BASE, OTHER = Party("base"), Party("other")


# What a round is worth


def test_a_round_is_the_mean_of_its_fastest_quarter() -> None:
    case = measured(CBC, [1e-6])
    walls = (4e-5, 1e-5, 3e-5, 2e-5, 9e-5, 8e-5, 7e-5, 6e-5)
    case.runs[0].values = [Value(10, wall, 0.0, 0.0) for wall in walls]
    assert exp(per_round(case, WALL)[0]) == pytest.approx(1.5e-6)


def test_every_metric_has_its_own_figures() -> None:
    case = measured(CBC, [1e-6, 2e-6])
    wall, cpu, cycles = (per_round(case, metric) for metric in (WALL, CPU, CYCLES))
    assert exp(wall[1] - wall[0]) == pytest.approx(2)
    assert exp(cpu[0] - wall[0]) == pytest.approx(0.95)
    assert exp(cycles[0] - wall[0]) == pytest.approx(2.8e9)


@pytest.mark.parametrize("source", ["tsc", "cntvct"])
def test_ticks_are_no_cycles(source: str) -> None:
    with pytest.raises(CouldNotMeasure, match=r"ticks of a counter.*cpu or wall"):
        per_round(measured(CBC, [1e-6], cycles_source=source), CYCLES)


@pytest.mark.parametrize("metric, what", [(CPU, "CPU time"), (CYCLES, "cycles")])
def test_a_figure_that_nobody_counted_is_none(metric: str, what: str) -> None:
    case = measured(CBC, [1e-6])
    case.runs[0].values[1] = Value(1000, 0.001, None, None)
    with pytest.raises(CouldNotMeasure, match=what):
        per_round(case, metric)
    assert per_round(case, WALL)


def test_a_failed_case_is_no_figure() -> None:
    with pytest.raises(CouldNotMeasure, match="SIGSEGV"):
        per_round(failed(CBC), WALL)
    with pytest.raises(CouldNotMeasure, match="before this case"):
        per_round(replace(measured(CBC, [1e-6]), runs=[]), WALL)


# Two results


def test_cases_are_the_same_when_their_parameters_are() -> None:
    cases = (CBC, GCM, replace(CBC, q_len=8)), (GCM, replace(CBC, request_num=99), SHA)
    base, other = (result(*(measured(case, [1e-6]) for case in of)) for of in cases)
    found = of_two(base, other)
    assert [couple.base.case for couple in found.couples] == [CBC, GCM]
    assert found.only_base == [replace(CBC, q_len=8)] and found.only_other == [SHA]
    assert not any(couple.together for couple in found.couples)


def test_the_same_case_twice_goes_in_order() -> None:
    base = result(measured(CBC, [1e-6]), measured(CBC, [2e-6]))
    found = of_two(base, result(measured(CBC, [3e-6])))
    assert len(found.couples) == 1 and found.only_base == [CBC]
    assert found.couples[0].base is base.cases[0]


def test_a_result_against_itself_is_the_same() -> None:
    whole = result(*(measured(case, noisy(1e-6)) for case in (CBC, GCM, SHA)))
    (found,) = judged([(BASE, OTHER, of_two(whole, whole))], Rule(), None, 0.0)
    assert found.counts() == {SAME: 3}
    assert all(line.verdict and line.verdict.ratio == 1 for line in found.lines)


@given(st.floats(0.3, 3), st.floats(0.3, 3))
def test_ratios_multiply_and_turn_round(b: float, c: float) -> None:
    results = [result(measured(CBC, noisy(1e-6 * slower))) for slower in (1, b, c)]

    def ratio(base: Result, other: Result) -> float:
        (couple,) = of_two(base, other).couples
        return exp(-estimate(couple, WALL).change)

    there = ratio(results[0], results[1])
    assert there * ratio(results[1], results[0]) == pytest.approx(1)
    assert there * ratio(results[1], results[2]) == pytest.approx(ratio(results[0], results[2]))


def test_two_files_have_drift() -> None:
    base, other = (result(measured(CBC, noisy(seconds, 30))) for seconds in (1e-6, 1.08e-6))
    matched = [(BASE, OTHER, of_two(base, other))]
    assert judged(matched, Rule(), None, None)[0].counts() == {UNDECIDED: 1}
    assert judged(matched, Rule(), None, 0.0)[0].counts() == {SLOWER: 1}
    (couple,) = matched[0][2].couples
    assert rule_for(couple, Rule(), None).drift == APART
    assert not judged(matched, Rule(), None, None)[0].paired


# Paired results


def test_sides() -> None:
    both = paired([(CBC, 1e-6, 1.06e-6), (GCM, 1e-6, 1e-6), (SHA, 1e-6, 0.9e-6)])
    assert is_paired(both) and [side_of(case) for case in both.cases] == ["A", "B"] * 3
    found = sides(both)
    assert [couple.together for couple in found.couples] == [True] * 3
    assert found.couples[0].case.backend == ""
    (comparison,) = judged([(BASE, OTHER, found)], Rule(), None, None)
    assert [line.verdict and line.verdict.kind for line in comparison.lines] == [SLOWER, SAME, FASTER]
    assert comparison.paired and comparison.rule.drift == 0.0


def test_what_the_machine_did_to_both_is_in_neither() -> None:
    """The rounds of the fixture differ by 5%, the sides of a round by half a per cent."""
    both = paired([(CBC, 1e-6, 1.06e-6)])
    (couple,) = sides(both).couples
    together, apart = estimate(couple, WALL), estimate(replace(couple, together=False), WALL)
    assert together.error < apart.error / 3
    assert together.change == pytest.approx(log(1.06), abs=0.01)


def test_rounds_that_one_side_lost_are_left_out() -> None:
    both = paired([(CBC, 1e-6, 1.06e-6)])
    both.cases[0].runs = both.cases[0].runs[:8]
    both.cases[1].runs = both.cases[1].runs[2:]
    (couple,) = sides(both).couples
    assert estimate(couple, WALL).rounds == 6


def test_an_unequal_number_of_sides_is_said() -> None:
    both = paired([(CBC, 1e-6, 1e-6), (GCM, 1e-6, 1e-6)])
    found = sides(result(*both.cases[:-1]))
    assert len(found.couples) == 1 and [case.algorithm for case in found.only_base] == ["aes-128-gcm"]
    assert not is_paired(result(measured(CBC, [1e-6])))


def test_a_metric_is_that_of_the_run_unless_another_is_asked_for() -> None:
    couple = Couple(measured(CBC, [1e-6]), measured(CBC, [1e-6], decide_on=CPU), False)
    assert (metric_of(couple, None), metric_of(couple, CYCLES)) == (CPU, CYCLES)
    assert metric_of(Couple(couple.other, couple.base, False), None) == WALL
    odd = Couple(couple.base, measured(CBC, [1e-6], decide_on="moonlight"), False)
    assert metric_of(odd, None) == WALL


# Anchors


def anchored(seconds: float, machine: float, version: str = "cryptography 50.0.2") -> Result:
    """A machine this much slower than it might be, with the anchor and the library under test."""
    made = paired([(CBC, 5e-6 * machine, seconds * machine)], ("python", "software"))
    for run_ in made.cases[0].runs:
        run_.facts["version"] = version
    return made


def test_a_slower_machine_is_no_change_beside_an_anchor() -> None:
    found = of_two(anchored(1e-6, 1.0), anchored(1e-6, 1.3))
    (couple,) = found.couples
    assert couple.anchors is not None and couple.case.backend == "software"
    assert estimate(couple, WALL).change == pytest.approx(0, abs=0.01)
    assert rule_for(couple, Rule(), None).drift == ANCHORED
    (comparison,) = judged([(BASE, OTHER, found)], Rule(), None, None)
    assert comparison.anchored == "python" and comparison.counts() == {SAME: 1}


def test_a_slower_library_is_one_beside_an_anchor() -> None:
    (couple,) = of_two(anchored(1e-6, 1.0), anchored(1.1e-6, 0.7)).couples
    assert estimate(couple, WALL).change == pytest.approx(log(1.1), abs=0.01)


def test_another_anchor_is_no_anchor() -> None:
    (couple,) = of_two(anchored(1e-6, 1.0), anchored(1e-6, 1.0, "cryptography 51.0.0")).couples
    line = unjudged(couple, WALL)
    assert line.status == NOT_MEASURED and line.estimate is None
    assert "cryptography 50.0.2 in base, cryptography 51.0.0 in other" in line.reason


def test_paired_with_something_else_is_by_itself() -> None:
    other = paired([(CBC, 1e-6, 1e-6)], ("null", "software"))
    found = of_two(anchored(1e-6, 1.0), other)
    assert [couple.anchors for couple in found.couples] == [None]


# Within one result


def several() -> Result:
    cases = []
    for backend, each, by in (("software", 2e-7, 1e-9), ("python", 2e-6, 0.5e-9)):
        for size in (16, 1024, 16384):
            cases.append(measured(replace(GCM, backend=backend, request_size=size), noisy(each + by * size)))
    return result(*cases, failed(replace(GCM, backend="afalg"), "unavailable", "no AF_ALG here"))


def test_across_a_parameter() -> None:
    found = across(several(), "backend", None)
    assert list(found) == ["python", "afalg"]
    assert [couple.base.case.backend for couple in found["python"].couples] == ["software"] * 3
    assert [case.request_size for case in found["afalg"].only_base] == [16, 1024, 16384]
    turned = across(several(), "backend", "python")
    assert list(turned) == ["software", "afalg"]
    sizes = across(several(), "request_size", "1024")
    assert [couple.case.request_size for couple in sizes["16"].couples] == [0, 0]


def test_across_says_what_there_is() -> None:
    with pytest.raises(BenchsuiteError, match="did you mean 'python'"):
        across(several(), "backend", "pyton")
    with pytest.raises(BenchsuiteError, match=r"--across: no parameter 'backends'.*'backend'"):
        parameter("backends", "--across")
    assert across(result(), "backend", None) == {}


def test_a_failure_is_a_line_with_its_side() -> None:
    couple = Couple(measured(CBC, [1e-6]), failed(CBC), True)
    line = unjudged(couple, WALL)
    assert (line.status, line.reason) == ("crash", "other: the worker crashed (SIGSEGV)")
    assert line.other_seconds is None and line.base_seconds == pytest.approx(1e-6, rel=1e-6)
    matched = of_two(result(measured(CBC, [1e-6])), result(failed(CBC)))
    (comparison,) = judged([(BASE, OTHER, matched)], Rule(), None, 0)
    assert comparison.counts() == {"crash": 1} and comparison.overall() is None


def test_rates_are_of_wall_time() -> None:
    case = measured(replace(CBC, request_size=125), [1e-6])
    assert case.case.rate_of(seconds(case) or 0) == pytest.approx(1e3)


# Groups


def test_groups_are_geometric_means() -> None:
    cases = {16: 2.0, 1024: 0.5}
    sizes = [(replace(GCM, request_size=size), by) for size, by in cases.items()]
    base = result(*(measured(case, noisy(1e-6)) for case, _ in sizes))
    other = result(*(measured(case, noisy(1e-6 * by)) for case, by in sizes))
    (comparison,) = judged([(BASE, OTHER, of_two(base, other))], Rule(), None, 0.0)
    overall = comparison.overall()
    assert overall and overall.ratio == pytest.approx(1, rel=0.02) and overall.cases == 2
    assert overall.kinds == {SLOWER: 1, FASTER: 1}
    by_size = comparison.grouped(["request_size", "algorithm"])
    assert [each.values for each in by_size] == [("16", "aes-128-gcm"), ("1024", "aes-128-gcm")]
    assert by_size[0].ratio == pytest.approx(0.5, rel=0.02) and groups([]) == []


# Filters


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("algorithm=aes-*", True),
        ("algorithm=sha256,aes-128-gcm", True),
        ("algorithm!=aes-*", False),
        ("request_size>=1488", True),
        ("request_size>1488", False),
        ("request_size <= 2KiB", True),
        ("request_size=1488,1KiB", True),
        ("request_size=1KiB", False),
        ("in_place=true", True),
        ("q_len<2", True),
        ("backend=soft?are", True),
        ("backend=SOFTWARE", False),
        ("op=decrypt", False),
    ],
)
def test_filters(text: str, fits: bool) -> None:
    assert filters.parse(text)(GCM) == fits
    assert filters.fits(CaseResult(GCM), [filters.parse(text)]) == fits


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected KEY=PATTERN"),
        ("algorithm", "expected KEY"),
        ("algorithm=", "expected KEY"),
        ("algoritm=x", "did you mean 'algorithm'"),
        ("algorithm>3", "no number"),
        ("q_len>=many", "is not a size"),
        ("q_len>1,2", "one number, not 2"),
        ("request_num=1", "no parameter"),
    ],
)
def test_what_is_no_filter_is_said(text: str, message: str) -> None:
    with pytest.raises(BenchsuiteError, match=message):
        filters.parse(text)


@given(st.text(max_size=30))
def test_any_text_is_a_filter_or_a_sentence(text: str) -> None:
    try:
        filters.parse(text)(GCM)
    except BenchsuiteError as error:
        assert str(error).startswith("--filter") and "\n" not in str(error)


# Warnings


def said(**environment: object) -> list[str]:
    base = result(measured(CBC, [1e-6]))
    return warnings(base, result(measured(CBC, [1e-6]), **environment), [])


def test_nothing_to_warn_of() -> None:
    assert said() == []


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("cpu_model_name", "Other CPU", "different CPU: Example CPU @ 2.80GHz against Other CPU"),
        ("benchsuite_kernel_release", "6.12.1", "different kernel: 6.1.0-28-amd64 against 6.12.1"),
        ("benchsuite_governor", "powersave", "different frequency governor: performance against powersave"),
        ("benchsuite_governor", None, "different frequency governor: performance against not known"),
        ("benchsuite_turbo", True, "different turbo: not known against on"),
        ("benchsuite_mitigations", "x" * 99, f"different CPU mitigations: not known against {'x' * 57}..."),
        ("benchsuite_load_after", 5.0, "other: the machine was busy: a load of 5.0 on 4 CPUs"),
        ("benchsuite_accepted_reason", "but safe", "other: accepted as a baseline on .*: but safe"),
    ],
)
def test_warnings(key: str, value: object, text: str) -> None:
    (found,) = said(**{key: value})
    assert re.fullmatch(text.replace("(", r"\(") if ".*" not in text else text, found)


def test_what_cases_have_of_their_own_is_said_of_those_that_are_compared() -> None:
    """A baseline of which parts were accepted at different times."""
    first = {"benchsuite_accepted_reason": "first", "benchsuite_accepted_date": "then"}
    old = replace(measured(CBC, [1e-6]), environment={**first, "benchsuite_load_after": 9.0})
    last = {"benchsuite_accepted_reason": "last", "benchsuite_accepted_date": "now"}
    base = result(old, measured(SHA, [1e-6]), **last)
    for case, texts in (
        (
            CBC,
            [
                "base: the machine was busy: a load of 9.0 on 4 CPUs",
                "base: accepted as a baseline on then: first",
            ],
        ),
        (SHA, ["base: accepted as a baseline on now: last"]),
    ):
        other = result(measured(case, [1e-6]))
        assert warnings(base, other, of_two(base, other).couples) == texts
    assert [text[-5:] for text in warnings(base, base, [])] == [" CPUs", "first", " last"]


def test_hostile_environments_do_not_matter() -> None:
    keys = ("cpu_model_name", "benchsuite_load_after", "benchsuite_cpus_usable", "benchsuite_accepted_reason")
    for value in ([1], {"a": 1}, "", -1, 10**30, "\x1b[31m"):
        said(**dict.fromkeys(keys, value))


def test_cases_that_were_served_differently() -> None:
    def of(**facts: str) -> Result:
        return result(measured(CBC, [1e-6], **facts))

    pairs = [
        (of(kernel_driver="cbc-aes-aesni"), of(kernel_driver="cbc(aes-generic)"), "different kernel drivers"),
        (of(chosen="afalg"), of(chosen="software"), "auto chose differently"),
        (of(simulated="yes"), of(), "simulated against measured"),
        (of(priority="real-time"), of(priority="usual"), "real-time priority"),
    ]
    for base, other, text in pairs:
        assert [text in each for each in warnings(base, other, of_two(base, other).couples)] == [True]


def test_of_a_side_without_a_run_nothing_is_said() -> None:
    base, other = result(measured(CBC, [1e-6], priority="real-time")), result(CaseResult(CBC))
    assert warnings(base, other, of_two(base, other).couples) == []


def test_incomplete_results_are_said_once() -> None:
    half = result(measured(CBC, [1e-6]), complete=False)
    assert [text[:10] for text in warnings(half, half, [])] == ["incomplete"]
    assert len(warnings(half, replace(half), [])) == 2


def test_another_machine() -> None:
    here = {"cpu_model_name": "A", "benchsuite_architecture": "x86_64"}
    assert other_machine(here, {**here, "cpu_model_name": "B"})
    assert not other_machine(here, here) and not other_machine({}, here)


# Parties


def test_parties() -> None:
    both = several()
    version = LIBRARY["version"]
    assert party("x", both.cases).versions == (f"software = {version}", f"python = {version}")
    assert party("x", both.cases[:2], "", "here").versions == (version,)
    assert of_file("f.json", both).about == "profile p of 2026-11-02 10:20"
    assert backends(both.cases) == "software, python, afalg" and backends([]) == "nothing"
    pair = paired([(CBC, 1e-6, 1e-6)])
    a, b = of_pairs([(pair.cases[0], pair.cases[1])], "/opt/old")
    assert a.label == "/opt/old: software" and a.about == "benchsuite 1.0.0" and b.label == "software:/new.so"


# Crossovers


def test_crossovers_of_backends() -> None:
    (found,) = crossovers.of_one(several(), None).values()
    (text,) = found
    assert re.fullmatch(r"aes-128-gcm encrypt: python is faster than software from 16384 B on, .* KiB", text)


def test_a_crossover_that_moved() -> None:
    faster = several()
    for case in faster.cases[3:6]:
        for run_ in case.runs:
            run_.values = [replace(value, wall=value.wall / 3) for value in run_.values]
    assert crossovers.moved(several(), several()) == []
    (text,) = crossovers.moved(several(), faster)
    assert "from 16384 B on" in text and "from 1024 B on" in text and text.endswith("in Other")


def test_one_size_has_no_crossover() -> None:
    assert crossovers.of_one(result(*several().cases[:1], *several().cases[3:4]), None) == {}


def test_names_say_what_is_unusual() -> None:
    assert crossovers.name(replace(CBC, q_len=16, batch=1)) == "aes-128-cbc encrypt, q_len 16, batch 1"
    assert crossovers.name(SHA) == "sha256"
    assert run(0, 1e-6).values and Case("a", "b")
