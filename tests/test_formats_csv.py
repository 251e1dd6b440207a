"""Tables: what anyone measured, and what benchsuite exported comes back with the same figures."""

from __future__ import annotations

import re
from typing import Any

import pytest
from command import Cli
from hypothesis import example, given
from hypothesis import strategies as st
from import_fixture import by_name, facts, mbps, only, other, patient, read, sample, unclear
from report_fixture import everything, sizes
from store_strategies import real_result

from benchsuite import doubts, stats
from benchsuite.compare.labels import shown
from benchsuite.confidence import LEVELS
from benchsuite.exports import csv_values, render
from benchsuite.facts import COUNTERS, PERCENTILES
from benchsuite.formats.csv_table import columns, table
from benchsuite.formats.figure import Known
from benchsuite.formats.text import lines
from benchsuite.model import BenchsuiteError, Case, CaseResult, Result, Value, WorkerRun
from benchsuite.view.cases_sheet import HEADER

SMALL = "backend,algorithm,op,request_size,q_len,{}\ndev,aes-128-cbc,encrypt,1000,1,{}\n"


def per_request(column: str, cell: str, **known: object) -> float:
    return only(read(SMALL.format(column, cell), **known)).values[0].per_request


def why(column: str, cell: str) -> str:
    with pytest.raises(BenchsuiteError) as error:
        read(SMALL.format(column, cell))
    return str(error.value)


# Round trip


def same(back: CaseResult, first: CaseResult) -> None:
    ours, theirs = stats.summary(back), stats.summary(first)
    for key in ("seconds", "bits_per_second", "requests_per_second", "timestamps"):
        assert getattr(ours, key) == pytest.approx(getattr(theirs, key), rel=1e-12, abs=1e-15), key
    assert ours.cpu == pytest.approx(theirs.cpu) and ours.cycles_source == theirs.cycles_source
    assert (ours.cycles_per_request is None) == (theirs.cycles_per_request is None)
    assert (ours.cycles_per_request or 0) == pytest.approx(theirs.cycles_per_request or 0, rel=1e-6)
    assert stats.confidence(back) == stats.confidence(first)
    assert (
        stats.facts(back, "version") == ["; ".join(each)] if (each := stats.facts(first, "version")) else True
    )


@pytest.mark.parametrize("result", [real_result(), everything(), sizes()], ids=["real", "all", "sizes"])
@pytest.mark.parametrize("name", ["csv", "csv-values"])
def test_what_was_exported_comes_back(result: Result, name: str) -> None:
    imported = read(render(result, name))
    measured = [case for case in shown(result)[0].cases if case.measured]
    back = [case for case in imported.result.cases if case.measured]
    assert [case.case for case in back] == [case.case for case in measured]
    assert unclear(imported) == [] and other(imported) == []
    for case, first in zip(back, measured, strict=True):
        same(case, first)
        if name == "csv":
            ours, theirs = stats.summary(case), stats.summary(first)
            assert (
                ours.counters.items() >= {k: v for k, v in theirs.counters.items() if k in COUNTERS}.items()
            )
            for stage, latency in theirs.latency.items():
                got = ours.latency[stage]
                assert [got.p50, got.p90, got.p99, got.p99_9, got.max] == [
                    latency.p50,
                    latency.p90,
                    latency.p99,
                    latency.p99_9,
                    latency.max,
                ]
        else:
            assert [[value.per_request for value in run.values] for run in case.runs] == [
                [value.per_request for value in run.values] for run in first.runs
            ]
            assert stats.summary(case).interval == pytest.approx(stats.summary(first).interval, rel=1e-12)


def test_what_had_no_figure_keeps_its_reason() -> None:
    back = {case.case: case for case in read(render(everything(), "csv")).result.cases}
    failed = [case for case in everything().cases if case.failure]
    assert failed
    for case in failed:
        assert case.failure and back[case.case].failure is not None
        failure = back[case.case].failure
        assert (
            failure and failure.kind == case.failure.kind and case.failure.reason.split()[0] in failure.reason
        )


def test_a_status_of_another_s_is_no_failure() -> None:
    assert only(read(SMALL.format("mbps,status", "8,PASS"))).measured
    assert not only(read(SMALL.format("mbps,status,reason", "8,crash,signal 11"))).measured


