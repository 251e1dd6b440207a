"""CONTRIBUTING.md against the code: the floors, where things are added, the words, the dependencies."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from test_floors import FLOORS

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
PLACES = (ROOT, ROOT / "benchsuite")
SOURCES = "\n".join(
    path.read_text()
    for path in sorted((ROOT / "benchsuite").rglob("*.*"))
    if path.suffix in (".py", ".c", ".h")
)


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def code(text: str) -> list[str]:
    """What stands in code between words, not in blocks."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`]+)`", prose)


def pieces() -> list[str]:
    return sorted(
        {
            piece
            for title in ("The shape of the house", "Words of the house")
            for piece in code(section(title))
        }
    )


def exists(path: str) -> bool:
    """NAME is any that there is."""
    wanted = path.replace("NAME", "*")
    return any(
        found.is_dir() or not path.endswith("/")
        for place in PLACES
        for found in place.glob(wanted.rstrip("/"))
    )


def test_the_floors_are_those_of_the_code() -> None:
    (block,) = re.findall(r"^```text\n(.*?)```", section("The shape of the house"), re.MULTILINE | re.DOTALL)
    told = [{name.split()[0] for name in floor.split(",")} for floor in block.replace("(C)", "").split("->")]
    assert told == FLOORS


@pytest.mark.parametrize("piece", pieces())
def test_what_it_names_exists(piece: str) -> None:
    if "/" in piece or "." in piece:
        assert exists(piece)
    else:
        assert re.search(rf"\b{re.escape(piece)}\b", SOURCES)


def test_lists_have_what_it_says_they_have() -> None:
    found = re.findall(r"`(\w+)` in `([^`]+)`", TEXT)
    assert len(found) > 8
    for name, path in found:
        text = next(place / path for place in PLACES if (place / path).is_file()).read_text()
        assert re.search(rf"^(?:class |def )?{name}\b", text, re.MULTILINE), (name, path)


def test_a_name_that_is_not_there_is_found() -> None:
    assert not exists("benchsuite/backends/nothing.py")
    assert not exists("benchsuite/nowhere/NAME.py")
    assert not exists("benchsuite/model/case.py/")


def test_every_dependency_has_a_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    names = {re.split(r"[<>=]", each)[0] for each in wanted}
    rows = re.findall(r"^\| (?:\*\w+:\* )?([^|]+) \|", section("Dependencies"), re.MULTILINE)
    told = {name for row in rows for name in re.split(r", | with ", row)} - {"package", "---"}
    assert told - {"---"} == names
