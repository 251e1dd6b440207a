"""imb-perf: cycles of a job by size, one column for each implementation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_fixture import by_name, facts, mbps, other, patient, read, sample, unclear

from benchsuite import doubts, stats
from benchsuite.formats import imb_perf
from benchsuite.formats.figure import Known
from benchsuite.formats.text import lines
from benchsuite.model import BenchsuiteError

PAIR = "aes-128-cbc+hmac-sha1/encrypt"


def table(
    *rows: str, cipher: str = "GCM", direction: str = "DECRYPT", mac: str = "GCM", key: str = "256"
) -> str:
    head = ("ARCH\tAVX512", f"CIPHER\t{cipher}", f"DIR\t{direction}", f"HASH_ALG\t{mac}", f"KEY_SIZE\t{key}")
    return "\n".join((*head, *rows)) + "\n"


def algorithm(cipher: str, mac: str, key: str, before: str = "") -> tuple[str, str]:
    [case] = read(before + table("64\t100", cipher=cipher, mac=mac, key=key)).result.cases
    return case.case.algorithm, case.case.op


def test_cycles_are_a_rate_where_the_counter_s_is_known() -> None:
    imported = sample("imb-perf-2.0.txt", cycles_hz=2.5e9)
    found = by_name(imported)
    assert len(found) == 6 and other(imported) == [] and unclear(imported) == []
    case = found[f"imb-perf:avx512/{PAIR}/request_size=1024,q_len=32,batch=32,cbimm=1"]
    assert mbps(case) == [pytest.approx(1024 * 8 * 2.5e9 / 2011 / 1e6)]
    assert stats.summary(case).cycles_per_byte == pytest.approx(2011 / 1024)
    assert stats.precision(case) == pytest.approx(1 / 2011, rel=1e-2)
    assert any("covers more bytes" in note for note in doubts.notes(case))


def test_cycles_without_a_rate_are_no_seconds() -> None:
    imported = sample("imb-perf-2.0.txt")
    assert imported.cycles_only == 6
    assert all(
        "--cycles-mhz" in (case.failure.reason if case.failure else "") for case in imported.result.cases
    )


def test_throughput_is_bytes_in_the_time_box() -> None:
    before = "Timebox: 250ms\nMeasurement mode: Throughput (bytes/250ms)\nAPI type: single job\n"
    imported = read(before + table("1024\t524288000", direction="ENCRYPT"))
    [case] = imported.result.cases
    assert mbps(case) == [pytest.approx(524288000 * 4 * 8 / 1e6)]
    assert case.values[0].requests == 512000 and case.values[0].cycles is None
    assert (case.case.q_len, case.case.batch, case.case.aad_size) == (1, 0, 12)
    assert imb_perf.TIME_BOX in doubts.notes(case)


def test_bytes_are_not_taken_for_cycles() -> None:
    with pytest.raises(BenchsuiteError, match="the text does not say its time box"):
        read(table("1024\t524288000"))


@patient
@given(cycles=st.integers(1, 10**5), hz=st.sampled_from([1e9, 2.4e9, 3.7e9]))
def test_any_count(cycles: int, hz: float) -> None:
    [case] = read(table(f"64\t{cycles}"), cycles_hz=hz).result.cases
    assert case.values[0].per_request == pytest.approx(cycles / hz)
    assert stats.summary(case).cycles_per_request == pytest.approx(cycles)


@pytest.mark.parametrize(
    ("cipher", "mac", "key", "name"),
    [
        ("CNTR", "NULL_HASH", "256", "aes-256-ctr"),
        ("CCM", "CCM", "128", "aes-128-ccm"),
        ("CHACHA20_AEAD", "POLY1305_AEAD", "256", "chacha20-poly1305"),
        ("3DES", "NULL_HASH", "192", "3des-cbc"),
        ("CBC", "SHA_256_HMAC", "192", "aes-192-cbc+hmac-sha256"),
        ("NULL_CIPHER", "SHA3_256", "0", "sha3-256"),
        ("NULL_CIPHER", "SHA_512", "0", "sha512"),
        ("NULL_CIPHER", "MD5", "0", "hmac-md5"),
        ("NULL_CIPHER", "GMAC-256", "0", "aes-256-gmac"),
        ("NULL_CIPHER", "SM3_HMAC", "0", "hmac-sm3"),
    ],
)
def test_names(cipher: str, mac: str, key: str, name: str) -> None:
    found, op = algorithm(cipher, mac, key)
    assert found == name and op == ("digest" if cipher == "NULL_CIPHER" else "decrypt")


def test_an_old_hash_is_an_hmac() -> None:
    """Until 1.2 SHA1 was the HMAC, and the size of the key began with AES-."""
    assert algorithm("CBC", "SHA1", "AES-128")[0] == "aes-128-cbc+hmac-sha1"
    assert algorithm("NULL_CIPHER", "SHA1", "AES-0", "Library version: 1.2.0\n")[0] == "hmac-sha1"
    assert algorithm("NULL_CIPHER", "SHA1", "AES-0", "Library version: 1.4.0\n")[0] == "sha1"
    with pytest.raises(BenchsuiteError, match="the hash or its HMAC"):
        algorithm("NULL_CIPHER", "SHA1", "AES-0")


def test_what_the_command_and_the_api_say() -> None:
    text = (
        "$ imb-perf --aead-algo aes-gcm-256 --aad-size 20 --direct-api 2>&1\nAPI type: direct\n"
        + table("64\t100").replace("\t", "  ")  # as a web page has it
        + "$ imb-perf --aead-algo aes-gcm-256\n"
        + table("64\t120")
    )
    found = imb_perf.read(lines.split(text), Known(cycles_hz=1e9)).figures
    assert [(each.case.aad_size, each.case.q_len, each.variant, each.start) for each in found] == [
        (20, 1, ("direct",), 1),
        (12, 32, ("",), 2),
    ]
    assert "q_len=32" in found[1].facts["imported_assumed"]


def test_a_table_that_is_not_whole() -> None:
    imported = read(table("64\t100", "128") + table("64\t100\t200"))
    assert facts(imported.result.cases[0])["imported_figure"] == "100 cycles"
    whole = [line for line in table().splitlines() if not line.startswith("DIR")]
    with pytest.raises(BenchsuiteError, match="its columns do not fit"):
        read("\n".join([*whole, "64\t100"]))
    with pytest.raises(BenchsuiteError, match="its rows are missing"):
        read(table())
