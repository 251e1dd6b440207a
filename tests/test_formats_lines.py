"""Lines of every kind of log: what was printed is found, whatever stands before it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_fixture import patient

from benchsuite.formats.text import characters, lines

PRINTED = "tcrypt: test 0 (128 bit key, 16 byte blocks): 2248916 operations in 1 seconds (35982656 bytes)"


@pytest.mark.parametrize(
    "before",
    [
        "",
        "[    5.029222] ",
        "<6>[    5.029222] ",
        "[    5.029222] [    T231] ",
        "[    5.029222][  T231] ",
        "[  +0.000123] ",
        "[    5.029222 <    0.000123>] ",
        "kern  :info  : [    5.029222] ",
        "[Sat Nov 21 13:09:00 2026] ",
        "[Nov21 13:09] ",
        "Nov 21 13:09:00 gateway kernel: ",
        "Nov  1 13:09:00.123456 gateway kernel: [    5.029222] ",
        "2026-11-21T13:09:00+0000 gateway kernel: ",
        "2026-11-21T13:09:00.123456+00:00 gateway kernel: [    5.029222] ",
        "2026-11-21T13:09:00.1234567Z ",
        "2026-11-21 13:09:00,123 gateway runner[4711]: ",
        "[2026-11-21T13:09:00.123Z] ",
        "> > ",
        "\t    ",
        "6,1234,5029222,-;",
        "6,1234,5029222,-,caller=T231;",
        "\x1b[32m[    5.029222] \x1b[0m\x1b[33m",
        "bench (gcc)\tRun tests\t\ufeff2026-11-21T13:09:00.1234567Z ",  # gh run view --log
        "2026-11-21T13:09:00.123456Z 01O ",  # GitLab
        "\x1b_bk;t=1763730540123\x07",  # Buildkite
        "section_start:1763730540:script\r\x1b[0K",  # GitLab
        "[13:09:00]W:\t [Step 1/2] ",  # TeamCity
        "Nov 21 13:09:00 ",  # ts
        "00:00:07 ",  # ts -s
        "13:09:00.123 -> ",  # a serial monitor
        "11-21 13:09:00.123  1234  1234 I bench   : ",  # logcat
        "2026-11-21 13:09:00,123 - INFO - ",
        "[INFO] ",
        "#12 4.567 ",  # docker build
        "[pod/bench-x2/main] ",  # kubectl logs --prefix
        "[board-1] out: ",
        "[1,0]<stdout>:",  # mpirun
        "> | ",
        "\u2022 ",
        "- ",
        "<pre>",
        "[code]",
        "Sat Nov 21 13:09:00 2026 kern.info kernel: [    5.029222] ",  # logread of OpenWrt
        "<14>1 2026-11-21T13:09:00.123Z gateway bench 4711 - - ",  # RFC 5424
        "Sat 2026-11-21 13:09:00 UTC gateway bench[4711]: ",  # journalctl -o with-unit
        "    MESSAGE=",  # journalctl -o verbose
        "[bench:12] ",  # Drone
    ],
    ids=repr,
)
def test_what_a_log_puts_before_a_line(before: str) -> None:
    [line] = lines.split(before + PRINTED)
    assert line.text == PRINTED and line.number == 1
    assert line.raw.endswith(PRINTED)


APOSTROPHE = "Doing aes-128-cbc for 3s on 16 size blocks: 3000000 aes-128-cbc's in 3.00s"


@pytest.mark.parametrize(
    "instead",
    [
        "\u2019",
        "\u2018",
        "\u02bc",
        "\u00b4",
        "\uff07",
        "&#39;",
        "&#039;",
        "&#x27;",
        "&apos;",
        "&rsquo;",
        "&amp;#39;",
        "=E2=80=99",
        "\u00e2\u20ac\u2122",
        "\u00e2\x80\x99",
        "\u00a1\u00af",
    ],
)
def test_an_apostrophe_of_any_kind(instead: str) -> None:
    [line] = lines.split(APOSTROPHE.replace("'", instead))
    assert line.text == APOSTROPHE


@pytest.mark.parametrize(
    "blank", ["\u00a0", "\u2009", "\u3000", "\u202f", "&nbsp;", "=C2=A0", "\u00c2\u00a0"]
)
def test_a_blank_of_any_kind(blank: str) -> None:
    [line] = lines.split(APOSTROPHE.replace(" ", blank))
    assert line.text == APOSTROPHE


def test_a_byte_of_the_code_page_of_windows() -> None:
    assert characters.decoded(b"aes-128-cbc\x92s\xa0in \xe2\x82\xac") == "aes-128-cbc\u2019s\u00a0in \u20ac"


def test_hyphens_of_a_word_processor() -> None:
    [line] = lines.split("$ openssl speed \u2013decrypt \u2014elapsed aes\u2011128\u2011cbc")
    assert line.text == "$ openssl speed -decrypt --elapsed aes-128-cbc"


def test_a_mail_that_is_quoted_printable() -> None:
    doing = APOSTROPHE.replace("'", "=E2=80=99")
    text = f"first =3D 1\n{doing[:50]}=\n{doing[50:]}\nlast"
    assert [(line.number, line.text) for line in lines.split(text)] == [
        (1, "first = 1"),
        (2, APOSTROPHE),
        (4, "last"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        "aes-128-cbc\t10000.00k\t20000.00k",
        "| aes-128-cbc | 10000.00k | **20000.00k** |",
        "<tr><td>aes-128-cbc</td><td align=right>10000.00k</td><td>20000.00k</td></tr>",
    ],
)
def test_a_row_of_a_table_in_another_dress(row: str) -> None:
    assert lines.split(row)[0].text == "aes-128-cbc    10000.00k    20000.00k"


def test_lines_of_html() -> None:
    text = "<pre>type  16 bytes<br>aes  1.00k<br/></pre>\n"
    text += "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td></tr>"
    assert [line.text for line in lines.split(text)] == ["type  16 bytes", "aes  1.00k", "a    b", "1"]


def test_lines_of_ansible_s() -> None:
    text = 'ok: [a] => {\n  "msg": "one",\n  "stdout_lines": [\n    "two\\u2019s",\n    "three"\n  ],\n'
    text += '"stdout": "four\\nfive"\n'
    found = [line.text for line in lines.split(text)]
    assert found == ["ok: [a] => {", "one", '"stdout_lines": [', "two's", "three", "],", "four", "five"]


@pytest.mark.parametrize(
    "form", ["{}. ", " {:2}. ", "{}: ", "{:3} | ", "{}| ", "{:6}\t", "{:4} ", "{}:", "> {}. "], ids=repr
)
def test_numbers_of_lines(form: str) -> None:
    rows = ["The 'numbers' are", "type 16 bytes", "aes 1.00k", "2048 bits", "tail", "more", "and more"]
    text = "\n".join(form.format(number) + row for number, row in enumerate(rows, 7))
    assert [line.text for line in lines.split(text)] == rows


@pytest.mark.parametrize(
    "rows",
    [
        ["1: 100 MB/s", "2: 200 MB/s", "4: 300 MB/s", "8: 400 MB/s"],
        ["16. 100", "64. 200", "256. 300"],
        ["1 64 32 20000 20000", "2 64 32 20000 20000", "3 64 32 20000 20000"],
        ["1. the only one", "aes-128-cbc 10000.00k 20000.00k"],
        ["hash | sha256 | sha256-avx2 | e", "hash | sha512 | sha512-avx2 | e", "hash | sha1 | sha1-ni | e"],
        ["SHA-1 | untested", "SHA-1 | untested", "SHA-1 | untested"],
        ["aes-128 | 100 | 200", "aes-128 | 100 | 200", "aes-128 | 100 | 200"],
        ["AES(G) CBC(G) 128 |e|    1024 bytes|  30.72 MB/s|30000 ops/s"] * 3,
        ["tcrypt: test 0", "tcrypt: test 1", "tcrypt: test 2"],
        ["x25519: 100 op/s", "x25519: 200 op/s", "p-256: 300 op/s"],
        ["sha-256: 100 MB/s", "sha-256: 200 MB/s", "sha-256: 300 MB/s"],
        ["-5 x", "*a", "+DT:x:1:16", "+R:1:x:1.0"],
        ["# lcore, Buffer Size", "#12 4.5"],
    ],
    ids=lambda rows: rows[0],
)
def test_what_may_be_a_figure_or_a_name_is_no_prefix(rows: list[str]) -> None:
    assert [line.text for line in lines.split("\n".join(rows))] == rows


def test_numbers_and_names_are_prefixes_where_neighbours_agree() -> None:
    rows = ["type 16 bytes", "aes 1.00k", "sha1 2.00k", "md5 3.00k"]
    between = ["noise", *(f"{at}. {row}" for at, row in enumerate(rows, 1)), "1. not one"]
    assert [line.text for line in lines.split("\n".join(between))] == ["noise", *rows, "1. not one"]
    for form, source in (
        ("web_1  | ", "web_1"),
        ("bench-2 | ", "bench-2"),
        ("node-a: ", "node-a"),
        ("0: ", "0"),
    ):
        found = lines.split("\n".join(form + row for row in rows))
        assert [(line.text, line.source) for line in found] == [(row, source) for row in rows]


def test_the_host_of_a_line() -> None:
    text = "Nov 21 13:09:00 a kernel: x\n2026-11-21T13:09:00Z b run[7]: y\n"
    text += "build\tstep\t2026-11-21T13:09:00Z z\nw"
    assert [line.source for line in lines.split(text)] == ["a", "b", "build", ""]


def test_an_entry_of_the_journal_as_json() -> None:
    entry = json.dumps({"__CURSOR": "s=1", "PRIORITY": "6", "MESSAGE": PRINTED})
    in_bytes = json.dumps({"MESSAGE": list(PRINTED.encode())})
    assert [line.text for line in lines.split(f"{entry}\n{in_bytes}\n")] == [PRINTED, PRINTED]


def test_logs_whose_lines_are_json_or_yaml() -> None:
    quoted = json.dumps(PRINTED + "\n")
    rows = [
        f'{{"log":{quoted},"stream":"stdout","time":"2026-11-21T13:09:00Z"}}',  # docker
        f'{{"level": "info", "msg": {quoted}}}',
        f"- {{dt: '2026-11-21T13:09:00.123', lvl: target, msg: '{PRINTED}'}}",  # LAVA
        f"- {{dt: '2026-11-21T13:09:00.123', lvl: target, msg: {json.dumps(PRINTED)}}}",
    ]
    assert [line.text for line in lines.split("\n".join(rows)) if line.text] == [PRINTED] * 4
    assert lines.are_json("\n".join(rows[:2])) and not lines.are_json('{\n"benchmarks": []}')


def test_seconds_since_the_start_of_the_machine() -> None:
    text = "[  583.128741] OCF: x\n6,1,584132000,-;OCF: y\nOCF: z"
    assert [line.time for line in lines.split(text)] == [583.128741, 584.132, None]


def test_a_record_of_several_lines_keeps_the_number_of_its_line() -> None:
    found = lines.split("first\n6,1,5029002,-;tcrypt: \\x0atesting speed of x\n\nlast\r\n")
    assert [(line.number, line.text) for line in found] == [
        (1, "first"),
        (2, "tcrypt:"),
        (2, "testing speed of x"),
        (4, "last"),
    ]


def test_text_that_looks_like_a_prefix_stays() -> None:
    for text in (
        "OCF: 45133 requests of 1488 bytes in 251 jiffies",
        "AES-128-CBC 1.00k",
        "[a] b",
        "2026 x: y",
    ):
        assert lines.split(text)[0].text == text


def test_a_very_long_line_is_cut_and_its_neighbours_are_not() -> None:
    found = lines.split(f"a\n{'x' * 10**6}\nb")
    assert [line.number for line in found] == [1, 2, 3] and len(found[1].text) == lines.LONGEST


@patient
@given(st.text())
def test_any_text_has_lines_without_control_characters(text: str) -> None:
    for line in lines.split(text):
        assert (
            line.text and line.text == line.text.strip() and "\n" not in line.raw and "\x1b" not in line.raw
        )
        assert 1 <= line.number <= text.count("\n") + 1
