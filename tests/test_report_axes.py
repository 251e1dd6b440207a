"""A workload is drawn along what it goes along, whatever parameter that is: on the page and in the plots."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from page_reading import Element, read, rows
from report_fixture import measured
from report_page_fixture import along

from benchsuite.model import PARAMETERS, Case, Parameter, Result
from benchsuite.report.charts import axes, costs, strips
from benchsuite.report.charts.entries import Data, collect
from benchsuite.report.charts.measures import mbps
from benchsuite.report.charts.quantities import RATES
from benchsuite.report.charts.rates import rates
from benchsuite.report.html.page import render
from benchsuite.report.plots.frame import TickLabel
from benchsuite.report.plots.images import figure_of
from benchsuite.report.plots.plan import plans
from benchsuite.sweeps import AXES

GCM = Case("software", "aes-128-gcm")


def data(*cases: Case, seconds: float = 1e-6) -> Data:
    """Each takes longer the larger its numbers are; of several workers the time is that of all together."""
    results = [
        measured(case, seconds * (1 + 1e-4 * case.request_size) * (0.1 + 0.9 / case.workers), cpu=0.5)
        for case in cases
    ]
    return collect([("a.json", Result("p", "", {}, results))])


def crossed(base: Case, **along: tuple[Any, ...]) -> list[Case]:
    return [replace(base, **dict(zip(along, point, strict=True))) for point in product(*along.values())]


def page(found: Data) -> Element:
    return read(render(found))


@pytest.mark.parametrize("key", AXES)
def test_any_number_parameter_is_drawn_with_its_name(key: str) -> None:
    """Nothing in the report knows any of them: what it says of them is in the model."""
    of = PARAMETERS[key]
    values = [200, 300, 500, 700] if of.linear else [3, 5, 12, 700]  # room for all of their ticks
    found = data(*crossed(GCM, **{key: tuple(values)}))
    (panel,) = rates(found)
    drawn = RATES[found.entries[0].case.rate_unit]
    assert (panel.axis, panel.xs, panel.name) == (of, values, f"{drawn.name} by {of.called}")
    section = page(found).one("section", id=f"{drawn.identity}-by-{of.called}")
    assert of.about in section.text and of.about
    titles = [text.text for text in section.one("svg", class_="plot").all("text", class_="name")]
    assert titles == [panel.x, drawn.y]
    tips = [str(mark.attributes["data-t"]) for mark in section.all("path") if "data-t" in mark.attributes]
    assert [tip.split(": ")[0] for tip in tips] == [f"software, {of.at(x)}" for x in panel.xs]
    names = [plan.name for plan in plans(found)]
    assert f"{drawn.identity}-by-{of.called}-aes-128-gcm-encrypt" in names
    assert f"cpu-per-gbit-by-{of.called}-aes-128-gcm-encrypt" in names
    (axis,) = figure_of(next(iter(plans(found)))).axes
    assert axis.get_xlabel() == panel.x
    ticks = [text for text in axis.texts if isinstance(text, TickLabel) and text.along == "x"]
    assert [tick.get_text() for tick in ticks] == [str(value) for value in values]


def test_workers_have_the_ideal_line_and_their_share_of_it() -> None:
    found = data(*crossed(GCM, request_size=(1488, 16384), workers=(1, 2, 4, 8, 16)))
    assert [(panel.axis.key, panel.key.request_size) for panel in rates(found)] == [
        ("workers", 1488),
        ("workers", 16384),
    ]
    (curve,) = rates(found)[0].curves
    one, times = curve.dots[0].figure.middle, 1 / (0.1 + 0.9 / 16)
    assert curve.ideal == ((1, pytest.approx(one)), (16, pytest.approx(16 * one)))
    assert curve.remark == f"{times:.3g} times at workers 16, {times / 16:.0%} of the ideal"
    section = page(found).one("section", id="mbps-by-workers")
    assert len(section.all("path", class_="ideal")) == 2 and curve.remark in section.text
    assert "Mbps by size" not in page(found).text
    (axis,) = figure_of(plans(found)[0]).axes
    (ideal,) = [line for line in axis.lines if line.get_linestyle() == ":"]
    assert list(ideal.get_ydata()) == pytest.approx([one, 16 * one])


def test_nothing_else_has_an_ideal() -> None:
    for key in set(AXES) - {"workers"}:
        (panel,) = rates(data(*crossed(GCM, **{key: (1, 2, 4)})))
        assert not any(curve.ideal for curve in panel.curves)


def test_batch_has_0_on_its_axis_and_cbimm_tells_panels_apart() -> None:
    found = data(*crossed(GCM, backend=("null", "software"), batch=(0, 1, 2, 8, 32), cbimm=(0, 1)))
    panels = rates(found)
    assert [panel.title for panel in panels] == [
        "aes-128-gcm encrypt, cbimm 0",
        "aes-128-gcm encrypt, cbimm 1",
    ]
    assert {panel.axis.key for panel in panels} == {"batch"} and panels[0].xs == [0, 1, 2, 8, 32] * 2
    ticks = page(found).all("svg", class_="plot")[0].all("text", class_="mid")
    assert [tick.text for tick in ticks if tick.text.isdigit()] == ["0", "1", "2", "8", "32"]


def test_values_with_0_stand_side_by_side() -> None:
    axis = axes.along(PARAMETERS["batch"], [0, 1, 2, 8, 32], 0, 100, 1)
    places = [axis.place(value) for value in (0, 1, 2, 8, 32)]
    assert {round(right - left, 6) for left, right in pairwise(places)} == {20}
    assert places[2] < axis.place(5) < places[3] and len(axis.ticks) == 5


@given(st.sets(st.integers(0, 1 << 20), min_size=1, max_size=40), st.booleans())
def test_every_value_has_a_place_and_the_ticks_have_room(values: set[int], linear: bool) -> None:
    of = Parameter("x", 1, "x", linear=linear)
    axis = axes.along(of, sorted(values), 0, 300, 7)
    places = [axis.place(value) for value in sorted(values)]
    assert places == sorted(places) and places[0] >= 0 and places[-1] <= 300
    edges = [(axis.place(at) - len(text) * 3.5, axis.place(at) + len(text) * 3.5) for at, text in axis.ticks]
    assert edges and all(left >= right for (_, right), (left, _) in pairwise(edges))


def test_operations_go_along_workers_too() -> None:
    sign = Case("software", "rsa-2048", "sign", request_size=0)
    section = page(data(*crossed(sign, workers=(1, 2, 4)))).one(
        "section", id="operations-per-second-by-workers"
    )
    assert "of the ideal" in section.text
    assert list(rows(section.one("pre"))[0])[:3] == ["line", "workers", "requests/s"]


def test_one_point_of_each_is_no_line() -> None:
    found = data(replace(GCM, workers=1), replace(GCM, backend="afalg", workers=2))
    assert rates(found) == [] and len(strips.single(found, [], mbps)[0].rows) == 2


def test_costs_are_drawn_once() -> None:
    """Along sizes where a workload goes along these, too."""
    found = data(*crossed(GCM, request_size=(64, 256, 1024), q_len=(1, 2, 4)))
    assert {panel.axis.key for panel in rates(found)} == {"request_size", "q_len"}
    assert {panel.axis.key for panel in costs.costs(found)} == {"request_size"}
    assert len(along(found, "q_len")) == 3


def test_latencies_are_ordered_by_what_the_workload_goes_along() -> None:
    found = data(*crossed(GCM, workers=(4, 1, 2)))
    (strip,) = strips.latencies(found)
    names = ["1488 B, workers 1: software", "1488 B, workers 2: software", "1488 B, workers 4: software"]
    assert [row.name for row in strip.rows] == names


def test_a_map_has_columns_along_what_is_swept() -> None:
    found = data(*crossed(GCM, backend=("software", "afalg"), request_size=(64, 1488), workers=(1, 2, 4)))
    (row, _) = rows(page(found).all("table", class_="heat")[0])
    assert list(row) == ["workload", "workers 1", "workers 2", "workers 4"]


@given(st.lists(st.floats(-1e12, 1e12), min_size=1))
@example([5e-324])
def test_any_figures_are_on_a_linear_axis_with_ticks(figures: list[float]) -> None:
    axis = axes.linear(figures, 0, 100)
    assert all(0 <= axis.place(figure) <= 100 for figure in [*figures, 0.0])
    assert 1 <= len(axis.ticks) <= 8 and len({text for _, text in axis.ticks}) == len(axis.ticks)
