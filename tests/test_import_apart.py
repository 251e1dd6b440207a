"""What is a repetition, and what is of another run: told by versions, builds, machines, headings, columns."""

from __future__ import annotations

import pytest
from command import Cli
from import_fixture import FOREIGN, TCRYPT, by_name, mbps, other, read

from benchsuite import imports
from benchsuite.imports import Imported

NUMBERS = "The 'numbers' are in 1000s of bytes per second processed."


def table(first: str = "10000.00k", second: str = "20000.00k", name: str = "aes-128-cbc") -> str:
    return f"{NUMBERS}\ntype             16 bytes     64 bytes\n{name}      {first}    {second}\n"


ONE, TWO = table(), table("30000.00k", "60000.00k")


def found(text: str) -> dict[str, list[float]]:
    """Mbps of 16 bytes by backend."""
    return backends(read(text))


def backends(imported: Imported) -> dict[str, list[float]]:
    by_name(imported)
    return {
        case.case.backend: [round(each, 3) for each in mbps(case)]
        for case in imported.result.cases
        if case.case.request_size == 16
    }


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ("Before:", "After:", ("Before", "After")),
        ("## build A", "## build B", ("build-A", "build-B")),
        ("=== AES-NI off ===", "=== AES-NI on ===", ("AES-NI-off", "AES-NI-on")),
        ("**Raspberry Pi 3**", "**Raspberry Pi 4**", ("Raspberry-Pi-3", "Raspberry-Pi-4")),
        ("[stock]", "[patched]", ("stock", "patched")),
        ("Old kernel\n==========", "New kernel\n==========", ("Old-kernel", "New-kernel")),
        ("<h2>gcc</h2>", "<h2>clang</h2>", ("gcc", "clang")),
        ("Without the patch", "With the patch (v2)", ("Without-the-patch", "With-the-patch-(v2)")),
        ("[b]R7800[/b]", "[b]WRT1900ACS[/b]", ("R7800", "WRT1900ACS")),
        ("stock kernel", "my kernel", ("stock-kernel", "my-kernel")),
        ("", "After:", ("run-1", "After")),
        ("1. Results\n## A\n### openssl", "## B\n### openssl", ("A", "B")),
        ("Before:\nopenssl:", "After:\nopenssl:", ("Before", "After")),
        ("root@pi3:~# openssl speed aes-128-cbc", "root@pi4:~# openssl speed aes-128-cbc", ("pi3", "pi4")),
        ("[me@a ~]$ openssl speed aes-128-cbc", "[me@b ~]$ openssl speed aes-128-cbc", ("a", "b")),
        ("$ openssl speed aes-128-cbc", "$ openssl speed -engine qat aes-128-cbc", ("run-1", "engine-qat")),
        ("$ taskset -c 0 openssl speed aes-128-cbc", "$ taskset -c 4 openssl speed aes-128-cbc", ("0", "4")),
        ("model name\t: Cortex-A53", "model name\t: Cortex-A72", ("Cortex-A53", "Cortex-A72")),
        ("Linux version 5.4.0 (x)", "Linux version 6.1.0 (x)", ("5.4.0", "6.1.0")),
        ("Variant: opt/a", "Variant: opt/b", ("Variant-opt-a", "Variant-opt-b")),
        ("Board: rpi4", "Board: rpi5", ("Board-rpi4", "Board-rpi5")),
        ("We tried this:\nsome words of it\nBEFORE", "AFTER", ("BEFORE", "AFTER")),
        ("We tried this:\nsome words of it\nmaster", "master + {inlined}", ("master", "master-+-inlined")),
        (
            "A laptop" + " of mine" * 12 + ":",
            "A server" + " of mine" * 12 + ":",
            ("A-laptop-of-mine-of-mine-of-mine-of-mine", "A-server-of-mine-of-mine-of-mine-of-mine"),
        ),
        ("me@a:~# ls", "me@a:~# modprobe -r caam", ("run-1", "modprobe--r-caam")),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_runs_that_something_tells_apart(before: str, after: str, names: tuple[str, str]) -> None:
    assert found(f"{before}\n{ONE}\n{after}\n{TWO}") == {
        f"openssl-speed:{names[0]}": [80.0],
        f"openssl-speed:{names[1]}": [240.0],
    }


@pytest.mark.parametrize(
    "between",
    [
        "",
        "\n\n",
        "Run 2:",
        "=== run 2/3 ===",
        "# 2",
        "Second run:",
        "real    0m3.010s\nuser    0m2.990s\nsys     0m0.004s",
        "Sat Nov 21 13:09:00 UTC 2026",
        "[  583.128741] usb 1-1: new high-speed device",
        "----------",
        "Linux version 5.4.0 (x)",
    ],
)
def test_plain_repetitions_are_values_of_one_case(between: str) -> None:
    assert found(f"{ONE}{between}\n{TWO}") == {"openssl-speed": [80.0, 240.0]}


