"""The shape of the house: a module imports only from floors below its own (DESIGN, section 3)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import benchsuite

PACKAGE = Path(benchsuite.__file__).parent

# Bottom to top. Names on one floor may not import each other.
FLOORS = [
    {"units"},
    {"sheet"},
    {"model"},
    {"records"},
    {"algorithms"},
    {"keys"},
    {"profile"},
    {"formats"},
    {"sim"},
    {"native"},
    {"backends", "host"},
    {"places"},
    {"runner"},
    {"store"},
    {"imports"},
    {"stats"},
    {"crossover"},
    {"fit"},
    {"compare"},
    {"runs"},
    {"view"},
    {"report"},
    {"exports"},
    {"lab"},
    {"cli"},
    {"pytest_plugin"},
    {"__main__"},
]
LEVEL = {name: level for level, floor in enumerate(FLOORS) for name in floor}
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def room(module: Path) -> str:
    """runner/calls.py -> runner; units.py -> units; the package itself -> ""."""
    return "" if module.parts == ("__init__.py",) else module.parts[0].removesuffix(".py")


def imported(tree: ast.Module) -> Iterator[str]:
    """Dotted names of the benchsuite modules, or of what is in them, that any statement imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            if node.module == "benchsuite":
                yield from (f"benchsuite.{alias.name}" for alias in node.names)
            else:
                yield node.module or ""


def rooms(tree: ast.Module) -> set[str]:
    parts = [name.split(".") for name in imported(tree)]
    return {
        part[1] for part in parts if part[0] == "benchsuite" and len(part) > 1 and part[1] != "__version__"
    }


def test_every_module_has_a_floor() -> None:
    assert {room(module) for module in MODULES} - {""} <= set(LEVEL)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_only_from_below(module: Path) -> None:
    own = room(module)
    foreign = rooms(ast.parse((PACKAGE / module).read_text())) - {own}
    if not own:
        assert not foreign
    assert {name for name in foreign if LEVEL[name] >= LEVEL[own]} == set()


def test_imports_inside_functions_count() -> None:
    tree = ast.parse(
        "def late():\n    import benchsuite.cli\n    from benchsuite import store, __version__\n"
        "    from benchsuite.view.rows import Row\n"
    )
    assert rooms(tree) == {"cli", "store", "view"}
