"""wolfCrypt's benchmark, for people and with -csv: units, blocks, threads, devices, versions."""

from __future__ import annotations

import pytest
from import_fixture import by_name, facts, mbps, only, read, sample, unclear

from benchsuite import stats
from benchsuite.formats.wolfcrypt.names import of_key, of_message
from benchsuite.model import BenchsuiteError, CaseResult

BLOCK = "wolfCrypt Benchmark (block bytes {}, min 1.0 sec each)\n"
MIB = BLOCK.format(2**20)
SHA = "SHA-256            {} {} took {} seconds, {} {}/s"


def sha(text: str) -> CaseResult:
    case = only(read(text))
    assert (case.case.algorithm, case.case.op) == ("sha256", "digest")
    return case


def rate(case: CaseResult) -> float:
    """Bytes per second."""
    return case.case.request_size / case.values[0].per_request


def test_a_run_to_the_digit() -> None:
    found = by_name(sample("wolfcrypt-5.7-made.txt"))
    case = found["wolfcrypt/aes-128-cbc/encrypt/request_size=1048576,q_len=1,batch=0,cbimm=1,iv=chained"]
    assert mbps(case) == [pytest.approx(981.359 * 2**20 * 8 / 1e6, rel=1e-6)]
    assert case.values[0].requests == 985 and case.values[0].wall == pytest.approx(1.00371, abs=1e-6)
    assert case.values[0].cycles == round(2.38 * 985 * 2**20)
    assert facts(case)["imported_requests"] == "exact" and facts(case)["version"] == "wolfSSL 5.7.2"
    assert stats.precision(case) < 1e-6


def test_what_has_no_blocks() -> None:
    found = by_name(sample("wolfcrypt-5.7-made.txt"))
    ecb = found["wolfcrypt/aes-128-ecb/encrypt/request_size=16,q_len=1,batch=0,cbimm=1"]
    assert 1 / ecb.values[0].per_request == pytest.approx(9830400 / 1.00007, rel=1e-5)
    derived = found["wolfcrypt/pbkdf2/derive/request_size=32,q_len=1,batch=0,cbimm=1"]
    assert 1 / derived.values[0].per_request == pytest.approx(612 / 1.00123, rel=1e-4)
    key = found["wolfcrypt/ecdh-nistp256/derive/request_size=0,q_len=1,batch=0,cbimm=1"]
    assert key.values[0].requests == 12900


@pytest.mark.parametrize(
    ("label", "algorithm", "op", "aad"),
    [
        ("AES-128-CBC-enc", "aes-128-cbc", "encrypt", 0),
        ("AES-256-GCM-dec", "aes-256-gcm", "decrypt", 13),
        ("AES-256-GCM-dec-no_AAD", "aes-256-gcm", "decrypt", 0),
        ("AES-CCM-Enc", "aes-128-ccm", "encrypt", 13),
        ("AES-XTS-dec", "aes-128-xts", "decrypt", 0),
        ("AES-192-CTR", "aes-192-ctr", "encrypt", 0),
        ("CHA-POLY", "chacha20-poly1305", "encrypt", 0),
        ("3DES", "3des-cbc", "encrypt", 0),
        ("SHA", "sha1", "digest", 0),
        ("SHA3-384", "sha3-384", "digest", 0),
        ("POLY1305", "poly1305", "digest", 0),
        ("HMAC-SHA", "hmac-sha1", "digest", 0),
        ("AES-256-CMAC", "cmac-aes-256", "digest", 0),
        ("GMAC Table 4-bit", "gmac", "digest", 0),
        ("RNG", "rng", "generate", 0),
    ],
)
def test_names_of_messages(label: str, algorithm: str, op: str, aad: int) -> None:
    work = of_message(label, no_aad=False)
    assert (work.algorithm, work.op, work.aad_size) == (algorithm, op, aad)
    assert of_message(label, no_aad=True).aad_size == 0


@pytest.mark.parametrize(
    ("label", "algorithm", "op"),
    [
        ("RSA     2048   public", "rsa-2048", "encrypt"),
        ("RSA     2048  private", "rsa-2048", "decrypt"),
        ("RSA 1024 key gen", "rsa-1024", "keygen"),
        ("DH 2048 agree", "ffdh-2048", "derive"),
        ("ECC   [      SECP256R1]   256  key gen", "ec-nistp256", "keygen"),
        ("ECDHE [BRAINPOOLP256R1]   256    agree", "ecdh-brainpoolp256r1", "derive"),
        ("ECDSA    256 sign", "ecdsa-nistp256", "sign"),
        ("CURVE  25519    agree", "ecdh-x25519", "derive"),
        ("ED     25519   verify", "ed25519", "verify"),
        ("ML-KEM 512   128    encap", "ml-kem-512", "encaps"),
        ("ML-DSA    44     sign", "ml-dsa-44", "sign"),
        ("scrypt    17", "scrypt-17", "derive"),
        ("RSA 2048 秘密鍵", "rsa-2048", "decrypt"),
    ],
)
def test_names_of_keys(label: str, algorithm: str, op: str) -> None:
    work = of_key(label)
    assert (work.algorithm, work.op, work.size) == (algorithm, op, 0)


