"""`report`'s page: what is on it, that everything of anybody's is escaped, and that nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from itertools import pairwise

import pytest
import store_strategies
from by_backend_fixture import paths
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_reading import Element, read, rows
from planted import gate
from report_fixture import everything, measured, sizes
from report_page_fixture import DEVICE, depths, many, one

from benchsuite.compare.verdicts import Rule
from benchsuite.model import Case, CaseResult, Failure, Result
from benchsuite.report.charts.entries import collect
from benchsuite.report.html.page import render
from benchsuite.report.plots.plan import plans

TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "link",
    "style",
    "body",
    "script",
    "a",
    "header",
    "h1",
    "h2",
    "h3",
    "p",
    "div",
    "label",
    "input",
    "button",
    "span",
    "nav",
    "ul",
    "ol",
    "li",
    "main",
    "section",
    "figure",
    "figcaption",
    "svg",
    "desc",
    "path",
    "text",
    "g",
    "circle",
    "details",
    "summary",
    "pre",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "select",
    "option",
    "em",
    "strong",
    "small",
    "br",
}


def page(*results: Result, title: str = "") -> str:
    return render(collect([(f"{number}.json", result) for number, result in enumerate(results)]), title)


def tree(*results: Result) -> Element:
    return read(page(*results))


RESULTS = {
    "everything": [everything()],
    "sizes": [sizes()],
    "paths": [paths()],
    "depths": [depths()],
    "one": [one()],
    "two": [sizes(), sizes()],
    "mixed": [everything(), paths()],
    "nothing": [Result("nothing", "", {}, [])],
    "all failed": [Result("p", "", {}, [CaseResult(Case("afalg", "x"), [], Failure("unavailable", "no"))])],
}


@pytest.fixture(params=RESULTS, scope="module")
def root(request: pytest.FixtureRequest) -> Element:
    return tree(*RESULTS[request.param])


def check_harmless(root: Element) -> None:
    """Only our elements, no handler, no style, and no address but into the page itself."""
    for element in root.all():
        assert element.name in TAGS
        for key, value in element.attributes.items():
            assert not key.startswith("on") and key not in ("style", "src", "srcset", "action", "xlink:href")
            if key == "href":
                allowed = "data:," if element.name == "link" else "#"
                assert value and value.startswith(allowed)
    assert len(root.all("script")) == len(root.all("style")) == len(root.all("link")) == 1
    ids = [element.attributes["id"] for element in root.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))


def test_it_asks_for_nothing(root: Element) -> None:
    check_harmless(root)
    code = root.one("script").text + root.one("style").text
    assert not re.search(r"https?:|//[a-z]|url\(|@import|fetch|XMLHttp|WebSocket|import\(|eval", code)


def test_there_is_no_address_in_it_at_all() -> None:
    assert "://" not in page(paths(), sizes())


def test_its_policy_allows_our_own_style_and_script_only(root: Element) -> None:
    policy = root.one("meta", http_equiv="Content-Security-Policy").attributes["content"]
    assert policy
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules.pop("default-src") == rules.pop("base-uri") == rules.pop("form-action") == "'none'"
    assert rules.pop("img-src") == "data:"
    for name in ("script", "style"):
        digest = hashlib.sha256(root.one(name).text.encode()).digest()
        assert rules.pop(f"{name}-src") == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert rules == {}


def test_every_drawing_says_what_it_is(root: Element) -> None:
    names = {element.attributes.get("id"): element for element in root.all()}
    for drawing in root.all("svg"):
        if drawing.attributes.get("aria-hidden") == "true":
            continue
        assert drawing.attributes["role"] == "img"
        for key, least in (("aria-labelledby", 10), ("aria-describedby", 20)):
            assert len(names[drawing.attributes[key]].text) > least


def test_every_plot_has_its_data(root: Element) -> None:
    figures = root.all("figure")
    for figure in figures:
        if figure.all("svg", class_="plot"):
            assert rows(figure.one("pre"))
        else:
            assert rows(figure.one("table"))


def test_every_table_has_a_caption_headers_and_a_name(root: Element) -> None:
    for table in root.all("table"):
        assert table.one("caption").text and table.attributes["data-csv"]
        assert all(cell.attributes["scope"] == "col" for cell in table.one("thead").all("th"))
        for row in table.one("tbody").all("tr"):
            first = row.children[0]
            assert isinstance(first, Element) and first.attributes["scope"] == "row"
            assert len(row.children) == len(table.one("thead").all("th"))
    for region in root.all("div", class_="scroll"):
        assert region.attributes["tabindex"] == "0" and region.attributes["aria-label"]


def test_it_can_be_got_about(root: Element) -> None:
    """Landmarks, headings in order, and links that lead somewhere."""
    assert root.one("html").attributes["lang"] == "en"
    assert root.one("main").attributes["id"] == "main"
    assert root.one("nav").attributes["aria-label"]
    ids = {element.attributes.get("id") for element in root.all()}
    assert {(link.attributes["href"] or "")[1:] for link in root.all("a")} <= ids
    levels = [int(element.name[1]) for element in root.all() if re.fullmatch(r"h[1-6]", element.name)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for control in root.all("select") + root.all("input"):
        assert root.one("label", **{"for": control.attributes["id"] or "?"}).text


def test_it_is_made_for_a_phone_and_for_both_lights(root: Element) -> None:
    assert root.one("meta", name="viewport")
    assert root.one("meta", name="color-scheme").attributes["content"] == "light dark"
    assert "prefers-color-scheme: dark" in root.one("style").text


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([paths()], "mbps-by-size ratio verdicts crossover latency cpu freed cases failed"),
        ([depths()], "mbps-by-q_len ratio verdicts latency cpu freed cases"),
        ([one()], "single latency cases"),
        ([sizes(), sizes()], "mbps-by-size ratio verdicts crossover latency cpu freed cases"),
        ([Result("nothing", "", {}, [])], "cases"),
    ],
    ids=["paths", "depths", "one", "two", "nothing"],
)
def test_sections(results: list[Result], expected: str) -> None:
    root = tree(*results)
    answers = ["findings"] * any(result.cases for result in results)  # the answer first
    wanted = [*answers, "glance", *expected.split(), "environment", "reading"]
    assert [part.attributes["id"] for part in root.all("section")] == wanted
    assert [link.attributes["href"] for link in root.one("nav").all("a")] == [f"#{name}" for name in wanted]


def test_all_cases_are_in_the_table_with_their_figures() -> None:
    listed = rows(tree(sizes()).one("table", data_csv="cases"))
    assert len(listed) == 10
    first = listed[0]
    assert (first["backend"], first["algorithm"], first["size (B)"]) == ("software", "aes-cbc-128", "16")
    assert float(first["Mbps"]) == pytest.approx(16 * 8 / (2.1e-7 + 16 * 0.71e-9) / 1e6, rel=1e-3)
    assert first["kind"] == "measured"


def test_columns_with_nothing_in_them_are_left_out() -> None:
    """As of imported figures, which are often a rate and no more; the table stays one for a CSV."""
    bare = sizes()
    for case in bare.cases:
        for run in case.runs:
            run.latency = {}
            run.values = [replace(value, user=None, system=None, cycles=None) for value in run.values]
    table = tree(bare).one("table", data_csv="cases")
    headers = [cell.text for cell in table.one("thead").all("th")]
    assert headers[-6:] == ["Mbps", "requests/s", "spread ±%", "values", "kind", "notes"]
    assert {len(row.all("td")) + 1 for row in table.one("tbody").all("tr")} == {len(headers)}
    whole = [cell.text for cell in tree(sizes()).one("table", data_csv="cases").one("thead").all("th")]
    assert {"p50 (µs)", "CPU %", "CPU s/Gbit"} <= set(whole)


def test_the_same_reason_for_many_cases_is_one_row() -> None:
    lost = Failure("unavailable", "no AF_ALG socket")
    cases = [CaseResult(Case("afalg", "aes-128-cbc", request_size=n), [], lost) for n in (16, 64, 256)]
    root = tree(Result("p", "", {}, [*cases, *one().cases]))
    (row,) = rows(root.one("table", data_csv="failed"))
    assert (row["reason"], row["cases"]) == ("no AF_ALG socket", "3")
    assert "aes-128-cbc encrypt, 16 B, aes-128-cbc" in row["workloads"] and "3 cases without" in root.text


def test_a_case_without_a_figure_gives_its_reason() -> None:
    root = tree(everything())
    without = rows(root.one("table", data_csv="failed"))
    crash = next(row for row in without if row["status"] == "crash")
    assert crash["reason"] == "signal 11 (segmentation fault)"
    assert sum(int(row["cases"]) for row in without) == sum(not each.measured for each in everything().cases)
    assert "13 cases without a figure" in root.text


def test_notes_are_said_and_pointed_to() -> None:
    root = tree(everything())
    notes = {item.attributes["id"]: item.text for item in root.one("ol").all("li")}
    assert any(text.startswith("simulated, from published figures: ") for text in notes.values())
    links = [link.attributes["href"] for link in root.one("table", data_csv="cases").all("a")]
    assert {f"#{name}" for name in notes} == set(links)


def test_a_simulated_figure_says_so_wherever_it_stands() -> None:
    root = tree(depths())
    tables = [rows(table) for table in root.all("table") + root.all("pre")]
    rows_of_device = [
        row for table in tables for row in table if any(DEVICE in text for text in row.values())
    ]
    assert len(rows_of_device) > 10
    assert all(
        any("simulated, from published figures" in text for text in row.values()) for row in rows_of_device
    )
    legends = [item.text for item in root.one("main").all("li") if DEVICE in item.text]
    assert legends and all("simulated, from published figures" in text for text in legends)
    figures = [figure for figure in root.all("figure") if DEVICE in figure.text]
    assert figures and all("simulated, from published figures" in figure.one("h3").text for figure in figures)
    tips = [element.attributes["data-t"] or "" for element in root.all() if "data-t" in element.attributes]
    assert all("simulated, from published figures" in tip for tip in tips if DEVICE in tip)
    assert "Some figures: simulated, " in root.one("section", id="glance").text


def test_what_is_measured_does_not_say_simulated() -> None:
    assert "simulated" not in tree(sizes()).one("section", id="mbps-by-size").text


def test_the_heat_map_is_readable_without_colour() -> None:
    table = tree(paths()).all("table", class_="heat")[0]
    cells = [cell.text for cell in table.all("td") if cell.text]
    assert cells and all(
        re.fullmatch(r"[\d.e-]+ [▲▼=?](faster|slower|the same|undecided)", text) for text in cells
    )


def test_differing_machines_are_warned_of_and_marked() -> None:
    other = replace(sizes(), environment={**sizes().environment, "cpu_model_name": "Other CPU", "x": "<b>"})
    root = tree(sizes(), other)
    assert "different CPU: Example CPU @ 2.80GHz against Other CPU" in root.one("div", class_="warning").text
    facts = {row["fact"]: row for row in rows(root.one("table", data_csv="environment"))}
    assert facts["CPU"]["differs"] == "differs" and facts["x"]["1"] == "<b>"
    assert facts["kernel"]["differs"] == ""


def test_the_table_of_machines_has_one_order() -> None:
    """Keys that are shown as the same name stand in the order of their own, whatever their hashes are."""
    names = [f"x{number:02}" for number in range(20)]
    keys = {prefix + name: prefix or "plain" for name in names for prefix in ("", "benchsuite_")}
    shown = rows(tree(replace(sizes(), environment=keys)).one("table", data_csv="environment"))
    assert [tuple(row.values()) for row in shown] == [
        each for name in names for each in ((name, "benchsuite_"), (f"{name} (2)", "plain"))
    ]


def test_the_data_of_a_plot_is_no_formula() -> None:
    result = one()
    result.cases[0] = measured(Case("=cmd|' /C calc'!A1", "aes-cbc-128"), 1e-6)
    listed = rows(tree(result).one("section", id="single").one("pre"))
    assert listed[0]["case"].startswith("aes-cbc-128")
    result.cases.append(measured(Case("=cmd|' /C calc'!A1", "aes-cbc-128", request_size=16), 1e-6))
    assert rows(tree(result).one("section", id="mbps-by-size").one("pre"))[0]["line"].startswith("'=cmd")


def test_the_title_can_be_chosen() -> None:
    assert "<title>R&amp;D &lt;x&gt;</title>" in page(one(), title="R&D <x>")
    assert "<title>benchsuite: sizes</title>" in page(one())


def test_2000_cases_are_a_page_of_moderate_size() -> None:
    text = page(many())
    assert len(text) < 12_000_000
    root = read(text)
    assert len(rows(root.one("table", data_csv="cases"))) == 2000
    assert max(len(figure.all("li")) for figure in root.all("figure")) <= 6
    for select in root.all("select"):  # not all of many plots at once
        chosen = [option.text for option in select.all("option") if "selected" in option.attributes]
        assert len(chosen) == (
            len(root.one("div", id=select.attributes["data-panels"] or "").all("figure")) > 8
        )


PIECES = (
    "<script>alert(1)</script>",
    "</script>",
    "</style>",
    "</title>",
    "</pre>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="x',
    "javascript:alert(1)",
    "http://x.example/",
    '"',
    "'",
    "`",
    "&",
    "&lt;",
    "&#x0;",
    ">",
    "<",
    "\u202e",
    "\u2028",
    "\0",
    "\x1b[31m",
    "\ud800",
    "\r\n",
    "=1+1",
    "$x_1$",
    "א",
    "名",
    "{",
    "}",
    ",",
    " ",
    "a",
)
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=5).map("".join)


@st.composite
def hostile_results(draw: st.DrawFn) -> Result:
    """Text of anybody's in every place that has any."""
    cases = []
    for number in range(draw(st.integers(1, 6))):
        case = Case(
            draw(HOSTILE),
            draw(st.sampled_from(["aes", "</script>"]) | HOSTILE),
            draw(HOSTILE),
            request_size=draw(st.sampled_from([0, 16, 64, 1488])),
            q_len=draw(st.sampled_from([1, 2, 4])),
            iv=draw(HOSTILE),
        )
        facts = {key: draw(HOSTILE) for key in ("version", "chosen", "kernel_driver", "imported_notes")}
        if draw(st.booleans()):
            cases.append(measured(case, draw(st.floats(1e-9, 1e3)), workers=1, values=2, facts=facts))
        else:
            cases.append(CaseResult(case, [], Failure(draw(HOSTILE), draw(HOSTILE), number)))
    environment = draw(
        st.dictionaries(HOSTILE, HOSTILE | st.integers() | st.booleans() | st.none(), max_size=4)
    )
    return Result(draw(HOSTILE), draw(HOSTILE), environment, cases, draw(st.booleans()))


