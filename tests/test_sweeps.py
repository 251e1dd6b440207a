"""Along which parameters cases go: the series they make, and the one rule that chooses among them."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite import profile
from benchsuite.model import PARAMETERS, Case
from benchsuite.sweeps import LONG, Differing, Sweep, axis_of, sweeps

CBC = Case("software", "aes-128-cbc")


def crossed(base: Case = CBC, **axes: tuple[Any, ...]) -> list[Case]:
    return [replace(base, **dict(zip(axes, point, strict=True))) for point in product(*axes.values())]


def keys(cases: list[Case]) -> list[str]:
    return list(dict.fromkeys(each.key for each in sweeps(cases)))


@pytest.mark.parametrize("key", [key for key, each in PARAMETERS.items() if each.sweepable])
def test_any_number_parameter_is_an_axis(key: str) -> None:
    values = (5, 7, 9, 300)
    (found,) = sweeps(crossed(**{key: values[::-1]}, backend=("software", "null")))
    assert found == Sweep(key, CBC.without("backend", key), values)
    assert axis_of(crossed(**{key: values})) == key
    assert all(found.has(found.at("null", value)) for value in values)
    assert not found.has(replace(found.at("null", 5), algorithm="sha256"))


def test_a_switch_a_neutral_parameter_and_words_are_no_axes() -> None:
    assert sweeps(crossed(cbimm=(0, 1), iv=("per-request", "chained"), in_place=(True, False))) == []
    assert sweeps(crossed(request_num=(1, 2, 3))) == [] and axis_of([CBC, CBC]) is None


def test_pairs_are_left_where_there_are_lines() -> None:
    assert keys(crossed(request_size=(1488, 16384), workers=(1, 2, 3, 4))) == ["workers"]
    assert keys(crossed(request_size=(64, 1488, 16384), q_len=(1, 16))) == ["request_size"]
    assert keys(crossed(request_size=(64, 1488, 16384), q_len=(1, 4, 16))) == ["request_size", "q_len"]
    pair = crossed(request_size=(64, 1488))
    assert keys(pair) == ["request_size"] and len(pair) < LONG


def test_of_equal_pairs_the_one_counts_that_most_cases_go_along() -> None:
    both = crossed(request_size=(1488, 16384), workers=(1, 2))
    assert keys(both) == ["request_size", "workers"]
    others = crossed(replace(CBC, algorithm="sha256"), workers=(1, 2))
    assert keys(both + others) == ["workers"] and axis_of(both + others) == "workers"


def test_a_workload_goes_its_own_way() -> None:
    sizes = crossed(request_size=(64, 1488, 16384))
    depths = crossed(replace(CBC, algorithm="sha256"), q_len=(1, 2, 4, 8))
    found = sweeps(sizes + depths)
    assert [(each.key, each.common.algorithm) for each in found] == [
        ("request_size", "aes-128-cbc"),
        ("q_len", "sha256"),
    ]
    assert axis_of(sizes + depths) == "q_len"


def test_one_point_of_each_backend_is_no_series() -> None:
    apart = [replace(CBC, workers=1), replace(CBC, backend="afalg", workers=2)]
    assert sweeps(apart) == []
    (found,) = sweeps([*apart, replace(CBC, workers=4)])
    assert found.values == (1, 2, 4)


def test_what_has_no_size_is_no_point_of_sizes_but_goes_along_others() -> None:
    sign = Case("software", "rsa-2048", "sign", request_size=0)
    assert sweeps(crossed(sign, request_size=(0, 64))) == []
    assert keys(crossed(sign, workers=(1, 2, 4))) == ["workers"]
    assert sweeps(crossed(batch=(0, 1, 8)))[0].values == (0, 1, 8)


@pytest.mark.parametrize(
    ("name", "axis"),
    [
        ("sizes", "request_size"),
        ("queue-depth", "q_len"),
        ("smp", "workers"),
        ("batch-cbimm", "batch"),
        ("esp-suites", "request_size"),
        ("hardware", "request_size"),
        ("paths", "request_size"),
        ("ocf-bench", None),
    ],
)
@pytest.mark.parametrize("cpus", [2, 16])
def test_each_profile_is_told_along_what_it_asks_for(name: str, axis: str | None, cpus: int) -> None:
    plan = profile.expand(profile.load(profile.find(name)), cpus=cpus)
    assert axis_of(plan.cases) == axis


_CASES = st.lists(
    st.builds(
        Case,
        st.sampled_from(["software", "null"]),
        st.sampled_from(["aes-128-cbc", "sha256"]),
        request_size=st.sampled_from([0, 64, 1488, 4096]),
        q_len=st.sampled_from([1, 2, 4, 8]),
        workers=st.sampled_from([1, 2, 3]),
    ),
    max_size=40,
)


@given(_CASES)
def test_every_value_of_a_series_was_measured_by_somebody(cases: list[Case]) -> None:
    for each in sweeps(cases):
        assert len(each.values) > 1 and list(each.values) == sorted(set(each.values))
        assert {getattr(case, each.key) for case in cases if each.has(case)} == set(each.values)


@given(_CASES, st.randoms())
def test_the_order_of_cases_changes_no_series(cases: list[Case], random: Any) -> None:
    shuffled = random.sample(cases, len(cases))
    assert set(sweeps(shuffled)) == set(sweeps(cases))


@given(_CASES, st.sets(st.sampled_from([*PARAMETERS])))
def test_cases_are_alike_but_for_some_parameters_where_they_are_without_them(
    cases: list[Case], keys: set[str]
) -> None:
    but = Differing(cases).but(*keys)
    for one, other in product(cases[:8], cases):
        assert (but(one) == but(other)) == (one.without(*keys) == other.without(*keys))
