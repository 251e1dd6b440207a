"""Names of facts and of the environment: every one that is written or read stands in facts.py."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import benchsuite
from benchsuite import host, stats
from benchsuite.facts import Environment, Fact
from benchsuite.model import Case, CaseResult, Value, WorkerRun

PACKAGE = Path(benchsuite.__file__).parent
FACTS = {value for name, value in vars(Fact).items() if name.isupper()}
ENVIRONMENT = {value for name, value in vars(Environment).items() if name.isupper()}
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.name != "facts.py")
# A package's facts in the output of `go test`, and the environment of a process.
OTHERS = {
    ("formats/go/testing.py", "pkg"),
    ("host/system.py", "LC_ALL"),
    ("host/system.py", "GIT_OPTIONAL_LOCKS"),
}
WHERE = {"facts", "environment", "decided", "decision"}
# What a driver in C says of a session (bs_session_facts): `"way: %s\n"`.
LINE = re.compile(r'(?:"|\\n|"%s)([a-z_]+|tried_%s): ')


def name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def keys(tree: ast.Module) -> Iterator[ast.expr]:
    """What is written or read as the key of a fact, or of the environment, anywhere in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and name_of(node.value) in WHERE:
            yield node.slice
        elif isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute) and called.attr in ("get", "pop", "setdefault"):
                yield from node.args[:1] if name_of(called.value) in WHERE else ()
            elif name_of(called) == "facts":
                yield from node.args[1:2]
            for keyword in node.keywords:
                yield from displayed(keyword.value) if keyword.arg in WHERE else ()
        elif isinstance(node, ast.Assign):
            yield from displayed(node.value) if any(name_of(each) in WHERE for each in node.targets) else ()
        elif isinstance(node, ast.AnnAssign):
            yield from displayed(node.value) if node.value and name_of(node.target) in WHERE else ()
        elif isinstance(node, ast.FunctionDef) and node.name.strip("_") in ("facts", "driver_facts"):
            for each in ast.walk(node):
                yield from displayed(each.value) if isinstance(each, ast.Return) and each.value else ()


def displayed(value: ast.expr) -> Iterator[ast.expr]:
    for node in ast.walk(value):
        if isinstance(node, ast.Dict):
            yield from (key for key in node.keys if key)


def spelled(tree: ast.Module) -> set[str]:
    """Keys that a module spells out, and names that can be nothing else wherever they stand."""
    texts = {key.value for key in keys(tree) if isinstance(key, ast.Constant) and isinstance(key.value, str)}
    own = {each for each in FACTS | ENVIRONMENT if each.startswith(("benchsuite_", "imported_"))}
    constants = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return texts | (own & {each for each in constants if isinstance(each, str)})


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_no_module_spells_a_name_out(module: Path) -> None:
    found = spelled(ast.parse((PACKAGE / module).read_text()))
    assert {each for each in found if (str(module), each) not in OTHERS} == set()


@pytest.mark.parametrize(
    "text",
    [
        'run.facts["way"] = "sync"',
        'stats.facts(case, "version")',
        'found = result.environment.get("date")',
        'facts = {"path": "AF_ALG"}',
        'Figure(facts={**other, "path": "AF_ALG"})',
        'def facts(self):\n    return {**super().facts(), **({"way": "sync"} if self.way else {})}',
        'KEY = "benchsuite_kernel_release"',
    ],
)
def test_a_planted_one_is_found(text: str) -> None:
    assert len(spelled(ast.parse(text))) == 1


def test_drivers_in_c_write_these_names() -> None:
    found = set()
    for source in (PACKAGE / "native" / "drivers").rglob("*.c"):
        text = source.read_text()
        for function in re.findall(r"\n[a-z].*?\n}\n", text, re.DOTALL):
            if "facts" in function.splitlines()[1] or "add(" in function:
                found |= set(LINE.findall(function))
    assert {"kernel_driver", "way", "clock", "sessions_reloaded", "tried_%s"} <= found
    found = found - {"tried_%s"} | {"tried_ring", "tried_threads"}
    assert found - FACTS == set()


def test_no_name_stands_twice() -> None:
    for names in (Fact, Environment):
        values = [value for name, value in vars(names).items() if name.isupper()]
        assert len(values) == len(set(values))


def test_what_a_machine_says_of_itself_has_names() -> None:
    said = host.environment() | host.load("before") | host.load("after")
    assert {key for key in said if key.startswith("benchsuite_")} <= ENVIRONMENT


def test_a_fact_of_the_runs_is_read_by_its_name() -> None:
    runs = [
        WorkerRun(number, values=[Value(1, 1.0, 1.0, 0.0)], facts={Fact.WAY: "sync"}) for number in (1, 2)
    ]
    assert stats.facts(CaseResult(Case("null", "aes-128-cbc"), runs), Fact.WAY) == ["sync"]
