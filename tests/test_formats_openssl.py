"""openssl speed: every form of its output, the same figure once, and what its seconds are of."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_fixture import FOREIGN, by_name, facts, mbps, only, other, patient, read, sample, unclear

from benchsuite import doubts, stats
from benchsuite.model import BenchsuiteError

TYPE = "type             16 bytes   1024 bytes"
ELAPSED = "You have chosen to measure elapsed time instead of user CPU time."


def doing(name: str, size: int, count: int, seconds: str, nominal: int = 3) -> str:
    return f"Doing {name} for {nominal}s on {size} size blocks: {count} {name}'s in {seconds}s"


def rate(count: int, size: int, seconds: str) -> str:
    return f"{float(Fraction(count * size) / Fraction(seconds) / 1000):.2f}k"


# Real output


def test_every_rate_in_the_real_tables_is_found() -> None:
    """Read in another way: the numbers of all tables and +F lines, but those of a child of -multi. Where the
    elapsed time stands beside the count, the rate is by that."""
    text = (FOREIGN / "openssl-3.0.22-speed.txt").read_text()
    expected = []
    for line in text.splitlines():
        if re.match(r"\S+(?: +[\d.]+k)+$", line):
            expected += [float(word[:-1]) * 1000 for word in line.split()[1:]]
        elif line.startswith("+F:"):
            expected += map(float, line.split(":")[3:])
    found = [
        case.case.request_size * value.requests / (value.wall if value.user is None else value.user)
        for case in sample("openssl-3.0.22-speed.txt").result.cases
        for value in case.values
        if case.case.request_size
    ]
    assert sorted(found) == pytest.approx(sorted(expected), rel=1e-6) and len(found) == 56


def test_a_count_and_its_table_are_one_figure_with_both_lines() -> None:
    human, machine = (
        run
        for case in sample("openssl-3.0.22-speed.txt").result.cases
        if (case.case.algorithm, case.case.request_size) == ("aes-128-cbc", 16)
        for run in case.runs
    )
    [value] = human.values
    assert (value.requests, value.wall, value.user) == (55761140, 1.0, 0.67)
    assert human.facts["imported_line_number"] == "2, 15" and human.facts["version"] == "OpenSSL 3.0.22"
    [value] = machine.values
    assert (value.requests, value.wall, value.user) == (68088095, 1.0, 0.77)
    assert machine.facts["imported_line_number"] == "18, 30"


def test_algorithms_are_ours_where_there_are() -> None:
    names = {case.case.algorithm for case in sample("openssl-3.0.22-speed.txt").result.cases}
    assert {"aes-128-cbc", "aes-192-cbc", "aes-128-gcm", "aes-128-ccm", "sha256", "hmac-sha256"} <= names
    assert {"aes-128-cbc-hmac-sha1", "aes-128-cbc-hmac-sha1-mb", "rsa-2048", "ed25519"} <= names


def test_what_has_a_count_is_by_elapsed_time() -> None:
    """The real runs were for a second each; whether -elapsed was given is known of the second only."""
    found = by_name(sample("openssl-3.0.22-speed.txt"))
    sha = found["openssl-speed/sha256/digest/request_size=16,q_len=1,batch=0,cbimm=1"]
    gcm = found["openssl-speed/aes-128-gcm/encrypt/request_size=2,q_len=1,batch=0,cbimm=1,aad_size=13"]
    ccm = found["openssl-speed/aes-128-ccm/encrypt/request_size=2,q_len=1,batch=0,cbimm=1,aad_size=13"]
    assert {facts(case)["imported_clock"] for case in (sha, gcm, ccm)} == {"elapsed"}
    assert {case.values[0].wall for case in (sha, gcm, ccm)} == {1.0}
    [value] = sha.values
    assert value.user == 0.81 and value.system is None and value.cpu is None
    assert [any("the alarm" in note for note in doubts.notes(case)) for case in (sha, gcm, ccm)] == [
        True,
        False,
        True,
    ]


def test_what_is_known_to_differ_is_kept_apart() -> None:
    """By user time and by elapsed time the same case is no repetition."""
    table = f"{TYPE}\nsha256   100000.00k   200000.00k\n"
    text = f"{doing('sha1', 16, 3000000, '2.00')}\n{table}{ELAPSED}\n{table}"
    backends = {case.case.backend for case in read(text).result.cases if case.case.algorithm == "sha256"}
    assert backends == {"openssl-speed:user-time", "openssl-speed:elapsed"}


def test_multi_is_the_sum_over_its_children() -> None:
    case = by_name(sample("openssl-3.0.19-multi.txt"))[
        "openssl-speed/sha1/digest/request_size=64,q_len=1,batch=0,cbimm=1,workers=2"
    ]
    assert 64 / case.values[0].per_request == pytest.approx(68104151.27, rel=1e-12)
    assert facts(case)["imported_clock"] == "elapsed" and facts(case)["imported_requests"] == "about"


def test_multi_without_its_sums() -> None:
    text = (FOREIGN / "openssl-3.0.19-multi.txt").read_text()
    children = "\n".join(line for line in text.splitlines() if not line.startswith("+F"))
    whole, summed = by_name(read(text)), by_name(read(children))
    assert whole.keys() == summed.keys()
    for name, case in whole.items():
        assert summed[name].values[0].per_request == pytest.approx(case.values[0].per_request, rel=1e-6)


def test_public_keys_have_a_figure_without_payload() -> None:
    found = by_name(sample("openssl-3.0.19-public-key.txt"))
    case = found["openssl-speed/ecdsa-nistb283/verify/request_size=0,q_len=1,batch=0,cbimm=1"]
    assert (case.values[0].requests, case.values[0].wall, case.values[0].user) == (205, 1.0, 0.18)
    assert facts(case)["imported_line_number"] == "10, 27"
    assert {case.case.algorithm for case in found.values()} == {
        "rsa-512",
        "dsa-1024",
        "ecdsa-nistp256",
        "ecdsa-nistk283",
        "ecdsa-nistb283",
        "ecdh-x25519",
        "ed25519",
        "ffdh-2048",
    }
    assert all(case.case.request_size == 0 and stats.summary(case).mbps is None for case in found.values())
    assert stats.summary(case).requests_per_second == pytest.approx(205)


def test_public_keys_of_mr() -> None:
    found = by_name(sample("openssl-3.0.19-public-key-mr.txt"))
    case = found["openssl-speed/ecdsa-256/sign/request_size=0,q_len=1,batch=0,cbimm=1"]
    assert (case.values[0].requests, case.values[0].wall, case.values[0].user) == (6515, 1.0, 0.13)
    assert len(found) == 10 and all(len(case.values) == 1 for case in found.values())


def test_standard_output_alone() -> None:
    imported = sample("openssl-3.0.19-stdout-only.txt")
    assert {case.case.algorithm: mbps(case) for case in imported.result.cases} == {
        "sha1": [pytest.approx(3572.288)],
        "3des-cbc": [pytest.approx(248.75288)],
        "aes-128-cbc": [pytest.approx(10026.70808)],
    }
    assert {facts(case)["imported_clock"] for case in imported.result.cases} == {"not known"}
    assert {facts(case)["imported_requests"] for case in imported.result.cases} == {"not known: per second"}
    assert other(imported) == []


# Other versions, by their format strings


def test_what_openssl_3_5_prints() -> None:
    text = """
