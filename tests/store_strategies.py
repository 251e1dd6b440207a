"""Results and plans for the tests of store: by hand for one that looks like a real run, and by
hypothesis for everything the model can hold."""

from __future__ import annotations

from hypothesis import strategies as st

from benchsuite.model import FAILURES, Case, CaseResult, Failure, Measure, Plan, Result, Value, WorkerRun
from benchsuite.series import LISTS, Series


def worker_run(round: int = 0, values: int = 5, per_request: float = 1.5e-6) -> WorkerRun:
    timed = [
        Value(
            20000, 20000 * per_request * (1 + 0.01 * i + 0.003 * round), 0.029, 0.0004, 73_000_000 + i, 0.0001
        )
        for i in range(values)
    ]
    return WorkerRun(
        round=round,
        warmups=[Value(1, 3e-6, 3e-6, 0.0, None), Value(20000, 0.04, 0.04, 0.0, 98_000_000)],
        values=timed,
        counters={"submitted": 120001, "completed": 120001, "failed": 0, "first_error": -74},
        latency={"clat": {"max": 81234, "buckets": [[1024, 3], [1088, 997]]}},
        facts={
            "version": "OpenSSL 3.0.19 27 Jan 2026",
            "cycles_source": "perf",
            "clock": "tsc",
            "path": "direct",
        },
        started=1_790_000_000.25 + 10 * round,
        ended=1_790_000_001.5 + 10 * round,
        machine_busy=1.31,
    )


def real_result(
    per_request: float = 1.5e-6, sizes: tuple[int, ...] = (16, 1488), failures: bool = True
) -> Result:
    cases = [
        CaseResult(
            Case("software", "aes-cbc-128", request_size=size),
            [worker_run(round, per_request=per_request * size / 16) for round in range(3)],
        )
        for size in sizes
    ]
    if failures:
        unavailable = Failure("unavailable", "AF_ALG: Address family not supported by protocol")
        crash = Failure("crash", "the worker died of signal 11 (SIGSEGV)", 1)
        cases.insert(1, CaseResult(Case("afalg:cbc-aes-aesni", "aes-cbc-128"), failure=unavailable))
        cases.append(CaseResult(Case("python", "sha256", "digest"), [worker_run()], crash))
    environment = {
        "hostname": "gateway",
        "cpu_model_name": "Some CPU @ 2 GHz",
        "cpu_count": 2,
        "date": "2026-01-02 03:04:05.678901",
        "load_avg_1min": 0.25,
        "benchsuite_version": "0.1.0",
        "benchsuite_load_before": 0.25,
        "benchsuite_load_after": 1.5,
        "benchsuite_smt": False,
    }
    return Result("quick", "the first figures of a machine", environment, cases)


counts = st.integers(0, 2**64 - 1)
seconds = st.floats(0, 1e12)
short_text = st.text(max_size=12)
words = st.text("abcdefgh_-:/", min_size=1, max_size=8)
values = st.builds(
    Value,
    requests=st.integers(1, 2**64 - 1),
    wall=st.floats(1e-9, 1e9),
    user=st.none() | seconds,
    system=st.none() | seconds,
    cycles=st.none() | counts,
    timestamps=seconds,
)
latencies = st.fixed_dictionaries(
    {"max": counts, "buckets": st.lists(st.tuples(counts, counts).map(list), max_size=3)}
)
figures = st.none() | seconds
intervals = st.fixed_dictionaries(
    {"begins": seconds, "lasts": st.floats(1e-9, 1e9)},
    optional={
        key: figures for key in LISTS if key not in ("begins", "lasts", "sampled", "temperature_celsius")
    }
    | {"temperature_celsius": st.none() | st.floats(-100, 200)},
)


@st.composite
def time_series(draw: st.DrawFn) -> Series:
    series = Series(draw(seconds), draw(seconds), draw(st.sampled_from(["wall", "virtual"])))
    for row in draw(st.lists(intervals, max_size=3)):
        series.add(row)
    series.untold = draw(st.dictionaries(words, short_text, max_size=2))
    return series


runs = st.builds(
    WorkerRun,
    series=st.none() | time_series(),
    round=st.integers(0, 9),
    warmups=st.lists(values, max_size=2),
    values=st.lists(values, max_size=3),
    counters=st.dictionaries(words, st.integers(-(2**31), 2**64 - 1), max_size=3),
    latency=st.dictionaries(st.sampled_from(["slat", "clat", "lat"]), latencies, max_size=3),
    facts=st.dictionaries(st.sampled_from(["version", "clock"]) | words, short_text, max_size=3),
    started=st.floats(0, 1e11),
    ended=st.floats(0, 1e11),
    machine_busy=seconds,
)
cases = st.builds(
    Case,
    backend=words | short_text,
    algorithm=words,
    op=st.sampled_from(["encrypt", "decrypt", "digest"]),
    request_size=st.integers(1, 2**40),
    q_len=st.integers(1, 4096),
    batch=st.integers(0, 64),
    cbimm=st.integers(0, 1),
    workers=st.integers(1, 8),
    in_place=st.booleans(),
    request_num=st.integers(1, 2**40),
)
failures = st.builds(Failure, st.sampled_from(sorted(FAILURES)), st.text(), st.integers(0, 9))
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
# Keys that pyperf gives a meaning, among any others.
environment_keys = st.sampled_from(
    [
        "date",
        "load_avg_1min",
        "uptime",
        "loops",
        "unit",
        "tags",
        "name",
        "duration",
        "hostname",
        "mem_max_rss",
    ]
)
tag_keys = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,8}", fullmatch=True)
tag_values = st.text(max_size=12).filter(lambda text: text.isprintable() and text == text.strip() != "")
tags = st.dictionaries(tag_keys, tag_values, max_size=3)
environments = st.dictionaries(environment_keys | st.text(), json_values, max_size=5)
results = st.builds(
    Result,
    profile=st.text(),
    why=st.text(),
    environment=environments,
    cases=st.lists(
        st.builds(
            CaseResult,
            cases,
            st.lists(runs, max_size=3),
            st.none() | failures,
            label=st.just("") | words,
            tags=tags | st.just({"kernel": "6.12"}),
            environment=st.just({}) | environments,
        ),
        max_size=4,
    ),
    complete=st.booleans(),
    note=st.text(),
    command=st.text(),
)
measures = st.builds(Measure, st.integers(1, 3), st.integers(1, 9), st.integers(0, 3), st.floats(0.001, 10))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    chosen = draw(st.lists(cases, min_size=1, max_size=4))
    measured = [draw(measures) for _ in chosen]
    return Plan(draw(short_text), draw(short_text), tuple(chosen), tuple(measured))
