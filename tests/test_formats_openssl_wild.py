"""openssl speed as people paste it: with its command, of several versions, with lines missing."""

from __future__ import annotations

import pytest
from import_fixture import by_name, facts, mbps, only, other, read, unclear

from benchsuite.formats.openssl.starts import COMMAND
from benchsuite.formats.text import command_line
from benchsuite.model import BenchsuiteError

TABLE = "type             16 bytes     64 bytes\n"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("root@board:~# openssl speed -evp aes-128-cbc -elapsed", ["-evp", "aes-128-cbc", "-elapsed"]),
        ("$ ./apps/openssl speed -multi 2 -evp sm4 2>&1 | tee a.log", ["-multi", "2", "-evp", "sm4"]),
        ("time openssl speed && echo", []),
        ("openssl speed [-decrypt] <cipher>", None),
        ("about openssl speedups", None),
        ("myopenssl speed -evp rc4", None),
    ],
)
def test_the_command(line: str, words: list[str] | None) -> None:
    assert command_line.arguments(line, COMMAND) == words


def test_the_command_says_what_the_output_does_not() -> None:
    text = (
        "$ openssl speed -elapsed -evp aes-256-cbc -decrypt -async_jobs 8\n"
        "Doing AES-256-CBC for 3s on 16 size blocks: 3000000 AES-256-CBC's in 2.00s\n"
        "$ openssl speed -evp aes-256-cbc\n"
        "Doing AES-256-CBC for 3s on 16 size blocks: 3000000 AES-256-CBC's in 2.00s\n"
    )
    first, second = read(text).result.cases
    assert (first.case.op, first.case.q_len, second.case.op, second.case.q_len) == (
        "decrypt",
        8,
        "encrypt",
        1,
    )
    assert (first.values[0].wall, second.values[0].wall) == (2.0, 3.0)
    assert "imported_assumed" not in facts(first) and not other(read(text))


def multi(row: str, command: str = "", children: int = 2) -> str:
    """As OpenSSL 1.1.1 prints it: an engine is told by each process after the first have begun."""
    text = command
    for child in range(children):
        text += f'Forked child {child}\nengine "devcrypto" set.\n+DT:aes-192-cbc:3:16\n'
    text += "+R:300:aes-192-cbc:3.000000\n" * children
    for child in range(children):
        text += f"Got: +H:16:64 from {child}\nGot: +F:22:aes-192-cbc:1600.00:6400.00 from {child}\n"
    return f"{text}OpenSSL 1.1.1k  25 Mar 2021\n{TABLE}{row}"


def test_multi_calls_any_cipher_evp() -> None:
    imported = read(multi("evp                  3.20k       12.80k\n"))
    assert {case.case.algorithm for case in imported.result.cases} == {"aes-192-cbc"}
    assert {case.case.workers for case in imported.result.cases} == {2}
    assert [mbps(case) for case in imported.result.cases] == [
        pytest.approx([3200 * 8 / 1e6]),
        pytest.approx([12800 * 8 / 1e6]),
    ]
    assert not unclear(imported) and not other(imported)


def test_evp_that_nothing_names_is_unknown() -> None:
    imported = read(f"{TABLE}evp                  3.20k       12.80k\n")
    assert {case.case.algorithm for case in imported.result.cases} == {"unknown"}


def test_multi_with_lines_of_processes_missing_says_that_workers_is_not_known() -> None:
    whole = only_size(multi("aes-192-cbc          3.20k       12.80k\n"))
    assert "workers" not in whole
    assert "workers" in only_size(multi("aes-192-cbc         19.20k       76.80k\n"))


def only_size(text: str) -> str:
    return facts(read(text).result.cases[0]).get("imported_assumed", "")


def test_multi_that_was_cut_off_is_told() -> None:
    text = multi("").partition("Got:")[0]
    with pytest.raises(BenchsuiteError, match="sum of -multi is missing"):
        read(text)


def test_a_row_without_its_header_is_told() -> None:
    with pytest.raises(BenchsuiteError, match="header of its table is missing"):
        read("The 'numbers' are in 1000s of bytes per second processed.\nsha1     100.00k    200.00k\n")


def test_low_level_functions_and_evp_are_two_things() -> None:
    imported = read(f"{TABLE}aes-128 cbc      32.00k    64.00k\naes-128-cbc     320.00k   640.00k\n")
    assert {case.case.backend for case in imported.result.cases} == {
        "openssl-speed:low-level",
        "openssl-speed:EVP",
    }