def test_a_round_trip_twice_is_the_same() -> None:
    once = read(render(everything(), "csv")).result
    twice = read(render(once, "csv")).result
    for first, second in zip(once.cases, twice.cases, strict=True):
        assert doubts.notes(first) == doubts.notes(second)
        if first.measured:
            same(second, first)


names = st.text("abc-123:+", min_size=1, max_size=12).map(lambda text: f"x{text}")
values = st.builds(
    Value,
    st.integers(1, 10**9),
    st.floats(1e-6, 1e6),
    st.none() | st.floats(0, 1e6),
    st.none() | st.floats(0, 1e6),
    st.none() | st.integers(0, 2**53),
    st.floats(0, 1e-7),
)
histograms = st.lists(st.integers(0, 2**40), min_size=1, max_size=4).map(
    lambda ends: {"max": max(ends), "buckets": [[end, 7] for end in sorted(ends)]}
)
runs = st.builds(
    lambda values, clat, sim: WorkerRun(
        0,
        values=values,
        latency={"clat": clat},
        counters={"busy": 3, "first_error": -5},
        facts={"simulated": "yes", "confidence": sim} if sim else {},
    ),
    st.lists(values, min_size=1, max_size=4),
    histograms,
    st.sampled_from(["", *LEVELS]),
)
measured_cases = st.builds(
    CaseResult,
    st.builds(
        Case,
        names,
        st.sampled_from(["aes-128-cbc", "sha256", "rsa-2048", "own-thing"]),
        st.sampled_from(["encrypt", "decrypt", "digest", "sign"]),
        st.integers(0, 2**20),
        st.integers(1, 64),
        st.integers(0, 64),
        st.integers(0, 1),
        st.integers(1, 8),
        st.sampled_from(["per-request", "chained"]),
        st.booleans(),
        st.integers(0, 64),
        st.just(1),
        st.integers(1, 4000),
    ),
    st.lists(runs, min_size=1, max_size=3),
)


@patient
@given(
    st.lists(measured_cases, min_size=1, max_size=4, unique_by=lambda case: case.case),
    st.sampled_from(["csv", "csv-values"]),
)
def test_any_result_comes_back(cases: list[CaseResult], name: str) -> None:
    for case in cases:
        for number, run in enumerate(case.runs):
            run.round = number
    back = read(render(Result("p", "", {}, cases), name)).result.cases
    assert [case.case for case in back] == [case.case for case in cases]
    for case, first in zip(back, cases, strict=True):
        ours, theirs = stats.summary(case), stats.summary(first)
        assert ours.rate == pytest.approx(theirs.rate, rel=1e-12)
        assert stats.clock(case) == stats.clock(first)
        assert stats.confidence(case) == stats.confidence(first)
        if name == "csv":
            for key in ("p50", "p90", "p99", "p99_9", "max"):
                assert getattr(ours.latency["clat"], key) == getattr(theirs.latency["clat"], key)
        else:
            assert [value.wall for value in case.values] == [value.wall for value in first.values]


def test_the_clock_of_a_time_comes_along() -> None:
    assert stats.clock(only(read(SMALL.format("mbps,clock", "8,user CPU")))) == "user CPU"


def test_every_column_of_an_export_is_known() -> None:
    for header in (HEADER, csv_values.HEADER):
        found = columns.columns(list(header))
        assert found.unknown == [] and found.unclear == {}


# Names of figures, and numbers


