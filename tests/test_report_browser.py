"""The page in a real Chromium: it complains of nothing, asks nobody for anything, and does what it offers."""

from __future__ import annotations

import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import NAMES, Page, find, opened
from by_backend_fixture import paths
from report_fixture import everything, sizes
from report_page_fixture import depths, many, one, workers
from sizeless_fixture import by_clock, mixed

from benchsuite.formats.figure import USER
from benchsuite.model import Result
from benchsuite.report.charts.entries import collect
from benchsuite.report.html.page import render

pytestmark = pytest.mark.skipif(
    find() is None,
    reason=f"no Chromium: apt-get install chromium-headless-shell, or name one in $CHROMIUM (looked for "
    f"{', '.join(NAMES)})",
)
NARROW, WIDE = 320, 1280
RESULTS = {
    "paths": [paths()],
    "everything": [everything()],
    "depths": [depths()],
    "one": [one()],
    "two": [sizes(), paths()],
    "many": [many()],
    "keys": [by_clock(mixed(), USER, backend="software")],
    "workers": [workers()],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report")
    for name, results in RESULTS.items():
        (made / f"{name}.html").write_text(_render(results), "utf-8")
    return made


def _render(results: list[Result]) -> str:
    return render(collect([(f"{number}.json", result) for number, result in enumerate(results)]))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with opened(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


def visit(page: Page, folder: Path, name: str, width: int = WIDE, dark: bool = False) -> None:
    page.open((folder / f"{name}.html").as_uri(), width, dark=dark)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("name", RESULTS)
def test_it_opens(page: Page, folder: Path, tmp_path: Path, name: str, width: int, dark: bool) -> None:
    """Without a complaint, a request, or anything wider than the window; and there is something to see."""
    visit(page, folder, name, width, dark)
    assert page.complaints() == []
    assert page.requests() == [(folder / f"{name}.html").as_uri()]
    assert page.run("document.documentElement.scrollWidth") <= width
    sticking_out = """[...document.querySelectorAll('body *')].filter(
        e => !e.closest('.scroll, .skip, .hidden') && e.getBoundingClientRect().right > innerWidth + 1
    ).map(e => e.outerHTML.slice(0, 80))"""
    assert page.run(sticking_out) == []
    lightness = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((a, b) => a + +b, 0)"
    assert (page.run(lightness) < 384) == dark
    page.screenshot(tmp_path / "page.png", whole=False)
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "page.png").stat().st_size > 5000  # a blank one has a tenth of it


# Texts of plots that stick out of their drawing, or lie on each other.
_CUT = """(() => { const found = [];
  for (const svg of document.querySelectorAll('svg.plot')) {
    const all = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].map(e => [e.textContent, e.getBoundingClientRect()]);
    for (const [text, box] of texts)
      if (box.left < all.left - 1 || box.right > all.right + 1
        || box.bottom > all.bottom + 1) found.push(text);
    texts.forEach(([text, a], i) => { for (const [other, b] of texts.slice(i + 1)) {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1.5 && high > 2.5) found.push(`${text} on ${other}`);
    }});
  } return found; })()"""


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("name", sorted(set(RESULTS) - {"many"}))
def test_no_label_is_cut_or_lies_on_another(page: Page, folder: Path, name: str, width: int) -> None:
    visit(page, folder, name, width)
    page.run("document.querySelectorAll('.panel').forEach(e => { e.style.contentVisibility = 'visible'; })")
    assert page.run("document.querySelectorAll('svg.plot text').length") > 3
    assert page.run(_CUT) == []


def test_the_words_of_a_crossover_are_in_sight(page: Page, folder: Path) -> None:
    visit(page, folder, "paths", 1400)
    index, _ = header(page, "crossover", "in words")
    cells = "[...document.querySelector('table[data-csv=crossover]').tBodies[0].rows]"
    right = f"{cells}.map(row => row.cells[{index}].getBoundingClientRect().right)"
    inside = "document.querySelector('#crossover .scroll').getBoundingClientRect().right"
    assert max(page.run(right)) <= page.run(inside)
    words = page.run(f"{cells}[0].cells[{index}].textContent")
    assert words.startswith("afalg is never faster than software")


def test_nothing_is_asked_of_the_server_it_comes_from(page: Page, folder: Path) -> None:
    """Where a relative address would lead somewhere: the page itself, and no icon."""
    asked: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_request(self, code: Any = "-", size: Any = "-") -> None:
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        page.open(f"http://127.0.0.1:{server.server_port}/paths.html")
        page.run("document.querySelectorAll('details').forEach(e => e.open = true)")
        page.run("new Promise(done => setTimeout(done, 300))")
        assert page.complaints() == []
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert asked == ["/paths.html"]


def test_its_policy_lets_no_request_out(page: Page, folder: Path) -> None:
    """Even if a script of somebody's got in, it would reach nobody, and none gets in."""
    visit(page, folder, "one")
    reached = page.run("fetch('http://127.0.0.1:1/').then(() => 'reached', e => String(e))")
    assert "TypeError" in reached
    assert any("Content Security Policy" in said for said in page.complaints())
    page.run(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.got = 1'}))"
    )
    assert page.run("window.got === undefined")


def column(page: Page, name: str, index: int) -> list[str]:
    rows = f"document.querySelector('table[data-csv={name}]').tBodies[0].rows"
    found: list[str] = page.run(f"[...{rows}].map(row => row.cells[{index}].textContent)")
    return found


def header(page: Page, name: str, text: str) -> tuple[int, str]:
    """Its column, and an expression for its button."""
    row = f"document.querySelector('table[data-csv={name}]').tHead.rows[0]"
    headers = page.run(f"[...{row}.cells].map(cell => cell.textContent)")
    index = headers.index(text)
    return index, f"{row}.cells[{index}].firstChild"


def ascending(texts: list[str]) -> bool:
    return numbers(texts) == sorted(numbers(texts))


def numbers(texts: list[str]) -> list[float]:
    return [float(text) for text in texts if text != "-"]


def test_sorting_by_click(page: Page, folder: Path) -> None:
    visit(page, folder, "everything")
    index, button = header(page, "cases", "Mbps")
    before = column(page, "cases", index)
    page.click(button)
    up = column(page, "cases", index)
    assert numbers(up) == sorted(numbers(before)) and up != before
    assert up[-before.count("-") :] == ["-"] * before.count("-")  # what is not there comes last
    assert page.run(f"{button}.parentElement.getAttribute('aria-sort')") == "ascending"
    page.click(button)
    down = column(page, "cases", index)
    assert numbers(down) == sorted(numbers(before), reverse=True)
    assert down[-1] == "-"
    assert page.run(f"{button}.parentElement.getAttribute('aria-sort')") == "descending"
    page.click(header(page, "cases", "backend")[1])
    assert page.run(f"{button}.parentElement.getAttribute('aria-sort')") is None
    names = column(page, "cases", 0)
    assert names == sorted(names, key=lambda name: name.lower().replace("=", " "))  # signs before digits


def test_sorting_by_keyboard(page: Page, folder: Path) -> None:
    visit(page, folder, "everything")
    index, button = header(page, "cases", "Mbps")
    page.run(f"{header(page, 'cases', 'op')[1]}.focus()")
    for _ in range(10):
        page.key("Tab", 9)
        if page.run(f"document.activeElement === {button}"):
            break
    assert page.run(f"document.activeElement === {button}")
    assert page.run(f"getComputedStyle({button}).outlineStyle") != "none"
    page.key("Enter", 13, "\r")
    assert ascending(column(page, "cases", index))
    assert page.run(f"{button}.parentElement.getAttribute('aria-sort')") == "ascending"
    assert page.run("document.getElementById('said').textContent") == "Sorted by Mbps, ascending"
    page.key(" ", 32, " ")
    assert page.run(f"{button}.parentElement.getAttribute('aria-sort')") == "descending"


def test_every_table_can_be_sorted(page: Page, folder: Path) -> None:
    visit(page, folder, "paths")
    page.run("document.querySelectorAll('details').forEach(e => e.open = true)")
    page.until("!document.querySelector('pre')")  # a plot's data becomes a table
    assert page.run("document.querySelectorAll('details table').length") > 10
    page.run("document.querySelectorAll('thead button').forEach(button => button.click())")
    last = "[...document.querySelectorAll('table')].map(t => t.tHead.rows[0].lastChild.ariaSort)"
    assert set(page.run(last)) == {"ascending"}
    assert page.complaints() == []


def test_the_data_of_a_plot_is_what_is_drawn(page: Page, folder: Path) -> None:
    """The table that the script makes of the CSV, against the CSV."""
    visit(page, folder, "paths")
    text = page.run("document.querySelector('#mbps-by-size-1 pre').textContent")
    page.click("document.querySelector('#mbps-by-size-1 summary')")
    page.until("document.querySelector('#mbps-by-size-1 table')")
    table = page.run(
        "[...document.querySelector('#mbps-by-size-1 table').rows].map("
        "row => [...row.cells].map(cell => cell.textContent).join())"
    )
    assert table == text.splitlines()
    assert page.run("document.querySelectorAll('#mbps-by-size-1 td[data-v]').length") > 20


def test_a_csv_is_offered_of_every_table(page: Page, folder: Path) -> None:
    visit(page, folder, "everything")
    page.run("""window.saved = []; URL.createObjectURL = blob => { saved.push(blob); return 'blob:x'; };
        HTMLAnchorElement.prototype.click = function () { saved.push(this.download); }; 0""")
    page.click("document.querySelector('#cases .under button')")
    name, text = page.run("saved[0].text().then(text => [saved[1], text])")
    assert name == "cases.csv"
    lines = text.split("\r\n")
    assert lines[0].startswith("backend,algorithm,op,size (B),") and len(lines) == 1 + 21 + 1
    assert any(line.startswith("software:=cmd|x,") for line in lines)
    assert re.search(r"\d\.\d{6,}", text)  # with more digits than are shown


def test_a_download_really_happens(page: Page, folder: Path, tmp_path: Path) -> None:
    visit(page, folder, "depths")
    page.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path), eventsEnabled=True)
    page.click("document.querySelector('#cases .under button')")
    for _ in range(100):
        if (tmp_path / "cases.csv").exists():
            break
        page.run("new Promise(done => setTimeout(done, 50))")
    assert (tmp_path / "cases.csv").read_text().startswith("backend,")
    assert page.complaints() == []