def test_a_command_that_is_given_again_is_a_repetition() -> None:
    command = "$ openssl speed aes-128-cbc\n"
    assert found(f"{command}{ONE}{command}{TWO}") == {"openssl-speed": [80.0, 240.0]}


@pytest.mark.parametrize(
    "name",
    [
        "kcapi-speed-1.5.1.txt",
        "cryptodev-speed-1.14.txt",
        "cryptsetup-2.6-benchmark.txt",
        "6.1-aead-cycles-mode212.log",
        "dpdk-22.11-throughput-human.txt",
        "dpdk-22.11-throughput-csv.txt",
        "openssl-3.0.19-public-key.txt",
    ],
)
def test_runs_of_any_program(name: str) -> None:
    path = FOREIGN / name if (FOREIGN / name).exists() else TCRYPT / name
    text = path.read_text()
    once = read(text).result.cases
    apart = read(f"Before:\n{text}\nAfter:\n{text}").result.cases
    assert len(apart) == 2 * len(once)
    assert sum(case.case.backend.endswith("Before") for case in apart) == len(once)
    again = read(f"{text}\n{text}").result.cases
    assert [case.case for case in again] == [case.case for case in once]
    assert [len(case.runs) for case in again] == [2 * len(case.runs) for case in once]


def test_a_kernel_that_was_built_again() -> None:
    boots = [
        f"[    0.0] Linux version 6.1.0+ (me@b) (gcc 12) #{number} SMP Tue Nov 24 2026" for number in (7, 8)
    ]
    assert found(f"{boots[0]}\n{ONE}{boots[1]}\n{TWO}") == {
        "openssl-speed:build-7": [80.0],
        "openssl-speed:build-8": [240.0],
    }
    assert found(f"{boots[0]}\n{ONE}{boots[0]}\n{TWO}") == {"openssl-speed": [80.0, 240.0]}


def test_the_same_heading_and_host_again_is_a_repetition() -> None:
    part = "=== AES ===\nroot@a:~# openssl speed aes-128-cbc\n"
    assert found(part + ONE + part + TWO) == {"openssl-speed": [80.0, 240.0]}


def test_a_run_is_never_torn_over_two_backends() -> None:
    """Where only some cases are in both runs, and where only one run has an algorithm."""
    wide = f"{NUMBERS}\ntype  16 bytes  64 bytes  16384 bytes\naes-128-cbc  1000.00k  2000.00k  3000.00k\n"
    sha = table(name="sha256")
    for first, second, names in (
        ("OpenSSL 1.0.2g  1 Mar 2016", "OpenSSL 1.1.1f  31 Mar 2020", ("1.0.2g", "1.1.1f")),
        ("## build A", "## build B", ("build-A", "build-B")),
    ):
        cases = read(f"{first}\n{ONE}{second}\n{wide}{second}\n{sha}").result.cases
        sizes = {
            name: {case.case.request_size for case in cases if case.case.backend.endswith(name)}
            for name in names
        }
        assert sizes == {names[0]: {16, 64}, names[1]: {16, 64, 16384}}
        assert {case.case.backend for case in cases} == {f"openssl-speed:{name}" for name in names}


def test_headings_of_runs_without_a_common_case_stay_out_of_the_names() -> None:
    text = f"## A\n{ONE}## B\n{TWO}## only sha\n{table(name='sha256')}"
    assert {case.case.backend for case in read(text).result.cases} == {
        "openssl-speed:A",
        "openssl-speed:B",
        "openssl-speed",
    }


def test_a_heading_holds_until_the_next_one() -> None:
    text = f"Before:\n{ONE}{ONE}After:\n{TWO}{TWO}"
    assert found(text) == {"openssl-speed:Before": [80.0, 80.0], "openssl-speed:After": [240.0, 240.0]}


def test_builds_that_differ() -> None:
    a = ONE.replace(NUMBERS, f"compiler: gcc -O2 -fPIC\n{NUMBERS}")
    b = TWO.replace(NUMBERS, f"compiler: gcc -O3 -fPIC\n{NUMBERS}")
    assert found(a + b) == {"openssl-speed:O2": [80.0], "openssl-speed:O3": [240.0]}
    assert found(a + a) == {"openssl-speed": [80.0, 80.0]}
    several = imports.read([("a.log", a.encode()), ("b.log", b.encode())])
    assert backends(several) == {"openssl-speed:O2": [80.0], "openssl-speed:O3": [240.0]}


