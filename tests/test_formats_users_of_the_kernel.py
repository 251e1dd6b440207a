"""kcapi-speed, cryptodev-linux's benchmarks and tcrypt's figures: rates to the printed digit."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from import_fixture import FOREIGN, TCRYPT, by_name, facts, mbps, only, other, patient, read, sample, unclear

from benchsuite import doubts, stats
from benchsuite.algorithms import ALGORITHMS
from benchsuite.backends.tcrypt import parameters
from benchsuite.formats import naming
from benchsuite.formats.kcapi_speed import algorithm_of
from benchsuite.formats.tcrypt import log as tcrypt
from benchsuite.model import BenchsuiteError, Case

# kcapi-speed


def kcapi_line(name: str, size: int, bytes_per_second: int, ops: int, direction: str = "d") -> str:
    """As libkcapi 1.5 prints it, its fraction unpadded."""
    for power, unit in ((3, "GB"), (2, "MB"), (1, "kB")):
        if bytes_per_second > 1000**power:
            whole, rest = divmod(bytes_per_second, 1000**power)
            shown = f"{whole}.{rest // (1000**power // 100)} {unit}"
            break
    else:
        shown = f"{bytes_per_second} B"
    return f"{name:24}|{direction}|{size:8d} bytes|{shown:>23}/s|{ops} ops/s"


def test_kcapi_speed_to_the_digit() -> None:
    found = by_name(sample("kcapi-speed-1.5.1.txt"))
    assert len(found) == 10
    case = found["kcapi-speed/aes-128-cbc/decrypt/request_size=16384,q_len=1,batch=0,cbimm=1"]
    assert mbps(case) == [pytest.approx(98.97 * 8), pytest.approx(102.95 * 8)]
    assert facts(case)["imported_figure"] == "98.97 MB/s, 6041 ops/s"
    assert facts(case)["imported_algorithm"] == "AES(AESNI) CBC(ASM) 128"


def test_kcapi_speed_with_several_at_once_is_per_request() -> None:
    case = by_name(sample("kcapi-speed-1.5.1.txt"))[
        "kcapi-speed/aes-128-cbc/decrypt/request_size=16,q_len=16,batch=0,cbimm=1"
    ]
    assert mbps(case) == [pytest.approx(7042 * 16 * 16 * 8 / 1e6)]
    assert any("-o" in note for note in doubts.notes(case))


def test_kcapi_speed_does_not_pad_its_fraction() -> None:
    case = by_name(sample("kcapi-speed-1.5.1.txt"))[
        "kcapi-speed/aes-128-cbc/decrypt/request_size=1024,q_len=1,batch=0,cbimm=1"
    ]
    printed = {run.facts["imported_figure"]: run.values[0] for run in case.runs}
    assert 1024 / printed["31.5 MB/s, 30326 ops/s"].per_request == pytest.approx(31.05e6, rel=1e-3)


@patient
@given(
    size=st.sampled_from([16, 64, 1024, 1488, 65536]),
    ops=st.integers(1, 10**7),
    group=st.sampled_from([1, 1, 2, 16, 64]),
    more=st.floats(0, 0.999),
)
@example(size=16, ops=65625, group=1, more=0.0)
@example(size=64, ops=265749, group=64, more=0.0)  # 1.08 GB/s, 63.5 requests a call by the digits
def test_kcapi_speed_any_rate(size: int, ops: int, group: int, more: float) -> None:
    calls = Fraction(ops) + Fraction(more).limit_denominator(1000)  # in a second; what is printed is cut off
    per_second = int(calls * group * size)
    case = only(read(kcapi_line("AES(G) CBC(G) 256", size, per_second, ops)))
    true = float(calls * group)
    if case.case.q_len == group:
        assert 1 / case.values[0].per_request <= true * (1 + 1e-9)
        assert 1 / case.values[0].per_request * (1 + stats.precision(case)) >= true * (1 - 1e-9)
    else:  # few calls leave open how many requests each had
        assert ops < 20 * group


def test_kcapi_speed_of_2021_prints_units_of_1024() -> None:
    # 40027 * 16 = 640432 bytes: 640432 >> 10 is 625, and (640432 - (625 << 10)) / 10 is 43.
    case = only(read("AES(G) CBC(G) 128       |e|      16 bytes|              625.43 kB/s|40027 ops/s"))
    assert 16 / case.values[0].per_request == pytest.approx(640432, rel=3e-5)


def test_kcapi_speed_of_2018_has_tabs_between_its_columns() -> None:
    # 201000 * 512 = 102912000 bytes: 98 MiB and 151552 more, printed as (151552 / 10000).
    case = only(read("AES(G) CTR(G) 256   \t|e|\t512 bytes|          \t98.15 MB/s|201000 ops/s"))
    assert (case.case.algorithm, case.case.op, case.case.request_size) == ("aes-256-ctr", "encrypt", 512)
    assert 512 / case.values[0].per_request == pytest.approx(201000 * 512, rel=1e-4)


def test_kcapi_speed_raw_and_its_list_of_drivers() -> None:
    text = (
        "skcipher  | AES(AESNI) CBC(ASM) 128             | cbc-aes-aesni | e\n"
        "AES(AESNI) CBC(ASM) 128,e,16,634990,39686\nHMAC SHA-256(G),d,64,1000064,15626\n"
        "AES(CAAM) CBC(CAAM) 128             | untested\n"
    )
    imported = read(text)
    cipher, digest = imported.result.cases
    assert facts(cipher)["kernel_driver"] == "cbc-aes-aesni"
    assert 16 / cipher.values[0].per_request == pytest.approx(634990)
    assert (digest.case.algorithm, digest.case.op) == ("hmac-sha256", "digest")
    assert [(each.number, each.why) for each in unclear(imported)] == [(4, "it ran for less than a second")]


def test_kcapi_speed_that_contradicts_itself() -> None:
    with pytest.raises(BenchsuiteError, match="do not agree"):
        read("AES(G) CBC(G) 128 |e|    1024 bytes|   99.99 MB/s|7 ops/s")


@pytest.mark.parametrize(
    ("printed", "ours"),
    [
        ("AES(ARM64 CE) XTS(ARM64 CE) 256", "aes-256-xts"),
        ("AES(AESNI) GCM(ASM-RFC) 192", "rfc4106-aes-192-gcm"),
        ("AES(G) GCM(G) 192", "aes-192-gcm"),
        ("DES3(SA2UL) CBC(SA2UL) 168", "3des-cbc"),
        ("DES3(MV-CESA) CBC(MV-CESA) EDE 168", "3des-cbc"),
        ("DES(MV-CESA) CBC(MV-CESA) 56", "des-cbc"),
        ("SHA-1(AVX2)", "sha1"),
        ("SHA3-256(G)", "sha3-256"),
        ("HMAC SHA-512(SSSE3)", "hmac-sha512"),
        ("HMAC MD5(G)", "hmac-md5"),
    ],
)
def test_names_of_kcapi_speed(printed: str, ours: str) -> None:
    assert algorithm_of(printed) == ours and ours in ALGORITHMS


def test_two_implementations_are_two_backends() -> None:
    text = "\n".join(
        kcapi_line(name, 1024, 30_000_000, 29296) for name in ("AES(G) CBC(G) 128", "AES(AESNI) CBC(ASM) 128")
    )
    assert [case.case.backend for case in read(text).result.cases] == [
        "kcapi-speed:G,G",
        "kcapi-speed:AESNI,ASM",
    ]


# cryptodev-linux


def test_cryptodev_speed_to_the_digit() -> None:
    text = (FOREIGN / "cryptodev-speed-1.14.txt").read_text()
    imported = sample("cryptodev-speed-1.14.txt")
    printed = [float(rate) * 8 for rate in re.findall(r"([\d.]+) MB/sec", text)]
    assert [mbps(case)[0] for case in imported.result.cases] == pytest.approx(printed, rel=1e-12)
    assert {case.case.algorithm for case in imported.result.cases} == {"aes-128-cbc"}
    assert other(imported) == [] and facts(imported.result.cases[0])["imported_requests"] == "about"


def test_cryptodev_speed_where_the_unit_jumps() -> None:
    text = (
        "Testing NULL cipher:\n"
        "\tEncrypting in chunks of 512 bytes: done. 903.29 MB in 5.00 secs: 180.65 MB/sec\n"
        "\tEncrypting in chunks of 1024 bytes: done. 1.83 GB in 5.00 secs: 0.37 GB/sec\n"
    )
    small, large = read(text).result.cases
    assert small.case.algorithm == "null" and mbps(small) == [pytest.approx(180.65 * 8)]
    # 1.83 GB in 5.00 s leaves less open than 0.37 GB/s, and says something else.
    assert mbps(large) == [pytest.approx(1.83 / 5 * 8000)]
    assert 0.003 < stats.precision(large) < 0.005 < 0.0135
    assert facts(large)["imported_figure"] == "1.83 GB in 5.00 secs: 0.37 GB/sec"


@patient
@given(
    rate=st.floats(1e3, 5e11),
    seconds=st.floats(0.5, 20),
    size=st.sampled_from([512, 1024, 65536]),
    kib=st.booleans(),
)
def test_cryptodev_speed_the_true_rate_is_within_what_is_said(
    rate: float, seconds: float, size: int, kib: bool
) -> None:
    base, names = (1024, ["B", "KiB", "MiB", "GiB", "TiB"]) if kib else (1000, ["B", "KB", "MB", "GB", "TB"])
    amount, unit = rate * seconds, 0
    while amount > base and unit < 4:
        amount, unit = amount / base, unit + 1
    line = (
        f"\tEncrypting in chunks of {size} bytes: done. {amount:.2f} {names[unit]} in {seconds:.2f} secs: "
        f"{amount / seconds:.2f} {names[unit]}/sec"
    )
    case = only(read(f"Testing AES-128-CBC cipher: \n{line}"))
    low, high = stats.summary(case).interval
    assert low <= size / rate * (1 + 1e-9) and size / rate * (1 - 1e-9) <= high


@pytest.mark.parametrize(("begins", "q_len"), [(256, 64), (512, 1)])
def test_async_speed_of_cryptodev_has_many_requests_at_once(begins: int, q_len: int) -> None:
    rows = "".join(
        f"\tEncrypting in chunks of {size} bytes: done. 50.00 MiB in 5.00 secs: 10.00 MiB/sec\n"
        for size in (begins, 1024)
    )
    imported = read(f"Testing NULL cipher: \n{rows}\nTesting AES-128-CBC cipher: \n{rows}")
    assert {case.case.q_len for case in imported.result.cases} == {q_len}
    assert mbps(imported.result.cases[0]) == pytest.approx([10 * 2**20 * 8 / 1e6], rel=1e-3)
    assert ("async_speed" in facts(imported.result.cases[0]).get("imported_assumed", "")) == (q_len > 1)


@pytest.mark.parametrize(
    ("unit", "q_len", "assumed"), [("KB", 1, False), ("MB", 1, False), ("MiB", 64, True), ("Mb", 1, True)]
)
def test_the_unit_tells_speed_of_cryptodev_from_async_speed(unit: str, q_len: int, assumed: bool) -> None:
    """Up to 1.0 both begin with 256 bytes; up to 0.8 both print Mb, and it is said that nothing tells."""
    rows = "".join(
        f"\tEncrypting in chunks of {size} bytes: done. 50.00 {unit} in 5.00 secs: 10.00 {unit}/sec\n"
        for size in (256, 512)
    )
    cases = read(f"Testing AES-128-CBC cipher: \n{rows}").result.cases
    assert {case.case.q_len for case in cases} == {q_len} and len(cases) == 2
    assert ("async_speed" in facts(cases[0]).get("imported_assumed", "")) is assumed


def test_cryptodev_hashes_and_their_driver() -> None:
    text = (
        "Testing SHA1 Hash: \nrequested hash CRYPTO_SHA1, got sha1 with driver sha1-generic\n"
        "\tEncrypting in chunks of 256 bytes: done. 100.00 MB in 5.00 secs: 20.00 MB/sec\n"
        "\nTesting AES128 with SHA1 Hash: \n"
        "\tEncrypting in chunks of 256 bytes: done. 50.00 MB in 5.00 secs: 10.00 MB/sec\n"
        "\tEncrypting in chunks of 1024 bytes: "
    )
    imported = read(text)
    digest, pair = imported.result.cases
    assert (digest.case.algorithm, digest.case.op) == ("sha1", "digest")
    assert facts(digest)["kernel_driver"] == "sha1-generic"
    assert pair.case.algorithm not in ALGORITHMS  # it authenticates the plain text
    assert [each.why for each in unclear(imported)] == ["it was cut off before its figure"]


# tcrypt: its log is read by formats/tcrypt/log.py, which has tests of its own; here it becomes cases


@pytest.mark.parametrize("path", sorted(TCRYPT.glob("*.log")), ids=lambda path: path.stem)
def test_every_record_of_tcrypt_is_a_figure_with_its_line(path: object) -> None:
    text = path.read_text()  # type: ignore[attr-defined]
    log = tcrypt.parse(text.splitlines())
    if not log.records:
        with pytest.raises(BenchsuiteError):
            read(text)
        return
    imported = read(text, cycles_hz=1e9)
    runs = [run for case in imported.result.cases for run in case.runs]
    assert len(runs) == len(log.records) and all(case.measured for case in imported.result.cases)
    lines = text.splitlines()
    for run in runs:
        numbers = [int(word) for word in run.facts["imported_line_number"].split(", ")]
        assert run.facts["imported_figure"] in " ".join(lines[number - 1] for number in numbers)
    cycles = [record.cycles for record in log.records if record.cycles is not None]
    assert sorted(run.values[0].cycles for run in runs if run.values[0].cycles is not None) == sorted(cycles)
    assert other(imported) == []


def test_a_case_of_tcrypt_is_that_of_the_tcrypt_backend() -> None:
    """What the backend would look for in the log for that very case is the record that became it."""
    for path in sorted(TCRYPT.glob("*.log")):
        records = tcrypt.parse(path.read_text().splitlines()).records
        if not records:
            continue
        for case in read(path.read_text(), cycles_hz=1e9).result.cases:
            algorithm = ALGORITHMS.get(case.case.algorithm)
            setting = case.case.backend.partition(":")[2]
            if algorithm is None or "update=" in setting or algorithm.kind == "hmac":
                continue
            options = parameters.parse_options(setting)
            parameters.check(case.case, algorithm, options)
            wanted = parameters.wanted(case.case, algorithm, options)
            matching = [
                each
                for each in records
                if wanted.is_of(each) and each.key_bits == wanted.key_bits and each.size == wanted.size
            ]
            assert matching, case.case.name


def test_tcrypt_in_seconds_to_the_digit() -> None:
    case = by_name(sample("6.1-async-skcipher-seconds-mode500.log"))[
        "tcrypt/aes-128-ecb/encrypt/request_size=16,q_len=1,batch=0,cbimm=1"
    ]
    assert (case.values[0].requests, case.values[0].wall) == (2248916, 1.0)
    assert facts(case)["kernel_driver"] == "ecb-aes-aesni"


CYCLES = (
    "[    0.000000] Linux version 6.1.0-28-amd64 (debian-kernel@lists.debian.org) #1 SMP\n"
    "[    0.000007] tsc: Detected 2794.000 MHz processor\n"
    "[    0.100000] smpboot: CPU0: AMD EPYC 7B13 (family: 0x19, model: 0x1, stepping: 0x1)\n"
    "[    1.900000] tsc: Refined TSC clocksource calibration: 2794.750 MHz\n"
    "[   12.000001] tcrypt: testing speed of async cbc(aes) (cbc-aes-aesni) encryption\n"
    "[   12.000200] tcrypt: test 0 (128 bit key, 16 byte blocks): 1 operation in 263 cycles (16 bytes)\n"
)


def test_cycles_are_seconds_where_the_log_has_their_rate() -> None:
    imported = read(CYCLES)
    case = only(imported)
    assert case.case.backend == "tcrypt:cycles"
    assert case.values[0].per_request == pytest.approx(263 / 2794.75e6)
    assert stats.summary(case).cycles_per_byte == pytest.approx(263 / 16)
    assert imported.result.environment["benchsuite_kernel_release"] == "6.1.0-28-amd64"
    assert imported.result.environment["cpu_model_name"] == "AMD EPYC 7B13"
    assert other(imported) == []


def test_cycles_without_a_rate_are_no_seconds() -> None:
    text = "\n".join(CYCLES.splitlines()[4:])
    imported = read(text)
    case = only(imported)
    assert not case.measured and case.values == [] and imported.cycles_only == 1
    assert case.failure and "263 cycles (16.44 per byte)" in case.failure.reason
    assert facts(case)["imported_cycles"] == "263"
    assert only(read(text, cycles_hz=2e9)).values[0].per_request == pytest.approx(263 / 2e9)
    # Two machines' logs in one file: neither rate is taken.
    two = CYCLES + "[    0.000007] tsc: Detected 1500.000 MHz TSC\n"
    assert not only(read(two)).measured


def test_several_at_once_by_what_all_counts_share() -> None:
    text = "tcrypt: testing speed of multibuffer ecb(aes) (ecb-aes-aesni) encryption\n" + "\n".join(
        f"tcrypt: test {i} (128 bit key, {size} byte blocks): {n} operations in 1 seconds ({n * size} bytes)"
        for i, (size, n) in enumerate([(16, 32 * 7), (64, 32 * 11), (128, 32 * 13), (256, 32 * 17)])
    )
    assert {case.case.q_len for case in read(text).result.cases} == {32}
    few = "\n".join(text.splitlines()[:3])
    assert {case.case.q_len for case in read(few).result.cases} == {8}
    assert "num_mb" in facts(read(few).result.cases[0])["imported_assumed"]


def test_two_drivers_of_one_name_are_two_backends() -> None:
    text = "\n".join(
        f"tcrypt: testing speed of async cbc(aes) ({driver}) encryption\n"
        "tcrypt: test 0 (128 bit key, 16 byte blocks): 100 operations in 1 seconds (1600 bytes)"
        for driver in ("cbc-aes-aesni", "cbc(aes-generic)", "cbc-aes-aesni")
    )
    found = {case.case.backend: len(case.values) for case in read(text).result.cases}
    assert found == {"tcrypt:cbc-aes-aesni": 2, "tcrypt:cbc(aes-generic)": 1}


def test_what_went_wrong_in_tcrypt_is_shown() -> None:
    text = (
        "[   12.1] tcrypt: testing speed of async cbc(aes) (cbc-aes-aesni) encryption\n"
        "[   12.2] tcrypt: test 0 (128 bit key, 16 byte blocks): 100 operations in 1 seconds (1600 bytes)\n"
        "[   12.3] tcrypt: test 1 (128 bit key, 64 byte blocks): \n"
        "[   12.4] usb 1-1: new device\n"
        "[   12.5] tcrypt: encryption() failed return code=-22\n"
    )
    imported = read(text)
    assert [(each.number, each.why) for each in unclear(imported)] == [
        (3, "its result is missing"),
        (5, "tcrypt says what went wrong"),
    ]
    assert [line.number for line in other(imported)] == [4]


def test_bytes_that_overflowed_are_not_the_figure() -> None:
    n = 524_288
    text = (
        "tcrypt: testing speed of async ecb(aes) (ecb-aes-aesni) encryption\n"
        f"tcrypt: test 0 (128 bit key, 8192 byte blocks): {n} operations in 1 seconds (0 bytes)\n"
        f"tcrypt: test 1 (128 bit key, 8192 byte blocks): {n - 1} operations in 1 seconds (-8192 bytes)\n"
    )
    first, second = only(read(text)).values
    assert (first.requests, second.requests) == (n, n - 1)
    assert any("overflowed" in note for note in doubts.notes(only(read(text))))


# Names


@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=lambda algorithm: algorithm.name)
def test_names_of_the_kernel_are_ours(algorithm: object) -> None:
    template, size = algorithm.name_in("tcrypt") or algorithm.name_in("afalg"), algorithm.key_size  # type: ignore[attr-defined]
    if template is None:
        return
    known = algorithm.ops[0] != "digest"  # type: ignore[attr-defined]
    found = naming.of_kernel(template, 8 * size if known and size else None)
    assert found == algorithm.name or ALGORITHMS[found].name_in("tcrypt") == template or not size  # type: ignore[attr-defined]


@patient
@given(st.text(max_size=100), st.none() | st.integers(0, 10**6))
def test_any_name_is_one_word(name: str, bits: int | None) -> None:
    for word in (naming.foreign(name), naming.of_kernel(name, bits), naming.of_openssl(name)):
        assert word and word.isprintable() and "/" not in word and not re.search(r"\s", word)
        assert len(word) <= naming.LONGEST
        assert Case("x", word).name.count("/") == 3
