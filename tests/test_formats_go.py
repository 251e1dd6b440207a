"""`go test -bench`: names, sizes and times, as text and as the events of -json."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_fixture import by_name, facts, mbps, only, other, patient, read, sample, unclear

from benchsuite import doubts, stats
from benchsuite.formats.figure import Known
from benchsuite.formats.go import testing
from benchsuite.formats.go.names import meant
from benchsuite.formats.text import lines
from benchsuite.model import BenchsuiteError, Case


def figures(text: str) -> list[tuple[str, int, int, str]]:
    found = testing.read(lines.split(text), Known()).figures
    return [(each.case.name, each.start, each.values[0].requests, each.variant[0]) for each in found]


def names(text: str) -> list[str]:
    return [name for name, *_ in figures(text)]


def test_every_figure_of_a_log() -> None:
    imported = sample("go-testing-1.22.txt")
    found = by_name(imported)
    assert imported.counts["go-testing"] == 10 and other(imported) == []
    case = found["go-testing/aes-128-gcm/encrypt/request_size=1350,q_len=1,batch=0,cbimm=1,aad_size=13"]
    assert mbps(case) == [pytest.approx(5639.10 * 8, rel=1e-5)] and case.values[0].requests == 5012117
    assert facts(case)["go_cpu"] == "Example CPU @ 2.60GHz" and facts(case)["go_maxprocs"] == "8"
    assert facts(case)["go_also"] == "0 B/op, 0 allocs/op"
    twice = found["go-testing/aes-128-cbc/encrypt/request_size=1024,q_len=1,batch=0,cbimm=1"]
    assert [value.requests for value in twice.values] == [881322, 880101]
    sign = found["go-testing:pss/rsa-2048/sign/request_size=0,q_len=1,batch=0,cbimm=1"]
    assert sign.values[0].per_request == pytest.approx(1322034e-9)
    assert [each.why for each in unclear(imported)] == [testing.NOT_CRYPTO]


def test_a_thousand_that_is_less() -> None:
    """The stream ciphers of crypto/cipher have 5 bytes less than their names say."""
    found = by_name(sample("go-testing-1.22.txt"))
    cfb = found["go-testing/aes-128-cfb/encrypt/request_size=1019,q_len=1,batch=0,cbimm=1"]
    assert 1 / cfb.values[0].per_request == pytest.approx(1e9 / 1857)
    assert testing.WORKED_OUT in doubts.notes(cfb)
    assert "go-testing/aes-128-ctr/encrypt/request_size=8187,q_len=1,batch=0,cbimm=1" in found


@patient
@given(
    size=st.sampled_from([8, 16, 64, 320, 1024, 1350, 8192, 65536]),
    ns=st.floats(5, 5e6),
    count=st.integers(1, 10**8),
    old=st.booleans(),
)
def test_any_time_as_go_prints_it(size: int, ns: float, count: int, old: bool) -> None:
    """Whole nanoseconds cut off in old versions, four digits rounded in new ones."""
    digits = max(0, 3 - len(str(int(ns)))) + (1 if ns < 1000 else 0)
    time = str(int(ns)) if old and ns >= 100 else f"{ns:.{digits}f}"
    rate = f"{size * 1000 / ns:.2f}"
    case = only(
        read(f"pkg: crypto/sha1\nBenchmarkHash{size}Bytes/New-4 \t{count}\t {time} ns/op\t {rate} MB/s\n")
    )
    assert case.case == Case("go-testing:new", "sha1", "digest", size)
    low, high = stats.summary(case).interval
    assert case.values[0].requests == count
    assert low * (1 - 1e-9) <= ns / 1e9 <= high * (1 + 1e-9)


def test_a_size_that_no_name_says() -> None:
    line = "BenchmarkSealSmall-8 \t 1000000\t 1234 ns/op\t {} MB/s\n"
    case = only(read("pkg: golang.org/x/crypto/chacha20poly1305\n" + line.format(f"{1500 / 1.234:.2f}")))
    assert case.case.request_size == 1500 and testing.WORKED_OUT in doubts.notes(case)
    # Repetitions have one size, although each leaves another one open.
    rows = "".join(
        f"BenchmarkSealSmall-8 \t 1000\t {ns} ns/op\t {1403 * 1000 / ns:.2f} MB/s\n"
        for ns in (1211, 1199, 1245, 1230)
    )
    assert len(only(read("pkg: golang.org/x/crypto/chacha20poly1305\n" + rows)).values) == 4


def test_gomaxprocs_is_what_all_names_end_with() -> None:
    def gcm(*endings: str) -> str:
        return "pkg: crypto/cipher\n" + "".join(
            f"BenchmarkAESGCM/Seal-128-{ending} \t 1000\t 1000 ns/op\t {int(ending.split('-')[0])}.00 MB/s\n"
            for ending in endings
        )

    one = [
        f"go-testing/aes-128-gcm/encrypt/request_size={size},q_len=1,batch=0,cbimm=1,aad_size=13"
        for size in (64, 512)
    ]
    assert names(gcm("64-8", "512-8")) == one
    assert names(gcm("64", "512")) == one  # GOMAXPROCS=1: the number is the size
    assert names(gcm("512")) == one[1:]
    several = figures(gcm("64", "64-2", "64-4"))
    assert {name for name, *_ in several} == set(one[:1])
    assert [variant for *_, variant in several] == ["gomaxprocs=1", "gomaxprocs=2", "gomaxprocs=4"]
    assert names("pkg: crypto/aes\nBenchmarkEncrypt/AES-128 \t 1000\t 20.00 ns/op\t 800.00 MB/s\n") == [
        "go-testing/aes-128/encrypt/request_size=16,q_len=1,batch=0,cbimm=1"
    ]


def test_each_start_of_a_package_is_told_apart() -> None:
    once = (
        "goos: linux\ngoarch: arm64\npkg: crypto/md5\nBenchmarkHash8Bytes-4 10 100.0 ns/op 80.00 MB/s\n"
        "PASS\nok  \tcrypto/md5\t1.2s\n"
    )
    assert [start for _, start, *_ in figures(once + once)] == [1, 2]
    # Without a header the end tells the package.
    assert names("BenchmarkHash8Bytes-4 10 100.0 ns/op 80.00 MB/s\nok  \tcrypto/md5\t1.2s\n") == [
        "go-testing/md5/digest/request_size=8,q_len=1,batch=0,cbimm=1"
    ]


def event(output: str, package: str = "crypto/md5") -> str:
    return (
        json.dumps({"Time": "2026-01-02T03:04:05Z", "Action": "output", "Package": package, "Output": output})
        + "\n"
    )


def test_json_is_the_same() -> None:
    text = event("goos: linux\n") + event("pkg: crypto/md5\n")
    text += event("BenchmarkHash1K\n") + event("BenchmarkHash1K-8 \t")
    text += event("pkg: crypto/sha1\n", "crypto/sha1")
    text += event("BenchmarkHash1K-8 \t 20\t 1000 ns/op\t1024.00 MB/s\n", "crypto/sha1")  # at the same time
    text += event(" 10\t 2000 ns/op\t512.00 MB/s\n") + event("PASS\n")
    text += json.dumps({"Action": "pass", "Package": "crypto/md5", "Elapsed": 1.5}) + "\n"
    imported = read(text)
    found = by_name(imported)
    assert [case.values[0].requests for case in found.values()] == [20, 10] and other(imported) == []
    assert set(found) == {
        f"go-testing/{name}/digest/request_size=1024,q_len=1,batch=0,cbimm=1" for name in ("md5", "sha1")
    }
    assert len(read(event("BenchmarkHash1K-8 \t 20\t 1000 ns/op\t1024.00 MB/s\n")).result.cases) == 1


def test_in_parallel_there_are_so_many_workers() -> None:
    case = only(read("pkg: crypto/rsa\nBenchmarkSignParallel/2048-16 \t 5000\t 90000 ns/op\n"))
    assert (case.case.workers, case.case.algorithm, case.case.op) == (16, "rsa-2048", "sign")
    assert "GOMAXPROCS" in facts(case)["imported_assumed"]


def test_a_list_without_counts_and_a_comparison() -> None:
    case = only(read("- BenchmarkChacha20Poly1305/Open-1350-24  2315.59 MB/s\n"))
    assert mbps(case) == [pytest.approx(2315.59 * 8)] and case.case.request_size == 1350
    assert facts(case)["imported_requests"] == "not known: per second"
    with pytest.raises(BenchsuiteError, match="a comparison of runs"):
        read("BenchmarkHash1K-4         5.65 MB/s    326.30 MB/s     57.75x\n")


def test_a_size_is_not_taken_from_gomaxprocs() -> None:
    """A list in a document has neither a count nor the names of a package around it."""
    text = "pkg: crypto/md5\nBenchmarkHash1K-4 \t 10\t 2000 ns/op\t512.00 MB/s\n"
    text += "- BenchmarkChacha20Poly1305/Open-1350-24  2315.59 MB/s\n"
    assert names(text) == [
        "go-testing/md5/digest/request_size=1024,q_len=1,batch=0,cbimm=1",
        "go-testing/chacha20-poly1305/decrypt/request_size=1350,q_len=1,batch=0,cbimm=1",
    ]
    text = "- BenchmarkAESGCM/Open-1350-24  2315.59 MB/s\n- BenchmarkAESGCM/Seal-64 97.1 MB/s\n"
    imported = read(text)
    assert [each.why for each in unclear(imported)] == [testing.NO_SIZE]
    unaligned = "pkg: crypto/md5\nBenchmarkHash8KUnaligned-4 \t 10\t 16000 ns/op\t512.00 MB/s\n"
    assert names(unaligned) == ["go-testing:unaligned/md5/digest/request_size=8192,q_len=1,batch=0,cbimm=1"]


def test_numbers_that_nobody_measures() -> None:
    with pytest.raises(BenchsuiteError, match="no time"):
        read("pkg: crypto/md5\nBenchmarkHash1K-8 \t 20\t 1e300 ns/op\t1024.00 MB/s\n")
    with pytest.raises(BenchsuiteError, match="no time"):
        read("pkg: crypto/md5\nBenchmarkHash1K-8 \t 20\t 100000000000000000 ns/op\t999999999999.00 MB/s\n")


def test_what_failed_is_told() -> None:
    text = (
        "pkg: crypto/md5\nBenchmarkHash1K-8 \t--- FAIL: BenchmarkHash1K-8\n    md5_test.go:9: no\n"
        "--- FAIL: BenchmarkHash8K-8\nBenchmarkHash8Bytes-8 \t 10\t 100.0 ns/op\t  80.00 MB/s\nFAIL\n"
    )
    assert tuple(each.why for each in unclear(read(text)) if each.number == 4) == ("the benchmark failed",)


@pytest.mark.parametrize(
    ("package", "name", "size", "found"),
    [
        ("crypto/cipher", "AESGCM/Open-256-8192", "8192", "aes-256-gcm decrypt"),
        ("crypto/cipher", "AESGCMSign8K", "8K", "aes-128-gmac digest"),
        ("crypto/cipher", "AESCBCDecrypt1K", "1K", "aes-128-cbc decrypt"),
        ("crypto/aes", "Expand/AES-192", "", "aes-192 encrypt expand"),
        ("crypto/sha256", "Hash1K/Sum224", "1K", "sha224 digest"),
        ("crypto/sha512", "Hash1K/New", "1K", "sha512 digest new"),
        ("crypto/md5", "Hash8KUnaligned", "8K", "md5 digest unaligned"),
        ("crypto/hmac", "HMACSHA256_1K", "1K", "hmac-sha256 digest"),
        ("crypto/rsa", "EncryptOAEP/2048", "", "rsa-2048 encrypt oaep"),
        ("crypto/ecdsa", "Verify/P384", "", "ecdsa-nistp384 verify"),
        ("crypto/ecdh", "ECDH/X25519", "", "ecdh-x25519 derive"),
        ("crypto/ed25519", "Signing", "", "ed25519 sign"),
        ("crypto/mlkem", "Encaps", "", "ml-kem encaps"),
        ("x/chacha20poly1305", "Chacha20Poly1305/Seal-64-X", "64", "xchacha20-poly1305 encrypt"),
        ("golang.org/x/crypto/internal/poly1305", "1KUnaligned", "1K", "poly1305 digest unaligned"),
        ("golang.org/x/crypto/sha3", "Sha3_512_MTU", "", "sha3-512 digest mtu"),
        ("crypto/tls", "HandshakeServer/RSA", "", "rsa call handshakeserver"),
        ("crypto/x509", "ParseCertificate", "", "x509.parsecertificate call"),
        ("example.com/vpn", "EncryptPacket", "", "vpn.encryptpacket call"),
    ],
)
def test_what_a_name_means(package: str, name: str, size: str, found: str) -> None:
    meaning = meant(package, name, size)
    assert meaning and " ".join(filter(None, (meaning.algorithm, meaning.op, meaning.setting))) == found


def test_what_is_no_cryptography() -> None:
    for package, name in (
        ("example.com/json", "Decode"),
        ("github.com/x/wyhash", "Hash8Bytes"),
        ("", "OpenFile"),
    ):
        assert meant(package, name, "") is None


@pytest.mark.parametrize(
    ("name", "algorithm", "op"),
    [
        ("4kEncGoGCM", "aes-gcm", "encrypt"),
        ("4kDecGoGCM", "aes-gcm", "decrypt"),
        ("DescryptAesCbc", "aes-cbc", "decrypt"),
        ("GCM256Seal", "aes-256-gcm", "encrypt"),
    ],
)
def test_names_of_other_packages(name: str, algorithm: str, op: str) -> None:
    case = only(read(f"Benchmark{name}-4  100  1000 ns/op  64.00 MB/s\n"))
    assert (case.case.algorithm, case.case.op) == (algorithm, op)
