"""`botan speed`: Botan 1.10 to 3, its tables and its JSON."""

from __future__ import annotations

import json

import pytest
from import_fixture import by_name, facts, mbps, only, other, read, sample, unclear

from benchsuite import stats
from benchsuite.formats.botan import speed
from benchsuite.formats.botan.names import case_of
from benchsuite.formats.figure import Known
from benchsuite.formats.text import lines
from benchsuite.model import BenchsuiteError

BULK = "SHA-256 hash buffer size 1024 bytes: {} MiB/sec 2.60 cycles/byte ({} MiB in 300.00 ms)"
SHA = BULK.format("900.000", "270.00")
HEADER = f"{'algo':<35}{'operation':<16}{'1024 bytes':>16}{'8192 bytes':>16}"


def rate(case: object) -> float:
    [value] = case.values  # type: ignore[attr-defined]
    return (case.case.request_size or 1) / value.per_request  # type: ignore[attr-defined, no-any-return]


def test_botan_2_to_the_digit() -> None:
    found = by_name(sample("botan-2.19-made.txt"))
    case = found["botan-speed/aes-128-gcm/encrypt/request_size=1024,q_len=1,batch=0,cbimm=1"]
    assert mbps(case) == [pytest.approx(1305.636 * 2**20 * 8 / 1e6)]
    assert case.values[0].cycles == pytest.approx(1.81 * 391.73 * 2**20, rel=1e-6)
    assert stats.precision(case) == pytest.approx(0.0005 / 1305.636, rel=1e-2)
    assert facts(case)["imported_requests"] == "about" and facts(case)["imported_clock"] == "elapsed"
    signed = found["botan-speed/rsa-2048/sign/request_size=0,q_len=1,batch=0,cbimm=1"]
    [value] = signed.values
    assert (value.requests, value.wall, value.cycles) == (411, 0.30022, 411 * 1811230)
    assert facts(signed)["imported_requests"] == "exact"


def test_a_time_of_too_few_digits_gives_way_to_the_rate() -> None:
    found = by_name(sample("botan-2.19-made.txt"))
    case = found["botan-speed/aes-128-gcm/setup/request_size=0,q_len=1,batch=0,cbimm=1"]
    assert 1 / case.values[0].per_request == pytest.approx(645161) and stats.precision(case) < 1e-5


def test_an_amount_of_whole_buffers_is_a_count() -> None:
    case = only(
        read("AES-128/GCM encrypt buffer size 65536 bytes: 1000.000 MiB/sec (300.000 MiB in 300.000 ms)")
    )
    assert case.values[0].requests == 4800 and facts(case)["imported_requests"] == "exact"


@pytest.mark.parametrize(
    ("name", "op", "size", "case"),
    [
        ("AES-256", "decrypt", 64, "botan-speed/aes-256-ecb/decrypt"),
        ("AES-128/XTS [openssl]", "encrypt", 64, "botan-speed:openssl/aes-128-xts/encrypt"),
        ("CTR-BE(AES-256)", "encrypt", 64, "botan-speed/aes-256-ctr/encrypt"),
        ("AES-128/CCM(16,3)", "encrypt", 64, "botan-speed/aes-128-ccm/encrypt"),
        ("AES-128/OCB", "encrypt", 64, "botan-speed/aes-128-ocb/encrypt"),
        ("Serpent/CBC/PKCS7", "encrypt", 64, "botan-speed/serpent-cbc/encrypt"),
        ("ChaCha(20)", "write_keystream", 64, "botan-speed/chacha20/write_keystream"),
        ("SHA-160", "hash", 64, "botan-speed/sha1/digest"),
        ("SHA-3(512)", "hash", 64, "botan-speed/sha3-512/digest"),
        ("HMAC(SHA-1)", "mac", 64, "botan-speed/hmac-sha1/digest"),
        ("AutoSeeded_RNG (with reseed)", "generate", 64, "botan-speed/autoseeded_rng-(with-reseed)/generate"),
        ("RSA-4096 OAEP(SHA-1)", "encrypt", 0, "botan-speed/rsa-4096/encrypt"),
        ("ECDH-secp384r1", "key agreements", 0, "botan-speed/ecdh-nistp384/derive"),
        ("ECDSA-brainpool256r1", "verify", 0, "botan-speed/ecdsa-brainpoolp256r1/verify"),
        ("X25519", "keygen", 0, "botan-speed/ecdh-x25519/keygen"),
        ("DH-2048", "keygen", 0, "botan-speed/ffdh-2048/keygen"),
        ("ML-KEM-768", "KEM encrypt", 0, "botan-speed/ml-kem-768/encaps"),
        ("bcrypt wf=4", "", 0, "botan-speed/bcrypt-wf=4/derive"),
        ("BigInt mul 1024", "", 0, "botan-speed/bigint-mul-1024/call"),
    ],
)
def test_names(name: str, op: str, size: int, case: str) -> None:
    found = case_of(name, op, size)
    assert f"{found.backend}/{found.algorithm}/{found.op}" == case and found.request_size == size