Doing AES-128-CBC ops for 3s on 16 size blocks: 104640000 AES-128-CBC ops in 3.00s
Doing 2048 bits private rsa sign ops for 10s: 30483 2048 bits private RSA sign ops in 10.00s
Doing 2048 bits public rsa verify ops for 10s: 900000 2048 bits public RSA verify ops in 10.00s
Doing 2048 bits public rsa encrypt ops for 10s: 800000 2048 bits public RSA encrypt ops in 10.00s
Doing 2048 bits private rsa decrypt ops for 10s: 30000 2048 bits private RSA decrypt ops in 10.00s
Doing X25519 keygen ops for 10s: 250000 X25519 KEM keygen ops in 10.00s
Doing X25519 encaps ops for 10s: 71070 X25519 KEM encaps ops in 10.00s
Doing X25519 decaps ops for 10s: 136210 X25519 KEM decaps ops in 10.00s
Doing mldsa44 signs ops for 10s: 13320 mldsa44 signature sign ops in 10.00s
version: 3.5.6
The 'numbers' are in 1000s of bytes per second processed.
type             16 bytes
AES-128-CBC     558080.00k
                   sign    verify    encrypt   decrypt   sign/s verify/s  encr./s  decr./s
rsa  2048 bits 0.000328s 0.000011s 0.000013s 0.000333s   3048.3  90000.0  80000.0   3000.0
                               keygen    encaps    decaps keygens/s  encaps/s  decaps/s
                     X25519 0.000040s 0.000141s 0.000073s   25000.0    7107.0   13621.0
