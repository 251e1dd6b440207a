"""Whatever a profile or an override holds: a plan that keeps its promises, or a sentence."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from benchsuite import algorithms, profile
from benchsuite.model import BenchsuiteError, Case, Plan

MINIMAL = 'why = "w"\n[[matrix]]\nwhy = "w"\n'

scalars = st.one_of(
    st.none().map(lambda _: "all"),
    st.booleans(),
    st.integers(),
    st.integers(-1, 70_000),
    st.floats(),
    st.text(max_size=8),
    st.dates(),
    st.sampled_from([*algorithms.ALGORITHMS, *algorithms.ALIASES]),
    st.sampled_from(["encrypt", "decrypt", "chained", "per-request", "1..all", "20ms", "64KiB", "null"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
)
some_keys = st.sampled_from([*profile.FILE, *profile.MATRIX, *profile.MEASURE]) | st.text(max_size=6)
tables = st.dictionaries(some_keys, values, max_size=6)
names = st.sampled_from([*algorithms.ALGORITHMS]) | st.lists(
    st.sampled_from([*algorithms.ALIASES]), min_size=1
)
plausible = {
    "op": st.sampled_from(["encrypt", "decrypt"]),
    "iv": st.sampled_from(["per-request", "chained"]),
    "request_size": st.integers(1, 70).map(lambda n: n * 8),
    "q_len": st.integers(1, 3),
    "in_place": st.booleans(),
    "round_size": st.booleans(),
    "aad_size": st.integers(0, 20),
    "tag_size": st.sampled_from([0, 8, 12, 16]),
    "workers": st.sampled_from([1, "all", "1..all"]),
}
# Mostly right, so that many become plans; and anything.
nearly = st.fixed_dictionaries({"why": st.just("w"), "algorithm": names}, optional=plausible)
matrices = nearly | tables | st.builds(lambda right, any_: right | any_, nearly, tables)
wild = tables | st.fixed_dictionaries(
    {"why": st.just("w") | values, "matrix": st.lists(matrices, max_size=2) | values},
    optional={"measure": values | tables},
)


def check(found: Plan) -> None:
    """What the floors above rely on."""
    assert 0 < len(found.cases) == len(set(found.cases)) == len(found.measures) <= profile.MAX_CASES
    for case, how in zip(found.cases, found.measures, strict=True):
        algorithm = algorithms.ALGORITHMS[case.algorithm]
        assert case.op in algorithm.ops
        assert algorithm.min_size <= case.request_size <= 16 << 20
        assert case.request_size % algorithm.block == 0
        assert 1 <= case.q_len <= 65536
        assert 0 <= case.batch <= 65536
        assert case.cbimm in (0, 1)
        assert 1 <= case.workers <= 1024
        assert case.request_num >= 1
        assert case.crypto_q_max >= 1
        assert case.aad_size == 0 or (algorithm.authenticated and case.iv == "per-request")
        assert not case.tag_size or case.tag_size in set(algorithm.tag_sizes) - {algorithm.tag_size}
        assert not (case.in_place and case.op == "decrypt" and algorithm.authenticated)
        if case.iv == "chained":
            assert algorithm.chainable
            assert (case.q_len, case.batch, case.cbimm) == (1, 0, 1)
            assert case.op == "encrypt" or algorithm.kind == "cipher"
        assert Case(**case.to_dict()) == case
        assert how.processes >= 1
        assert how.values >= 1
        assert how.warmups >= 0
        assert 0.001 <= how.min_time <= 600


@given(wild)
def test_any_table_is_a_plan_or_a_sentence(data):
    try:
        found = profile.expand(profile.parse(data, "p.toml", "p"), cpus=2)
    except BenchsuiteError as error:
        assert str(error).startswith("p.toml: ")
        assert str(error).isprintable()
    else:
        check(found)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: (MINIMAL + text).encode()))
@settings(max_examples=60)
def test_any_bytes_are_a_plan_or_a_sentence(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(content)
    try:
        check(profile.expand(profile.load(file), cpus=2))
    except BenchsuiteError as error:
        assert "any.toml" in str(error)


THREE = profile.parse(
    tomllib.loads(f'{MINIMAL}algorithm = ["aes-128-cbc", "aes-128-gcm", "sha1"]'), "p.toml", "p"
)


@given(st.lists(st.text(max_size=30) | st.builds("{}={}".format, some_keys, scalars), max_size=3))
def test_any_override_is_a_plan_or_a_sentence(overrides):
    try:
        check(profile.expand(THREE, overrides, cpus=2))
    except BenchsuiteError as error:
        assert "--set" in str(error)
        assert str(error).isprintable()


def one_or_more(*choices: Any) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(choices), min_size=1, max_size=len(choices), unique=True)


reasonable = st.fixed_dictionaries(
    {"why": st.just("w"), "algorithm": one_or_more("aes-128-cbc", "3des-sha1", "aes-256-gcm", "aes-128-xts")},
    optional={
        "backend": one_or_more("null", "software", "software:/x"),
        "op": one_or_more("encrypt", "decrypt"),
        "request_size": one_or_more(16, 1024, "64KiB"),
        "q_len": one_or_more(1, 40),
        "batch": one_or_more(0, 1, 32),
        "cbimm": one_or_more(0, 1),
        "workers": one_or_more(1, 3),
        "request_num": one_or_more(1, 9),
        "crypto_q_max": one_or_more(1, 1000),
        "aad_size": st.just(8),
        "values": st.integers(1, 50),
    },
)


@given(reasonable)
def test_a_matrix_is_its_product_and_always_the_same(matrix):
    data = {"why": "w", "matrix": [matrix]}
    found = profile.expand(profile.parse(data, "p.toml", "p"), cpus=2)
    check(found)
    product = 1
    for value in matrix.values():
        product *= len(value) if isinstance(value, list) else 1
    assert len(found.cases) == product
    assert found == profile.expand(profile.parse(data, "p.toml", "p"), cpus=2)
    assert [case.backend for case in found.cases] == sorted(
        (case.backend for case in found.cases), key=matrix.get("backend", ["software"]).index
    )
