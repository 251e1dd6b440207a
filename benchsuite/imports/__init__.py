"""Figures that other programs printed, as a result: what `benchsuite import` does.

A text may hold the output of several programs, with anything between. Every reader of formats/registry.py
goes over all of it (reading.py); what none of them claims, and what a reader recognises and cannot use, is
kept and shown. Figures become cases in cases.py, where it stands how one is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchsuite.facts import Environment, Fact
from benchsuite.formats.figure import Figure, Known
from benchsuite.imports import cases
from benchsuite.imports.reading import TEXT, Found, Unclear, in_file, programs
from benchsuite.imports.settings import settings_of, sizes_of
from benchsuite.model import Result

__all__ = ["TEXT", "Found", "Imported", "Known", "Unclear", "programs", "read", "settings_of", "sizes_of"]


@dataclass(frozen=True, slots=True)
class Imported:
    result: Result
    files: tuple[Found, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Number of figures of each program."""
        return dict(Counter(program for file in self.files for program, _ in file.figures))

    @property
    def cycles_only(self) -> int:
        """Cases without seconds, because only cycles were counted and their rate is not known."""
        return sum(
            not case.measured and any(Fact.IMPORTED_CYCLES in run.facts for run in case.runs)
            for case in self.result.cases
        )


def read(
    files: Sequence[tuple[str, bytes]], known: Known | None = None, settings: Mapping[str, Any] | None = None
) -> Imported:
    """The figures in files, given as (name, bytes). A case that is in several of them has the values of all.
    `settings` replace fields of every case, as settings_of() gives them. Raises BenchsuiteError where
    there is no figure in one, saying what it looks like."""
    found = [in_file(name, data, known or Known()) for name, data in files]
    figures = [
        (program, _with(figure, settings), file.name) for file in found for program, figure in file.figures
    ]
    kept = cases.of_figures(figures)
    for file in found:
        file.keep(kept)
    who = " and ".join(sorted({program for program, _, _ in figures}))
    where = " and ".join(file.name for file in found)
    return Imported(
        Result(
            profile=cases.word(Path(found[0].name).stem),
            why=f"What {who} printed, imported from {where}.",
            environment={**_agreed(found), Environment.IMPORTED: [file.source() for file in found]},
            cases=kept,
        ),
        tuple(found),
    )


def _with(figure: Figure, settings: Mapping[str, Any] | None) -> Figure:
    return replace(figure, case=replace(figure.case, **settings)) if settings else figure


def _agreed(found: Sequence[Found]) -> dict[str, str]:
    """What all files say, or are silent about, of the machine."""
    keys = {key for file in found for key in file.environment}
    values = {key: {file.environment[key] for file in found if key in file.environment} for key in keys}
    return {key: values[key].pop() for key in sorted(keys) if len(values[key]) == 1}
