"""ocf-bench's lines: the figure to the digit, the HZ they imply, and our own report of that form."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from import_fixture import by_name, facts, mbps, only, patient, read
from report_fixture import everything, sizes

from benchsuite import doubts, stats, units
from benchsuite.compare.labels import shown
from benchsuite.formats.ocf_bench import USUAL_HZ, case_of
from benchsuite.model import BenchsuiteError, Case
from benchsuite.report import render

REAL = "[  583.128741] OCF: 45133 requests of 1488 bytes in 251 jiffies (535.122 Mbps)"


def test_the_known_line() -> None:
    case = only(read(REAL))
    assert case.case == Case(
        "ocf-bench", "aes-192-cbc+hmac-sha1", "encrypt", 1488, q_len=40, batch=1, cbimm=1
    )
    [value] = case.values
    assert (value.requests, value.wall) == (45133, 1.004)
    assert value.cpu is None and value.user is None and value.cycles is None
    assert facts(case)["imported_hz"] == "250"
    assert facts(case)["imported_line"] == REAL and facts(case)["imported_line_number"] == "1"
    assert facts(case)["imported_figure"] == "45133 requests of 1488 bytes in 251 jiffies (535.122 Mbps)"
    assert "q_len=40" in facts(case)["imported_assumed"]


def test_a_jiffy_is_what_the_figure_leaves_open() -> None:
    case = only(read(REAL))
    low, high = stats.summary(case).interval
    assert (low, high) == pytest.approx((1.004 / 45133 * 250 / 251, 1.004 / 45133 * 252 / 251), rel=1e-4)


@patient
@given(
    requests=st.integers(1, 10**7),
    size=st.integers(16, 9000),
    jiffies=st.integers(1, 10**5),
    hz=st.sampled_from(USUAL_HZ),
)
def test_hz_is_found_by_the_printed_mbps(requests: int, size: int, jiffies: int, hz: int) -> None:
    assume(jiffies * 1000 >= hz)
    line = units.ocf_bench_line(requests, size, jiffies, hz=hz, seconds=1.0)
    found = read(line)
    [value] = only(found).values
    # Whatever HZ was found gives the very Mbps that is printed: that is all the line says.
    kbps = units.ocf_kbps(requests, size, jiffies, int(facts(only(found))["imported_hz"]))
    assert f"({kbps // 1000}.{kbps % 1000:03d} Mbps)" in line
    if hz in (100, 250, 300, 1000) and kbps > 10**4 and jiffies > 1000:
        assert value.wall == pytest.approx(jiffies / hz, rel=0.01)


def test_a_rate_that_overflowed_32_bits() -> None:
    # A 32-bit kernel: 700,000 * 1488 * 8 bits are more than 2^32 - 1.
    bits = 700_000 * 1488 * 8 % 2**32
    kbps = bits // 1004
    line = f"OCF: 700000 requests of 1488 bytes in 251 jiffies ({kbps // 1000}.{kbps % 1000:03d} Mbps)"
    case = only(read(line))
    assert mbps(case) == [pytest.approx(700_000 * 1488 * 8 / 1.004 / 1e6)]
    assert any("overflowed" in note for note in doubts.notes(case))


def test_old_versions_print_no_mbps() -> None:
    line = "OCF: 45133 requests of 1488 bytes in 251 jiffies"
    case = only(read(line))
    assert not case.measured and "--hz" in case.failure.reason  # type: ignore[union-attr]
    assert only(read(line, hz=250)).values[0].wall == 1.004
    stamped = f"[  582.120000] OCF: testing ...\n[  583.128741] {line}"
    assert facts(only(read(stamped)))["imported_hz"] == "250"
    far = f"[  582.120000] OCF: testing ...\n[  593.128741] {line}"
    assert not only(read(far)).measured


def test_a_rate_that_fits_no_hz_is_not_guessed() -> None:
    case = only(read("OCF: 45133 requests of 1488 bytes in 251 jiffies (777.777 Mbps)"))
    assert not case.measured and "777.777" in case.failure.reason  # type: ignore[union-attr]


def test_failed_requests_are_said() -> None:
    text = f"OCF: testing ...\nError in OCF processing: 22\n{REAL}\nOCF: testing ...\n{REAL}"
    first, second = (run.facts.get("imported_notes", "") for run in only(read(text)).runs)
    assert "failed" in first and "failed" not in second


@pytest.mark.parametrize("jiffies", ["0", "-17"])
def test_no_time_is_no_figure(jiffies: str) -> None:
    with pytest.raises(BenchsuiteError, match="line 1"):
        read(f"OCF: 45133 requests of 1488 bytes in {jiffies} jiffies (0.000 Mbps)")


def test_ixp_lines_are_another_backend() -> None:
    found = by_name(read(f"{REAL}\n{REAL.replace('OCF', 'IXP')}"))
    assert {case.case.backend for case in found.values()} == {"ocf-bench", "ocf-bench:ixp"}


@pytest.mark.parametrize("result", [everything(), sizes()], ids=["everything", "sizes"])
def test_what_show_prints_in_this_format_comes_back(result: object) -> None:
    text = render(result, "ocf-bench", None)  # type: ignore[arg-type]
    found = by_name(read(text))
    printable = [case for case in shown(result)[0].cases if case.case.name.isprintable()]  # type: ignore[arg-type]
    for case in printable:
        if case.case.name not in found:
            assert not case.measured
            continue
        back = found[case.case.name]
        assert back.case == case.case and back.measured == case.measured
        if case.measured:
            wall = sum(value.wall for value in case.values)
            requests = sum(value.requests for value in case.values)
            assert sum(value.requests for value in back.values) == requests
            assert back.values[0].wall == pytest.approx(wall, abs=1 / 250)
            assert stats.confidence(back) == stats.confidence(case)
        elif case.failure:
            assert back.failure and back.failure.kind == case.failure.kind
    assert len(found) >= len(printable) - 1


cases = st.builds(
    Case,
    backend=st.sampled_from(["software", "software:/opt/lib/libcrypto.so.4", "sim:x,y=2"]),
    algorithm=st.sampled_from(["aes-128-cbc", "aes-192-cbc+hmac-sha1"]),
    op=st.sampled_from(["encrypt", "decrypt"]),
    request_size=st.integers(1, 2**30),
    q_len=st.integers(1, 999),
    batch=st.integers(0, 99),
    cbimm=st.integers(0, 1),
    workers=st.integers(1, 9),
    iv=st.sampled_from(["per-request", "chained"]),
    aad_size=st.integers(0, 99),
    crypto_q_max=st.sampled_from([1000, 7]),
)


@patient
@given(cases)
def test_the_name_of_a_case_is_its_case(case: Case) -> None:
    assert case_of(case.name) == case


@patient
@given(st.text() | st.from_regex(r"\w+/\w+/\w+/\w+=\w*(,\w+=\w+)*", fullmatch=True))
def test_any_other_text_is_no_case_or_one_of_that_name(text: str) -> None:
    case = case_of(text)
    assert case is None or isinstance(case.request_size, int)
