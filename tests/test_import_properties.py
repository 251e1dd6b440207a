"""Lines by the grammars of all formats, with any numbers and names in them, in any order: there is a result
that saves, loads and prints, or a reason; and no line is lost. FUZZ_RUNS: how many texts (`make fuzz`)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from import_fixture import other, read

from benchsuite.model import BenchsuiteError

sys.path.insert(0, str(Path(__file__).parent / "fuzz"))

from fuzz_check import importing, loading

thorough = settings(
    max_examples=int(os.environ.get("FUZZ_RUNS", "150")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

wholes = (st.integers(0, 10**6) | st.integers(-(2**65), 2**65) | st.sampled_from([0, 1, 16, 1024, 8192])).map(
    str
)
decimals = st.builds(
    "{}.{}".format, st.integers(0, 10**12), st.text("0123456789", min_size=1, max_size=6)
) | st.sampled_from(["0.00", "1.00", "inf", "nan", "1e5", "-3.00", ".5", "5."])
numbers = wholes | decimals
names = st.sampled_from(
    [
        "AES-128-CBC",
        "aes-128 cbc",
        "cbc(aes)",
        "sha256",
        "hmac(sha1)",
        "rfc4106(gcm(aes))",
        "AES(G) CBC(G) 128",
        "aes-xts",
        "x",
        "<b>",
        "NULL",
        "evp",
        "rsa",
        "2048 bits private rsa",
    ]
) | st.text(max_size=12)
units = st.sampled_from(["B", "kB", "KB", "MB", "MiB", "GB", "GiB", "TiB", "bytes", "Mb", "XB"])

line = st.one_of(
    st.builds("OCF: {} requests of {} bytes in {} jiffies ({} Mbps)".format, wholes, wholes, wholes, numbers),
    st.builds("OCF: {} requests of {} bytes in {} jiffies".format, wholes, wholes, wholes),
    st.builds(
        "OCF: testing {}{}".format, names, st.sampled_from(["", " (simulated)", "/a/b/request_size=1"])
    ),
    st.builds(
        "tcrypt: testing speed of {} {} ({}) {}".format,
        st.sampled_from(["async", "sync", "multibuffer", ""]),
        names,
        names,
        st.sampled_from(["encryption", "decryption", ""]),
    ),
    st.builds(
        "tcrypt: test {} ({} bit key, {} byte blocks): {} operations in {} seconds ({} bytes)".format,
        wholes,
        wholes,
        wholes,
        wholes,
        wholes,
        wholes,
    ),
    st.builds(
        "test {} ({} bit key, {} byte blocks): 1 operation in {} cycles ({} bytes)".format,
        wholes,
        wholes,
        wholes,
        wholes,
        wholes,
    ),
    st.builds(
        "test{:>3} ({:>5} byte blocks,{:>5} bytes per update,{:>4} updates): "
        "{} opers/sec, {} bytes/sec".format,
        wholes,
        wholes,
        wholes,
        wholes,
        wholes,
        wholes,
    ),
    st.builds(
        "Doing {} for {}s on {} size blocks: {} {}'s in {}s".format,
        names,
        numbers,
        wholes,
        wholes,
        names,
        numbers,
    ),
    st.builds("Doing {} ops for {}s: {} {} ops in {}s".format, names, numbers, wholes, names, numbers),
    st.builds("+DT:{}:{}:{}".format, names, numbers, wholes),
    st.builds("+R:{}:{}:{}".format, wholes, names, numbers),
    st.builds("+H:{}:{}".format, wholes, wholes),
    st.builds("{}+F:{}:{}:{}:{}".format, st.sampled_from(["", "Got: "]), wholes, names, numbers, numbers),
    st.builds("Got: +F:{}:{}:{} from {}".format, wholes, names, numbers, wholes),
    st.builds("+DTP:{}:{}:{}:{}".format, wholes, names, names, numbers),
    st.builds("+R{}:{}:{}:{}".format, wholes, wholes, names, numbers),
    st.builds("+F{}:{}:{}:{}:{}".format, st.integers(0, 12), wholes, wholes, numbers, numbers),
    st.builds("Forked child {}".format, wholes),
    st.builds("type  {} bytes {} bytes".format, wholes, wholes),
    st.builds("{}  {}k     {}k".format, names, numbers, numbers),
    st.builds("{} {}s {}s {} {}".format, names, numbers, numbers, numbers, numbers),
    st.just("                  sign    verify    sign/s verify/s"),
    st.builds("version: {}".format, numbers),
    st.builds("{}  {}b  {} MiB/s  {} MiB/s".format, names, wholes, numbers, numbers),
    st.builds("PBKDF2-{} {} iterations per second for {}-bit key".format, names, wholes, wholes),
    st.builds(
        "{} |{}|{:>8} bytes|{} {}/s|{} ops/s".format,
        names,
        st.sampled_from("ed"),
        wholes,
        numbers,
        units,
        wholes,
    ),
    st.builds("{},{},{},{},{}".format, names, st.sampled_from("ed"), wholes, wholes, wholes),
    st.builds("Testing {} cipher: ".format, names),
    st.builds(
        "\tEncrypting in chunks of {} bytes: done. {} {} in {} secs: {} {}/sec".format,
        wholes,
        numbers,
        units,
        numbers,
        numbers,
        units,
    ),
    st.just("#lcore id,Buffer Size(B),Burst Size,Enqueued,Dequeued,Failed Enq,Failed Deq,Ops,Gbps,Cycles"),
    st.builds(",".join, st.lists(numbers, min_size=10, max_size=10)),
    st.builds(
        "# {}: {}".format, st.sampled_from(["cipher algorithm", "cipher key size", "cryptodev type"]), names
    ),
    st.just("# Crypto Performance Application Options:"),
    st.builds("# Subtest: {}".format, st.sampled_from(["sha256", "crc", "mldsa", "x"])),
    st.builds("# benchmark_{}: len={}: {} MB/s".format, st.sampled_from(["hash", "x"]), wholes, numbers),
    st.builds("# benchmark_aead: data_len={}: enc {} MB/s, dec {} MB/s".format, wholes, wholes, wholes),
    st.builds("# {}_benchmark: {} ops/s".format, st.sampled_from(["crc32_le", "mldsa44"]), wholes),
    st.builds("ok {} {}".format, wholes, st.sampled_from(["sha256", "benchmark_hash", "benchmark_x # SKIP"])),
    st.sampled_from(
        [
            "ARCH\tSSE\tAVX",
            "CIPHER\tCBC\tGCM",
            "DIR\tENCRYPT\tDECRYPT",
            "KEY_SIZE\t128\tAES-256",
            "HASH_ALG\tSHA1\tGCM",
            "Measurement mode: Throughput (bytes/0ms)",
        ]
    ),
    st.builds("{}\t{}\t{}".format, wholes, wholes, wholes),
    st.sampled_from(["pkg: crypto/md5", "goos: linux", "PASS", "ok  \tcrypto/md5\t1.0s"]),
    st.builds(
        "Benchmark{}-{} \t {}\t {} ns/op\t {} MB/s".format,
        st.sampled_from(["AESGCM/Seal-128", "Hash1K", "X", ""]),
        wholes,
        wholes,
        numbers,
        numbers,
    ),
    st.builds(
        '{{"Action":"output","Package":"p","Output":"BenchmarkHash1K {} {} ns/op"}}'.format, wholes, numbers
    ),
    st.sampled_from(
        [
            "backend,algorithm,request_size,q_len,mbps,requests,wall_seconds,status,process",
            "algorithm;request_size;ns_per_request;cycles_per_byte",
            "sep=;",
        ]
    ),
    st.builds(",".join, st.lists(numbers | names, min_size=4, max_size=9)),
    st.builds(";".join, st.lists(numbers | names, min_size=4, max_size=4)),
    st.builds("tsc: Detected {} MHz TSC".format, numbers),
    st.builds("wolfCrypt Benchmark (block bytes {}, min {} sec each)".format, wholes, numbers),
    st.builds(
        "{} {} {} took {} seconds, {} {}/s Cycles per byte = {}".format,
        names,
        wholes,
        units,
        numbers,
        numbers,
        units,
        numbers,
    ),
    st.builds(
        "{} {} {} {} ops took {} sec, avg {} ms, {} ops/sec".format,
        names,
        wholes,
        st.sampled_from(["sign", "key gen", "x"]),
        wholes,
        numbers,
        numbers,
        numbers,
    ),
    st.builds("CPUs: {}".format, wholes),
    st.builds("{} {} MB/s".format, names, numbers),
    st.just("Algorithm,MB/s,Cycles per byte,"),
    st.builds("{},{},{},".format, names, numbers, numbers),
    st.builds(
        "Did {} {} ({} bytes) seal operations in {}us ({} ops/sec): {} MB/s".format,
        wholes,
        names,
        wholes,
        wholes,
        numbers,
        numbers,
    ),
    st.builds("Did {} {} operations in {}us ({} ops/sec)".format, wholes, names, wholes, numbers),
    st.builds('{{"description": "{}", "numCalls": {}, "microseconds": {}}},'.format, names, wholes, wholes),
    st.builds("  AES-CBC-{} : {} KiB/s, {} cycles/byte".format, wholes, wholes, wholes),
    st.builds("  RSA-{} : {} {}/s".format, wholes, wholes, st.sampled_from(["public", "sign", "handshake"])),
    st.builds(
        "{} encrypt buffer size {} bytes: {} MiB/sec {} cycles/byte ({} MiB in {} ms)".format,
        names,
        wholes,
        numbers,
        numbers,
        numbers,
        numbers,
    ),
    st.builds("{} {} sign/sec; {} ms/op ({} ops in {} ms)".format, names, wholes, numbers, wholes, numbers),
    st.builds("algo  operation  {} bytes  {} bytes".format, wholes, wholes),
    st.builds("{}  encrypt  {}  {}".format, names, numbers, numbers),
    st.text(max_size=30),
)
prefix = st.sampled_from(["", "", "", "[    5.029002] ", "Nov 21 13:09:00 host kernel: ", "> "])
logs = st.lists(st.tuples(prefix, line).map("".join), min_size=1, max_size=25).map("\n".join)


@thorough
@given(logs)
@example("OCF: 1 requests of 1 bytes in 1 jiffies (0.000 Mbps)")
@example("type  0 bytes 0 bytes\nx  1.00k     1.00k")
@example("wolfCrypt Benchmark (block bytes 0, min 0 sec each)\nx 5 MB took 1.00 seconds, 5.00 MB/s")
@example("algo  operation  0 bytes  0 bytes\nx  encrypt  1.00  1.00")
@example("AES-128-CBC |e|       1 bytes|0 kB/s|1 ops/s")
def test_any_log_is_a_result_or_a_reason(text: str) -> None:
    importing(text.encode("utf-8", "surrogatepass"))


@thorough
@given(logs)
def test_every_line_is_accounted_for(text: str) -> None:
    try:
        imported = read(text)
    except BenchsuiteError:
        return
    figures = {
        int(number)
        for case in imported.result.cases
        for run in case.runs
        for number in run.facts["imported_line_number"].split(", ")
    }
    left = {each.number for each in other(imported)}
    assert figures and not figures & left
    assert len(other(imported)) + len(figures) <= imported.files[0].lines
    for case in imported.result.cases:
        assert case.measured == bool(case.values) and (case.measured or case.failure)
        assert all(run.facts["imported_line"] and run.facts["imported_figure"] for run in case.runs)


@thorough
@given(logs)
def test_a_log_twice_has_every_figure_twice(text: str) -> None:
    """But those whose meaning is in what stands around them."""
    try:
        once = read(text)
    except BenchsuiteError:
        return
    alone = ("kcapi-speed", "cryptsetup")
    counts = {name: count for name, count in once.counts.items() if name in alone}
    twice = read(f"{text}\n{text}").counts
    assert {name: twice[name] for name in counts} == {name: 2 * count for name, count in counts.items()}


@thorough
@given(st.binary(max_size=200) | logs.map(str.encode))
def test_nothing_is_a_result_by_accident(data: bytes) -> None:
    assert not loading(data)