def test_several_files_are_values_of_all_whatever_stands_above() -> None:
    several = imports.read([("a.log", f"root@a:~# x\nBefore:\n{ONE}".encode()), ("b.log", TWO.encode())])
    assert backends(several) == {"openssl-speed": [80.0, 240.0]}
    twice = imports.read([(name, f"Before:\n{ONE}After:\n{TWO}".encode()) for name in ("a.log", "b.log")])
    assert backends(twice) == {"openssl-speed:Before": [80.0, 80.0], "openssl-speed:After": [240.0, 240.0]}


def test_two_machines_in_one_log_and_neither_is_claimed_for_all() -> None:
    text = (
        f"root@a:~# grep model /proc/cpuinfo\nmodel name\t: A53\nroot@a:~# openssl speed aes-128-cbc\n{ONE}"
    )
    one = read(text).result.environment
    assert one["cpu_model_name"] == "A53"
    two = read(f"{text}root@b:~# openssl speed aes-128-cbc\n{TWO}")
    assert "cpu_model_name" not in two.result.environment
    assert backends(two) == {"openssl-speed:a": [80.0], "openssl-speed:b": [240.0]}


SHA = [
    "testing speed of async sha1 (sha1-generic)",
    "test  0 (   16 byte blocks,   16 bytes per update,   1 updates): {} opers/sec, {} bytes/sec",
]


def test_two_hosts_that_log_in_turn() -> None:
    rows = []
    for row in SHA:
        for host, rate in (("a", 1000), ("b", 3000)):
            rows.append(f"Nov 21 13:09:00 {host} kernel: {row.format(rate, 16 * rate)}")
    cases = {case.case.backend: mbps(case) for case in read("\n".join(rows)).result.cases}
    assert cases == {"tcrypt:a": pytest.approx([0.128]), "tcrypt:b": pytest.approx([0.384])}


def test_the_cycle_counter_of_one_host_is_not_the_other_s() -> None:
    rows = [
        "testing speed of sha1 (sha1-generic)",
        "test  0 (16 byte blocks, 16 bytes per update, 1 updates): 4000 cycles/operation, 250 cycles/byte",
    ]
    text = "Nov 21 13:09:00 a kernel: tsc: Detected 1000.000 MHz TSC\n" + "\n".join(
        f"Nov 21 13:09:00 {host} kernel: {row}" for host in "ab" for row in rows
    )
    cases = {case.case.backend: mbps(case) for case in read(text).result.cases}
    assert cases == {"tcrypt:cycles,a": pytest.approx([32.0]), "tcrypt:cycles,b": []}


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ("web_{}  | ", ("web_1", "web_2")),
        ("bench-{} | ", ("bench-1", "bench-2")),
        ("node{}: ", ("node1", "node2")),
        ("bench ({})\tRun\t2026-11-21T13:09:00.1234567Z ", ("1", "2")),
        ("[pod/bench-{}/main] ", ("bench-1-main", "bench-2-main")),
    ],
)
def test_containers_hosts_and_jobs(form: str, names: tuple[str, str]) -> None:
    doing = "Doing sha256 for 3s on {} size blocks: {}000000 sha256's in 3.00s"
    rows = [form.format(number) + doing.format(size, number) for size in (16, 64) for number in (1, 2)]
    one, two = names
    cases = {
        (case.case.backend, case.case.request_size): case.values[0].requests
        for case in read("\n".join(rows)).result.cases
    }
    assert cases == {
        (f"openssl-speed:{one}", 16): 10**6,
        (f"openssl-speed:{two}", 16): 2 * 10**6,
        (f"openssl-speed:{one}", 64): 10**6,
        (f"openssl-speed:{two}", 64): 2 * 10**6,
    }


@pytest.mark.parametrize("between", ["\t", "   |   ", "  <  "])
def test_two_columns(between: str) -> None:
    rows = [row.format(1000, 16000) + between + row.format(3000, 48000) for row in SHA]
    cases = {case.case.backend: mbps(case) for case in read("\n".join(rows)).result.cases}
    assert cases == {"tcrypt:left": pytest.approx([0.128]), "tcrypt:right": pytest.approx([0.384])}


def test_the_two_sides_of_a_diff() -> None:
    text = (
        "--- a/before.txt\n+++ b/after.txt\n@@ -1,3 +1,3 @@\n"
        f" {NUMBERS}\n type  16 bytes  64 bytes\n"
        "-aes-128-cbc  10000.00k  20000.00k\n+aes-128-cbc  30000.00k  60000.00k\n"
    )
    assert found(text) == {"openssl-speed:before.txt": [80.0], "openssl-speed:after.txt": [240.0]}


