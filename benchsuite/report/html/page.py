"""The page: everything in one file, and nothing that a browser would fetch."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from importlib.resources import files

from benchsuite.compare.comparison import NOT_COMPARED
from benchsuite.model import CROSSOVER, KNEE, LATENCY, MBPS, REQUESTS, SCALING
from benchsuite.report.charts import compared, costs, ladders, strips
from benchsuite.report.charts.entries import Data
from benchsuite.report.charts.loads import loads
from benchsuite.report.charts.measures import Measure, mbps, mean_latency
from benchsuite.report.charts.panels import Panel
from benchsuite.report.charts.quantities import CPU, FREED, RATES, Quantity
from benchsuite.report.charts.rates import rates
from benchsuite.report.charts.timelines import timelines
from benchsuite.report.html import cases, gate, machines, overview, ratios, sections
from benchsuite.report.html.findings import findings_section
from benchsuite.report.html.markup import Html, element, joined
from benchsuite.report.html.over_time import over_time
from benchsuite.report.html.sections import Section, plots, section
from benchsuite.sheet.printable import clean
from benchsuite.units import many
from benchsuite.version import __version__
from benchsuite.view.comparison import corrected, how, some

_MARKED = {  # by what is looked for along a parameter
    CROSSOVER: "A ring marks where a line comes to lie above the base's for good.",
    KNEE: "A ring marks the knee: beyond it, more brings little.",
    SCALING: "A dotted line is the ideal: the figure of the smallest number, times how many there are.",
}
_ICON = "data:,"  # no icon; without the line a browser asks for one


def render(data: Data, title: str = "") -> str:
    """The whole document, to be written as UTF-8."""
    style, script = _own("style.css"), _own("script.js")
    name = clean(title) or _title(data)
    parts = list(_sections(data))
    return (
        "<!DOCTYPE html>\n"
        + element(
            "html",
            element(
                "head",
                element("meta", charset="utf-8"),
                element("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
                element("meta", name="viewport", content="width=device-width, initial-scale=1"),
                element("meta", name="color-scheme", content="light dark"),
                element("meta", name="referrer", content="no-referrer"),
                element("meta", name="generator", content=f"benchsuite {__version__}"),
                element("title", name),
                element("link", rel="icon", href=Html(_ICON)),
                element("style", Html(style)),
            ),
            element("body", _top(name, data, parts), _main(parts), element("script", Html(script))),
            lang="en",
        )
        + "\n"
    )


def _own(name: str) -> str:
    return (files("benchsuite.report.html") / name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    """Nothing but our own style and script, by their hashes; no request, no form, no frame."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _title(data: Data) -> str:
    return "benchsuite: " + ", ".join(dict.fromkeys(clean(source.result.profile) for source in data.sources))


def _sections(data: Data) -> Iterator[Section]:
    """Sections in the order of the page; those with nothing to show are left out."""
    drawn = rates(data)
    found = compared.compared(data)
    passed = gate.outcome(data, found)
    if passed:
        yield passed
    rest = list(_figures(data, found, drawn))
    answers = findings_section(data, rest)
    if answers:
        yield answers
    yield from rest


def _figures(data: Data, found: Sequence[compared.Compared], drawn: Sequence[Panel]) -> Iterator[Section]:
    """Everything that findings rest on."""
    yield overview.glance(data, compared.notices(data))
    yield from _rates(data, drawn)
    yield from _ratios(data, found, drawn)
    yield from _costs(data)
    courses = timelines(data)
    if courses:
        yield over_time(courses)
    yield cases.all_cases(data)
    without = cases.failed(data)
    if without:
        yield without
    yield machines.environment(data)
    yield overview.reading(data)


def _rates(data: Data, found: Sequence[Panel]) -> Iterator[Section]:
    yield from _along(data, [panel for panel in found if panel.quantity is RATES[MBPS]])
    yield from _single(data, found, "single", RATES[MBPS], mbps)
    ladder = ladders.ladders(data)
    if ladder:
        shown = sections.ladder_figures("operations", ladder, "Operations per second", REQUESTS.name)
        intro = (
            "What has no size, as a signature or a key agreement: a request is one operation. The axis is "
            "logarithmic and the same in all of these plots."
        )
        yield plots("operations", "Operations per second", intro, shown)
    yield from _along(data, [panel for panel in found if panel.quantity is RATES[REQUESTS]])
    latencies = [panel for panel in found if panel.quantity is RATES[LATENCY]]
    yield from _along(data, latencies + loads(data))
    yield from _single(data, found, "single-latency", RATES[LATENCY], mean_latency)