@pytest.mark.parametrize(
    ("head", "unit", "octets"),
    [
        (MIB, "MiB", 2**20),
        (MIB, "mB", 10**6),
        (MIB, "MB", 2**20),
        (BLOCK.format(1024), "KiB", 2**10),
        (f" wolfSSL version 4.8.1\n{MIB}", "MB", 2**20),
        (f" wolfSSL version 5.6.0\n{MIB}", "MB", 10**6),
        (f"$ ./wolfcrypt/benchmark/benchmark -base10\n{MIB}", "MB", 10**6),
        (f"$ ./benchmark -digest\n{MIB}", "MB", 2**20),
    ],
)
def test_what_a_mb_is_of(head: str, unit: str, octets: int) -> None:
    assert rate(sha(head + SHA.format(450, unit, "1.000", "450.000", unit))) == pytest.approx(450 * octets)


def test_amounts_that_are_no_whole_number_of_blocks_are_of_a_million_bytes() -> None:
    """What base10 leaves of 5 blocks of 1 MiB is seldom a multiple of 5."""
    text = SHA.format(472, "MB", "1.000", "471.859", "MB")
    case = sha(MIB + text)
    assert rate(case) == pytest.approx(471.859e6, rel=1e-6)
    assert "-base10" in facts(case)["imported_assumed"]


def test_the_blocks_size_where_its_line_is_missing() -> None:
    big, small = (
        sha(SHA.format(450, "MB", "1.000", "450.000", "MB")),
        sha(SHA.format(451, "KB", "1.000", "451.000", "KB")),
    )
    assert (big.case.request_size, small.case.request_size) == (2**20, 1024)
    assert "request_size=1024" in facts(small)["imported_assumed"]
    assert rate(big) == pytest.approx(450 * 2**20) and rate(small) == pytest.approx(451 * 1024)


def test_a_rounded_amount_is_no_count() -> None:
    case = sha(BLOCK.format(1024) + SHA.format(17, "MiB", "1.000", "17.261", "MiB"))
    assert rate(case) == pytest.approx(17.261 * 2**20)
    assert facts(case)["imported_requests"] == "about" and stats.precision(case) == pytest.approx(
        0.0005 / 17.261, rel=0.01
    )


def test_threads_are_one_figure() -> None:
    found = by_name(sample("wolfcrypt-4.8-threads-made.txt"))
    assert {case.case.workers for case in found.values()} == {2}
    hw = found[
        "wolfcrypt:HW/aes-128-cbc/encrypt/request_size=1048576,q_len=1,batch=0,cbimm=1,workers=2,iv=chained"
    ]
    assert rate(hw) == pytest.approx((1207.380 + 1194.343) * 2**20, rel=1e-6)
    assert len(hw.runs) == 1 and hw.values[0].requests == 1210 + 1195
    assert "how many requests" in facts(hw)["imported_assumed"]


def test_a_thread_that_is_missing_is_said() -> None:
    line = SHA.format(450, "MB", "1.000", "450.000", "MB")
    with pytest.raises(BenchsuiteError, match="of 2 threads only 1"):
        read(f"{MIB}CPUs: 2\n{line}\n")


def test_a_sum_that_does_not_fit_is_said() -> None:
    line = SHA.format(450, "MB", "1.000", "450.000", "MB")
    fits = read(f"{MIB}{line}\nSHA-256   450.000 MB/s\n")
    differs = read(f"{MIB}{line}\nSHA-256   900.000 MB/s\n")
    assert not unclear(fits) and "a sum" in unclear(differs)[0].why


def test_csv() -> None:
    found = by_name(sample("wolfcrypt-5.7-csv-made.txt"))
    case = found["wolfcrypt/sha256/digest/request_size=1048576,q_len=1,batch=0,cbimm=1"]
    assert rate(case) == pytest.approx(452.190844 * 2**20, rel=1e-8)
    assert case.values[0].cycles == pytest.approx(5.228014 * 2**20 * case.values[0].requests, rel=1e-6)
    key = found["wolfcrypt/ecdsa-nistp256/sign/request_size=0,q_len=1,batch=0,cbimm=1"]
    assert 1 / key.values[0].per_request == pytest.approx(33327.671)


def test_csv_says_mb_where_it_is_kib() -> None:
    """A counter that has 250 GHz there is."""
    table = "Algorithm,MB/s,Cycles per byte,\nSHA-256,642.100,370.0,\n"
    assert rate(sha(BLOCK.format(1024) + table)) == pytest.approx(642.1 * 1024)
    assert rate(sha(BLOCK.format(1024) + table.replace("370.0", "3.7"))) == pytest.approx(642.1 * 2**20)


def test_csv_of_old_versions_and_for_machines() -> None:
    old = only(read(f"{MIB}Algorithm,avg ms,ops/sec,\nRSA 2048 public,0.032,31250.000,\n"))
    assert old.case.algorithm == "rsa-2048" and 1 / old.values[0].per_request == pytest.approx(31250)
    text = (
        f'###, {MIB}"sym",Algorithm,HW/SW,bytes_total,seconds_total,MB/s,cycles_total,Cycles per byte,\n'
        "sym,SHA-256,SW,1048576000,1.250000,800.000000,3000000000,2.861023,\n"
    )
    [value] = sha(text).values
    assert (value.requests, value.wall, value.cycles) == (1000, 1.25, 3_000_000_000)


