"""What `botan speed --format=json` prints: a list, in Botan 3 headed by the version and the compiler.

Source: src/cli/speed.cpp of Botan 2.4 to 3.13.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchsuite.facts import Environment, Fact
from benchsuite.formats.botan import speed
from benchsuite.formats.botan.speed import ABOUT, NAME
from benchsuite.formats.figure import Figure
from benchsuite.formats.text.lines import Line

__all__ = ["ABOUT", "EXPECTED", "NAME", "is_one", "machine", "read"]

EXPECTED = "a list of objects with algo, op, events and nanos"
_MOST = 10**5


def is_one(data: Any) -> bool:
    return isinstance(data, list) and any(
        isinstance(entry, dict) and {"algo", "events", "nanos"} <= entry.keys() for entry in data[:_MOST]
    )


def _heads(entry: Any) -> bool:
    return isinstance(entry, dict) and "version" in entry and "algo" not in entry


def read(data: list[Any]) -> tuple[list[Figure], list[str]]:
    figures, unclear = [], []
    version = next((f"Botan {entry['version']}"[:100] for entry in data[:_MOST] if _heads(entry)), "")
    for number, element in enumerate(data[:_MOST]):
        if _heads(element):
            continue
        name = element.get("algo") if isinstance(element, dict) else None
        line = Line(number + 1, f"[{number}]", f"[{number}]: {' '.join(str(name).split())[:150]}")
        found = speed.of_json(element, line)
        if isinstance(found, str):
            unclear.append(f"[{number}]: {found}")
        else:
            facts = {Fact.VERSION: version} if version else {}
            figures.append(replace(found, start=1, facts=found.facts | facts))
    return figures, unclear


def machine(data: Any) -> dict[str, str]:
    """Facts on the machine: what it was built for."""
    arch = next((entry.get("arch") for entry in data[:_MOST] if _heads(entry)), None)
    return {Environment.ARCHITECTURE: arch[:100]} if isinstance(arch, str) and arch.strip() else {}
