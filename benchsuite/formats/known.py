"""Benchmarks that are known and not read: their names, and what to do instead. A refusal names them, so that
nobody wonders whether a file was damaged.

The marks are what each program prints beside its figures; the facts are from their documentation and public
logs.
"""

from __future__ import annotations

import re

_LOOKED_AT = 10**6  # characters of a text

AS_CSV = "give its figures as CSV, with the columns that `benchsuite export --to csv` writes"
NO_CRYPTO = "it measures no cryptography; `benchsuite import --help` lists what is read"
NO_PAYLOAD = "it measures whole programs or connections; `benchsuite import --help` lists what is read"

AS_GO = "give what go test -bench printed, before this; or its figures as CSV (docs/import.md)"
_AS_CSV = {
    "libgcrypt's bench-slope": r"nanosecs/byte +mebibytes/sec",
    "libgcrypt's benchmark": r"^ *ECB/Stream +CBC\b",
    "gnutls-cli --benchmark-ciphers": r"Checking (?:cipher-MAC|AEAD) .{0,40}, payload size",
    "gnutls-cli --benchmark-tls-kx": r"Testing key exchanges|\(transactions/sec",
    "nettle-benchmark": r"benchmark call overhead: +\d|^ *Algorithm +mode +Mbyte/s",
    "NSS's bltest": r"^# +mode +in +\w",
    "Crypto++'s cryptest b": r"MiB/Second|Megabytes\(2\^20 bytes\)/Second",
    "liboqs's speed_kem or speed_sig": r"Iterations \| +Total time \(s\) \| +Time \(us\): mean",
    "rustls's bench": r"^(?:bulk|handshakes|handshake)\s+TLS(?:v)?1_[23]\b",
    "QAT's cpa_sample_code": r"cpa_sample_code",
    "VPP's show commands": r"Clocks +Vectors/Call|^vpp#",
    "criterion.rs": r"time: +\[\d[\d.]* [nµmu]?s ",
    "cargo bench (libtest)": r"^test \S.* \.\.\. bench: +[\d,]+(?:\.\d+)? ns/iter",
    "google/benchmark": r"^Benchmark +Time +CPU +Iterations|\"(?:library_build_type|real_time)\"",
    "JMH": r"^# JMH version: |\"jmhVersion\"|^Benchmark .*Mode +Cnt +Score",
    "Caliper": r"^Experiment selection:",
    "BenchmarkDotNet": r"BenchmarkDotNet(?:=| v)|\"HostEnvironmentInfo\"",
    "benchmark.js": r" x [\d,.]+ ops/sec ±",
    "nanobench": r"\| +ns/op \|",
    "the kernel's raid6 and xor": r"raid6: using algorithm|xor: measuring software checksum speed",
}
_AS_GO = {"benchstat or benchcmp": r"\bold (?:time/op|ns/op|speed|MB/s) +new |^ *│? *(?:sec|B)/(?:op|s) +│"}
_NO_PAYLOAD = {
    "hyperfine": r"^ *Time \(mean ± σ\): |\"stddev\": [^{}]{1,2000}\"times\":",
    "perf stat": r"Performance counter stats for",
    "perf bench": r"^# Running '?\w+/[\w-]+'? benchmark",
    "openssl s_time": r"connections in [\d.]+s; [\d.]+ connections/user sec",
    "sslscan": r"Supported Server Cipher\(s\):|^Testing SSL server ",
    "wrk": r"^Running \S+ test @ ",
    "ApacheBench": r"This is ApacheBench",
}
_NO_CRYPTO = {
    "sysbench": r"^sysbench \d|events per second: ",
    "stress-ng": r"stress-ng: (?:info|metrc): ",
    "fio": r"^fio-\d|^Run status group \d|\"fio version\"",
    "iperf": r"\[ ID\] Interval +Transfer|\"sum_sent\"",
    "netperf": r"(?:TCP|UDP) \w+ TEST from ",
    "rngtest": r"rngtest: FIPS 140-2",
    "dieharder": r"dieharder version",
    "TRex": r"^-Per port stats table",
    "DPDK's l2fwd or testpmd": r"^Port statistics =+|^testpmd> ",
    "SPEC CPU": r"SPEC\(R\) CPU|SPEC CPU\(R\)|SPECrate|SPECspeed",
    "Geekbench": r"Geekbench \d",
    "7-Zip's 7z b": r"^ *Compressing +\| +Decompressing",
    "dd": r"bytes (?:\(.{1,60}\) )?copied, [\d.,e-]+ s",
    "hdparm": r"Timing (?:cached|buffered disk) reads:",
    "Phoronix Test Suite": r"Phoronix Test Suite v|phoronix-test-suite",
    "UnixBench": r"BYTE UNIX Benchmarks|System Benchmarks Index",
    "CoreMark": r"^CoreMark 1\.0 :|CoreMark Size",
    "STREAM": r"^STREAM version|^Function +Best Rate MB/s",
    "tinymembench": r"tinymembench v\d",
    "lmbench": r"L M B E N C H",
    "IOzone": r"Iozone: Performance Test",
    "lzbench or zstd -b": r"^lzbench \d|^ *-?\d+#\S+ +:",
}
_MARKS = ((_AS_CSV, AS_CSV), (_AS_GO, AS_GO), (_NO_PAYLOAD, NO_PAYLOAD), (_NO_CRYPTO, NO_CRYPTO))
_ALL = tuple(
    (name, re.compile(mark, re.MULTILINE), instead)
    for marks, instead in _MARKS
    for name, mark in marks.items()
)
_LIKE_A_FIGURE = re.compile(
    r"\d ?(?:[kKMGT]i?[Bb](?:ytes?|its?)?|[Mm][Bb]ytes?|bytes|ops|opers|operations|req(?:uest)?s|signs?"
    r"|verif\w{1,6}|keys|hashes|iterations)(?:/s(?:ec(?:ond)?)?\b| per sec)"
    r"|\d ?(?:c/B|cpb|(?:cycles|ns|us)/(?:byte|B|op\w{0,8}|iter))\b"
    r"|\d (?:operations?|ops|iterations) in \d"
)


def named(text: str) -> tuple[str, str] | None:
    """(the benchmark that printed a text, what to do instead); None where it is none of these."""
    text = text[:_LOOKED_AT]
    return next(((name, instead) for name, mark, instead in _ALL if mark.search(text)), None)


def places(text: str) -> list[tuple[int, str]]:
    """Where in a text which benchmark shows itself, in order."""
    text = text[:_LOOKED_AT]
    return sorted((match.start(), name) for name, mark, _ in _ALL for match in mark.finditer(text))


def like_a_figure(text: str) -> bool:
    """Whether a line looks like a benchmark's figure, whatever printed it."""
    return _LIKE_A_FIGURE.search(text) is not None
