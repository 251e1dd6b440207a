"""The result file: a pyperf suite that carries more than pyperf knows.

    {"version": "1.0",
     "metadata": {...}                      the environment, as far as pyperf accepts it, and what is shared
     "benchsuite": {"format": 2, "profile", "why", "complete", "environment",
                    "shared": {"case": {...}, "facts": {...}},
                    "cases": [{"benchmark": NAME} or {"case", "failure", "runs"}, ...]},
     "benchmarks": [{"metadata": {"name": NAME, "unit": "second", "benchsuite_backend": ...},
                     "benchsuite": {"idle_runs": [[position, run], ...]},
                     "runs": [{"warmups": [[loops, seconds per request], ...],
                               "values": [seconds per request, ...],
                               "metadata": {"benchsuite_path": ...}, "benchsuite": {...}}, ...]}, ...]}

A parameter of a case and a fact of a run stand once: in pyperf's metadata, where its commands show them. Our
key beside it has a "case" or "facts" for those that pyperf would not hold exactly. What all measured cases
have alike, but for what is in their names, and what all of their runs have, is "shared", and in the metadata
of the whole, where pyperf looks for it, too. What is empty, or was not counted, is left out.

pyperf passes over every `benchsuite` key. "cases" has the order; only a measured case is a benchmark
(pyperf has no place for one without values, and the values of a failed case are no figure), so
pyperf itself refuses a file in which nothing was measured. An entry of "cases" has a "label" where the
user gave its backend one; then NAME has it in place of the backend, so that pyperf pairs what is called
alike. `idle_runs` are the runs of a measured case that brought no value. A pyperf run shows seconds per
request; what it is made of (requests, wall, CPU seconds, cycles, see records.py) is in its `benchsuite` key,
and load() wants both to agree."""

from __future__ import annotations

import os
import re
from pathlib import Path

from benchsuite import files
from benchsuite.model import BenchsuiteError, Result
from benchsuite.store.paths import journal_path
from benchsuite.store.reading import FORMAT, decode, sound
from benchsuite.store.writing import encode

__all__ = ["FORMAT", "load", "rescue", "save"]


def save(result: Result, path: str | os.PathLike[str]) -> None:
    """Writes the whole file or leaves the old one. Raises BenchsuiteError; the journal, if there is
    one, is left for another try."""
    data = encode(result)
    try:
        files.replace(Path(path), data)
    except OSError as error:
        raise BenchsuiteError(
            f"{os.fspath(path)}: cannot be written ({error.strerror}). Make room or choose another with -o; "
            f"what was measured is kept in {journal_path(path)} as long as that file stands"
        ) from None


def rescue(result: Result) -> Path:
    """The last resort, when neither journal nor result file can be written: the complete result as a new
    file in the temporary directory. Raises BenchsuiteError if that is full too."""
    profile = re.sub(r"[^A-Za-z0-9._-]", "_", result.profile)[:60]
    try:
        return files.write_temporary(f"benchsuite-{profile}-", encode(result))
    except OSError as error:
        raise BenchsuiteError(
            f"the result cannot be saved, not even in the temporary directory ({error.strerror}); "
            "make room there, or set TMPDIR"
        ) from None


def load(path: str | os.PathLike[str]) -> Result:
    """What save() was given. Raises BenchsuiteError for any other file, also for one that pyperf has
    rewritten: that has lost the CPU seconds and counters, and a figure without them is not made up."""
    name = os.fspath(path)
    return sound(name, lambda data: decode(data, name))