"""
    imported = read(text)
    found = {(case.case.algorithm, case.case.op): case for case in imported.result.cases}
    counts = {key: case.values[0].requests for key, case in found.items()}
    assert counts == {
        ("aes-128-cbc", "encrypt"): 104640000,
        ("rsa-2048", "sign"): 30483,
        ("rsa-2048", "verify"): 900000,
        ("rsa-2048", "encrypt"): 800000,
        ("rsa-2048", "decrypt"): 30000,
        ("x25519", "keygen"): 250000,
        ("x25519", "encaps"): 71070,
        ("x25519", "decaps"): 136210,
        ("mldsa44", "sign"): 13320,
    }
    assert other(imported) == [] and unclear(imported) == []


def test_what_openssl_1_1_and_0_9_8_print() -> None:
    text = f"""
To get the most accurate results, try to run this
program when this computer is idle.
{doing("aes-128 cbc", 16, 19706632, "2.96")}
{doing("aes-128 cbc", 1024, 328193, "2.99")}
OpenSSL 1.1.1g  21 Apr 2020
built on: Sun May 17 17:32:21 2020 UTC
options:bn(64,64) rc4(char) des(int) aes(partial) blowfish(ptr)
compiler: gcc -O3
available timing options: USE_TOD HZ=128 [sysconf value]
timing function used: getrusage
{TYPE}
aes-128 cbc    {rate(19706632, 16, "2.96"):>12} {rate(328193, 1024, "2.99"):>12}
des ede3            9876.54      12345.67k
id-aes128-GCM     95.71k     17252.35k
"""
    imported = read(text)
    found = {(case.case.algorithm, case.case.request_size): mbps(case)[0] for case in imported.result.cases}
    assert found[("aes-128-cbc", 16)] == pytest.approx(19706632 * 16 * 8 / 3 / 1e6)
    assert found[("3des-cbc", 16)] == pytest.approx(9876.54 * 8 / 1e6)  # below 10 kB/s there is no k
    assert found[("3des-cbc", 1024)] == pytest.approx(12345.67 * 8 / 1e3)
    assert found[("aes-128-gcm", 1024)] == pytest.approx(17252.35 * 8 / 1e3)
    assert {run.facts["version"] for case in imported.result.cases for run in case.runs} == {
        "OpenSSL 1.1.1g 21 Apr 2020"
    }
    assert other(imported) == []


def test_a_device_by_user_time_is_by_the_alarm() -> None:
    text = f"""
