"""What stands in a benchmark of a file and is not known here, kept where the benchmark is written anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from benchsuite.records import RUN_KEYS
from benchsuite.store.metadata import OURS

_BENCHMARK = {"metadata", "benchsuite", "runs"}
_OURS = {"case", "idle_runs"}
_RUN = {"values", "warmups", "metadata", "benchsuite"}


def kept(new: Mapping[str, Any], old: Mapping[str, Any], shared: Collection[str]) -> dict[str, Any]:
    """The new benchmark with what is not known of the old one. shared: keys of metadata that are said once
    for all."""
    found = _with(new, old, _BENCHMARK)
    parameters = {key for key in old["metadata"] if key.startswith(OURS)}
    found["metadata"] = _with(new["metadata"], old["metadata"], parameters)
    found["runs"] = [_run(each, was, shared) for each, was in zip(new["runs"], old["runs"], strict=True)]
    ours, were = new.get("benchsuite", {}), old.get("benchsuite", {})
    idle = zip(ours.get("idle_runs", []), were.get("idle_runs", []), strict=True)
    if runs := [[at, _with(each, was, RUN_KEYS)] for (at, each), (_, was) in idle]:
        ours = ours | {"idle_runs": runs}
    if ours := _with(ours, were, _OURS):
        found["benchsuite"] = ours
    return found


def _run(new: Mapping[str, Any], old: Mapping[str, Any], shared: Collection[str]) -> dict[str, Any]:
    found = _with(new, old, _RUN)
    were = old.get("metadata", {})
    facts = {key for key, value in were.items() if key.startswith(OURS) and isinstance(value, str)}
    found["metadata"] = _with(new["metadata"], were, facts | set(shared))
    found["benchsuite"] = _with(new["benchsuite"], old["benchsuite"], RUN_KEYS)
    return found


def _with(new: Mapping[str, Any], old: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    return {**new, **{key: value for key, value in old.items() if key not in new and key not in known}}