def test_another_table_is_left_alone() -> None:
    assert set(read("Algorithm,Size,MB/s\nSHA-256,16384,450.0\n").counts) == {"csv"}


def test_cyassl() -> None:
    found = by_name(
        read(
            "AES      5 megs took 0.034 seconds, 147.059 MB/s\n"
            "SHA-256  25 kB took 0.050 seconds, 0.488 MB/s\n"
            "RSA 2048 encryption took  0.113 milliseconds, avg over 100 iterations\n"
            "EC-DSA   sign   time     0.500 milliseconds, avg over 100 iterations\n"
        )
    )
    aes = found["wolfcrypt/aes-128-cbc/encrypt/request_size=1048576,q_len=1,batch=0,cbimm=1,iv=chained"]
    assert rate(aes) == pytest.approx(147.059 * 2**20) and aes.values[0].requests == 5
    embedded = found["wolfcrypt/sha256/digest/request_size=1024,q_len=1,batch=0,cbimm=1"]
    assert rate(embedded) == pytest.approx(0.488 * 2**20) and embedded.values[0].requests == 25
    rsa = found["wolfcrypt/rsa-2048/encrypt/request_size=0,q_len=1,batch=0,cbimm=1"]
    assert rsa.values[0].per_request == pytest.approx(0.113e-3) and rsa.values[0].requests == 100
    assert (
        found["wolfcrypt/ecdsa/sign/request_size=0,q_len=1,batch=0,cbimm=1"].values[0].per_request == 0.5e-3
    )


def test_what_went_wrong_is_no_figure() -> None:
    line = SHA.format(450, "MiB", "1.000", "450.000", "MiB")
    with pytest.raises(BenchsuiteError, match="went wrong"):
        read(f"{MIB}{line}\nBenchmark SHA-256 failed: -173\n")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (SHA.format(450, "MiB", "1.000", "45.000", "MiB"), "do not agree"),
        ("SHA-256  450 MiB took 1.000 seconds, 45", "cut off"),
        ("RSA 2048 public 31000 ops took 1.000 sec, avg 0.032 ms, 3100.000 ops/sec", "do not agree"),
        ("MD5 5 MB took 1.000 seconds, 5.000 MB/s | MD5 9 MB took 1.000 seconds, 9.000 MB/s", "side by side"),
    ],
)
def test_damaged_lines_are_counted_with_a_reason(line: str, why: str) -> None:
    sound = SHA.format(900, "MiB", "1.000", "900.000", "MiB")
    [each] = unclear(read(f"{MIB}{sound}\n{line}\n"))
    assert why in each.why


def test_starts_are_counted() -> None:
    from benchsuite.formats.figure import Known
    from benchsuite.formats.text import lines
    from benchsuite.formats.wolfcrypt import benchmark

    line = SHA.format(450, "MiB", "1.000", "450.000", "MiB")
    text = f" wolfSSL version 5.7.0\n{MIB}{line}\n wolfSSL version 5.8.0\n{MIB}{line}\n{line}\n"
    found = benchmark.read(lines.split(text), Known()).figures
    assert [(each.start, each.facts.get("version")) for each in found] == [
        (1, "wolfSSL 5.7.0"),
        (2, "wolfSSL 5.8.0"),
        (3, "wolfSSL 5.8.0"),
    ]


def test_starts_of_the_old_benchmark_end_with_its_return_code() -> None:
    """Also where what the next measures first was not measured before."""
    text = (
        "SAMPLE OUTPUT: K64 at 96MHz:\nBenchmark Test 0:\nSHA-256  25 kB took 0.100 seconds,    0.244 MB/s\n"
        "ED25519  sign   time     20.000 milliseconds, avg over 5 iterations\n"
        "Benchmark Test 0: Return code 0\n"
        "SAMPLE OUTPUT: K82 at 150MHz\nBenchmark Test 0:\nMD5      25 kB took 0.100 seconds,    0.244 MB/s\n"
        "SHA-256  25 kB took 0.050 seconds,    0.488 MB/s\n"
        "CURVE25519 256 key generation 10.000 milliseconds, avg over 5 iterations\n"
    )
    found = {(case.case.backend, case.case.algorithm): case for case in read(text).result.cases}
    one, other = (f"wolfcrypt:SAMPLE-OUTPUT-{board}" for board in ("K64-at-96MHz", "K82-at-150MHz"))
    assert {*found} == {
        (one, "sha256"),
        (one, "ed25519"),
        (other, "md5"),
        (other, "sha256"),
        (other, "ecdh-x25519"),
    }
    assert found[(one, "ed25519")].case.op == "sign" and found[(other, "ecdh-x25519")].case.op == "keygen"
    assert 1 / found[(one, "ed25519")].values[0].per_request == pytest.approx(50)
