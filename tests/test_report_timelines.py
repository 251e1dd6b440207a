"""What a case did over time, on the page and on paper."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from report_fixture import sizes
from report_page_fixture import DEVICE
from series_fixture import logged, result, series, steady, throttled

from benchsuite.model import Case, Result
from benchsuite.report.charts.entries import Data, collect
from benchsuite.report.charts.timelines import MOST_POINTS, timelines
from benchsuite.report.html.page import render
from benchsuite.report.plots.images import figure_of
from benchsuite.report.plots.plan import plans
from benchsuite.series import VIRTUAL


def data(*results: Result) -> Data:
    return collect([(f"{number}.json", each) for number, each in enumerate(results)])


def two() -> Result:
    return result(logged(throttled()), logged(steady(), case=Case("null", "sha256", "digest")))


def test_strips_are_what_was_told() -> None:
    board, plain = timelines(
        data(result(logged(throttled()), logged(steady(), case=Case("null", "sha256", "digest"))))
    )
    assert [band.name for band in board.bands] == [
        "rate (Mbps)",
        "p99 (µs)",
        "CPU of the process (%)",
        "frequency (GHz)",
        "temperature (°C)",
        "slowed down (steps)",
    ]
    assert (board.seconds, board.ramp, board.changes, board.untold) == (300, 5, (140,), ())
    assert [title for title, _ in plain.untold] == ["frequency", "temperature"]
    assert [band.title for band in plain.bands] == ["rate", "p99"]
    (line,) = board.bands[3].lines
    assert next(point.middle for piece in line for point in piece) == pytest.approx(1.8)


def test_rates_are_those_of_the_table() -> None:
    (timeline,) = timelines(data(result(logged(steady()))))
    figures = [point.middle for piece in timeline.bands[0].lines[0] for point in piece]
    assert sum(figures) / len(figures) == pytest.approx(500_000 * 1488 * 8 / 1e6, rel=0.01)


def test_many_intervals_are_drawn_as_few_with_their_extremes() -> None:
    of = series(3000, lambda at: 1e5 if at == 1234 else 5e5, noise=0)
    (timeline,) = timelines(data(result(logged(of))))
    (piece,) = timeline.bands[0].lines[0]
    assert MOST_POINTS / 2 < len(piece) <= MOST_POINTS
    assert min(point.low for point in piece) == pytest.approx(1e5 * 1488 * 8 / 1e6)
    assert min(point.middle for point in piece) == pytest.approx(5e5 * 1488 * 8 / 1e6)


def test_a_gap_is_no_line() -> None:
    of = series(30, lambda at: None if 10 <= at < 12 else 5e5)
    (timeline,) = timelines(data(result(logged(of))))
    assert [len(piece) for piece in timeline.bands[0].lines[0]] == [10, 18]


def test_what_is_left_of_an_interval_is_no_spike() -> None:
    """The last interval of a ramp, and of a run, may have lasted two milliseconds."""
    of = series(30, lambda at: 4e6 if at in (10, 29) else 5e5, noise=0, ramp=10.0)
    of.lasts[10] = of.lasts[29] = 0.002
    (timeline,) = timelines(data(result(logged(of))))
    (piece,) = timeline.bands[0].lines[0]
    assert len(piece) == 28
    assert max(point.high for point in piece) == pytest.approx(5e5 * 1488 * 8 / 1e6)


def test_the_page_says_and_marks_it() -> None:
    page = render(data(two()))
    assert 'href="#time"' in page and ">Over time</h2>" in page
    section = page.partition('id="time"')[2].partition("</section>")[0]
    assert (
        section.count("<svg") == 2
        and section.count('class="ramp"') == 1
        and section.count('class="drop"') == 1
    )
    assert "Not told here: frequency and temperature." in section
    assert "the rate changed at 140 s" in section
    assert ">Over time</h2>" not in render(data(sizes()))


def test_what_is_simulated_says_so() -> None:
    of = replace(steady(), clock=VIRTUAL)
    case = logged(of, case=Case(DEVICE, "aes-128-cbc"))
    for run in case.runs:
        run.facts |= {"version": "hifn7956 model 1", "simulated": "yes", "confidence": "table"}
    (timeline,) = timelines(data(result(case)))
    assert timeline.x == "virtual time (s)" and "simulated" in timeline.heading and timeline.changes == ()


def test_a_plot_for_each_case() -> None:
    found = [plan for plan in plans(data(result(logged(throttled())))) if plan.name.startswith("over-time")]
    (plan,) = found
    assert plan.name.endswith("software")
    places = figure_of(plan).axes
    assert len(places) == 6
    assert [place.get_title(loc="left") for place in places][:2] == ["rate (Mbps)", "p99 (µs)"]
    assert places[-1].get_xlabel() == "time (s)"
    assert all(math.isclose(place.get_xlim()[1], places[0].get_xlim()[1]) for place in places)
