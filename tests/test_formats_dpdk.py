"""dpdk-test-crypto-perf: both forms of its table, several lcores, and what few digits leave open."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_fixture import FOREIGN, facts, mbps, only, other, patient, read, sample, unclear

from benchsuite import doubts, stats
from benchsuite.model import BenchsuiteError, Case

ESP = "aes-192-cbc+hmac-sha1"
HEADER = (
    "#lcore id,Buffer Size(B),Burst Size,Enqueued,Dequeued,Failed Enq,Failed Deq,Ops(Millions),"
    "Throughput(Gbps),Cycles/Buf\n"
)


def test_the_table_for_people_to_the_digit() -> None:
    text = (FOREIGN / "dpdk-22.11-throughput-human.txt").read_text()
    printed = [float(row.split()[8]) * 1000 for row in re.findall(r"^ +1 +\d.*", text, re.MULTILINE)]
    imported = sample("dpdk-22.11-throughput-human.txt")
    found = [mbps(case)[0] for case in imported.result.cases]
    assert found == pytest.approx(printed, abs=0.05)  # four decimals of Gbps
    assert imported.result.cases[1].case == Case(
        "dpdk-crypto-perf:crypto_openssl", ESP, "encrypt", 64, q_len=32, batch=32
    )
    assert imported.result.cases[0].case.batch == 0  # a burst of one
    assert other(imported) == [] and unclear(imported) == []


def test_few_digits_are_made_up_for_by_the_cycles() -> None:
    """0.005 Gbps says little; the cycles of all rows together say what the counter's rate is."""
    small, large = sample("dpdk-22.11-throughput-csv.txt").result.cases
    assert stats.precision(small) < 0.01 < 0.1
    assert mbps(large) == [pytest.approx(344, rel=0.002)]
    ratio = small.values[0].per_request / large.values[0].per_request
    assert ratio == pytest.approx(247728.710 / 90018.798, rel=0.01)
    assert {case.case.algorithm for case in (small, large)} == {"unknown"}  # --csv-friendly does not say


def test_lcores_are_added_up() -> None:
    imported = sample("dpdk-22.11-two-lcores.txt")
    assert [(case.case.workers, case.case.request_size) for case in imported.result.cases] == [
        (2, 64),
        (2, 256),
        (2, 1488),
    ]
    assert mbps(imported.result.cases[0]) == [pytest.approx(1000 * (0.3531 + 0.1972), rel=1e-3)]
    assert facts(imported.result.cases[0])["imported_figure"].count("Gbps") == 2
    assert any("lcores" in note for note in doubts.notes(imported.result.cases[0]))


def test_cycles_of_one_lcore_are_kept() -> None:
    case = sample("dpdk-22.11-aead.txt").result.cases[0]
    assert case.values[0].cycles == pytest.approx(311.869 * 500_000, rel=1e-6)
    assert stats.summary(case).cycles_per_request == pytest.approx(311.869, rel=1e-6)


def test_cycle_counts_of_the_caller_are_no_time() -> None:
    for name in ("dpdk-22.11-pmdcc-csv.txt", "dpdk-22.11-pmdcc-human.txt"):
        for case in sample(name).result.cases:
            assert not case.measured and "to enqueue" in case.failure.reason  # type: ignore[union-attr]


@pytest.mark.parametrize("word", ["Burst size", "Burst Size"])
@pytest.mark.parametrize("command", ["", "dpdk-test-crypto-perf -l 4,5 -- --ptest latency --silent\n"])
def test_latency_without_the_options_is_refused_with_its_reason(word: str, command: str) -> None:
    """With --silent."""
    text = (
        f"{command}# Device 0 on lcore 5\n\n# total operations: 500000\n# Buffer size: 64\n# {word}: 32\n"
        "#     Number of bursts: 15625\n#\n#          \t       Total\t   Average\t   Maximum\t   Minimum\n"
        "# time [us]\t     2083333\t     4.166\t     9.333\t     2.083\n"
    )
    with pytest.raises(BenchsuiteError, match="a latency is no throughput"):
        read(text)


@pytest.mark.parametrize("name", ["dpdk-22.11-latency-csv.txt", "dpdk-22.11-latency-human.txt"])
def test_latency_is_refused_and_said(name: str) -> None:
    with pytest.raises(BenchsuiteError, match="a latency is no throughput"):
        sample(name)


def test_a_queue_that_was_full_is_said() -> None:
    case = only(read(HEADER + "3,64,32,10000000,10000000,11,2301,5.120034,2.621457,468.750\n"))
    assert any("queue was full" in note for note in doubts.notes(case))
    assert mbps(case) == [pytest.approx(2621.457, rel=1e-6)]


def test_the_same_lcore_again_is_another_value() -> None:
    row = "3,64,32,1000,1000,0,0,5.120034,2.621457,468.750\n"
    assert len(only(read(HEADER + row + row)).values) == 2


def options(**given: str) -> str:
    lines = ["# Crypto Performance Application Options:", "#", "# cperf test: throughput"]
    return "\n".join([*lines, *(f"# {key.replace('_', ' ')}: {text}" for key, text in given.items()), HEADER])


