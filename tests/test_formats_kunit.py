"""The benchmarks of the kernel's KUnit tests: figures as the kernel computes them, whatever a mail did to
the lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_fixture import by_name, facts, mbps, only, other, patient, read, sample, unclear

from benchsuite import doubts, stats
from benchsuite.formats import kunit
from benchsuite.formats.figure import Known
from benchsuite.formats.text import lines
from benchsuite.model import BenchsuiteError


def starts(text: str) -> list[int]:
    return [figure.start for figure in kunit.read(lines.split(text), Known()).figures]


def test_every_figure_of_a_log() -> None:
    imported = sample("kunit-6.19.txt")
    found = by_name(imported)
    assert len(found) == imported.counts["kunit"] == 12 and other(imported) == []
    case = found["kunit/sha256/digest/request_size=16384,q_len=1,batch=0,cbimm=1"]
    assert mbps(case) == [pytest.approx(1822 * 8)]
    assert case.values[0].requests == 10_000_000 // (16384 + 128)
    assert facts(case)["imported_figure"] == "1822 MB/s" and facts(case)["imported_requests"] == "exact"
    crc = found["kunit/crc32-le/digest/request_size=16384,q_len=1,batch=0,cbimm=1"]
    assert mbps(crc) == [pytest.approx(31877 * 8)]
    two = found["kunit:finup_2x,salt_len=0/sha256/digest/request_size=4096,q_len=2,batch=0,cbimm=1"]
    assert mbps(two) == [pytest.approx(3211 * 8)] and two.values[0].requests == 8192
    assert 1 / found["kunit/ecdh-x25519/derive/request_size=0,q_len=1,batch=0,cbimm=1"].values[
        0
    ].per_request == pytest.approx(22871)
    assert "kunit/ml-dsa-44/verify/request_size=0,q_len=1,batch=0,cbimm=1" in found
    assert [each.why for each in unclear(imported)] == ["it was left out: SKIP not enabled"]


@patient
@given(size=st.sampled_from([1, 16, 64, 511, 4096, 16384]), ns=st.integers(10**4, 10**8))
def test_any_rate_to_its_digits(size: int, ns: int) -> None:
    """As the kernel computes it: in whole megabytes, cut off."""
    calls = 10_000_000 // (size + 128)
    rate = size * calls * 1000 // ns
    text = f"    # Subtest: sha1\n    # benchmark_hash: len={size}: {rate} MB/s\n"
    if rate == 0:
        with pytest.raises(BenchsuiteError, match="cut off until nothing is left"):
            read(text)
        return
    case = only(read(text))
    low, high = stats.summary(case).interval
    assert case.values[0].requests == calls and low <= ns / 1e9 / calls <= high * (1 + 1e-9)


def test_the_algorithm_is_the_suite_s() -> None:
    text = "".join(
        f"# Subtest: {suite}\n# benchmark_hash: len=64: 100 MB/s\n"
        for suite in ("sha3", "aes_cbc_macs", "blake2s", "polyval", "md5")
    )
    assert [case.case.algorithm for case in read(text).result.cases] == [
        "sha3-256",
        "aes-256-cmac",
        "blake2s",
        "polyval",
        "md5",
    ]
    # Its name may come last only, or not at all.
    late = only(read("# benchmark_hash: len=64: 100 MB/s\nok 14 benchmark_hash\nok 3 sm3\n"))
    assert late.case.algorithm == "sm3"
    nameless = only(read("# benchmark_hash: len=64: 100 MB/s\n"))
    assert nameless.case.algorithm == "unknown" and any("suite" in note for note in doubts.notes(nameless))


def test_what_kunit_py_makes_of_it() -> None:
    imported = read(
        "[12:00:01] ================ blake2s (9 subtests) ================\n"
        "[12:00:01] [PASSED] test_hash_test_vectors\n"
        "[12:00:02]     # benchmark_hash: len=64: 100 MB/s\n[12:00:02] [PASSED] benchmark_hash\n"
        "[12:00:02] ==================== [PASSED] blake2s ====================\n"
    )
    assert only(imported).case.algorithm == "blake2s" and other(imported) == []


def test_an_aead_has_both_directions() -> None:
    text = "# Subtest: aes_gcm\n# benchmark_aead: data_len=1420: enc 2110 MB/s, dec 2034 MB/s\n"
    seal, opening = read(text).result.cases
    assert (seal.case.algorithm, seal.case.op, seal.case.aad_size) == ("aes-256-gcm", "encrypt", 16)
    assert opening.case.op == "decrypt"
    assert mbps(seal) + mbps(opening) == [pytest.approx(2110 * 8), pytest.approx(2034 * 8)]


def test_other_forms_of_a_figure() -> None:
    found = by_name(
        read(
            "# benchmark_mlkem768: ML-KEM-768_Encaps: 51234 ns/op\n"
            "# benchmark_aes128: dec (iter. 10000000, duration 412345678ns)\n"
            "# benchmark_aes128: dec (len=16): 370 MB/s\n"
            "# benchmark_thing: 12 frobs\n"
        )
    )
    kem = found["kunit/ml-kem-768/encaps/request_size=0,q_len=1,batch=0,cbimm=1"]
    assert kem.values[0].per_request == pytest.approx(51234e-9) and kem.values[0].requests == 100
    block = found["kunit/aes-128/decrypt/request_size=16,q_len=1,batch=0,cbimm=1"]
    assert (block.values[0].requests, block.values[0].wall) == (10_000_000, 0.412345678)


def test_a_mail_wraps_encodes_and_quotes() -> None:
    text = (
        "> Oct 30 10:46:44 host kernel:     # benchmark_hash: len=3D16: \n> 109 MB/s\n"
        "> Oct 30 10:46:44 host kernel:     # benchmark_hash: len=64: 911\n> MB/s\n"
    )
    imported = read(text)
    assert [mbps(case) for case in imported.result.cases] == [[109 * 8], [911 * 8]]
    assert other(imported) == []


def test_the_sides_of_a_diff_are_runs_of_their_own() -> None:
    text = (
        "-[    1.287196]     # benchmark_hash: len=1: 2 MB/s\n"
        "+[    1.287196]     # benchmark_hash: len=1: 3 MB/s\n"
        "-[    1.305363]     # benchmark_hash: len=16: 61 MB/s\n"
        "  | +    # crc16_benchmark: len=256: 154 MB/s\n"
    )
    assert starts(text) == [1, 2, 1, 2]
    again = "# Subtest: md5\n# benchmark_hash: len=1: 2 MB/s\n# benchmark_hash: len=16: 9 MB/s\n"
    assert starts(again + again) == [1, 1, 2, 2]
    other_suite = again.replace("md5", "sha1")
    assert starts(again + other_suite) == [1, 1, 1, 1]


def test_a_benchmark_that_failed_is_told() -> None:
    imported = read("# Subtest: sha1\n# benchmark_hash: len=1: 2 MB/s\nnot ok 12 benchmark_hash\n")
    assert [(each.number, each.why) for each in unclear(imported)] == [(3, "the benchmark failed")]


def test_nothing_but_tests_is_not_kunit_s() -> None:
    with pytest.raises(BenchsuiteError, match="left out: SKIP not enabled"):
        read("    ok 12 benchmark_hash # SKIP not enabled\n")
    with pytest.raises(BenchsuiteError, match="no figure in 1 line"):
        read("see benchmark_hash in hash-test-template.h\n")


def test_a_line_that_a_mail_wrapped_twice_or_before_its_size() -> None:
    text = (
        "# Subtest: sha3\n>> # benchmark_hash: \n>> len=16: 109\n>> MB/s\n"
        ">> # benchmark_hash:\n>> len=64: 911 MB/s\n>> # benchmark_hash: len=127:\n>> 1849 MB/s\n"
    )
    imported = read(text)
    assert [(case.case.request_size, *mbps(case)) for case in imported.result.cases] == [
        (16, pytest.approx(872)),
        (64, pytest.approx(7288)),
        (127, pytest.approx(14792)),
    ]
    assert unclear(imported) == [] == other(imported)


def test_a_rate_without_its_count() -> None:
    text = (
        "# benchmark_aes128: enc (iter. 100, duration 1000000ns)\n# benchmark_aes128: enc (len=16): 1 MB/s\n"
    )
    assert unclear(read(text)) == []
    assert only(read(text.replace("benchmark_aes128", "aes128_benchmark"))).case.algorithm == "aes-128"
    with pytest.raises(BenchsuiteError, match="its count and time"):
        read(text.splitlines()[1])