def type_into_filter(page: Page, text: str) -> str:
    """What the page says then."""
    page.run("document.getElementById('filter').focus(); document.getElementById('filter').select()")
    page.run("document.getElementById('said').textContent = 'nothing yet'")
    page.type(text) if text else page.key("Delete", 46)
    page.until("document.getElementById('said').textContent !== 'nothing yet'")
    said: str = page.run("document.getElementById('said').textContent")
    return said


def test_filtering(page: Page, folder: Path) -> None:
    visit(page, folder, "many")
    assert type_into_filter(page, "gcm 256 q_len=2 size=1024 simulated") == "3 of 2000 cases"
    shown = "[...document.querySelectorAll('#mbps-by-size .panel')].filter(e => !e.hidden)"
    assert page.run(f"{shown}.map(e => e.querySelector('h3').textContent)") == [
        f"aes-256-gcm encrypt, q_len 2 ({number} of 2) partly simulated, how sure is not said"
        for number in (1, 2)
    ]
    assert page.run("document.getElementById('mbps-by-size-choice').disabled")
    assert type_into_filter(page, "no such thing") == "0 of 2000 cases"
    assert type_into_filter(page, "") == ""
    assert not page.run("document.getElementById('mbps-by-size-choice').disabled")
    groups = f"[...new Set({shown}.map(e => e.dataset.group))]"
    assert page.run(groups) == ["aes-128-cbc encrypt"]
    page.run(
        "const s = document.getElementById('mbps-by-size-choice'); s.value = ''; "
        "s.dispatchEvent(new Event('change'))"
    )
    assert len(page.run(groups)) == 5


