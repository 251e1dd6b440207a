"""A report's page as a parser sees it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "hr", "input", "link", "meta"}


@dataclass
class Element:
    name: str
    attributes: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def all(self, name: str = "", /, **attributes: str) -> list[Element]:
        """In the order of the page; `class_` is one of its classes."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                if child._is(name, attributes):
                    found.append(child)
                found += child.all(name, **attributes)
        return found

    def one(self, name: str = "", /, **attributes: str) -> Element:
        found = self.all(name, **attributes)
        assert len(found) == 1, (name, attributes, len(found))
        return found[0]

    def _is(self, name: str, attributes: dict[str, str]) -> bool:
        for key, value in attributes.items():
            own = self.attributes.get(key.rstrip("_").replace("_", "-"))
            if own is None or (value not in own.split() if key == "class_" else value != own):
                return False
        return name in ("", self.name)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({key for key, _ in attrs}) == len(attrs), f"an attribute twice: {tag} {attrs}"
        made = Element(tag, dict(attrs))
        self._open[-1].children.append(made)
        if tag not in VOID:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].name == tag, f"</{tag}> closes <{self._open[-1].name}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")


def read(page: str) -> Element:
    """The tree. AssertionError where elements do not nest as they should."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader._open == [reader.root], reader._open[-1].name
    return reader.root


def rows(table: Element) -> list[dict[str, str]]:
    """Of a table by its headers, or of a plot's data as CSV."""
    if table.name == "pre":
        return list(csv.DictReader(io.StringIO(table.text)))
    headers = [cell.text for cell in table.one("thead").all("th")]
    return [
        dict(zip(headers, [cell.text for cell in row.children if isinstance(cell, Element)], strict=True))
        for row in table.one("tbody").all("tr")
    ]
