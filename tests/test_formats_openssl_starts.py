"""openssl speed: which lines are of one start of it, what a command says, and tables in every state."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import Cli
from import_fixture import by_name, facts, mbps, only, other, read, unclear

from benchsuite import doubts, imports
from benchsuite.formats import naming
from benchsuite.formats.figure import Figure, Known
from benchsuite.formats.openssl import speed, whole_lines
from benchsuite.formats.openssl.starts import COMMAND
from benchsuite.formats.text import command_line, lines
from benchsuite.model import BenchsuiteError

ELAPSED = "You have chosen to measure elapsed time instead of user CPU time.\n"
NUMBERS = "The 'numbers' are in 1000s of bytes per second processed.\n"
TYPE = "type             16 bytes     64 bytes\n"
ROW = "aes-128-cbc      {:.2f}k    {:.2f}k\n"
VERSION = "OpenSSL 1.0.2g  1 Mar 2016\nbuilt on: reproducible build\n"
SIX = "aes-128 cbc      10000.00k    20000.00k    30000.00k    40000.00k    50000.00k    60000.00k\n"
SIZES = (16, 64, 256, 1024, 8192, 16384)


def count(size: int, number: int, name: str = "aes-128-cbc") -> str:
    return f"Doing {name} for 3s on {size} size blocks: {number} {name}'s in 3.00s\n"


def figures(text: str, known: Known | None = None) -> list[Figure]:
    return speed.read(lines.split(text), known or Known()).figures


def starts(text: str) -> list[tuple[int, int]]:
    """(start, size) of each figure."""
    return [(figure.start, figure.case.request_size) for figure in figures(text)]


# One start, or two


@pytest.mark.parametrize(
    "between",
    [
        "",
        "After:\n",
        NUMBERS,
        VERSION,
        ELAPSED,
        "$ openssl speed -evp aes-128-cbc\n",
        'engine "qat" set.\n',
        "version: 3.0.2\n",
    ],
)
def test_a_second_table_is_of_a_second_start(between: str) -> None:
    table = NUMBERS + TYPE + ROW.format(10000, 20000)
    assert starts(f"{table}{between}{table}") == [(1, 16), (1, 64), (2, 16), (2, 64)]


@pytest.mark.parametrize("between", ["", "Build B\n", "LibreSSL 3.8.2\n", ELAPSED])
def test_counts_that_begin_again_are_of_a_second_start(between: str) -> None:
    text = count(16, 300) + count(64, 200) + between + count(16, 310) + count(64, 210)
    assert starts(text) == [(1, 16), (1, 64), (2, 16), (2, 64)]
    machine = "+DT:sha1:3:16\n+R:300:sha1:3.000000\n+DT:sha1:3:64\n+R:200:sha1:3.000000\n"
    assert starts(machine + machine) == [(1, 16), (1, 64), (2, 16), (2, 64)]


def test_counts_version_and_table_are_one_start() -> None:
    one = count(16, 1875000) + count(64, 937500) + VERSION + NUMBERS + TYPE + ROW.format(10000, 20000)
    assert starts(one) == [(1, 16), (1, 64)]
    assert starts(one + one) == [(1, 16), (1, 64), (2, 16), (2, 64)]
    assert [len(figure.lines) for figure in figures(one + one)] == [2] * 4


def test_a_version_before_the_counts_of_another_build() -> None:
    text = f"OpenSSL 1.0.2g  1 Mar 2016\n{count(16, 300)}OpenSSL 1.1.1f  31 Mar 2020\n{count(16, 310)}"
    found = figures(text)
    assert [(each.start, each.variant[0]) for each in found] == [(1, "1.0.2g"), (2, "1.1.1f")]
    assert [each.variant[0] for each in figures(f"LibreSSL 3.8.2\n{count(16, 1)}")] == ["LibreSSL-3.8.2"]


def test_all_that_openssl_version_says_is_before_its_counts() -> None:
    said = "OpenSSL {}\nbuilt on: x\nplatform: linux\noptions: bn(64,64)\ncompiler: gcc\n"
    text = said.format("1.0.2g  1 Mar 2016") + count(16, 300) + said.format("1.1.1f  31 Mar 2020")
    found = figures(text + count(64, 310))
    assert [(each.start, each.variant[0]) for each in found] == [(1, "1.0.2g"), (2, "1.1.1f")]


def test_prose_ends_no_table() -> None:
    rows = (
        f"{TYPE}{ROW.format(10000, 20000)}type of CPU: fast\nDoing more:\nsha1     10000.00k    20000.00k\n"
    )
    assert starts(rows) == [(1, 16), (1, 64)] * 2


def test_the_variant_is_of_the_whole_start() -> None:
    """Counts of one size only: what the other sizes have by user time alone is no reason to tear it apart."""
    text = count(16, 1875000) + VERSION + NUMBERS + TYPE + ROW.format(10000, 20000)
    found = figures(text)
    assert [each.clock for each in found] == ["elapsed", "user CPU"]
    assert {each.variant for each in found} == {("1.0.2g", "", "user-time", "EVP")}


def test_rows_of_one_name_under_one_header() -> None:
    text = TYPE + ROW.format(10000, 20000) + ROW.format(11000, 21000) + ROW.format(11000, 21000)
    assert starts(text) == [(1, 16), (1, 64), (2, 16), (2, 64)]
    assert [(each.number, each.why) for each in unclear(read(text))] == [(4, "the same row stands in line 3")]


def test_a_loop_has_its_command_once() -> None:
    table = NUMBERS + TYPE + ROW.format(10000, 20000)
    loop = "$ for i in 1 2; do openssl speed -decrypt -evp aes-128-cbc; done\n"
    assert {each.case.op for each in figures(loop + table + table)} == {"decrypt"}
    once = figures("$ openssl speed -decrypt -evp aes-128-cbc\n" + table + table)
    assert [each.case.op for each in once] == ["decrypt", "decrypt", "encrypt", "encrypt"]
    assert "-decrypt" in once[2].facts["imported_assumed"]


@pytest.mark.parametrize("order", ["counts first", "tables first"])
def test_standard_error_and_standard_output_of_several_starts(order: str) -> None:
    counts = [count(16, 1875000) + count(64, 937500), count(16, 3750000) + count(64, 1875000)]
    tables = [VERSION + NUMBERS + TYPE + ROW.format(*rates) for rates in ((10000, 20000), (20000, 40000))]
    text = "".join([*counts, *tables] if order == "counts first" else [*tables, *counts])
    imported = read(text)
    assert len(figures(text)) == 4 and {each.start for each in figures(text)} == {1, 2}
    assert all(len(each.lines) == 2 and each.variant[0] == "1.0.2g" for each in figures(text))
    assert not unclear(imported) and not other(imported)


def test_the_counts_of_the_processes_are_no_figures_of_their_own() -> None:
    counts = "+DT:sha1:3:16\n" * 2 + "+R:3000000:sha1:3.000000\n" + "+R:3030000:sha1:3.000000\n"
    got = "".join(
        f"Forked child {child}\nGot: +H:16 from {child}\nGot: +F:4:sha1:{rate}.00 from {child}\n"
        for child, rate in enumerate((16000000, 16160000))
    )
    table = f"{got}{VERSION}sha1             32160.00k\n"
    for text in (counts + table, table + counts):
        assert [(each.case.workers, each.printed) for each in figures(text)] == [(2, "32160.00k")]


# Commands


@pytest.mark.parametrize(
    "prompt",
    [
        "C:\\build>apps\\openssl",
        "PS C:\\> openssl",
        "PS C:\\> .\\openssl.exe",
        "C:\\>openssl.exe",
        '"C:\\Program Files\\OpenSSL\\bin\\openssl.exe"',
        "root@host:~# openssl",
        "% openssl",
        "+ openssl",
        "time openssl",
        "/usr/local/ssl/bin/openssl",
        "LD_LIBRARY_PATH=/opt/lib openssl",
        "❯ openssl",
        "taskset -c 1 openssl",
        "perf stat -- openssl",
        "[me@box ~]$ openssl",
        "bash-3.2$ openssl",
        "#openssl",
        "$ ./util/shlib_wrap.sh apps/openssl",
        "$ eopenssl30",
        "$ openssl-3.5",
        "$ openssl11",
        "OpenSSL>",
        "$ OPENSSL_CONF=/dev/null sudo -E openssl",
        "(openssl",
        "sh -c 'openssl",
        "cmd: `openssl",
    ],
)
def test_any_prompt(prompt: str) -> None:
    text = f"{prompt} speed -elapsed -decrypt -evp aes-128-cbc\n{count(16, 3000000)}"
    imported = read(text)
    case = only(imported)
    assert case.case.op == "decrypt" and facts(case)["imported_clock"] == "elapsed"
    assert not any("alarm" in note for note in doubts.notes(case)) and not other(imported)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("openssl speed -evp sm4 < /dev/null > a.log", ["-evp", "sm4"]),
        ("openssl speed 2>&1", []),
        ("openssl speed <cipher>", None),
        ("gopenssl speed -evp rc4", None),
        ("openssl speeds up", None),
        ("openssl speedtest -evp rc4", None),
    ],
)
def test_what_is_a_command(line: str, words: list[str] | None) -> None:
    assert command_line.arguments(line, COMMAND) == words


def test_a_command_without_options() -> None:
    text = f"$ openssl speed\n{count(16, 3000000)}"
    assert only(read(text)).case.op == "encrypt" and not other(read(text))


def test_a_command_of_two_lines() -> None:
    text = f"$ openssl speed -elapsed -decrypt \\\n    -async_jobs 8 -evp aes-128-cbc\n{count(16, 3000000)}"
    case = only(read(text))
    assert (case.case.op, case.case.q_len) == ("decrypt", 8) and not other(read(text))


def test_a_command_without_elapsed_says_that_a_table_is_by_user_time() -> None:
    table = NUMBERS + TYPE + ROW.format(10000, 20000)
    clocks = [
        {each.clock for each in figures(command + table)}
        for command in (
            "",
            "$ openssl speed -evp aes-128-cbc\n",
            "$ openssl speed $OPTIONS -evp aes-128-cbc\n",
        )
    ]
    assert clocks == [{"not known"}, {"user CPU"}, {"not known"}]


# Lines broken in two


@pytest.mark.parametrize(
    ("head", "tail"),
    [
        ("Doing sha256 for 3s on 16 size blocks:", "300 sha256's in 3.00s"),
        ("Doing AES-128-CBC ops for 3s on 16 size blocks:", "300 AES-128-CBC ops in 3.00s"),
        ("Doing aes-128 cbc for 3s on 16 size blocks:", "300 aes-128 cbc in 3.00s"),
        ("Doing 2048 bit private rsa's for 10s:", "300 2048 bit private RSA's in 9.90s"),
        ("Doing 253 bits  ecdh's for 10s:", "300 253-bits ECDH ops in 9.90s"),
        ("Doing 256 bits sign ecdsa's for 10s:", "300 256 bits ECDSA signs in 9.90s"),
        ("Doing 768 bit keygen mlkem for 10s:", "300 768-bit ML-KEM keygen in 9.90s"),
        ("Doing ML-KEM-768 keygen ops for 10s:", "300 ML-KEM-768 KEM keygen ops in 9.90s"),
        ("Doing mldsa44 signs ops for 10s:", "300 mldsa44 signature sign ops in 9.90s"),
        ("Doing 2048 bits public rsa encrypt ops for 10s:", "300 2048 bits public RSA encrypt ops in 9.90s"),
        ("Doing AES-128-CBC-HMAC-SHA1 for 3s on 8192 size blocks:", "300 evp's in 3.00s"),
    ],
)
@pytest.mark.parametrize("between", ["", "noise\n", "noise\nDoing md4 for 3s on 16 size blocks:\nnoise\n"])
def test_the_count_on_a_line_of_its_own(head: str, tail: str, between: str) -> None:
    imported = read(f"{head} \n{between}{tail} \n")
    assert only(imported).values[0].requests == 300
    assert facts(only(imported))["imported_line_number"] == f"1, {2 + between.count(chr(10))}"
    assert only(imported).case == only(read(f"{head} {tail}")).case
    assert [line.raw for line in other(imported)] == ["noise"] * between.count("noise")


def test_a_line_broken_by_a_terminal() -> None:
    line = count(16384, 100000, "aes-128-cbc-hmac-sha256").strip()
    whole = only(read(line))
    for at in (20, 45, 62, len(line) - 4):
        assert only(read(f"{line[:at]}\n{line[at:]}")).values == whole.values


def test_a_count_that_was_cut_off_has_not_the_next_ones() -> None:
    text = (
        "Doing sha1 for 3s on 16 size blocks: \nDoing sha1 for 3s on 64 size blocks: \n4000 sha1's in 3.00s\n"
    )
    imported = read(text)
    assert only(imported).case.request_size == 64 and [each.number for each in unclear(imported)] == [1]


def test_a_count_by_itself_is_told() -> None:
    imported = read(f"{count(16, 300)}4000 md5's in 3.00s\n")
    assert [(each.number, "what it is of" in each.why) for each in unclear(imported)] == [(2, True)]


def test_halves_are_told_from_other_lines() -> None:
    assert not whole_lines.is_tail("12 packets lost in 3.00s of 60s")


# Tables


@pytest.mark.parametrize(
    "text",
    [
        "type 16 bytes 64 bytes\naes-128-cbc 10000.00k 20000.00k\n",
        TYPE + ROW.format(10000, 20000),
        "| type | 16 bytes | 64 bytes |\n|---|---|---|\n| aes-128-cbc | 10000.00k | 20000.00k |\n",
        "type 16 bytes 64 bytes\n------------------\naes-128-cbc 10000.00k 20000.00k\n",
    ],
)
def test_tables_as_they_are_pasted(text: str) -> None:
    assert [mbps(case) for case in read(text).result.cases] == [[80.0], [160.0]]


@pytest.mark.parametrize(
    ("command", "row", "sizes"),
    [
        ("-multi 4 aes-128-cbc", SIX, SIZES),
        ("aes-128-cbc", SIX, SIZES),
        ("-multi 4 -bytes 1500 -evp aes-128-gcm", "aes-128-gcm  10000.00k\n", (1500,)),
        (
            "-multi 4 -aead -evp aes-128-gcm",
            SIX.replace("aes-128 cbc", "aes-128-gcm"),
            (2, 31, 136, *SIZES[3:]),
        ),
        ("-multi 4 -evp aes-128-gcm", SIX.replace("aes-128 cbc", "aes-128-gcm"), SIZES),
        ("-multi 4 aes-128-cbc", "OpenSSL 1.0.2g  1 Mar 2016\n" + SIX[: SIX.rindex(" 60")] + "\n", SIZES[:5]),
    ],
)
def test_sizes_that_are_fixed(command: str, row: str, sizes: tuple[int, ...]) -> None:
    cases = read(f"$ openssl speed {command}\n{row}").result.cases
    assert tuple(case.case.request_size for case in cases) == sizes
    assert {case.case.workers for case in cases} == {4 if "multi" in command else 1}
    assert all("no header" in facts(case)["imported_assumed"] for case in cases)


@pytest.mark.parametrize(
    "text",
    [
        SIX[: SIX.rindex(" 50")] + "\n",  # four
        SIX.replace("aes-128 cbc", "aes-128-gcm"),  # -aead has other sizes
        "OpenSSL 1.1.1f  31 Mar 2020\n" + SIX[: SIX.rindex(" 60")] + "\n",  # one is missing
        "OpenSSL 1.0.2g  1 Mar 2016\n" + SIX,  # one too many
    ],
)
def test_sizes_that_are_not_known_can_be_given(text: str) -> None:
    with pytest.raises(BenchsuiteError, match="--sizes 16,64,256"):
        read(text)
    columns = text.count("0k")
    cases = read(text, sizes=SIZES[:columns]).result.cases
    assert [case.case.request_size for case in cases] == list(SIZES[:columns])
    assert {facts(case)["imported_assumed"].rpartition("; ")[2] for case in cases} == {
        "sizes: as given with --sizes"
    }
    with pytest.raises(BenchsuiteError, match=f"{columns} figures, and --sizes gives 2"):
        read(text, sizes=(16, 64))


def test_the_sizes_of_the_counts_are_those_of_the_row() -> None:
    text = "+DT:sha1:3:16\n+R:3000:sha1:3.000000\n+DT:sha1:3:100\n+R:1000:sha1:3.000000\n"
    found = figures(f"{text}+F:4:sha1:16000.00:33333.33\n")
    assert [each.case.request_size for each in found] == [16, 100]
    assert all(len(each.lines) == 2 for each in found)


def test_sizes_on_the_command_line(cli: Cli) -> None:
    cli.directory.joinpath("multi.txt").write_text(SIX.replace("aes-128 cbc", "aes-128-gcm"))
    refused = cli.run("import", "multi.txt", "-o", "a.json")
    assert refused.returncode == 2 and "--sizes" in refused.stderr
    given = cli.run("import", "multi.txt", "-o", "a.json", "--sizes", "2,31,136,1024,8192,16384")
    assert given.returncode == 0 and "aes-128-gcm" in given.stdout
    bad = cli.run("import", "multi.txt", "-o", "b.json", "--sizes", "16,0")
    assert bad.returncode == 2 and "whole numbers of bytes" in bad.stderr and "Traceback" not in bad.stderr
    assert not Path(cli.directory, "b.json").exists()


@pytest.mark.parametrize("wrong", ["", "16,,64", "16,0", "16 64", "1e3", "-16", ",".join(["1"] * 17)])
def test_sizes_that_are_none(wrong: str) -> None:
    with pytest.raises(BenchsuiteError, match="whole numbers of bytes"):
        imports.sizes_of(wrong)
    assert imports.sizes_of("16, 64") == (16, 64)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("sha512           38305.91k   155056.85", [306.44728, 1240.4548]),  # above 10000 there is a k
        ("sha512           38305.91    155056.85k", [306.44728, 1240.4548]),
        (
            "sha512            8305.91    155056.85k",
            [66.44728, 1240.4548],
        ),  # 200 times as slow as for 64 bytes
        ("des-ede3          9876.54        10.67k", [0.07901232, 0.08536]),  # so slow it may be
        ("des-ede3          9876.54      9888.67 ", [0.07901232, 0.07910936]),
    ],
)
def test_a_k_that_was_lost(row: str, expected: list[float]) -> None:
    cases = read(f"{NUMBERS}{TYPE}{row}\n").result.cases
    assert [mbps(case)[0] for case in cases] == [pytest.approx(each) for each in expected]
    lost = [any("a k that" in note for note in doubts.notes(case)) for case in cases]
    assert any(lost) == row.startswith("sha512")
    assert [" is " in facts(case)["imported_assumed"] for case in cases] == lost


def test_a_k_that_was_lost_from_a_row_that_has_its_counts() -> None:
    text = count(16, 1875000) + TYPE.replace("     64 bytes", "") + "aes-128-cbc  10000.01\n"
    imported = read(text)
    assert len(only(imported).values) == 1 and not unclear(imported)


@pytest.mark.parametrize(
    "row", ["sha1   10000.00k", "AES-128-CBC  10000.00k", "sha512   38305.91k   155056.85"]
)
def test_a_row_by_itself_is_told(row: str) -> None:
    with pytest.raises(BenchsuiteError, match="header of its table is missing"):
        read(row)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("sha1             10000.00k", "it has 1 figures, and the header of its table 2 sizes"),
        ("sha1             10000.00k    20000.00k    30000.00k", "3 figures, and the header of its table 2"),
        ("sha1             10000.00k    2000", "cut off or broken"),
        ("sha1             10000.00k    20000.00k  <- fast", "cut off or broken"),
        ("+F:4:sha1:1.00:2.00:3.00", "3 figures"),
        ("+R:4:sha1:1.00", "what it is of is missing"),
        ("+DT:sha1:3:16", "cut off before its count"),
        ("Unknown type '+F5:1:2:3' from child 0", "did not understand"),
    ],
)
def test_no_number_is_dropped(row: str, why: str) -> None:
    imported = read(f"{NUMBERS}{TYPE}{ROW.format(10000, 20000)}{row}\n")
    assert len(imported.result.cases) == 2
    assert [(each.number, why in each.why) for each in unclear(imported)] == [(4, True)]


def test_cells_that_are_no_numbers_have_a_reason() -> None:
    text = f"{TYPE}sha1               infk        -nan\nmd5    1.#INFk     20000.00k\n"
    cases = by_name(read(text)).values()
    assert [case.measured for case in cases] == [False, False, False, True]
    assert all("printed" in case.failure.reason for case in cases if case.failure)


# What is done


@pytest.mark.parametrize(
    ("name", "op"),
    [
        ("kmac128", "digest"),
        ("kmac256", "digest"),
        ("hmac(md5)", "digest"),
        ("cmac", "digest"),
        ("cmac(aes-128-cbc)", "digest"),
        ("ghash", "digest"),
        ("poly1305", "digest"),
        ("siphash", "digest"),
        ("SHA3-256", "digest"),
        ("shake128", "digest"),
        ("BLAKE2b512", "digest"),
        ("RIPEMD160", "digest"),
        ("md5-sha1", "digest"),
        ("whirlpool", "digest"),
        ("KECCAK-256", "digest"),
        ("gmac", "digest"),
        ("rand", "generate"),
        ("CTR-DRBG", "generate"),
        ("hash-drbg", "generate"),
        ("chacha20-poly1305", "encrypt"),
        ("aes-128-cbc-hmac-sha1", "encrypt"),
        ("rc4-hmac-md5", "encrypt"),
        ("rc4", "encrypt"),
        ("camellia-128-cbc", "encrypt"),
        ("seed-cbc", "encrypt"),
    ],
)
def test_what_has_no_direction(name: str, op: str) -> None:
    for direction in ("", "-decrypt "):
        text = f"$ openssl speed {direction}{name}\n{TYPE}{name:<13}  10000.00k    20000.00k\n"
        expected = "decrypt" if op == "encrypt" and direction else op
        assert {case.case.op for case in read(text).result.cases} == {expected}
    assert naming.operation(naming.of_openssl(name)) == op
