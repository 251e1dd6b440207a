"""Every link of the documents leads somewhere: to a file, to a heading, and in form to the rest of the world.
Every page can be reached from the README. Every file that the documents name in code is there."""

from __future__ import annotations

import functools
import re

import pytest
from documents import PAGES, ROOT, prose

README = "README.md"
EXTERNAL = re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,}(/[\w./%~+:@-]*)?(\?[\w=&.-]+)?(#[\w.-]+)?")
_LINK = re.compile(r"(?<!\!)\[(?P<text>[^\]]+)\]\((?P<target>[^)\s]+)\)")
_FILE = re.compile(r"`((?:[\w.-]+/)+[\w-]+\.(?:py|c|h|toml|md|json|css|js|sh))`")


def links(page: str) -> list[str]:
    return [match["target"] for match in _LINK.finditer(re.sub(r"`[^`\n]*`", "", prose(page)))]


@functools.cache
def anchors(page: str) -> set[str]:
    """Of the headings of a page, as GitHub and GitLab make them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", heading).lower()).replace(
            " ", "-"
        )
        number = 0
        while (name := slug if not number else f"{slug}-{number}") in found:
            number += 1
        found.add(name)
    return found


def fault(page: str, target: str) -> str:
    """What is wrong with a link of a page, or ""."""
    if ":" in target.partition("/")[0]:
        return "" if EXTERNAL.fullmatch(target) else "no address that a browser would take"
    path, _, anchor = target.partition("#")
    file = (ROOT / page).parent / path if path else ROOT / page
    if not file.exists():
        return f"{file} is not there"
    if ROOT not in file.resolve().parents:
        return "leads out of the repository"
    name = str(file.resolve().relative_to(ROOT))
    if anchor and anchor not in anchors(name):
        return f"{name} has no heading {anchor!r}; it has {sorted(anchors(name))}"
    return ""


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    faults = {target: found for target in links(page) if (found := fault(page, target))}
    assert faults == {}


@pytest.mark.parametrize("page", PAGES)
def test_files_that_are_named_are_there(page: str) -> None:
    named = {name for name in _FILE.findall(prose(page)) if "NAME" not in name and "mine" not in name}
    assert {
        name
        for name in named
        if not any((place / name).exists() for place in (ROOT, ROOT / "benchsuite", ROOT / "tests"))
    } == set()


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, open_pages = {README}, [README]
    while open_pages:
        page = open_pages.pop()
        for target in links(page):
            file = ((ROOT / page).parent / target.partition("#")[0]).resolve()
            if file.is_file() and (name := str(file.relative_to(ROOT))) in PAGES and name not in reached:
                reached.add(name)
                open_pages.append(name)
    assert set(PAGES) - reached == set()
    direct = {target.partition("#")[0] for target in links(README)}
    assert {page for page in PAGES if page.startswith("docs/")} <= direct  # it is the index


def test_there_are_links() -> None:
    assert sum(len(links(page)) for page in PAGES) > 60


@pytest.mark.parametrize(
    "target",
    [
        "nowhere.md",
        "docs/ci.md#nowhere",
        "#nowhere",
        "http:/x",
        "https://nowhere",
        "../outside",
        "ftp://a.org/b",
    ],
)
def test_a_link_that_leads_nowhere_is_found(target: str) -> None:
    assert fault(README, target)


@pytest.mark.parametrize(
    ("page", "target"),
    [(README, "docs/ci.md#gitlab"), ("docs/ci.md", "../README.md"), ("docs/ci.md", "https://a.org/b?c=1#d")],
)
def test_a_link_that_leads_somewhere_is_none(page: str, target: str) -> None:
    assert fault(page, target) == ""