def test_2000_cases_open_and_sort_at_once(page: Page, folder: Path) -> None:
    """No assertion on speed: what is laid out is bounded, which is what the speed rests on."""
    visit(page, folder, "many")
    shown = (
        "[...document.querySelector('table[data-csv=cases]').tBodies[0].rows].filter(r => !r.hidden).length"
    )
    assert page.run(shown) == 100
    index, button = header(page, "cases", "Mbps")
    page.click(button)
    assert ascending(column(page, "cases", index))
    assert len(column(page, "cases", index)) == 2000 and page.run(shown) == 100
    page.click("document.querySelector('#cases .more')")
    assert page.run(shown) == 2000 and page.run("document.querySelector('#cases .more').hidden")
    assert page.complaints() == []


def test_the_switch_between_light_and_dark(page: Page, folder: Path) -> None:
    visit(page, folder, "one", dark=True)
    colour = "getComputedStyle(document.body).backgroundColor"
    dark = page.run(colour)
    assert page.run("document.getElementById('theme').ariaPressed") == "true"
    page.click("document.getElementById('theme')")
    assert page.run(colour) != dark
    assert page.run("document.getElementById('theme').ariaPressed") == "false"
    page.click("document.getElementById('theme')")
    assert page.run(colour) == dark


def test_a_point_says_what_it_is(page: Page, folder: Path) -> None:
    visit(page, folder, "depths")
    x, y, _, _ = page.box("document.querySelector('#mbps-by-q_len-1 [data-t]')")
    page.hover(x + 4, y + 4)
    assert page.run("document.getElementById('tip').textContent").startswith("software, q_len 1: 59")
    page.hover(1, 1)
    assert page.run("document.getElementById('tip').hidden")


