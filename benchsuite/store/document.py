"""A result file that is to be changed: everything in it, also what this benchsuite does not know.

What a newer benchsuite, pyperf or somebody else has written beside our keys stays where it is. The text that
is to replace the file is read first, as any file is: it must give the very result that was meant.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchsuite import files, records
from benchsuite.model import BenchsuiteError, CaseResult, Result
from benchsuite.store.metadata import Shared, of_result_again
from benchsuite.store.paths import journal_path
from benchsuite.store.reading import decode, sound
from benchsuite.store.unknown import kept
from benchsuite.store.writing import Said, benchmark, in_lines, of_all, unique

_ENTRY = ("label", "tags", "environment")  # what Said says of a case
OF_ALL = ("tags", "note", "command", "environments", "shared")  # and of all


@dataclass(slots=True)
class Item:
    """A case in a file: its entry in the list of cases, its benchmark where it was measured, and what both
    say."""

    entry: dict[str, Any]
    benchmark: dict[str, Any] | None
    case: CaseResult
    renamed: bool = False  # its benchmark needs another name

    def relabel(self, label: str) -> None:
        self.case.label, self.renamed = label, True


@dataclass(slots=True)
class Document:
    """name: of the file, for messages. data: the whole of it, but for what `items` and `result` say."""

    name: str
    data: dict[str, Any]
    items: list[Item]
    result: Result

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Document:
        """Raises BenchsuiteError for what load() refuses."""
        name = os.fspath(path)
        return sound(name, lambda data: cls.of(data, name))

    @classmethod
    def of(cls, data: dict[str, Any], name: str) -> Document:
        result = decode(data, name)
        ours = data["benchsuite"]
        shared = Shared.read(ours.get("shared", {}), "shared").metadata
        metadata = records.an_object(data.get("metadata", {}), "metadata")
        data = data | {"metadata": {key: value for key, value in metadata.items() if key not in shared}}
        benchmarks = {each["metadata"]["name"]: each for each in data["benchmarks"]}
        entries = ours["cases"]
        items = [
            Item(entry, benchmarks[entry["benchmark"]] if "benchmark" in entry else None, case)
            for entry, case in zip(entries, result.cases, strict=True)
        ]
        return cls(name, data, items, result)

    @property
    def meant(self) -> Result:
        """The result as it is now."""
        return replace(self.result, cases=[item.case for item in self.items])

    def text(self) -> str:
        """The text of the file as it is now. BenchsuiteError where it would not be the result that is
        meant."""
        meant = self.meant
        said, shared = Said(meant), Shared.of(meant)
        flat = shared.metadata
        names: set[str] = set()
        for item in self.items:
            if item.benchmark is not None:
                new = benchmark(self._named(item, names), item.case, shared)
                item.benchmark = kept(new, item.benchmark, flat)
            for key in _ENTRY:
                item.entry.pop(key, None)
            item.entry |= said.of(item.case)
        ours = {key: value for key, value in self.data["benchsuite"].items() if key not in OF_ALL}
        ours |= of_all(meant, [item.entry for item in self.items], said, shared)
        data = self.data | {
            "metadata": of_result_again(self.data["metadata"], meant, shared),
            "benchsuite": ours,
            "benchmarks": [item.benchmark for item in self.items if item.benchmark is not None],
        }
        return _checked(data, meant)

    @staticmethod
    def _named(item: Item, taken: set[str]) -> str:
        """Gives a benchmark its name, which no other has."""
        name: str = item.entry["benchmark"]
        if item.renamed or name in taken:
            name = unique(item.case.name, taken)
        taken.add(name)
        item.entry["benchmark"] = name
        return name

    def write(self, path: Path) -> None:
        """Replaces the file at once, or leaves it as it was. BenchsuiteError where it cannot be written."""
        write(path, self.text())


def write(path: Path, text: str) -> None:
    """Replaces a file by a document's text. BenchsuiteError where it cannot be written, and then the old file
    is there."""
    try:
        files.replace(path, text.encode("ascii"))
    except OSError as error:
        raise BenchsuiteError(f"{path}: cannot be written ({error.strerror}); it is as it was") from None


def check_finished(path: Path) -> None:
    """BenchsuiteError where a run of this file is not over: it would write the file anew."""
    journal = journal_path(path)
    if journal.exists():
        raise BenchsuiteError(
            f"{path}: its run is not over ({journal} is there): finish it with --resume first, or write to "
            "another file with -o"
        )


def _checked(data: dict[str, Any], meant: Result) -> str:
    refused = "the result cannot be changed, which is a defect of benchsuite"
    try:
        text = in_lines(data)
        found = decode(records.loads(text), "the result")
    except (ValueError, TypeError) as error:
        raise BenchsuiteError(f"{refused}: {error}") from error
    if found != meant:
        raise BenchsuiteError(f"{refused}: it would be another")
    return text