@pytest.mark.parametrize(
    ("given_options", "algorithm", "op"),
    [
        (
            {
                "crypto_operation": "aead",
                "aead_algorithm": "aes-gcm",
                "aead_operation": "decrypt",
                "aead_key_size": "32",
            },
            "aes-256-gcm",
            "decrypt",
        ),
        ({"crypto_operation": "auth-only", "auth_algorithm": "sha2-256-hmac"}, "hmac-sha256", "digest"),
        (
            {
                "crypto_operation": "cipher-only",
                "cipher_algorithm": "aes-xts",
                "cipher_operation": "encrypt",
                "cipher_key_size": "64",
            },
            "aes-256-xts",
            "encrypt",
        ),
        (
            {
                "crypto_operation": "auth-then-cipher",
                "cipher_algorithm": "aes-cbc",
                "cipher_operation": "decrypt",
                "cipher_key_size": "16",
                "auth_algorithm": "sha1-hmac",
            },
            "aes-128-cbc+hmac-sha1",
            "decrypt",
        ),
        (
            {
                "crypto_operation": "auth-then-cipher",
                "cipher_algorithm": "aes-cbc",
                "cipher_operation": "encrypt",
                "cipher_key_size": "16",
                "auth_algorithm": "sha1-hmac",
            },
            "aes-128-cbc+hmac-sha1-auth-then-cipher",
            "encrypt",
        ),
    ],
)
def test_what_was_run_is_in_the_options(given_options: dict[str, str], algorithm: str, op: str) -> None:
    case = only(read(options(**given_options) + "3,64,32,1000,1000,0,0,5.120,2.621,468.750\n"))
    assert (case.case.algorithm, case.case.op) == (algorithm, op)


def test_rows_that_are_none_are_shown() -> None:
    text = HEADER + "1,64,32,1000,1000,0,0,5.120,2.621,468.750\n1,64,32,1000\n1,64,32,1,1,0,0,0,0,0\nEAL: x\n"
    imported = read(text)
    assert [each.number for each in unclear(imported)] == [4]
    assert [line.number for line in other(imported)] == [3]


@patient
@given(
    st.lists(
        st.tuples(st.sampled_from([64, 256, 1488, 8192]), st.floats(1e4, 1e8)),
        min_size=1,
        max_size=6,
        unique_by=lambda row: row[0],
    ),
    st.floats(1e9, 5e9),
)
def test_the_true_rate_is_within_what_is_said(rows: list[tuple[int, float]], hz: float) -> None:
    text = HEADER + "".join(
        f"1,{size},32,1000000,1000000,0,0,{rate / 1e6:.3f},{rate * size * 8 / 1e9:.3f},{hz / rate:.3f}\n"
        for size, rate in rows
    )
    for case, (_, rate) in zip(read(text).result.cases, rows, strict=True):
        low, high = stats.summary(case).interval
        assert low <= 1 / rate * (1 + 1e-9) and 1 / rate * (1 - 1e-9) <= high


TABLE = (
    "    lcore id    Buf Size  Burst Size    Enqueued    Dequeued  Failed Enq  Failed Deq        MOps"
    "        Gbps  Cycles/Buf\n"
)
ROW = "  {}   1024   32   1000   1000   0   0   0.5000   4.0960   5000.00\n"


@pytest.mark.parametrize(
    ("command", "algorithm", "op", "aad"),
    [
        (
            "--optype aead --aead-algo aes-gcm --aead-key-sz 32 --aead-op decrypt --aead-aad-sz 16",
            "aes-256-gcm",
            "decrypt",
            16,
        ),
        (
            "--optype cipher-only --cipher-algo aes-ctr --cipher-key-sz 16 --cipher-op encrypt "
            "--auth-algo sha1-hmac",
            "aes-128-ctr",
            "encrypt",
            0,
        ),
        (
            "--optype cipher-then-auth --auth-algo sha2-256-hmac \\\n--cipher-algo aes-cbc \\\n"
            "--cipher-key-sz 32 --cipher-op encrypt",
            "aes-256-cbc+hmac-sha256",
            "encrypt",
            0,
        ),
    ],
)
def test_silent_says_nothing_and_the_command_does(command: str, algorithm: str, op: str, aad: int) -> None:
    text = f"$ sudo ./dpdk-test-crypto-perf -l 1-3 -a ${{VF}}.0 -- --devtype crypto_qat --silent {command}\n"
    imported = read(text + TABLE + ROW.format(2) + ROW.format(3))
    assert only(imported).case == Case(
        "dpdk-crypto-perf:crypto_qat", algorithm, op, 1024, q_len=32, batch=32, workers=2, aad_size=aad
    )
    assert other(imported) == []


def test_a_command_is_only_of_its_own_table() -> None:
    command = "# dpdk-test-crypto-perf -l 1 -- --silent --optype cipher-only --cipher-algo null\n"
    first, second = read(command + TABLE + ROW.format(1) + TABLE + ROW.format(1)).result.cases
    assert (first.case.algorithm, second.case.algorithm) == ("null", "unknown")


def test_csv_with_semicolons_as_it_was_until_2018() -> None:
    case = only(read(HEADER + "3;64;32;1000;1000;0;0;5.120;2.621;468.750\n"))
    assert case.case.request_size == 64 and mbps(case) == [pytest.approx(2621, rel=1e-3)]


def test_verifying_times_nothing() -> None:
    text = "lcore id    Buf Size  Burst size    Enqueued    Dequeued  Failed Enq  Failed Deq  Failed Ops\n"
    with pytest.raises(BenchsuiteError, match="nothing was timed"):
        read(f"{text}\n  1   64   32   1000   1000   0   0   0\n")
