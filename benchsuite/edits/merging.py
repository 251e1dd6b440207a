"""Several results as one.

The cases of all are in it. A case that several have is one where it was measured on the same machine, with
the same version and in the same way: its runs are put together. With other tags it is another case. Else the
results are refused: figures of two machines or versions are never mixed. What the environments do not share
is kept with the cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from benchsuite import records
from benchsuite.compare.matching import is_paired
from benchsuite.edits.same import key_of
from benchsuite.facts import Environment, Fact, called
from benchsuite.model import BenchsuiteError, CaseResult, Result
from benchsuite.sheet.printable import clean
from benchsuite.store.document import OF_ALL, Document, Item
from benchsuite.units import many

# What of a machine may differ where runs are put together: it is so each time.
_PASSING = {
    Environment.DATE,
    Environment.BOOT_TIME,
    Environment.LOAD_BEFORE,
    Environment.LOAD_AFTER,
    Environment.MHZ_BEFORE,
    Environment.MHZ_AFTER,
    Environment.REVISION,
    Environment.IMPORTED,
    "boot_time",
    "cpu_freq",
    "cpu_temp",
    "load_avg_1min",
    "uptime",
}
# What is said where the cases of several results are kept apart in one.
_MACHINE = (
    Environment.HOSTNAME,
    Environment.CPU_MODEL_NAME,
    Environment.ARCHITECTURE,
    Environment.KERNEL_RELEASE,
    Environment.KERNEL_PARAMETERS,
    Environment.LAB,
    Environment.GOVERNOR,
    Environment.TURBO,
    Environment.SMT,
    Environment.MITIGATIONS,
    Environment.VERSION,
)
_WAY = {
    Fact.VERSION: "version",
    Fact.CHOSEN: "choice of auto",
    Fact.PATH: "path",
    Fact.DRIVER: "driver",
    Fact.WAY: "way",
    Fact.BUFFERS: "buffers",
    Fact.KERNEL_DRIVER: "kernel driver",
    Fact.KERNEL_MODULE: "kernel module",
    Fact.SIMULATED: "simulation",
    Fact.DEVICE: "device",
    Fact.CLOCK: "clock",
    Fact.IMPORTED_FROM: "program",
    Fact.IMPORTED_CLOCK: "clock",
    Fact.IMPORTED_CONTEXT: "context",
}
_KNOWN = {"format", "profile", "why", "complete", "environment", "cases", *OF_ALL}


def merged(documents: Sequence[Document], command: str = "") -> tuple[Document, list[str]]:
    """The documents as one, and what was done, in words. command: that merges them. BenchsuiteError where
    they cannot be one."""
    for each in documents:
        if is_paired(each.result):
            raise BenchsuiteError(
                f"{each.name}: measured in pairs, and judged together: it cannot be a part of another result"
            )
    shared = _shared([each.result.environment for each in documents])
    done = [_kept(documents)]
    items: list[Item] = []
    for document in documents:
        own = _without(document.result.environment, shared)
        for item in document.items:
            item.case.environment = own | item.case.environment
        done += _add(items, document)
    name = " and ".join(each.name for each in documents)
    data = _together(documents)
    return Document(name, data, items, _result(documents, shared, command)), [text for text in done if text]


def _result(documents: Sequence[Document], shared: dict[str, Any], command: str) -> Result:
    results = [each.result for each in documents]
    return Result(
        "+".join(dict.fromkeys(each.profile for each in results)),
        " ".join(dict.fromkeys(each.why for each in results if each.why)),
        shared,
        [],
        all(each.complete for each in results),
        _note(documents),
        "\n".join(dict.fromkeys(filter(None, [*(each.command for each in results), command]))),
    )


def _note(documents: Sequence[Document]) -> str:
    """The note that all have; else each one with the name of its file, for it does not hold for the others'
    cases."""
    notes = [each.result.note for each in documents]
    if len(set(notes)) == 1:
        return notes[0]
    names = [PurePath(each.name).name for each in documents]
    if len(set(names)) < len(names):
        names = [each.name for each in documents]
    named = zip(names, notes, strict=True)
    return "\n".join(f"[{name}] {line}" for name, note in named for line in note.splitlines() if line)


# Environments


def _shared(environments: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What all of them say; of what was imported, all of it."""
    first, *others = environments
    shared = {
        key: value
        for key, value in first.items()
        if all(key in other and other[key] == value for other in others)
    }
    sources = [each.get(Environment.IMPORTED) for each in environments]
    listed = [source for each in sources if isinstance(each, list) for source in each]
    if listed:
        shared[Environment.IMPORTED] = [
            each for number, each in enumerate(listed) if each not in listed[:number]
        ]
    return shared


