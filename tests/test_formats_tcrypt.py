"""tcrypt's kernel log: real logs read twice, made ones read back, damaged ones never read wrongly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite.formats.tcrypt.log import Record, parse

SAMPLES = Path(__file__).parent / "samples" / "tcrypt"
LOGS = sorted(SAMPLES.glob("*.log"))


def read(name: str) -> list[str]:
    return (SAMPLES / name).read_text().splitlines()


# Real logs


def test_there_are_logs_of_every_form() -> None:
    found = [record for path in LOGS for record in parse(path.read_text().splitlines()).records]
    assert {(record.form, record.style, record.update is not None) for record in found} >= {
        ("async", "seconds", False),
        ("async", "seconds", True),
        ("async", "cycles", True),
        ("multibuffer", "seconds", False),
        ("multibuffer", "cycles", False),
        ("", "cycles", False),
    }


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_figures_are_those_of_the_log_to_the_digit(path: Path) -> None:
    """Read in another way: all numbers of all results, in their order."""
    results = r"\d+ operations? in \d+ (?:seconds|cycles) \(\d+ bytes\)|\d+ opers/sec, *\d+ bytes/sec|"
    results += r"\d+ cycles/operation, *\d+ cycles/byte"
    expected = [[int(n) for n in re.findall(r"\d+", text)] for text in re.findall(results, path.read_text())]
    log = parse(path.read_text().splitlines())
    assert [printed(record) for record in log.records] == expected
    without_stamps = re.sub(r"\n(<\d>)?\[ *[\d.]+\] (tcrypt: )?", " ", path.read_text())
    assert all(" ".join(record.line.split()) in " ".join(without_stamps.split()) for record in log.records)


def printed(record: Record) -> list[int | None]:
    if record.update is None:
        period = record.seconds if record.style == "seconds" else record.cycles
        return [record.operations, period, record.bytes]
    if record.style == "seconds":
        return [record.operations, record.bytes]
    return [record.cycles, record.cycles_per_byte]


def test_the_asynchronous_mode() -> None:
    log = parse(read("6.1-async-skcipher-seconds-mode500.log"))
    assert len(log.records) == 288 and not (log.problems or log.unclear or log.lost)
    assert log.records[0] == Record(
        "ecb(aes)",
        "ecb-aes-aesni",
        "encryption",
        "async",
        0,
        128,
        16,
        None,
        None,
        "seconds",
        2248916,
        1,
        None,
        35982656,
        None,
        "test 0 (128 bit key, 16 byte blocks): 2248916 operations in 1 seconds (35982656 bytes)",
    )
    assert {record.key_bits for record in log.records if record.algorithm == "cbc(aes)"} == {128, 192, 256}
    assert {record.size for record in log.records if record.algorithm == "cbc(aes)"} == {
        16,
        64,
        128,
        256,
        1024,
        1424,
        4096,
    }


def test_a_driver_with_parentheses_and_a_result_on_its_own_line() -> None:
    log = parse(read("6.1-aead-cycles-mode212.log"))
    assert len(log.records) == 16 and not log.unclear
    assert {record.driver for record in log.records} == {"rfc4309(ccm_base(ctr-aes-aesni,cbcmac(aes-aesni)))"}
    assert [record.direction for record in log.records] == ["encryption"] * 8 + ["decryption"] * 8
    assert {record.form for record in log.records} == {""}


def test_an_algorithm_with_a_comma() -> None:
    log = parse(read("6.12-aead-cycles-mode213.log"))
    assert {(record.algorithm, record.driver) for record in log.records} == {
        ("rfc7539esp(chacha20,poly1305)", "rfc7539esp(chacha20-simd,poly1305-simd)")
    }


def test_hashes_have_three_numbers() -> None:
    log = parse(read("6.1-hash-seconds-mode303.log"))
    assert [record.index for record in log.records] == list(range(22))
    assert [(r.size, r.update, r.updates) for r in log.records[:3]] == [(16, 16, 1), (64, 16, 4), (64, 64, 1)]
    assert [record.size for record in log.records if record.one_update] == [
        16,
        64,
        256,
        1024,
        2048,
        4096,
        8192,
    ]


def test_a_log_that_was_cut_off_says_so() -> None:
    log = parse(read("6.1-mbskcipher-seconds-mode600.log"))
    assert len(log.records) == 15
    assert log.unclear == ["test 15 (256 bit key, 64 byte blocks):"]


def test_what_went_wrong_in_the_kernel() -> None:
    missing = parse(read("6.12-no-such-algorithm.log"))
    assert [(p.text, p.algorithm) for p in missing.problems] == [
        ("failed to load transform for nosuch(aes): -2", "nosuch(aes)")
    ] * 2
    keyless = parse(read("6.1-hash-without-key.log"))
    assert [(p.text, p.algorithm) for p in keyless.problems] == [("hashing failed ret=-126", "hmac(sha1)")]
    assert not (missing.records or missing.unclear or keyless.records or keyless.unclear)


@pytest.mark.parametrize(
    ("line", "algorithm", "direction"),
    [
        ("tcrypt: setkey() failed flags=100000", "cbc(aes)", "decryption"),
        ("tcrypt: setkey() failed flags=0: -22", "cbc(aes)", "decryption"),
        ("tcrypt: decryption() failed return code=-22", "cbc(aes)", "decryption"),
        ("tcrypt: decryption() failed flags=0", "cbc(aes)", "decryption"),
        ("tcrypt: concurrent request 3 error -22", "cbc(aes)", "decryption"),
        ("tcrypt: calculating auth failed (-22)", "cbc(aes)", "decryption"),
        ("tcrypt: template (20496) too big for tvmem (16384)", "cbc(aes)", "decryption"),
        ("tcrypt: alg: aead: Failed to load transform for gcm(aes): -2", "gcm(aes)", ""),
        ("tcrypt: alg: aead: Failed to setauthsize for gcm(aes): -22", "gcm(aes)", ""),
        ("tcrypt: skcipher: Failed to allocate request for ctr(aes)", "ctr(aes)", ""),
        ("tcrypt: one or more tests failed!", "cbc(aes)", "decryption"),
    ],
)
def test_every_error_is_told_with_what_it_is_of(line: str, algorithm: str, direction: str) -> None:
    lines = [
        "tcrypt: testing speed of async cbc(aes) (cbc-aes-aesni) decryption",
        "tcrypt: test 0 (128 bit key, 16 byte blocks): 1 operation in 263 cycles (16 bytes)",
        "tcrypt: test 1 (128 bit key, 64 byte blocks): ",
        line,
        "tcrypt: test 1 (192 bit key, 16 byte blocks): 1 operation in 264 cycles (16 bytes)",
    ]
    log = parse(lines)
    assert [(p.algorithm, p.direction) for p in log.problems] == [(algorithm, direction)]
    assert log.problems[0].text in line
    # The next key goes on with the number that failed.
    assert [record.cycles for record in log.records] == [263, 264]
    assert log.unclear == []


def test_a_line_that_is_not_understood_is_shown() -> None:
    lines = ["tcrypt: unknown parameter 'klen' ignored", "usb 1-1: new high-speed USB device"]
    assert parse(lines).unclear == lines[:1]


def test_a_log_of_a_32_bit_kernel_whose_sum_went_over() -> None:
    lines = [
        "testing speed of async ecb(aes) (ecb-aes-neonbs) encryption",
        "test 0 (128 bit key, 8192 byte blocks): 400000 operations in 10 seconds (-1018167296 bytes)",
    ]
    (record,) = parse(lines).records
    assert (record.operations, record.seconds, record.bytes) == (400000, 10, -1018167296)


def test_messages_that_were_lost_end_a_section() -> None:
    item = "test {} (128 bit key, 16 byte blocks): 1 operation in 26{} cycles (16 bytes)"
    header = "testing speed of sync ecb(aes) (ecb-aes-aesni) encryption"
    for lost in ("** 7 printk messages dropped **", "systemd-journald: Missed 12 kernel messages"):
        log = parse([header, item.format(0, 0), lost, item.format(1, 1), header, item.format(0, 2)])
        assert [record.cycles for record in log.records] == [260, 262]
        assert log.lost and len(log.unclear) == 1


# Made logs: written down as the kernel's format strings have it, and read back

NAMES = st.sampled_from(
    [
        "ecb(aes)",
        "cbc(des3_ede)",
        "rfc4309(ccm(aes))",
        "rfc7539esp(chacha20,poly1305)",
        "sha3-256",
        "xts(aes)",
        "adiantum(xchacha12,aes)",
        "essiv(cbc(aes),sha256)",
        "hmac(sha1)",
    ]
)
DRIVERS = st.sampled_from(
    [
        "ecb-aes-aesni",
        "ecb(aes-aesni)",
        "rfc4309(ccm_base(ctr-aes-aesni,cbcmac(aes-aesni)))",
        "cryptd(cbc(aes))",
        "rfc7539esp(chacha20-simd,poly1305-simd)",
        "sha1-generic",
        "virtio_crypto_aes_cbc",
    ]
)
NUMBERS = st.integers(0, 10**9)
SIZES = st.integers(1, 65536)


@dataclass(frozen=True)
class Line:
    """A record of the kernel log: with "tcrypt: " before it or not, and perhaps a line end inside."""

    text: str
    ours: bool = True


@st.composite
def items(draw: st.DrawFn, section: Record, index: int) -> Record:
    size, operations, cycles = draw(SIZES), draw(NUMBERS), draw(NUMBERS)
    if section.update is not None:
        update = draw(st.integers(1, size))
        section = replace(section, size=size, update=update, updates=size // update)
        if section.style == "cycles":
            section = replace(section, cycles=cycles, cycles_per_byte=cycles // size)
        else:  # per second: what is left over of a whole operation is in the bytes
            extra = draw(st.integers(0, size - 1))
            section = replace(section, operations=operations, bytes=operations * size + extra)
    elif section.style == "cycles":
        section = replace(section, size=size, cycles=cycles, bytes=size)
    else:
        seconds = draw(st.integers(1, 100))
        section = replace(section, size=size, operations=operations, seconds=seconds, bytes=operations * size)
    bits = None if section.update is not None else 8 * draw(st.integers(1, 64))
    section = replace(section, index=index, key_bits=bits)
    return replace(section, line=f"{item_text(section).rstrip()} {result_text(section).lstrip()}")


def item_text(r: Record) -> str:
    if r.update is None:
        return f"test {r.index} ({r.key_bits} bit key, {r.size} byte blocks): "
    return f"test{r.index:3} ({r.size:5} byte blocks,{r.update:5} bytes per update,{r.updates:4} updates): "


def result_text(r: Record) -> str:
    if r.update is None:
        if r.style == "cycles":
            return f"1 operation in {r.cycles} cycles ({r.bytes} bytes)"
        return f"{r.operations} operations in {r.seconds} seconds ({r.bytes} bytes)"
    if r.style == "cycles":
        return f"{r.cycles:6} cycles/operation, {r.cycles_per_byte:4} cycles/byte"
    return f"{r.operations:6} opers/sec, {r.bytes:9} bytes/sec"


@st.composite
def sections(draw: st.DrawFn) -> list[Record]:
    """The records of one header."""
    of_hash, style = draw(st.booleans()), draw(st.sampled_from(["seconds", "cycles"]))
    form = "async" if of_hash else draw(st.sampled_from(["async", "sync", "multibuffer", ""]))
    direction = "" if of_hash else draw(st.sampled_from(["encryption", "decryption"]))
    counted = style == "cycles"
    blank = Record(
        draw(NAMES),
        draw(DRIVERS),
        direction,
        form,
        0,
        None,
        1,
        1 if of_hash else None,
        1 if of_hash else None,
        style,
        1,
        None if counted else 1,
        1 if counted else None,
        None,
        None,
        "",
    )
    return [draw(items(blank, index)) for index in range(draw(st.integers(1, 4)))]


def header_text(r: Record) -> str:
    words = ["testing speed of", r.form, r.algorithm, f"({r.driver})", r.direction]
    return " ".join(word for word in words if word)


def old(section: list[Record]) -> Iterable[Line]:
    """Up to Linux 6.1: headers with a line end, some results as a record of their own."""
    first = section[0]
    apart = not first.form or first.update is not None
    yield Line(f"\n{header_text(first)}", ours=not apart)
    for r in section:
        if (not r.form and r.style == "cycles") or (r.update is not None and r.one_update):
            yield Line(item_text(r), ours=r.update is not None)
            yield Line(result_text(r), ours=False)
        else:
            yield Line(item_text(r) + result_text(r), ours=bool(r.form))


def new(section: list[Record]) -> Iterable[Line]:
    yield Line(header_text(section[0]))
    for r in section:
        yield Line(item_text(r) + result_text(r))


def shown(line: Line, number: int, style: str) -> str:
    """As one of the programs that show the kernel log has it."""
    text = f"tcrypt: {line.text}" if line.ours else line.text
    stamp = f"[{number / 7:12.6f}] "
    match style:
        case "kmsg":
            escaped = text.replace("\n", "\\x0a")
            return f"6,{number},{number * 1000},-;{escaped}\n SUBSYSTEM=none\n"
        case "console":
            return "".join(f"{stamp}{part}\r\n" for part in text.split("\n"))
        case "raw":
            return f"<6>{stamp}" + text.replace("\n", "\n" + " " * (len(stamp) + 3)) + "\n"
        case "caller":
            return "".join(f"{stamp[:-1]}[  T123] {part}\n" for part in text.split("\n"))
        case "colour":
            return (
                f"\x1b[32m{stamp}\x1b[0m\x1b[33m" + text.replace("\n", "\n" + " " * len(stamp)) + "\x1b[0m\n"
            )
        case "journal":
            return "Nov 21 13:16:02 gateway kernel: " + text.replace("\n", "\n" + " " * 32) + "\n"
        case "iso":
            return f"2026-11-21T13:16:02+0100 gateway kernel: {text}\n"
        case _:
            return f"{text}\n"


STYLES = ["kmsg", "console", "raw", "caller", "colour", "journal", "iso", "bare"]
FOREIGN = [
    "usb 1-1: new high-speed USB device number 2 using xhci_hcd",
    'audit: type=1400 audit(1.0:2): apparmor="STATUS" operation="profile_load"',
    "perf: interrupt took too long (2512 > 2500), lowering kernel.perf_event_max_sample_rate to 79500",
    "",
    "cryptd: max_cpu_qlen set to 1000",
    "alg: No test for pkcs1pad(rsa) (virtio-pkcs1-rsa)",
    "hrtimer: interrupt took 42 ns",
    "e1000e 0000:00:19.0 eth0: 1000 Mbps (speed of the link)",
]


@st.composite
def logs(draw: st.DrawFn) -> tuple[list[Record], str]:
    """What is in a log, and its text."""
    kernel: Callable[[list[Record]], Iterable[Line]] = draw(st.sampled_from([old, new]))
    style = draw(st.sampled_from(STYLES))
    all_sections = draw(st.lists(sections(), min_size=1, max_size=4))
    text, number = "", 0
    for line in (line for section in all_sections for line in kernel(section)):
        number += 1
        if draw(st.integers(0, 5)) == 0:
            text += shown(Line(draw(st.sampled_from(FOREIGN)), ours=False), number, style)
            number += 1
        text += shown(line, number, style)
    return [record for section in all_sections for record in section], text


@given(logs())
def test_what_the_kernel_writes_is_read_back(log: tuple[list[Record], str]) -> None:
    records, text = log
    found = parse(text.splitlines(keepends=True))
    assert found.records == records
    assert not (found.problems or found.unclear or found.lost)


@given(logs(), st.data())
def test_a_log_cut_off_anywhere_loses_figures_and_changes_none(
    log: tuple[list[Record], str], data: st.DataObject
) -> None:
    records, text = log
    at = data.draw(st.integers(0, len(text)))
    begun, ended = parse(text[:at].split("\n")).records, parse(text[at:].split("\n")).records
    assert begun == records[: len(begun)]
    assert not ended or ended == records[-len(ended) :]


@given(logs(), st.data())
def test_lines_that_a_console_dropped_put_no_figure_under_a_wrong_name(
    log: tuple[list[Record], str], data: st.DataObject
) -> None:
    records, text = log
    lines = text.split("\n")
    begin = data.draw(st.integers(0, len(lines)))
    end = data.draw(st.integers(begin, len(lines)))
    lines[begin:end] = ["** 3 printk messages dropped **"]
    found = parse(lines)
    assert found.lost
    assert [record for record in found.records if record not in records] == []


@given(logs(), st.data())
def test_a_figure_with_another_digit_is_no_figure(log: tuple[list[Record], str], data: st.DataObject) -> None:
    """The count and the bytes must agree; of cycles only the bytes, or the cycles per byte, can."""
    records, text = log
    wanted = r"\d+(?= bytes\)| cycles/byte)|\d+(?= operations in)"
    places = [at for match in re.finditer(wanted, text) for at in range(match.start(), match.end())]
    if not places:
        return
    at = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != text[at]]))
    found = parse((text[:at] + digit + text[at + 1 :]).split("\n"))
    assert len(found.records) == len(records) - 1
    assert [record for record in found.records if record not in records] == []
    assert found.unclear


WORDS = st.sampled_from(
    [
        "tcrypt: ",
        "testing speed of ",
        "async ",
        "cbc(aes) ",
        "(cbc-aes-aesni) ",
        "encryption",
        "test 0 (",
        "128 bit key, ",
        "16 byte blocks",
        "): ",
        "1 operation in ",
        "7 operations in ",
        "1 seconds ",
        "263 cycles ",
        "(16 bytes)",
        "opers/sec, ",
        "bytes/sec",
        "cycles/operation, ",
        "cycles/byte",
        "6,1,2,-;",
        "\\x0a",
        "<6>",
        "\n",
        "\r",
        "\x00",
        "\u0663",
        "9" * 30,
        "-",
        "failed to load transform for ",
        "setkey() failed flags=",
        "printk messages dropped",
        "(",
        ")",
        ",",
        " ",
    ]
)


@given(st.lists(st.text() | st.lists(WORDS, max_size=12).map("".join), max_size=20))
def test_anything_at_all_is_read(lines: list[str]) -> None:
    log = parse(lines)
    assert all(record.algorithm and record.size > 0 for record in log.records)
