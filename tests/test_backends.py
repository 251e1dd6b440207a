"""Backends in this process: every way through the engine verifies, and its counters add up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite import backends, stats
from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends import MeasureError
from benchsuite.model import (
    CHAINED,
    DECRYPT,
    DIGEST,
    ENCRYPT,
    BenchsuiteError,
    Case,
    CaseResult,
    Value,
    WorkerRun,
)

REQUESTS = 300


def case(algorithm: str = "aes-128-cbc", backend: str = "software", **changes: Any) -> Case:
    return Case(backend, algorithm, **({"request_size": 64} | changes))


def measure(what: Case) -> tuple[Value, dict[str, int], dict[str, str]]:
    """Opened, verified, run, verified again."""
    engine = backends.open_case(what)
    checked = engine.verify()
    value = engine.run(REQUESTS)
    counters, facts, latency = engine.counters(), engine.facts(), engine.latency()
    after = engine.verify_after()
    engine.close()
    if what.backend != "null":
        assert checked > 0
        assert after == what.q_len * what.workers
    assert all(count > 0 for stage in latency.values() for _, count in stage["buckets"])
    assert sum(count for _, count in latency["lat"]["buckets"]) == counters["sampled"]
    return value, counters, facts


def assert_adds_up(what: Case, value: Value, counters: dict[str, int]) -> None:
    assert value.requests >= REQUESTS
    assert counters["submitted"] == counters["completed"] == value.requests
    assert counters["failed"] == 0
    assert value.wall > 0


@pytest.mark.parametrize("cbimm", [0, 1])
@pytest.mark.parametrize("batch", [0, 1, 3])
@pytest.mark.parametrize("q_len", [1, 7])
@pytest.mark.parametrize("backend", ["null", "software"])
def test_every_way_through_the_queues(backend: str, q_len: int, batch: int, cbimm: int) -> None:
    what = case(backend=backend, q_len=q_len, batch=batch, cbimm=cbimm)
    value, counters, facts = measure(what)
    assert_adds_up(what, value, counters)
    assert counters["lost"] == counters["first_error"] == 0
    assert facts["path"] == ("direct" if batch == 0 and cbimm == 1 else "queues and threads")


@pytest.mark.parametrize("batch, cbimm", [(0, 1), (1, 0), (4, 1)])
@pytest.mark.parametrize("backend", ["null", "software"])
def test_workers_share_a_value(backend: str, batch: int, cbimm: int) -> None:
    what = case(backend=backend, workers=2, q_len=3, batch=batch, cbimm=cbimm)
    value, counters, _ = measure(what)
    assert_adds_up(what, value, counters)
    assert value.requests >= REQUESTS  # the first to have done its share ends the value for both


CHAINED_CIPHERS = ("aes-128-cbc", "3des-cbc", "aes-256-ctr", "aes-192-ecb")
CHAINS = [(name, op) for name in CHAINED_CIPHERS for op in (ENCRYPT, DECRYPT)]


@pytest.mark.parametrize("algorithm, op", [*CHAINS, ("aes-128-gcm", ENCRYPT)])
@pytest.mark.parametrize("size", [16, 64, 1024])
def test_a_chained_iv(algorithm: str, op: str, size: int) -> None:
    what = case(algorithm, op=op, request_size=size, iv=CHAINED)
    value, counters, _ = measure(what)
    assert_adds_up(what, value, counters)


@pytest.mark.parametrize("backend", ["software", "python", "sim:hifn7956,clock=real"])
@pytest.mark.parametrize(
    ("algorithm", "tag_size"),
    [
        ("hmac-sha1", 12),
        ("aes-128-cbc+hmac-sha256", 16),
        ("null+hmac-md5", 12),
        ("aes-128-gcm", 8),
        ("rfc4106-aes-128-gcm", 12),
        ("aes-128-ccm", 8),
    ],
)
def test_a_cut_tag(backend: str, algorithm: str, tag_size: int) -> None:
    for op in ALGORITHMS[algorithm].ops:
        decrypts = ALGORITHMS[algorithm].authenticated and op == DECRYPT
        what = case(algorithm, backend, op=op, tag_size=tag_size, in_place=not decrypts, q_len=2)
        assert f",tag_size={tag_size}" in what.name
        try:
            measure(what)
        except MeasureError as error:  # that device has no such algorithm
            assert error.kind == "unsupported" and backend.startswith("sim:")


def test_a_tag_that_a_driver_does_not_have_is_refused() -> None:
    for backend, algorithm, tag_size, said in (
        ("software", "sha256", 16, "makes 32 bytes, not 16"),
        ("software", "aes-128-ccm", 5, "has no tag of 5 bytes"),
        ("tcrypt", "hmac-sha1", 12, "tcrypt cuts no tag|no module tcrypt"),
        ("python", "chacha20-poly1305", 8, "has tags of 16 bytes alone"),
    ):
        with pytest.raises(MeasureError, match=said):
            measure(case(algorithm, backend, op=ALGORITHMS[algorithm].ops[0], tag_size=tag_size))


@pytest.mark.parametrize(
    "algorithm", ["aes-256-gcm", "aes-128-ccm", "chacha20-poly1305", "aes-192-cbc+hmac-sha1"]
)
@pytest.mark.parametrize("backend", ["software", "python"])
@pytest.mark.parametrize("aad_size", [0, 8, 13, 300])
@pytest.mark.parametrize("op", [ENCRYPT, DECRYPT])
def test_authenticated_both_ways_with_aad(backend: str, algorithm: str, aad_size: int, op: str) -> None:
    what = case(algorithm, backend, op=op, aad_size=aad_size, in_place=op == ENCRYPT, q_len=3)
    value, counters, _ = measure(what)
    assert_adds_up(what, value, counters)


def test_authenticated_decryption_through_the_queues() -> None:
    what = case("aes-128-gcm", op=DECRYPT, in_place=False, aad_size=8, q_len=5, batch=2, cbimm=0, workers=2)
    value, counters, _ = measure(what)
    assert_adds_up(what, value, counters)


@pytest.mark.parametrize("batch, cbimm", [(0, 1), (0, 0), (1, 1), (1, 0)])
def test_a_full_queue_drops_and_tries_again(batch: int, cbimm: int) -> None:
    what = case(q_len=16, crypto_q_max=3, batch=batch, cbimm=cbimm)
    value, counters, _ = measure(what)
    assert_adds_up(what, value, counters)
    assert counters["high_water"] <= 3


def test_out_of_place_leaves_the_input_alone() -> None:
    what = case(in_place=False, q_len=4)
    value, counters, _ = measure(what)  # verification compares the input
    assert_adds_up(what, value, counters)


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
@pytest.mark.parametrize("backend", ["software", "python"])
def test_every_algorithm_verifies_or_says_why_not(backend: str, algorithm: str) -> None:
    op = DIGEST if DIGEST in ALGORITHMS[algorithm].ops else ENCRYPT
    try:
        value, counters, _ = measure(case(algorithm, backend, op=op, aad_size=ALGORITHMS[algorithm].aad_size))
    except MeasureError as error:
        assert error.kind == "unsupported"
        assert len(str(error)) > 10
    else:
        assert value.requests == counters["completed"]


def test_python_has_no_queues_and_says_so() -> None:
    for changes in ({"batch": 1}, {"cbimm": 0}, {"workers": 2}, {"iv": CHAINED}):
        with pytest.raises(MeasureError, match="python backend"):
            backends.open_case(case(backend="python", **changes))


def test_more_buffers_than_memory_is_a_reason_not_a_killed_machine() -> None:
    with pytest.raises(MeasureError, match=r"need [\d.]+ GB of memory") as caught:
        backends.open_case(case(request_size=16 << 20, q_len=65536, workers=64))
    assert caught.value.kind == "unsupported"


def test_an_unknown_backend_suggests_the_nearest() -> None:
    with pytest.raises(BenchsuiteError, match="did you mean 'software'"):
        backends.of("sofware:/x")


@given(st.text())
def test_any_backend_string_is_a_backend_or_a_sentence(text: str) -> None:
    try:
        found = backends.of(text)
    except BenchsuiteError as error:
        assert len(str(error).splitlines()) <= 2
    else:
        assert text == found.name + (f":{found.setting}" if ":" in text else "")


def test_a_disturbed_moment_does_not_make_stamps_dear() -> None:
    """What a timestamp costs was once the mean of a loop: a pause in it made a run say that stamping took a
    fifth of its time."""
    from benchsuite.backends.python import stamp_cost

    now = calls = 0

    def clock() -> int:
        nonlocal now, calls
        calls += 1
        now += 10_000_000 if calls == 300 else 60  # the machine stood still for 10 ms
        return now

    assert stamp_cost(clock) == pytest.approx(60, rel=0.01)


def test_python_samples_by_its_fastest_run() -> None:
    case = Case("python", "sha256", "digest", 64)
    engine = backends.of("python").open_case(case)
    engine.run(2000)
    every = engine._sample_every
    engine._adapt_sampling(1e9)  # a run that was interrupted
    assert engine._sample_every == every > 1


def test_the_time_in_submit_and_poll_is_that_of_the_model() -> None:
    """On a virtual clock both are known: what process costs the caller, and what interrupts take, each times
    their number."""
    what = case(backend="sim:hifn7956", q_len=4)
    engine = backends.open_case(what)
    value = engine.run(500)
    run = WorkerRun(0, values=[value], counters=engine.counters(), latency=engine.latency())
    engine.close()
    figures = stats.summary(CaseResult(what, [run]))
    slat = figures.latency["slat"]
    assert slat.p50 == slat.max  # one cost, so that the share is plain
    assert figures.submit == pytest.approx(slat.p50 * 1e-9 * 500 / value.wall)
    assert figures.poll_wait == 0
    assert figures.submit and figures.poll and figures.cpu
    assert 0 < figures.submit + figures.poll < figures.cpu


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (case(), (False, False)),  # nothing but the driver's call
        (case(q_len=4, batch=1), (True, False)),
        (case(backend="sim:hifn7956,clock=real", q_len=4), (True, True)),
        (Case("python", "sha256", "digest", 64), (False, False)),
    ],
    ids=lambda each: each.backend if isinstance(each, Case) else str(each),
)
def test_submit_and_poll_are_told_where_there_is_something_to_tell(
    what: Case, told: tuple[bool, bool]
) -> None:
    engine = backends.open_case(what)
    values = [engine.run(200) for _ in range(3)]
    run = WorkerRun(0, values=values, counters=engine.counters(), latency=engine.latency())
    engine.close()
    figures = stats.summary(CaseResult(what, [run]))
    assert (figures.submit is not None, figures.poll is not None) == told
    assert (figures.poll_wait is not None) == told[1]
    assert 0 <= (figures.poll or 0) <= 1 and 0 <= (figures.poll_wait or 0) <= 1
