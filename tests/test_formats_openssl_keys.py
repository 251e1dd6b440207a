"""openssl speed of signatures, key exchanges and key encapsulation: seconds and rates, in every spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_fixture import by_name, facts, other, patient, read, unclear

from benchsuite import doubts, stats
from benchsuite.imports import Imported
from benchsuite.model import BenchsuiteError

OLD, NEW, LIBRE = "OpenSSL 1.1.0f  25 May 2017", "OpenSSL 1.1.1f  31 Mar 2020", "LibreSSL 3.8.2"
MR = "+DTP:2048:private:rsa:10\n+R1:{}:2048:10.00\n+DTP:2048:public:rsa:10\n+R2:{}:2048:10.00\n"


def rates(imported: Imported) -> dict[tuple[str, str], float]:
    """Operations per second; each case once, with one figure."""
    return {
        (case.case.algorithm, case.case.op): 1 / case.values[0].per_request
        for case in by_name(imported).values()
        if len(case.values) == 1
    }


# Seconds, or operations per second


@pytest.mark.parametrize(
    ("line", "sign", "verify"),
    [
        ("+F2:2:2048:0.000400:0.000020", 2500, 50000),
        ("+F2:2:2048:2500.000000:50000.000000", 2500, 50000),
        ("+F3:2:2048:0.000400:0.000500", 2500, 2000),
        ("+F4:4:256:0.000400:0.000500", 2500, 2000),
        ("+F6:0:253:Ed25519:2500.000000:0.500000", 2500, 0.5),  # always rates
    ],
)
def test_the_figures_themselves_say_what_they_are(line: str, sign: float, verify: float) -> None:
    found = rates(read(line))
    assert [pytest.approx(each) for each in found.values()] == [sign, verify]


@pytest.mark.parametrize(
    ("version", "sign"),
    [(OLD, 2.5), (LIBRE, 2.5), (NEW, 0.4), ("version: 3.5.0", 0.4), ("OpenSSL 0.9.8zh", 2.5)],
)
def test_the_version_says_what_they_are(version: str, sign: float) -> None:
    found = rates(read(f"{version}\n+F2:6:15360:0.400000:0.800000\n"))
    assert found["rsa-15360", "sign"] == pytest.approx(sign)


def test_a_version_elsewhere_in_the_file_says_it_too() -> None:
    text = "$ openssl version\n{}\n$ openssl speed -mr rsa7680\n+F2:5:7680:0.9:0.9\n$ openssl speed -mr rsa\n"
    found = rates(read(text.format(OLD) + "+F2:6:15360:0.400000:0.800000\n"))
    assert found["rsa-15360", "sign"] == pytest.approx(2.5)
    both = text.format(OLD) + f"+F2:6:15360:0.4:0.8\n{NEW}\n"
    assert len(rates(read(both))) == 4  # each has a version beside it


def test_counts_say_what_they_are_and_are_the_figure() -> None:
    for line in ("+F2:6:2048:0.400000:0.800000", "+F2:6:2048:2.500000:1.250000"):
        imported = read(MR.format(25, 12.5).replace("12.5", "13") + line.replace("1.25", "1.30"))
        assert rates(imported)["rsa-2048", "sign"] == 2.5
        case = imported.result.cases[0]
        assert facts(case)["imported_line_number"] == "2, 5" and case.values[0].requests == 25


def test_what_nothing_says_is_no_figure() -> None:
    with pytest.raises(BenchsuiteError, match="seconds or operations per second is not known"):
        read("+F2:6:15360:0.400000:0.800000\n")


@pytest.mark.parametrize("version", [OLD, NEW])
def test_a_key_exchange_has_both(version: str) -> None:
    cells = "0.000400:2500.000000" if version == OLD else "2500.000000:0.000400"
    assert rates(read(f"+F5:4:256:{cells}\n{version}\n")) == {("ecdh-256", "derive"): pytest.approx(2500)}
    slow = "0.800000:1.250000"
    expected = 1.25 if version == OLD else 0.8
    assert rates(read(f"{version}\n+F5:4:256:{slow}\n"))["ecdh-256", "derive"] == pytest.approx(expected)


def test_few_digits_of_seconds_leave_it_open() -> None:
    sign, verify = read("+F2:2:2048:0.000089:0.000010").result.cases
    assert stats.precision(sign) == pytest.approx(0.5 / 89, rel=0.01)
    assert stats.precision(verify) == pytest.approx(0.05, rel=0.01)


def test_seconds_of_too_few_digits_are_no_figure() -> None:
    sign, verify = read("+F2:2:512:0.000089:0.000000").result.cases
    assert sign.measured and not verify.measured and "0.000000 s" in verify.failure.reason  # type: ignore[union-attr]


@patient
@given(st.integers(1, 10**6), st.integers(1, 10**6), st.sampled_from([OLD, NEW, LIBRE]))
def test_machine_output_of_any_version_comes_back(sign: int, verify: int, version: str) -> None:
    one, two = (10 / sign, 10 / verify) if version != NEW else (sign / 10, verify / 10)
    text = MR.format(sign, verify) + f"{version}\n+F2:2:2048:{one:f}:{two:f}\n"
    assert rates(read(text)) == {
        ("rsa-2048", "sign"): pytest.approx(sign / 10),
        ("rsa-2048", "verify"): pytest.approx(verify / 10),
    }
    alone = rates(read(f"{version}\n+F2:2:2048:{one:f}:{two:f}\n"))
    for (_, op), rate in alone.items():
        expected = (sign if op == "sign" else verify) / 10
        assert rate == pytest.approx(expected, rel=max(1e-5, 6e-7 * expected) if version != NEW else 1e-5)


# -multi


def multi(got: str, table: str = "", counts: tuple[int, ...] = (112094, 112395)) -> str:
    text = "".join(f"Forked child {child}\n" for child in range(2)) + "+DTP:2048:private:rsa:10\n" * 2
    text += "".join(f"+R1:{count}:2048:10.00\n" for count in counts)
    return text + "".join(f"Got: {got} from {child}\n" for child in range(2)) + f"{OLD}\n{table}"


def test_the_counts_of_the_processes_are_added() -> None:
    case = read(multi("+F2:2:2048:0.000089:0.000010")).result.cases[0]
    assert case.case.workers == 2 and case.values[0].requests == 112094 + 112395
    assert 1 / case.values[0].per_request == pytest.approx(22448.9)
    assert stats.precision(case) == pytest.approx(0.001, rel=0.01)


def test_the_counts_of_the_processes_may_stand_after_their_sums() -> None:
    lines = multi("+F2:2:2048:0.000089:0.000010").splitlines()
    counts = [line for line in lines if line.startswith("+")]
    sums = [line for line in lines if not line.startswith("+")]
    table = "rsa 2048 bits 0.000045s 0.000005s  22471.9 200000.0"
    found = {
        (case.case.op, case.case.workers): case
        for case in read("\n".join([*sums, table, *counts])).result.cases
    }
    assert found.keys() == {("sign", 2), ("verify", 2)}
    assert found["sign", 2].values[0].requests == 112094 + 112395


@pytest.mark.parametrize("counts", [(), (112094,)])
def test_without_them_what_the_first_process_got_is(counts: tuple[int, ...]) -> None:
    case = read(multi("+F2:2:2048:0.000089:0.000010", counts=counts)).result.cases[0]
    assert case.case.workers == 2 and 1 / case.values[0].per_request == pytest.approx(2 / 0.000089)
    assert stats.precision(case) == pytest.approx(0.5 / 89, rel=0.01)


def test_a_table_of_multi_is_no_more_exact_than_what_it_is_made_of() -> None:
    text = "$ openssl speed -multi 2 rsa2048\n{}\nrsa 2048 bits {}s {}s  22471.9 200000.0\n"
    old = read(text.format(OLD, "0.000045", "0.000005")).result.cases
    assert [stats.precision(case) for case in old] == [
        pytest.approx(0.5 / 89, rel=0.01),
        pytest.approx(0.05, rel=0.01),
    ]
    assert {case.case.workers for case in old} == {2}
    assert stats.precision(read(text.format(NEW, "0.000045", "0.000005")).result.cases[0]) < 1e-5


def test_a_curve_is_not_told_twice() -> None:
    text = "".join(f"Got: +F4:4:256:20000.000000:7000.000000 from {child}\n" for child in range(2))
    table = " 256 bits ecdsa (nistp256)   0.0000s   0.0001s  40000.0  14000.0\n"
    assert rates(read(f"{text}{NEW}\n{table}")) == {
        ("ecdsa-nistp256", "sign"): pytest.approx(40000),
        ("ecdsa-nistp256", "verify"): pytest.approx(14000),
    }


def test_some_processes_missing_is_no_sum() -> None:
    with pytest.raises(BenchsuiteError, match="sum of -multi is missing"):
        read("Forked child 0\nForked child 1\nGot: +F2:2:2048:0.000089:0.000010 from 0\n")


# Spellings


LIBRESSL = """\
Doing sha256 for 3s on 16 size blocks: 3000000 sha256 in 3.00s
Doing 2048 bit private rsa for 10s: 9000 2048 bit private RSA in 10.00s
Doing 2048 bit public rsa for 10s: 300000 2048 bit public RSA in 10.00s
Doing 256 bit  ecdh for 10s: 100000 256-bit ECDH ops in 10.00s
Doing 768 bit keygen mlkem for 10s: 333333 768-bit ML-KEM keygen in 10.00s
Doing 768 bit encap mlkem for 10s: 400000 768-bit ML-KEM encap in 10.00s
Doing 768 bit decap mlkem for 10s: 250000 768-bit ML-KEM decap in 10.00s
LibreSSL 4.2.0
built on: date not available
compiler: information not available
type             16 bytes
sha256           16000.00k
                  sign    verify    sign/s verify/s
