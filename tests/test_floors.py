"""The shape of the house: a module imports only from floors below its own, no files import each other in a
circle, and what a module calls private stays in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from house import Python, c_files, circles

import benchsuite

PACKAGE = Path(benchsuite.__file__).parent

# Bottom to top. Names on one floor may not import each other.
FLOORS = [
    {"version", "units", "cpu_lists", "facts", "series", "confidence", "percentiles", "collecting"},
    {"sheet"},
    {"model"},
    {"files", "sweeps", "remarks", "costs", "arrivals"},
    {"selection"},
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
    {"imports", "anonymous"},
    {"stats"},
    {"doubts"},
    {"course", "crossover", "knee", "kernel_cost", "least_squares"},
    {"fit", "serving"},
    {"compare"},
    {"runs", "edits"},
    {"findings"},
    {"view"},
    {"report"},
    {"exports"},
    {"lab"},
    {"arguments"},
    {"api"},
    {"cli"},
    {"pytest_plugin"},
    {"__main__"},
]
LEVEL = {name: level for level, floor in enumerate(FLOORS) for name in floor}
HOUSE = Python(PACKAGE)
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
    return {part[1] for part in parts if part[0] == "benchsuite" and len(part) > 1}


def test_every_module_has_a_floor() -> None:
    assert {room(module) for module in MODULES} - {""} <= set(LEVEL)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_only_from_below(module: Path) -> None:
    own = room(module)
    foreign = rooms(ast.parse((PACKAGE / module).read_text())) - {own}
    if not own:  # for type checkers alone: the names of the Python API are found when they are asked for
        assert foreign <= {"api", "version"}
        return
    assert {name for name in foreign if LEVEL[name] >= LEVEL[own]} == set()


def test_imports_inside_functions_count() -> None:
    tree = ast.parse(
        "def late():\n    import benchsuite.cli\n    from benchsuite import store\n"
        "    from benchsuite.view.rows import Row\n"
    )
    assert rooms(tree) == {"cli", "store", "view"}


def test_no_circle_of_modules() -> None:
    assert circles(HOUSE.imports()) == set()


def test_no_circle_of_c_files() -> None:
    assert circles(c_files(PACKAGE / "native")) == set()


def test_no_module_hides_a_name_of_its_package() -> None:
    assert HOUSE.hidden() == []


def test_private_names_stay_in_their_module() -> None:
    assert HOUSE.private() == []


def planted(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / "house" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "house"


@pytest.mark.parametrize(
    "back",
    [
        "from house.a import one",
        "def late():\n    import house.a",
        "def late():\n    from house import a",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    import house.a",
    ],
)
def test_a_planted_circle_of_modules_is_found(back: str, tmp_path: Path) -> None:
    files = {
        "__init__.py": "",
        "a.py": "from house import b\none = 1",
        "b.py": "import house.c",
        "c.py": back,
    }
    assert circles(Python(planted(tmp_path, files)).imports()) == {
        frozenset({"house.a", "house.b", "house.c"})
    }


def test_a_planted_module_that_hides_a_name_is_found(tmp_path: Path) -> None:
    files = {"__init__.py": "from house.a import b", "a.py": "b = 1", "b.py": ""}
    assert Python(planted(tmp_path, files)).hidden() == ["house.b"]


def test_a_module_that_takes_from_the_face_of_its_package_is_a_circle(tmp_path: Path) -> None:
    files = {"__init__.py": "from house.a import one", "a.py": "from house import two\none = 1"}
    assert circles(Python(planted(tmp_path, files)).imports()) == {frozenset({"house", "house.a"})}


def test_what_only_a_type_checker_imports_is_no_circle(tmp_path: Path) -> None:
    only_types = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.a import One"
    files = {"__init__.py": "", "a.py": "import house.b", "b.py": only_types}
    assert circles(Python(planted(tmp_path, files)).imports()) == set()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("from house.a import _one", "house.a._one"),
        ("def late():\n    from house.a import _one as one", "house.a._one"),
        ("from house import a\na._one()", "a._one"),
        ("from house import a as other\nprint(other._one)", "other._one"),
        ("import house.a\nhouse.a._one()", "house.a._one"),
        ("from house.part._c import f", "house.part._c.f"),
    ],
)
def test_a_planted_private_name_is_found(text: str, name: str, tmp_path: Path) -> None:
    files = {
        "__init__.py": "",
        "a.py": "_one = 1",
        "b.py": text,
        "part/__init__.py": "",
        "part/_c.py": "f = 1",
    }
    assert Python(planted(tmp_path, files)).private() == [f"house.b: {name}"]


def test_private_names_of_a_package_and_of_others_may_be_used(tmp_path: Path) -> None:
    """os._exit has no other name, and the core is the business of its package."""
    files = {"__init__.py": "", "a.py": "import os\nos._exit(0)", "part/_c.py": "f = 1"}
    files["part/__init__.py"] = "from house.part._c import f\nfrom house.part import _c"
    assert Python(planted(tmp_path, files)).private() == []


def test_planted_circles_of_c_files_are_found(tmp_path: Path) -> None:
    files = {
        "a.h": "void a_do(int x);\nextern const int b_much[2];\nstruct one { int x; };",
        "a.c": '#include "a.h"\n\nvoid a_do(int x)\n{\n\tx += b_much[0];\n}\n',
        "b.c": '#include "a.h"\n\nconst int b_much[2] = { 1, 2 };\nstatic void b(void)\n{\n\ta_do(1);\n}\n',
        "part/c.h": '#include "d.h"\n',
        "part/d.h": '#include "part/c.h"\n',
        "e.c": '#include "a.h"\n\n/* a_do() */\nvoid e_say(void)\n{\n\tprint("a_do");\n}\n',
        "f.c": '#include "a.h"\n\nint f_ask(struct one *of)\n{\n\te_say();\n\treturn of->x;\n}\n',
    }
    assert circles(c_files(planted(tmp_path, files))) == {
        frozenset({"a.c", "b.c"}),
        frozenset({"part/c.h", "part/d.h"}),
    }
