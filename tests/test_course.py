"""The course of a rate: what is steady, what has changed for good, and what is said of it."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from series_fixture import logged, result, series, steady, step, throttled

from benchsuite.course import course
from benchsuite.exports import render
from benchsuite.findings import findings
from benchsuite.model import Case, Result
from benchsuite.report import render as show
from benchsuite.series import LISTS, MOST_INTERVALS, Series


def said(of: Result) -> list[str]:
    return [each.text for each in findings(of) if each.kind == "course"]


def test_a_throttled_board_says_so() -> None:
    (text,) = said(result(logged(throttled())))
    assert "fell by 31% after 140 s" in text
    assert "the CPU's frequency fell from 1.8 to 1.2 GHz: throttled (slowed down by 3 steps, 84 °C)." in text
    (found,) = [each for each in findings(result(logged(throttled()))) if each.kind == "course"]
    assert found.figures["after_seconds"] == 140 and found.figures["after_frequency_hz"] == 1.2e9
    assert found.figures["ratio"] == pytest.approx(450 / 650, rel=0.01)


def test_a_lower_frequency_that_nothing_shows_to_be_throttling_is_not_called_so() -> None:
    of = series(
        60, step(30, 5e5, 3e5), frequency_hz=step(30, 2e9, 1.2e9), temperature_celsius=lambda at: 40.0
    )
    (text,) = said(result(logged(of)))
    assert "frequency fell from 2 to 1.2 GHz" in text and "throttled" not in text


def test_other_work_is_told_by_the_cpu_time() -> None:
    of = series(60, step(30, 5e5, 2.5e5), user_cpus=step(30, 0.98, 0.5), system_cpus=lambda at: 0.0)
    (text,) = said(result(logged(of)))
    assert "fell by 50% after 30.0 s" in text
    assert "other work took the CPU, and the process had 0.98 CPUs before and 0.5 after" in text


def test_a_cause_that_is_not_told_is_not_made_up() -> None:
    cpu = {"user_cpus": lambda at: 1.0, "system_cpus": lambda at: 0.0}
    (text,) = said(result(logged(series(60, step(30, 5e5, 3e5), **cpu))))
    assert "this machine does not tell its frequency" in text
    cpu |= {"frequency_hz": lambda at: 2e9}
    (text,) = said(result(logged(series(60, step(30, 5e5, 3e5), **cpu))))
    assert "neither the CPU's frequency nor its share of the process changed with it" in text


def test_a_steady_one_says_within_what() -> None:
    (text,) = said(result(logged(steady())))
    assert re.search(r"is steady over 60.0 s within [12]\.\d%", text)
    two = result(logged(steady()), logged(steady(seed=2), case=Case("software", "sha256", "digest")))
    (text,) = said(two)
    assert text.startswith("The rates of 2 cases are steady over 60.0 s within ")


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize("noise", [0.002, 0.05, 0.3])
def test_noise_is_no_change(seed: int, noise: float) -> None:
    found = course(series(200, lambda at: 5e5, noise=noise, seed=seed))
    assert found and found.change is None
    assert found.steady == (noise < 0.02)


@pytest.mark.parametrize("seed", range(10))
def test_a_change_is_found_in_noise(seed: int) -> None:
    found = course(series(200, step(120, 5e5, 4e5), noise=0.03, seed=seed))
    assert found and found.change and found.change.at == pytest.approx(120, abs=3)
    assert found.change.ratio == pytest.approx(0.8, abs=0.02)


def test_a_short_dip_is_no_lasting_change() -> None:
    found = course(series(60, lambda at: 1e5 if 30 <= at < 32 else 5e5))
    assert found and found.change is None


def test_the_ramp_and_a_bit_of_an_interval_are_no_part_of_it() -> None:
    of = series(60, step(10, 1e5, 5e5), ramp=10.0)
    of.add({"begins": 60.0, "lasts": 0.1, "requests_per_second": 1.0})
    found = course(of)
    assert found and found.steady and found.seconds == 50


def test_too_little_says_nothing() -> None:
    assert course(series(9, lambda at: 5e5)) is None
    assert course(series(60, lambda at: None)) is None
    assert course(series(60, lambda at: 0.0)) is None
    assert said(result(logged(series(9, lambda at: 5e5)))) == []


def test_the_process_in_which_it_changed_is_told_of() -> None:
    (text,) = said(result(logged(steady(), throttled(), steady(seed=5))))
    assert "fell by 31%" in text


def test_a_series_is_bounded_and_keeps_its_sums() -> None:
    of = Series(0.01)
    for number in range(2 * MOST_INTERVALS + 10):
        row = {"begins": number * 0.01, "lasts": 0.01, "requests_per_second": 7.0, "sampled": 3}
        of.add(row | {"p99_seconds": number % 5 * 1e-6, "throttle_events": 1.0})
    assert len(of) <= MOST_INTERVALS and of.interval == 0.04 and set(of.lasts[:-1]) == {0.04}
    assert sum(of.lasts) == pytest.approx((2 * MOST_INTERVALS + 10) * 0.01)
    assert sum(of.sampled) == 3 * (2 * MOST_INTERVALS + 10) == 3 * sum(of.column("throttle_events"))  # type: ignore[arg-type]
    assert of.requests_per_second == pytest.approx([7.0] * len(of))
    assert max(of.p99_seconds) == 4e-6  # type: ignore[type-var]


def test_json_has_it_where_there_is_one() -> None:
    cases = json.loads(show(result(logged(throttled(), steady()), logged(None)), "json", None))["cases"]
    assert [each["process"] for each in cases[0]["series"]] == [0, 1]
    assert cases[0]["series"][0]["frequency_hz"][-1] == 1.2e9 and cases[0]["series"][0]["ramp"] == 5.0
    assert "series" not in cases[1]


def test_series_csv_has_a_row_for_each_interval() -> None:
    rows = list(csv.DictReader(io.StringIO(render(result(logged(throttled(), steady())), "series-csv"))))
    assert len(rows) == 300 + 60 and set(LISTS) <= set(rows[0])
    assert [row["ramp"] for row in rows[:7]] == ["true"] * 5 + ["false"] * 2
    assert rows[0]["throttle_events"] == "" and rows[299]["slowed_steps"] == "3.0"
    assert (rows[0]["algorithm"], rows[0]["process"], rows[300]["process"]) == ("aes-128-gcm", "0", "1")
