"""How sure a simulated figure is, and the words with which it is said to be simulated.

A level says where a device's speed is from; a result keeps it with every simulated case (Fact.CONFIDENCE).
Whoever prints a figure of a model says so with `simulated`, so that all say it alike.
"""

from __future__ import annotations

from collections.abc import Iterable

# From the best to the weakest: what the figure is that the model rests on.
CONFIDENCES = {
    "measured": "by the one who wrote the file, on the device",
    "table": "a published table or curve",
    "constant": "a constant in the source of a driver, or of the standard the device keeps",
    "statement": "a figure in somebody's text, without its circumstances",
    "headline": "what the vendor advertises",
    "assumption": "nobody has said it: what is usual for such a device",
}
UNSAID = "unsaid"  # the device's file does not say where its figures are from

_WORDS = {
    "measured": "from measurements",
    "table": "from published figures",
    "constant": "from its driver or standard",
    "statement": "from a figure without details",
    "headline": "from the vendor's claim",
    "assumption": "a guess",
    UNSAID: "how sure is not said",
}
LEVELS = tuple(_WORDS)  # UNSAID is the weakest


def known(level: str) -> str:
    """The level itself, or UNSAID for a text that is none, as a file from elsewhere may have it."""
    return level if level in _WORDS else UNSAID


def weakest(levels: Iterable[str]) -> str:
    """The weakest of several levels."""
    return max(levels, key=LEVELS.index)


def words(level: str) -> str:
    """How sure, for people: `from published figures`, `a guess`."""
    return _WORDS[known(level)]


def simulated(levels: Iterable[str]) -> str:
    """The words for figures with these levels, "" being the level of one that was measured: `simulated, a
    guess`; `partly simulated, a guess`; `simulated, at worst a guess` where levels differ; "" where none is
    simulated."""
    listed = list(levels)
    found = {known(level) for level in listed if level}
    if not found:
        return ""
    some = "simulated" if all(listed) else "partly simulated"
    worst = weakest(found)
    if len(found) == 1:
        return f"{some}, {words(worst)}"
    return f"{some}, {words(worst)} in part" if worst == UNSAID else f"{some}, at worst {words(worst)}"


def level_in(text: str) -> str:
    """The level with which a printed text says that it is simulated; UNSAID where it says none."""
    found = [level for level, said in _WORDS.items() if f"simulated, {said}" in text]
    return found[0] if found else UNSAID
