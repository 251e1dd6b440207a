"""The baseline: a result file that a gate compares with, measured beside an anchor.

What two runs at different times have in common is hardly the machine's speed. So every case is measured in
pairs with something that does not change, the anchor: the same work through another library. The baseline
keeps both, and what is compared is the ratio to the anchor. Accepting cases anew keeps the reason, those
before it, and the other cases of the baseline.
"""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchsuite import files, store
from benchsuite.anonymous import result_without_names
from benchsuite.compare.kept import kept
from benchsuite.compare.matching import is_paired, sides
from benchsuite.compare.renewed import Renewed, renewed
from benchsuite.compare.warnings import other_machine
from benchsuite.facts import Environment
from benchsuite.model import PER_REQUEST, USUAL, BenchsuiteError, Case, Result, driver_of

REASON, DATE, BEFORE = Environment.ACCEPTED_REASON, Environment.ACCEPTED_DATE, Environment.ACCEPTED_BEFORE
MOST_KEPT = 50  # reasons of former baselines
_ANCHOR, _ANCHOR_OF_ITSELF = "python", "software"


def anchor(case: Case) -> Case:
    """What a case is measured beside: the same work by the cryptography package, which brings a library of
    its own, one request at a time. That package itself has libcrypto for an anchor."""
    backend = _ANCHOR_OF_ITSELF if driver_of(case.backend) == _ANCHOR else _ANCHOR
    return replace(case, backend=backend, iv=PER_REQUEST, **asdict(USUAL.load))


def load(path: Path, environment: dict[str, Any], any_machine: bool) -> Result:
    """Load a baseline. BenchsuiteError for what is none, or another machine's (environment is this one's),
    unless any will do."""
    if not path.exists():
        raise BenchsuiteError(
            f"--baseline {path}: there is none yet; make it with the same command and --accept 'the first'"
        )
    result = store.load(path)
    if not is_paired(result):
        raise BenchsuiteError(
            f"--baseline {path}: measured by `benchsuite run`, by itself: drift cannot be told from change\n"
            "--accept 'reason' makes one in another file; or compare files with `benchsuite compare`"
        )
    kept(result.environment, f"--baseline {path}")
    for couple in sides(result).couples:
        if couple.base.backend != (expected := anchor(couple.other.case).backend):
            raise BenchsuiteError(
                f"--baseline {path}: no baseline: {couple.other.name} was measured beside "
                f"{couple.base.backend}, not beside the anchor {expected}\n"
                "--accept 'reason' makes one in another file; or read this with `benchsuite compare`"
            )
    if not any_machine and (said := other_machine(result.environment, environment)):
        raise BenchsuiteError(
            f"--baseline {path}: from another machine ({said})\n"
            "accept one for this machine, or compare all the same with --any-machine"
        )
    return result


def accept(result: Result, path: Path, reason: str, anonymous: bool = False) -> Renewed:
    """Make a result the baseline, or a part of the one that there is, whose other cases and reason it keeps,
    also where two are accepted at once. anonymous: what is kept loses its names, too. BenchsuiteError where
    it cannot be written, or what is there is no baseline."""
    try:
        with files.alone(path):
            return _accept(result, path, reason, anonymous)
    except OSError as error:
        raise BenchsuiteError(
            f"--baseline {path}: cannot be locked for writing ({error.strerror}); choose another directory"
        ) from None


def _accept(result: Result, path: Path, reason: str, anonymous: bool) -> Renewed:
    now = {REASON: " ".join(reason.split()), DATE: time.strftime("%Y-%m-%d %H:%M")}
    found = Renewed(replace(result, environment=result.environment | now))
    if path.exists():
        old = store.load(path)
        if anonymous:
            old = result_without_names(old)
        listed = old.environment.get(BEFORE)
        before = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
        names = {"reason": REASON, "date": DATE, "revision": Environment.REVISION}
        entry = {key: old.environment.get(name) for key, name in names.items()}
        before.append({key: value for key, value in entry.items() if isinstance(value, str)})
        found = renewed(old, found.result)
        found.result.environment[BEFORE] = before[-MOST_KEPT:]
    store.save(found.result, path)
    return found
