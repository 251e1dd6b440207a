"""tcrypt's log as it is found: on a serial console that others write to, cut, wrapped by a mail program."""

from __future__ import annotations

import pytest
from import_fixture import facts, mbps, only, other, read, unclear

from benchsuite.model import BenchsuiteError

HEADER = "[  100.000000] tcrypt: testing speed of async cbc(aes) (cbc-aes-dcp) encryption\n"


def item(number: int, at: float, size: int = 64, done: int = 1000) -> str:
    result = f"{done} operations in 1 seconds ({done * size} bytes)"
    return f"[  {at:.6f}] tcrypt: test {number} (128 bit key, {size} byte blocks): {result}\n"


def test_another_message_on_the_line_of_an_item() -> None:
    text = HEADER + (
        "[  100.010000] tcrypt: test 0 (128 bit key, 64 byte blocks):[  100.500000] done.\n"
        "[  100.700000] PM: suspend exit\n"
        "[  101.010000] 4321 operations in 1 seconds (276544 bytes)\n"
    )
    imported = read(text)
    assert mbps(only(imported)) == pytest.approx([4321 * 64 * 8 / 1e6])
    assert facts(only(imported))["imported_line_number"] == "2, 4" and not unclear(imported)


def test_another_message_and_never_a_result() -> None:
    text = (
        HEADER + item(0, 100.01) + "[  101.0] tcrypt: test 1 (128 bit key, 64 byte blocks):[  101.5] done.\n"
    )
    assert [(each.number, each.why) for each in unclear(read(text))] == [(3, "its result is missing")]


def test_an_item_that_was_damaged_is_only_itself_lost() -> None:
    text = "tcrypt: testing speed of async cbc(aes) (cbc-aes-dcp) encryption\n" + "".join(
        item(number, 0)[13:] for number in range(4)
    )
    damaged = text.replace("test 2 (128 bit key, 64 byte", "test 2 (128 bit k[  7.1] usb 1-1: new device")
    imported = read(damaged)
    assert len(imported.result.cases[0].runs) == 3 and [each.number for each in unclear(imported)] == [4]


def test_time_stamps_tell_that_no_header_is_missing() -> None:
    text = HEADER + "".join(item(number, 100.01 + number, 16 << number) for number in (0, 1, 4, 5))
    imported = read(text)
    assert [case.case.request_size for case in imported.result.cases] == [16, 32, 256, 512]
    assert not unclear(imported)


@pytest.mark.parametrize("later", [5.0, 6.0, 20.0])
def test_time_stamps_tell_that_a_header_may_be_missing(later: float) -> None:
    """The last item of this section, a header, and four items of another one would take five seconds."""
    text = HEADER + item(0, 100.01, 16) + item(4, 100.01 + later, 256)
    imported = read(text)
    assert [case.case.request_size for case in imported.result.cases] == [16]
    assert [(each.number, "header" in each.why) for each in unclear(imported)] == [(3, True)]


def test_without_time_stamps_a_gap_is_no_figure() -> None:
    text = HEADER + "".join(item(number, 0)[13:] for number in (0, 3, 4))
    assert [each.number for each in unclear(read(text))] == [3, 4]


def test_hashes_with_several_buffers_leave_out_numbers() -> None:
    text = "testing speed of multibuffer sha256 (sha256-avx2)\n" + "".join(
        f"tcrypt: test {number:2} ({size:5} byte blocks,{size:5} bytes per update,   1 updates): "
        f"{operations} operations in 1 seconds ({operations * size} bytes)\n"
        for number, size, operations in ((0, 16, 8000), (2, 64, 7992), (5, 256, 4008), (8, 1024, 1016))
    )
    imported = read(text)
    cases = [case.case for case in imported.result.cases]
    assert [(each.algorithm, each.op, each.request_size, each.q_len) for each in cases] == [
        ("sha256", "digest", 16, 8),
        ("sha256", "digest", 64, 8),
        ("sha256", "digest", 256, 8),
        ("sha256", "digest", 1024, 8),
    ]
    assert [case.values[0].requests for case in imported.result.cases] == [8000, 7992, 4008, 1016]
    assert facts(imported.result.cases[0])["imported_requests"] == "exact" and not unclear(imported)


def test_hashes_with_several_buffers_in_cycles() -> None:
    text = (
        "tcrypt: testing speed of multibuffer sha1 (sha1-caam)\n"
        "tcrypt: test  0 (   16 byte blocks,   16 bytes per update,   1 updates): "
        "1 operation in 250 cycles (16 bytes)\n"
        "tcrypt: test  2 (   64 byte blocks,   64 bytes per update,   1 updates): "
        "1 operation in 500 cycles (64 bytes)\n"
    )
    small, large = read(text, cycles_hz=1e9).result.cases
    assert small.values[0].per_request == pytest.approx(250e-9)
    assert (large.case.request_size, large.case.q_len) == (64, 8)


@pytest.mark.parametrize("quote", ["", "> "])
def test_lines_that_a_mail_program_wrapped(quote: str) -> None:
    lines = (
        "[   42.1] tcrypt: testing speed of sync ecb(aes) (ecb-aes-ce)",
        "encryption",
        "[   42.2] tcrypt: test 0 (128 bit key, 16 byte blocks): 7000000",
        "operations in 1 seconds (112000000 bytes)",
        "[   43.2] tcrypt: test 1 (128 bit key, 64 byte blocks): 6000 operations in",
        "1 seconds (384000 bytes)",
        "[   44.2] tcrypt: test 2 (128 bit key, 128 byte blocks): 50 operations in 1 seconds (6400 bytes)",
    )
    imported = read("".join(f"{quote}{line}\n" for line in lines))
    assert [case.values[0].requests for case in imported.result.cases] == [7000000, 6000, 50]
    assert not unclear(imported) and not other(imported)


