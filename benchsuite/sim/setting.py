"""The setting of the backend: `DEVICE[,clock=real][,KEY=VALUE...]`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchsuite.keys import REQUIRED, Choice, Number, Option, OptionTable, Real, Word
from benchsuite.sim.table import FAULTS

VIRTUAL, REAL = "virtual", "real"
OPTIONS = OptionTable(
    Option(
        "device",
        Word(commas=True, file=True),
        REQUIRED,
        "a name of `benchsuite list devices` or the path of a TOML file",
        "DEVICE",
        first=True,
    ),
    Option("clock", Choice((VIRTUAL, REAL)), VIRTUAL, "whose time passes"),
    Option("seed", Number(0, 10**15), 1, "of all that is drawn", "N"),
    Option("sessions", Number(1, 10**9), 0, "that share the requests; otherwise those that are open", "N"),
    *(
        Option(field.name, field.kind, None, field.doc, "X" if isinstance(field.kind, Real) else "N")
        for field in FAULTS
    ),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a setting asks for."""

    device: str  # a name, or a path
    clock: str
    seed: int
    sessions: int  # that share the requests; 0: those that are open
    faults: Mapping[str, Any]  # as [faults] of a file, and before those


def clock_of(setting: str) -> str:
    """The clock, without looking at the rest, which may be wrong."""
    return REAL if f"clock={REAL}" in OPTIONS.split(setting)[1:] else VIRTUAL


def parse(setting: str) -> Setting:
    """BenchsuiteError for anything that is not understood, or given twice."""
    given = OPTIONS.parse("sim", setting)
    faults = {field.name: given[field.name] for field in FAULTS if given[field.name] is not None}
    return Setting(given["device"], given["clock"], given["seed"], given["sessions"], faults)