@pytest.mark.parametrize(
    ("column", "cell", "seconds"),
    [
        ("mbps", "8", 1e-3),
        ("Mbps", "8", 1e-3),
        ("Gbit/s", "0.008", 1e-3),
        ("kbps", "8000", 1e-3),
        ("bits_per_second", "8000000", 1e-3),
        ("MB/s", "1", 1e-3),
        ("MiB/s", "1", 1000 / 2**20),
        ("rate (MB/s)", "1", 1e-3),
        ("throughput [kB/s]", "1000", 1e-3),
        ("bytes per second", "1e6", 1e-3),
        ("requests_per_second", "1000", 1e-3),
        ("ops/s", "1000", 1e-3),
        ("kops/s", "1", 1e-3),
        ("seconds_per_request", "0.001", 1e-3),
        ("us/op", "1000", 1e-3),
        ("ns_per_request", "1000000", 1e-3),
        ("ns", "1000000", 1e-3),
        ("ms per request", "1.0", 1e-3),
        ("requests,wall_seconds", "500,0.5", 1e-3),
        ("iterations,seconds,ops_per_sec,us_per_op", "5,0.005,1000,1000", 1e-3),
    ],
)
def test_a_figure_by_any_name(column: str, cell: str, seconds: float) -> None:
    assert per_request(column, cell) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("mb/s", "8", "mb/s: bits or bytes"),
        ("MBPS", "8", "MBPS: bits or bytes"),
        ("requests,ns", "10,8", "of one request or of all"),
        ("speed", "8", "no column of it is a figure: expected one of mbps"),
        ("mbps", "fast", "column mbps: 'fast' is no number"),
        ("mbps", "-8", "column mbps: '-8' is no figure: expected one above 0"),
        ("mbps", "nan", "column mbps: 'nan' is no number"),
        ("mbps", "0", "expected one above 0"),
        ("mbps", "", "no figure in column mbps"),
        ("mbps", '"1,234"', "column mbps: '1,234' may be 1234 or 1.234: write it without a comma"),
        ("mbps", "1,234", "7 cells under 6 columns: a cell with the delimiter in it needs quotes"),
        ("mbps,requests", "8,1.5", "column requests: '1.5' is no whole number"),
        ("mbps,ns_per_request", "8,9", "mbps=8 and ns_per_request=9 contradict each other"),
        ("mbps", "1e300", "no computer does that"),
        ("mbps", '"8', "a quote is not closed"),
        ("mbps,clock", "8,lunar", "column clock: 'lunar' is none of elapsed, user CPU, not known"),
        ("mbps,first_error", "8,x", "column first_error: 'x' is no number"),
    ],
)
def test_what_a_cell_cannot_be(column: str, cell: str, message: str) -> None:
    assert message in why(column, cell)


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("q_len", "0", "column q_len: '0' is not from 1 to"),
        ("q_len", "many", "column q_len: 'many' is no whole number"),
        ("request_size", "big", "column request_size: 'big' is not a size"),
        ("cbimm", "2", "column cbimm: '2' is not from 0 to 1"),
        ("in_place", "perhaps", "column in_place: 'perhaps' is neither true nor false"),
        ("iv", "random", "column iv: 'random' is neither per-request nor chained"),
    ],
)
def test_a_bad_parameter_has_its_line_and_column(column: str, cell: str, message: str) -> None:
    given = {"backend": "dev", "algorithm": "aes-128-cbc", "request_size": "64", "q_len": "1"} | {
        column: cell
    }
    good = ",".join([*given.values(), "8"]).replace(
        cell, {"request_size": "64", "iv": "chained"}.get(column, "1")
    )
    text = f"# mine\n{','.join(given)},mbps\n{','.join(given.values())},8\n{good}\n"
    imported = read(text)
    [row] = unclear(imported)
    assert row.number == 3 and message in row.why and len(imported.result.cases) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("request_size;q_len;mbps\n64;1;1234,5\n", 1234.5),
        ("request_size;q_len;mbps\n64;1;1.234,5\n", 1234.5),
        ("request_size;q_len;mbps\n64;1;1,234\n", 1.234),
        ("request_size;q_len;mbps\n64;1;535.122\n", 535.122),
        ("request_size\tq_len\tmbps\n64\t1\t1 234,5\n", 1234.5),
        ('request_size,q_len,mbps\n64,1,"1,234.5"\n', 1234.5),
        ('request_size,q_len,mbps\n64,1,"0,5"\n', 0.5),
        ("\ufeffrequest_size,q_len,mbps\r\n64,1,12.5\r\n", 12.5),
        ("sep=;\nrequest_size;q_len;mbps\n64;1;12,5\n", 12.5),
        ("# request_size,q_len,mbps\n64,1,12.5\n", 12.5),  # as numpy.savetxt writes a header
        ('"request_size","q_len","mbps"\n"64","1","12.5"\n', 12.5),
        ("request_size,q_len,mbps\n64KiB,1,1.25e1\n", 12.5),
        ("request_size,q_len,mbps\n\n# a comment\n64,1,12.5\n\n", 12.5),
    ],
)
def test_any_country_and_any_program_wrote_it(text: str, expected: float) -> None:
    imported = read(text)
    assert mbps(only(imported)) == [pytest.approx(expected)] and other(imported) == []