def test_a_table_says_nothing_twice() -> None:
    imported = sample("botan-3.5-table-made.txt")
    found = by_name(imported)
    assert len(found) == 6 and not unclear(imported) and not other(imported)
    assert {len(case.runs) for case in found.values()} == {1}
    assert facts(next(iter(found.values())))["version"] == "Botan 3.5.0"


def test_a_table_alone() -> None:
    """Of 1000s of bytes; and of operations."""
    rows = [
        HEADER,
        f"{'AES-128/GCM(16)':<35}{'encrypt':<16}{'1200000.50':>16}{'N/A':>16}",
        f"{'SHA-256':<35}{'hash':<16}{'900000.00':>16}{'950000.00':>16}",
        "[results are the number of 1000s bytes processed per second]",
        f"{'algo':<35}{'operation':<16}{'sec/op':>16}{'op/sec':>16}",
        f"{'ECDH-secp256r1':<35}{'key agreements':<16}{'0.000100':>16}{'10000.250000':>16}",
    ]
    imported = read("\n".join(rows))
    found = by_name(imported)
    assert rate(
        found["botan-speed/aes-128-gcm/encrypt/request_size=1024,q_len=1,batch=0,cbimm=1"]
    ) == pytest.approx(1200000500)
    assert rate(
        found["botan-speed/sha256/digest/request_size=8192,q_len=1,batch=0,cbimm=1"]
    ) == pytest.approx(95e7)
    assert rate(
        found["botan-speed/ecdh-nistp256/derive/request_size=0,q_len=1,batch=0,cbimm=1"]
    ) == pytest.approx(10000.25)
    assert [each.why for each in unclear(imported)] == ["botan speed printed N/A"]


def test_a_table_that_contradicts_its_lines() -> None:
    header = f"{'algo':<35}{'operation':<16}{'1024 bytes':>16}"
    imported = read(f"{SHA}\n{header}\n{'SHA-256':<35}{'hash':<16}{'100000.00':>16}\n")
    assert "another figure" in unclear(imported)[0].why and len(imported.result.cases) == 1


@pytest.mark.parametrize(
    ("command", "size", "assumed"), [("", 4096, True), ("$ botan speed --buf-size=512 AES-128\n", 512, False)]
)
def test_before_2_4_the_size_is_not_printed(command: str, size: int, assumed: bool) -> None:
    case = only(read(f"{command}AES-128 [base] encrypt 1000.000 MiB/sec (300.000 MiB in 300.000 ms)"))
    assert case.case.request_size == size and rate(case) == pytest.approx(1000 * 2**20)
    assert ("imported_assumed" in facts(case)) == assumed


