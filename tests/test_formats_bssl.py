"""`bssl speed` of BoringSSL and of AWS-LC, as text and as JSON: sizes, operations, interfaces, threads."""

from __future__ import annotations

import json

import pytest
from import_fixture import by_name, facts, mbps, only, other, read, sample, unclear

from benchsuite import doubts, stats
from benchsuite.formats.bssl import speed
from benchsuite.formats.figure import Known
from benchsuite.formats.text import lines
from benchsuite.model import BenchsuiteError

SHA = "Did {} SHA-256 (16 bytes) operations in {}us ({:.1f} ops/sec): {:.1f} MB/s"


def sha(count: int, us: int) -> str:
    return SHA.format(count, us, count / us * 1e6, count / us * 16)


def test_boringssl_to_the_digit() -> None:
    found = by_name(sample("bssl-speed-boringssl-made.txt"))
    case = found["bssl-speed/aes-128-gcm/encrypt/request_size=1350,q_len=1,batch=0,cbimm=1,aad_size=13"]
    [value] = case.values
    assert (value.requests, value.wall) == (2093000, 1.001457)
    assert facts(case)["imported_requests"] == "exact" and facts(case)["imported_clock"] == "elapsed"
    assert stats.precision(case) < 1e-6
    legacy = found[
        "bssl-speed/aes-128-cbc-sha1/encrypt/request_size=1350,q_len=1,batch=0,cbimm=1,aad_size=11"
    ]
    assert mbps(legacy) == [pytest.approx(301000 * 1350 * 8 / 1001402)]


def test_aws_lc_has_the_size_last_and_the_interface_first() -> None:
    found = by_name(sample("bssl-speed-awslc-made.txt"))
    rest = "/aes-128-gcm/encrypt/request_size=16,q_len=1,batch=0,cbimm=1,aad_size=13"
    assert found[f"bssl-speed:EVP{rest}"].values[0].requests == 11200000
    assert found[f"bssl-speed:AEAD{rest}"].values[0].requests == 9800000
    hmac = "/hmac-sha256/digest/request_size=16,q_len=1,batch=0,cbimm=1"
    assert found[f"bssl-speed{hmac}"].values != found[f"bssl-speed:OneShot{hmac}"].values


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("RSA 2048 signing", "bssl-speed/rsa-2048/sign/0"),
        ("RSA 2048 verify (same key)", "bssl-speed/rsa-2048/verify/0"),
        ("RSA 2048 verify (fresh key)", "bssl-speed:fresh-key/rsa-2048/verify/0"),
        ("RSA 4096 private key parse", "bssl-speed/rsa-4096/private-key-parse/0"),
        ("RSA 3072 key-gen", "bssl-speed/rsa-3072/keygen/0"),
        ("ECDSA P-256 signing", "bssl-speed/ecdsa-nistp256/sign/0"),
        ("ECDH P-384", "bssl-speed/ecdh-nistp384/derive/0"),
        ("EVP ECDH X25519", "bssl-speed:EVP/ecdh-x25519/derive/0"),
        ("Ed25519 key generation", "bssl-speed/ed25519/keygen/0"),
        ("Ed25519 verify", "bssl-speed/ed25519/verify/0"),
        ("ML-KEM-768 generate + decap", "bssl-speed/ml-kem-768/keygen+decaps/0"),
        ("ML-KEM-512 encaps", "bssl-speed/ml-kem-512/encaps/0"),
        ("HRSS decap", "bssl-speed/hrss/decaps/0"),
        ("MLDSA sign (randomized)", "bssl-speed/ml-dsa-65/sign/0"),
        ("MLDSA44 verify", "bssl-speed/ml-dsa-44/verify/0"),
        ("SHA2-128s key generation", "bssl-speed/slh-dsa-sha2-128s/keygen/0"),
        ("AES-128 encrypt setup", "bssl-speed/aes-128/encrypt-setup/0"),
        ("AES-256 decrypt", "bssl-speed/aes-256-ecb/decrypt/16"),
        ("EVP-AES-128-GCM decrypt init", "bssl-speed:EVP/aes-128-gcm/decrypt-setup/0"),
        ("scrypt (N = 1024, r = 8, p = 16)", "bssl-speed/scrypt-(n-=-1024,-r-=-8,-p-=-16)/derive/0"),
        ("Parse X.509 certificate", "bssl-speed/parse-x.509-certificate/call/0"),
    ],
)
def test_what_has_no_size(what: str, name: str) -> None:
    case = only(read(f"Did 1000 {what} operations in 1000000us (1000.0 ops/sec)")).case
    assert f"{case.backend}/{case.algorithm}/{case.op}/{case.request_size}" == name


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("AES-256-GCM (16 bytes) open", "aes-256-gcm/decrypt/13"),
        ("SHA-512 (16 bytes)", "sha512/digest/0"),
        ("EVP-AES-128-GCM Encrypt (16 bytes)", "aes-128-gcm/encrypt/13"),
        ("EVP-AES-256-CTR encrypt (16 bytes)", "aes-256-ctr/encrypt/0"),
        ("AES-128-GCM-SIV (16 bytes) seal", "aes-128-gcm-siv/encrypt/13"),
        ("AES-256-XTS decrypt (16 bytes)", "aes-256-xts/decrypt/0"),
        ("RNG (16 bytes)", "rng/generate/0"),
        ("CMAC-AES-128-CBC (16 bytes)", "cmac-aes-128/digest/0"),
        ("SipHash-2-4 (16 bytes)", "siphash-2-4/digest/0"),
        ("ChaCha20-Poly1305 (16 bytes) seal", "chacha20-poly1305/encrypt/13"),
    ],
)
def test_what_has_a_size(what: str, name: str) -> None:
    case = only(read(f"Did 1000000 {what} operations in 1000000us (1000000.0 ops/sec): 16.0 MB/s")).case
    assert f"{case.algorithm}/{case.op}/{case.aad_size}" == name and case.request_size == 16


