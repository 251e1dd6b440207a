"""Benchmarks that are known and not read are named; figures that nothing reads are counted, with a reason."""

from __future__ import annotations

import json

import pytest
from import_fixture import other, read, unclear

from benchsuite.formats import known
from benchsuite.model import BenchsuiteError

OUTPUTS = {
    "libgcrypt's bench-slope": "Hash:\n                |  nanosecs/byte   mebibytes/sec   cycles/byte\n"
    " SHA256         |      2.11 ns/B     452.0 MiB/s         - c/B",
    "gnutls-cli": "Checking AEAD ciphers, payload size: 16384\n             AES-128-GCM 1.61 GB/sec",
    "nettle-benchmark": "benchmark call overhead: 0.001777 us\n\n         Algorithm         mode Mbyte/s",
    "Crypto++'s cryptest b": "<TH>Algorithm<TH>MiB/Second<TH>Cycles/Byte",
    "liboqs's": "Operation      | Iterations | Total time (s) | Time (us): mean | pop. stdev",
    "criterion.rs": "aes128/seal   time:   [1.2011 µs 1.2034 µs 1.2060 µs]",
    "cargo bench": "test aes128_cbc ... bench:       1,234 ns/iter (+/- 56) = 829 MB/s",
    "google/benchmark": "Benchmark              Time             CPU   Iterations\nBM_Aes/64    55 ns",
    "benchstat": "name          old time/op  new time/op  delta\nAESGCMSeal1K-4  341ns ± 1%  503ns ± 0%",
    "benchcmp": "benchmark              old ns/op  new ns/op  delta\nBenchmarkAES  12345  1234  -90.00%",
    "JMH": "# JMH version: 1.37\nBenchmark   Mode  Cnt   Score   Error  Units",
    "hyperfine": "Benchmark 1: openssl\n  Time (mean ± σ):     100.2 ms ±   0.4 ms",
    "perf stat": " Performance counter stats for 'openssl':\n    1,234,567      cycles",
    "perf bench": "# Running 'sched/messaging' benchmark:\n     Total time: 0.308 [sec]",
    "sslscan": "  Supported Server Cipher(s):\nPreferred TLSv1.3  128 bits  TLS_AES_128_GCM_SHA256",
    "sysbench": "sysbench 1.0.20 (using system LuaJIT 2.1.0-beta3)\n    events per second:   912.33",
    "stress-ng": "stress-ng: info:  [4711] dispatching hogs: 1 cpu",
    "fio": "fio-3.33\nRun status group 0 (all jobs):\n   READ: bw=1024MiB/s",
    "iperf": "[ ID] Interval           Transfer     Bitrate\n[  5] 0.00-10.00 sec  941 Mbits/sec",
    "netperf": "MIGRATED TCP STREAM TEST from 0.0.0.0 port 0 AF_INET to localhost",
    "rngtest": "rngtest: FIPS 140-2 successes: 999",
    "TRex": "-Per port stats table\n      ports |               0 |               1",
    "7z b": "                       Compressing  |                  Decompressing\nDict     Speed Usage",
    "dd": "1073741824 bytes (1.1 GB, 1.0 GiB) copied, 0.52341 s, 2.1 GB/s",
    "hdparm": " Timing cached reads:   20000 MB in  2.00 seconds = 10010.10 MB/sec",
    "Phoronix": "Phoronix Test Suite v10.8.4",
    "Geekbench": "Geekbench 6.2.1 : https://www.geekbench.com/",
    "SPEC CPU": "SPEC(R) CPU2017 Integer Rate Result",
    "VPP": "   Name        State         Calls          Vectors     Clocks       Vectors/Call",
    "raid6": "raid6: using algorithm avx2x4 gen() 30000 MB/s",
}


@pytest.mark.parametrize("before", ["", "[    7.123456] ", "2026-11-21T13:09:00.1234567Z "])
@pytest.mark.parametrize("name", OUTPUTS)
def test_a_refusal_names_the_benchmark(name: str, before: str) -> None:
    text = "\n".join(before + row for row in OUTPUTS[name].splitlines())
    with pytest.raises(BenchsuiteError) as caught:
        read(text)
    first, second = str(caught.value).splitlines()
    assert name in first and "no figure that is read" in first and ("CSV" in second or "--help" in second)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("hyperfine", {"results": [{"command": "x", "mean": 1.5, "stddev": 0.2, "times": [1.5]}]}),
        ("google/benchmark", {"context": {"library_build_type": "release"}, "benchmarks": []}),
        ("fio", {"fio version": "fio-3.33", "jobs": []}),
        ("iperf", {"start": {}, "end": {"sum_sent": {"bits_per_second": 1e9}}}),
        ("JMH", [{"jmhVersion": "1.37", "benchmark": "a.B.c"}]),
    ],
)
def test_a_refusal_names_whose_json_it_is(name: str, data: object) -> None:
    for text in (json.dumps(data), json.dumps(data, indent=2)):
        with pytest.raises(BenchsuiteError, match=name):
            read(text)


def test_what_is_read_is_not_called_another_s() -> None:
    """The marks are no part of any format that is read."""
    from import_fixture import FOREIGN, TCRYPT

    for path in (*FOREIGN.glob("*.txt"), *TCRYPT.glob("*.log")):
        assert known.named(path.read_text()) is None


KCAPI = "AES(AESNI) CBC(ASM) 128 |d|    1024 bytes|               30.72 MB/s|30003 ops/s"


def test_a_figure_that_nothing_reads_is_counted_with_a_reason() -> None:
    text = f"{KCAPI}\nmytool: aes 123.4 MB/s\nmytool: sha256 12.3 cycles/byte\nhello 3 times\n"
    text += "1048576 bytes copied, 1 s, 1 MB/s"
    imported = read(text)
    assert [(each.number, "figure" in each.why) for each in unclear(imported)] == [
        (2, True),
        (3, True),
        (5, True),
    ]
    assert "a figure of dd" in unclear(imported)[2].why
    assert [line.number for line in other(imported)] == [4]
    [kept] = imported.result.environment["benchsuite_imported"]
    assert kept["lines_without_figure"] == 3 and kept["lines_not_understood"] == 1


def test_a_figure_is_of_the_benchmark_that_stands_before_it() -> None:
    text = (
        "tinymembench v0.4.9\n C copy  :  1785.8 MB/s\n"
        "The 'numbers' are in 1000s of bytes per second processed.\ntype 16 bytes\naes-128-cbc 16000.00k\n"
        "fio-3.33\n READ: 1024 MB/s\nIn all: 5 MB/s\n"
    )
    why = {each.number: each.why for each in unclear(read(text))}
    assert "tinymembench before it" in why[2] and "fio before it" in why[7] and "fio before it" in why[8]
