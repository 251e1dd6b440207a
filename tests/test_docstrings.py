"""A docstring names its subject: it begins with a verb or a noun, not with what is left of a sentence."""

from __future__ import annotations

import ast
from pathlib import Path

import benchsuite

PACKAGE = Path(benchsuite.__file__).parent
LEFT_OVERS = ("Of ", "Those ", "That ", "As ")


def without_subject(text: str) -> list[str]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = (ast.get_docstring(node) for node in ast.walk(ast.parse(text)) if isinstance(node, kinds))
    return [text.splitlines()[0] for text in found if text and text.startswith(LEFT_OVERS)]


def test_docstrings_name_their_subject() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix(): without_subject(path.read_text())
        for path in PACKAGE.rglob("*.py")
    }
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_a_planted_one_is_found() -> None:
    planted = (
        '"""A module."""\nclass A:\n    """Of a case."""\n    def f(self):\n        """That it takes."""\n'
    )
    assert without_subject(planted) == ["Of a case.", "That it takes."]
    assert without_subject('"""Office hours, thatched roofs, asides."""') == []
