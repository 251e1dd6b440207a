"""Places where worker processes live: here, or in another virtual environment. A kind of place is a file in
this folder, and a line in KINDS."""

from __future__ import annotations

from importlib import import_module

from benchsuite.model import BenchsuiteError
from benchsuite.places.place import Place

# Kind -> a module with place(setting), where setting is what stands after the colon, or "".
KINDS = {"here": "benchsuite.places.here", "environment": "benchsuite.places.environment"}


def find(text: str) -> Place:
    """`KIND` or `KIND:SETTING`."""
    kind, _, setting = text.partition(":")
    if kind not in KINDS:
        raise BenchsuiteError(f"unknown place {kind!r}: known: {', '.join(KINDS)}")
    place: Place = import_module(KINDS[kind]).place(setting)
    return place


__all__ = ["KINDS", "Place", "find"]
