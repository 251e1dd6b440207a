from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite import units


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1488", 1488),
        ("16B", 16),
        ("1k", 1024),
        ("1K", 1024),
        ("64KiB", 65536),
        ("64kb", 65536),
        ("64 KiB", 65536),
        (" 2M ", 2 << 20),
        ("1GiB", 1 << 30),
    ],
)
def test_parse_size(text, size):
    assert units.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "k", "-1", "1.5k", "1T", "0x10", "1 2", "1e3", "16\n16", "٣", "9" * 16])
def test_parse_size_refuses_in_a_sentence(text):
    with pytest.raises(ValueError, match="is not a size: write bytes"):
        units.parse_size(text)


@given(st.integers(0, 10**14))
def test_a_size_is_read_as_it_was_written(size):
    assert units.parse_size(units.format_size(size)) == size


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0"), (1488, "1488"), (65536, "64KiB"), (16 << 20, "16MiB"), (1 << 30, "1GiB")]
)
def test_format_size(size, text):
    assert units.format_size(size) == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60s", 60),
        ("20ms", 0.02),
        ("2m", 120),
        ("2min", 120),
        ("1.5h", 5400),
        ("250us", 0.00025),
        ("250µs", 0.00025),
        ("10ns", 1e-8),
        ("7", 7),
        ("0.5", 0.5),
        (".5", 0.5),
        (" 1 s ", 1),
        ("9m50s", 590),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("1 h 02 min", 3720),
        ("2h0m5s", 7205),
        ("1m0.5s", 60.5),
        ("1s250ms", 1.25),
    ],
)
def test_parse_duration(text, seconds):
    assert units.parse_duration(text) == pytest.approx(seconds, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        *("", "s", "-1s", "1d", "nan", "inf", "1e3", "1.s", "1s2", "1 minute"),
        *("50s9m", "9m9m", "1h30", "1m 2", "1m  2s", "1h,30m", "1m-2s", "1msec", "1mi2s"),
    ],
)
def test_parse_duration_refuses_in_a_sentence(text):
    with pytest.raises(ValueError, match="is not a duration: write seconds"):
        units.parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((0, "0s"), (5e-9, "5ns"), (0.00025, "250us"), (0.0015, "1.5ms"), (0.02, "20ms"), (1.5, "1.5s")),
        *((60, "1m"), (100.5, "1.675m"), (590, "9m50s"), (3600, "1h"), (3605, "1h5s"), (5400, "1h30m")),
    ],
)
def test_format_duration(seconds, text):
    assert units.format_duration(seconds) == text
    assert units.parse_duration(text) == pytest.approx(seconds)


@given(st.integers(0, 10**7))
def test_whole_seconds_are_read_as_they_were_written(seconds):
    assert units.parse_duration(units.format_duration(seconds)) == seconds


@given(st.text(max_size=30))
def test_parsers_take_any_text(text):
    for parse in (units.parse_size, units.parse_duration):
        try:
            assert parse(text) >= 0
        except ValueError as error:
            assert str(error).isprintable()


def test_the_line_of_ocf_bench():
    """Real figures, from a log of ocf-bench at HZ 250."""
    assert units.ocf_bench_line(45133, 1488, 251, hz=250, seconds=583.128741) == (
        "[  583.128741] OCF: 45133 requests of 1488 bytes in 251 jiffies (535.122 Mbps)"
    )


@pytest.mark.parametrize(
    ("seconds", "stamp"),
    [(0, "[    0.000000]"), (1.9999999, "[    1.999999]"), (123456.5, "[123456.500000]")],
)
def test_the_time_stamp_is_cut_off_as_printk_does(seconds, stamp):
    assert units.ocf_bench_line(1, 1, 250, hz=250, seconds=seconds).startswith(stamp + " OCF: ")


@pytest.mark.parametrize(
    ("seconds", "hz", "ticks"),
    [
        (1.004, 250, 251),
        (1.0039, 250, 250),
        (0.0039, 250, 0),
        (0.0, 1000, 0),
        (4.2, 250, 1050),
        (1, 1024, 1024),
    ],
)
def test_jiffies(seconds, hz, ticks):
    assert units.jiffies(seconds, hz) == ticks


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_jiffies_of_no_time(seconds):
    with pytest.raises(ValueError, match="is not a time in seconds"):
        units.jiffies(seconds, 250)


def test_kbps_do_not_overflow_as_ocf_bench_does():
    """total * size * 8 leaves 32 bits after 0.4 seconds on a fast machine."""
    assert units.ocf_kbps(10**9, 65536, 250, 250) == 10**9 * 65536 * 8 // 1000


@pytest.mark.parametrize(("jiffies", "hz"), [(0, 250), (1, 1001), (-1, 250), (250, 0)])
def test_kbps_without_time_is_a_sentence(jiffies, hz):
    with pytest.raises(ValueError, match=r"at least 1|less than a millisecond"):
        units.ocf_kbps(1, 1, jiffies, hz)


@given(
    requests=st.integers(1, 10**9),
    size=st.integers(1, 1 << 24),
    ticks=st.integers(1, 10**6),
    hz=st.sampled_from([100, 250, 300, 1000]),
)
def test_the_line_says_the_rate_to_its_last_digit(requests, size, ticks, hz):
    line = units.ocf_bench_line(requests, size, ticks, hz=hz, seconds=1.0)
    match = re.fullmatch(
        r"\[    1\.000000\] OCF: (\d+) requests of (\d+) bytes in (\d+) jiffies \((\d+)\.(\d{3}) Mbps\)", line
    )
    assert match
    assert [int(match[i]) for i in (1, 2, 3)] == [requests, size, ticks]
    assert int(match[4] + match[5]) == requests * size * 8 // (ticks * 1000 // hz)


def test_nearest_prefers_what_begins_alike():
    assert units.nearest("aes-128-cbb", ["aes-128-ecb", "aes-128-cbc"]) == "aes-128-cbc"
    assert units.nearest("q_length", ["q_len", "batch"]) == "q_len"
    assert units.nearest("zzz", ["q_len", "batch"]) is None
    assert units.nearest("", ["q_len"]) is None


@given(st.text(max_size=200))
def test_shown_text_is_one_short_line(text):
    shown = units.shown(text)
    assert shown.isprintable()
    assert text not in shown or len(text) <= 60
