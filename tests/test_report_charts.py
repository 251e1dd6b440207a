"""What the page and the plots draw: lines, bands, knees, crossovers, and who stands for which line."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from by_backend_fixture import ACCELERATOR, paths
from compare_fixture import CBC, paired
from hypothesis import given
from hypothesis import strategies as st
from report_fixture import everything, measured, sizes
from report_page_fixture import DEVICE, along, depths, many

from benchsuite import stats
from benchsuite.knee import knee
from benchsuite.model import PARAMETERS, Case, Failure, Result
from benchsuite.report.charts import axes, compared, costs, panels, strips
from benchsuite.report.charts.entries import Data, collect
from benchsuite.report.charts.measures import cpu_per_gbit, mbps
from benchsuite.report.charts.rates import height, rates


def data(*results: Result, base: str = "") -> Data:
    return collect(
        [(f"{number}/{result.profile}.json", result) for number, result in enumerate(results)], base
    )


def test_mbps_and_its_band_are_those_of_stats() -> None:
    entry = data(sizes()).entries[2]
    figure, (low, high) = mbps(entry), stats.summary(entry.row.result).interval
    assert figure and figure.middle == stats.summary(entry.row.result).mbps
    bits = entry.case.request_size * 8 / 1e6
    assert (figure.low, figure.high) == pytest.approx((bits / high, bits / low))
    assert figure.low < figure.middle < figure.high


def test_cpu_per_gbit_is_cpu_seconds_over_bits() -> None:
    """0.5 CPUs busy for 1 µs a request of 1000 bytes: 5e-7 s for 8e-6 Gbit."""
    case = measured(Case("software", "x", request_size=1000), 1e-6, cpu=0.5, wobble=0)
    figure = cpu_per_gbit(data(Result("p", "", {}, [case])).entries[0])
    assert figure and figure.middle == pytest.approx(5e-7 / 8e-6)
    assert figure.low == pytest.approx(figure.high)


def test_cpu_per_gbit_goes_from_the_cheapest_process_to_the_dearest() -> None:
    case = measured(Case("software", "x", request_size=1000), 1e-6, wobble=0)
    cheap = measured(case.case, 1e-6, cpu=0.5, wobble=0).runs[0]
    case.runs[1] = cheap
    figure = cpu_per_gbit(data(Result("p", "", {}, [case])).entries[0])
    assert figure and (figure.low, figure.high) == pytest.approx((0.0625, 0.125))
    assert figure.middle == pytest.approx((0.125 * 2 + 0.0625) / 3)


def test_no_cpu_time_is_no_figure() -> None:
    case = measured(Case("tcrypt", "x"), 1e-6)
    case.runs[0].values[0] = replace(case.runs[0].values[0], user=None)
    assert cpu_per_gbit(data(Result("p", "", {}, [case])).entries[0]) is None


@pytest.mark.parametrize(
    ("rates", "depth", "words"),
    [
        ([(1, 100), (2, 200), (4, 390), (8, 400), (16, 401)], 4, "knee at q_len 4"),
        ([(1, 100), (2, 200), (4, 379), (8, 400)], 8, "still rising at q_len 8"),
        ([(1, 396), (2, 400), (4, 399)], 1, "no knee: q_len 1 is enough"),
        ([(1, 100), (2, 400), (4, 300)], 2, "knee at q_len 2"),
    ],
)
def test_the_knee_is_the_least_depth_with_95_percent(
    rates: list[tuple[int, float]], depth: int, words: str
) -> None:
    found = knee(rates)
    assert found and (found.depth, str(found)) == (depth, words)


def test_two_depths_have_no_shape() -> None:
    assert knee([(1, 100), (16, 1000)]) is None


@given(st.dictionaries(st.integers(1, 1000), st.floats(1e-3, 1e9), min_size=3))
def test_a_knee_reaches_95_percent_and_no_lesser_depth_does(rates: dict[int, float]) -> None:
    found = knee(list(rates.items()))
    assert found
    highest = max(rates.values())
    assert rates[found.depth] >= 0.95 * highest
    assert all(rate < 0.95 * highest for depth, rate in rates.items() if depth < found.depth)


def test_the_knee_of_a_device_and_its_words() -> None:
    (panel,) = along(data(depths()), "q_len")
    said = {line.contender.label: line.remark for line in panel.curves}
    assert said == {
        "software": "no knee: q_len 1 is enough",
        f"{DEVICE} (simulated, from published figures)": "knee at q_len 8",
        "afalg": "still rising at q_len 32",
    }
    marks = [line.mark.x for line in panel.curves if line.mark]
    assert marks == [8] and panel.simulated == "partly simulated, from published figures"


def test_crossovers_are_those_of_across() -> None:
    from benchsuite.view.by_backend import by_backend

    result = paths()
    known = {(m.challenger, m.case.q_len, m.case.algorithm): m.found for m in by_backend(result).meetings}
    found = {
        (meeting.challenger.backend, panel.key.q_len, panel.key.algorithm): meeting.found
        for panel in along(data(result), "request_size")
        for meeting in panel.meetings
    }
    assert found.keys() == known.keys()
    for key, crossing in found.items():
        assert (crossing.spans, crossing.start) == (known[key].spans, known[key].start)
        assert crossing.at == pytest.approx(known[key].at)
    assert any(crossing.at for crossing in found.values())


def test_the_mark_of_a_crossover_lies_on_both_lines() -> None:
    panel = next(panel for panel in along(data(paths()), "request_size") if panel.key.q_len == 16)
    by_backend = {line.contender.backend: line for line in panel.curves}
    mark = by_backend[ACCELERATOR].mark
    assert mark
    assert height(by_backend["software"].dots, mark.x) == pytest.approx(mark.y)


def test_software_is_what_others_are_held_against() -> None:
    found = data(everything())
    assert found.base == "software" and found.contenders[0].backend == "software"
    assert data(everything(), base="python").base == "python"
    only = Result("p", "", {}, [measured(Case(name, "x"), 1e-6) for name in ("null", "afalg", "python")])
    assert data(only).base == "afalg"


def test_a_line_looks_the_same_everywhere_and_unlike_any_other() -> None:
    found = data(many(400))
    looks = {contender.style for contender in found.contenders}
    assert len(looks) == len(found.contenders)
    for panel in rates(found):
        assert all(line.contender in found.contenders for line in panel.curves)


def test_panels_are_split_with_the_base_in_each() -> None:
    found = data(many(400))
    for whole in along(found, "request_size"):
        parts = panels.split(whole, found.base)
        assert all(len(part.curves) <= panels.MOST_CURVES for part in parts)
        assert all(part.curves[0].contender.backend == "software" for part in parts)
        drawn = [line.contender.label for part in parts for line in part.curves[1:]]
        assert sorted(drawn) == sorted(line.contender.label for line in whole.curves[1:])
        assert len(parts) == 2


def test_every_measured_case_is_drawn_somewhere() -> None:
    for result in (everything(), sizes(), paths(), depths(), many(80)):
        found = data(result)
        drawn = rates(found)
        alone = {id(row.entry) for strip in strips.single(found, drawn, mbps) for row in strip.rows}
        lined = {id(dot.entry) for panel in drawn for line in panel.curves for dot in line.dots}
        assert alone | lined == {id(entry) for entry in found.measured}
        assert not alone & lined


@pytest.mark.parametrize("backend", ["sim:x", "sim:" + "x" * 300, "sim:" + "x y " * 100])
@pytest.mark.parametrize("width", [20, 52])
def test_a_name_that_is_cut_still_says_simulated(backend: str, width: int) -> None:
    found = data(Result("p", "", {}, [measured(Case(backend, "aes"), 1e-6)]))
    (strip,) = strips.single(found, [], mbps)
    lines = strip.rows[0].lines(width, 104)
    assert "(simulated, how sure is not said)" in " ".join(lines) and sum(map(len, lines)) <= 104
    assert all(len(line) <= width for line in lines)


def test_the_same_case_twice_is_said_not_dropped() -> None:
    result = sizes()
    result.cases.append(result.cases[1])
    assert [panel.left_out for panel in along(data(result), "request_size")] == [1]


def test_results_are_told_apart_by_the_shortest_names() -> None:
    labels = [source.label for source in collect([("a/x.json", sizes()), ("b/y.json", sizes())]).sources]
    assert labels == ["x", "y"]
    labels = [source.label for source in collect([("a/x.json", sizes()), ("b/x.json", sizes())]).sources]
    assert labels == ["a/x.json", "b/x.json"]
    labels = [source.label for source in collect([("x.json", sizes()), ("x.json", sizes())]).sources]
    assert labels == ["x.json (1)", "x.json (2)"]


def test_freed_is_what_the_base_would_have_used_more() -> None:
    """The device keeps a quarter of a CPU busy, and at q_len 1 takes twice as long as software."""
    cases = depths().cases + [
        replace(case, case=replace(case.case, request_size=2 * case.case.request_size))
        for case in depths().cases
    ]
    found = costs.freed(data(Result("p", "", {}, cases)))
    lines = [line for panel in found for line in panel.curves if line.contender.backend == DEVICE]
    shallow = [(dot.x, dot.figure.middle) for dot in (line.dots[0] for line in lines)]
    assert shallow == [(1, pytest.approx(50)), (1, pytest.approx(50))]
    assert "software" not in {line.contender.backend for panel in found for line in panel.curves}


def test_two_results_are_compared_and_their_machines_too() -> None:
    slower = sizes()
    slower.environment["benchsuite_kernel_release"] = "6.12.0"
    slower.cases[0] = measured(slower.cases[0].case, 1e-6)
    found = data(sizes(), slower)
    between = [each for each in compared.compared(found) if each.between]
    assert [len(each.comparison.lines) for each in between] == [10]
    notices = compared.notices(found)
    assert any("different kernel: 6.1.0-28-amd64 against 6.12.0" in text for text in notices)


def test_results_without_a_common_case_are_compared_by_their_work() -> None:
    software, python = sizes(), sizes()
    software.cases, python.cases = software.cases[:5], python.cases[5:]
    (found,) = compared.compared(data(software, python))
    assert found.title == "python against software" and len(found.comparison.compared) == 5


def test_the_sides_of_a_pair_are_two_lines_also_of_the_same_backend() -> None:
    cases = [replace(CBC, request_size=size) for size in (64, 1024)]
    result = paired([(case, 1e-6, 1.1e-6) for case in cases], backends=("software", "software"))
    (panel,) = along(data(result), "request_size")
    assert [line.contender.label for line in panel.curves] == ["software, side A", "software, side B"]
    assert [len(line.dots) for line in panel.curves] == [2, 2] and panel.left_out == 0
    (found,) = compared.compared(data(result))
    assert found.title == "side B against side A" and found.comparison.counts() == {"slower": 2}
    for number, case in enumerate(result.cases):
        case.label = ("old", "new")[number % 2]
    (panel,) = along(data(result), "request_size")
    assert [line.contender.label for line in panel.curves] == ["old", "new"]


def test_a_failed_case_has_no_place_in_a_plot() -> None:
    result = sizes()
    result.cases[0].failure = Failure("crash", "signal 11")
    panel = along(data(result), "request_size")[0]
    assert [len(line.dots) for line in panel.curves] == [4, 5]


@given(st.lists(st.floats(1e-9, 1e15), min_size=1, max_size=30))
def test_a_logarithmic_axis_holds_its_figures_and_has_ticks(figures: list[float]) -> None:
    axis = axes.logarithmic(figures, 100, 0)
    assert all(0 <= axis.place(figure) <= 100 for figure in figures)
    places = [axis.place(tick) for tick, _ in axis.ticks]
    assert 2 <= len(places) <= 24 and places == sorted(places, reverse=True)
    assert all(0 <= place <= 100 for place in places)


def test_nothing_at_all_has_a_place_on_a_logarithmic_axis() -> None:
    axis = axes.logarithmic([0, 5, 10], 0, 100)
    assert axis.place(0) == 0 and 0 < axis.place(5) < axis.place(10) < 100
    assert axes.logarithmic([0], 0, 100).ticks


@given(st.lists(st.floats(-1e7, 100), min_size=1, max_size=30))
def test_a_linear_axis_holds_what_it_shows(figures: list[float]) -> None:
    axis = axes.linear(figures, 100, 0, -100.0)
    assert all(0 <= axis.place(figure) <= 100 for figure in figures)
    assert axis.place(-1e9) == axis.place(-100)
    if min(figures) < -100:
        assert axis.ticks[0][1] == "≤-100"


@given(st.sets(st.integers(1, 1 << 20), min_size=1, max_size=40))
def test_ticks_of_sizes_have_room(values: set[int]) -> None:
    axis = axes.along(PARAMETERS["request_size"], sorted(values), 0, 300, 7)
    edges = [(axis.place(at) - len(text) * 3.5, axis.place(at) + len(text) * 3.5) for at, text in axis.ticks]
    assert edges
    assert all(left >= right for (_, right), (left, _) in pairwise(edges))
