"""cryptsetup benchmark: rates to the printed digit, in any language."""

from __future__ import annotations

import pytest
from import_fixture import mbps, other, read, sample, unclear

from benchsuite import doubts, stats


def test_cryptsetup_to_the_digit() -> None:
    imported = sample("cryptsetup-2.6-benchmark.txt")
    found = {(case.case.algorithm, case.case.op): mbps(case)[0] for case in imported.result.cases}
    assert found == {
        ("aes-256-xts", "encrypt"): pytest.approx(65.3 * 2**20 * 8 / 1e6),
        ("aes-256-xts", "decrypt"): pytest.approx(69.7 * 2**20 * 8 / 1e6),
        ("aes-256-cbc", "encrypt"): pytest.approx(66.9 * 2**20 * 8 / 1e6),
        ("aes-256-cbc", "decrypt"): pytest.approx(89.2 * 2**20 * 8 / 1e6),
    }
    assert all(case.case.request_size == 65536 for case in imported.result.cases)
    assert stats.precision(imported.result.cases[0]) == pytest.approx(0.05 / 65.3, rel=0.01)
    assert any("one buffer more" in note for note in doubts.notes(imported.result.cases[0]))


def test_cryptsetup_key_derivation() -> None:
    imported = sample("cryptsetup-2.6-kdf.txt")
    found = {case.case.algorithm: case for case in imported.result.cases}
    assert found["pbkdf2-sha256"].values[0].requests == 3302601
    assert not found["argon2id"].measured and "2000 ms" in found["argon2id"].failure.reason  # type: ignore[union-attr]
    assert other(imported) == [] and len(found) == 7


def test_cryptsetup_where_the_language_has_a_decimal_comma() -> None:
    text = (
        "PBKDF2-sha256    1234567 Iterationen pro Sekunde für 256-Bit-Schlüssel\n"
        "argon2id      5 Iterationen, 1048576 Speicher, 4 parallele Threads (CPUs) für 256-Bit-Schlüssel\n"
        "#   Algorithmus | Schlüssel | Verschlüsselung | Entschlüsselung\n"
        "        aes-cbc        128b      1024,5 MiB/s      2048,0 MiB/s\n"
    )
    imported = read(text)
    assert [(case.case.algorithm, case.case.op) for case in imported.result.cases] == [
        ("pbkdf2-sha256", "iterate"),
        ("argon2id", "iterate"),
        ("aes-128-cbc", "encrypt"),
        ("aes-128-cbc", "decrypt"),
    ]
    pbkdf2, _, encrypt, _ = imported.result.cases
    assert 1 / pbkdf2.values[0].per_request == pytest.approx(1234567)
    assert mbps(encrypt) == pytest.approx([1024.5 * 2**20 * 8 / 1e6])
    assert not unclear(imported) and not other(imported)


def test_cryptsetup_with_its_words_in_another_order_is_no_figure() -> None:
    text = "PBKDF2-sha1      256 bit 鍵: 654321\n    aes-xts   256b   100.0 MiB/s   90.0 MiB/s\n"
    imported = read(text)
    assert {case.case.algorithm for case in imported.result.cases} == {"aes-128-xts"}
    assert [each.number for each in unclear(imported)] == [1]


def test_cryptsetup_in_a_document_and_without_a_figure() -> None:
    text = (
        "> # cryptsetup benchmark -c serpent-xts\n"
        "> #     Algorithm |       Key |      Encryption |      Decryption\n"
        ">     serpent-xts        512b       301.3 MiB/s       303.6 MiB/s\n"
        "# aes-cbc        128b        75.3 MiB/s        83.6 MiB/s\n"
        "     twofish-cbc        128b               N/A               N/A\n"
        "PBKDF2-whirlpool     N/A\n"
    )
    imported = read(text)
    found = {(case.case.algorithm, case.case.op): case.measured for case in imported.result.cases}
    assert found == {
        ("serpent-256-xts", "encrypt"): True,
        ("serpent-256-xts", "decrypt"): True,
        ("aes-128-cbc", "encrypt"): True,
        ("aes-128-cbc", "decrypt"): True,
        ("twofish-128-cbc", "encrypt"): False,
        ("twofish-128-cbc", "decrypt"): False,
        ("pbkdf2-whirlpool", "iterate"): False,
    }
    assert [line.number for line in other(imported)] == [1]
