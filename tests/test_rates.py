"""Rates, patterns of arrival and backlogs as profiles write them: what is accepted, and what it means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from command import SMALL, Cli
from hypothesis import given
from hypothesis import strategies as st

from benchsuite import profile, store
from benchsuite.model import UNLIMITED, BenchsuiteError, Case
from benchsuite.profile.rates import (
    MOST_BURST,
    MOST_PER_SECOND,
    MOST_PERCENT,
    Arrival,
    Backlog,
    Rate,
    burst_of,
    rate_of,
)


def planned(tmp_path: Path, *overrides: str) -> tuple[Case, ...]:
    path = tmp_path / "p.toml"
    path.write_text(SMALL)
    return profile.expand(profile.load(path), list(overrides), cpus=2).cases


def one(tmp_path: Path, *overrides: str) -> Case:
    (case,) = planned(tmp_path, *overrides)
    return case


# What is accepted

RATES = [0, 1, 450, MOST_PER_SECOND, 1000.0, "1%", "70%", "100 %", f"{MOST_PERCENT}%"]
RATES += ["2Gbps", "1.5 Mbps", "64kbps", "800bps"]
NO_RATES: list[Any] = [
    -1,
    0.5,
    True,
    MOST_PER_SECOND + 1,
    float("inf"),
    float("nan"),
    None,
    [],
    "",
    "fast",
    "10",
]
NO_RATES += [
    "0%",
    f"{MOST_PERCENT + 1}%",
    "12.5%",
    "-5%",
    "0bps",
    "2gbps",
    "2 GBps",
    "1e3bps",
    "2Gbps ",
    "٣%",
]

NO_PATTERNS: list[Any] = [
    "",
    "Poisson",
    "burst",
    "burst:",
    "burst:1",
    "burst:-3",
    "burst:1.5",
    "bursts:4",
    "constant:4",
]
NO_PATTERNS += [f"burst:{MOST_BURST + 1}", "burst:9999999999", 4, True, None, ["poisson"]]


@pytest.mark.parametrize("text", RATES, ids=str)
def test_a_rate_is_kept_as_it_was_written(text: int | float | str) -> None:
    assert Rate().accept(text) == text


@pytest.mark.parametrize("value", NO_RATES, ids=repr)
def test_what_is_no_rate_is_refused_with_what_would_be_one(value: Any) -> None:
    with pytest.raises(ValueError, match=r"is not requests per second .* \"2Gbps\".* 0 for a closed loop"):
        Rate().accept(value)


@pytest.mark.parametrize(
    ("text", "is_", "burst"),
    [
        ("constant", "constant", 1),
        ("poisson", "poisson", 1),
        ("burst:2", "burst:2", 2),
        ("burst:064", "burst:64", 64),
        (f"burst:{MOST_BURST}", f"burst:{MOST_BURST}", MOST_BURST),
    ],
)
def test_patterns(text: str, is_: str, burst: int) -> None:
    assert Arrival().accept(text) == is_ and burst_of(is_) == burst


@pytest.mark.parametrize("value", NO_PATTERNS, ids=repr)
def test_what_is_no_pattern_is_refused_with_what_would_be_one(value: Any) -> None:
    said = f'is not "constant", "poisson" or "burst:N" with N from 2 to {MOST_BURST}'
    with pytest.raises(ValueError, match=re.escape(said)):
        Arrival().accept(value)


@pytest.mark.parametrize(
    ("value", "is_"), [(0, 0), (7, 7), ("unlimited", UNLIMITED), (UNLIMITED - 1, UNLIMITED - 1)]
)
def test_backlogs(value: int | str, is_: int) -> None:
    assert Backlog().accept(value) == is_


@pytest.mark.parametrize("value", [-1, 1.0, True, "all", "7", UNLIMITED + 1, None], ids=repr)
def test_what_is_no_backlog_is_refused_with_what_would_be_one(value: Any) -> None:
    with pytest.raises(ValueError, match=f'whole number from 0 to {UNLIMITED - 1}, or "unlimited"'):
        Backlog().accept(value)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("rate=fast", "'fast' is not requests per second"),
        ("rate=-1", "-1 is not requests per second"),
        ("arrival=burst:1", "'burst:1' is not \"constant\""),
        ("backlog=-1", '-1 is not a whole number from 0 to 4294967294, or "unlimited"'),
        ("rate=1bps", "1bps of requests of 64 bytes are 0.00195 requests per second; 1 to 1000000000"),
    ],
)
def test_the_command_says_what_was_expected(override: str, said: str, cli: Cli) -> None:
    message = cli.refuses("run", cli.profile(), "--set", override)
    assert said in message and override.partition("=")[0] in message


# What a case makes of it


@given(st.integers(1, MOST_PER_SECOND) | st.integers(1, MOST_PERCENT).map(lambda number: f"{number}%"))
def test_the_rate_of_a_case_makes_the_same_case(
    tmp_path_factory: pytest.TempPathFactory, rate: int | str
) -> None:
    folder = tmp_path_factory.mktemp("rates")
    case = one(folder, f"rate={rate}", "arrival=burst:9", "backlog=3")
    assert case.load.open_loop and (case.arrival, case.backlog) == ("burst:9", 3)
    assert rate_of(case) == rate
    assert one(folder, f"rate={rate_of(case)}", f"arrival={case.arrival}", f"backlog={case.backlog}") == case


@given(
    st.sampled_from([("bps", 1), ("kbps", 10**3), ("Mbps", 10**6), ("Gbps", 10**9)]),
    st.integers(1, 10**6),
    st.integers(1, 4096).map(lambda blocks: 16 * blocks),
)
def test_bits_are_the_nearest_number_of_requests(
    tmp_path_factory: pytest.TempPathFactory, unit: tuple[str, int], number: int, size: int
) -> None:
    folder = tmp_path_factory.mktemp("bits")
    exact = number * unit[1] / (8 * size)
    words = f"rate={number}{unit[0]}", f"request_size={size}"
    if not 1 <= round(exact) <= MOST_PER_SECOND:
        with pytest.raises(BenchsuiteError, match="can be asked for"):
            one(folder, *words)
        return
    case = one(folder, *words)
    assert abs(case.rate - exact) <= 0.5 and case.rate_percent == 0
    assert one(folder, f"rate={rate_of(case)}", f"request_size={size}") == case


def test_bits_are_of_the_size_as_it_is_rounded(tmp_path: Path) -> None:
    assert one(tmp_path, "rate=1Mbps", "request_size=120", "round_size=true").rate == round(1e6 / (8 * 128))


def test_the_same_bits_are_other_requests_for_each_size(tmp_path: Path) -> None:
    cases = planned(tmp_path, "rate=1Gbps", "request_size=64,1024")
    assert [case.rate for case in cases] == [1953125, 122070]


def test_what_has_no_rate_is_one_case_whatever_is_swept_over(tmp_path: Path) -> None:
    cases = planned(tmp_path, "rate=0,1000,50%", "arrival=constant,poisson", "backlog=0,unlimited")
    closed = [case for case in cases if not case.load.open_loop]
    assert len(cases) == 1 + 2 * 2 * 2 and len(closed) == 1
    assert (closed[0].arrival, closed[0].backlog) == ("constant", UNLIMITED)
    assert closed == list(planned(tmp_path))


def test_a_list_of_rates_is_measured_and_one_that_will_not_do_is_a_line(cli: Cli, tmp_path: Path) -> None:
    done = cli.run("run", cli.profile(), "-q", "-b", "null", "--set", "rate=5000,1Mbps,20%", "-o", "r.json")
    assert done.returncode == 0, done.stderr
    cases = [each.case for each in store.load(tmp_path / "r.json").cases]
    assert [(case.rate, case.rate_percent) for case in cases] == [(5000, 0), (1953, 0), (0, 20)]


@pytest.mark.parametrize("key", ["arrival", "backlog"])
@pytest.mark.parametrize("overrides", [[], ["--set"]])
def test_how_requests_arrive_without_a_rate_is_refused(key: str, overrides: list[str]) -> None:
    value: dict[str, object] = {"arrival": "poisson", "backlog": 5}
    matrix = {"algorithm": "sha256"} | ({} if overrides else {key: value[key]})
    parsed = profile.parse({"why": "x.", "matrix": [matrix]}, "f.toml", "f")
    said = [f"{key}={value[key]}"] if overrides else []
    with pytest.raises(BenchsuiteError, match=f"{key}.*without a rate: give rate, too, or leave {key} out"):
        profile.expand(parsed, said, cpus=1)
    assert profile.expand(parsed, [*said, "rate=5"], cpus=1).cases[0].rate == 5
