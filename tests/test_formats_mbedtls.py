"""mbed TLS's benchmark, from PolarSSL's to what Zephyr and mbed OS make of it."""

from __future__ import annotations

import pytest
from import_fixture import by_name, facts, mbps, only, read, sample, unclear

from benchsuite import doubts, stats
from benchsuite.formats import mbedtls_benchmark
from benchsuite.formats.figure import Known
from benchsuite.formats.mbedtls_benchmark import algorithm_of
from benchsuite.formats.text import lines
from benchsuite.model import BenchsuiteError


def test_a_run_to_the_digit() -> None:
    found = by_name(sample("mbedtls-3.6-made.txt"))
    assert len(found) == 30
    case = found["mbedtls/aes-128-cbc/encrypt/request_size=1024,q_len=1,batch=0,cbimm=1,iv=chained"]
    assert mbps(case) == [pytest.approx(711231 * 1024 * 8 / 1e6)]
    assert facts(case)["imported_cycles_per_byte"] == "3" and facts(case)["imported_requests"] == "about"
    assert stats.precision(case) == pytest.approx(1 / 711231, rel=1e-3)  # one buffer too many
    signed = found["mbedtls/ecdsa-nistp256/sign/request_size=0,q_len=1,batch=0,cbimm=1"]
    assert 1 / signed.values[0].per_request == pytest.approx(3102) and facts(signed)["heap_bytes"] == "4812"


def test_handshakes_with_new_keys_are_no_derivations_alone() -> None:
    found = by_name(sample("mbedtls-3.6-made.txt"))
    rest = "derive/request_size=0,q_len=1,batch=0,cbimm=1"
    assert any("new pair of keys" in note for note in doubts.notes(found[f"mbedtls/ecdhe-nistp256/{rest}"]))
    assert not any("keys" in note for note in doubts.notes(found[f"mbedtls/ecdh-nistp256/{rest}"]))
    assert {
        f"mbedtls/dhe-2048/{rest}",
        f"mbedtls/ffdh-2048/{rest}",
        f"mbedtls/ecdhe-x25519/{rest}",
    } <= found.keys()


@pytest.mark.parametrize(
    ("title", "algorithm"),
    [
        ("AES-CBC-256", "aes-256-cbc"),
        ("AES-CFB128-192", "aes-192-cfb"),
        ("AES-CFB8-128", "aes-128-cfb8"),
        ("AES-XTS-256", "aes-256-xts"),
        ("AES-128", "aes-128-cbc"),
        ("CAMELLIA-192", "camellia-192-cbc"),
        ("3DES", "3des-cbc"),
        ("AES-CMAC-192", "cmac-aes-192"),
        ("3DES-CMAC", "cmac-3des"),
        ("SHA-1", "sha1"),
        ("SHA-512", "sha512"),
        ("SHA3-384", "sha3-384"),
        ("ARC4", "rc4"),
        ("ChaCha20-Poly1305", "chacha20-poly1305"),
        ("HMAC_DRBG SHA-1 (NOPR)", "hmac-drbg-sha-1-nopr"),
        ("BLOWFISH-CBC-128", "blowfish-128-cbc"),
    ],
)
def test_titles(title: str, algorithm: str) -> None:
    assert algorithm_of(title) == algorithm
    assert only(read(f"  {title:<24} :  1000 KiB/s,  9 cycles/byte")).case.algorithm == algorithm


@pytest.mark.parametrize(
    ("line", "algorithm", "op", "per_second"),
    [
        ("  AES-128         :     51234 Kb/s,        38 cycles/byte", "aes-128-cbc", "encrypt", 51234),
        ("  SHA-256                  :        515 KB/s", "sha256", "digest", 515),
        ("  AES-CCM-128              :       5960 KiB/s,        165 ns/byte", "aes-128-ccm", "encrypt", 5960),
        ("  CTR_DRBG (PR)            :       292 KB/s", "ctr-drbg-pr", "generate", 292),
        ("  RSA-2048                 :      27113  public/s", "rsa-2048", "verify", 27113),
        ("  RSA-1024        :       641 private/s", "rsa-1024", "sign", 641),
        ("  RSA-2048                 :     125 ms/ public", "rsa-2048", "verify", 8),
        ("  ECDSA-secp384r1          :     500 ms/sign", "ecdsa-nistp384", "sign", 2),
        ("  ECDHE-Curve25519         :     250 full handshake/s", "ecdhe-x25519", "derive", 250),
        ("  ECDSA-brainpoolP256r1    :     301 verify/s", "ecdsa-brainpoolp256r1", "verify", 301),
    ],
)
def test_other_versions_and_systems(line: str, algorithm: str, op: str, per_second: int) -> None:
    """Kb, KB and KiB are all of 1024 bytes."""
    case = only(read(line))
    assert (case.case.algorithm, case.case.op) == (algorithm, op)
    assert 1 / case.values[0].per_request == pytest.approx(per_second)
    assert case.case.request_size == (1024 if "b/s" in line.lower().replace("ib", "b") else 0)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("  RSA-4096                 :       0 private/s", "fewer than one"),
        ("  ECDSA-secp521r1          :  FAILED: -0x004e", "failed"),
        ("  ECDHE-x448               :  Feature Not Supported. Skipping.", "not supported"),
        ("  MD5 :  5 KiB/s,  3 cycles/byte  |  MD5 :  7 KiB/s,  3 cycles/byte", "side by side"),
    ],
)
def test_lines_without_a_figure_are_counted_with_a_reason(line: str, why: str) -> None:
    [each] = unclear(read(f"  SHA-1   :   1000 KiB/s,  9 cycles/byte\n{line}\n"))
    assert why in each.why


def test_other_rates_are_left_alone() -> None:
    """Only its own titles are algorithms."""
    text = "  SHA-1   :   1000 KiB/s,  9 cycles/byte\nThroughput: 515 KB/s\nSpeed     :     515 KiB/s\n"
    assert only(read(text)).case.algorithm == "sha1"
    with pytest.raises(BenchsuiteError, match="no figure"):
        read("Download  : 515 KB/s")


def test_a_title_comes_once_in_a_start() -> None:
    rows = ["SHA-1 : 9 KiB/s", "RSA-2048 : 5 public/s", "RSA-2048 : 5 private/s", "SHA-1 : 8 KiB/s"]
    text = "\n".join([*rows, "$ programs/test/benchmark sha512", "SHA-512 : 7 KiB/s"])
    found = mbedtls_benchmark.read(lines.split(text), Known()).figures
    assert [each.start for each in found] == [1, 1, 1, 2, 3]