def test_mixed_commas_and_points_are_not_guessed() -> None:
    imported = read("request_size;q_len;mbps\n64;1;12.5\n64;2;1,234\n64;4;0,5\n")
    assert [each.number for each in unclear(imported)] == [3]
    assert [mbps(case)[0] for case in imported.result.cases] == [pytest.approx(12.5), pytest.approx(0.5)]


@patient
@given(st.floats(1e-3, 1e6), st.integers(0, 6))
@example(535.122, 3)
def test_digits_leave_open_what_they_leave_open(rate: float, digits: int) -> None:
    cell = f"{rate:.{digits}f}"
    if float(cell) == 0:
        return
    case = only(read(SMALL.format("mbps", cell)))
    assert mbps(case) == [pytest.approx(float(cell))]
    assert abs(float(cell) - rate) / float(cell) <= max(stats.precision(case), 1e-9) * (1 + 1e-9)


def test_a_table_without_a_figure_is_told_so() -> None:
    for text, message in (
        ("algorithm,mb/s\nsha256,5\n", "mb/s: bits or bytes? name it Mbps, or MB/s"),
        ("backend,algorithm,request_size,mbps\n", "there is no row below it"),
    ):
        with pytest.raises(BenchsuiteError, match=re.escape(message)):
            read(text)


def test_percentiles_come_all_or_not_at_all() -> None:
    text = SMALL.format("mbps,lat_p50_seconds,lat_p99_seconds", "8,0.001,0.002")
    assert any("lat was not taken" in note for note in doubts.notes(only(read(text))))
    keys = [f"lat_{key}_seconds" for key in PERCENTILES]
    case = only(read(SMALL.format(",".join(["mbps", *keys]), "8,1e-3,2e-3,3e-3,4e-3,5e-3")))
    latency = stats.summary(case).latency["lat"]
    assert [latency.p50, latency.p90, latency.p99, latency.p99_9, latency.max] == [
        1_000_000,
        2_000_000,
        3_000_000,
        4_000_000,
        5_000_000,
    ]
    assert "a percentile is above the next one" in why(
        ",".join(["mbps", *keys]), "8,2e-3,1e-3,3e-3,4e-3,5e-3"
    )


# What is not said


def test_what_the_table_does_not_say_is_said() -> None:
    case = only(read("request_size,q_len,mbps,host\n64,4,12.5,here\n"))
    assert case.case == Case("csv", "unknown", "encrypt", 64, 4)
    notes = " ".join(doubts.notes(case))
    assert "taken as backend=csv, algorithm=unknown, op=encrypt, batch=0, cbimm=1, workers=1" in notes
    assert "columns that were not taken: 'host'" in notes
    assert only(read("algorithm,mbps\nsha256,12.5\n")).case == Case("csv", "sha256", "digest")
    assert only(read("backend,algorithm,op,ops/s\nx,rsa-2048,sign,125\n")).case.request_size == 0


@pytest.mark.parametrize(
    ("printed", "ours"),
    [
        ("AES-128-CBC", "aes-128-cbc"),
        ("aes-cbc-128", "aes-128-cbc"),
        ("SHA-256", "sha256"),
        ("aes-gcm", "aes-gcm"),
        ("3des-sha1", "3des-cbc+hmac-sha1"),
        ("My cipher", "my-cipher"),
    ],
)
def test_names_of_algorithms(printed: str, ours: str) -> None:
    assert only(read(f"algorithm,request_size,mbps\n{printed},64,1.5\n")).case.algorithm == ours


def test_cycles_are_a_figure_where_their_rate_is_known() -> None:
    text = SMALL.format("cycles_per_byte", "2.5")
    assert not only(read(text)).measured and read(text).cycles_only == 1
    case = only(read(text, cycles_hz=2e9))
    assert case.values[0].per_request == pytest.approx(2500 / 2e9)
    assert stats.summary(case).cycles_per_byte == pytest.approx(2.5, rel=1e-6)
    both = only(read(SMALL.format("mbps,cycles_per_request", "8,2500")))
    assert stats.summary(both).cycles_per_request == pytest.approx(2500, rel=1e-3)