def test_botan_1() -> None:
    text = (
        "AES-128 [aes_isa] 2810.55 [core] 180.21\nHMAC(SHA-1) [core] 210.40\n"
        "RSA-1024 123 keygen per second; 8.12 ms/op (5 ops in 40.60 ms)\n"
        "RSA-2048 55 EMSA-PKCS1-v1_5(SHA-1) signature per second; 18.02 ms/op (9 ops in 162.21 ms)\n"
        "ECDSA-secp256r1 65 EMSA1(SHA-256) sign/sec; 15.30 ms/op (20 ops in 305.94 ms)\n"
        "AES-128/GCM 812.4 MiB / sec with 64 byte blocks\n"
    )
    found = by_name(read(text))
    fast = found["botan-speed:aes_isa/aes-128-ecb/encrypt/request_size=16384,q_len=1,batch=0,cbimm=1"]
    assert rate(fast) == pytest.approx(2810.55 * 2**20) and "16384" in facts(fast)["imported_assumed"]
    assert "botan-speed:core/hmac-sha1/digest/request_size=16384,q_len=1,batch=0,cbimm=1" in found
    assert rate(found["botan-speed/rsa-2048/sign/request_size=0,q_len=1,batch=0,cbimm=1"]) == pytest.approx(
        9 / 0.16221
    )
    assert "botan-speed/ecdsa-nistp256/sign/request_size=0,q_len=1,batch=0,cbimm=1" in found
    assert "botan-speed/rsa-1024/keygen/request_size=0,q_len=1,batch=0,cbimm=1" in found
    assert rate(
        found["botan-speed/aes-128-gcm/encrypt/request_size=64,q_len=1,batch=0,cbimm=1"]
    ) == pytest.approx(812.4 * 2**20)


ENTRIES = [
    {
        "algo": "AES-128/GCM(16)",
        "op": "encrypt",
        "events": 1048576,
        "cycles": 99,
        "bps": 1048576000,
        "buf_size": 1024,
        "nanos": 10**6,
    },
    {"algo": "RSA-2048", "op": "sign", "events": 86, "nanos": 50042000},
    {"algo": "DES", "op": "encrypt", "events": 0, "buf_size": 1024, "nanos": 0},
    {"algo": 5, "events": 1, "nanos": 1},
]


def test_json_with_and_without_its_head() -> None:
    head = {"arch": "x86_64", "version": "3.5.0", "git": "1234", "compiler": "g++ -O3"}
    new, old = read(json.dumps([head, *ENTRIES])), read(json.dumps(ENTRIES, indent=2))
    for imported, first in ((new, 3), (old, 2)):
        gcm, rsa = imported.result.cases
        assert (gcm.values[0].requests, gcm.values[0].wall, gcm.values[0].cycles) == (1024, 1e-3, 99)
        assert (rsa.values[0].requests, rsa.values[0].wall) == (86, 0.050042)
        assert [each.text for each in unclear(imported)] == [
            f"[{first}]: nothing was done, or no time passed",
            f"[{first + 1}]: no algo",
        ]
    assert facts(new.result.cases[0])["version"] == "Botan 3.5.0"
    assert new.result.environment["benchsuite_architecture"] == "x86_64"


def test_json_as_it_is_printed_among_other_lines() -> None:
    """Botan 2 begins a line with the comma, Botan 3 ends one."""
    rows = [json.dumps(entry) for entry in ENTRIES[:2]]
    for text in ("\n,".join(rows), ",\n".join(rows)):
        imported = read(f"$ botan speed --format=json\n[\n{text}\n]\ndone\n")
        assert [case.case.algorithm for case in imported.result.cases] == ["aes-128-gcm", "rsa-2048"]
        assert [line.text for line in other(imported)] == ["done"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (BULK.format("90.000", "270.00"), "do not agree"),
        (SHA[:60], "cut off"),
        (f"{SHA}  |  {SHA}", "side by side"),
        ("RSA-2048 1718 sign/sec; 0.58 ms/op (86 op", "cut off"),
        ("RSA-2048 1718 sign/sec; 0.58 ms/op (86 ops in 500.42 ms)", "do not agree"),
        ("AES-128/SIV encrypt buffer size 8 bytes: N/A (0 MiB in 0 ms)", "not once"),
    ],
)
def test_lines_without_a_figure_are_counted_with_a_reason(line: str, why: str) -> None:
    sound = SHA.replace("SHA-256", "SHA-512")
    [each] = unclear(read(f"{sound}\n{line}\n"))
    assert why in each.why


def test_what_comes_again_is_of_another_start() -> None:
    found = speed.read(lines.split(f"{SHA}\n{SHA}\n$ botan speed SHA-256\n{SHA}\n"), Known()).figures
    assert [each.start for each in found] == [1, 2, 3]


def test_a_line_of_another_program_with_brackets_is_left_alone() -> None:
    with pytest.raises(BenchsuiteError, match="no figure"):
        read("Loading [core] 1.25\n[    5.000000] thing [done] 3.50\n")