@pytest.mark.parametrize("quoted", ["", "> ", ">> ", ">>    | "])
def test_a_diff_in_a_mail_is_of_its_hunks_only(quoted: str) -> None:
    """What stands before it, as in a patch's message, is measured once; a quotation's marks are no sides."""
    hunk = (
        f"--- a/x.c\n+++ b/x.c\n@@ -1,5 +1,5 @@\n {NUMBERS}\n type  16 bytes  64 bytes\n"
        "-aes-128-ctr  10000.00k  20000.00k\n+aes-128-ctr  30000.00k  60000.00k\n\n return 0;\n"
    )
    mail = "".join(f"{quoted}{row}\n" for row in (ONE + hunk + table(name="aes-256-cbc")).splitlines())
    assert found(mail) == {"openssl-speed": [80.0], "openssl-speed:old": [80.0], "openssl-speed:new": [240.0]}
    names = [case.case.algorithm for case in read(mail).result.cases if case.case.request_size == 16]
    assert sorted(names) == ["aes-128-cbc", "aes-128-ctr", "aes-128-ctr", "aes-256-cbc"]


def test_the_head_of_a_mail_is_no_heading() -> None:
    head = "Received: from a\n\twith ESMTP id 1\nX-Spam:\nDKIM-Signature: a=b;\n h=From:To:\n\n"
    assert found(f"{head}Before:\n{ONE}After:\n{TWO}") == {
        "openssl-speed:Before": [80.0],
        "openssl-speed:After": [240.0],
    }


@pytest.mark.parametrize("way", ["**{}**", "{}", "AES {}ion:\nBaseline (master):", "{}ion\n\nThis patch:"])
def test_a_heading_says_the_direction(way: str) -> None:
    """Over two tables that do not say it."""
    imported = read(f"{way.format('Encrypt')}\n{ONE}\n{way.format('Decrypt')}\n{TWO}")
    ops = {case.case.op: mbps(case) for case in imported.result.cases if case.case.request_size == 16}
    assert ops == {"encrypt": [80.0], "decrypt": [240.0]}
    said = [case.runs[0].facts["imported_assumed"] for case in imported.result.cases]
    assert [each.startswith("op=decrypt: a heading says so; q_len=1") for each in said] == [False] * 2 + [
        True
    ] * 2
    both = read(f"**Encrypt and decrypt**\n{ONE}").result.cases
    assert {case.case.op for case in both} == {"encrypt"}


def test_a_start_ends_where_all_comes_again_after_a_heading() -> None:
    """A reader may take two runs for one start: Go's prints nothing between."""
    one = "BenchmarkAESGCM-4  100  1000 ns/op  64.00 MB/s\nBenchmarkAESCTR-4  100  1000 ns/op  64.00 MB/s\n"
    imported = read(f"Go 1.5:\n{one}Go 1.6:\n{one}{one}")
    counts = {case.case.backend: len(case.values) for case in imported.result.cases}
    assert counts == {"go-testing:Go-1.5": 1, "go-testing:Go-1.6": 2}


def test_a_table_with_wide_columns_is_no_two_columns() -> None:
    text = "aes-xts        512b        65.3 MiB/s        69.7 MiB/s\n" * 3
    assert len(read(text).result.cases) == 2


# What is said


def test_what_became_of_the_figures_is_said(cli: Cli) -> None:
    (cli.directory / "a.log").write_text(f"hello\n{ONE}{TWO}")
    done = cli.run("import", "a.log", "-o", "a.json")
    assert "4 figures make 2 cases, because the same case comes again" in done.stderr
    assert "request_size=16" in done.stderr and "lines 4; 7" in done.stderr
    (cli.directory / "b.log").write_text(f"Before:\n{ONE}After:\n{TWO}")
    done = cli.run("import", "b.log", "-o", "b.json")
    assert "runs are told apart by: Before, After" in done.stderr
    assert "make" not in done.stderr and "not understood" not in done.stderr


def test_what_became_of_the_figures_is_kept() -> None:
    imported = read(f"hello\nBefore:\n{ONE}{ONE}After:\n{TWO}")
    [kept] = imported.result.environment["benchsuite_imported"]
    assert kept["figures"] == {"openssl-speed": 6} and kept["cases"] == 4
    assert kept["told_apart"] == ["Before", "After"] and [line.raw for line in other(imported)] == ["hello"]
    assert [numbers for _, numbers in kept["again"]] == ["5; 8", "5; 8"]