def test_a_spot_of_operations_says_what_it_is(page: Page, folder: Path) -> None:
    """Marks lie within their drawing, in the order of their rates, and no figure beside one sticks out."""
    visit(page, folder, "keys", 390)
    x, y, _, _ = page.box("document.querySelector('#operations-1 [data-t]')")
    page.hover(x + 4, y + 4)
    tip = page.run("document.getElementById('tip').textContent")
    assert tip.startswith("rsa-2048 sign, software (user CPU time): 1667 requests/s (")
    marks = "[...document.querySelectorAll('#operations-1 .m[data-t]')]"
    found = page.run(f"{marks}.map(e => [e.dataset.t, e.getBoundingClientRect().x])")
    placed = sorted((float(re.findall(r": (\S+) requests/s", tip)[0]), at) for tip, at in found)
    assert [at for _, at in placed] == sorted(at for _, at in placed)
    outside = """[...document.querySelectorAll('#operations-1 text')].filter(e => {
        const [own, all] = [e, e.ownerSVGElement].map(each => each.getBoundingClientRect());
        return own.left < all.left - 1 || own.right > all.right + 1; }).map(e => e.textContent)"""
    assert page.run(outside) == []


def test_the_data_of_operations_are_a_table_and_a_file(page: Page, folder: Path) -> None:
    visit(page, folder, "keys")
    page.click("document.querySelector('#operations-1 summary')")
    page.until("document.querySelector('#operations-1 table')")
    headers = "[...document.querySelector('#operations-1 table').tHead.rows[0].cells].map(c => c.textContent)"
    assert page.run(headers) == ["case", "line", "requests/s", "low", "high", "values", "kind"]
    page.run("""window.saved = []; URL.createObjectURL = blob => { saved.push(blob); return 'blob:x'; };
        HTMLAnchorElement.prototype.click = function () { saved.push(this.download); }; 0""")
    page.click("document.querySelector('#operations-1 .under button')")
    name, text = page.run("saved[0].text().then(text => [saved[1], text])")
    assert name == "Operations-per-second-Work-without-a-size.csv"
    assert text.split("\r\n")[1].startswith("rsa-2048 sign,software (user CPU time),1666.67,")


def test_text_has_contrast_in_both_lights(page: Page, folder: Path) -> None:
    """WCAG AA: 4.5 to 1 of text, 3 to 1 of lines, by the colours that the style gives."""
    script = """(() => {
      const light = c => { const [r, g, b] = c.map(v => v / 255).map(v => v <= .04045 ? v / 12.92
        : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
      const of = name => { const e = document.createElement('i'); e.className = 'c0';
        document.body.append(e); e.style.color = `var(${name})`;
        const c = getComputedStyle(e).color.match(/\\d+/g).map(Number); e.remove(); return light(c); };
      const ratio = (a, b) => { const [x, y] = [of(a), of(b)].sort((p, q) => q - p);
        return (x + .05) / (y + .05); };
      const found = {};
      const inks = ['--ink', '--soft', '--link', '--sim'];
      for (const back of ['--paper', '--sheet', '--warn']) for (const ink of inks)
        found[ink + back] = [ratio(ink, back), 4.5];
      for (const side of ['up', 'down']) for (const n of [1, 2, 3, 4])
        found[side + n] = [ratio('--on', `--${side}${n}`), 4.5];
      for (let n = 0; n < 8; n++) found['c' + n] = [ratio(`--c${n}`, '--sheet'), 3];
      return found; })()"""
    for dark in (False, True):
        visit(page, folder, "one", dark=dark)
        found = page.run(script)
        assert {name: pair for name, pair in found.items() if pair[0] < pair[1]} == {}
        assert len(found) == 12 + 8 + 8


def test_without_a_script_everything_is_there(page: Page, folder: Path) -> None:
    page.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        visit(page, folder, "many")
        answer = page.send("DOM.getDocument", depth=0)
        root = answer["root"]["nodeId"]
        hidden = page.send("DOM.querySelectorAll", nodeId=root, selector=".panel[hidden], tr[hidden]")
        panels = page.send("DOM.querySelectorAll", nodeId=root, selector=".panel")
        assert hidden["nodeIds"] == [] and len(panels["nodeIds"]) > 100
        assert page.complaints() == []
    finally:
        page.send("Emulation.setScriptExecutionDisabled", value=False)
