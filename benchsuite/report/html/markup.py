"""HTML and SVG as text, escaped where it is made: what is not Html already is somebody's text."""

from __future__ import annotations

from html import escape as escaped

from benchsuite.sheet.printable import clean

__all__ = ["BLANK", "Html", "element", "escaped", "joined", "text"]

_VOID = {"br", "hr", "input", "link", "meta"}


class Html(str):
    """Markup that is safe as it stands."""

    __slots__ = ()


def text(value: object) -> Html:
    """The value without control and format characters, escaped for an element or a quoted attribute."""
    if isinstance(value, Html):
        return value
    said = str(value)
    return Html(escaped(said if said.isprintable() else clean(said)))


def element(name: str, /, *content: object, **attributes: object) -> Html:
    """`class_` is class, `data_v` is data-v. None is left out, of content and attributes; True is an
    attribute without a value, False none."""
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        spelled = key.rstrip("_").replace("_", "-")
        parts.append(f" {spelled}" if value is True else f' {spelled}="{text(value)}"')
    parts.append(">")
    if name in _VOID:
        return Html("".join(parts))
    parts += [text(part) for part in content if part is not None]
    parts.append(f"</{name}>")
    return Html("".join(parts))


def joined(*parts: object) -> Html:
    return Html("".join(text(part) for part in parts if part is not None))


BLANK = Html(" ")  # text of anybody's loses its outer ones


def drawing(name: str, said: str, identity: str, width: int, height: float, *parts: Html) -> Html:
    """A plot with its name and, for whoever cannot see it, what is `said` of it."""
    return element(
        "svg",
        element("title", name, id=f"{identity}-t"),
        element("desc", said, id=f"{identity}-d"),
        *parts,
        viewBox=f"0 0 {width} {height}",
        role="img",
        class_="plot",
        aria_labelledby=f"{identity}-t",
        aria_describedby=f"{identity}-d",
    )