@given(st.lists(st.tuples(HOSTILE, hostile_results()), min_size=1, max_size=2), HOSTILE)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_text_of_a_result_becomes_markup(named: list[tuple[str, Result]], title: str) -> None:
    text = render(collect(named), title)
    text.encode()  # no lone surrogate is left
    assert not re.search("[\0-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)
    root = read(text)
    check_harmless(root)
    assert len(rows(root.one("table", data_csv="cases"))) == sum(len(result.cases) for _, result in named)


@given(st.lists(store_strategies.results, min_size=1, max_size=3))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_result_file_can_hold_is_a_page(results: list[Result]) -> None:
    data = collect([(f"{number}.json", result) for number, result in enumerate(results)])
    text = render(data)
    check_harmless(read(text))
    drawn = " ".join(re.findall(r' (?:d|x|y|cx|cy|transform|data-v)="([^"]*)"', text))
    assert not re.search("nan|inf", drawn)
    assert len({plan.name.lower() for plan in plans(data)}) == len(plans(data))


def test_what_a_gate_had_no_time_for_has_its_place_among_the_verdicts() -> None:
    _, result = gate([lambda _: 0.0] * 3, budget=1)
    text = tree(replace(result, cases=result.cases[4:])).one(id="verdicts").text
    assert "undecided (budget): the budget ran out before it had a round" in text


def test_the_record_of_a_gate_is_no_fact_of_its_machine() -> None:
    _, result = gate([lambda _: 0.0])
    facts = [row["fact"] for row in rows(tree(result).one(id="environment").one("table"))]
    assert "architecture" in facts and "verdicts" not in facts


def test_the_rule_of_each_comparison_is_said_with_its_name() -> None:
    _, first = gate([lambda _: 0.0])
    _, second = gate([lambda _: 0.0], rule=Rule(threshold=0.07))
    text = tree(first, second).one(id="verdicts").text
    assert "software:3.0.19 in 0 against software in 0: Verdicts: corrected for 1 case at 1%" in text
    assert "software:3.0.19 in 1 against software in 1: Verdicts: corrected for 1 case at 1%" in text
    assert not tree(first).one(id="verdicts").text.startswith("software")


def test_values_are_counted_in_whole_numbers() -> None:
    (row,) = rows(tree(one()).one(id="cases").one("table"))
    assert row["values"].isdigit()
