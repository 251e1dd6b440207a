"""Plots for papers: which files, what is said in them, and that they read without colour."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from by_backend_fixture import paths
from matplotlib.colors import to_rgba
from report_fixture import everything, measured, sizes
from report_page_fixture import DEVICE, depths, many, workers

from benchsuite.model import Case, Result
from benchsuite.report.charts.entries import collect
from benchsuite.report.charts.panels import Panel
from benchsuite.report.plots import style
from benchsuite.report.plots.frame import TickLabel
from benchsuite.report.plots.images import figure_of, images, settings
from benchsuite.report.plots.lines import lines
from benchsuite.report.plots.plan import LONGEST, Plan, plans
from benchsuite.report.plots.renderers import Canvas

SAID = "simulated, from published figures"
SVG = "{http://www.w3.org/2000/svg}"


def planned(*results: Result) -> list[Plan]:
    return plans(collect([(f"{number}.json", result) for number, result in enumerate(results)]))


def svg(plan: Plan) -> tuple[str, ET.Element]:
    """Its text, and its tree."""
    ((kind, content),) = images(plan, ["svg"])
    assert kind == "svg"
    root = ET.fromstring(content)
    return " ".join("".join(element.itertext()) for element in root.iter(f"{SVG}text")), root


def named(found: list[Plan], name: str) -> Plan:
    return next(plan for plan in found if plan.name == name)


def test_a_plot_for_every_question() -> None:
    names = [plan.name for plan in planned(paths())]
    assert [name for name in names if "q_len-16" in name] == [
        "mbps-by-size-aes-128-cbc-encrypt-q_len-16",
        "cpu-per-gbit-by-size-aes-128-cbc-encrypt-q_len-16",
        "host-cpu-freed-by-size-aes-128-cbc-encrypt-q_len-16",
    ]
    assert {plan.name for plan in planned(depths())} >= {
        "mbps-by-q_len-aes-128-cbc-encrypt",
        "cpu-per-gbit-by-q_len-aes-128-cbc-encrypt",
    }
    assert {"latency-aes-128-cbc-encrypt", "latency-aes-128-cbc-encrypt-2", "latency-sha256"} <= set(names)


def test_a_single_case_is_plotted_too() -> None:
    found = planned(everything())
    assert found[-1].name == "mbps-Cases-by-themselves"
    text = " ".join(svg(found[-1])[0].split())
    assert "chacha20-poly1305 encrypt, 1420 B: python" in text and f"{DEVICE} ({SAID})" in text


def test_the_crossover_is_marked_and_said() -> None:
    text, _ = svg(named(planned(paths()), "mbps-by-size-aes-128-cbc-encrypt-q_len-16"))
    assert "afalg:virtio_crypto_aes_cbc: crosses software at 3.9 KiB" in text
    assert text.count("3.9 KiB") == 2  # in the legend, and where it is
    assert "Mbps by size: aes-128-cbc encrypt, q_len 16" in text and "request size (bytes)" in text


def test_the_knee_is_marked_and_said() -> None:
    (plan,) = [plan for plan in planned(depths()) if plan.name.startswith("mbps-by-q_len")]
    text, _ = svg(plan)
    assert f"{DEVICE} ({SAID}): knee at q_len 8" in text and text.count("q_len 8") == 2
    assert "afalg: still rising at q_len 32" in text


def test_simulated_is_said_in_the_title_and_the_legend() -> None:
    for plan in planned(depths()):
        text, _ = svg(plan)
        assert plan.title.endswith(f"{SAID})") and plan.title in text
        assert DEVICE not in text.replace(f"{DEVICE} ({SAID})", "")
    assert not any("simulated" in plan.title for plan in planned(paths()))


@pytest.mark.parametrize("result", [paths(), depths(), many(320)], ids=["paths", "depths", "many"])
def test_lines_of_a_plot_differ_without_colour(result: Result) -> None:
    """In marker and dash together, and the base in its width."""
    for plan in planned(result):
        if not isinstance(plan.of, Panel):
            continue
        (axes,) = figure_of(plan).axes
        drawn = [line for line in axes.lines if not line.get_label().startswith("_")]
        assert len({(line.get_marker(), str(line._dash_pattern)) for line in drawn}) == len(drawn)
        widths = {line.get_label(): line.get_linewidth() for line in drawn}
        bases = [width for label, width in widths.items() if label.split(":")[0].split(",")[0] == "software"]
        assert all(width > 2 for width in bases)
        assert all(width < 2 for label, width in widths.items() if not label.startswith("software"))


def test_neighbours_differ_in_grey() -> None:
    """Markers and dashes repeat only after as many lines as no plot has."""
    looks = [style.look(number, False) for number in range(32)]
    assert len({(look["marker"], str(look["linestyle"])) for look in looks}) == 32
    luminance = [
        sum(w * c for w, c in zip((0.21, 0.72, 0.07), to_rgba(colour), strict=False))
        for colour in style.COLOURS
    ]
    assert max(luminance) < 0.4  # dark enough for white paper


def test_bands_are_drawn() -> None:
    """The polygon of a band goes through the ends of the intervals."""
    plan = named(planned(sizes()), "mbps-by-size-aes-cbc-128-encrypt")
    (axes,) = figure_of(plan).axes
    (curve, *_), (line, *_) = plan.of.curves, axes.lines  # type: ignore[union-attr]
    corners = axes.collections[0].get_paths()[0].vertices
    for dot, at in zip(curve.dots, line.get_xdata(), strict=True):
        for edge in (dot.figure.low, dot.figure.high):
            assert any(x == at and y == pytest.approx(edge) for x, y in corners)


@pytest.mark.parametrize("kind", ["mbps-by-size", "latency", "mbps"])
def test_labels_of_ticks_are_drawn_whole(kind: str) -> None:
    """There is ink where each label is, and none of them leaves the paper or lies on another."""
    plan = next(each for each in planned(everything()) if each.kind == kind)
    with settings():
        canvas = Canvas(figure_of(plan), style.DPI)
        canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[::-1, :, :3]
    high, wide, _ = pixels.shape
    (axes,) = canvas.figure.axes
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in axes.texts if type(text) is TickLabel]
    assert len(boxes) > 3
    for box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= wide and box.y1 <= high
        assert pixels[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)].min() < 100
        assert sum(box.overlaps(other) for other in boxes) == 1


@pytest.mark.parametrize(
    "labels",
    [["board-without-a-fan-and-with-linux-6.12.json", "board-with-a-fan.json"], ["x" * 90, "y" * 120]],
)
def test_what_is_wider_than_the_paper_is_broken(labels: list[str]) -> None:
    """Nothing of a title or a legend leaves the paper or is left out, and the plot keeps its height."""
    found = plans(collect([(label, workers()) for label in labels]))
    short, wide = (
        next(each for each in of if each.kind == "mbps-by-workers") for of in (planned(workers()), found)
    )
    with settings():
        canvases = [Canvas(figure_of(plan), style.DPI) for plan in (short, wide)]
    heights = [canvas.figure.axes[0].bbox.height for canvas in canvases]
    assert heights[1] == pytest.approx(heights[0], rel=0.05)
    canvases[1].draw()  # a legend has its place then
    figure, renderer = canvases[1].figure, canvases[1].get_renderer()
    (legend,) = figure.legends
    for text in (figure._suptitle, *legend.get_texts()):  # type: ignore[attr-defined]
        box = text.get_window_extent(renderer)
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.width and box.y1 <= figure.bbox.height
    said = "".join("".join(text.get_text().split()) for text in legend.get_texts())
    assert all("".join(curve.contender.label.split()) in said for curve in wide.of.curves)  # type: ignore[union-attr]


def test_lines_are_broken_where_they_are_read_best() -> None:
    def wrapped(text: str, room: int) -> list[str]:
        return lines(text, room, len)

    title = "Mbps by size: aes-128-cbc encrypt, q_len 16 (simulated, from published figures)"
    assert wrapped(title, 90) == [title]
    assert wrapped(title, 44) == [
        "Mbps by size: aes-128-cbc encrypt, q_len 16",
        "(simulated, from published figures)",
    ]
    assert wrapped(title, 36)[:2] == ["Mbps by size: aes-128-cbc encrypt,", "q_len 16"]
    assert wrapped(title, 20)[-3:] == ["q_len 16 (simulated,", "from published", "figures)"]
    assert wrapped("a" * 25 + " b", 10) == ["a" * 10, "a" * 10, "a" * 5 + " b"]
    assert wrapped("", 10) == [""]


def test_text_of_an_svg_is_text_and_nothing_is_fetched() -> None:
    plan = planned(paths())[0]
    text, root = svg(plan)
    assert "software" in text and not root.findall(f".//{SVG}image")
    ((_, content),) = images(plan, ["svg"])
    assert not re.search(rb'(href|src)="(?!#)', content)


def test_the_same_data_is_the_same_file() -> None:
    plan = planned(sizes())[0]
    assert list(images(plan, ["svg", "png"])) == list(images(plan, ["svg", "png"]))


def test_a_png_has_the_size_that_print_wants() -> None:
    ((kind, content),) = images(planned(sizes())[0], ["png"])
    assert kind == "png" and content.startswith(b"\x89PNG")
    width = int.from_bytes(content[16:20], "big")
    assert width == round(style.WIDTH * style.DPI)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "name",
    ["$x_1$", "a\\$b", "<script>&\"'", "名前", "../../etc/passwd", "x" * 300, "a\nb\0c\u202e", " ", "%s{}"],
)
def test_any_name_can_be_drawn(name: str) -> None:
    result = sizes()
    result.cases = [
        measured(replace(case.case, backend=name, algorithm=name), 1e-6 * (index + 1))
        for index, case in enumerate(result.cases[:3])
    ]
    result.cases.append(measured(Case("other", name, request_size=16), 1e-6))
    for plan in planned(result):
        assert re.fullmatch(r"[A-Za-z0-9._+-]+", plan.name) and len(plan.name) <= LONGEST + 4
        assert not plan.name.startswith(".")
        text, _ = svg(plan)
        assert "$x_1$" in text or name != "$x_1$"


def test_names_of_files_are_unlike_each_other() -> None:
    cases = [
        measured(Case("software", name, request_size=size), 1e-6)
        for name in ("a/b", "a b", "A-b")
        for size in (16, 64)
    ]
    names = [
        plan.name for plan in planned(Result("p", "", {}, cases)) if plan.name.startswith("mbps-by-size")
    ]
    assert names == ["mbps-by-size-a-b-encrypt", "mbps-by-size-a-b-encrypt-2", "mbps-by-size-A-b-encrypt-3"]
