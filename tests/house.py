"""Who imports, includes and calls whom, read from the sources: what test_floors.py judges."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

Graph = dict[str, set[str]]


def circles(graph: Mapping[str, set[str]]) -> set[frozenset[str]]:
    """Groups of two or more of which each leads to every other (Tarjan); and what leads to itself."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    found: set[frozenset[str]] = set()

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        path.append(name)
        for other in graph.get(name, ()):
            if other not in order:
                visit(other)
            if other in path:
                lowest[name] = min(lowest[name], lowest[other])
        if lowest[name] == order[name]:
            group = path[path.index(name) :]
            del path[path.index(name) :]
            if len(group) > 1 or name in graph.get(name, ()):
                found.add(frozenset(group))

    for name in graph:
        if name not in order:
            visit(name)
    return found


class Python:
    """The modules of a package."""

    def __init__(self, package: Path) -> None:
        self.trees = {
            self._name(path, package): ast.parse(path.read_text(encoding="utf-8"))
            for path in sorted(package.rglob("*.py"))
        }

    @staticmethod
    def _name(path: Path, package: Path) -> str:
        parts = path.relative_to(package.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def imports(self) -> Graph:
        """Module -> modules that it imports, at once or late. What only a type checker imports makes no
        circle: nothing runs. A name that is no module is its package's, so that a module that takes from
        the face of its own package is found as well."""
        return {
            name: {self._module(*each) for each in _imported(_as_run(tree))} & set(self.trees)
            for name, tree in self.trees.items()
        }

    def _module(self, module: str, name: str) -> str:
        return f"{module}.{name}" if f"{module}.{name}" in self.trees else module

    def private(self) -> list[str]:
        """Names with an underscore that are taken from another module: `from x import _y`, and `x._y`. A
        module with an underscore is its package's."""
        found = []
        for here, tree in self.trees.items():
            bound = set()
            for module, name, called in _bound(tree):
                whole = f"{module}.{name}" if name else module
                if whole in self.trees:
                    bound.add(called)
                if module in self.trees and not self._may_have(here, whole):
                    found.append(f"{here}: {whole}")
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and _hidden(node.attr) and _dotted(node.value) in bound:
                    found.append(f"{here}: {_dotted(node)}")
        return found

    def hidden(self) -> list[str]:
        """Modules with the name of something on the face of their package, which is gone once they are
        imported."""
        return [
            f"{here}.{called}"
            for here, tree in self.trees.items()
            for module, name, called in _bound(tree)
            if f"{here}.{called}" in self.trees and f"{here}.{called}" not in (module, f"{module}.{name}")
        ]

    def _may_have(self, here: str, whole: str) -> bool:
        parts = whole.split(".")
        at = next((at for at, part in enumerate(parts) if _hidden(part)), None)
        if at is None:
            return True
        package = ".".join(parts[:at])
        return ".".join(parts[: at + 1]) in self.trees and f"{here}.".startswith(f"{package}.")


def _hidden(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def _as_run(tree: ast.Module) -> list[ast.AST]:
    """Every node but those under `if TYPE_CHECKING:`."""
    nodes: list[ast.AST] = [tree]
    for node in nodes:
        if isinstance(node, ast.If) and _dotted(node.test).rpartition(".")[2] == "TYPE_CHECKING":
            nodes += node.orelse
        else:
            nodes += ast.iter_child_nodes(node)
    return nodes


def _imported(nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield from ((node.module or "", alias.name) for alias in node.names)


def _bound(tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    """Module, name in it or "", and what it is called here."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "", alias.asname or alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name, alias.asname or alias.name) for alias in node.names)


_NO_CODE = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.MULTILINE)
# As clang-format leaves it: what a file defines for others begins in the first column.
_DEFINED = re.compile(
    r"^(?!static|typedef|extern|return|else)\w[\w \t*]*?\b(\w+)"
    r"(?:\([^;{}]*\)\s*\{|(?:\[[^\]\n]*\])*(?: =|;))",
    re.MULTILINE,
)
_WORD = re.compile(r"\b[A-Za-z_]\w*")


def c_files(folder: Path) -> Graph:
    """File -> headers that it includes, and .c files whose functions or data it names. So the header of
    what a folder shares may have the name of a .c that uses all of the folder: types are no circle."""
    paths = [
        path for path in sorted(folder.rglob("*.[ch]")) if path.stem != "_core"
    ]  # that one is made by cffi
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    code = {path: set(_WORD.findall(_NO_CODE.sub(" ", text))) for path, text in texts.items()}
    owner = {
        name: path
        for path, text in texts.items()
        if path.suffix == ".c"
        for name in _DEFINED.findall(_NO_CODE.sub(" ", text))
    }
    graph: Graph = {}
    for path, text in texts.items():
        places = [at for name in _INCLUDE.findall(text) for at in (path.parent / name, folder / name)]
        others = {at.resolve() for at in places} & set(texts)
        if path.suffix == ".c":
            others |= {owner[word] for word in code[path] & set(owner)} - {path}
        graph[path.relative_to(folder).as_posix()] = {
            other.relative_to(folder).as_posix() for other in others
        }
    return graph