def _single(
    data: Data, found: Sequence[Panel], identity: str, quantity: Quantity, measure: Measure
) -> Iterator[Section]:
    alone = strips.single(data, found, measure)
    if alone:
        shown = sections.strip_figures(identity, alone, quantity.name, quantity.unit)
        title = f"{quantity.name} of single cases"
        yield plots(identity, title, "Cases that share a line with no other.", shown)


def _along(data: Data, found: Sequence[Panel]) -> Iterator[Section]:
    """A section for each parameter that workloads go along."""
    for name in dict.fromkeys(panel.name for panel in found):
        own = [panel for panel in found if panel.name == name]
        axis, identity = own[0].axis, f"{own[0].quantity.identity}-by-{own[0].axis.called}"
        shown = sections.panel_figures(identity, own, data)
        yield plots(
            identity, name, " ".join(filter(None, [axis.about, _MARKED.get(own[0].looked_for)])), shown
        )


def _ratios(data: Data, found: Sequence[compared.Compared], drawn: Sequence[Panel]) -> Iterator[Section]:
    maps = ratios.maps(found, data)
    if maps:
        intro = f"Rates over the base's: {ratios.SIGNS}"
        yield plots("ratio", "Ratio", intro, maps)
    lines = [line for each in found for line in each.comparison.lines]
    if any(line.kind or line.status == NOT_COMPARED for line in lines):
        yield section("verdicts", "Verdicts", _corrected(found), ratios.verdicts(found, data))
    crossovers = ratios.crossovers(drawn)
    if crossovers:
        intro = "From which request size on a way is faster than the base at every size measured."
        yield section("crossover", "Crossover", intro, crossovers)


def _corrected(found: Sequence[compared.Compared]) -> str:
    """The meaning of verdicts, and of which comparisons where not of all."""
    titles: dict[str, list[str]] = {}
    for title, each in ((one.title, one.comparison) for one in found):
        said = corrected(each.rule, each.cases, bool(each.again))
        text = " ".join([f"{said[0].upper()}{said[1:]}.", *how(each)])
        titles.setdefault(text, []).append(title)
    if len(titles) == 1:
        return next(iter(titles))
    return " ".join(f"{some(of)}: {text}" for text, of in titles.items())


def _costs(data: Data) -> Iterator[Section]:
    latencies = strips.latencies(data)
    if latencies:
        shown = sections.strip_figures("latency", latencies, "Latency percentiles", "µs")
        intro = (
            "Of sampled requests, from dispatch to callback; on the direct path, of the driver's call; of an "
            "open loop, from the intended arrival."
        )
        yield plots("latency", "Latency percentiles", intro, shown)
    cost = costs.costs(data)
    if cost:
        shown = sections.panel_figures("cpu", cost, data)
        intro = "CPU seconds of the host for 10^9 bits of payload: less is better."
        yield plots("cpu", CPU.name, intro, shown)
    free = costs.freed(data)
    if free:
        shown = sections.panel_figures("freed", free, data)
        intro = (
            "Share of the base's CPU time per bit that a path does not use; below 0 it uses more; what is "
            "below -100% is drawn there."
        )
        yield plots("freed", FREED.name, intro, shown)


def _top(name: str, data: Data, parts: Sequence[Section]) -> Html:
    """The head of the page, with what the script brings to life."""
    measured = len(data.measured)
    counts = (
        f"{many(len(data.entries), 'case')}, {measured} with figures; {many(len(data.sources), 'result')}"
    )
    search = element("input", type="search", id="filter", placeholder="aes gcm q_len=16", autocomplete="off")
    tools = element(
        "div",
        element("label", "Filter", for_="filter"),
        search,
        element("button", "Dark", type="button", id="theme", aria_pressed="false"),
        element("span", id="said", role="status", aria_live="polite"),
        class_="tools",
        role="search",
        hidden=True,
    )
    links = [element("li", element("a", part.title, href=f"#{part.identity}")) for part in parts]
    return joined(
        element("a", "Skip to the figures", href="#main", class_="skip"),
        element("header", element("h1", name), element("p", counts)),
        tools,
        element("nav", element("ul", *links), aria_label="Sections"),
    )


def _main(parts: Sequence[Section]) -> Html:
    return element("main", *(part.markup for part in parts), id="main", tabindex=-1)
