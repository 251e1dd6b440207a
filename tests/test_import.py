"""`benchsuite import`: mixed and damaged texts, what is kept of the source, what is shown and refused."""

from __future__ import annotations

import html
import json
import os
import random
import re
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from command import COMMAND, Cli
from import_fixture import FOREIGN, SAMPLES, TCRYPT, by_name, facts, mbps, only, other, read, sample, unclear

from benchsuite import doubts, imports, stats, store
from benchsuite.formats.registry import READERS
from benchsuite.imports import settings_of
from benchsuite.imports.reading import MOST_KEPT
from benchsuite.model import BenchsuiteError
from benchsuite.report import FORMATS, render

GOLDEN = Path(__file__).parent / "golden"
OCF = "OCF: 45133 requests of 1488 bytes in 251 jiffies (535.122 Mbps)"
LOGS = sorted([*FOREIGN.glob("*.txt"), *TCRYPT.glob("*.log")])
NO_FIGURE = ("latency", "no-such-algorithm", "without-key")
IMPORTABLE = [path for path in LOGS if not any(word in path.name for word in NO_FIGURE)]


def listing(name: str) -> str:
    """Every figure of a sample, with where it is from."""
    rows = []
    imported = sample(name)
    for case in imported.result.cases:
        for run in case.runs:
            value = f"{run.values[0].per_request:.9e} s" if run.values else "no time"
            known = [run.facts.get(f"imported_{key}", "") for key in ("requests", "clock", "precision")]
            rows.append(
                f"{run.facts['imported_line_number']}: {case.case.name}: {run.facts['imported_figure']}: "
                f"{value} ({', '.join(filter(None, known))})"
            )
    rows += [f"{each.number}: {each.why}: {each.text}" for each in unclear(imported)]
    rows += [f"{line.number}: not understood: {line.raw}" for line in other(imported)]
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("path", IMPORTABLE, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    golden, text = GOLDEN / f"import-{path.stem}.txt", listing(path.name)
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_every_reader_has_a_sample_or_the_known_line() -> None:
    found = {program for path in IMPORTABLE for program in sample(path.name).counts}
    assert found | {"ocf-bench"} == {reader.NAME for reader in READERS}


# Several programs in one text, and other lines between


def mixed() -> str:
    parts = ["[    0.0] Booting Linux", f"[  583.128741] {OCF}"]
    parts += [path.read_text() for path in IMPORTABLE]
    return "\nusb 1-1: new high-speed USB device\n".join(parts)


def test_everything_in_one_file() -> None:
    imported = read(mixed())
    alone: dict[str, int] = {"ocf-bench": 1}
    for path in IMPORTABLE:
        for program, count in sample(path.name).counts.items():
            alone[program] = alone.get(program, 0) + count
    assert imported.counts == alone
    assert sum("usb 1-1" in line.text for line in other(imported)) == len(IMPORTABLE) + 1


def test_no_line_is_lost() -> None:
    """Every line is in a figure, is the program's, gave none, or is not understood; the counts add up."""
    imported = read(mixed())
    figures = {
        int(number)
        for case in imported.result.cases
        for run in case.runs
        for number in run.facts["imported_line_number"].split(", ")
    }
    doubted, left = {each.number for each in unclear(imported)}, {line.number for line in other(imported)}
    assert not figures & left and not doubted & left
    [kept] = imported.result.environment["benchsuite_imported"]
    assert kept["lines_not_understood"] == len(other(imported)) == len(left)
    assert kept["lines_without_figure"] == len(unclear(imported))
    assert [number for number, _ in kept["not_understood"]] == sorted(left)[:MOST_KEPT]


@pytest.mark.parametrize("path", IMPORTABLE, ids=lambda path: path.stem)
def test_a_serial_console_with_other_lines_between(path: Path) -> None:
    chance = random.Random(path.name)
    noise = [
        "[    7.1] usb 1-1: new device",
        "random: crng init done",
        "systemd[1]: Started x.",
        "\x00\ufffd~",
    ]
    rows: list[str] = []
    for line in path.read_text().splitlines():
        if chance.random() < 0.4 and not line.startswith("type "):
            rows.append(chance.choice(noise))
        rows.append(line)
    text = "\r\n".join(rows)
    clean, noisy = by_name(sample(path.name)), by_name(read(text))
    assert {name: _values(case) for name, case in noisy.items()} == {
        name: _values(case) for name, case in clean.items()
    }


@pytest.mark.parametrize("before", ["[   12.345678] ", "<6>[   12.345678] ", "Nov 21 13:09:00 host kernel: "])
@pytest.mark.parametrize("path", IMPORTABLE, ids=lambda path: path.stem)
def test_any_output_captured_by_a_log(path: Path, before: str) -> None:
    text = "\n".join(before + line for line in path.read_text().splitlines())
    assert {name: _values(case) for name, case in by_name(read(text)).items()} == {
        name: _values(case) for name, case in by_name(sample(path.name)).items()
    }


def _values(case: object) -> list[object]:
    return [run.values for run in case.runs]  # type: ignore[attr-defined]


SINGLE_LINES = [path for path in IMPORTABLE if path.name.startswith(("kcapi", "crypt", "6."))]


@pytest.mark.parametrize("path", SINGLE_LINES, ids=lambda path: path.stem)
def test_cut_off_after_any_line(path: Path) -> None:
    """A figure of a part is one of the whole. (openssl speed, whose tables come last: its own tests.)"""
    lines = path.read_text().splitlines()
    whole = _figures(path.read_text())
    for end in range(1, len(lines), max(1, len(lines) // 60)):
        assert _figures("\n".join(lines[:end])) <= whole


def _figures(text: str) -> set[tuple[str, ...]]:
    try:
        cases = read(text, cycles_hz=1e9).result.cases
    except BenchsuiteError:
        return set()
    return {
        (run.facts["imported_line_number"], case.case.algorithm, case.case.op, repr(run.values))
        for case in cases
        for run in case.runs
    }


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_cut_off_at_any_byte_there_is_a_result_or_a_reason(path: Path) -> None:
    data = path.read_bytes()
    for end in range(0, len(data), max(1, len(data) // 40)):
        try:
            assert imports.read([(path.name, data[:end])]).result.cases
        except BenchsuiteError as error:
            assert len(str(error).splitlines()) <= 2


# What was done to it on the way here

WAYS: dict[str, Callable[[int, str], str]] = {
    "tabs": lambda number, line: re.sub(r" {2,}", "\t", line),
    "no-break spaces": lambda number, line: line.replace(" ", "\u00a0"),
    "a mail": lambda number, line: f"> > {line}",
    "a list": lambda number, line: f"* {line}",
    "cat -n": lambda number, line: f"{number:6}\t{line}",
    "an editor": lambda number, line: f"{number:4} | {line}",
    "numbers": lambda number, line: f"{number}. {line}",
    "docker compose": lambda number, line: f"bench-1  | {line}",
    "pdsh": lambda number, line: f"node-1: {line}",
    "GitHub": lambda number, line: f"bench\tRun tests\t2026-11-21T13:09:{number % 60:02}.1234567Z {line}",
    "GitLab": lambda number, line: f"2026-11-21T13:09:{number % 60:02}.123456Z 01O {line}",
    "docker build": lambda number, line: f"#12 {number}.123 {line}",
    "HTML": lambda number, line: html.escape(line).replace(" ", "&nbsp;") + "<br>",
    "JSON": lambda number, line: f"    {json.dumps(line)},",
    "Windows": lambda number, line: f"{line}\r",
}


@pytest.mark.parametrize("way", WAYS)
def test_what_was_done_to_a_text_on_its_way(way: str) -> None:
    for path in IMPORTABLE:
        if "skcipher-seconds" not in path.name:  # the longest
            text = path.read_text()
            changed = "\n".join(WAYS[way](number, line) for number, line in enumerate(text.splitlines(), 1))
            clean = {name: _values(case) for name, case in by_name(sample(path.name)).items()}
            assert {name: _values(case) for name, case in by_name(read(changed)).items()} == clean, path.name


@pytest.mark.parametrize("mark", ["\u2019", "\u2018", "&#39;", "=E2=80=99", "\u00e2\u20ac\u2122"])
def test_an_apostrophe_that_is_none(mark: str) -> None:
    """A count and its table stay one figure, and no line is left over."""
    text = (
        "Doing sha256 for 3s on 64 size blocks: 6000000 sha256's in 3.00s\n"
        "The 'numbers' are in 1000s of bytes per second processed.\ntype             64 bytes\n"
        "sha256         128000.00k\n"
    )
    imported = read(text.replace("'", mark))
    assert facts(only(imported))["imported_figure"] == "6000000 in 3.00 s"
    assert facts(only(imported))["imported_line_number"] == "1, 4"
    assert not other(imported) and not unclear(imported)


@pytest.mark.parametrize("width", [60, 72, 80])
@pytest.mark.parametrize("drop", [True, False], ids=["mail", "terminal"])
def test_lines_that_were_wrapped(width: int, drop: bool) -> None:
    def wrapped(line: str) -> list[str]:
        if drop:
            return textwrap.wrap(line, width, drop_whitespace=False) or [""]
        return [line[at : at + width] for at in range(0, len(line), width)] or [""]

    names = ["kcapi-speed-1.5.1.txt", "cryptodev-speed-1.14.txt", "dpdk-22.11-throughput-human.txt"]
    for name in names if width > 60 else names[:2]:  # where dpdk's header is not wrapped
        text = (FOREIGN / name).read_text() + OCF
        rows = "\n".join(row for line in text.splitlines() for row in wrapped(line))
        assert [_values(case) for case in read(rows).result.cases] == [
            _values(case) for case in read(text).result.cases
        ]


def test_a_line_that_was_cut_off_takes_nothing_of_the_next() -> None:
    line = "Encrypting in chunks of {} bytes: done. 50.00 MB in 5.00 secs: 10.00 MB/sec"
    text = f"Testing NULL cipher: \n{line.format(512)[:34]}\n{line.format(1024)}\n{OCF[:30]}\n{OCF}"
    imported = read(text)
    assert [case.case.request_size for case in imported.result.cases] == [1024, 1488]
    assert [each.number for each in unclear(imported)] == [2]


# What is kept, and what becomes of it


def test_the_source_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "dmesg of <b>gateway.txt"
    text = f"hello\n[  583.128741] {OCF}\nOCF: 1 requests of 0 bytes in 0 jiffies\n"
    result = imports.read([(str(path), text.encode())]).result
    [kept] = result.environment["benchsuite_imported"]
    assert kept["file"] == path.name and str(tmp_path) not in json.dumps(result.environment)
    assert kept["figures"] == {"ocf-bench": 1} and kept["lines"] == 3
    assert kept["not_understood"] == [[1, "hello"]] and kept["without_figure"][0][0] == 3
    assert facts(result.cases[0])["imported_line"] == f"[  583.128741] {OCF}"
    assert facts(result.cases[0])["imported_line_number"] == "2"


@pytest.mark.parametrize("path", IMPORTABLE, ids=lambda path: path.stem)
def test_an_imported_result_is_a_result_like_any_other(path: Path, tmp_path: Path) -> None:
    result = sample(path.name).result
    file = tmp_path / "r.json"
    store.save(result, file)
    assert store.load(file) == result
    for name in FORMATS:
        assert render(result, name, 100)
    for across in ("table", "json", "csv", "markdown"):
        assert render(result, across, 100, across="backend")
    for case in result.cases:
        assert doubts.notes(case) or not case.measured
        if case.measured:
            low, high = stats.summary(case).interval
            assert 0 < low <= stats.summary(case).seconds <= high
            assert stats.summary(case).cpu is None  # nobody printed CPU seconds of both kinds


def test_pyperf_reads_it(tmp_path: Path) -> None:
    import pyperf

    result = sample("kcapi-speed-1.5.1.txt").result
    store.save(result, tmp_path / "r.json")
    suite = pyperf.BenchmarkSuite.load(str(tmp_path / "r.json"))
    assert [benchmark.median() for benchmark in suite] == pytest.approx(
        [stats.summary(case).seconds for case in result.cases]
    )


def test_the_same_line_again_is_another_value() -> None:
    case = only(read(f"{OCF}\n{OCF}\n{OCF}"))
    assert len(case.runs) == 3 and [run.round for run in case.runs] == [0, 1, 2]


def test_several_files_are_one_result() -> None:
    files = [("a.log", OCF.encode()), ("b.log", f"noise\n{OCF}".encode())]
    files.append(("kcapi.txt", (FOREIGN / "kcapi-speed-1.5.1.txt").read_bytes()))
    imported = imports.read(files)
    first, *rest = imported.result.cases
    assert [run.facts["imported_file"] for run in first.runs] == ["a.log", "b.log"]
    assert len(rest) == 10 and imported.counts == {"ocf-bench": 2, "kcapi-speed": 16}
    sources = imported.result.environment["benchsuite_imported"]
    assert [source["file"] for source in sources] == ["a.log", "b.log", "kcapi.txt"]
    assert [source["lines_not_understood"] for source in sources] == [0, 1, 0]
    with pytest.raises(BenchsuiteError, match=r"bad\.log: no figure"):
        imports.read([*files, ("bad.log", b"hello")])


def test_too_many_variants_are_no_log() -> None:
    text = "\n".join(f"AES({i}) CBC(G) 128,e,16,1600,100" for i in range(1100))
    with pytest.raises(BenchsuiteError, match="1000 drivers"):
        read(text)


def test_settings_change_every_case() -> None:
    changed = settings_of(["backend=ocf-bench:hifn", "q_len=20", "cbimm=0", "in_place=false", "iv=chained"])
    case = imports.read([("x", OCF.encode())], None, changed).result.cases[0].case
    assert (case.backend, case.q_len, case.cbimm, case.in_place, case.iv) == (
        "ocf-bench:hifn",
        20,
        0,
        False,
        "chained",
    )


@pytest.mark.parametrize(
    "word",
    [
        "q_len",
        "q_len=",
        "q_len=0",
        "q_len=x",
        "qlen=3",
        "cbimm=2",
        "request_size=5",
        "in_place=yes",
        "iv=x",
        "backend=",
        "algorithm=a/b",
        "=3",
        "backend=\x1b[31m",
        "q_len=99999999999999999999",
    ],
)
def test_settings_that_no_case_has(word: str) -> None:
    with pytest.raises(BenchsuiteError) as caught:
        settings_of([word])
    assert str(caught.value).isprintable()


# What is refused


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"hello\nworld\n", "no figure in 2 lines"),
        (b"\x1f\x8b\x08", "gunzip"),
        (b"\xfd7zXZ\x00", "unxz"),
        (b"PK\x03\x04", "unzip"),
        (b"\x7fELF" + bytes(range(256)) * 10, "no figure"),
        (b"tcrypt: test 0 (128 bit key, 16 byte blocks): 1 operations in 1 seconds (16 bytes)", "its header"),
        (b"<html><script>alert(1)</script></html>", "no figure"),
        (b"{" * 1000, "no figure"),
        (b'{"a": [1, 2', "is it whole"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_nothing_to_import(data: bytes, says: str) -> None:
    with pytest.raises(BenchsuiteError, match=says) as caught:
        imports.read([("a.log", data)])
    text = str(caught.value)
    assert caught.value.exit_status == 2 and len(text.splitlines()) <= 2 and len(text) < 500
    assert all(line.isprintable() for line in text.splitlines())


def test_utf_16_as_a_shell_of_windows_writes_it() -> None:
    assert mbps(only(read(OCF.encode("utf-16"))))


def test_a_hostile_log_is_read_in_reasonable_time() -> None:
    """Every line looks like every program's: nothing may take quadratic time."""
    rows = [
        "tcrypt: test 1 (128 bit key, 16 byte blocks): ",
        "tcrypt: encryption() failed return code=-22",
        "Doing x for 3s on 16 size blocks: 1 x's in 1.00s",
        "+DT:x:1:16",
        "+R:1:x:1.0",
        "+H:16",
        "+F:1:x:1:2",
        "Got: +F:1:x:1.0 from 1",
        "+DTP:1:sign:rsa:1",
        "+R1:1:1:1.0",
        "+F2:1:1:1.0:1.0",
        "x 1.00k 2.00k",
        "rsa 1 bits 1.0s 1.0s 1.0 1.0",
        "sign    verify    sign/s verify/s",
        "type  16 bytes",
        "lcore id Buf Size Failed Enq",
        "1 64 32 1 1 0 0 1.0 1.0 1.0",
        "x |e| 1 bytes| 1 B/s|1 ops/s",
        "aes-xts 512b 1.0 MiB/s 2.0 MiB/s",
        "Encrypting in chunks of 1 bytes: done. 1 B in 1 secs: 1 B/sec",
        OCF,
        "OCF: testing a/b/c/request_size=1",
        OCF[:40],
        "Before:",
        "## A",
        "a@b:~# x",
        "compiler: gcc",
        "a  1 x |  a 1 y",
        "web_1 | x",
        "node-a: y",
        "1. x",
        "12 w",
        "@@ -1,2 +3,4 @@",
        "-x",
        "+y",
        "Nov 21 13:09:00 a kernel: x",
        "Nov 21 13:09:00 b kernel: y",
        "a    " * 500,
        "<p>" * 900,
        "x" * 3000,
        "1" * 3000,
        " " * 3000 + "x",
        "((((" * 800,
    ]
    text = "\n".join(rows * 300)
    assert (
        len(read(text).result.cases) > 5
    )  # the limit is pytest's patience: seconds, where n² would be hours


def test_html_and_escapes_in_names_stay_text() -> None:
    name = "<img/src=x onerror=alert(1)>\x1b[31m"
    text = f"tcrypt: testing speed of async {name} ({name}) encryption\nAES(<b>) CBC(G) 128,e,16,1600,100\n"
    for case in read(text).result.cases:
        assert "\x1b" not in json.dumps(case.case.to_dict(), ensure_ascii=False)
    table = render(read(text).result, "markdown", None)
    assert "<b>" not in table


# The command


def test_the_command_end_to_end(cli: Cli) -> None:
    (cli.directory / "dmesg.txt").write_text(
        f"boot\n[  583.128741] {OCF}\nOCF: 7 requests of 9 bytes in 0 jiffies\n"
    )
    done = cli.run("import", "dmesg.txt", "-o", "r.json")
    assert done.returncode == 0, done.stderr
    assert "535.1" in done.stdout and "aes-192-cbc+hmac-sha1" in done.stdout
    assert "figures: 1 of ocf-bench; in 3 lines" in done.stderr
    assert "line 3: OCF: 7 requests" in done.stderr and "line 1: boot" in done.stderr
    assert done.stderr.rstrip().endswith("result: r.json")
    assert "535.1" in cli.run("show", "r.json").stdout
    assert "already" in cli.refuses("import", "r.json", "-o", "again.json")
    assert "--overwrite" in cli.refuses("import", "dmesg.txt", "-o", "r.json")
    assert cli.run("import", "dmesg.txt", "-o", "r.json", "--overwrite", "-q").stdout == ""
    assert "not overwritten" in cli.refuses("import", "dmesg.txt", "-o", "dmesg.txt", "--overwrite")


def test_from_a_pipe_and_into_results(cli: Cli) -> None:
    done = subprocess.run(
        [COMMAND, "import", "-", "--hz", "100", "-s", "q_len=8", "-f", "csv"],
        cwd=cli.directory,
        input="OCF: 45133 requests of 1488 bytes in 251 jiffies\n",
        text=True,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    [path] = (cli.directory / "results").glob("imported-*.json")
    case = store.load(path).cases[0]
    assert case.values[0].wall == 2.51 and case.case.q_len == 8
    assert done.stdout.splitlines()[1].startswith('"ocf-bench/')


def test_few_lines_are_shown_and_all_on_demand(cli: Cli) -> None:
    (cli.directory / "a.log").write_text("\n".join([OCF, *(f"noise {i}" for i in range(50))]))
    few = cli.run("import", "a.log", "-o", "1.json").stderr
    assert "50 lines not understood, the first 5 (--all shows all):" in few and "noise 40" not in few
    everything = cli.run("import", "a.log", "-o", "2.json", "--all").stderr
    assert "noise 49" in everything


def test_cycles_are_said_to_lack_a_rate(cli: Cli) -> None:
    log = TCRYPT / "6.1-aead-cycles-mode212.log"
    done = cli.run("import", log, "-o", "r.json")
    assert done.returncode == 0 and "--cycles-mhz" in done.stderr and "15828 cycles" in done.stdout
    assert "'nan' is no rate" in cli.refuses("import", log, "-o", "n.json", "--cycles-mhz", "nan")
    done = cli.run("import", log, "-o", "s.json", "--cycles-mhz", "2794.75")
    assert done.returncode == 0 and "--cycles-mhz" not in done.stderr
    case = store.load(cli.directory / "s.json").cases[0]
    assert case.values[0].cycles == 15828 and case.values[0].wall == pytest.approx(15828 / 2794.75e6)


def test_a_user_s_mistakes(cli: Cli) -> None:
    (cli.directory / "a.log").write_text(OCF)
    (cli.directory / "big.log").write_bytes(b"x\n" * (imports.TEXT.most // 2 + 1))
    (cli.directory / "cut.json").write_text('{"machine_info": {}, "benchmarks": [')
    assert "no such file" in cli.refuses("import", "none.log", "-o", "r.json")
    assert "directory" in cli.refuses("import", ".", "-o", "r.json")
    assert "larger than" in cli.refuses("import", "big.log", "-o", "r.json")
    assert "whole" in cli.refuses("import", "cut.json", "-o", "r.json")
    assert "did you mean 'q_len'" in cli.refuses("import", "a.log", "-s", "qlen=3", "-o", "r.json")
    assert "no directory" in cli.refuses("import", "a.log", "-o", "none/r.json")
    assert not (cli.directory / "r.json").exists()


# Hostile result files, at every command that reads one


def hostile() -> dict[str, bytes]:
    newer = b'{"version": "1.0", "metadata": {}, "benchsuite": {"format": 99}, "benchmarks": []}'
    deep = b'{"benchsuite": ' + b"[" * 200_000
    huge = b'{"benchsuite": {"format": ' + b"9" * 5000 + b"}}"
    nan = b'{"version": "1.0", "benchsuite": {"format": 1, "profile": NaN}, "benchmarks": []}'
    wrong = json.dumps({"version": "1.0", "benchsuite": {"format": "1"}, "benchmarks": {}}).encode()
    text = json.dumps(
        {"version": "1.0", "benchsuite": {"format": 1, "profile": "<script>", "why": 3}}
    ).encode()
    return {
        "newer": newer,
        "deep": deep,
        "huge": huge,
        "nan": nan,
        "wrong": wrong,
        "text": text,
        "empty": b"",
        "binary": bytes(range(256)),
        "list": b"[]",
        "null": b"null",
        "cut": b'{"version": "1.0", "bench',
    }


@pytest.mark.parametrize("name", hostile())
def test_a_result_file_that_is_none(cli: Cli, name: str) -> None:
    (cli.directory / "r.json").write_bytes(hostile()[name])
    for arguments in (["show", "r.json"], ["export", "r.json", "-t", "openmetrics"]):
        assert "r.json" in cli.refuses(*arguments)


def test_a_result_file_of_100_mb(cli: Cli) -> None:
    with (cli.directory / "r.json").open("wb") as file:
        file.truncate(100 * 10**6)  # of NUL
    assert "not JSON" in cli.refuses("show", "r.json")
    with (cli.directory / "r.json").open("wb") as file:
        file.truncate(300 * 10**6)
    assert "larger than 200 MB: this cannot be a result" in cli.refuses("show", "r.json")
    assert "larger than" in cli.refuses("import", "r.json", "-o", "x.json")


def test_there_are_samples() -> None:
    assert len(IMPORTABLE) >= 20 and SAMPLES.is_dir()