Engine "devcrypto" set.
{doing("AES-128-CBC", 16, 37316, "0.00")}
{doing("AES-128-CBC", 1024, 37504, "0.01")}
version: 3.2.3
{TYPE}
AES-128-CBC           infk   3840409.60k
"""
    imported = read(text)
    small, large = imported.result.cases
    assert [(case.values[0].requests, case.values[0].wall) for case in (small, large)] == [
        (37316, 3.0),
        (37504, 3.0),
    ]
    assert facts(large)["openssl_engine"] == "devcrypto"
    assert facts(small)["imported_figure"] == "37316 in 0.00 s" and large.values[0].user == 0.01
    assert "user CPU time" in doubts.notes(large)[-1] and not unclear(imported)
    low, high = stats.summary(large).interval
    assert low < large.values[0].per_request < high and high / low < 1.01


def test_no_user_time_and_no_count_is_no_figure_and_says_what_to_do() -> None:
    small, large = read(f"{TYPE}\nAES-128-CBC           infk   3840409.60k\n").result.cases
    assert not small.measured and "-elapsed" in small.failure.reason  # type: ignore[union-attr]
    assert large.measured


@pytest.mark.parametrize(
    ("printed", "count", "wall"),
    [
        ("2.98", 3000000, 3.0),
        ("0.00", 3000000, 3.0),
        ("3.02", 3000000, 3.02),  # late by less than a busy machine is
        ("11.00", 10, 11.0),  # the last operation ended after the alarm
        ("9.00", 3000000, 3.0),  # of three threads
    ],
)
def test_the_seconds_that_are_taken(printed: str, count: int, wall: float) -> None:
    nominal = 10 if printed == "11.00" else 3
    case = only(read(doing("sha256", 16, count, printed, nominal)))
    assert case.values[0].wall == wall and case.values[0].user == float(printed)
    assert facts(case)["imported_clock"] == "elapsed" and any("alarm" in note for note in doubts.notes(case))
    assert stats.precision(case) >= 1 / count  # one operation


def test_with_elapsed_the_printed_seconds_are_taken() -> None:
    case = only(read(f"{ELAPSED}\n{doing('sha256', 16, 3000000, '2.98')}"))
    assert case.values[0].wall == 2.98 and case.values[0].user is None
    assert not any("alarm" in note for note in doubts.notes(case))


def test_user_time_of_a_table_alone_says_so() -> None:
    text = f"{doing('sha1', 16, 3000000, '2.00')}\n{TYPE}\nsha256   100000.00k   200000.00k\n"
    found = {case.case.algorithm: case for case in read(text).result.cases}
    assert facts(found["sha256"])["imported_clock"] == "user CPU"
    assert any("user mode, not by elapsed" in note for note in doubts.notes(found["sha256"]))
    alone = read(f"{TYPE}\nsha256   100000.00k   200000.00k\n").result.cases
    assert {facts(case)["imported_clock"] for case in alone} == {"not known"}


def test_a_table_that_does_not_fit_its_counts() -> None:
    text = f"{ELAPSED}\n{doing('sha256', 16, 3000000, '3.00')}\ntype  16 bytes\nsha256  99999.00k"
    imported = read(text)
    assert mbps(only(imported)) == [pytest.approx(799.992)]
    assert [each.number for each in unclear(imported)] == [2]


def test_rows_only_where_there_is_a_table() -> None:
    text = "type  16 bytes\nsha256   100.00k\nload average: 0.25\n\nsha1   9999.99\nmd5 100.00k 200.00k"
    imported = read(text)
    assert [case.case.algorithm for case in imported.result.cases] == ["sha256"]
    assert [line.number for line in other(imported)] == [3, 5]
    assert [(each.number, "2 figures" in each.why) for each in unclear(imported)] == [(6, True)]


def test_two_versions_in_one_file_are_two_backends() -> None:
    block = f"{ELAPSED}\n{{}}\nversion: {{}}\ntype  16 bytes\nsha256  {{}}"
    text = "\n".join(
        block.format(doing("sha256", 16, count, "3.00"), version, rate(count, 16, "3.00"))
        for version, count in (("3.0.22", 3000000), ("3.5.6", 3300000), ("3.5.6", 3310000))
    )
    found = {case.case.backend: len(case.values) for case in read(text).result.cases}
    assert found == {"openssl-speed:3.0.22": 1, "openssl-speed:3.5.6": 2}


def test_a_cut_log_says_what_is_missing() -> None:
    text = f"{doing('sha256', 16, 3000000, '2.99')}\nDoing sha256 for 3s on 64 size blocks:"
    imported = read(text)
    assert len(imported.result.cases) == 1
    assert [(each.number, "cut off" in each.why) for each in unclear(imported)] == [(2, True)]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("+F:25:AES-128-CBC:1414817558.44:16", {"aes-128-cbc": 2}),
        ("+F:25:AES-128-CBC:1414817558.44:1606313739.", {"aes-128-cbc": 2}),
        ("+F2:0:512:36900.000000:3", {"aes-128-cbc": 2}),
        ("+F:25:AES-128-CBC:384000000.00:1606313739.1", {"aes-128-cbc": 2}),
    ],
)
def test_a_figure_that_is_cut_off_is_no_figure(line: str, left: dict[str, int]) -> None:
    """A file of -mr that was written in blocks, by a program that was killed, ends anywhere."""
    counts = "+DT:AES-128-CBC:3:16\n+R:72000000:AES-128-CBC:3.000000\n"
    counts += "+DT:AES-128-CBC:3:64\n+R:75295956:AES-128-CBC:3.000000\n+H:16:64\n"
    imported = read(counts + line)
    found: dict[str, int] = {}
    for case in imported.result.cases:
        assert not case.failure and case.values
        found[case.case.algorithm] = found.get(case.case.algorithm, 0) + 1
    assert found == left
    assert ["cut off" in each.why for each in unclear(imported)] == [True] * (not line.endswith(".1"))


@pytest.mark.parametrize("path", sorted(FOREIGN.glob("openssl*")), ids=lambda path: path.stem)
def test_cut_anywhere_no_figure_is_another(path: object) -> None:
    """Each prefix of a log gives figures that the log has as well, or has with more digits."""
    lines = path.read_text().splitlines()  # type: ignore[attr-defined]
    whole = _rates("\n".join(lines))
    for end in range(1, len(lines)):
        for name, rates in _rates("\n".join(lines[:end])).items():
            for each in rates:
                known = [other for key, found in whole.items() if _alike(key, name) for other in found]
                assert any(each == pytest.approx(other, rel=2e-4) for other in known), (name, end)


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """The curve is named by the table only, and whether it was -multi not before the first child is done."""
    return one[1:] == other[1:] and one[0].partition("-")[0] == other[0].partition("-")[0]


def _rates(text: str) -> dict[tuple[str, ...], list[float]]:
    try:
        imported = read(text)
    except BenchsuiteError:
        return {}
    found: dict[tuple[str, ...], list[float]] = {}
    for case in imported.result.cases:
        key = (case.case.algorithm, case.case.op, str(case.case.request_size), str(case.case.workers))
        found.setdefault(key, []).extend(1 / value.per_request for value in case.values)
    return found


@patient
@given(
    st.lists(
        st.tuples(st.integers(1, 10**9), st.integers(1, 999), st.sampled_from(["3.00", "2.99", "0.67"]))
    ),
    st.booleans(),
)
def test_made_output_comes_back(counts: list[tuple[int, int, str]], with_table: bool) -> None:
    sizes = sorted({size for _, size, _ in counts})
    chosen = {size: next(entry for entry in counts if entry[1] == size) for size in sizes}
    text = [ELAPSED, *(doing("sha512", size, n, seconds) for n, size, seconds in chosen.values())]
    if with_table and sizes:
        text += [
            "type  " + "".join(f"{size:7d} bytes" for size in sizes),
            "sha512  " + " ".join(rate(n, size, seconds) for n, size, seconds in chosen.values()),
        ]
    if not sizes:
        return
    found = {
        case.case.request_size: (case.values[0].requests, case.values[0].wall)
        for case in read("\n".join(text)).result.cases
    }
    assert found == {size: (n, float(seconds)) for n, size, seconds in chosen.values()}
    assert all(a < b for a, b in pairwise(found))