@pytest.mark.parametrize("number", ["1000000", "18446744073709551616"])
def test_a_number_that_no_item_has(number: str) -> None:
    text = (
        "[   42.1] tcrypt: testing speed of sync ecb(aes) (ecb-aes-ce) encryption\n"
        "[   42.2] tcrypt: test 0 (128 bit key, 16 byte blocks): 70 operations in 1 seconds (1120 bytes)\n"
        f"[   43.2] tcrypt: test {number} (128 bit key, 64 byte blocks): 6 operations in 1 seconds\n"
    )
    imported = read(text)
    assert len(imported.result.cases) == 1 and [each.number for each in unclear(imported)] == [3]


# Kernels of long ago

OLD_ITEM = (
    "test  0 (   16 byte blocks,   16 bytes per update,   1 updates): "
    "  4000 cycles/operation,  250 cycles/byte"
)


@pytest.mark.parametrize("header", ["sha1", "async sha1", "hmac(sha1)", "ghash-generic"])
def test_a_hash_without_its_driver(header: str) -> None:
    """Linux 2.6 and 3.x."""
    imported = read(f"testing speed of {header}\n{OLD_ITEM}", cycles_hz=1e9)
    assert mbps(only(imported)) == pytest.approx([32.0]) and not other(imported) and not unclear(imported)
    assert "kernel_driver" not in facts(only(imported))


@pytest.mark.parametrize("header", ["sha", "sha5", "hmac(sha1", "rmd1", "async"])
def test_a_name_that_may_have_been_cut_off(header: str) -> None:
    with pytest.raises(BenchsuiteError, match="header"):
        read(f"testing speed of {header}\n{OLD_ITEM}")


def test_a_cipher_of_2_6() -> None:
    item = "test 0 (128 bit key, 16 byte blocks): 100000 operations in 1 seconds (1600000 bytes)"
    for header in ("cbc(aes) encryption", "aes CBC encryption", "cbc(aes) encryption *******"):
        case = only(read(f"testing speed of {header}\n{item}"))
        assert (case.case.algorithm, case.case.op) == ("aes-128-cbc", "encrypt")
        assert mbps(case) == pytest.approx([12.8]) and "tcrypt_form" not in facts(case)


def test_cycles_that_were_copied_without_their_bytes() -> None:
    header = "testing speed of async cbc(aes) (cbc-aes-dcp) encryption\n"
    first = "test 0 (128 bit key, 16 byte blocks): 1 operation in 500 cycles"
    second = "test 1 (128 bit key, 64 byte blocks): 1 operation in 800 cycles"
    cases = read(f"{header}{first}\n{second}\n", cycles_hz=1e9).result.cases
    assert [mbps(case) for case in cases] == [pytest.approx([256.0]), pytest.approx([640.0])]
    cut = read(f"{header}{first} (16 bytes)\n{second}", cycles_hz=1e9)  # in the middle of a line
    assert mbps(only(cut)) == pytest.approx([256.0]) and [each.number for each in unclear(cut)] == [3]


def test_two_logs_side_by_side() -> None:
    """diff --side-by-side, paste."""
    rows = [
        tuple(f"testing speed of cbc(aes) ({each}) encryption" for each in ("cbc(aes-generic)", "cbc-ce")),
        (item(0, 0)[13:].strip(), item(0, 0, done=2000)[13:].strip()),
        (item(1, 0, 256)[13:].strip(), item(1, 0, 256, done=2500)[13:].strip()),
    ]
    for between in ("\t", "        |       "):
        imported = read("\n".join(between.join(row) for row in rows))
        rates = {(case.case.backend, case.case.request_size): mbps(case) for case in imported.result.cases}
        assert rates == {
            ("tcrypt:cbc(aes-generic)", 64): [0.512],
            ("tcrypt:cbc-ce", 64): [1.024],
            ("tcrypt:cbc(aes-generic)", 256): [2.048],
            ("tcrypt:cbc-ce", 256): [5.12],
        }
        assert not unclear(imported) and not other(imported)


def test_an_extract_may_begin_with_any_item() -> None:
    """Right after its header, with the columns of newer kernels; not after a gap that nothing explains."""
    header = "testing speed of async cbc(aes) (cbc-aes-ce) encryption\n"
    row = "tcrypt: test {} (256 bit key, {:>4} byte blocks): 1 operation in {:>5} cycles ({} bytes)\n"
    text = header + row.format(14, 16, 1679, 16) + row.format(18, 1024, 2132, 1024)
    imported = read(text, cycles_hz=1e9)
    [case] = imported.result.cases
    assert (case.case.request_size, case.values[0].cycles) == (16, 1679)
    assert [each.number for each in unclear(imported)] == [3]


def test_a_figure_is_of_its_own_line_though_the_same_stands_before_its_header() -> None:
    imported = read(item(0, 99.01) + HEADER + item(0, 100.01))
    assert facts(only(imported))["imported_line_number"] == "3"
    assert [each.number for each in unclear(imported)] == [1]