rsa 2048 bits 0.001111s 0.000033s    900.0  30000.0
                              op      op/s
 256 bit ecdh (nistp256)   0.0001s  10000.0
               keygen keygen/s       encap  encap/s       decap  decap/s
mlkem 768   0.000030s  33333.3   0.000025s  40000.0   0.000040s  25000.0
"""


def test_what_libressl_prints() -> None:
    imported = read(LIBRESSL)
    assert rates(imported) == {
        ("sha256", "digest"): pytest.approx(1000000),
        ("rsa-2048", "sign"): 900,
        ("rsa-2048", "verify"): 30000,
        ("ecdh-nistp256", "derive"): 10000,
        ("ml-kem-768", "keygen"): pytest.approx(33333.3),
        ("ml-kem-768", "encaps"): 40000,
        ("ml-kem-768", "decaps"): pytest.approx(25000),
    }
    assert not other(imported) and not unclear(imported)


def test_what_libressl_prints_for_machines() -> None:
    found = rates(read("+F6:1024:0.000030:33333.3:0.000025:40000.0:0.000040:25000.0\n"))
    assert found == {
        ("ml-kem-1024", "keygen"): pytest.approx(33333.3),
        ("ml-kem-1024", "encaps"): pytest.approx(40000),
        ("ml-kem-1024", "decaps"): pytest.approx(25000),
    }


@pytest.mark.parametrize("bits", ["2048 bit", "2048 bits"])
def test_counts_and_tables_of_old_are_one_measurement(bits: str) -> None:
    text = (
        f"Doing {bits} private rsa's for 10s: 5000 {bits} private RSA's in 9.90s\n"
        f"Doing 256 bit  ecdh's for 10s: 9000 256-bit ECDH ops in 10.00s\n{OLD}\n"
        "                  sign    verify    sign/s verify/s\n"
        "rsa 2048 bits 0.001980s 0.000111s    505.1   9000.0\n"
        " 256 bit ecdh (nistp256)   0.0011s    900.0\n"
    )
    assert rates(read(text)) == {
        ("rsa-2048", "sign"): 500,
        ("rsa-2048", "verify"): 9000,
        ("ecdh-nistp256", "derive"): 900,
    }


def test_two_curves_of_as_many_bits_keep_their_counts() -> None:
    text = (
        "Doing 256 bits sign ecdsa's for 10s: 50000 256 bits ECDSA signs in 10.00s\n"
        "Doing 256 bits verify ecdsa's for 10s: 15000 256 bits ECDSA verify in 10.00s\n"
        "Doing 256 bits sign ecdsa's for 10s: 2000 256 bits ECDSA signs in 10.00s\n"
        "Doing 256 bits verify ecdsa's for 10s: 2200 256 bits ECDSA verify in 10.00s\n"
        "                              sign    verify    sign/s verify/s\n"
        " 256 bits ecdsa (nistp256)   0.0002s   0.0007s   5000.0   1500.0\n"
        " 256 bits ecdsa (brainpoolP256r1)   0.0050s   0.0045s    200.0    220.0\n"
    )
    imported = read(text)
    assert rates(imported)["ecdsa-nistp256", "sign"] == 5000
    assert rates(imported)["ecdsa-brainpoolp256r1", "verify"] == 220 and len(rates(imported)) == 4


def test_counts_where_there_are_no_alarms() -> None:
    text = (
        "Doing md5 4000000 times on 16 size blocks: 4000000 md5's in 2.50s\n"
        "Doing 100 2048 bit private rsa's: 100 2048 bit private RSA's in 1.50s\n"
        "+DN:sha1:4000:64\n+R:4000:sha1:0.500000\n+DNP:100:2048:public:rsa\n+R2:100:2048:0.50\n"
    )
    imported = read(text)
    assert rates(imported) == {
        ("md5", "digest"): pytest.approx(1600000),
        ("rsa-2048", "sign"): pytest.approx(66.6667),
        ("sha1", "digest"): 8000,
        ("rsa-2048", "verify"): 200,
    }
    assert {facts(case)["imported_clock"] for case in imported.result.cases} == {"user CPU"}


# Rows and headers


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (" 256 bits ecdh (nistp256)   0.0001s  9000.0", {"ecdh-nistp256 derive": 9000}),
        ("2048 bits ffdh   0.0003s   3638.5", {"ffdh-2048 derive": 3638.5}),
        (
            "dsa 1024 bits 0.000100s 0.000073s  10038.5  13792.9",
            {"dsa-1024 sign": 10038.5, "dsa-1024 verify": 13792.9},
        ),
        (
            " 253 bits EdDSA (Ed25519)   0.0000s   0.0001s  27528.6   8275.0",
            {"ed25519 sign": 27528.6, "ed25519 verify": 8275.0},
        ),
        (
            " 256 bits SM2 (CurveSM2)   0.0003s   0.0003s   3000.0   3100.0",
            {"curvesm2 sign": 3000, "curvesm2 verify": 3100},
        ),
        (
            "rsa  2048 bits 0.000328s 0.000011s 0.000013s 0.000333s   3048.3  90000.0  80000.0   3000.0",
            {
                "rsa-2048 sign": 3048.3,
                "rsa-2048 verify": 90000,
                "rsa-2048 encrypt": 80000,
                "rsa-2048 decrypt": 3000,
            },
        ),
        (
            "ML-KEM-768 0.000040s 0.000141s 0.000073s   25000.0    7107.0   13621.0",
            {"ml-kem-768 keygen": 25000, "ml-kem-768 encaps": 7107, "ml-kem-768 decaps": 13621},
        ),
        (
            "ML-DSA-65 0.000040s 0.000141s 0.000073s   25000.0    7107.0   13621.0",
            {"ml-dsa-65 keygen": 25000, "ml-dsa-65 sign": 7107, "ml-dsa-65 verify": 13621},
        ),
    ],
)
def test_a_row_without_a_header_names_itself(row: str, expected: dict[str, float]) -> None:
    found = {f"{name} {op}": rate for (name, op), rate in rates(read(row)).items()}
    assert found == {name: pytest.approx(rate) for name, rate in expected.items()}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("rsa 2048 bits 0.000198s 0.000012s   9055.8  83045.8", "do not belong together"),  # 5055.8
        ("rsa 2048 bits 0.000198s 0.000012s   5055.8", "do not belong together"),
        ("rsa2048 0.000040s 0.000141s 0.000073s   25000.0    7107.0   13621.0", "does not say what was done"),
        ("+F11:2:2048:1000.000000:30000.000000", "is not known"),
        ("+F2:2:2048", "is not known"),
        ("+F2:", "cut off or broken"),
        ("rsa 2048 bits 0.000198s 0", "cut off or broken"),
        (" 256 bits ecdsa (nistp256)   0.0001s   0", "cut off or broken"),
        ("+R1:300:2048:3.00", "what it is of is missing"),
        ("+DTP:2048:private:rsa:10", "cut off before its count"),
    ],
)
def test_what_cannot_be_read_is_told(row: str, why: str) -> None:
    with pytest.raises(BenchsuiteError, match=why):
        read(row)


def test_a_header_of_other_columns_is_not_believed() -> None:
    text = (
        "                  sign    verify    sign/s verify/s\n 256 bit ecdh (nistp256)   0.0011s    900.0\n"
    )
    assert rates(read(text)) == {("ecdh-nistp256", "derive"): 900}


def test_seconds_that_say_another_rate_are_told() -> None:
    head = "                  sign    verify    sign/s verify/s\n"
    imported = read(f"{head}rsa 2048 bits 0.002000s 0.000111s    550.0   9900.0\n")
    assert rates(imported) == {("rsa-2048", "sign"): 550, ("rsa-2048", "verify"): 9900}
    assert all("another rate" in "".join(doubts.notes(case)) for case in imported.result.cases)


def test_no_user_time_is_inf_and_the_count_is_taken() -> None:
    text = "Doing 2048 bits private rsa's for 10s: 23000 2048 bits private RSA's in 0.00s\n"
    row = "rsa 2048 bits 0.000000s 0.000000s      inf      inf\n"
    sign, verify = read(text + row).result.cases
    assert 1 / sign.values[0].per_request == 2300 and not verify.measured
    assert "-elapsed" in verify.failure.reason  # type: ignore[union-attr]


def test_jobs_under_way_are_q_len() -> None:
    text = (
        '$ openssl speed -engine qat -async_jobs 72 rsa2048 ecdhp256\nengine "qat" set.\n'
        "Doing 2048 bits private rsa's for 10s: 650000 2048 bits private RSA's in 0.10s\n"
        " 256 bits ecdh (nistp256)   0.0001s  9000.0\n"
    )
    imported = read(text)
    assert {case.case.q_len for case in imported.result.cases} == {72}
    assert rates(imported)["rsa-2048", "sign"] == 65000
    assert stats.precision(imported.result.cases[0]) == pytest.approx(0.001 + 72 / 650000, rel=0.01)


def test_the_number_of_a_result_says_what_was_done() -> None:
    """Processes of -multi print in turn: what stands before it may be another's."""
    text = (
        "+DTP:rsa7680:decaps:10\n+DTP:rsa7680:keygen:10\n+R16:9000:rsa7680:10.00\n"
        "+R17:80:rsa7680:10.00\n+R15:1:rsa7680:20.00\n"
    )
    imported = read(text)
    found = {case.case.op: 1 / case.values[0].per_request for case in imported.result.cases}
    assert found == {"decaps": pytest.approx(8), "keygen": pytest.approx(0.05)}
    assert [each.number for each in unclear(imported)] == [3]


