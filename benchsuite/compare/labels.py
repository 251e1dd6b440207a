"""What the backends of results are called, wherever they are shown: decided for all that is shown together.

A backend with a label of the user's is called that. A library is called by its version: `software:3.0.19` is
`software:/build/libcrypto.so.3`. A simulated device is called by the name of its file. For the folders of a
machine that builds change from one job to the next, and would tear a history apart. What would then be called
alike is told apart by the part of the path that differs, as `software:3.0.19@lib-base`, else by a number.

Of several results, a library without a label has the same name in all where it has the same role: the path is
the same, or it is the only one of its driver, or on its side of a pair, or its path ends as no other does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import PurePosixPath

from benchsuite import backends, stats
from benchsuite.compare.tagged import told_apart
from benchsuite.facts import Fact
from benchsuite.model import Case, CaseResult, Result

_VERSION = re.compile(r"([A-Za-z][\w-]*)(?: +v?(\d+(?:\.\d+)+[\w.+-]*))?")
_USUAL_PRODUCT = "OpenSSL"
_ELLIPSIS = "\u2026"


def shown(*results: Result, but: Collection[str] = ()) -> list[Result]:
    """The results with cases whose backend is what it is called; `origin` keeps what was measured. but: keys
    of tags by which cases are looked at, so that backends are not told apart by them."""
    labels = Labels([result.cases for result in results])
    return told_apart([replace(result, cases=labels.called(result.cases)) for result in results], but)


@dataclass(slots=True)
class _File:
    """A backend that is a file of a result. kind: the driver, and what else its setting says."""

    backend: str
    kind: tuple[str, str]
    path: str
    versions: set[str] = field(default_factory=set)  # short
    sides: set[str] = field(default_factory=set)  # of a pair


@dataclass(slots=True)
class _Role:
    """The same file in each of several results."""

    files: list[_File]

    @property
    def kind(self) -> tuple[str, str]:
        return self.files[0].kind

    @property
    def paths(self) -> list[str]:
        return list(dict.fromkeys(file.path for file in self.files))

    @property
    def plain(self) -> str:
        """A name that others may have, too."""
        driver, rest = self.kind
        versions = {version for file in self.files for version in file.versions}
        backend = backends.find(driver)
        if backend and backend.file_tells:
            return f"{driver}:{PurePosixPath(self.paths[0]).stem}{rest}"
        if len(versions) == 1:
            return f"{driver}:{versions.pop()}{rest}"
        return f"{driver}:{'/'.join([_ELLIPSIS, *_tail(self.paths)])}{rest}"


class Labels:
    """What the backends of cases are called, of several lists that are shown together."""

    def __init__(self, lists: Sequence[Iterable[CaseResult]]) -> None:
        lists = [list(cases) for cases in lists]
        roles = _roles([_files(cases) for cases in lists])
        taken = {case.label or case.case.backend for cases in lists for case in cases}
        self._labels = {
            file.backend: name
            for role, name in zip(roles, _told_apart(roles), strict=True)
            for file in role.files
            if name not in taken
        }

    def of(self, case: CaseResult) -> str:
        """The label of a case of one of the lists, or another with the same backend."""
        if case.origin or case.label:
            return case.label or case.case.backend
        return self._labels.get(case.case.backend, case.case.backend)

    def called(self, cases: Iterable[CaseResult]) -> list[CaseResult]:
        return [self.call(case) for case in cases]

    def call(self, case: CaseResult) -> CaseResult:
        """The same case, with its backend called by its name. One that is already stays as it is."""
        name = self.of(case)
        if name == case.case.backend:
            return case
        return case.called(name)

    def key(self, case: CaseResult) -> Case:
        """The case called by its name, without what does not matter: by that it is found in another list."""
        return self.call(case).case.without()


def label_of(backend: str, results: Iterable[Result]) -> str:
    """What the backend is called that a user names by its label, or by what was measured; else the same."""
    cases = [case for result in results for case in result.cases]
    return next((case.case.backend for case in cases if backend in (case.label, case.origin)), backend)


def measured(cases: Iterable[CaseResult]) -> list[str]:
    """What was measured of cases that are called the same: the backend, where it is called something else,
    with each of its versions."""
    found: dict[str, dict[str, None]] = {}
    for case in cases:
        versions = found.setdefault(case.origin, {})
        for version in stats.facts(case, Fact.VERSION):
            versions[version] = None
    said = [(origin, version) for origin, of in found.items() for version in of or [""]]
    return [", ".join(filter(None, parts)) for parts in said if any(parts)]


def _files(cases: Iterable[CaseResult]) -> list[_File]:
    """Files among the backends that have no label."""
    by_backend: dict[str, list[CaseResult]] = {}
    for case in cases:
        if not (case.origin or case.label):
            by_backend.setdefault(case.case.backend, []).append(case)
    files = []
    for name, of in by_backend.items():
        backend = backends.find(name)
        if backend and (path := backend.file):
            kind = backend.name, backend.setting.removeprefix(path)
            versions, sides = (
                {text for case in of for text in stats.facts(case, key)} for key in (Fact.VERSION, Fact.SIDE)
            )
            files.append(_File(name, kind, path, set(map(short, versions)), sides))
    return files


def short(version: str) -> str:
    """A version in short: OpenSSL 3.0.19 27 Jan 2026 as 3.0.19, LibreSSL 4.0.0 as LibreSSL-4.0.0."""
    found = _VERSION.match(version)
    if not found:
        return re.sub(r"[^\w.+-]+", "-", version)[:40] or _ELLIPSIS
    product, number = found.groups()
    return number if product == _USUAL_PRODUCT and number else "-".join(filter(None, (product, number)))


def _roles(results: Iterable[list[_File]]) -> list[_Role]:
    roles: list[_Role] = []
    for files in results:
        new: list[_Role] = []
        for kind in dict.fromkeys(file.kind for file in files):
            of_kind = [file for file in files if file.kind == kind]
            new += _join(of_kind, [role for role in roles if role.kind == kind])
        roles += new
    return roles


def _join(files: list[_File], roles: list[_Role]) -> list[_Role]:
    """Every file of a result joins its role; those that are left over are roles of their own."""
    for alike in (_same_path, _alone, _same_side, _same_end):
        for file in list(files):
            role = alike(file, files, roles)
            if role:
                role.files.append(file)
                files.remove(file)
                roles.remove(role)
    return [_Role([file]) for file in files]


def _same_path(file: _File, files: list[_File], roles: list[_Role]) -> _Role | None:
    return next((role for role in roles if file.path in role.paths), None)


def _alone(file: _File, files: list[_File], roles: list[_Role]) -> _Role | None:
    return roles[0] if len(files) == len(roles) == 1 else None


def _same_side(file: _File, files: list[_File], roles: list[_Role]) -> _Role | None:
    there = [role for role in roles if file.sides and file.sides == role.files[0].sides]
    return _alone(file, [other for other in files if other.sides == file.sides], there)


def _same_end(file: _File, files: list[_File], roles: list[_Role]) -> _Role | None:
    """The role whose path has more of its end in common with this one than any other, for both of them."""

    def common(other: _File, role: _Role) -> int:
        return max(len(_tail([other.path, path])) for path in role.paths)

    best = max((common(file, role) for role in roles), default=0)
    found = [role for role in roles if common(file, role) == best]
    if best == 0 or len(found) > 1:
        return None
    rivals = [other for other in files if other is not file and common(other, found[0]) >= best]
    return None if rivals else found[0]


def _tail(paths: Sequence[str]) -> list[str]:
    """The file's name, with the folders before it that all have in common; [] where the names differ. Of a
    single path the name alone."""
    parts = [PurePosixPath(path).parts[::-1] for path in paths]
    if len(parts) == 1:
        return [parts[0][0]]
    common = takewhile(lambda names: len(set(names)) == 1, zip(*parts, strict=False))
    return [names[0] for names in common][::-1]


def _told_apart(roles: Sequence[_Role]) -> list[str]:
    """A name for each role."""
    alike: dict[str, list[str]] = {}  # paths, by plain name
    for role in roles:
        alike.setdefault(role.plain, []).append(role.paths[0])
    return [
        role.plain + dict(zip(alike[role.plain], _differences(alike[role.plain]), strict=True))[role.paths[0]]
        for role in roles
    ]


def _differences(paths: Sequence[str]) -> list[str]:
    """What tells paths apart: the last part in which all differ, else a number. "" for a single one."""
    if len(paths) == 1:
        return [""]
    parts = [PurePosixPath(path).parts[::-1] for path in paths]
    for names in zip(*parts, strict=False):
        if len(set(names)) == len(names):
            return [f"@{name}" for name in names]
    return [f"#{number}" for number, _ in enumerate(paths, 1)]