# Tables


def test_rows_of_a_process_are_one_run() -> None:
    head = "backend,algorithm,request_size,q_len,process,requests,wall_seconds\n"
    rows = "".join(
        f"d,sha256,64,1,{process},100,0.{digit}\n" for process in (0, 1) for digit in (100, 101, 102)
    )
    case = only(read(head + rows))
    assert [len(run.values) for run in case.runs] == [3, 3]


def test_two_tables_are_two_starts() -> None:
    text = "request_size,q_len,mbps\n64,1,12.5\nrequest_size,q_len,mbps\n64,1,13.5\n64,1,13.6\n"
    found = table.read(lines.plain(text), Known()).figures
    assert [figure.start for figure in found] == [1, 2, 2]


def test_beside_another_program_s_output() -> None:
    text = (
        "$ ./mine\nrequest_size,q_len,mbps\n64,1,12.5\n\n"
        "AES(G) CBC(G) 128       |e|    1024 bytes|              30.00 MB/s|29296 ops/s\n"
    )
    imported = read(text)
    assert imported.counts == {"csv": 1, "kcapi-speed": 1}
    assert [line.number for line in other(imported)] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "Algorithm,HW/SW,bytes_processed,1024,2048,MB/s,\nAES-128-CBC-enc,SW,1048576,0.1,500.1,\n",
        "#lcore id,Buffer Size(B),Burst Size,Enqueued,Dequeued,Ops(Millions),Throughput(Gbps),Cycles/Buf\n",
        "We vary the request_size, q_len, batch and cbimm.\nThere are 4 of them, and more, too.\n",
        "a,b,c\n1,2,3\n",
    ],
    ids=["wolfcrypt", "dpdk", "prose", "nothing"],
)
def test_what_is_no_table_of_ours(text: str) -> None:
    assert not table.is_one(text)


def test_a_cell_over_two_lines() -> None:
    imported = read('request_size,q_len,mbps,why\n64,1,12.5,"one\ntwo"\n64,2,13.5,x\n')
    assert len(imported.result.cases) == 2 and unclear(imported) == []


def test_the_sample_to_the_digit() -> None:
    found = by_name(sample("csv-sweep.csv"))
    case = found["engine/aes-128-cbc/encrypt/request_size=1024,q_len=8,batch=0,cbimm=1"]
    assert mbps(case) == [pytest.approx(1782.417)] and facts(case)["imported_figure"] == "Mbps=1.782,417"
    assert mbps(found["software/aes-128-cbc/encrypt/request_size=1024,q_len=1,batch=0,cbimm=1"]) == [
        pytest.approx(7211.9)
    ]


# Commands


def test_a_table_is_fitted_compared_and_reported(cli: Cli, tmp_path: Any) -> None:
    """What was swept and written as a table gives the same device as the sweep itself."""
    rows = ["backend,algorithm,op,request_size,q_len,mbps"]
    for size in (64, 512, 4096):
        for depth in (1, 2, 4, 8, 16):
            us = max((20 + size * 8 / 2000) / depth, 0.5 + size * 8 / 2000)
            rows.append(f"engine,aes-128-cbc,encrypt,{size},{depth},{size * 8 / us:.4f}")
    (cli.directory / "sweep.csv").write_text("\n".join(rows) + "\n")
    assert cli.run("import", "sweep.csv", "-q", "-o", "sweep.json").returncode == 0
    fitted = cli.run("fit", "sweep.json", "-o", "engine.toml")
    assert fitted.returncode == 0, fitted.stderr
    said = fitted.stdout + fitted.stderr
    assert re.search(r"rate +2000 Mbps", said) and re.search(r"set-up +0.5", said)
    compared = cli.run("compare", "sweep.json", "sweep.json")
    assert compared.returncode == 0 and "15 cases" in compared.stdout
    assert cli.run("report", "sweep.json", "-o", "sweep.html").returncode == 0


def test_help_names_it(cli: Cli) -> None:
    done = cli.run("import", "--help")
    for name in ("csv", "kunit", "imb-perf", "go-testing"):
        assert f"\n  {name} " in done.stdout