def test_what_takes_longer_than_its_rate_can_show() -> None:
    """`0.0` operations per second: the seconds say how many; with the count it is one figure."""
    row = (
        "                 keygen    encaps    decaps keygens/s  encaps/s  decaps/s\n"
        "     rsa15360 80.000000s 0.001000s 0.200000s     0.0    1000.0       5.0\n"
    )
    for before in ("", "Doing rsa15360 keygen ops for 10s: 1 rsa15360 KEM keygen ops in 80.00s\n"):
        cases = read(before + row).result.cases
        assert {case.case.op: 1 / case.values[0].per_request for case in cases} == {
            "keygen": pytest.approx(1 / 80),
            "encaps": pytest.approx(1000),
            "decaps": pytest.approx(5),
        }
        assert all(len(case.runs) == 1 for case in cases)


def test_a_sum_that_forgot_its_processes() -> None:
    """SM2 of some 1.1.1: the table has `infs` and 0.0, what the processes said has all."""
    text = (
        "$ openssl speed -multi 2 sm2\nForked child 0\nForked child 1\n"
        "Got: +F6:0:256:CurveSM2:1000.000000:1200.000000 from 0\n"
        "Got: +F6:0:256:CurveSM2:1100.000000:1300.000000 from 1\n"
        "                              sign    verify    sign/s verify/s\n"
        " 256 bits SM2 (CurveSM2)      infs      infs      0.0      0.0\n"
    )
    cases = read(text).result.cases
    assert {case.case.op: 1 / case.values[0].per_request for case in cases} == {
        "sign": pytest.approx(2100),
        "verify": pytest.approx(2500),
    }
    assert {case.case.workers for case in cases} == {2}