def _without(environment: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in environment.items() if key not in shared}


def _kept(documents: Sequence[Document]) -> str:
    """A sentence on what the machines do not share."""
    environments = [each.result.environment for each in documents]
    keys = [key for key in _MACHINE if len({str(each.get(key)) for each in environments}) > 1]
    said = ", ".join(map(called, keys))
    return f"they differ in {said}, which is kept with the cases" if said else ""


# Cases


def _add(items: list[Item], document: Document) -> list[str]:
    """Adds a document's items to those of the documents before it."""
    known = {key_of(item.case): item for item in reversed(items)}
    joined = again = instead = 0
    for item in document.items:
        there = known.pop(key_of(item.case), None)
        if there is None:
            items.append(item)
        elif _same_figures(there.case, item.case):
            again += 1
        elif not (there.case.measured and item.case.measured):
            instead += _take_measured(items, there, item)
        else:
            _join(there, item, document.name)
            joined += 1
    return [
        f"{many(joined, 'case')} of {document.name} put together with the same of another" * bool(joined),
        f"{many(again, 'case')} of {document.name} left out, whose very runs are there already" * bool(again),
        f"{many(instead, 'case')} taken from where it was measured, not from where it failed" * bool(instead),
    ]


def _same_figures(one: CaseResult, other: CaseResult) -> bool:
    """Whether these are the very same values: of the same run, or of the same simulation."""
    values = [[run.values for run in case.runs if run.values] for case in (one, other)]
    return one.failure == other.failure and values[0] == values[1]


def _take_measured(items: list[Item], there: Item, item: Item) -> int:
    """Keeps the case that was measured; the first where neither was. 1 where one stands for the other."""
    if item.case.measured:
        items[next(i for i, each in enumerate(items) if each is there)] = item
    return int(there.case.measured or item.case.measured)


def _join(there: Item, item: Item, name: str) -> None:
    """Puts the runs of a case to those of the same case. BenchsuiteError where they are not of the same."""
    if difference := _difference(there.case, item.case):
        raise BenchsuiteError(
            f"{name}: {item.case.name} is in another of the results, too, with another {difference}\n"
            "tell them apart first, with a tag: benchsuite edit FILE --tag KEY=VALUE, or --label"
        )
    after = 1 + max((run.round for run in there.case.runs), default=-1)
    rounds = {number: after + i for i, number in enumerate(sorted({run.round for run in item.case.runs}))}
    assert there.benchmark is not None and item.benchmark is not None
    there.benchmark["runs"] += item.benchmark["runs"]
    if idle := item.benchmark.get("benchsuite", {}).get("idle_runs"):
        there.benchmark.setdefault("benchsuite", {}).setdefault("idle_runs", []).extend(idle)
    there.case.runs += [replace(run, round=rounds[run.round]) for run in item.case.runs]


def _difference(one: CaseResult, other: CaseResult) -> str:
    """What keeps runs from being put together; "" where nothing does."""
    if one.case != other.case:
        return "backend or number of requests"
    for key, what in _WAY.items():
        if _facts(one, key) != _facts(other, key):
            return what
    keys = [*_MACHINE, *one.environment, *other.environment]
    for key in keys:
        if key not in _PASSING and one.environment.get(key) != other.environment.get(key):
            return clean(called(key))
    return ""


def _facts(case: CaseResult, key: str) -> set[str | None]:
    return {run.facts.get(key) for run in case.runs}


# What nobody here understands


def _together(documents: Sequence[Document]) -> dict[str, Any]:
    """The rest of the files, with what only some of them have. BenchsuiteError where they contradict each
    other in what this benchsuite does not know."""
    data: dict[str, Any] = {}
    ours: dict[str, Any] = {}
    for each in documents:
        rest = {
            key: value
            for key, value in each.data.items()
            if key not in ("metadata", "benchsuite", "benchmarks")
        }
        _take(data, rest, each.name)
        _take(
            ours,
            {k: v for k, v in each.data["benchsuite"].items() if k not in _KNOWN},
            f"{each.name}: benchsuite",
        )
    metadata = [each.data.get("metadata", {}) for each in documents]
    formats = [each.data["benchsuite"]["format"] for each in documents]
    return data | {"metadata": _shared(metadata), "benchsuite": {"format": max(formats)} | ours}


def _take(found: dict[str, Any], more: Mapping[str, Any], name: str) -> None:
    for key, value in more.items():
        if found.setdefault(key, value) != value:
            raise BenchsuiteError(
                f"{name}: {records.show(key)} is something else in another of the results, and this "
                "benchsuite does not know what it is: upgrade it"
            )