def test_a_table_computed_with_more_digits_than_its_counts_show() -> None:
    # 300000 in 3.003 s, printed as 3.00s: 1598.40k where the printed figures give 1600.00k.
    text = (
        "Doing sha256 for 3s on 16 size blocks: 300000 sha256's in 3.00s\n"
        "type             16 bytes\nsha256            1598.40k\n"
    )
    imported = read(text)
    assert only(imported).values[0].requests == 300000 and not unclear(imported)
    assert len(by_name(read(text.replace("1598.40k", "1500.00k")))) == 1
    assert unclear(read(text.replace("1598.40k", "1500.00k")))


def test_digests_that_benchsuite_does_not_have_have_no_direction() -> None:
    imported = read(f"{TABLE}md2              32.00k    64.00k\nwhirlpool       320.00k   640.00k\n")
    assert {case.case.op for case in imported.result.cases} == {"digest"}


def test_a_kernel_message_between_the_halves_of_a_line() -> None:
    text = (
        "Doing sha256 for 3s on 16 size blocks: [  123.456789] usb 1-1: new device\n"
        "[  124.000000] usb 1-1: found\n"
        "300000 sha256's in 3.00s\n"
        "Doing sha256 for 3s on 64 size blocks: 200000 sha256's in 3.00s\n"
    )
    imported = read(text)
    small, large = imported.result.cases
    assert (small.case.request_size, small.values[0].requests) == (16, 300000)
    assert (large.case.request_size, large.values[0].requests) == (64, 200000)
    assert [line.number for line in other(imported)] == [2] and not unclear(imported)


def test_two_counts_that_began_on_one_line() -> None:
    text = (
        "OpenSSL> speed -evp chacha20\n"
        "Doing chacha20 for 3s on 16 size blocks: Doing md5 for 3s on 16 size blocks: 4000 md5's in 3.00s\n"
    )
    imported = read(text)
    assert (only(imported).case.algorithm, only(imported).values[0].requests) == ("md5", 4000)
    assert [each.why for each in unclear(imported)] == ["it was cut off before its count"]


def test_a_count_of_another_algorithm_is_not_the_other_half() -> None:
    text = "Doing sha1 for 3s on 16 size blocks: \n4000 md5's in 3.00s\nDoing md5 for 3s on 16 size blocks:\n"
    with pytest.raises(BenchsuiteError, match="cut off before its count"):
        read(text)


@pytest.mark.parametrize(
    "header", ["8192\nbytes  16384 bytes", "8192 bytes\n16384 bytes", "8192 bytes 16384\nbytes"]
)
@pytest.mark.parametrize("blank", [" ", "\ufffd"])
def test_a_table_that_a_mail_wrapped(header: str, blank: str) -> None:
    text = (
        f"The 'numbers' are in 1000s of bytes per second processed.\ntype   16 bytes   64 bytes   {header}\n"
        "aes-128 cbc   10000.00k   20000.00k\n30000.00k   40000.00k\n"
        "sha256  1000.00k 2000.00k 3000.00k\n4000.00k\n"
    )
    imported = read("".join(f"> {row}\n" for row in text.replace("   ", blank * 3).splitlines()))
    found = {(each.case.algorithm, each.case.request_size): mbps(each)[0] for each in imported.result.cases}
    assert found == {
        (name, size): pytest.approx(rate * at)
        for name, rate in (("aes-128-cbc", 80), ("sha256", 8))
        for at, size in enumerate((16, 64, 8192, 16384), 1)
    }
    assert unclear(imported) == []


def test_rows_with_the_core_in_brackets() -> None:
    """As sbc-bench writes them: one run for each core, not repetitions."""
    text = "OpenSSL 3.0.11, built on 19 Sep 2023\ntype             16 bytes     64 bytes\n"
    for rates, core in (("10000.00k 20000.00k", "Cortex-A53"), ("30000.00k 60000.00k", "Kryo 4XX Gold")):
        text += "".join(f"aes-{bits}-cbc     {rates} ({core})\n" for bits in (128, 256))
    imported = read(text)
    found = {case.case.backend: mbps(case) for case in imported.result.cases if case.case.request_size == 16}
    assert found == {
        "openssl-speed:Cortex-A53": [pytest.approx(80)],
        "openssl-speed:Kryo 4XX Gold": [pytest.approx(240)],
    }
    assert len(imported.result.cases) == 8 and unclear(imported) == []