def test_a_size_that_only_the_rates_tell() -> None:
    found = by_name(sample("bssl-speed-boringssl-made.txt"))
    assert "bssl-speed/base64/decode/request_size=1276,q_len=1,batch=0,cbimm=1" in found


def test_threads_are_added_up_but_for_aeads() -> None:
    """The microseconds are those of all threads together."""
    aead = "Did 9000000 AES-128-GCM (16 bytes) seal operations in 1001000us (8991009.0 ops/sec): 143.9 MB/s"
    found = by_name(read(f"$ ./tool/bssl speed -threads 4\n{sha(9000000, 4001000)}\n{aead}\n"))
    digest = found["bssl-speed/sha256/digest/request_size=16,q_len=1,batch=0,cbimm=1,workers=4"]
    assert (digest.values[0].requests, digest.values[0].wall) == (9000000, 1.00025)
    assert "bssl-speed/aes-128-gcm/encrypt/request_size=16,q_len=1,batch=0,cbimm=1,aad_size=13" in found
    alone = only(read(sha(9000000, 4001000)))
    assert alone.case.workers == 1 and "-threads" in facts(alone)["imported_assumed"]


def test_threads_of_aws_lc_are_of_another_benchmark() -> None:
    assert only(read(f"bssl speed -threads 4\n{sha(9000000, 1001000)}\n")).case.workers == 1


def test_cpu_time_is_said() -> None:
    case = only(read(f"bssl speed -cputime\n{sha(9000000, 1001000)}\n"))
    assert facts(case)["imported_clock"] == "CPU" and any("-cputime" in note for note in doubts.notes(case))


def test_json_of_both() -> None:
    entries = [
        {"description": "AES-128-GCM (16 bytes) seal", "numCalls": 5, "microseconds": 10, "bytesPerCall": 16},
        {"description": "AEAD-AES-128-GCM seal", "numCalls": 7, "microseconds": 10, "bytesPerCall": 1350},
        {"description": "ECDSA P-256 signing", "numCalls": 9, "microseconds": 10},
        {"description": "SHA-1 (16 bytes)", "numCalls": 0, "microseconds": 10, "bytesPerCall": 16},
        {"what": 5},
    ]
    for text in (json.dumps(entries), json.dumps(entries, indent=1)):
        imported = read(text)
        found = by_name(imported)
        assert [case.values[0].requests for case in found.values()] == [5, 7, 9]
        assert (
            "bssl-speed:AEAD/aes-128-gcm/encrypt/request_size=1350,q_len=1,batch=0,cbimm=1,aad_size=13"
            in found
        )
        assert [each.text for each in unclear(imported)] == [
            "[3]: nothing was done, or no computer does that",
            "[4]: no description",
        ]
        assert imported.files[0].lines == 5 and not other(imported)


def test_json_as_it_is_printed_among_other_lines() -> None:
    rows = ",\n".join(
        json.dumps({"description": f"RSA {bits} signing", "numCalls": bits, "microseconds": 10**6})
        for bits in (2048, 3072, 4096)
    )
    whole, among = read(f"[\n{rows}\n]\n"), read(f"+ bssl speed -json\n[\n{rows}\n]\ndone\n")
    assert {case.case.algorithm for case in whole.result.cases} == {"rsa-2048", "rsa-3072", "rsa-4096"}
    assert [case.values for case in among.result.cases] == [case.values for case in whole.result.cases]
    assert [line.text for line in other(among)] == ["done"]
    cut = read(f"[\n{rows}"[:-30])
    assert len(cut.result.cases) == 2 and "cut off" in unclear(cut)[0].why


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (sha(9000000, 1001000).replace("9000000", "900000"), "do not agree"),
        (sha(9000000, 1001000).replace("16 bytes", "64 bytes"), "do not agree"),
        (sha(9000000, 1001000)[:60], "cut off"),
        (f"{sha(9, 1001)}   | {sha(8, 1001)}", "side by side"),
        ("min: 1us, median: 2us, max: 3us", "spread"),
    ],
)
def test_lines_without_a_figure_are_counted_with_a_reason(line: str, why: str) -> None:
    [each] = unclear(read(f"{sha(8000000, 1000000)}\n{line}\n"))
    assert why in each.why


def test_a_sum_of_bytes_that_overflowed() -> None:
    """As a phone of 32 bits prints it; count and time are right."""
    line = "Did 400000 SHA-256 (16384 bytes) operations in 10000000us (40000.0 ops/sec): 225.9 MB/s"
    assert mbps(only(read(line))) == [pytest.approx(40000 * 16384 * 8 / 1e6)]


def test_it_describes_nothing_twice() -> None:
    text = "\n".join([sha(9, 1001), sha(8, 1001), "$ bssl speed", sha(7, 1001)])
    assert [each.start for each in speed.read(lines.split(text), Known()).figures] == [1, 2, 3]


def test_tcrypt_leaves_it_alone() -> None:
    """`256 operations in 1003912` looked like a result of the kernel's."""
    text = "Did 11800 ECDH P-256 operations in 1003912us (11754.0 ops/sec)"
    assert not unclear(read(text))
    with pytest.raises(BenchsuiteError, match="no item with a result"):
        read("5 operations in 1 seconds (80 bytes)")


def test_blanks_before_the_rate() -> None:
    text = SHA.format(1000000, 1000000, 1e6, 16.0).replace("): 16.0", "):   16.0")
    assert mbps(only(read(text))) == [pytest.approx(128)]
